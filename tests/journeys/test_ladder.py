"""Every rung of the ladder that ties a launch to a browser: cookie, platform storage, a window of its own, kind words.

What the platform's storage says, and what the browser allows, is turned to every side on both campuses.
"""

import pytest

from lti_mcred.trial.demo import CAMPUSES
from lti_mcred.trial.work import JOB_HAZARD, WORK
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.people import switch
from tests.journeys.walk import Walk, at, enter, expect, shown
from tests.journeys.wire import Addresses, drop_cookies

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("ladder")]
STORAGE = {"canvas": "post_message_forwarding", "moodle": "_parent"}
APP = "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 Version/4.0 Mobile Safari/537.36 candroid/7.9.0"


def start_and_come_back(place) -> None:
    """Start the micro-credential, go into a part, reload it, and go back: the page is always there.

    By the keyboard: a page that has just come makes its frame taller, under a pointer.
    """
    enter(place.get_by_role("button", name="Start this micro-credential").first)
    at(place, "*/checklist")
    enter(place.locator('a[href$="/parts/site"]').first)
    at(place, "*/parts/site")
    place.locator("textarea#text").fill(WORK["site"].text)
    expect(place.locator("[data-save-text]")).to_contain_text("Draft saved", timeout=15_000)
    place.evaluate("location.reload()")
    shown(place)
    expect(place.locator("textarea#text")).to_have_value(WORK["site"].text)
    place.evaluate("history.back()")
    at(place, "*/checklist")
    expect(place.locator(".checklist")).to_be_visible()


@pytest.mark.parametrize(("browser", "viewport"), [("allows", DESK), ("blocks", PHONE)], ids=["allowed", "blocked"])
@pytest.mark.parametrize("campus", CAMPUSES)
def test_the_cookie_carries_where_third_party_cookies_are_allowed_and_where_they_are_blocked(
    stage, newcomer, profile, tmp_path, campus, browser, viewport
):
    with profile(block_third_party=browser == "blocks", storage=True, viewport=viewport) as context:
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        work = walk.open_activity(JOB_HAZARD)
        start_and_come_back(work)
        assert [cookie["name"] for cookie in context.cookies(stage.tool)] == ["lti_mcred"]
        walk.look("ladder-cookie", work)
        walk.no_complaints()


@pytest.mark.parametrize(("campus", "target"), [("moodle", "_parent"), ("moodle", "post_message_forwarding")])
def test_platform_storage_that_is_named_at_login_alone_carries_where_no_cookie_stays(
    stage, newcomer, profile, tmp_path, campus, target
):
    """As Sakai and Brightspace do; Canvas, which names it at the launch again, is walked in test_no_cookies.py."""
    switch(stage, campus, switches={"storage": target})
    with profile(block_third_party=True, storage=True, viewport=PHONE) as context:
        drop_cookies(context, stage.tool)
        addresses = Addresses(context)
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        work = walk.open_activity(JOB_HAZARD)
        start_and_come_back(work)
        assert context.cookies(stage.tool) == []
        assert addresses.told() == []
        walk.no_complaints()
    switch(stage, campus)


@pytest.mark.parametrize("campus", CAMPUSES)
def test_storage_that_does_not_answer_well_leads_to_a_window(stage, newcomer, profile, tmp_path, campus):
    """It is noticed at the login, while the launch, which an LMS gives once, is still to be had."""
    with profile(block_third_party=True, storage=True, viewport=PHONE) as context:
        drop_cookies(context, stage.tool)
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        for answers in ("late", "refuses", "never", "forgets"):
            switch(stage, campus, switches={"storage": STORAGE[campus], "storage_answers": answers})
            frame = walk.press(JOB_HAZARD)
            expect(frame.get_by_role("heading", level=1)).to_have_text("One click more")
        assert frame.title() == "One click more"
        expect(frame.locator("[role=status]").first).to_contain_text(
            "One click more. Your browser does not let this page"
        )
        expect(walk.page.locator("#tool-frame")).not_to_be_focused()
        walk.look("ladder-window", frame)
        context.unroute(f"{stage.tool}/lti/**")  # in a window of its own a cookie stays
        with context.expect_page() as opening:
            frame.get_by_role("link", name="Open in a new window").press("Enter")
        work = opening.value
        at(work, "*/v/*")
        start_and_come_back(work)
        walk.no_complaints()
    switch(stage, campus)


# In the app of an LMS: no frame, no opener, a view of its own ---------------------------------------------------------


def launch_address(walk: Walk) -> str:
    """What the app of an LMS loads: the launch itself, without the page around it."""
    walk.course()
    walk.page.get_by_role("link", name=JOB_HAZARD).first.click()
    source = walk.page.locator("#tool-frame").get_attribute("src")
    assert source
    return f"{walk.running.practice}{source}"


@pytest.mark.parametrize("campus", CAMPUSES)
def test_the_app_of_an_lms_shows_the_work_in_its_own_view(stage, newcomer, profile, tmp_path, campus):
    """Apps never answer a storage message; their view is first-party, so the cookie stays."""
    switch(stage, campus, switches={"storage": STORAGE[campus], "storage_answers": "never"})
    with profile(block_third_party=True, storage=True, viewport=PHONE, user_agent=APP) as context:
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        address = launch_address(walk)
        walk.page.goto(address)
        at(walk.page, "*/v/*")
        start_and_come_back(walk.page)
        walk.look("ladder-app")
        walk.no_complaints()
    switch(stage, campus)


@pytest.mark.parametrize(("campus", "storage"), [("canvas", "offered"), ("moodle", "not offered")])
def test_an_app_that_keeps_nothing_at_all_says_what_to_allow_and_offers_no_endless_window(
    stage, newcomer, profile, tmp_path, campus, storage
):
    switch(stage, campus, switches={"storage": STORAGE[campus] if storage == "offered" else ""})
    with profile(block_third_party=True, forbid=stage, everywhere=True, viewport=PHONE, user_agent=APP) as context:
        walk = Walk(context, stage, campus, tmp_path)
        walk.become(newcomer(campus))
        walk.page.goto(launch_address(walk))
        heading = walk.page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Your browser keeps no cookies for this page")
        expect(walk.page).to_have_title("Your browser keeps no cookies for this page")
        if storage == "offered":  # the page was there already, and said "Opening…"
            expect(heading).to_be_focused()
        expect(walk.page.locator("main")).to_contain_text("open the activity again from your course")
        expect(walk.page.get_by_role("link", name="Open in a new window")).to_have_count(0)
        walk.look("ladder-app-nothing")
        walk.no_complaints()
    switch(stage, campus)
