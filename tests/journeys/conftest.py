"""A running tool and practice LMS, and real browsers with third-party cookies blocked or allowed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import BrowserContext, expect

from lti_mcred.trial.demo import CAMPUSES, Stack
from lti_mcred.trial.story import Story
from tests.journeys.alone import browser, context, learner, line, tool
from tests.journeys.browsers import DESK, PHONE, browsers, playwright, profile
from tests.journeys.people import enrol
from tests.stacks import stack

# The folder for pictures of every page that is looked at; without one, tests of pictures alone take theirs.
PICTURES = os.environ.get("LTI_MCRED_PICTURES", "")
AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")

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
def pictures() -> Path:
    """Where screenshots go: those of the documentation are renewed by `make pictures` only."""
    folder = Path(PICTURES or "test-results/pictures")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


Profile = Callable[..., Iterator[BrowserContext]]
__all__ = [
    "AXE", "DESK", "PHONE", "PICTURES", "Profile", "browser", "browsers", "context", "learner", "line", "playwright",
    "profile", "tool",
]  # fmt: skip
