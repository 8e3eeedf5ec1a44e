"""Transactional outbox: a row in the same commit as the fact, delivered by workers, in order per key.

A worker claims one row at a time, with a lease. If the process dies, the lease runs out and another worker delivers the
row; a handler must therefore be safe to run twice. One conditional UPDATE; on PostgreSQL with `FOR UPDATE SKIP LOCKED`.
"""

import logging
import random
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Index, Select, String, Text, and_, delete, exists, or_, select, text, update
from sqlalchemy.orm import Mapped, aliased, mapped_column

from lti_mcred.engine.db import ID, Base, db, new_id, utcnow
from lti_mcred.services import service_of
from lti_mcred.settings import Settings

log = logging.getLogger(__name__)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)
_TIDY_EVERY = timedelta(hours=1)
_KEPT_WHEN_DONE = timedelta(days=30)


class OutboxRow(Base):
    """One piece of news to deliver. `state`: waiting, done or given_up."""

    __tablename__ = "outbox"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    topic: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(128))
    payload: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_until: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(32))
    done_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index(
            "ix_outbox_waiting",
            "due_at",
            postgresql_where=text("state = 'waiting'"),
            sqlite_where=text("state = 'waiting'"),
        ),
        Index("ix_outbox_key", "topic", "key", "id"),
    )


@dataclass(frozen=True)
class Done:
    """The news has been delivered."""


@dataclass(frozen=True)
class Later:
    """Try again: after `seconds`, or with growing pauses when None. `reason` is for people; "": nothing is wrong."""

    reason: str
    seconds: float | None = None


@dataclass(frozen=True)
class GiveUp:
    """Trying again will not help; `reason` is kept for people."""

    reason: str


@dataclass(frozen=True)
class Claimed:
    """A row that this worker alone delivers, until its lease runs out."""

    id: str
    topic: str
    payload: dict[str, Any]
    claim: str


Outcome = Done | Later | GiveUp
Handler = Callable[[dict[str, Any]], Outcome]
# Called with the time: deletes or renews what is due. Its changes are committed afterwards.
Housekeeping = Callable[[datetime], None]
_wake = threading.Event()


@dataclass(frozen=True)
class Deliveries:
    """What the rooms have handed over for workers: topic -> handler, and what each of them tidies."""

    handlers: Mapping[str, Handler]
    housekeeping: tuple[Housekeeping, ...]


def put(topic: str, key: str, payload: dict[str, Any], due_at: datetime | None = None) -> OutboxRow:
    """Add a row to the current transaction. Rows of one topic and key are delivered one after another."""
    row = OutboxRow(topic=topic, key=key, payload=payload, due_at=due_at or utcnow())
    db.session.add(row)
    return row


def forget_done(now: datetime) -> None:
    """Delete what was delivered 30 days ago; the tables of the rooms keep what came of it. Given-up rows stay."""
    old = OutboxRow.state == "done", OutboxRow.done_at < now - _KEPT_WHEN_DONE
    db.session.execute(delete(OutboxRow).where(*old).execution_options(synchronize_session=False))


def troubled() -> list[OutboxRow]:
    """Return the rows that were given up or wait after a failed try, oldest first."""
    return list(db.session.scalars(_in_trouble().order_by(OutboxRow.id)))


def deliver_now(row_id: str) -> bool:
    """Let a troubled row be delivered now, with the full time for tries; return whether there was one. Commits."""
    row = _troubled(row_id)
    if row is not None:
        row.state, row.done_at, row.tries = "waiting", None, 0
        row.payload = {**row.payload, "again": True}  # a handler that had closed the matter opens it again
        row.created_at = row.due_at = utcnow()
        db.session.commit()
        wake()
    return row is not None


def drop(row_id: str) -> bool:
    """Take a given-up row off the list; it is forgotten like a delivered one. Commits."""
    row = _troubled(row_id)
    if row is None or row.state != "given_up":
        return False
    row.state, row.done_at = "done", utcnow()
    db.session.commit()
    return True


def _troubled(row_id: str) -> OutboxRow | None:
    return db.session.scalar(_in_trouble().where(OutboxRow.id == row_id))


def _in_trouble() -> Select[OutboxRow]:
    tried = and_(OutboxRow.state == "waiting", OutboxRow.reason.is_not(None))
    return select(OutboxRow).where(or_(OutboxRow.state == "given_up", tried))


def wake() -> None:
    """Tell the workers of this process that something may be waiting (call after a commit; optional)."""
    _wake.set()


