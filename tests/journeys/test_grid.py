"""One grid for all pages: what stands on a page begins at one left edge and ends at one of three right edges."""

import pytest
from playwright.sync_api import Frame, Page

from lti_mcred.tool.admin.access import make_link
from lti_mcred.trial.demo import application
from lti_mcred.trial.work import JOB_HAZARD
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import Walk, at, expect, shown

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("stage")]
TEXT, WIDE = 680, 960
# The blocks of a page that stand in its own column: nothing inside cards, tables, lists or a second column.
_EDGES = """() => {
  const blocks = "main > *, main section > *, main .stack > *, main .narrow > *, main .wide > *";
  const inside = ".card, .panes, .badge-page, .notice, .empty, figure, table, li, fieldset, .actions, .row, [hidden]";
  const left = document.querySelector("h1").getBoundingClientRect().left;
  return [...document.querySelectorAll(blocks)]
    .filter(one => !one.parentElement.closest(inside) && !one.matches("form, .visually-hidden"))
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0)
    .map(([one, box]) => [`${one.tagName}.${one.className}`, Math.round(box.left - left), Math.round(box.width)]);
}"""


def _keeps_to_the_grid(place: Page | Frame) -> None:
    full = place.evaluate("document.querySelector('main').clientWidth - 48")
    edges = place.evaluate(_EDGES)
    assert edges
    assert [one for one in edges if one[1] != 0] == []
    # What is shorter than the text column (a button, a few words) ends where it ends.
    assert [one for one in edges if one[2] > TEXT + 1 and abs(one[2] - WIDE) > 1 and abs(one[2] - full) > 1] == []


def test_what_has_the_focus_stands_above_the_foot_of_a_phone(stage, profile, pictures):
    with profile(block_third_party=False, viewport=PHONE) as context:
        walk = Walk(context, stage, "moodle", pictures)
        walk.become("teacher")
        walk.course()
        walk.page.locator("#add-activity").click()
        picker = walk.tool()
        picker.get_by_label(JOB_HAZARD).check()
        picker.get_by_role("button", name="Check what will be added").click()
        expect(picker.get_by_role("heading", level=1)).to_contain_text("Add this")
        shown(picker)
        picker.get_by_role("button", name="Add to the course").click()
        once_more = picker.get_by_label("Add it once more")
        expect(once_more).to_be_focused()
        box, foot = once_more.bounding_box(), picker.locator(".actions").bounding_box()
        assert box["y"] + box["height"] <= foot["y"]


def test_every_page_keeps_to_the_grid(stage, profile, pictures):
    with profile(block_third_party=False, viewport=DESK) as context:
        walk = Walk(context, stage, "moodle", pictures)
        # As wide as the window, so that the grid has room for all of its edges.
        wide = "e => e.style.cssText = 'position: fixed; inset: 0; width: 100vw; height: 100vh; z-index: 9'"
        for path in ("/", "/verify"):
            walk.page.goto(f"{stage.tool}{path}")
            _keeps_to_the_grid(walk.page)
        walk.become("teacher")
        course = walk.open_activity(JOB_HAZARD)
        walk.page.locator("#tool-frame").evaluate(wide)
        _keeps_to_the_grid(course)
        walk.course()
        walk.page.locator("#add-activity").click()
        picker = walk.tool()
        walk.page.locator("#tool-frame").evaluate(wide)
        _keeps_to_the_grid(picker)
        picker.get_by_role("link", name="Preview").first.click()
        at(picker, "*/library/**")
        _keeps_to_the_grid(picker)
        walk.become("learner-1")
        about = walk.open_activity(JOB_HAZARD)
        walk.page.locator("#tool-frame").evaluate(wide)
        _keeps_to_the_grid(about)


def test_no_page_of_the_administration_is_wider_than_its_window(stage, profile):
    with profile(block_third_party=False) as context:
        page = context.new_page()
        with application(stage.settings) as app, app.app_context():
            page.goto(make_link())
        page.get_by_role("button", name="Open the administration").click()
        page.wait_for_url("**/admin/")
        for path in ("", "people", "issuers/", "connect", "connect/canvas/hand"):
            page.goto(f"{stage.tool}/admin/{path}")
            for width in (320, 360, 768, 1024, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
