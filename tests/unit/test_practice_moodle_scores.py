"""The practice LMS, Moodle temperament: a post replaces grade and comment, or wipes both."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lti_mcred.practice.temperaments.moodle.claims import plain_text
from lti_mcred.practice.temperaments.moodle.registration import granted_scopes, privacy_of
from lti_mcred.practice.temperaments.moodle.score_rules import Outcome, read, too_early

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"


def body(**members: Any) -> dict[str, Any]:
    found = {
        "userId": "5",
        "timestamp": "2026-11-22T02:05:43Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 15,
        "scoreMaximum": 20,
        **members,
    }
    return {name: value for name, value in found.items() if value is not ...}


def outcome(**members: Any) -> Outcome:
    found = read(body(**members), 20.0)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("members", "score"),
    [
        ({}, 15.0),
        ({"scoreGiven": 5, "scoreMaximum": 10}, 10.0),
        ({"scoreGiven": 30}, 20.0),
        ({"scoreGiven": -3}, 0.0),
        ({"scoreGiven": "12"}, 12.0),
        ({"activityProgress": "Bogus"}, 15.0),
    ],
    ids=["plain", "rescaled", "over the maximum", "negative", "as text", "unknown activity word"],
)
def test_a_score_is_rescaled_and_clamped(members: dict[str, Any], score: float) -> None:
    assert outcome(**members).score == score


@pytest.mark.parametrize(
    "members",
    [
        {"gradingProgress": "PendingManual"},
        {"gradingProgress": "NotReady", "scoreGiven": ..., "scoreMaximum": ...},
        {"scoreGiven": ..., "scoreMaximum": ...},
        {"scoreGiven": None},
    ],
)
def test_anything_but_a_full_grade_wipes_grade_and_comment(members: dict[str, Any]) -> None:
    found = outcome(comment="Kept?", **members)
    assert (found.score, found.comment) == (None, None)


def test_no_comment_erases_the_earlier_one() -> None:
    assert outcome().comment is None


@pytest.mark.parametrize(
    "members",
    [
        {"timestamp": "yesterday"},
        {"timestamp": ...},
        {"scoreMaximum": ...},
        {"gradingProgress": ...},
        {"activityProgress": ...},
        {"userId": ...},
        {"scoreGiven": "many"},
    ],
)
def test_an_incomplete_post_is_incorrect(members: dict[str, Any]) -> None:
    assert read(body(**members), 20.0) is None


@pytest.mark.parametrize("given", [None, [], "text", 3])
def test_a_body_that_is_no_object_is_incorrect(given: Any) -> None:
    assert read(given, 20.0) is None


@pytest.mark.parametrize(("later", "refused"), [("2026-11-22T02:05:43.900Z", True), ("2026-11-22T02:05:44Z", False)])
def test_timestamps_are_compared_in_whole_seconds(later: str, refused: bool) -> None:
    stored = datetime(2026, 11, 22, 2, 5, 43, 100000, tzinfo=UTC)
    assert too_early(outcome(timestamp=later).moment, stored) is refused


def test_a_description_becomes_text_with_bold_in_capitals() -> None:
    assert plain_text("<p><b>About</b> item 2 &amp; more</p>") == "ABOUT item 2 & more"


def test_one_reading_scope_turns_grade_sync_on_as_a_whole() -> None:
    reading = [f"{AGS}lineitem.readonly", f"{AGS}result.readonly", f"{AGS}score"]
    assert granted_scopes([f"{AGS}score"]) == reading
    assert granted_scopes([f"{AGS}lineitem"]) == [f"{AGS}lineitem", *reading]
    assert granted_scopes(["https://tool.example.edu/bogus"]) == []


@pytest.mark.parametrize(
    ("claims", "level"),
    [
        (["sub", "name", "email"], "public"),
        (["family_name"], "name_only"),
        (["email"], "email_only"),
        ([], "anonymous"),
    ],
)
def test_privacy_follows_the_claims_asked_for(claims: list[str], level: str) -> None:
    assert privacy_of({"claims": claims}) == level
