"""What each LMS is sent for a score, and what its answers mean."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lti_mcred.outbound.http import Answer
from lti_mcred.tool.profiles import GUIDES, PROFILES, Score, is_course, is_own_link, profile_named, profile_of_product
from lti_mcred.tool.profiles.endpoints import Endpoints

CANVAS, MOODLE, GENERIC = PROFILES["canvas"], PROFILES["moodle"], PROFILES["generic"]
EXTENSION = "https://canvas.instructure.com/lti/submission"
AT = datetime(2026, 11, 23, 10, 15, 20, 113_000, tzinfo=UTC)


def handed_in(**given: Any) -> Score:
    """A hand-in that waits for a decision."""
    values: dict[str, Any] = {
        "user_id": "sub-1", "timestamp": AT, "activity_progress": "Submitted", "grading_progress": "PendingManual",
        "submitted_at": AT - timedelta(seconds=2), "review_url": "https://tool.example.edu/lti/launch?attempt=7Kq",
        "new_submission": True,
    }  # fmt: skip
    return Score(**{**values, **given})


def graded(**given: Any) -> Score:
    """A final decision."""
    return handed_in(
        **{
            "activity_progress": "Completed", "grading_progress": "FullyGraded", "score_given": 17.0,
            "score_maximum": 20.0, "comment": "Criterion 1: met.", "new_submission": False, **given,
        }
    )  # fmt: skip


def answer(status: int, body: Any = "", reason: str = "") -> Answer:
    """An answer to a score POST."""
    raw = body if isinstance(body, str) else json.dumps(body)
    return Answer(status, reason, {}, raw.encode(), "https://lms.example.edu/scores", 0.1)


def test_canvas_gets_a_hand_in_that_clears_no_grade() -> None:
    assert CANVAS.score_body(handed_in()) == {
        "userId": "sub-1",
        "timestamp": "2026-11-23T10:15:20.113Z",
        "activityProgress": "Submitted",
        "gradingProgress": "PendingManual",
        "submission": {"submittedAt": "2026-11-23T10:15:18.113Z"},
        EXTENSION: {
            "new_submission": True,
            "preserve_score": True,
            "submission_type": "basic_lti_launch",
            "submission_data": "https://tool.example.edu/lti/launch?attempt=7Kq",
        },
    }


def test_canvas_gets_a_grade_without_a_new_attempt() -> None:
    body = CANVAS.score_body(graded(new_submission=True))

    assert body is not None
    assert (body["scoreGiven"], body["scoreMaximum"], body["comment"]) == (17, 20, "Criterion 1: met.")
    assert body[EXTENSION] == {"new_submission": False}


def test_canvas_would_not_write_a_score_beside_preserve_score_so_none_is_sent() -> None:
    body = CANVAS.score_body(handed_in(score_given=5.0, score_maximum=20.0))

    assert body is not None
    assert "scoreGiven" not in body
    assert body[EXTENSION]["preserve_score"] is True


def test_canvas_progress_keeps_the_grade_and_makes_no_attempt() -> None:
    body = CANVAS.score_body(handed_in(activity_progress="Started", grading_progress="NotReady", new_submission=False))

    assert body is not None
    assert body[EXTENSION] == {"new_submission": False, "preserve_score": True}


def test_a_yes_of_canvas_to_a_first_score_leaves_open_whether_it_was_written() -> None:
    first, later = CANVAS.score_body(graded(yields=True)), CANVAS.score_body(graded())

    assert first is not None
    assert later is not None
    assert first[EXTENSION] == {"new_submission": False, "prioritize_non_tool_grade": True}
    assert "Canvas keeps that grade" in CANVAS.proviso(first)
    assert (CANVAS.proviso(later), GENERIC.proviso(first)) == ("", "")


@pytest.mark.parametrize("grading", ["PendingManual", "Pending", "NotReady", "Failed"])
def test_moodle_is_told_nothing_that_would_wipe_its_grade(grading: Any) -> None:
    assert MOODLE.score_body(handed_in(grading_progress=grading)) is None


@pytest.mark.parametrize("comment", ["", "Criterion 1: met."])
def test_moodle_gets_the_comment_every_time_because_silence_erases_it(comment: str) -> None:
    assert MOODLE.score_body(graded(comment=comment)) == {
        "userId": "sub-1",
        "timestamp": "2026-11-23T10:15:20.113Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 17,
        "scoreMaximum": 20,
        "comment": comment,
    }


def test_other_lmss_get_hand_ins_without_a_score_and_no_mere_progress() -> None:
    body = GENERIC.score_body(handed_in(score_given=1.0, score_maximum=2.0))

    assert body is not None
    assert "scoreGiven" not in body
    assert GENERIC.score_body(handed_in(activity_progress="InProgress", grading_progress="Pending")) is None


def test_points_go_out_as_they_are() -> None:
    body = GENERIC.score_body(graded(score_given=2.5, score_maximum=3.0))

    assert body is not None
    assert (body["scoreGiven"], body["scoreMaximum"]) == (2.5, 3)


def test_a_time_in_another_zone_goes_out_in_utc() -> None:
    zoned = datetime.fromisoformat("2026-11-23T05:15:20.113-05:00")
    body = GENERIC.score_body(graded(timestamp=zoned))

    assert body is not None
    assert body["timestamp"] == "2026-11-23T10:15:20.113Z"


@pytest.mark.parametrize(
    "bad",
    [{"score_given": -1.0}, {"score_given": float("nan")}, {"score_given": float("inf")}, {"score_maximum": 0.0},
     {"score_maximum": None}, {"score_maximum": float("inf")}, {"timestamp": datetime(2026, 1, 1)}],  # noqa: DTZ001 - the point
)  # fmt: skip
def test_a_score_that_no_platform_may_be_sent_cannot_be_made(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"score|zone"):
        graded(**bad)


@pytest.mark.parametrize("profile", PROFILES.values(), ids=list(PROFILES))
def test_timestamps_grow_by_a_whole_second_at_least(profile: Any) -> None:
    assert profile.next_timestamp(AT, None) == AT
    assert profile.next_timestamp(AT, AT - timedelta(hours=1)) == AT
    assert profile.next_timestamp(AT, AT) == AT + timedelta(seconds=1)
    assert profile.next_timestamp(AT, AT + timedelta(hours=1)) == AT + timedelta(hours=1, seconds=1)


def lti(message: str) -> dict[str, Any]:
    """The body of Canvas's LTI code."""
    return {"errors": {"type": "x", "message": message}}


