"""The pictures in the documentation, taken from the running product: `make pictures` renews them."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Frame
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.tool.admin.access import make_link
from lti_mcred.tool.health.checks import TITLES
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import deployment_of_launch
from lti_mcred.trial.demo import application
from lti_mcred.trial.story import Story
from lti_mcred.trial.work import JOB_HAZARD, WORK
from tests.journeys.walk import Walk, at, expect
from tests.stacks import stack

pytestmark = pytest.mark.journey
SIZE = {"width": 1280, "height": 860}
NARROW = {"width": 900, "height": 860}
HEAVIEST = 200_000
# Where a part of the page lies, with some room around it.
_AROUND = """one => {
  const { x, y, width, height } = one.getBoundingClientRect();
  return { x: x + scrollX - 24, y: y + scrollY - 24, width: width + 48, height: height + 48 };
}"""


def _take(walk: Walk, name: str, frame: Frame | None = None, *, shows: tuple[str, ...] = (), part: str = "") -> None:
    """Take what stands in the window; with `shows`, the whole page, on which these words are; or one `part` of it."""
    walk.look(name, frame, picture=False)
    walk.page.mouse.move(0, 0)
    path = walk.pictures / f"{name}.png"
    if part:
        around = walk.page.locator(part).evaluate(_AROUND)
        walk.page.screenshot(path=path, animations="disabled", caret="hide", full_page=True, clip=around)
    elif shows:
        _whole(walk, path, frame, shows)
    else:
        walk.page.screenshot(path=path, animations="disabled", caret="hide")
    assert path.stat().st_size < HEAVIEST, f"{path} weighs {path.stat().st_size} bytes"


def _whole(walk: Walk, path: Path, frame: Frame | None, shows: tuple[str, ...]) -> None:
    """Take a page from its head to its foot; a frame is made as tall as its content. Narrow, so that it can be read."""
    place = frame or walk.page.main_frame
    size = dict(NARROW)
    walk.page.set_viewport_size(size)
    for _turn in range(5 if frame else 0):  # the LMS gives the frame a part of the window's height
        size["height"] += place.evaluate("document.documentElement.scrollHeight - innerHeight")
        walk.page.set_viewport_size(size)
    assert not frame or place.evaluate("scrollY + document.documentElement.scrollHeight - innerHeight") <= 1
    for words in shows:
        expect(place.get_by_text(words, exact=True).first).to_be_visible()
    walk.page.screenshot(path=path, animations="disabled", caret="hide", full_page=True)
    walk.page.set_viewport_size(SIZE)
    with Image.open(path) as taken:  # a long page of words needs few colours
        taken.convert("RGB").quantize(64).save(path, optimize=True)


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
    for name, path, shows in (
        ("admin-developer-key", "canvas/hand", ("1. In the LMS", "2. Here", "Connect")),
        ("admin-by-hand", "moodle/hand", ("Public keyset URL", "Authorization URL", "Connect")),
        ("admin-blackboard", "blackboard/hand", ("Client ID (application ID)", "Ask me", "Connect")),
    ):
        walk.page.goto(f"{walk.running.tool}/admin/connect/{path}")
        _take(walk, name, shows=shows)
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
    _take(walk, "registration", frame, shows=("Where it will be found", "What your LMS will share"))
    frame.get_by_role("button", name="Register with").click()
    expect(frame.get_by_role("button", name="Finish")).to_be_visible()
    _take(walk, "registration-finish", frame)


def _look_after(walk: Walk) -> None:
    """The page of one LMS: a test of its connection, and an installation that waits for approval."""
    issuer = f"{walk.running.practice}/{walk.campus}"
    with application(walk.running.settings) as app, app.app_context():
        platform = db.session.scalars(select(Platform).where(Platform.issuer == issuer).order_by(Platform.id)).first()
        assert platform
        deployment_of_launch(platform, "912:17f704075b6f9ef60f0c6fb47b45fa13d7680edc")
        db.session.commit()
        page = f"{walk.running.tool}/admin/platforms/{platform.id}"
    walk.page.goto(page)
    expect(walk.page.get_by_role("button", name="Approve").first).to_be_in_viewport()
    _take(walk, "admin-approval")
    walk.page.get_by_role("button", name="Test now").click()
    report = walk.page.locator("section[aria-labelledby=checks-title]")

    def done() -> bool:
        walk.page.reload()
        return report.locator("li").count() == len(TITLES)

    walk.eventually(done, "the report of the connection test")
    _take(walk, "admin-connection-test", part="section[aria-labelledby=checks-title]")


def test_the_pictures_of_the_documentation_are_taken(profile, pictures, tmp_path):
    with (
        stack(tmp_path) as running,
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
        _look_after(walk)
        walk.no_complaints()
