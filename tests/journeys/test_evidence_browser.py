"""Nothing typed is lost: two tabs, no connection, no cookies, an upload that breaks off. In a real browser."""

from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, expect

from lti_mcred.engine.db import db
from lti_mcred.web.visits import bearer_of
from tests.evidence_helpers import PDF, make_learner
from tests.journeys.alone import Line, tab

pytestmark = pytest.mark.journey


def test_a_page_opens_reloads_and_goes_back_with_no_cookie(context: BrowserContext, learner: dict[str, str]) -> None:
    page = tab(context, learner, "/checklist")
    page.get_by_role("link", name="First analysis").click()
    expect(page.get_by_role("heading", level=1, name="First analysis")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", level=1, name="First analysis")).to_be_visible()
    page.go_back()
    expect(page.locator(".checklist")).to_be_visible()
    assert page.url == learner["work"] + "/checklist"
    assert context.cookies() == []


def test_without_bearer_and_cookie_the_page_says_kindly_what_to_do(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    page = context.new_page()
    page.goto(learner["work"])
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Please open this again from your course")
    expect(page.get_by_text("You have been away for a while")).to_be_visible()
    expect(page).to_have_title("Please open this again from your course")
    expect(heading).to_be_focused()


def test_two_tabs_keep_both_texts_even_after_a_reload(context: BrowserContext, learner: dict[str, str]) -> None:
    one, two = tab(context, learner, "/parts/site"), tab(context, learner, "/parts/site")
    one.locator("#text").fill("from tab one")
    expect(one.locator("[data-save-text]")).to_contain_text("Draft saved")
    two.locator("#text").fill("from tab two")
    expect(two.locator("#text-other")).to_have_value("from tab one")
    two.reload()
    expect(two.locator("#text-other")).to_have_value("from tab one")
    expect(two.locator("#text")).to_have_value("from tab two")


def test_what_is_typed_without_a_connection_is_kept_and_sent_later(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    page = tab(context, learner, "/parts/site")
    context.set_offline(True)
    page.locator("#text").fill("typed on the bus")
    expect(page.locator("[data-save-text]")).to_contain_text("kept in this browser")
    context.set_offline(False)
    expect(page.locator("[data-save-text]")).to_contain_text("Draft saved", timeout=15_000)
    page.reload()
    expect(page.locator("#text")).to_have_value("typed on the bus")


def test_an_upload_that_breaks_off_goes_on_by_itself(
    context: BrowserContext, learner: dict[str, str], line: Line, tmp_path: Path
) -> None:
    film = tmp_path / "long.pdf"
    film.write_bytes(PDF + b"\n%" + b"x" * (5 * 1024 * 1024))  # two pieces
    line.broken_pieces = 1
    page = tab(context, learner, "/parts/A1")
    page.locator("#file").set_input_files(film)
    expect(page.get_by_role("link", name="long.pdf")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("PDF, 5 MB")).to_be_visible()


def test_a_file_that_does_not_fit_is_explained_beside_it(
    context: BrowserContext, learner: dict[str, str], tmp_path: Path
) -> None:
    program = tmp_path / "plan.pdf"
    program.write_bytes(b"MZ\x90\x00" + b"\x00" * 100)
    page = tab(context, learner, "/parts/A1")
    page.locator("#file").set_input_files(program)
    expect(page.locator(".upload__problem")).to_contain_text("plan.pdf is not a kind of file that fits here.")


def test_choosing_another_way_to_show_it_offers_its_files_at_once(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    page = tab(context, learner, "/parts/A3")
    expect(page.locator("#file-hint")).to_have_text("Audio, video. One file of up to 500 MB.")
    expect(page.locator("#file-more p")).to_contain_text("Assessors get a copy without the name of the file")
    page.locator("#alternative-0").check()
    expect(page.locator("#file-hint")).to_contain_text("Up to 6 files")
    expect(page.locator("#alternative-0")).to_be_checked()


def test_errors_take_the_focus_and_lead_to_the_field(context: BrowserContext, learner: dict[str, str]) -> None:
    page = tab(context, learner, "/review")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator(".error-summary")).to_be_focused()
    page.get_by_role("link", name="Confirm that this is your own work").click()
    assert page.url.endswith("#own_work")


def test_the_counter_says_while_one_types_what_is_too_much(context: BrowserContext, learner: dict[str, str]) -> None:
    page = tab(context, learner, "/parts/site")
    aim = page.locator(".counter__aim")
    expect(aim).to_have_text("Aim for 75 to 200 words")
    plain = aim.evaluate("one => getComputedStyle(one).color")
    page.locator("#text").fill("word " * 700)
    expect(aim).to_have_text("500 words over; at most 200")
    assert aim.evaluate("one => getComputedStyle(one).color") != plain
    page.locator("#text").fill("word " * 201)
    expect(aim).to_have_text("1 word over; at most 200")
    page.locator("#text").fill("word " * 200)
    expect(aim).to_have_text("Aim for 75 to 200 words")


def test_a_phone_shows_one_button_to_start_and_links_that_a_thumb_can_hit(
    tool: Flask, line: Line, context: BrowserContext, learner: dict[str, str]
) -> None:
    with tool.app_context():
        fresh = make_learner(tool)
        there = {"id": fresh.visit.id, "bearer": bearer_of(fresh.visit), "site": line.address}
        db.session.remove()
    page = tab(context, {**there, "work": f"{there['site']}/v/{there['id']}/work"}, "/about")
    start = page.get_by_role("button", name="Start this micro-credential")
    for width, buttons in ((360, 1), (1280, 2)):
        page.set_viewport_size({"width": width, "height": 740})
        expect(start).to_have_count(buttons)
    work = tab(context, learner, "/parts/A1")
    work.set_viewport_size({"width": 360, "height": 740})
    work.locator("input[type=file]").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": PDF})
    link = work.locator(".upload__name a")
    link.wait_for()
    assert link.bounding_box()["height"] >= 24
