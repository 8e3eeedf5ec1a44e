"""The tool by itself, a started learner, and tabs that hold her visit: pages of the work without an LMS around them."""

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from flask import Flask, Response, request
from playwright.sync_api import Browser, BrowserContext, Page

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db
from lti_mcred.settings import Settings
from lti_mcred.web.visits import bearer_of
from tests.evidence_helpers import make_learner
from tests.journeys.browsers import Browsers
from tests.served import served


@dataclass
class Line:
    """What a bad line does, for a test to set, and where the tool is served.

    Pieces that do not arrive, answers to pieces that do not come back, seconds by which what the scripts save comes
    late, or the answer to it.
    """

    broken_pieces: int = 0
    lost_answers: int = 0
    late_saves: int = 0
    late_answers: int = 0
    address: str = ""


@pytest.fixture
def line() -> Line:
    """The line between the browser and the tool: a good one."""
    return Line()


@pytest.fixture
def tool(tmp_path: Path, line: Line) -> Iterator[Flask]:
    """The tool by itself, served on a free port."""
    app = create_app(
        Settings.load(
            {},
            environment="development",
            database_url=f"sqlite:///{tmp_path}/tool.sqlite3",
            data_dir=str(tmp_path / "data"),
            log_level="ERROR",
        )
    )

    @app.before_request
    def break_off() -> Response | None:
        if request.path.endswith("/pieces") and request.form.get("offset") and line.broken_pieces > 0:
            line.broken_pieces -= 1
            return Response("the line is dead", 503)
        if _is_save():
            time.sleep(line.late_saves)
        return None

    @app.after_request
    def lose(answer: Response) -> Response:
        if request.path.endswith("/pieces") and request.form.get("offset") and line.lost_answers > 0:
            line.lost_answers -= 1
            return Response("the line is dead", 503)
        if _is_save():
            time.sleep(line.late_answers)
        return answer

    with app.app_context():
        db.create_all()

    def whole(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        # A browser that leaves while werkzeug's server answers keeps the answer, and its file, from being closed.
        with closing(app(environ, start)) as parts:
            return [b"".join(parts)]

    with served(whole) as port:
        line.address = f"http://127.0.0.1:{port}"
        yield app
    with app.app_context():
        close_connections()


@pytest.fixture(scope="session")
def browser(browsers: Browsers) -> Browser:
    """A browser of this test process: tests share it, and nothing that they keep in it."""
    return browsers.of()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A new browser's memory: no cookies, no storage, and none of what another test left."""
    found = browser.new_context(locale="en-US")
    yield found
    found.close()


@pytest.fixture
def learner(tool: Flask, line: Line) -> dict[str, str]:
    """A started learner's visit: where it is and what opens it."""
    with tool.app_context():
        made = make_learner(tool).start()
        found = {"id": made.visit.id, "bearer": bearer_of(made.visit), "site": line.address}
        db.session.remove()
    return {**found, "work": f"{found['site']}/v/{found['id']}/work"}


def tab(context: BrowserContext, learner: dict[str, str], path: str) -> Page:
    """Open a tab that holds the visit's bearer, as a launch leaves it, and no cookie."""
    page = context.new_page()
    page.goto(f"{learner['site']}/healthz")
    page.evaluate("([key, value]) => sessionStorage.setItem(key, value)", [f"visit:{learner['id']}", learner["bearer"]])
    page.goto(learner["work"] + path)
    page.locator("h1").filter(has_not_text="Opening").wait_for()
    page.wait_for_load_state("networkidle")  # the page's scripts have come too
    return page


def _is_save() -> bool:
    return request.method == "POST" and request.path.endswith("/parts/site") and "json" in request.headers["Accept"]
