"""One page meets no conflict with itself, whatever is slow, lost or forbidden. In a real browser."""

import threading
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Page, Route, expect
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Part
from tests.evidence_helpers import PDF
from tests.journeys.alone import Line, tab

pytestmark = pytest.mark.journey
SAVED = "[data-save-text]"
ANOTHER_TAB = "This was also changed in another tab"
# What browsers say where a frame's storage is denied, absent or full.
DENIED = {
    "denied": """for (const name of ["sessionStorage", "localStorage", "indexedDB"])
        Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });""",
    "absent": """for (const name of ["sessionStorage", "localStorage", "indexedDB"])
        Object.defineProperty(window, name, { value: null });""",
    "full": """Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };""",
    "forgetful": """Storage.prototype.setItem = () => undefined;""",
    "old": """delete window.ResizeObserver; delete window.IntersectionObserver; delete crypto.randomUUID;""",
}


def text_on_the_server(tool: Flask, part_id: str = "site") -> str:
    with tool.app_context():
        found = db.session.scalar(select(Part.text).where(Part.part_id == part_id)) or ""
        db.session.remove()
    return found


def arrives(page: Page, tool: Flask, text: str) -> None:
    """Wait until the server holds that text."""
    for _turn in range(200):
        if text_on_the_server(tool) == text:
            return
        page.wait_for_timeout(50)
    assert text_on_the_server(tool) == text


def add_file(page: Page, name: str = "plan.pdf", content: bytes = PDF) -> None:
    page.locator("input[type=file]").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": content})
    page.get_by_role("link", name=name, exact=True).wait_for()
    page.wait_for_load_state("networkidle")


@pytest.fixture(params=["late_saves", "late_answers"])
def slow(request: pytest.FixtureRequest, line: Line) -> None:
    """A server that is slow to take a save, or slow to say so."""
    setattr(line, request.param, 2)


def add(page: Page, text: str) -> None:
    """Type at the end of the box."""
    page.locator("#text").press("ControlOrMeta+End")
    page.locator("#text").press_sequentially(text)


def saving(page: Page, text: str) -> None:
    """Type, and wait until the save is on its way."""
    page.locator("#text").fill(text)
    expect(page.locator(SAVED)).to_have_text("Saving…")


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("press", ["Save and go to the list", "Save and go to the next part"])
def test_a_button_waits_for_the_save_under_way(
    context: BrowserContext, learner: dict[str, str], tool: Flask, press: str
) -> None:
    page = tab(context, learner, "/parts/site")
    saving(page, "first words")
    add(page, " and more")
    page.get_by_role("button", name=press).dblclick()
    page.wait_for_url(lambda address: not address.endswith("/parts/site"))
    assert text_on_the_server(tool) == "first words and more"
    page.goto(learner["work"] + "/parts/site")
    expect(page.locator("#text")).to_have_value("first words and more")
    expect(page.get_by_text(ANOTHER_TAB)).to_have_count(0)


@pytest.mark.usefixtures("slow")
def test_a_link_waits_for_the_save_under_way(context: BrowserContext, learner: dict[str, str], tool: Flask) -> None:
    page = tab(context, learner, "/parts/site")
    saving(page, "first words")
    add(page, " and more")
    page.locator(".eyebrow a").click()
    expect(page.locator(".checklist")).to_be_visible()
    assert text_on_the_server(tool) == "first words and more"


@pytest.mark.usefixtures("slow")
def test_a_reload_in_the_middle_of_a_save_meets_no_other_tab(
    context: BrowserContext, learner: dict[str, str], tool: Flask
) -> None:
    page = tab(context, learner, "/parts/site")
    saving(page, "first words")
    add(page, " and more")
    page.reload()
    expect(page.locator("#text")).to_have_value("first words and more")
    add(page, ", again")
    arrives(page, tool, "first words and more, again")
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    expect(page.get_by_text(ANOTHER_TAB)).to_have_count(0)
    expect(page.locator("#text-other")).to_have_count(0)


def test_what_a_page_said_last_and_could_not_note_is_its_own(
    context: BrowserContext, learner: dict[str, str], tool: Flask, line: Line
) -> None:
    """Where a reload comes to another process of the browser sooner than what the last page kept."""
    context.add_init_script("""{
      const keep = Storage.prototype.setItem;
      Storage.prototype.setItem = function (key, value) {
        if (!["pagehide", "visibilitychange"].includes(window.event?.type)) keep.call(this, key, value);
      };
    }""")
    page = tab(context, learner, "/parts/site")
    line.late_saves = 1
    saving(page, "first words")
    add(page, " and more")
    page.reload()
    line.late_saves = 0
    expect(page.locator("#text")).to_have_value("first words and more")
    add(page, ", again")
    arrives(page, tool, "first words and more, again")
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    expect(page.locator("#text-other")).to_have_count(0)


