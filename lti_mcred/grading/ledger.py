"""The ledger: which score is owed to which column, which row is the newest, and sending again.

Every function adds to the current transaction, so a fact and what is owed for it are one commit.
"""

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred import outbox
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.evidence.models import Attempt, Placement
from lti_mcred.grading.models import Decision, LedgerEntry
from lti_mcred.grading.rubric import Points
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink

TOPIC = "score.send"
_KEY_LIMIT = 128


def column_key(lineitem_url: str, person_id: str) -> str:
    """Return the outbox key of one learner in one column; rows with one key are delivered one after another."""
    key = f"{lineitem_url}|{person_id}"
    return key if len(key) <= _KEY_LIMIT else hashlib.sha256(key.encode()).hexdigest()


def owe_decision(decision: Decision, points: Points, comment: str) -> list[LedgerEntry]:
    """Add a row for each grade column that waits for this decision; none where one exists (the news may come twice)."""
    told = LedgerEntry.decision_id == decision.id
    return _owe(
        decision.attempt, told, kind="decided", decision_id=decision.id,
        score_given=float(points.given), score_maximum=float(points.maximum), comment=comment,
    )  # fmt: skip


def owe_submitted(attempt: Attempt) -> list[LedgerEntry]:
    """Add a row "handed in, to be graded here" for each column; none where one exists (the news may come twice)."""
    told = and_(LedgerEntry.attempt_id == attempt.id, LedgerEntry.kind == "submitted")
    return _owe(attempt, told, kind="submitted")


