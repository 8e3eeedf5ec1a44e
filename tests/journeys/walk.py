"""Walking through both sites as a person: in a frame of the practice LMS, with every page checked on the way."""

import re
from collections.abc import Callable
from contextlib import suppress
from fnmatch import fnmatch
from pathlib import Path

from playwright.sync_api import BrowserContext, ConsoleMessage, Frame, Locator, Page, expect
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import TimeoutError as NoAnswer

from lti_mcred.trial.demo import Stack
from tests.journeys.conftest import AXE, PICTURES

_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # what passes is not described
    "iframes": False,  # each frame is looked at by itself
}
COURSE = {"canvas": 5120, "moodle": 2}
_WHERE = "[scrollY, document.documentElement.scrollHeight, document.querySelector('#tool-frame')?.height]"
# What stays in sight while a page scrolls lies over whatever happens to be there at the moment, and axe would call the
# targets under it too small. So each stands in its own place while axe looks.
_LOOK = """async rules => {
  const stays = [...document.querySelectorAll("*")].filter(one => getComputedStyle(one).position === "sticky");
  stays.forEach(one => one.style.setProperty("position", "static", "important"));
  try {
    return await axe.run(document, rules);
  } finally {
    stays.forEach(one => one.style.removeProperty("position"));
  }
}"""
# Pages of the LMS that axe has looked at, in this test process.
_AROUND: set[tuple[int, str]] = set()
_NUMBERS = re.compile(r"(?<!<)/[^\s\"'<>]*|\d+")
_STILL = 4  # looks in a row, a twentieth of a second apart
# Sites' own failures to load something are counted by `missing`, with their address.
_NOISE = ("Failed to load resource",)


class Walk:
    """One person's browser on one campus."""

    def __init__(
        self, context: BrowserContext, running: Stack, campus: str, pictures: Path, *, new: bool = False
    ) -> None:
        self.running, self.campus, self.pictures = running, campus, pictures
        self.practice = f"{running.practice}/{campus}"
        self.page = context.pages[0] if context.pages and not new else context.new_page()
        self.page.set_default_timeout(15_000)
        self.complaints: list[str] = []
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.complaints.append(f"error: {error.error}"))
        context.on(
            "response",
            lambda answer: self.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
        )

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_NOISE):
            self.complaints.append(f"{message.type}: {message.text}")

    # Ways ---------------------------------------------------------------------------------------------------------

    def become(self, who: str) -> None:
        """Sign in to the practice LMS as one of its people; who was enrolled later has no button there."""
        if who.startswith("extra-"):
            self.page.context.request.post(f"{self.practice}/sign-in", form={"person": who})
            return
        self.page.goto(f"{self.practice}/")
        self.page.locator(f"form#sign-in-{who} button").click()
        self.page.wait_for_load_state()

    def course(self) -> None:
        """Open the course page."""
        self.page.goto(f"{self.practice}/courses/{COURSE[self.campus]}")

    def open_activity(self, title: str) -> Frame:
        """Open an activity from the course page; return the tool's frame."""
        self.press(title)
        return self.tool()

    def press(self, title: str) -> Frame:
        """Open an activity from the course page; return the tool's frame, whatever it shows."""
        self.course()
        self.page.get_by_role("link", name=title).first.click()
        return self.frame()

    def frame(self) -> Frame:
        """Return the tool's frame, whatever it shows."""
        element = self.page.wait_for_selector("#tool-frame")
        found = element.content_frame() if element else None
        assert found
        return found

    def open_menu(self) -> Frame:
        """Open the tool from the course menu."""
        self.course()
        self.page.get_by_role("link", name="Micro-credentials", exact=True).first.click()
        return self.tool()

    def tool(self) -> Frame:
        """Wait until the tool's frame shows a page of a visit, and return it."""
        frame = self.frame()
        at(frame, "*/v/*")
        return frame

    # Checks -------------------------------------------------------------------------------------------------------

    def look(self, name: str, frame: Frame | None = None, *, picture: bool = True) -> None:
        """Check the page as it stands: axe, no sideways scrolling; take its picture where pictures are wanted."""
        place = frame or self.page.main_frame
        place.wait_for_load_state()
        if picture and PICTURES:
            self.page.screenshot(path=self.pictures / f"{self.campus}-{self._width()}-{name}.png")
        for one in dict.fromkeys((place, self.page.main_frame)):
            self._accessible(name, one, around=one is not place)
            wide = one.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert wide <= 1, f"{name} scrolls sideways by {wide} px at {self._width()} px"

    def _accessible(self, name: str, frame: Frame, *, around: bool) -> None:
        """Let axe look, but once only at a page of the LMS around the tool's, numbers and addresses aside."""
        as_it_stands = (self._width(), _NUMBERS.sub("#", frame.content())) if around else None
        if as_it_stands in _AROUND:
            return
        problems = violations(frame)
        assert not problems, f"{name} at {self._width()} px ({frame.url}): {problems}"
        if as_it_stands:
            _AROUND.add(as_it_stands)

    def no_complaints(self) -> None:
        """Nothing went wrong in the console or on the wire."""
        assert self.complaints == []

    def eventually(self, check: Callable[[], bool], what: str, seconds: float = 20) -> None:
        """Wait until `check` holds."""
        for _turn in range(int(seconds / 0.25)):
            if check():
                return
            self.page.wait_for_timeout(250)
        raise AssertionError(f"{what} did not happen within {seconds} s")

    def _width(self) -> int:
        return (self.page.viewport_size or {"width": 0})["width"]


def shown(place: Page | Frame) -> None:
    """Wait until a page of the tool stands there instead of the shell that fetches it."""
    place.wait_for_selector("main#main h1")
    expect(place.locator("[data-visit]")).to_have_count(0)
    if place.locator("script[src$='/js/app.js']").count():
        place.wait_for_selector("body.in-frame, body.own-window")
    _still(place if isinstance(place, Page) else place.page)


def _still(page: Page) -> None:
    """Wait until the LMS's page has done what the frame asked for (its height, back to the top).

    A click is aimed from outside the frame; while the page moves it would land elsewhere.
    """
    before, same = None, 0
    for _turn in range(100):
        try:
            now = page.evaluate(_WHERE)
        except PlaywrightError:  # it was on its way to another page
            page.wait_for_load_state()
            continue
        same = same + 1 if now == before else 0
        if same == _STILL:
            return
        before = now
        page.wait_for_timeout(50)
    message = f"the page around the frame does not come to rest: {before}, {now}"
    raise AssertionError(message)


def enter(target: Locator) -> None:
    """Press Enter on a link or button that leaves the page; `at` says whether it was left.

    The browser may drop the page together with its answer to the key, which would be waited for in vain.
    """
    target.focus()
    with suppress(NoAnswer):
        target.press("Enter", timeout=3000)


def at(place: Page | Frame, pattern: str) -> None:
    """Wait until the page of that address stands there.

    Looked at from outside: a page that is written has no "load", and forms that send themselves abort each other.
    """
    page = place if isinstance(place, Page) else place.page
    for _turn in range(300):
        if fnmatch(place.url, pattern):
            return shown(place)
        page.wait_for_timeout(50)
    message = f"{pattern} was not reached; the page is {place.url}"
    raise AssertionError(message)


def violations(frame: Frame) -> list[str]:
    """Return what axe-core finds in one frame: rule, and the first element."""
    frame.evaluate(AXE)
    found = frame.evaluate(_LOOK, _RULES)
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:160]} {one['nodes'][0]['failureSummary'][:200]}"
        for one in found["violations"]
    ]


__all__ = ["Walk", "at", "enter", "expect", "shown", "violations"]
