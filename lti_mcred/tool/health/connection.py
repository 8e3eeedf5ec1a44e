"""The connection test of an LMS: asked for in the browser and run by a worker, or run at once by the command line.

A report is kept for each installation, the newest one. A test makes a grade column, so it runs at most once: one that
broke off says so and is not tried again by itself.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale, get_locale
from flask_babel import gettext as _
from sqlalchemy import delete, select, update

from lti_mcred import outbox
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.tool.health import checks
from lti_mcred.tool.health.checks import Line
from lti_mcred.tool.health.services import column_and_score, ground_of, opened_from, roster, untried
from lti_mcred.tool.known.models import ConnectionTest, Deployment, Platform
from lti_mcred.tool.profiles.base import TOOL_ADMIN

TOPIC = "connection.test"
_PATIENCE = timedelta(minutes=10)
_OVERDUE = timedelta(minutes=2)
_MOST_SHOWN = 100


@dataclass(frozen=True)
class Report:
    """A test as pages and the command line show it. `deployment_id`: the LMS's; "" where there is none yet."""

    deployment_id: str
    state: str
    asked_at: datetime
    finished_at: datetime | None
    lines: tuple[Line, ...]

    @property
    def overdue(self) -> bool:
        """Whether it should be done by now. One that nobody has begun by then tells that nothing is delivering."""
        return self.state != "done" and utcnow() - self.asked_at > _OVERDUE

    @property
    def failed(self) -> int:
        """How many lines failed."""
        return sum(line.state == "failed" for line in self.lines)

    @property
    def waiting(self) -> int:
        """How many lines could not be tried yet."""
        return sum(line.state == "waiting" for line in self.lines)


def start(platform: Platform, deployment: Deployment | None = None) -> None:
    """Let a worker test the connection of an installation; one that is under way already is enough. Commits."""
    now = utcnow()
    deployment_id = deployment.id if deployment else None
    under_way = select(ConnectionTest.id).where(
        *_same(platform.id, deployment_id), ConnectionTest.state != "done", ConnectionTest.asked_at > now - _PATIENCE
    )
    if db.session.scalar(under_way.limit(1)):
        return
    row = ConnectionTest(platform_id=platform.id, deployment_id=deployment_id)
    db.session.add(row)
    db.session.flush()
    outbox.put(TOPIC, platform.id, {"test": row.id, "language": str(get_locale() or "en")})
    db.session.commit()
    outbox.wake()


def perform(payload: dict[str, Any]) -> outbox.Outcome:
    """Run a test that was asked for: the handler of its outbox row. A test that was begun before is not run again.

    A slow LMS may keep one worker beyond its lease; the next one then waits, and only much later calls it broken off.
    """
    first = update(ConnectionTest).where(ConnectionTest.id == payload["test"], ConnectionTest.state == "waiting")
    begun = changed(first.values(state="running"))
    db.session.commit()
    row = db.session.get(ConnectionTest, payload["test"])
    if row is None or row.state == "done":
        return outbox.Done()
    if not begun and row.asked_at > utcnow() - _PATIENCE:
        return outbox.Later("the test is under way", _PATIENCE.total_seconds())
    with force_locale(payload["language"]):
        if begun:
            _finish(row, _lines(db.session.get_one(Platform, row.platform_id), row.deployment))
        else:
            words = _("The test broke off in the middle. A grade column “Connection test” may be left in a course.")
            _finish(row, [checks.failed("column", words, TOOL_ADMIN)])
    return outbox.Done()


def run_now(platform: Platform, deployment: Deployment | None = None) -> Report:
    """Test the connection of an installation, keep the report and return it. Commits."""
    row = ConnectionTest(platform_id=platform.id, deployment_id=deployment.id if deployment else None, state="running")
    db.session.add(row)
    db.session.commit()
    _finish(row, _lines(platform, deployment))
    return _report(row)


def latest(platform: Platform, deployment_ids: Sequence[str] | None = None) -> list[Report]:
    """Return the newest report of each installation, or of these alone (ids of ours), the newest first.

    An LMS's administrator is shown her own installation alone.
    """
    query = select(ConnectionTest).where(ConnectionTest.platform_id == platform.id)
    if deployment_ids is not None:
        query = query.where(ConnectionTest.deployment_id.in_(deployment_ids))
    found: dict[str | None, ConnectionTest] = {}
    for row in db.session.scalars(query.order_by(ConnectionTest.id.desc()).limit(_MOST_SHOWN)):
        found.setdefault(row.deployment_id, row)
    return [_report(row) for row in found.values()]


def _lines(platform: Platform, deployment: Deployment | None) -> list[Line]:
    first = [checks.address(), checks.key_set(platform)]
    token, granted = checks.token(platform)
    return [*first, token, *_services(platform, deployment, granted), opened_from(platform, deployment)]


def _services(platform: Platform, deployment: Deployment | None, granted: tuple[str, ...]) -> list[Line]:
    """Return the lines that need an access token."""
    if not granted:
        words = _("This needs an access token, see above.")
        return [checks.not_tried("scopes", words), *untried(words)]
    rights = checks.rights(granted)
    if deployment is None:
        return [rights, *untried(_("Nobody has opened this tool from the LMS yet. Do it once, then test again."))]
    ground = ground_of(platform, deployment, granted)
    return [rights, roster(ground), *column_and_score(ground)]


def _finish(row: ConnectionTest, lines: Sequence[Line]) -> None:
    row.state, row.finished_at = "done", utcnow()
    row.lines = [asdict(line) for line in lines]
    older = delete(ConnectionTest).where(*_same(row.platform_id, row.deployment_id), ConnectionTest.id < row.id)
    db.session.execute(older.execution_options(synchronize_session=False))
    db.session.commit()


def _same(platform_id: str, deployment_id: str | None) -> tuple[Any, Any]:
    return (
        ConnectionTest.platform_id == platform_id,
        ConnectionTest.deployment_id.is_not_distinct_from(deployment_id),
    )


def _report(row: ConnectionTest) -> Report:
    named = row.deployment.deployment_id if row.deployment else ""
    return Report(named, row.state, row.asked_at, row.finished_at, tuple(Line(**line) for line in row.lines))