@pytest.mark.parametrize("answer", [{"revision": 7, "theirs": {}}, {"title": "This one is not open to you any more"}])
def test_an_answer_that_does_not_say_all_that_is_kept_is_never_taken_for_the_pages_own(
    context: BrowserContext, learner: dict[str, str], answer: dict[str, object]
) -> None:
    """As where another page has changed levels alone, which the answer to the rubric does not name."""
    page = tab(context, learner, "/parts/site")
    saves: list[Route] = []

    def refuse(route: Route) -> None:
        if route.request.method == "POST":
            saves.append(route)
            route.fulfill(status=409, json=answer)
        else:
            route.continue_()

    page.route("**/parts/site", refuse)
    page.locator("#text").fill("words")
    expect(page.locator(SAVED)).to_contain_text(ANOTHER_TAB)
    page.wait_for_timeout(2500)  # more than two pauses before a save
    assert len(saves) == 1
    expect(page.locator("#text")).to_have_value("words")


def test_who_types_on_before_the_scripts_have_come_is_shown_no_other_text(
    context: BrowserContext, learner: dict[str, str], tool: Flask, line: Line
) -> None:
    page = tab(context, learner, "/parts/site")
    line.late_answers = 3
    saving(page, "first words")
    arrives(page, tool, "first words")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/autosave.js*", hold)
    page.reload(wait_until="commit")
    expect(page.locator("#text")).to_have_value("first words")
    add(page, " and more")
    for route in held:
        route.continue_()
    arrives(page, tool, "first words and more")
    expect(page.locator("#text-other")).to_have_count(0)


def test_other_forms_of_the_page_wait_for_the_save_under_way(
    context: BrowserContext, learner: dict[str, str], tool: Flask
) -> None:
    page = tab(context, learner, "/parts/A1")
    add_file(page)
    page.route("**/parts/A1", lambda route: _slowly(route) if route.request.method == "POST" else route.continue_())
    saving(page, "a note")
    add(page, " for you")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("link", name="plan.pdf")).to_have_count(0)
    expect(page.locator("#text")).to_have_value("a note for you")
    add_file(page)
    add(page, ", and more")
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    expect(page.get_by_text(ANOTHER_TAB)).to_have_count(0)
    assert text_on_the_server(tool, "A1") == "a note for you, and more"


def _slowly(route) -> None:
    threading.Timer(1.5, lambda: None).run()
    route.continue_()


def test_a_page_that_is_left_at_once_sends_what_was_typed(
    context: BrowserContext, learner: dict[str, str], tool: Flask
) -> None:
    page = tab(context, learner, "/parts/site")
    page.locator("#text").fill("typed, and gone")
    page.goto("about:blank")
    for _time in range(50):
        if text_on_the_server(tool):
            break
        page.wait_for_timeout(100)
    assert text_on_the_server(tool) == "typed, and gone"
    page.go_back()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#text")).to_have_value("typed, and gone")
    add(page, " again")
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    assert text_on_the_server(tool) == "typed, and gone again"


def test_an_upload_whose_answers_are_lost_becomes_one_file(
    context: BrowserContext, learner: dict[str, str], line: Line, tmp_path: Path
) -> None:
    film = tmp_path / "long.pdf"
    film.write_bytes(PDF + b"\n%" + b"x" * (5 * 1024 * 1024))
    line.lost_answers = 4
    page = tab(context, learner, "/parts/A5")  # takes one file
    page.locator("#file").set_input_files(film)
    expect(page.get_by_role("link", name="long.pdf")).to_have_count(1, timeout=40_000)
    page.get_by_role("button", name="Remove").wait_for()
    assert line.lost_answers == 0


def test_the_same_file_chosen_again_is_said_to_be_there(context: BrowserContext, learner: dict[str, str]) -> None:
    page = tab(context, learner, "/parts/A1")
    where = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    for times in (0, 1, 1):
        page.locator("#file").set_input_files(where)
        expect(page.locator(".upload__actions")).to_have_count(1)
        expect(page.get_by_text("“plan.pdf” is here already")).to_have_count(times)
        page.wait_for_load_state("networkidle")


