"""Browsers: one of each kind a test process, and in it a profile of its own for each test that asks for one.

Chromium's shell without a window costs half of what Chromium costs. It has no settings, but two flags say the same as
the setting that blocks third-party cookies; `test_browsers.py` asks both. Where it is not installed Chromium stands in.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, sync_playwright

from lti_mcred.trial.demo import Stack

ARGUMENTS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# The last such flag counts; this one leaves out ThirdPartyStoragePartitioning, which Playwright switches off.
PARTITIONED_STORAGE = "--disable-features=Translate,HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding"
BLOCKED_COOKIES = "--test-third-party-cookie-phaseout"
# What Chromium does in a frame of another site where its cookies are blocked and storage is not partitioned.
DENIED_STORAGE = """(() => {
  const top = location.ancestorOrigins[location.ancestorOrigins.length - 1];
  if (!top || new URL(top).hostname === location.hostname) return;
  for (const name of ["sessionStorage", "localStorage"]) {
    const denied = () => { throw new DOMException(`Failed to read the '${name}' property`, "SecurityError"); };
    Object.defineProperty(window, name, { get: denied });
  }
})();"""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


class Browsers:
    """The browsers of this test process, each with its flags, opened when they are first asked for."""

    def __init__(self, playwright: Playwright, program: str) -> None:
        self._playwright, self._program = playwright, program
        self._open: dict[tuple[str, ...], Browser] = {}

    def of(self, *flags: str) -> Browser:
        """Return the browser with these flags: tests share it, and nothing that they keep in it."""
        if flags not in self._open:
            self._open[flags] = self._playwright.chromium.launch(
                executable_path=self._program, args=[*ARGUMENTS, *flags]
            )
        return self._open[flags]

    def close(self) -> None:
        """Close them all."""
        for browser in self._open.values():
            browser.close()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def browsers(playwright: Playwright, plain_chromium: str) -> Iterator[Browsers]:
    """The browsers of this test process that need no settings."""
    found = Browsers(playwright, plain_chromium)
    yield found
    found.close()


@contextmanager
def with_settings(
    playwright: Playwright, chromium: str, home: Path, settings: dict[str, Any], *flags: str, **options: Any
) -> Iterator[BrowserContext]:
    """Open a Chromium of its own whose profile has these settings."""
    (home / "Default").mkdir()
    (home / "Default" / "Preferences").write_text(json.dumps({"profile": settings}), encoding="utf-8")
    context = playwright.chromium.launch_persistent_context(
        home, executable_path=chromium, args=[*ARGUMENTS, *flags], locale="en-US", **options
    )
    try:
        yield context
    finally:
        context.close()


def blocking(*, block_third_party: bool) -> dict[str, Any]:
    """Return the settings of a profile that blocks third-party cookies, or allows them."""
    return {"cookie_controls_mode": 1 if block_third_party else 0, "block_third_party_cookies": block_third_party}


@contextmanager
def without_settings(
    browsers: Browsers, *, block_third_party: bool, storage: bool, **options: Any
) -> Iterator[BrowserContext]:
    """Open a profile in a shared browser whose flags block third-party cookies, or allow them."""
    flags = [PARTITIONED_STORAGE] if storage or block_third_party else []
    context = browsers.of(*flags, *([BLOCKED_COOKIES] if block_third_party else [])).new_context(
        locale="en-US", **options
    )
    if block_third_party and not storage:
        context.add_init_script(DENIED_STORAGE)
    context.new_page()  # as a browser that has just been opened
    try:
        yield context
    finally:
        context.close()


@pytest.fixture(scope="session")
def profile(
    playwright: Playwright, browsers: Browsers, chromium: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Any]:
    """A function that opens a browser profile with third-party cookies blocked or allowed."""

    @contextmanager
    def opened(
        *, block_third_party: bool, forbid: Stack | None = None, everywhere: bool = False, storage: bool = False,
        viewport: dict[str, int] = DESK, **options: Any,
    ) -> Iterator[BrowserContext]:  # fmt: skip
        """`forbid`: this tool may keep nothing at all inside this LMS, neither cookies (not even partitioned ones) nor
        storage; in its own window it may, unless `everywhere`. `storage`: frames have a storage of their own, as in a
        browser that people use (Playwright switches that off, and then blocked cookies mean denied storage)."""
        options["viewport"] = viewport
        if not forbid:
            with without_settings(browsers, block_third_party=block_third_party, storage=storage, **options) as context:
                yield context
            return
        exception = {f"{forbid.tool},{'*' if everywhere else forbid.practice}": {"setting": 2}}
        settings = {
            **blocking(block_third_party=block_third_party),
            "content_settings": {"exceptions": {"cookies": exception}},
        }
        home = tmp_path_factory.mktemp("chromium")
        flags = [PARTITIONED_STORAGE] if storage else []
        with with_settings(playwright, chromium, home, settings, *flags, **options) as context:
            yield context

    return opened
