"""When class lists are read by themselves: at night, for courses that were opened lately, spread over some hours."""

import hashlib
from datetime import datetime, timedelta

from flask_babel import get_timezone
from sqlalchemy import Select, exists, select

from lti_mcred.engine.db import db
from lti_mcred.outbox import OutboxRow, put
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Deployment, Platform, Roster
from lti_mcred.tool.roster.reading import TOPIC
from lti_mcred.web.models import Visit

# Local hours between which the lists are read.
_FROM, _TO = 1, 5
# Visits are kept for about a week.
_LATELY = timedelta(days=7)
_BATCH = 500


def plan_night(now: datetime) -> None:
    """Plan one reading for each course that needs one tonight; part of the hourly tidying, safe to run often.

    A course that was read since the evening, or has a reading to come, is left out. Commits now and then.
    """
    night = _night(now)
    if night is None:
        return
    after = ""
    while courses := db.session.scalars(_wanted(now, night, after).limit(_BATCH)).all():
        for course_id in courses:
            due = max(now, night + timedelta(hours=_TO - _FROM) * _share(course_id))
            put(TOPIC, course_id, {"course_id": course_id}, due_at=due)
        after = courses[-1]
        db.session.commit()


def opened_lately(now: datetime) -> Select[str]:
    """Return the ids of courses that somebody opened within a week, in connected LMSs that share their class list."""
    visited = Course.id.in_(select(Visit.course_id).where(Visit.opened_at > now - _LATELY))
    return (
        select(Course.id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(Platform, Platform.id == Course.platform_id)
        .where(Deployment.state == "active", Platform.state == "active", Course.memberships_url.is_not(None), visited)
        .order_by(Course.id)
    )


def _wanted(now: datetime, night: datetime, after: str) -> Select[str]:
    evening = night - timedelta(hours=_FROM)
    read = exists().where(Roster.course_id == Course.id, Roster.started_at > evening)
    coming = exists().where(OutboxRow.topic == TOPIC, OutboxRow.key == Course.id, OutboxRow.state == "waiting")
    return opened_lately(now).where(Course.id > after, ~read, ~coming)


def _night(now: datetime) -> datetime | None:
    """Return the beginning of the hours of reading that `now` is in, by the operator's clock; None in the daytime."""
    local = now.astimezone(get_timezone())
    begins = local.replace(hour=_FROM, minute=0, second=0, microsecond=0)
    return begins if begins <= local < begins + timedelta(hours=_TO - _FROM) else None


def _share(course_id: str) -> float:
    """Return the place of a course in the night, 0 to 1, the same every night."""
    return int.from_bytes(hashlib.sha256(course_id.encode()).digest()[:4]) / 2**32
