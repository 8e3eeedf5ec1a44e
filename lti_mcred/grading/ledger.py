"""The ledger: which score is owed to which column, which row is the newest, and sending again.

Every function adds to the current transaction, so a fact and what is owed for it are one commit.
"""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred import outbox
from lti_mcred.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Placement
from lti_mcred.grading.models import Decision, LedgerEntry
from lti_mcred.grading.rubric import Points
from lti_mcred.tool.models import Person, ResourceLink

TOPIC = "score.send"
_KEY_LIMIT = 128


def column_key(lineitem_url: str, person_id: str) -> str:
    """Return the outbox key of one learner in one column; rows with one key are delivered one after another."""
    key = f"{lineitem_url}|{person_id}"
    return key if len(key) <= _KEY_LIMIT else hashlib.sha256(key.encode()).hexdigest()


def owe_decision(decision: Decision, points: Points, comment: str) -> list[LedgerEntry]:
    """Add a row for each grade column that waits for this decision."""
    return _owe(
        decision.attempt, kind="decided", decision_id=decision.id, sequence=decision.sequence,
        score_given=float(points.given), score_maximum=float(points.maximum), comment=comment,
    )  # fmt: skip


def owe_submitted(attempt: Attempt) -> list[LedgerEntry]:
    """Add a row "handed in, to be graded here" for each column; none where one exists (the news may come twice)."""
    return _owe(attempt, kind="submitted", sequence=1)


def _owe(attempt: Attempt, kind: str, sequence: int, **values: Any) -> list[LedgerEntry]:
    rows: list[LedgerEntry] = []
    known = set(
        db.session.scalars(
            select(LedgerEntry.placement_id).where(
                LedgerEntry.attempt_id == attempt.id, LedgerEntry.kind == kind, LedgerEntry.sequence == sequence
            )
        )
    )
    columns: set[str] = set()
    for placement in sorted(attempt.enrolment.placements, key=lambda one: one.id):
        url = placement.resource_link.lineitem_url
        if not url or url in columns:
            continue
        columns.add(url)
        if placement.id in known:
            continue
        row = LedgerEntry(
            placement_id=placement.id, course_id=placement.resource_link.course_id,
            person_id=attempt.enrolment.person_id, attempt_id=attempt.id, kind=kind, sequence=sequence,
            lineitem_url=url, **values,
        )  # fmt: skip
        rows.append(_add(row))
    return rows


def _add(row: LedgerEntry) -> LedgerEntry:
    db.session.add(row)
    db.session.flush()
    key = column_key(row.lineitem_url, row.person_id)
    # An older row that pauses between tries would hold this one back: it is due now, and finds itself superseded.
    db.session.execute(
        update(outbox.OutboxRow)
        .where(outbox.OutboxRow.topic == TOPIC, outbox.OutboxRow.key == key, outbox.OutboxRow.state == "waiting")
        .values(due_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    outbox.put(TOPIC, key, {"ledger_id": row.id})
    return row


def newer(entry: LedgerEntry) -> LedgerEntry | None:
    """Return the row that makes this one pointless: a later decision, or for a hand-in any later news."""
    return _first(
        _column(entry)
        .where(LedgerEntry.kind.in_(_outdated_by(entry)), LedgerEntry.created_at > entry.created_at)
        .order_by(LedgerEntry.created_at.desc())
    )


def _outdated_by(entry: LedgerEntry) -> tuple[str, ...]:
    return ("decided",) if entry.kind == "decided" else ("decided", "submitted")


def last_stamp(entry: LedgerEntry) -> datetime | None:
    """Return the latest timestamp that was ever put on the wire for this column and learner."""
    row = _first(_column(entry).where(LedgerEntry.stamp.is_not(None)).order_by(LedgerEntry.stamp.desc()))
    return row.stamp if row else None


def last_sent(entry: LedgerEntry) -> LedgerEntry | None:
    """Return the last score that this column took from us."""
    return _first(
        _column(entry)
        .where(LedgerEntry.state == "sent", LedgerEntry.score_given.is_not(None), LedgerEntry.id != entry.id)
        .order_by(LedgerEntry.stamp.desc())
    )


def seen_at_hand_in(entry: LedgerEntry) -> dict[str, Any] | None:
    """Return a strange grade that stood in the column when the work was handed in, if one did.

    Canvas empties the result row with a hand-in although the gradebook keeps the teacher's grade, so it is read and
    remembered before.
    """
    row = _first(_column(entry).where(LedgerEntry.kind == "submitted", LedgerEntry.attempt_id == entry.attempt_id))
    return row.found if row else None


def _column(entry: LedgerEntry) -> Select[Any]:
    return select(LedgerEntry).where(
        LedgerEntry.lineitem_url == entry.lineitem_url, LedgerEntry.person_id == entry.person_id
    )


def _first(query: Select[Any]) -> LedgerEntry | None:
    found: LedgerEntry | None = db.session.scalar(query.limit(1))
    return found


def send_again(entry: LedgerEntry, asked_by: Person) -> LedgerEntry | None:
    """Owe the same score once more, because a person asked; commits. None when a newer row speaks already.

    The column's address is taken from the link as it is now: the LMS may have moved.
    """
    if entry.state == "sent" or followed(entry):
        return None
    link = db.session.scalar(
        select(ResourceLink)
        .join(Placement, Placement.resource_link_id == ResourceLink.id)
        .where(Placement.id == entry.placement_id)
    )
    row = LedgerEntry(
        placement_id=entry.placement_id, course_id=entry.course_id, person_id=entry.person_id,
        attempt_id=entry.attempt_id, decision_id=entry.decision_id, kind=entry.kind, sequence=_next_sequence(entry),
        lineitem_url=(link.lineitem_url if link else None) or entry.lineitem_url, score_given=entry.score_given,
        score_maximum=entry.score_maximum, comment=entry.comment, insisted=True, asked_by=asked_by.id,
    )  # fmt: skip
    try:
        if entry.state == "owed":
            entry.state = "superseded"
        _add(row)
        db.session.commit()
    except IntegrityError:  # pressed twice: the other press has done it
        db.session.rollback()
        return None
    outbox.wake()
    return row


def keep(entry: LedgerEntry, asked_by: Person) -> bool:
    """Note that the teacher's own grade stays; commits. False when the row asks nothing."""
    if entry.state != "kept" or followed(entry):
        return False
    entry.asked_by = asked_by.id
    db.session.commit()
    return True


def _next_sequence(entry: LedgerEntry) -> int:
    highest = db.session.scalar(
        select(func.max(LedgerEntry.sequence)).where(
            LedgerEntry.placement_id == entry.placement_id,
            LedgerEntry.attempt_id == entry.attempt_id,
            LedgerEntry.kind == entry.kind,
        )
    )
    return (highest or 0) + 1


def followed(entry: LedgerEntry) -> bool:
    """Whether a newer row speaks for this learner, in this column or in the place that it has moved to."""
    same_try = LedgerEntry.placement_id == entry.placement_id
    query = select(LedgerEntry.id).where(
        LedgerEntry.person_id == entry.person_id,
        or_(same_try, LedgerEntry.lineitem_url == entry.lineitem_url),
        LedgerEntry.kind.in_(_outdated_by(entry)),
        LedgerEntry.created_at > entry.created_at,
    )
    return db.session.scalar(query.limit(1)) is not None
