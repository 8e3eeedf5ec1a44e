"""Work where the browser keeps no cookie for the tool: by platform storage and bearer, or in a window of its own."""

import pytest

from lti_mcred.trial.work import JOB_HAZARD, WORK
from tests.journeys.people import switch
from tests.journeys.walk import Walk, at, enter, expect, shown
from tests.journeys.wire import Addresses, drop_cookies

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("no cookies")]
OTHER = "Regrouping from Exit Tickets"
THIRD = "Redesigning an Assignment for Transparency"
SAVED = "[data-save-text]"


def _start(place):
    place.get_by_role("button", name="Start this micro-credential").first.click()
    at(place, "*/checklist")


def _part(place, part_id):
    place.locator(f'a[href$="/parts/{part_id}"]').first.click()
    at(place, f"*/parts/{part_id}")


def _type(place, text):
    place.locator("textarea#text").fill(text)
    expect(place.locator(SAVED)).to_contain_text("Draft saved", timeout=15_000)


@pytest.mark.parametrize("target", ["post_message_forwarding", "_parent"])
def test_the_whole_work_goes_on_by_the_bearer_alone(stage, newcomer, profile, tmp_path, target):
    switch(stage, "canvas", switches={"storage": target})
    with profile(block_third_party=True, storage=True) as context:
        drop_cookies(context, stage.tool)
        addresses = Addresses(context)
        walk = Walk(context, stage, "canvas", tmp_path)
        walk.become(newcomer("canvas"))
        work = walk.open_activity(JOB_HAZARD)
        _start(work)
        _part(work, "site")
        _type(work, WORK["site"].text)

        work.evaluate("location.reload()")
        shown(work)
        expect(work.locator("textarea#text")).to_have_value(WORK["site"].text)
        work.get_by_role("button", name="Save and go to the list").first.click()
        at(work, "*/checklist")

        _part(work, "A1")
        (name, content), *_rest = WORK["A1"].files
        (tmp_path / name).write_bytes(content)
        with walk.page.expect_event("framenavigated", lambda moved: moved == work):
            work.locator("input[type=file]").set_input_files(tmp_path / name)
        shown(work)
        expect(work.get_by_role("link", name=name)).to_be_visible()

        work.evaluate("history.back()")
        at(work, "*/checklist")
        expect(work.locator(".checklist")).to_be_visible()
        # By the keyboard: a page that has just come scrolls the LMS's page to its top, under a pointer.
        enter(work.get_by_role("link", name="Review and hand in"))
        at(work, "*/review")
        enter(work.get_by_role("button", name="Submit for review"))
        expect(work.locator("main")).to_contain_text("not handed in yet")

        assert context.cookies(stage.tool) == []
        assert addresses.secrets
        assert addresses.told() == []
        walk.no_complaints()
    switch(stage, "canvas")


def test_two_tabs_with_two_activities_do_not_meet(stage, newcomer, profile, tmp_path):
    with profile(block_third_party=True, storage=True) as context:
        drop_cookies(context, stage.tool)
        walk = Walk(context, stage, "canvas", tmp_path)
        walk.become(newcomer("canvas"))
        one = walk.open_activity(JOB_HAZARD)
        _start(one)
        _part(one, "site")
        other = Walk(context, stage, "canvas", tmp_path, new=True)
        two = other.open_activity(OTHER)
        _start(two)
        links = two.locator('a[href*="/parts/"]')
        links.first.click()
        at(two, "*/parts/*")
        _type(one, "of the first")
        _type(two, "of the second")
        one.evaluate("location.reload()")
        two.evaluate("location.reload()")
        shown(one)
        shown(two)
        expect(one.locator("textarea#text")).to_have_value("of the first")
        expect(two.locator("textarea#text")).to_have_value("of the second")
        assert one.url.split("/work")[0] != two.url.split("/work")[0]
        walk.no_complaints()


# A window of its own -------------------------------------------------------------------------------------------------


def _opened(walk, press):
    """Press, and return the page of the new window."""
    with walk.page.context.expect_page() as opening:
        press.click()
    opened = opening.value
    at(opened, "*/v/*")
    return opened


@pytest.mark.parametrize(
    ("campus", "storage"), [("moodle", None), ("canvas", ""), ("canvas", "post_message_forwarding")],
    ids=["moodle", "canvas-offers-no-storage", "canvas-browser-denies-storage"],
)  # fmt: skip
def test_where_nothing_can_be_kept_one_click_opens_a_window(stage, newcomer, profile, tmp_path, campus, storage):
    if storage is not None:
        switch(stage, campus, switches={"storage": storage})
    with profile(block_third_party=True, forbid=stage) as context:
        addresses = Addresses(context)
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        frame = walk.press(JOB_HAZARD)
        expect(frame.get_by_role("heading", level=1)).to_have_text("One click more")
        walk.look("one-click-more", frame)
        button = frame.get_by_role("link", name="Open in a new window")
        work = _opened(walk, button)
        _start(work)
        _part(work, "site")
        _type(work, WORK["site"].text)
        work.reload()
        shown(work)
        expect(work.locator("textarea#text")).to_have_value(WORK["site"].text)

        button.click()
        expect(frame.locator("[data-again]")).to_be_visible()
        expect(work.locator("textarea#text")).to_have_value(WORK["site"].text)
        assert context.pages == [walk.page, work]

        work.close()
        late = _refused(walk, button)
        expect(late.locator("main")).to_contain_text("open the activity again")
        assert addresses.told() == []
        walk.no_complaints()
    switch(stage, campus)


def _refused(walk, press):
    """Press once more where the LMS has given its one launch already."""
    with walk.page.context.expect_page() as opening:
        press.click()
    opened = opening.value
    at(opened, "*/lti/launch")
    return opened


@pytest.mark.parametrize("campus", ["canvas", "moodle"])
def test_the_picker_in_a_window_of_its_own_leads_back_to_the_course(stage, profile, tmp_path, campus):
    if campus == "canvas":
        switch(stage, campus, switches={"storage": ""})
    with profile(block_third_party=True, forbid=stage) as context:
        walk = Walk(context, stage, campus, tmp_path)
        walk.become("teacher")
        walk.course()
        before = walk.page.get_by_role("link", name=THIRD).count()
        walk.page.locator("#add-activity").click()
        button = walk.frame().get_by_role("link", name="Open in a new window")
        picker = _opened(walk, button)
        picker.get_by_label(THIRD).check()
        picker.get_by_role("button", name="Check what will be added").click()
        expect(picker.get_by_role("heading", level=1)).to_contain_text("Add this")
        if before:
            picker.get_by_label("Add it once more").check()
        picker.get_by_role("button", name="Add to the course").click()
        if campus == "moodle":
            at(picker, "*/selections/*")
            picker.get_by_role("button", name="Save and return to course").click()
        at(picker, "*/courses/*")
        expect(picker.get_by_role("link", name=THIRD)).to_have_count(before + 1)
        walk.no_complaints()
    switch(stage, campus)
