"""A running tool and practice LMS, and real browsers with third-party cookies blocked or allowed."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Browser, BrowserContext, Playwright, expect, sync_playwright

from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.story import Story
from tests.journeys.alone import ARGUMENTS, browser, context, learner, line, tool
from tests.journeys.people import enrol
from tests.stacks import stack

# The last such flag counts; this one leaves out ThirdPartyStoragePartitioning, which Playwright switches off.
PARTITIONED_STORAGE = "--disable-features=Translate,HttpsUpgrades,MediaRouter,OptimizationHints,PaintHolding"
# The folder for pictures of every page that is looked at; without one, tests of pictures alone take theirs.
PICTURES = os.environ.get("LTI_MCRED_PICTURES", "")
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


# Machines that run tests are noisy; what does not come at all still fails.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Both processes, registered with each other, for the journeys of this test process."""
    with stack(tmp_path_factory.mktemp("journey")) as found:
        yield found


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A second pair of processes whose course has two activities on each campus; tests bring learners of their own."""
    with stack(tmp_path_factory.mktemp("stage")) as found:
        for campus in CAMPUSES:
            Story(found, campus).teacher_adds()
        yield found


@pytest.fixture
def newcomer(stage: Stack) -> Callable[[str], str]:
    """A function that enrols one more learner on a campus and returns her key."""
    return lambda campus: enrol(stage, campus)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as found:
        yield found


@pytest.fixture(scope="session")
def profile(playwright: Playwright, chromium: str, plain_chromium: str, tmp_path_factory: pytest.TempPathFactory):
    """A function that opens a browser profile with third-party cookies blocked or allowed."""

    @contextmanager
    def opened(
        *, block_third_party: bool, forbid: Stack | None = None, everywhere: bool = False, storage: bool = False,
        viewport: dict[str, int] = DESK, **options,
    ) -> Iterator[BrowserContext]:  # fmt: skip
        """`forbid`: this tool may keep nothing at all inside this LMS, neither cookies (not even partitioned ones) nor
        storage; in its own window it may, unless `everywhere`. `storage`: frames have a storage of their own, as in a
        browser that people use (Playwright switches that off, and then blocked cookies mean denied storage)."""
        home = tmp_path_factory.mktemp("chromium")
        (home / "Default").mkdir()
        settings = {
            "cookie_controls_mode": 1 if block_third_party else 0,
            "block_third_party_cookies": block_third_party,
        }
        if forbid:
            exception = {f"{forbid.tool},{'*' if everywhere else forbid.practice}": {"setting": 2}}
            settings["content_settings"] = {"exceptions": {"cookies": exception}}
        (home / "Default" / "Preferences").write_text(json.dumps({"profile": settings}), encoding="utf-8")
        program = chromium if block_third_party or forbid or storage else plain_chromium
        context = playwright.chromium.launch_persistent_context(
            home, executable_path=program, args=[*ARGUMENTS, *([PARTITIONED_STORAGE] if storage else [])],
            viewport=viewport, locale="en-US", **options,
        )  # fmt: skip
        try:
            yield context
        finally:
            context.close()

    return opened


@pytest.fixture(scope="session")
def pictures() -> Path:
    """Where screenshots go: those of the documentation are renewed by `make pictures` only."""
    folder = Path(PICTURES or "test-results/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


Profile = Callable[..., Iterator[BrowserContext]]
__all__ = [
    "ARGUMENTS", "AXE", "DESK", "PHONE", "PICTURES", "Browser", "Profile", "browser", "context", "learner", "line",
    "tool",
]  # fmt: skip
