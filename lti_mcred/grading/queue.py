"""The assessor's queue: oldest due first, paged by key, nothing of the person, never another tenant's work.

An assessor of ours sees the work handed in through her own deployment. Her own work is never hers to
judge, and what she gave back with a reason is not offered to her again. Work that another assessor holds is left out
until that lock runs out.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from flask_babel import to_user_timezone
from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select, tuple_

from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment
from lti_mcred.grading.models import Assessment
from lti_mcred.people.models import Person
from lti_mcred.web.models import Visit
from lti_mcred.web.references import reference, referred

PAGE = 25


@dataclass(frozen=True)
class Desk:
    """Whose queue it is: one assessor on one deployment."""

    assessor_id: str
    deployment_id: str

    @classmethod
    def of(cls, visit: Visit) -> "Desk":
        """Return the desk of the visit's person."""
        return cls(visit.person_id, visit.deployment_id)


@dataclass(frozen=True)
class Waiting:
    """One attempt as an assessor may see it: receipt, try, title, dates. `days` is negative when late."""

    attempt_id: str
    receipt: str
    number: int
    title: str
    version: str
    due_at: datetime
    days: int

    @property
    def reference(self) -> str:
        """What an assessor's pages call it: no id that a teacher's pages know."""
        return reference("assessor", self.attempt_id)


@dataclass(frozen=True)
class Counts:
    """How much is waiting: past its day, due today, due within seven days (today left out), altogether."""

    late: int
    today: int
    week: int
    total: int


def page(desk: Desk, after: str | None = None, most: int = PAGE) -> tuple[list[Waiting], str | None]:
    """Return at most `most` rows after what `after` refers to, oldest due first, and the next page's key if any."""
    query = _columns().where(*free_for(desk, utcnow())).order_by(Attempt.due_at, Attempt.id).limit(most + 1)
    start = db.session.get(Attempt, referred("assessor", after)) if after else None
    if start and start.due_at:
        # As a pair, so that the index is entered at this place however deep the page is.
        query = query.where(tuple_(Attempt.due_at, Attempt.id) > tuple_(start.due_at, start.id))
    rows = [_waiting(row) for row in db.session.execute(query)]
    return rows[:most], rows[most - 1].reference if len(rows) > most else None


def claimed_rows(desk: Desk) -> list[tuple[str, Waiting]]:
    """Return (assessment id, row) for what this assessor has open, oldest due first."""
    query = (
        _columns(Assessment.id.label("assessment_id"))
        .join(Assessment, Assessment.attempt_id == Attempt.id)
        .where(Assessment.assessor_id == desk.assessor_id, Assessment.state == "claimed", Attempt.state == "submitted")
    )
    # A handful of rows: sorted here, because ordering by due day would lead SQLite through everybody's queue.
    rows = [(row.assessment_id, _waiting(row)) for row in db.session.execute(query)]
    return sorted(rows, key=lambda row: (row[1].due_at, row[1].attempt_id))


def counts(desk: Desk) -> Counts:
    """Return the numbers of the desk, by days in the organisation's zone."""
    now = utcnow()
    here = _local(now)
    today = datetime.combine(here, time(), here.tzinfo)
    tomorrow, week = today + timedelta(days=1), today + timedelta(days=8)

    def between(low: datetime | None, high: datetime) -> ColumnElement[int]:
        inside = Attempt.due_at < high if low is None else and_(Attempt.due_at >= low, Attempt.due_at < high)
        return func.coalesce(func.sum(case((inside, 1), else_=0)), 0)

    query = select(between(None, today), between(today, tomorrow), between(tomorrow, week), func.count(Attempt.id))
    row = db.session.execute(_from_enrolment(query).where(*free_for(desk, now))).one()
    return Counts(*(int(value) for value in row))


def waiting_row(attempt: Attempt) -> Waiting:
    """Return the blind row of one attempt."""
    row = db.session.execute(_columns().where(Attempt.id == attempt.id)).one()
    return _waiting(row)


def contains(desk: Desk, attempt_id: str) -> bool:
    """Whether the attempt belongs to the desk's tenant and is not the assessor's own."""
    query = _from_enrolment(select(Attempt.id)).where(
        Attempt.id == attempt_id, within(desk), Enrolment.person_id != desk.assessor_id
    )
    return db.session.scalar(query) is not None


def free_for(desk: Desk, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which an attempt may be taken by this assessor at `now`."""
    held = exists().where(
        Assessment.attempt_id == Attempt.id,
        Assessment.state == "claimed",
        or_(Assessment.claimed_until >= now, Assessment.assessor_id == desk.assessor_id),
    )
    given_back = exists().where(
        Assessment.attempt_id == Attempt.id,
        Assessment.assessor_id == desk.assessor_id,
        Assessment.state == "released",
        Assessment.release_reason != "expired",
    )
    return (Attempt.state == "submitted", within(desk), Enrolment.person_id != desk.assessor_id, ~held, ~given_back)


def within(desk: Desk) -> ColumnElement[bool]:
    """Return the condition under which an attempt belongs to the desk's tenant."""
    return exists().where(Person.id == Enrolment.person_id, Person.deployment_id == desk.deployment_id)


def _from_enrolment(query: Any) -> Select[Any]:
    joined: Select[Any] = query.select_from(Attempt).join(Enrolment, Attempt.enrolment_id == Enrolment.id)
    return joined


def _columns(*more: Any) -> Select[Any]:
    columns = (Attempt.id, Attempt.receipt, Attempt.number, Attempt.due_at, Version.title, Version.version, *more)
    return _from_enrolment(select(*columns)).join(Version, Version.id == Enrolment.version_id)


def _waiting(row: Any) -> Waiting:
    due = row.due_at or utcnow()
    days = (_local(due).date() - _local(utcnow()).date()).days
    return Waiting(row.id, row.receipt or row.id[-8:].upper(), row.number, row.title, row.version, due, days)


def _local(moment: datetime) -> datetime:
    """Return `moment` in the zone of the organisation, in which days begin and end."""
    here: datetime = to_user_timezone(moment)
    return here
