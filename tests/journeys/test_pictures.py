"""The pictures in the documentation, taken from the running product: `make pictures` renews them."""

import pytest
from playwright.sync_api import Frame

from lti_mcred.demo import stack
from lti_mcred.story import Story
from lti_mcred.story_work import JOB_HAZARD, WORK
from tests.journeys.walk import Walk, at, expect
from tests.ports import two_free_ports

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("pictures")]
SIZE = {"width": 1280, "height": 860}
HEAVIEST = 200_000


def _take(walk: Walk, name: str, frame: Frame | None = None) -> None:
    walk.look(name, frame, picture=False)
    walk.page.mouse.move(0, 0)
    path = walk.pictures / f"{name}.png"
    walk.page.screenshot(path=path, animations="disabled", caret="hide")
    assert path.stat().st_size < HEAVIEST, f"{path} weighs {path.stat().st_size} bytes"


def _begin(walk: Walk, who: str) -> Frame:
    walk.become(who)
    frame = walk.open_activity(JOB_HAZARD)
    frame.get_by_role("button", name="Start this micro-credential").first.click()
    at(frame, "*/checklist")
    return frame


def _write(frame: Frame, part_id: str, text: str) -> None:
    frame.locator(f'a[href$="/parts/{part_id}"]').first.click()
    at(frame, f"*/parts/{part_id}")
    frame.locator("textarea#text").fill(text)
    frame.get_by_role("button", name="Save and go to the list").first.click()
    at(frame, "*/checklist")


def _judge(walk: Walk) -> None:
    walk.become("assessor")
    desk = walk.open_menu()
    desk.get_by_role("button", name="Take next").click()
    at(desk, "*/assess/*")
    for one in desk.locator("fieldset[data-criterion]").all():
        desk.locator(f"#c-{one.get_attribute('data-criterion')}-demonstrated").check()
    expect(desk.locator("[data-save-text]")).to_contain_text("Draft saved")
    desk.evaluate("document.querySelector('#rubric').scrollTop = 0")
    _take(walk, "assessor-scoring", desk)
    desk.get_by_role("button", name="See the outcome").click()
    at(desk, "*/finish")
    desk.get_by_role("button", name="Submit the decision").click()
    at(desk, "*/done")


def test_the_pictures_of_the_documentation_are_taken(profile, pictures, tmp_path):
    with (
        stack(tmp_path, *two_free_ports(), lambda _line: None) as running,
        profile(block_third_party=False, viewport=SIZE, color_scheme="light") as context,
    ):
        walk, story = Walk(context, running, "canvas", pictures), Story(running, "canvas")
        story.teacher_adds()
        story.columns_stand()
        story.learner_starts()
        story.learner_collects()
        story.learner_submits()
        _judge(walk)
        story.badge_is_valid()
        begun = _begin(walk, "learner-2")
        for part_id in ("site", "why"):
            _write(begun, part_id, WORK[part_id].text)
        _write(begun, "A3", "From minute two on")
        _take(walk, "learner-checklist", begun)
        walk.become("learner-3")
        walk.open_activity(JOB_HAZARD)
        walk.become("teacher")
        course = walk.open_activity(JOB_HAZARD)
        expect(course.locator("main")).to_contain_text("5 of 5")
        _take(walk, "teacher-course", course)
        walk.page.goto(story.badge_url)
        _take(walk, "badge-page")
        walk.no_complaints()
