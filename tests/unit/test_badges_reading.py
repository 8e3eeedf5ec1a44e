"""Reading somebody's badge: every kind of file that is none, and what a page may show of one."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges import baking
from lti_mcred.badges.reading import LARGEST_BADGE, UnreadableBadgeError, moment_of, read_badge, summarize, web_address
from lti_mcred.badges.verification import CriterionResult
from tests.badges_helpers import calm, signed_badge
from tests.unit.test_badges_baking import PNG, with_chunk

BADGE = signed_badge()


def code_of(data: bytes) -> str:
    """Return why the data is no badge."""
    with pytest.raises(UnreadableBadgeError) as caught:
        read_badge(data)
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b" " * LARGEST_BADGE + b"{}", "too_large"),
        (b"hello", "not_json"),
        (b"\xff\xfe{", "not_json"),
        (b'{"a": 1', "not_json"),
        (b'{"a": 1, "a": 2}', "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1e999}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b"[" * 200_000, "not_json"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, "not_json"),
        (b"[1, 2]", "not_object"),
        (b'"text"', "not_object"),
        (b"{}", "not_a_badge"),
        (b'{"type": ["VerifiableCredential"], "credentialSubject": {}}', "not_a_badge"),
        (b'{"type": "OpenBadgeCredential", "credentialSubject": []}', "not_a_badge"),
        (b'{"type": [7, {}], "credentialSubject": {}}', "not_a_badge"),
        (b'{"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"}', "open_badges_2"),
        (b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln", "jwt"),
        (PNG, "picture_without_badge"),
        (PNG[:50], "picture_damaged"),
        (with_chunk(b"openbadges\0\0\0\0\0https://a.example/1"), "open_badges_2"),
        (baking.bake(PNG, '"text"'), "not_object"),
    ],
)
def test_what_is_no_badge_is_told_apart(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_byte_order_mark_and_spaces_do_no_harm() -> None:
    assert read_badge(b"\xef\xbb\xbf  " + json.dumps(BADGE).encode()) == BADGE


def test_a_single_badge_in_a_presentation_is_taken_out() -> None:
    presentation = {"type": ["VerifiablePresentation"], "verifiableCredential": [BADGE]}
    assert read_badge(json.dumps(presentation).encode()) == BADGE
    presentation["verifiableCredential"] = [BADGE, BADGE]
    assert code_of(json.dumps(presentation).encode()) == "not_a_badge"


@calm
@given(st.binary(max_size=200))
def test_no_bytes_at_all_lead_to_anything_but_a_named_refusal(data: bytes) -> None:
    with pytest.raises(UnreadableBadgeError):
        read_badge(data)


def test_the_summary_says_what_the_badge_says() -> None:
    badge = summarize(BADGE)
    assert (badge.name, badge.issuer_name, badge.earner_name, badge.hours, badge.total) == (
        "Regrouping from Exit Tickets",
        "Example Regional Education Partnership",
        "Ana María Ortiz",
        "15",
        "2/2",
    )
    assert badge.results[1] == CriterionResult(
        title="Sorting by thinking",
        achieved="Demonstrated",
        required="Partly demonstrated",
        met=True,
        descriptor="One goal, and one item tells a slip from a misunderstanding.",
    )
    assert badge.alignments[0].framework == "NCPTS"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
MEMBERS = ("issuer", "credentialSubject", "validFrom", "proof", "type", "achievement", "result", "resultDescription")


@calm
@given(st.dictionaries(st.sampled_from(MEMBERS), json_values), st.dictionaries(st.sampled_from(MEMBERS), json_values))
def test_misshapen_badges_can_still_be_summarised(document: dict[str, Any], inner: dict[str, Any]) -> None:
    badge = summarize({**document, "credentialSubject": {**inner, "achievement": inner}})
    assert isinstance(badge.name, str)


def levels(required: dict[str, Any], achieved: dict[str, Any]) -> bool | None:
    """Return whether a criterion counts as met, when its two levels are these."""
    description = {
        "id": "urn:d",
        "resultType": "RubricCriterionLevel",
        "requiredLevel": "urn:r",
        "rubricCriterionLevel": [{"id": "urn:r", **required}, {"id": "urn:a", **achieved}],
    }
    subject = {
        "achievement": {"resultDescription": [description]},
        "result": {"resultDescription": "urn:d", "achievedLevel": "urn:a"},
    }
    return summarize({"credentialSubject": subject}).results[0].met


def test_levels_are_compared_by_written_ranks_because_their_order_is_not_signed() -> None:
    assert levels({"level": "2"}, {"level": "3"}) is True
    assert levels({"level": "3"}, {"level": "2"}) is False
    assert levels({"points": "2.5"}, {"points": "10"}) is True
    assert levels({"level": "good"}, {"level": "better"}) is None
    assert levels({}, {}) is None


@pytest.mark.parametrize(
    "value", ["javascript:alert(1)", "//a.example", "data:text/html,x", "http://[", 7, None, "https://"]
)
def test_only_web_addresses_are_linked(value: object) -> None:
    assert web_address(value) == ""
    assert web_address("https://a.example/x") == "https://a.example/x"


@pytest.mark.parametrize("value", ["2026-11-03", "2026-11-03T10:00:00", "x", None, 7, [], "9999999-01-01T00:00:00Z"])
def test_only_times_with_a_zone_are_times(value: object) -> None:
    assert moment_of(value) is None


def test_foreign_results_without_a_rubric_are_shown_as_they_are() -> None:
    subject = {
        "achievement": {
            "resultDescription": [
                {"id": "urn:1", "name": "Grade", "resultType": "LetterGrade"},
                {"id": "urn:2", "name": "Done", "resultType": "Status"},
            ]
        },
        "result": [
            {"resultDescription": "urn:1", "value": "A"},
            {"resultDescription": "urn:2", "status": "Completed"},
            {"resultDescription": "urn:3", "value": "?"},
        ],
    }
    rows = summarize({"credentialSubject": subject}).results
    assert [(row.title, row.achieved) for row in rows] == [("Grade", "A"), ("Done", "Completed")]
