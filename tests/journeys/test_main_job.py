"""The main job in a real browser: third-party cookies blocked or allowed, desktop and phone, every page checked."""

from pathlib import Path

import pytest
from playwright.sync_api import Frame

from lti_mcred.trial.robot import Robot
from lti_mcred.trial.work import JOB_HAZARD, WORK, Evidence
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import Walk, at, expect, shown

pytestmark = pytest.mark.journey
OTHER = "Regrouping from Exit Tickets"


def _teacher_adds(walk: Walk) -> None:
    walk.become("teacher")
    walk.course()
    walk.page.locator("#add-activity").click()
    picker = walk.tool()
    walk.look("picker", picker)
    picker.get_by_role("button", name="Check what will be added").click()
    expect(picker.get_by_role("alert")).to_contain_text("Choose at least one")
    shown(picker)
    picker.get_by_label(JOB_HAZARD).check()
    expect(picker.locator("[data-count]")).to_have_text("1 chosen")
    picker.get_by_role("article").filter(has_text=OTHER).get_by_role("link", name="Preview as a learner").click()
    at(picker, "*/library/**")
    walk.look("preview", picker)
    picker.get_by_role("link", name="Back to the list").click()
    at(picker, "*/picker[?]*")
    expect(picker.get_by_label(JOB_HAZARD)).to_be_checked()
    picker.get_by_role("searchbox").fill("exit tickets")
    picker.get_by_role("searchbox").press("Enter")
    at(picker, "*/picker[?]q=*")
    expect(picker.get_by_role("group", name="not in the list below")).to_contain_text(JOB_HAZARD)
    picker.get_by_label(OTHER).check()
    button = picker.get_by_role("button", name="Check what will be added")
    expect(button).to_be_in_viewport()
    walk.look("picker-chosen", picker)
    picker.get_by_role("button", name="Check what will be added").click()
    expect(picker.get_by_role("heading", level=1)).to_contain_text("Add these 2")
    walk.look("picker-confirm", picker)
    picker.get_by_role("button", name="Add to the course").click()
    if walk.campus == "moodle":
        at(walk.page, "*/selections/**")
        walk.page.get_by_role("button", name="Save and return to course").click()
    at(walk.page, "*/courses/*")
    for title in (JOB_HAZARD, OTHER):
        expect(walk.page.get_by_role("link", name=title)).to_be_visible()
    walk.look("course-with-activities")


def _fill(walk: Walk, frame: Frame, part_id: str, evidence: Evidence, folder: Path) -> None:
    if evidence.alternative:
        with walk.page.expect_event("framenavigated", lambda moved: moved == frame):
            frame.locator(f"#alternative-{evidence.alternative}").check()
        shown(frame)
    if evidence.text:
        frame.locator("textarea#text").fill(evidence.text)
        expect(frame.locator("[data-save-text]")).to_contain_text("Draft saved", timeout=15_000)
    if frame.get_by_label("Nobody but me can be recognised").count() or frame.locator("[name=others]").count():
        frame.locator(f"[name=others][value={evidence.others}]").check()
    for name, content in evidence.files:
        path = folder / name
        path.write_bytes(content)
        with walk.page.expect_event("framenavigated", lambda moved: moved == frame):
            frame.locator("input[type=file]").set_input_files(path)
        expect(frame.get_by_text(name).first).to_be_visible(timeout=15_000)
        shown(frame)
    if evidence.link:
        frame.get_by_label("Or add a link").fill(evidence.link)
        with walk.page.expect_event("framenavigated", lambda moved: moved == frame):
            frame.get_by_role("button", name="Add the link").click()
        expect(frame.get_by_role("link", name=evidence.link).first).to_be_visible()
        shown(frame)


def _learner_hands_in(walk: Walk, who: str, folder: Path) -> None:
    walk.become(who)
    about = walk.open_activity(JOB_HAZARD)
    walk.look("learner-about", about)
    about.get_by_role("button", name="Start this micro-credential").first.click()
    at(about, "*/checklist")
    walk.look("learner-checklist-empty", about)
    for part_id, evidence in WORK.items():
        about.locator(f'a[href$="/parts/{part_id}"]').first.click()
        at(about, f"*/parts/{part_id}")
        if part_id in ("site", "A2", "A3", "A4"):
            walk.look(f"learner-part-{part_id}", about)
        _fill(walk, about, part_id, evidence, folder)
        about.get_by_role("button", name="Save and go to the list").first.click()
        at(about, "*/checklist")
    walk.look("learner-checklist", about)
    about.get_by_role("link", name="Review and hand in").click()
    at(about, "*/review")
    walk.look("learner-review", about)
    about.get_by_role("button", name="Submit for review").click()
    expect(about.locator("main")).to_contain_text("not handed in yet")
    walk.look("learner-review-refused", about)
    about.locator("#own_work").check()
    about.locator("[name=ai_use][value=none]").check()
    about.get_by_role("button", name="Submit for review").click()
    at(about, "*/waiting")
    walk.look("learner-receipt", about)


