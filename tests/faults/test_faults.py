"""What an LMS does on a bad day: the score arrives once it is over, or waits for the teacher in words. Never twice."""

from datetime import datetime

import pytest

from lti_mcred.trial.robot import Robot
from tests.faults.conftest import Newcomer, until

pytestmark = pytest.mark.xdist_group("faults")
BAD_DAYS = {
    "slow": {"slow_ms": 1500},
    "429": {"rate_limit": 1, "retry_after_s": 8},
    "canvas-403": {"rate_limit": 1, "rate_limit_kind": "canvas"},
    "500": {"server_error": 1},
    "cut": {"drop": 1},
}


@pytest.mark.parametrize(
    ("campus", "day"),
    [("canvas", "slow"), ("moodle", "429"), ("canvas", "canvas-403"), ("moodle", "500"), ("canvas", "cut")],
)
def test_the_score_arrives_once_when_the_bad_day_is_over(room, campus, day):
    learner = Newcomer(room, campus).hand_in()
    learner.faults(match="/scores", **BAD_DAYS[day])
    learner.assessor_judges("earned")
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    until(room.quiet, "the end of all deliveries")
    posts = learner.posts()
    assert len(posts) == (1 if day == "slow" else 2)
    assert learner.taken() == 1
    assert len({post["body"] for post in posts}) == 1
    if day == "429":
        first, second = (datetime.fromisoformat(post["at"]) for post in posts)
        assert (second - first).total_seconds() >= 8


def test_the_score_waits_while_results_cannot_be_read(room):
    learner = Newcomer(room, "canvas").hand_in()
    learner.faults(match="/results", rate_limit=1, rate_limit_kind="canvas")
    learner.assessor_judges("earned")
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    assert learner.taken() == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("unpublished", "The assignment is not published in Canvas yet"),
        ("concluded", "The course has ended"),
        ("tool_removed", "Ask the administrator of Canvas to add it again"),
        ("course_deleted", "The course was deleted in Canvas. The decision is kept here."),
    ],
)
def test_what_only_the_teacher_can_cure_waits_for_her_in_words(room, fault, words):
    learner = Newcomer(room, "canvas").hand_in()
    _break(learner, fault)
    learner.assessor_judges("earned")
    until(room.quiet, "the end of all deliveries")
    assert (learner.cell()["score"], learner.taken()) == (None, 0)

    _mend(learner, fault)
    page = learner.teacher_sees()
    assert words in page.text
    learner.teacher_presses(page)
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    until(room.quiet, "the end of all deliveries")
    assert learner.taken() == 1
    with pytest.raises(LookupError):  # there is nothing left to press
        learner.teacher_sees().form("/again")


ONE_COURSE = ("tool_removed", "course_deleted")


def _break(learner, fault):
    if fault == "concluded":
        learner.faults(concluded=True)
    elif fault in ONE_COURSE:
        learner.faults(**{fault: [5120]})
    else:
        learner.activity_is(published=False)


def _mend(learner, fault):
    if fault == "concluded":
        learner.faults(concluded=False)
    elif fault in ONE_COURSE:
        learner.faults(**{fault: []})
    else:
        learner.activity_is(published=True)


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_a_grade_that_the_teacher_typed_is_kept_until_she_says_otherwise(room, campus):
    learner = Newcomer(room, campus).hand_in()
    learner.type_grade(2)
    learner.assessor_judges("earned")
    until(room.quiet, "the end of all deliveries")
    assert (learner.cell()["score"], learner.taken()) == (2.0, 0)
    page = learner.teacher_sees()
    assert "did not come from here" in page.text

    after = learner.teacher_presses(page)
    assert "on its way" in after.text
    until(room.quiet, "the end of all deliveries")
    assert learner.taken() == 1
    if campus == "canvas":
        assert learner.cell()["score"] == 5.0
    else:  # Moodle says 200 and keeps what the teacher typed
        assert learner.cell()["score"] == 2.0
        assert "still shows the grade that was typed there" in learner.teacher_sees().text


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_launches_and_scores_survive_new_keys_of_the_platform(room, campus):
    learner = Newcomer(room, campus).hand_in()
    for _turn in range(2):
        assert Robot().put_json(f"{learner.practice}/control/keys/rotate", {}).status == 200
        page = learner.launch()
        assert page.status == 200
        assert "/v/" in page.url
    learner.assessor_judges("earned")
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    assert learner.taken() == 1


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_a_clock_that_is_a_little_off_stops_nothing(room, campus):
    learner = Newcomer(room, campus)
    learner.faults(clock_offset_s=-40)
    learner.hand_in()
    learner.assessor_judges("earned")
    until(lambda: learner.cell()["score"] == 5.0, "the score")
    assert learner.taken() == 1


@pytest.mark.parametrize("offset", [3600, -7200])
def test_a_clock_that_is_hours_off_is_named(room, offset):
    learner = Newcomer(room, "moodle")
    learner.faults(clock_offset_s=offset)
    page = learner.launch()
    assert 400 <= page.status < 500
    assert "clock" in page.text