class Worker:
    """Delivers rows with the handlers of an application's rooms, and tidies for them (Deliveries)."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.stopping = threading.Event()
        self.handlers = service_of(app, Deliveries).handlers
        self._tidy_at = utcnow()

    def run(self) -> None:
        """Deliver until `stop` is called; never ends by an error of a handler or of the database."""
        while not self.stopping.is_set():
            try:
                if utcnow() >= self._tidy_at:
                    self._tidy_at = utcnow() + _TIDY_EVERY
                    self.tidy()
                delivered = self.run_once()
            except Exception:
                log.exception("the outbox could not be read; trying again")
                delivered = 0
            if not delivered:
                _wake.wait(self.settings.outbox_poll_seconds)
                _wake.clear()

    def stop(self) -> None:
        """Ask `run` to return after the delivery at hand."""
        self.stopping.set()
        _wake.set()

    def run_once(self, most: int = 20) -> int:
        """Deliver due rows one by one, at most `most`, until `stop` is called; return how many were taken."""
        with self.app.app_context():
            for count in range(most):
                claimed = None if self.stopping.is_set() else self._claim()
                if claimed is None:
                    return count
                self._deliver(claimed)
            return most

    def tidy(self) -> None:
        """Let every room delete what nobody needs any more."""
        with self.app.app_context():
            for forget in service_of(self.app, Deliveries).housekeeping:
                forget(utcnow())
                db.session.commit()

    def release_all(self) -> None:
        """Free every claim: only when this is the one process that delivers (embedded database, at start)."""
        with self.app.app_context():
            db.session.execute(update(OutboxRow).where(OutboxRow.state == "waiting").values(claimed_until=None))
            db.session.commit()

    def _claim(self) -> Claimed | None:
        """Take the next due row for as long as one delivery may last: a queue of claims would outlive its lease."""
        now = utcnow()
        due = _due(now, list(self.handlers))
        if db.engine.dialect.name == "postgresql":
            due = due.with_for_update(skip_locked=True)
        free = or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now)
        taken = db.session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == due.scalar_subquery(), OutboxRow.state == "waiting", free)
            .values(
                claim=secrets.token_hex(16), claimed_until=now + timedelta(seconds=self.settings.outbox_lease_seconds)
            )
            .returning(OutboxRow.id, OutboxRow.topic, OutboxRow.payload, OutboxRow.claim)
            .execution_options(synchronize_session=False)
        ).first()
        db.session.commit()
        return Claimed(*taken) if taken else None

    def _deliver(self, claimed: Claimed) -> None:
        try:
            outcome = self.handlers[claimed.topic](claimed.payload)
        except Exception as error:
            log.exception("delivery of %s %s failed", claimed.topic, claimed.id)
            db.session.rollback()
            outcome = Later(f"{type(error).__name__}: {error}"[:500])
        self._settle(claimed, outcome)

    def _settle(self, claimed: Claimed, outcome: Outcome) -> None:
        row = db.session.get(OutboxRow, claimed.id, populate_existing=True)
        if row is None or row.claim != claimed.claim:  # the lease ran out and another worker has it
            db.session.rollback()
            return
        now = utcnow()
        row.tries += 1
        row.claimed_until = None
        if isinstance(outcome, Later) and now - row.created_at < timedelta(hours=self.settings.outbox_give_up_hours):
            row.due_at = now + (timedelta(seconds=outcome.seconds) if outcome.seconds is not None else pause(row.tries))
            row.reason = outcome.reason or None
        elif isinstance(outcome, Done):
            row.state, row.done_at, row.reason = "done", now, None
        else:
            row.state, row.done_at, row.reason = "given_up", now, outcome.reason
        db.session.commit()


def pause(tries: int) -> timedelta:
    """Return the pause before the next try: 5 s doubling to an hour, with a quarter of jitter."""
    base = min(_FIRST_PAUSE.total_seconds() * 2.0 ** min(tries - 1, 16), _LONGEST_PAUSE.total_seconds())
    return timedelta(seconds=base * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, not a secret


def _due(now: datetime, topics: list[str]) -> Select[str]:
    """Select the id of the next due, unclaimed row that no earlier waiting row of its topic and key holds back."""
    earlier = aliased(OutboxRow)
    held_back = exists().where(
        and_(
            earlier.topic == OutboxRow.topic,
            earlier.key == OutboxRow.key,
            earlier.id < OutboxRow.id,
            earlier.state == "waiting",
        )
    )
    return (
        select(OutboxRow.id)
        .where(
            OutboxRow.state == "waiting",
            OutboxRow.due_at <= now,
            OutboxRow.topic.in_(topics),
            or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now),
            ~held_back,
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
        .limit(1)
    )
