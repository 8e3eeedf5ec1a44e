"""Status lists of strangers: a set bit counts, and a list that says nothing certain leaves the question open."""

import base64
import gzip
from collections.abc import Callable
from typing import Any

import pytest

from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.verifier.verification import Verdict, Verification
from lti_mcred.badges.verifier.verify import verify
from tests.badges_helpers import AWARD, KEY, LIST_URL, NOW, FakeResolver, signed_badge, signed_list

BADGE = signed_badge()
INDEX = AWARD.status.index
Change = Callable[[dict[str, Any], dict[str, Any]], Any]  # the list, and its subject


def listed(*revoked: int, change: Change = lambda _list, _subject: None) -> dict[str, Any]:
    """Return the signed list, changed before it was signed."""
    made = {name: value for name, value in signed_list(*revoked).items() if name != "proof"}
    made["credentialSubject"] = dict(made["credentialSubject"])
    change(made, made["credentialSubject"])
    return sign(made, KEY, NOW)


def entry(**members: Any) -> dict[str, Any]:
    """Return a badge that was signed with another entry in its status."""
    return statuses({**BADGE["credentialStatus"], **members})


def statuses(*entries: dict[str, Any]) -> dict[str, Any]:
    """Return a badge that was signed with these entries."""
    given = entries[0] if len(entries) == 1 else list(entries)
    unsigned = {name: value for name, value in BADGE.items() if name != "proof"}
    return sign({**unsigned, "credentialStatus": given}, KEY, AWARD.valid_from)


def check(badge: dict[str, Any], lists: Any, url: str = LIST_URL) -> Verification:
    """Return the verification with a list at its address."""
    return verify(badge, FakeResolver(lists={url: lists}), NOW)


def unpacked(subject: dict[str, Any]) -> bytes:
    """Return the packed bytes of a list."""
    text = subject["encodedList"][1:]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


LEGAL: dict[str, Change] = {
    "no validFrom": lambda d, _s: d.pop("validFrom"),
    "no validUntil": lambda d, _s: d.pop("validUntil"),
    "no id": lambda d, _s: d.pop("id"),
    "several purposes": lambda _d, s: s.update(statusPurpose=["suspension", "revocation"]),
    "no multibase letter": lambda _d, s: s.update(encodedList=s["encodedList"][1:]),
    "a size of one": lambda _d, s: s.pop("ttl"),
    "the issuer as an object": lambda d, _s: d.update(issuer={"id": d["issuer"]}),
    "the subject in a list": lambda d, s: d.update(credentialSubject=[s]),
}


@pytest.mark.parametrize("change", LEGAL.values(), ids=LEGAL)
def test_a_list_is_read_in_every_legal_form(change: Change) -> None:
    assert check(BADGE, listed(INDEX, change=change)).verdict is Verdict.REVOKED
    assert check(BADGE, listed(change=change)).verdict is Verdict.VALID


def test_a_withdrawal_is_final_also_on_a_list_that_has_passed_its_last_day() -> None:
    ended: Change = lambda d, _s: d.update(validUntil="2026-11-20T00:00:00Z")  # noqa: E731 - one change, by its name
    assert check(BADGE, listed(INDEX, change=ended)).verdict is Verdict.REVOKED
    found = check(BADGE, listed(change=ended))
    assert found.verdict is Verdict.UNCONFIRMED
    assert "passed its last day" in found.checks[-1].words


DOUBTFUL: dict[str, tuple[Change, str]] = {
    "no list": (lambda d, _s: d.update(type=["VerifiableCredential"]), "no list of withdrawn badges"),
    "another list": (lambda d, _s: d.update(id="https://badges.example.edu/status/2"), "another list"),
    "another purpose": (lambda _d, s: s.update(statusPurpose="suspension"), "another purpose"),
    "begins later": (lambda d, _s: d.update(validFrom="2027-01-01T00:00:00Z"), "not begun"),
    "unreadable dates": (lambda d, _s: d.update(validUntil="soon"), "passed its last day"),
    "two bits a badge": (
        lambda _d, s: s.update(type=["BitstringStatusList", "BitstringStatusListEntry"], statusSize=2),
        "more than yes or no",
    ),
    "too short": (
        lambda _d, s: s.update(encodedList="u" + base64.urlsafe_b64encode(gzip.compress(b"\0")).decode().rstrip("=")),
        "cannot be unpacked",
    ),
    "a bomb": (
        lambda _d, s: s.update(
            encodedList="u" + base64.urlsafe_b64encode(gzip.compress(bytes(9_000_000))).decode().rstrip("=")
        ),
        "cannot be unpacked",
    ),
    "no gzip": (lambda _d, s: s.update(encodedList="uAAAA"), "cannot be unpacked"),
    "cut off": (lambda _d, s: s.update(encodedList=s["encodedList"][:-9]), "cannot be unpacked"),
}


@pytest.mark.parametrize(("change", "words"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_list_that_says_nothing_certain_leaves_the_question_open_with_its_reason(change: Change, words: str) -> None:
    found = check(BADGE, listed(change=change))
    assert found.verdict is Verdict.UNCONFIRMED
    assert words in found.checks[-1].words


@pytest.mark.parametrize("size", [2, 0, 8, "2", True, [1, 2]])
def test_a_list_of_more_than_one_bit_a_badge_is_not_read(size: Any) -> None:
    assert check(entry(statusSize=size), listed()).verdict is Verdict.UNCONFIRMED
    assert check(entry(statusSize=size, statusPurpose="message"), listed()).verdict is Verdict.UNCONFIRMED


@pytest.mark.parametrize("size", [1, "1", [1]])
def test_a_size_of_one_is_what_everybody_means(size: Any) -> None:
    assert check(entry(statusSize=size), listed(INDEX)).verdict is Verdict.REVOKED


@pytest.mark.parametrize("purpose", ["Revocation", "withdrawn", "", None, ["revocation", "suspension"]])
def test_a_purpose_that_is_not_known_is_not_taken_for_news(purpose: Any) -> None:
    assert check(entry(statusPurpose=purpose), listed()).verdict is Verdict.UNCONFIRMED


@pytest.mark.parametrize("purpose", ["refresh", "message"])
def test_news_that_are_not_about_validity_change_nothing(purpose: str) -> None:
    assert check(entry(statusPurpose=purpose), listed()).verdict is Verdict.VALID


def test_each_of_several_entries_counts() -> None:
    other = {**BADGE["credentialStatus"], "id": "urn:uuid:2", "statusPurpose": "suspension"}
    both: Change = lambda _d, s: s.update(statusPurpose=["revocation", "suspension"])  # noqa: E731 - one change, by its name
    badge = statuses(BADGE["credentialStatus"], other)
    assert check(badge, listed(change=both)).verdict is Verdict.VALID
    assert check(badge, listed(INDEX, change=both)).verdict is Verdict.REVOKED
    lost = statuses({**other, "statusListCredential": "https://gone.example/"}, BADGE["credentialStatus"])
    assert check(lost, listed()).verdict is Verdict.UNCONFIRMED
    assert check(lost, listed(INDEX)).verdict is Verdict.REVOKED


def test_no_badge_can_send_us_to_any_number_of_lists() -> None:
    many = [{**BADGE["credentialStatus"], "id": f"urn:uuid:{n}"} for n in range(40)]
    found = check(statuses(*many), listed())
    assert found.verdict is Verdict.UNCONFIRMED
    assert len([c for c in found.checks if c.code == "status"]) < 10
