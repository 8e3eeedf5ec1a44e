"""The class list in a real browser: the teacher reads it, finds who has not opened the activity, and who left."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame

from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.story import Story
from lti_mcred.trial.work import JOB_HAZARD
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import COURSE, Walk, expect
from tests.stacks import stack

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both processes; on each campus a course with sixty more learners, of whom one has begun."""
    with stack(tmp_path_factory.mktemp("school")) as found:
        for campus in CAMPUSES:
            story = Story(found, campus)
            for step in (story.teacher_adds, story.columns_stand, story.learner_starts):
                step()
            Robot().put_json(f"{story.practice}/control/enrol", {"count": 60})
        yield found


def _read(frame: Frame, button: str) -> None:
    """Press the button; the page comes back by itself with the result."""
    frame.get_by_role("button", name=button).click()
    expect(frame.get_by_role("button", name="Read the class list again")).to_be_visible()


def _remove(walk: Walk, who: str) -> None:
    walk.page.goto(f"{walk.practice}/courses/{COURSE[walk.campus]}/roster")
    walk.page.locator(f"#removed-{who} button").click()
    expect(walk.page.locator(f"#person-{who}")).to_contain_text("removed")
    walk.look("people")


def _take_most_away(walk: Walk) -> None:
    for number in range(50):
        url = f"{walk.practice}/control/people/extra-{number + 1}"
        Robot().put_json(url, {"enrolled": "suspended"}, method="PUT")


@pytest.mark.parametrize(
    ("campus", "viewport"), [("canvas", PHONE), ("moodle", DESK)], ids=["canvas-phone", "moodle-desk"]
)
def test_a_teacher_sees_who_has_not_opened_it_and_who_left(
    profile, school: Stack, pictures: Path, campus: str, viewport: dict[str, int]
) -> None:
    with profile(block_third_party=True, viewport=viewport) as context:
        walk = Walk(context, school, campus, pictures)
        walk.become("teacher")
        page = walk.open_activity(JOB_HAZARD)
        walk.look("class-list-never", page)
        _read(page, "Read the class list")
        expect(page.locator("main")).to_contain_text("65 people; 63 new")
        walk.look("class-list-read", page)

        page.locator("select#show").select_option("not-opened")
        page.locator("input#search").press("Enter")
        page.wait_for_url("**show=not-opened**")
        expect(page.get_by_role("row")).to_have_count(51)
        page.get_by_role("link", name="More").click()
        page.wait_for_url("**after=**")
        expect(page.locator("select#show")).to_have_value("not-opened")
        walk.look("class-list-more", page)
        page.locator("select#show").select_option("opened")
        page.get_by_role("button", name="Show").press("Enter")
        page.wait_for_url("**show=opened**")
        expect(page.get_by_role("row")).to_have_count(2)

        _remove(walk, "learner-1")
        page = walk.open_activity(JOB_HAZARD)
        _read(page, "Read the class list again")
        expect(page.locator("main")).to_contain_text("64 people; 1 left")
        page.locator("select#show").select_option("left")
        page.get_by_role("button", name="Show").click()
        page.wait_for_url("**show=left**")
        expect(page.locator("main")).to_contain_text("No longer in the course. The work is kept.")
        walk.look("class-list-left", page)

        _take_most_away(walk)
        _read(page, "Read the class list again")
        expect(page.locator("main")).to_contain_text("This class list was not applied")
        walk.look("class-list-held", page)
        page.get_by_role("button", name="Apply this list").click()
        expect(page.locator("main")).to_contain_text("The class list was applied.")
        walk.look("class-list-applied", page)
        walk.no_complaints()
