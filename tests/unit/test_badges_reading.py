"""Reading somebody's badge: every kind of file that is none, and what a page may show of one."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.verifier.reading import (
    LARGEST_BADGE,
    UnreadableBadgeError,
    moment_of,
    read_badge,
    read_given,
    safe_link,
    summarize,
)
from lti_mcred.badges.verifier.verification import CriterionResult, State
from tests.badges_helpers import calm, signed_badge, why_unreadable
from tests.doubling import assert_linear
from tests.unit.test_badges_baking import PNG, chunk, with_chunk
from tests.unit.test_badges_svg import picture

BADGE = signed_badge()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b" " * LARGEST_BADGE + b"{}", "too_large"),
        (b"\x89PNG\n\x1a\n" + bytes(40), "picture_damaged"),  # line ends were "corrected" on the way
        (b"hello", "not_json"),
        (b"\xff\xfe{", "not_json"),
        (b'{"a": 1', "not_json"),
        (b'{"a": 1, "a": 2}', "not_json"),
        (b'{"a": NaN}', "not_json"),
        (b'{"a": 1e999}', "not_json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not_json"),
        (b'{"a": ' + b"9" * 400 + b"}", "not_json"),
        (b"eyJhbGciOiJSUzI1NiJ9.eyJyZWNpcGllbnQiOnt9LCJiYWRnZSI6ImgifQ.c2ln", "open_badges_2"),
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
        (PNG[:50], "picture_cut_off"),
        (with_chunk(b"openbadges\0\0\0\0\0https://a.example/1"), "open_badges_2"),
        (baking.bake(PNG, '"text"'), "not_object"),
        (b"https://a.example/credentials/1\n", "address"),
        (b"https://www.linkedin.com/posts/1", "social"),
        (b'{"@context": "https://w3id.org/openbadges/v1", "type": "BadgeClass"}', "open_badges_2"),
        (b'{"uid": "1", "recipient": {}, "badge": "https://a.example", "verify": {}}', "open_badges_2"),
        (b'{"type": ["Achievement"], "name": "Something to earn"}', "definition"),
        (b'{"type": ["Profile"], "name": "Somebody who awards"}', "definition"),
        (b'{"type": ["VerifiableCredential", "EndorsementCredential"], "credentialSubject": {}}', "endorsement"),
        (b'{"type": ["VerifiableCredential", "ClrCredential"], "credentialSubject": {}}', "learner_record"),
        (b'{"type": ["VerifiablePresentation"], "verifiableCredential": []}', "not_a_badge"),
        (b"%PDF-1.7\n", "pdf"),
        (b"\r\n" * 300 + b"%PDF-1.4", "pdf"),
        (b"\xff\xd8\xff\xe1\0\x10Exif", "other_picture"),
        (b"GIF89a\1\0\1\0", "other_picture"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "other_picture"),
        (b"\0\0\0\x1cftypavif", "other_picture"),
        (b"BM\x36\0\0\0\0\0\0\0", "other_picture"),
        (b"PK\3\4\x14\0", "archive"),
        (gzip.compress(b"hello"), "archive"),
        (b"<!DOCTYPE html><p>", "page"),
        (b"\n<HTML>", "page"),
        (b"<?xml version='1.0'?><rss/>", "not_svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg_without_badge"),
        (picture("<openbadges:credential verify='https://a.example/1'/>"), "open_badges_2"),
    ],
)
def test_what_is_no_badge_is_told_apart(data: bytes, code: str) -> None:
    assert why_unreadable(data) == code


def test_a_byte_order_mark_and_spaces_do_no_harm() -> None:
    assert read_badge(b"\xef\xbb\xbf  " + json.dumps(BADGE).encode()) == BADGE


def test_a_single_badge_in_a_presentation_is_taken_out() -> None:
    presentation = {"type": ["VerifiablePresentation"], "verifiableCredential": [BADGE]}
    assert read_badge(json.dumps(presentation).encode()) == BADGE
    presentation["verifiableCredential"] = [BADGE, BADGE]
    assert why_unreadable(json.dumps(presentation).encode()) == "several_badges"


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
    assert safe_link(value) == ""
    assert safe_link("https://a.example/x") == "https://a.example/x"


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


TEXT = json.dumps(BADGE, ensure_ascii=False)
CHANGED = TEXT.replace("Regrouping", "Grouping")
SVG = picture(f"<openbadges:credential><![CDATA[{TEXT}]]></openbadges:credential>")
itxt = b"\0\0\0\0\0"
GIVEN: dict[str, bytes] = {
    "UTF-16 with a mark": TEXT.encode("utf-16"),
    "UTF-16 without one": TEXT.encode("utf-16-le"),
    "a list of one": f"[{TEXT}]".encode(),
    "a presentation without a type": json.dumps({"verifiableCredential": BADGE}).encode(),
    "an answer of the Open Badges API": json.dumps({"credential": [BADGE]}).encode(),
    "an SVG picture": SVG,
    "a packed SVG picture": gzip.compress(SVG),
    "the keyword of version 2": with_chunk(baking.KEYWORD_2 + itxt + TEXT.encode()),
    "the subject in a list of one": json.dumps({**BADGE, "credentialSubject": [BADGE["credentialSubject"]]}).encode(),
}


@pytest.mark.parametrize("data", GIVEN.values(), ids=GIVEN)
def test_a_badge_is_read_from_every_form_that_it_is_handed_over_in(data: bytes) -> None:
    assert summarize(read_badge(data)).name == "Regrouping from Exit Tickets"


def baked(*chunks: tuple[bytes, str]) -> bytes:
    """Return a picture with badges under keywords."""
    texts = b"".join(chunk(b"iTXt", keyword + itxt + text.encode()) for keyword, text in chunks)
    return PNG[:33] + texts + PNG[33:]


@pytest.mark.parametrize(
    "data",
    [
        baked((baking.KEYWORD, TEXT), (baking.KEYWORD, CHANGED)),
        baked((baking.KEYWORD, CHANGED), (baking.KEYWORD, TEXT)),
        baked((baking.KEYWORD, TEXT), (baking.KEYWORD_2, CHANGED)),
        picture(f"<openbadges:credential><![CDATA[{TEXT}]]></openbadges:credential>" * 2).replace(
            b"Regrouping", b"Grouping", 1
        ),
        f"[{TEXT}, {CHANGED}]".encode(),
    ],
)
def test_of_two_different_badges_none_is_taken(data: bytes) -> None:
    assert why_unreadable(data) == "several_badges"


@pytest.mark.parametrize(
    ("data", "state", "words"),
    [
        (baked((baking.KEYWORD, TEXT)), State.PASSED, "carries one badge"),
        (baked((baking.KEYWORD, TEXT), (baking.KEYWORD, TEXT)), State.PASSED, "more than once"),
        (baked((baking.KEYWORD, TEXT)) + b"more", State.PASSED, "behind the picture's end"),
        (baked((baking.KEYWORD, TEXT), (baking.KEYWORD_2, "https://a.example/1")), State.UNKNOWN, "older version"),
        (baked((baking.KEYWORD, TEXT), (baking.KEYWORD, "hello")), State.UNKNOWN, "cannot be read"),
    ],
)
def test_what_else_a_picture_carries_is_said(data: bytes, state: State, words: str) -> None:
    given = read_given(data)
    assert given.document == BADGE
    assert [(remark.state, words in remark.words) for remark in given.remarks] == [(state, True)]


def same(change: Callable[[dict[str, Any]], Any]) -> bool:
    """Return whether a badge that was changed so is shown as before."""
    badge = json.loads(TEXT)
    change(badge)
    before, after = summarize(BADGE), summarize(badge)
    names = [name for name in vars(before) if name != "document"]
    return [getattr(before, name) for name in names] == [getattr(after, name) for name in names]


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b.update(issuer=[b["issuer"]]),
        lambda b: b.update(credentialSubject=[b["credentialSubject"]]),
        lambda b: b.update(validFrom=[b["validFrom"]], validUntil=[b["validUntil"]]),
        lambda b: b["issuer"].update(name=[[b["issuer"]["name"]]]),
        lambda b: b["credentialSubject"].update(achievement=[b["credentialSubject"]["achievement"]]),
        lambda b: b["credentialSubject"].update(identifier=b["credentialSubject"]["identifier"][0]),
        lambda b: b["credentialSubject"]["achievement"].update(name=[b["credentialSubject"]["achievement"]["name"]]),
        lambda b: b["credentialSubject"]["achievement"].update(
            criteria=[b["credentialSubject"]["achievement"]["criteria"]]
        ),
        lambda b: b["credentialSubject"]["achievement"].update(creditsAvailable="15"),
        lambda b: b["credentialSubject"]["achievement"].update(creditsAvailable=15.0, specialization=None),
        lambda b: b["credentialSubject"]["achievement"]["tag"].reverse(),
        lambda b: b["credentialSubject"]["result"][2].update(value=2),
    ],
)
def test_forms_that_the_signature_cannot_tell_apart_are_shown_alike(change: Callable[[dict[str, Any]], Any]) -> None:
    assert same(change)


def test_several_values_for_one_thing_are_all_shown() -> None:
    subject = json.loads(TEXT)["credentialSubject"]
    subject["achievement"] = [subject["achievement"], {"name": ["Zoology", "Astronomy"]}]
    assert summarize({"credentialSubject": subject}).name == "Astronomy · Zoology · Regrouping from Exit Tickets"


def test_a_badge_in_a_token_is_kept_whole_for_the_check_of_its_signature() -> None:
    payload = base64.urlsafe_b64encode(json.dumps({**BADGE, "iss": "x"}).encode()).decode().rstrip("=")
    token = f"eyJhbGciOiJFUzI1NiJ9.{payload}.c2ln"
    document = read_badge(token.encode())
    assert document == read_badge(json.dumps({"verifiableCredential": [token]}).encode())
    assert document["id"].endswith(token)


@pytest.mark.parametrize("start", [b"", b"[", b'{"verifiableCredential":[', b'{"a":"', b"eyJ", b"\xff\xfe"])
def test_the_work_on_a_file_grows_with_its_size_alone(start: bytes) -> None:
    def read(data: bytes) -> str:
        return why_unreadable(data)

    for piece in (b"[", b'"a",', b'\\"', b"eyJ.", b"\xd8\0"):
        assert_linear(read, lambda size, piece=piece: start + piece * min(size // len(piece), LARGEST_BADGE // 8))