def _assessor_judges(walk: Walk, *, below: str | None, keyboard: bool) -> None:
    walk.become("assessor")
    desk = walk.open_menu()
    walk.look("assessor-desk", desk)
    desk.get_by_role("button", name="Take next").click()
    at(desk, "*/assess/*")
    walk.look("assessor-scoring", desk)
    criteria = [
        one.get_attribute("data-criterion") or "" for one in desk.locator("fieldset[data-criterion]:enabled").all()
    ]
    assert criteria
    for criterion in criteria:
        if keyboard:
            desk.locator("body").press("2" if criterion == below else "3")
            desk.locator("body").press("n")
            shown_by = desk.locator("fieldset[data-current=true]").get_attribute("data-shown-by") or ""
            expect(desk.locator(f"#{shown_by.split()[0]}")).to_be_in_viewport()
        else:
            level = "developing" if criterion == below else "demonstrated"
            desk.locator(f"#c-{criterion}-{level}").check()
    if below:
        with walk.page.expect_event("framenavigated", lambda moved: moved == desk):
            desk.get_by_role("button", name="See the outcome").click()
        shown(desk)
        expect(desk.locator("main")).to_contain_text("comment")
        walk.look("assessor-comment-missing", desk)
        if "/finish" in desk.url:
            desk.get_by_role("link", name="Back to the rubric").click()
            at(desk, "*/assess/*")
        desk.locator(f"[name=comment_{below}]").fill("Say how the crew showed that they understood.")
    desk.get_by_role("button", name="See the outcome").click()
    at(desk, "*/finish")
    walk.look("assessor-finish", desk)
    desk.get_by_role("button", name="Submit the decision").click()
    at(desk, "*/done")
    walk.look("assessor-done", desk)


def _score(walk: Walk, who: str) -> float | None:
    cells = Robot().get(f"{walk.practice}/control/gradebook", Accept="application/json").json()
    return next((cell["score"] for cell in cells if cell["person"] == who), None)


@pytest.mark.parametrize(
    ("campus", "block", "viewport", "who"),
    [
        pytest.param("canvas", True, DESK, "learner-2", id="canvas-blocked-desktop"),
        pytest.param("moodle", False, PHONE, "learner-3", id="moodle-allowed-phone"),
    ],
)
@pytest.mark.xdist_group("main job")
def test_a_learner_earns_a_badge(running, profile, pictures, tmp_path, campus, block, viewport, who):
    with profile(block_third_party=block, viewport=viewport) as context:
        walk = Walk(context, running, campus, pictures)
        walk.page.goto(running.practice)
        walk.look("practice-home")
        _teacher_adds(walk)
        _learner_hands_in(walk, who, tmp_path)

        _assessor_judges(walk, below="C4", keyboard=viewport is DESK)
        walk.eventually(lambda: _score(walk, who) == 4.0, "4 of 5 in the gradebook")

        walk.become(who)
        told = walk.open_activity(JOB_HAZARD)
        expect(told.locator("main")).to_contain_text("4 of 5")
        walk.look("learner-not-yet", told)
        told.get_by_role("button", name="Revise what is not met yet").click()
        at(told, "*/checklist")
        walk.look("learner-revising", told)
        told.locator('a[href$="/parts/A3"]').first.click()
        at(told, "*/parts/A3")
        walk.look("learner-part-revised", told)
        _fill(walk, told, "A3", Evidence(WORK["A3"].text + " Each of them showed it back to me."), tmp_path)
        told.get_by_role("button", name="Save and go to the list").first.click()
        at(told, "*/checklist")
        told.get_by_role("link", name="Review and hand in").click()
        at(told, "*/review")
        told.locator("#own_work").check()
        told.locator("[name=ai_use][value=none]").check()
        told.locator("#what_changed").fill("How the crew showed that they understood.")
        told.get_by_role("button", name="Submit for review").click()
        at(told, "*/waiting")

        _assessor_judges(walk, below=None, keyboard=False)
        walk.eventually(lambda: _score(walk, who) == 5.0, "5 of 5 in the gradebook")

        walk.become(who)
        earned = walk.open_activity(JOB_HAZARD)
        walk.eventually(lambda: _has_badge(walk, earned), "the badge on the learner's page")
        walk.look("learner-earned", earned)
        link = earned.get_by_role("link", name="See it as others see it").get_attribute("href") or ""

        walk.become("teacher")
        course = walk.open_activity(JOB_HAZARD)
        expect(course.locator("main")).to_contain_text("5")
        walk.look("teacher-course", course)
        with walk.page.expect_download() as saved:
            course.get_by_role("link", name="Download as CSV").click()
        table = saved.value.path().read_text(encoding="utf-8-sig")
        assert table.splitlines()[-1].split(",")[3:5] == ["5", "5"]
        at(course, "*/course*")
        walk.page.goto(f"{walk.practice}/courses/{5120 if campus == 'canvas' else 2}/gradebook")
        walk.look("practice-gradebook")

        walk.page.goto(link)
        expect(walk.page.locator("main")).to_contain_text("Valid")
        walk.look("badge-page")
        walk.page.goto(f"{running.tool}/verify")
        walk.look("verify")
        walk.no_complaints()


def _has_badge(walk: Walk, frame: Frame) -> bool:
    if frame.get_by_role("link", name="See it as others see it").count():
        return True
    frame.goto(frame.url)
    return False