def api(message: str) -> dict[str, Any]:
    """The body of Canvas's general code."""
    return {"errors": [{"message": message}]}


CANVAS_SAYS = [
    (200, {"resultUrl": "https://c/r"}, "sent", ""),
    (400, lti("Provided timestamp of A before last updated timestamp of B"), "superseded", ""),
    (400, lti("Provided timestamp of yesterday-ish not a valid timestamp"), "held", "tool"),
    (400, api("activityProgress is missing"), "held", "tool"),
    (401, lti("Access token expired"), "held", "LMS"),
    (401, lti("Unknown or inactive Developer Key"), "held", "LMS"),
    (401, lti("Invalid Developer Key"), "held", "LMS"),
    (401, lti("Access Token not linked to a Tool associated with this Context"), "held", "LMS"),
    (401, lti("Insufficient permissions"), "held", "LMS"),
    (403, "403 Forbidden (Rate Limit Exceeded)\n", "later", ""),
    (404, lti("Context is deleted or not found"), "dead", "teacher"),
    (404, api("The specified resource does not exist."), "dead", "teacher"),
    (404, "", "dead", "teacher"),
    (412, lti("The specified LTI link ID is not associated with the line item."), "dead", "LMS"),
    (422, lti("This course has concluded. AGS requests will no longer be accepted"), "held", "teacher"),
    (422, lti("User not found in course or is not a student"), "held", "teacher"),
    (422, lti("This assignment is still unpublished"), "held", "teacher"),
    (422, {"errors": [{"field": "grade", "message": "cannot be changed: This assignment is still unpublished",
                       "error_code": None}]}, "held", "teacher"),
    (422, lti("The maximum number of allowed attempts has been reached for this submission"), "held", "teacher"),
    (422, lti("cannot be zero if line item's maximum is not zero"), "held", "teacher"),
    (500, api("An error occurred."), "later", ""),
    (504, lti("file url timed out"), "later", ""),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "state", "who"), CANVAS_SAYS)
def test_an_answer_of_canvas_is_understood(status: int, body: Any, state: str, who: str) -> None:
    delivery = CANVAS.read_answer(answer(status, body))

    assert delivery.state == state
    assert who in delivery.who
    assert bool(delivery.reason) == (state != "sent")


def test_an_unpublished_assignment_is_told_from_other_refusals() -> None:
    assert "Publish it" in CANVAS.read_answer(answer(422, lti("This assignment is still unpublished"))).reason


def test_the_words_of_the_lms_are_kept_for_the_teacher() -> None:
    delivery = CANVAS.read_answer(answer(422, lti("Closed grading period")))

    assert delivery.words == "Closed grading period"


