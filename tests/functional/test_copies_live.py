"""A course is copied for the next term, on both campuses of the practice LMS, over real HTTP."""

from pathlib import Path
from typing import Any

import pytest

from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.work import JOB_HAZARD
from tests.copies_helpers import OTHER, Term
from tests.stacks import stack

pytestmark = pytest.mark.live


@pytest.fixture
def running(tmp_path: Path):
    with stack(tmp_path) as found:
        yield found


def _term(running: Stack, campus: str) -> Term:
    term = Term(running, campus)
    term.teacher_adds()
    term.columns_stand()
    return term


@pytest.mark.parametrize("campus", CAMPUSES)
def test_a_copied_course_works_after_one_word_of_its_teacher(campus: str, running: Stack) -> None:
    term = _term(running, campus)
    term.hands_in()
    term.assessor_judges("not_yet")
    term.settles()
    before, last_activity = term.cell(), term.activity
    term.copies()

    early = term.opens("learner-1")
    assert early.url.endswith("/copied")
    assert "Your teacher comes first" in early.text
    assert "Look again" in early.text

    asked = term.opens("teacher")
    assert "From “Micro-credentials in Practice”" in asked.text
    assert JOB_HAZARD in asked.lines
    assert f"Also: {OTHER}." in asked.text
    done = term.robots["teacher"].submit(asked.form("take-over"))
    assert "Ready for this course" in done.text

    # The learner who waited presses "Look again": no new launch is needed.
    about = term.robots["learner-1"].get(early.url)
    assert "A new course, a new start" in about.text
    assert "Start this micro-credential" in about.text

    # The other link works too, for a teacher who never opened it.
    assert term.opens("teacher", OTHER).url.endswith("/course")
    assert "Start this micro-credential" in term.opens("learner-1", OTHER).text

    term.hands_in()
    term.assessor_judges("earned")
    term.settles()
    assert term.cell()["score"] == 5.0
    term.activity = last_activity
    assert term.cell() == before


@pytest.mark.parametrize("campus", CAMPUSES)
def test_who_earned_it_last_term_is_told_so_and_has_her_badge(campus: str, running: Stack) -> None:
    term = _term(running, campus)
    term.hands_in()
    term.assessor_judges("earned")
    term.badge_is_valid()
    term.copies()
    assert "You have earned this already" in term.opens("learner-1").text
    term.confirms()
    about = term.opens("learner-1")
    assert "You have earned this already" in about.text
    assert term.badge_url in about.html
    assert "Start this micro-credential" in about.text
    # Who starts again has two lines in her record, and one badge.
    term.learner_starts()
    record = term.robots["learner-1"].get(about.url.split("/work")[0] + "/mine")
    assert record.lines.count(JOB_HAZARD) == 2
    assert record.text.count("Your badge") == 1


def _handlers(term: Term) -> list[dict[str, Any]]:
    asked = term._json("/control/requests?path=notice-handlers")
    return [one for one in asked if one["method"] == "PUT"]


def test_canvas_is_asked_for_notices_and_a_copy_is_announced(running: Stack) -> None:
    term = _term(running, "canvas")
    term._wait(lambda: "asked" if _handlers(term) else None, "a handler for notices")
    assert [one["status"] for one in _handlers(term)] == [200]
    term.opens("teacher")
    copied = Robot().put_json(f"{term.practice}/control/courses/{term.course}/copy", {}).json()
    assert copied["notices"] == [200]
    # Before any copied link was opened, the tool's own page of the new course offers what the old one had.
    teacher = term.robots["teacher"]
    course = term._enter(teacher, teacher.get(copied["menu"][0]["page_url"]))
    assert "This course was copied" in course.text
    assert "Use last term's micro-credentials here?" in teacher.get(course.link("/copied")).text
    assert len(_handlers(term)) == 1


@pytest.mark.parametrize("campus", CAMPUSES)
def test_a_copy_of_a_copy_comes_from_the_nearer_course(campus: str, running: Stack) -> None:
    term = _term(running, campus)
    term.opens("teacher")
    term.copies()
    term.confirms()
    term.copies()
    asked = term.opens("teacher")
    assert "From “Micro-credentials in Practice (next term)”" in asked.text
    term.robots["teacher"].submit(asked.form("take-over"))
    assert (
        "Start this micro-credential"
        in term._enter(term._sign_in("learner-1"), term.robots["learner-1"].get(term.activity["page_url"])).text
    )
