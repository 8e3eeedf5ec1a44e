"""Taking work from the queue, holding it, giving it back.

A claim lasts two hours and is extended by every save. The database holds at most one claim for an attempt (a partial
unique index), so two assessors who press "Take next" in the same moment get two different attempts. What was drafted
is kept when a claim ends.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment
from lti_mcred.grading.models import Assessment
from lti_mcred.grading.problems import problem
from lti_mcred.grading.queue import Desk, free_for

LOCK = timedelta(hours=2)
REASONS = ("conflict", "cannot_open", "distress", "language")
_CANDIDATES = 20


def take_next(desk: Desk) -> Assessment | None:
    """Claim the attempt that is due first and return the assessment; None when nothing is waiting. Commits."""
    for _round in range(_CANDIDATES):
        query = _available(desk).order_by(Attempt.due_at, Attempt.id).limit(_CANDIDATES)
        waiting = list(db.session.scalars(query))
        if not waiting:
            return None
        for attempt_id in waiting:
            if (taken := _claim(desk, attempt_id)) is not None:
                return taken
    return None


def claim_attempt(desk: Desk, attempt_id: str) -> Assessment:
    """Claim one attempt of the queue. Commits. Raises Problem 409 when another assessor was faster or it is gone."""
    own = db.session.scalar(
        select(Assessment).where(
            Assessment.attempt_id == attempt_id,
            Assessment.assessor_id == desk.assessor_id,
            Assessment.state == "claimed",
        )
    )
    if own is not None and hold(own, desk):
        return own
    found = db.session.scalar(_available(desk).where(Attempt.id == attempt_id))
    taken = _claim(desk, found) if found else None
    if taken is None:
        raise problem("attempt-taken")
    return taken


def hold(assessment: Assessment, desk: Desk) -> bool:
    """Extend the lock because its owner is working; True while (or again) hers. Commits."""
    if assessment.assessor_id != desk.assessor_id or assessment.attempt.state != "submitted":
        return False
    extended = changed(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.state == "claimed")
        .values(claimed_until=utcnow() + LOCK)
    )
    db.session.commit()
    if extended:
        return True
    db.session.refresh(assessment)
    if assessment.state == "released" and assessment.release_reason == "expired":
        return _claim(desk, assessment.attempt_id) is not None
    return False


def release(assessment: Assessment, reason: str) -> None:
    """Give the attempt back to the queue with one of REASONS. Commits. The draft stays with its assessor."""
    if reason not in REASONS:
        raise problem("release-reason")
    changed(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.state == "claimed")
        .values(state="released", release_reason=reason, claimed_until=utcnow())
    )
    db.session.commit()


def _available(desk: Desk) -> Any:
    return select(Attempt.id).join(Enrolment, Attempt.enrolment_id == Enrolment.id).where(*free_for(desk, utcnow()))


def _claim(desk: Desk, attempt_id: str) -> Assessment | None:
    """Make or revive this assessor's claim; None when somebody else has the attempt or it waits no longer."""
    now = utcnow()
    try:
        _free_expired(attempt_id, desk, now)
        assessment = db.session.scalar(
            select(Assessment).where(Assessment.attempt_id == attempt_id, Assessment.assessor_id == desk.assessor_id)
        )
        if assessment is None:
            assessment = Assessment(attempt_id=attempt_id, assessor_id=desk.assessor_id, claimed_until=now + LOCK)
            db.session.add(assessment)
        elif assessment.state in ("released", "claimed"):
            assessment.state, assessment.claimed_until, assessment.release_reason = "claimed", now + LOCK, None
        else:
            db.session.rollback()
            return None
        db.session.flush()
        # Read under the row's lock: a decision in the same moment must be seen.
        state = db.session.scalar(select(Attempt.state).where(Attempt.id == attempt_id).with_for_update())
        if state != "submitted":
            db.session.rollback()
            return None
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return None
    return assessment


def _free_expired(attempt_id: str, desk: Desk, now: datetime) -> None:
    changed(
        update(Assessment)
        .where(
            Assessment.attempt_id == attempt_id,
            Assessment.assessor_id != desk.assessor_id,
            Assessment.state == "claimed",
            Assessment.claimed_until < now,
        )
        .values(state="released", release_reason="expired")
    )
