"""Engine, session, naming convention, UTC type, ids, spare connections. SQLite (WAL) embedded, PostgreSQL beyond it."""

import secrets
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    URL,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Update,
    create_engine,
    make_url,
)
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import NullPool, PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

from lti_mcred.engine.connections import alive, keep_prepared, plan_once, share_a_file, watch
from lti_mcred.services import service
from lti_mcred.settings import Settings

_NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UTCDateTime(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC. Naive values are refused: they would mean another time elsewhere."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC for the database. Raises ValueError for a naive value."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a time without a zone cannot be stored"
            raise ValueError(message)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive values their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Base of every table: naming convention, 32-character ids, UTC times, JSON for lists and objects."""

    metadata = MetaData(naming_convention=_NAMING)
    type_annotation_map = {datetime: UTCDateTime, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}  # noqa: RUF012 - read once


db = SQLAlchemy(metadata=Base.metadata)
ID = String(32)
_tick_lock = threading.Lock()
_last_tick = 0


def new_id() -> str:
    """Return a UUIDv7 as 32 hexadecimal characters (RFC 9562, 6.2 method 3): 62 random bits.

    Sortable by time; within a process each is greater than the one before, also when the clock is set back.
    """
    global _last_tick  # noqa: PLW0603 - what has been given out in this process
    with _tick_lock:
        _last_tick = tick = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)  # a 4096th of a millisecond
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


def random_id() -> str:
    """Return 32 random hexadecimal characters: an id that tells no time, for rows that others than their owner name."""
    return secrets.token_hex(16)


def utcnow() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def changed(statement: Update) -> int:
    """Run an UPDATE in the current transaction and return how many rows it changed.

    For changes on a condition: a row that is no longer as expected is not counted. Objects in the session are not
    touched: refresh or expire what is read again.
    """
    result = db.session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


@dataclass
class Kept:
    """A connection for the statements of quick.py. `kind`: of database. `driver`: psycopg's or sqlite3's.

    `prepared`: what quick.py knows of the statements that its server has prepared, by name.
    """

    kind: str
    pooled: PoolProxiedConnection
    driver: Any
    prepared: dict[bytes, Any] = field(default_factory=dict)
    resting_since: float = 0.0


class Spare:
    """The connections of quick.py that no request uses: the one that came last is taken first.

    Each launch takes and gives two. A pool of SQLAlchemy's does the same with several times the work, because it has
    to reset what it gets back; a quick statement is a transaction of its own and leaves nothing behind.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._resting = deque[Kept]()

    def take(self) -> Kept:
        """Return a connection that nobody else uses."""
        while self._resting:
            try:
                kept = self._resting.pop()
            except IndexError:  # another thread was quicker
                break
            if kept.kind == "sqlite" or alive(kept.driver, kept.resting_since, self.engine.dialect):
                return kept
            kept.pooled.close()
        pooled = self.engine.raw_connection()
        return Kept(self.engine.dialect.name, pooled, pooled.dbapi_connection)

    def give(self, kept: Kept) -> None:
        """Take a connection back."""
        if kept.kind != "sqlite" and kept.driver.closed:
            kept.pooled.close()
            return
        kept.resting_since = time.monotonic()
        self._resting.append(kept)

    def close(self) -> None:
        """Close those that rest."""
        while self._resting:
            self._resting.pop().pooled.close()


def init_db(app: Flask, settings: Settings) -> None:
    """Bind the session to `app`; SQLite gets the settings that let threads share it."""
    app.config["SQLALCHEMY_DATABASE_URI"] = _url(settings)
    options = {"connect_args": _shared(settings), "pool_size": settings.web_threads, "max_overflow": 16}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        if settings.sqlite:
            share_a_file(db.engine)
        else:
            watch(db.engine)
            keep_prepared(db.engine)


def spare_connections(settings: Settings) -> Spare:
    """Return the connections of quick.py's statements, none of which is open yet."""
    url = _url(settings)
    if settings.sqlite:
        quick = create_engine(url, poolclass=NullPool, connect_args=_shared(settings))
        share_a_file(quick)
    else:
        # A statement is a transaction of its own there, so nothing is left to roll back.
        quick = create_engine(url, poolclass=NullPool, pool_reset_on_return=None, isolation_level="AUTOCOMMIT")
        plan_once(quick)
    return Spare(quick)


def close_connections() -> None:
    """Close every connection that the application in whose context this runs has open and does not use."""
    db.engine.dispose()
    service(Spare).close()


def _url(settings: Settings) -> URL:
    url = make_url(settings.database_url)
    # Flask-SQLAlchemy would look for a relative one in a folder of its own.
    return url.set(database=str(settings.database_file)) if settings.database_file else url


def _shared(settings: Settings) -> dict[str, Any]:
    """Return how threads share a file. A write transaction of SQLite takes its lock at once.

    Waiting is possible then; an upgrade in the middle of a transaction is not.
    """
    return {"isolation_level": "IMMEDIATE", "timeout": 15, "check_same_thread": False} if settings.sqlite else {}
