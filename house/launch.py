"""The files of ours that one login and one launch walk through, found by walking: in this process, on SQLite.

The application is made, the platform's keys are in memory, and the same learner has launched the same link before:
that is the launch that a tool does all day. A file counts once one of its functions has run; what Python keeps ready
(modules, classes, answers in a cache) and what a dataclass writes for itself do not count.
"""

import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.app import create_app
from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import close_connections, db
from lti_mcred.engine.quick import give_back
from lti_mcred.settings import Settings
from tests.conformance.lms import Lms, with_activity
from tests.tables import lay_empty

_AS_A_BROWSER = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


@dataclass(frozen=True)
class Walk:
    """The files that ran, in the order in which they were entered, as paths from the package's folder on.

    `launch`: from the login to the redirect to the first page. `page`: what more runs to show that page at once.
    """

    launch: list[str]
    page: list[str]


def walk(package: Path) -> Walk:
    """Launch twice as a known learner, once for each kind of answer, and return what ran in `package`."""
    with tempfile.TemporaryDirectory(prefix="lti-mcred-house-") as folder, _lms(Path(folder)) as (lms, activity):
        for headers in ({}, _AS_A_BROWSER):
            _launch(lms, lms.client, activity, headers)
        bare = entered(package, lambda: _launch(lms, lms.client, activity, {}))
        whole = entered(package, lambda: _launch(lms, lms.client, activity, _AS_A_BROWSER))
    return Walk(bare, [file for file in whole if file not in bare])


def entered(package: Path, perform: Callable[[], object]) -> list[str]:
    """Return the files below `package` of which a function runs while `perform` does, in this thread or a new one."""
    found: dict[str, None] = {}
    inside = f"{package.resolve()}/"

    def note(frame: FrameType, event: str, _about: object) -> None:
        if event == "call" and _is_function(frame.f_code):
            found.setdefault(frame.f_code.co_filename)

    before = sys.getprofile()
    threading.setprofile(note)
    sys.setprofile(note)
    try:
        perform()
    finally:
        sys.setprofile(before)
        threading.setprofile(None)
    return [file.removeprefix(inside) for file in found if file.startswith(inside)]


def _is_function(code: CodeType) -> bool:
    """Whether a call is one of a function, not the run of a module or of a class's body."""
    return bool(code.co_flags & 0x1)  # CO_OPTIMIZED


@contextmanager
def _lms(folder: Path) -> Iterator[tuple[Lms, str]]:
    """Put a registered platform in front of the tool, and name an activity of its course."""
    settings = Settings.load(
        {},
        environment="development",
        public_url="http://127.0.0.1:8000",
        database_url=f"sqlite:///{folder}/tool.sqlite3",
        data_dir=str(folder / "data"),
        log_level="WARNING",
    )
    lay_empty(settings)
    app = create_app(settings)
    with app.app_context():
        lms = with_activity(app, app.test_client())
        activity = db.session.scalars(select(Activity.id)).one()
    yield lms, activity
    with app.app_context():
        give_back()
        close_connections()


def _launch(lms: Lms, client: FlaskClient, activity: str, headers: dict[str, Any]) -> None:
    """Log in and launch the activity."""
    asked = lms.login(client)
    claims = lms.claims(asked["nonce"], custom={"activity": activity})
    form = {"id_token": lms.sign(claims), "state": asked["state"]}
    answer = client.post("/lti/launch", data=form, headers=headers)
    assert answer.status_code == (200 if headers else 303), answer.text
