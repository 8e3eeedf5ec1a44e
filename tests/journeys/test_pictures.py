"""The pictures in the documentation, taken from the running product: `make pictures` renews them."""

import pytest
from playwright.sync_api import Frame

from lti_mcred.demo import application, stack
from lti_mcred.story import Story
from lti_mcred.story_work import JOB_HAZARD, WORK
from lti_mcred.tool.admin.access import make_link
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


def _install(walk: Walk) -> None:
    """The pages that connect an LMS, and the page inside the LMS that says what is installed."""
    with application(walk.running.settings) as app, app.app_context():
        walk.page.goto(make_link())
    walk.page.get_by_role("button", name="Open the administration").click()
    walk.page.wait_for_url("**/admin/")
    _take(walk, "admin-list")
    for name, path in (
        ("admin-developer-key", "canvas/hand"),
        ("admin-by-hand", "moodle/hand"),
        ("admin-blackboard", "blackboard/hand"),
    ):
        walk.page.goto(f"{walk.running.tool}/admin/connect/{path}")
        _take(walk, name)
    walk.page.goto(f"{walk.running.tool}/admin/connect/canvas")
    walk.page.get_by_label("Whom is it for?").fill("Larkspur College")
    walk.page.get_by_role("button", name="Make a registration link").click()
    link = walk.page.locator("#invitation").input_value()
    _take(walk, "admin-registration-link")
    walk.become("admin")
    walk.page.locator("#register-url").fill(link)
    walk.page.get_by_role("button", name="Open the registration").click()
    frame = walk.frame()
    expect(frame.get_by_role("button", name="Register with")).to_be_visible()
    _take(walk, "registration", frame)


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
        _install(walk)
        walk.no_complaints()