def _owe(attempt: Attempt, told: ColumnElement[bool], **values: Any) -> list[LedgerEntry]:
    """`told` finds the rows of the same news: a column that has one is left out, under whichever link it came."""
    rows: list[LedgerEntry] = []
    columns = set(db.session.scalars(select(LedgerEntry.lineitem_url).where(told)))
    for placement in sorted(attempt.enrolment.placements, key=lambda one: one.id):
        url = placement.resource_link.lineitem_url
        if not url or url in columns or placement.replaced_by:
            continue
        columns.add(url)
        row = LedgerEntry(
            placement_id=placement.id, course_id=placement.resource_link.course_id,
            person_id=attempt.enrolment.person_id, attempt_id=attempt.id, lineitem_url=url, **values,
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


def outdated(entry: LedgerEntry) -> bool:
    """Whether this row is pointless: a later decision speaks, or the work that it reports is not waiting any more.

    A hand-in may be reported late, by a row that is younger than the decision: what counts is where the attempt
    stands. Of two rows for one decision the younger counts ("Send again").
    """
    if entry.kind == "submitted":
        if entry.attempt.state != "submitted":
            return True
        later = and_(LedgerEntry.attempt_id == entry.attempt_id, LedgerEntry.created_at > entry.created_at)
    else:
        decided_at = select(Decision.decided_at).where(Decision.id == entry.decision_id).scalar_subquery()
        later = or_(
            LedgerEntry.decision_id.in_(select(Decision.id).where(Decision.decided_at > decided_at)),
            and_(LedgerEntry.decision_id == entry.decision_id, LedgerEntry.created_at > entry.created_at),
        )
    return _first(_rows_of_column(entry).where(LedgerEntry.kind == entry.kind, later)) is not None


def last_stamp(entry: LedgerEntry) -> datetime | None:
    """Return the latest timestamp that was ever put on the wire for this column and learner."""
    row = _first(_rows_of_column(entry).where(LedgerEntry.stamp.is_not(None)).order_by(LedgerEntry.stamp.desc()))
    return row.stamp if row else None


def possibly_ours(entry: LedgerEntry) -> list[tuple[float, float]]:
    """Return (given, maximum) of every score that the column may hold from us.

    That is the last one that the LMS took, and each later one that was on the wire: an answer that was lost does not
    mean that the score was.
    """
    scores = _rows_of_column(entry).where(LedgerEntry.stamp.is_not(None), LedgerEntry.score_given.is_not(None))
    found: list[tuple[float, float]] = []
    for row in db.session.scalars(scores.order_by(LedgerEntry.stamp.desc())):
        found.append((row.score_given, row.score_maximum))
        if row.state == "sent" and row.id != entry.id:
            break
    return found


def on_the_wire(entry: LedgerEntry, *, scores_only: bool) -> bool:
    """Whether this very column may have taken anything of ours, this row apart (with `scores_only`: any score)."""
    query = _rows_of_column(entry).where(
        LedgerEntry.lineitem_url == entry.lineitem_url,
        LedgerEntry.id != entry.id,
        LedgerEntry.stamp.is_not(None),
        or_(LedgerEntry.answer_status.is_(None), ~LedgerEntry.answer_status.between(400, 499)),
    )
    if scores_only:
        query = query.where(LedgerEntry.score_given.is_not(None))
    return _first(query) is not None


def seen_at_hand_in(entry: LedgerEntry) -> dict[str, Any] | None:
    """Return a strange grade that stood in the column when the work was handed in, if one did.

    Canvas empties the result row with a hand-in although the gradebook keeps the teacher's grade, so it is read and
    remembered before.
    """
    rows = _rows_of_column(entry).where(LedgerEntry.kind == "submitted", LedgerEntry.attempt_id == entry.attempt_id)
    return next((row.found for row in db.session.scalars(rows) if row.found), None)


def _rows_of_column(entry: LedgerEntry) -> Select[Any]:
    """Select the rows of one learner in one column: by its address, or by the place, whose address may have changed."""
    here = or_(LedgerEntry.lineitem_url == entry.lineitem_url, LedgerEntry.placement_id == entry.placement_id)
    return select(LedgerEntry).where(LedgerEntry.person_id == entry.person_id, here)


def _first(query: Select[Any]) -> LedgerEntry | None:
    found: LedgerEntry | None = db.session.scalar(query.limit(1))
    return found


def send_again(entry: LedgerEntry, asked_by: Person) -> LedgerEntry | None:
    """Owe the same score once more, because a person asked; commits. None when a newer row speaks already.

    The column's address is taken from the link as it is now: the LMS may have moved.
    """
    if entry.state == "sent" or outdated(entry):
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


def keep_typed_grade(entry: LedgerEntry, asked_by: Person) -> bool:
    """Note that the teacher's own grade stays; commits. False when the row asks nothing."""
    if entry.state != "kept" or outdated(entry):
        return False
    entry.asked_by = asked_by.id
    db.session.commit()
    return True


def forget_column(entry: LedgerEntry) -> ResourceLink | None:
    """The LMS says that the column is gone: its link has none until a launch or the LMS's list names one.

    Returns the link that lost it, None when it has another one by now.
    """
    link_id = db.session.scalar(select(Placement.resource_link_id).where(Placement.id == entry.placement_id))
    forgotten = changed(
        update(ResourceLink)
        .where(ResourceLink.id == link_id, ResourceLink.lineitem_url == entry.lineitem_url)
        .values(lineitem_url=None)
    )
    return db.session.get(ResourceLink, link_id, populate_existing=True) if forgotten else None


def take_off(entry: LedgerEntry, until: datetime, mine: datetime | None = None) -> bool:
    """Put an owed row in flight until then, and commit; False when another worker has it.

    `mine`: the end of our own flight, which is renewed. A worker that dies leaves the row in flight until that end.
    """
    free = LedgerEntry.in_flight_until.is_(None) | (LedgerEntry.in_flight_until < utcnow())
    mine_or_free = free if mine is None else LedgerEntry.in_flight_until == mine
    taken = changed(
        update(LedgerEntry)
        .where(LedgerEntry.id == entry.id, LedgerEntry.state == "owed", mine_or_free)
        .values(in_flight_until=until)
    )
    db.session.commit()
    return bool(taken)


def land(entry: LedgerEntry, mine: datetime | None) -> None:
    """End our own flight and commit; that of another worker goes on."""
    ours = (LedgerEntry.id == entry.id, LedgerEntry.in_flight_until == mine)
    changed(update(LedgerEntry).where(*ours).values(in_flight_until=None))
    db.session.commit()


def land_all() -> None:
    """End every flight: only when this is the one process that delivers (embedded database, at start)."""
    changed(update(LedgerEntry).where(LedgerEntry.in_flight_until.is_not(None)).values(in_flight_until=None))
    db.session.commit()


def _next_sequence(entry: LedgerEntry) -> int:
    same = (
        LedgerEntry.attempt_id == entry.attempt_id
        if entry.decision_id is None
        else (LedgerEntry.decision_id == entry.decision_id)
    )
    highest = db.session.scalar(
        select(func.max(LedgerEntry.sequence)).where(
            LedgerEntry.placement_id == entry.placement_id, LedgerEntry.kind == entry.kind, same
        )
    )
    return (highest or 0) + 1
