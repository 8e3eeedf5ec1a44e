"""Class lists of both campuses of the practice LMS, over real HTTP: read on the teacher's button, and what follows."""

import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from lti_mcred.cli import main
from lti_mcred.settings import as_environment
from lti_mcred.trial.demo import Stack
from lti_mcred.trial.robot import Page, Robot
from lti_mcred.trial.story import Story
from tests.stacks import stack

pytestmark = pytest.mark.live
SERVICE = {"canvas": "names_and_roles", "moodle": "memberships"}


class School:
    """A course of one campus with a micro-credential, its teacher, and the LMS's control addresses."""

    def __init__(self, story: Story, campus: str) -> None:
        self.story, self.campus = story, campus
        story.teacher_adds()
        story.columns_stand()
        self.control = f"{story.practice}/control"

    def course_page(self) -> Page:
        return self.story._open_activity(self.story.robots["teacher"])

    def read(self, *wanted: str) -> Page:
        """Press the button and wait until the page says one of `wanted`."""
        teacher = self.story.robots["teacher"]
        url = self.course_page().url
        teacher.submit(teacher.get(url).form("/people/read"))

        def look() -> str | None:
            return "seen" if any(words in teacher.get(url).text for words in wanted) else None

        self.story._wait(look, " or ".join(wanted))
        return teacher.get(url)

    def enrol(self, count: int) -> None:
        Robot().put_json(f"{self.control}/enrol", {"count": count})

    def change(self, key: str, **values: str) -> None:
        answer = Robot().put_json(f"{self.control}/people/{key}", values, method="PUT")
        assert answer.status == 200, answer.text

    def people(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.story._json("/control/people")
        return found

    def break_service(self, **faults: Any) -> None:
        Robot().put_json(f"{self.control}/faults", {**faults, "match": SERVICE[self.campus]}, method="PUT")

    def pages_asked(self) -> int:
        return len(self.story._json(f"/control/requests?path={SERVICE[self.campus]}"))


@pytest.mark.parametrize("campus", sorted(SERVICE))
def test_a_class_list_from_the_button_to_the_return_of_one_who_left(campus: str, tmp_path: Path) -> None:
    with stack(tmp_path) as running:
        story = Story(running, campus)
        school = School(story, campus)
        story.learner_starts()
        school.enrol(120)
        page = school.read("125 people;")
        assert "123 new" in page.text, "the teacher and the learner had launched before"
        assert school.pages_asked() == 3, "50 people a page"
        # Moodle lists the assistant as a learner; she has not launched yet, so nobody knows better.
        learners = 124 if campus == "moodle" else 123
        assert f"{learners} learners · {learners - 1} have not opened it yet" in page.text
        assert len(re.findall(r'<tr role="row"', page.html)) == 51, "a page of 50 and the head"
        only = story.robots["teacher"].get(page.url.partition("?")[0] + "?show=opened")
        assert story.learner["name"] in only.text
        assert len(re.findall(r'<tr role="row"', only.html)) == 2

        _the_role_of_a_launch_counts(school)
        _whoever_left_keeps_the_work(school)
        _a_list_that_shrinks_is_held(school)
        _trouble_is_told_and_ends(school)
        _a_list_that_is_not_granted_names_who_can_cure_it(school)
        _an_operator_reads_it_too(running)


def _the_role_of_a_launch_counts(school: School) -> None:
    story, assessor = school.story, next(one for one in school.people() if one["key"] == "assessor")
    story._open_activity(story._sign_in("assessor"))
    page = school.read("125 people")
    found = story.robots["teacher"].get(f"{page.url.partition('?')[0]}?search={assessor['family_name']}")
    assert "Nobody is like that" in found.text


def _whoever_left_keeps_the_work(school: School) -> None:
    story = school.story
    school.change("learner-1", enrolled="removed")
    page = school.read("124 people; 1 left")
    gone = story.robots["teacher"].get(page.url.partition("?")[0] + "?show=left")
    assert story.learner["name"] in gone.text
    assert "No longer in the course. The work is kept." in gone.text
    assert "Working on it" in gone.text
    refused = story.robots["learner-1"].get(story.activity["page_url"])
    assert refused.status == 403
    school.change("learner-1", enrolled="active")
    page = school.read("125 people; 1 came back")
    back = story.robots["teacher"].get(page.url.partition("?")[0] + "?show=opened")
    assert story.learner["name"] in back.text
    assert "Working on it" in back.text
    assert "/checklist" in story._open_activity(story.robots["learner-1"]).url


def _a_list_that_shrinks_is_held(school: School) -> None:
    teacher = school.story.robots["teacher"]
    extra = [one["key"] for one in school.people() if one["key"].startswith("extra-")]
    for key in extra[:80]:
        school.change(key, enrolled="suspended")
    page = school.read("This class list was not applied")
    assert "It names 45 people, but 80 of the 125 that we know here are not on it." in page.text
    assert "no longer in the course" not in page.text.partition("Class list")[0]
    applied = teacher.submit(page.form("/people/apply"))
    assert "45 people; 80 left" in applied.text
    assert "80 are no longer in the course" in applied.text
    assert "Nothing was changed" in teacher.submit(page.form("/people/apply")).text


def _trouble_is_told_and_ends(school: School) -> None:
    school.break_service(server_error=1)
    page = school.read("It is tried again by itself", "45 people")
    if "It is tried again by itself" in page.text:
        assert "The LMS has a fault of its own at the moment." in page.text
    school.read("45 people")
    school.break_service(rate_limit=1, rate_limit_kind="429", retry_after_s=1)
    teacher, url = school.story.robots["teacher"], school.read("It is tried again by itself", "45 people").url
    school.story._wait(lambda: "seen" if "45 people" in teacher.get(url).text else None, "the list after its wait")


def _a_list_that_is_not_granted_names_who_can_cure_it(school: School) -> None:
    school.break_service(refuse_roster="403")
    page = school.read("The class list could not be read")
    assert "Who can cure it: The administrator of the LMS." in page.text
    assert "80 are no longer in the course" in page.text, "nothing changed"
    school.break_service(refuse_roster="", withhold="roster")
    page = school.read("does not share the class list of this course")
    assert "Who can cure it: The administrator of the LMS." in page.text
    Robot().put_json(f"{school.control}/faults", {}, method="DELETE")
    school.read("45 people")


def _an_operator_reads_it_too(running: Stack) -> None:
    def run(*words: str) -> Result:
        return CliRunner().invoke(main, ["roster", *words], env=as_environment(running.settings))

    done = run("sync")
    assert done.exit_code == 0
    assert done.output.rstrip().endswith(": 45 people")
    course_id = done.output.split()[0]
    assert run("sync", "--course", course_id).output == done.output
    lines = run("show", course_id).output.splitlines()
    assert len(lines) == 45
    assert sum("learner" in line for line in lines) >= 43
    link = run("show", course_id, "--link", "no-such-link")
    assert link.exit_code == 1
    for command in (["sync", "--course", "x"], ["show", "x"]):
        answer = run(*command)
        assert answer.exit_code == 1
        assert "There is no course x." in answer.output