MOODLE_SAYS = [
    (200, "", "", "sent"),
    (409, "[]", "Refusing score with an earlier timestamp for item 9 and user 5", "superseded"),
    (400, "[]", 'Incorrect score received{"userId": "3"}', "held"),
    (400, {"status": 400, "reason": "No handler found for /2/lineitems"}, "Bad Request", "held"),
    (401, {"status": 401, "reason": "Unauthorized"}, "Unauthorized", "held"),
    (403, {"status": 403, "reason": "Invalid LTI id supplied."}, "Forbidden", "dead"),
    (404, "<!DOCTYPE html><html>Error</html>", "Not Found", "dead"),
    (500, "", "Internal Server Error", "later"),
    (502, "<html>502</html>", "Bad Gateway", "later"),
]


@pytest.mark.parametrize(("status", "body", "reason", "state"), MOODLE_SAYS)
def test_an_answer_of_moodle_is_understood_by_its_status_line(status: int, body: Any, reason: str, state: str) -> None:
    delivery = MOODLE.read_answer(answer(status, body, reason))

    assert delivery.state == state
    assert "<html" not in delivery.words


@pytest.mark.parametrize(
    ("status", "body", "state"),
    [(204, "", "sent"), (403, "User in requested score is not enrolled in the org unit", "held"),
     (404, "User in requested score does not exist", "held"), (400, "User could not be found: 5", "held"),
     (429, "", "later"), (503, "", "later"), (302, "", "held"), (418, "", "held"), (0, "", "held"),
     (409, "", "superseded")],
)  # fmt: skip
def test_an_answer_of_any_other_lms_is_understood(status: int, body: str, state: str) -> None:
    assert GENERIC.read_answer(answer(status, body)).state == state


def test_an_answer_nested_beyond_measure_is_read_without_harm() -> None:
    assert CANVAS.read_answer(answer(422, "[" * 100_000)).state == "held"


def test_the_words_of_an_answer_are_looked_for_five_levels_deep() -> None:
    said = {"errors": [{"message": {"detail": "Closed grading period"}}]}
    assert CANVAS.read_answer(answer(422, said, "Unprocessable")).words == "Closed grading period"
    assert CANVAS.read_answer(answer(422, {"errors": [said]}, "Unprocessable")).words == "Unprocessable"


def test_a_score_for_work_that_was_never_handed_in_names_no_time_of_it() -> None:
    body = GENERIC.score_body(graded(submitted_at=None))

    assert body is not None
    assert "submission" not in body


def test_the_family_of_a_product_names_its_profile() -> None:
    assert profile_of_product("Canvas") is CANVAS
    assert profile_of_product("moodle ") is MOODLE
    assert profile_of_product("desire2learn") is PROFILES["brightspace"]
    assert profile_of_product("BlackboardLearn") is PROFILES["blackboard"]
    assert profile_of_product("sakailms.org") is profile_of_product("sakai") is PROFILES["sakai"]
    assert profile_of_product("wut") is profile_named("unheard-of") is GENERIC


def test_a_host_that_is_always_of_one_make_names_its_profile_where_the_product_does_not() -> None:
    assert profile_of_product("", "https://school.brightspace.com") is PROFILES["brightspace"]
    assert profile_of_product("moodle", "https://school.brightspace.com") is MOODLE
    for issuer in ("https://brightspace.com.example.edu", "https://notbrightspace.com", "", "x"):
        assert profile_of_product("", issuer) is GENERIC


def test_numbers_that_coincide_mean_a_course_link_in_canvas_only() -> None:
    assert is_own_link("canvas", "2", "2") is False
    assert is_own_link("canvas", "2", "3") is True
    assert is_own_link("moodle", "2", "2") is True


def test_the_address_of_an_open_edx_tells_its_issuer_and_login_and_no_more() -> None:
    found = Endpoints("https://edx.example.edu", "https://edx.example.edu/api/lti_consumer/v1/launch/")
    assert GUIDES["openedx"].known(" https://edx.example.edu/ ") == found
    assert GUIDES["openedx"].known(" ") == Endpoints()


def test_an_ampersand_in_a_name_of_moodles_class_list_is_read_as_it_was_typed() -> None:
    assert MOODLE.listed_name("Marks &amp; Spence") == "Marks & Spence"
    assert GENERIC.listed_name("Marks &amp; Spence") == "Marks &amp; Spence"


def test_an_account_is_no_course_of_canvas() -> None:
    assert is_course("canvas", ["Account"]) is False
    assert is_course("canvas", []) is True
    assert is_course("generic", ["Account"]) is True


def test_teachers_read_a_short_name_where_an_operator_reads_how_it_behaves() -> None:
    assert (GENERIC.title, str(GENERIC.manner)) == ("LTI 1.3", "LTI 1.3 as it is written")
    assert all(not profile.manner for profile in PROFILES.values() if profile is not GENERIC)