def test_what_arrived_and_what_was_refused_are_told_apart_and_a_full_disk_is_said_at_once(
    context: BrowserContext, learner: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tab(context, learner, "/parts/A1")
    pdf = {"name": "plan.pdf", "mimeType": "application/pdf", "buffer": PDF}
    page.locator("#file").set_input_files([pdf, {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"words"}])
    rows = page.locator("[data-upload-list] > li")
    expect(rows.nth(1)).to_contain_text("notes.txt is not a kind of file that fits here.")
    expect(rows.nth(0)).to_contain_text("plan.pdf is uploaded")
    expect(rows.get_by_role("button")).to_have_text(["Close"])
    monkeypatch.setattr("lti_mcred.evidence.storage.LocalStorage.free", lambda _store: 0)
    page.locator("#file").set_input_files({**pdf, "name": "more.pdf", "buffer": PDF + b"\n"})
    expect(rows.nth(2)).to_contain_text("There is no room for files here at the moment.")


def test_a_text_that_was_refused_is_saved_by_a_link_once_it_fits(
    context: BrowserContext, learner: dict[str, str], tool: Flask
) -> None:
    page = tab(context, learner, "/parts/site")
    page.locator("#text").fill("x" * 60_001)
    expect(page.locator(SAVED)).to_contain_text("There is room for 60000 characters.")
    page.locator("#text").fill("short enough")
    page.locator(".eyebrow a").click()
    expect(page.locator(".checklist")).to_be_visible()
    assert text_on_the_server(tool) == "short enough"


def test_a_choice_that_another_tab_saved_is_told_beside_the_one_made_here(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    first, second = (tab(context, learner, "/parts/A1") for _tab in range(2))
    first.get_by_label("Yes, and they agreed").check()
    first.locator("#others-note").fill("form 7")
    expect(first.locator(SAVED)).to_contain_text("Draft saved")
    second.get_by_label("No", exact=True).check()
    expect(second.locator(SAVED)).to_contain_text(ANOTHER_TAB)
    expect(second.locator(".choice", has_text="Chosen in the other tab")).to_contain_text("Yes, and they agreed")
    expect(second.locator("#others-note-other")).to_have_value("form 7")


def test_a_box_that_was_unticked_without_a_connection_stays_unticked(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    page = tab(context, learner, "/review")
    page.get_by_label("This is my own work").check()
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    page.route("**/work/review", lambda route: route.abort() if route.request.method == "POST" else route.continue_())
    page.get_by_label("This is my own work").uncheck()
    expect(page.locator(SAVED)).to_contain_text("We cannot reach the server")
    page.reload()
    expect(page.get_by_label("This is my own work")).not_to_be_checked()


@pytest.mark.parametrize("how", DENIED)
def test_every_script_survives_a_browser_that_keeps_nothing(
    context: BrowserContext, learner: dict[str, str], tool: Flask, how: str
) -> None:
    page = tab(context, learner, "/parts/A1")
    address = f"{learner['work']}/parts/A1"
    context.set_extra_http_headers({"Authorization": f"Visit {learner['bearer']}"})  # in a cookie's place
    problems: list[str] = []
    page.on("pageerror", lambda problem: problems.append(str(problem)))
    page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
    page.add_init_script(DENIED[how])
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.locator("#text").fill("no storage here")
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    add_file(page)
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_role("link", name="plan.pdf")).to_have_count(0)
    page.locator("#text").fill("no storage here at all")
    page.get_by_role("button", name="Save and go").first.click()
    page.wait_for_url(lambda reached: reached.split("#")[0] != address)
    assert text_on_the_server(tool, "A1") == "no storage here at all"
    assert problems == []


def test_japanese_is_counted_while_one_types_as_the_server_counts_it(
    context: BrowserContext, learner: dict[str, str]
) -> None:
    page = tab(context, learner, "/parts/site")
    rule = page.get_by_text("In Chinese and Japanese, two characters count as one word.")
    expect(rule).to_be_hidden()
    page.locator("#text").fill("生垣のそばの道路です。" * 20)
    expect(page.locator("[data-count]")).to_have_text("100 words")
    expect(rule).to_be_visible()
    expect(page.locator(SAVED)).to_contain_text("Draft saved")
    page.goto(learner["work"] + "/checklist")
    expect(page.locator(".checklist")).to_contain_text("100 words")
