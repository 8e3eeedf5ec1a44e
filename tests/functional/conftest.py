"""Who and what tests of the whole program begin with: LMSs, people at work, campuses of the practice LMS."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.admin_helpers import Operator, sign_in
from tests.evidence_helpers import Learner, make_learner
from tests.grading_helpers import Browser, World, world
from tests.lms_fixtures import canvas_lms, canvas_with_pages, lms, lms_with_activity, lms_with_pages, lms_with_tokens
from tests.practice_helpers import Campus, opened_campus

__all__ = [
    "canvas_lms", "canvas_with_pages", "lms", "lms_with_activity", "lms_with_pages", "lms_with_tokens",
]  # fmt: skip
CAMPUSES = ("canvas", "moodle")


@pytest.fixture
def operator(client: FlaskClient) -> Operator:
    """An operator who is signed in."""
    return sign_in(client)


@pytest.fixture
def learner(app: Flask) -> Learner:
    """A learner who has started."""
    return make_learner(app).start()


@pytest.fixture
def here(app: Flask) -> World:
    """A course in Canvas with a link, a learner, a teacher and an assessor."""
    return world()


@pytest.fixture
def teacher(here: World, client: FlaskClient) -> Browser:
    """The browser of the teacher who is here."""
    return Browser(client, here.teaching())


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
