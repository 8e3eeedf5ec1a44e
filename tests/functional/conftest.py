"""What stands in front of the tool, and campuses of the practice LMS: with the tool installed, or before it comes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lms_fixtures import canvas_lms, canvas_with_pages, lms, lms_with_activity, lms_with_pages, lms_with_tokens
from tests.practice_helpers import Campus, opened_campus

__all__ = [
    "canvas_lms", "canvas_with_pages", "lms", "lms_with_activity", "lms_with_pages", "lms_with_tokens",
]  # fmt: skip
CAMPUSES = ("canvas", "moodle")


@pytest.fixture(params=CAMPUSES)
def campus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Campus]:
    """Each campus, with the tool installed."""
    with opened_campus(tmp_path, request.param) as found:
        yield found


@pytest.fixture
def canvas(tmp_path: Path) -> Iterator[Campus]:
    """The Canvas campus, with the tool installed."""
    with opened_campus(tmp_path, "canvas") as found:
        yield found


@pytest.fixture
def moodle(tmp_path: Path) -> Iterator[Campus]:
    """The Moodle campus, with the tool installed."""
    with opened_campus(tmp_path, "moodle") as found:
        yield found


@pytest.fixture(params=CAMPUSES)
def bare_campus(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Campus]:
    """Each campus, without any tool."""
    with opened_campus(tmp_path, request.param, installed=False) as found:
        yield found


@pytest.fixture
def bare_canvas(tmp_path: Path) -> Iterator[Campus]:
    """The Canvas campus, without any tool."""
    with opened_campus(tmp_path, "canvas", installed=False) as found:
        yield found


@pytest.fixture
def bare_moodle(tmp_path: Path) -> Iterator[Campus]:
    """The Moodle campus, without any tool."""
    with opened_campus(tmp_path, "moodle", installed=False) as found:
        yield found
