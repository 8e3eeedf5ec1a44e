"""Engine, session, naming convention, UTC type, ids. SQLite (WAL) embedded, PostgreSQL beyond one machine."""

import secrets
import select
import threading
import time
from datetime import UTC, datetime
from typing import Any, cast
from weakref import WeakSet

import psycopg
from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    JSON,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    MetaData,
    String,
    Update,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import PoolProxiedConnection
from sqlalchemy.types import TypeDecorator

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
_TRIED_AFTER_SECONDS = 20.0


def new_id() -> str:
    """Return a UUIDv7 as 32 hexadecimal characters (RFC 9562, 6.2 method 3): 62 random bits.

    Sortable by time; within a process each is greater than the one before, also when the clock is set back.
    """
    global _last_tick  # noqa: PLW0603 - what has been given out in this process
    with _tick_lock:
        _last_tick = tick = max(time.time_ns() * 4096 // 1_000_000, _last_tick + 1)  # a 4096th of a millisecond
    value = (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | secrets.randbits(62)
    return f"{value:032x}"


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


def init_db(app: Flask, settings: Settings) -> None:
    """Bind the session to `app`; SQLite gets the settings that let threads share it."""
    url = make_url(settings.database_url)
    if settings.database_file:  # Flask-SQLAlchemy would look for a relative one in a folder of its own
        url = url.set(database=str(settings.database_file))
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    if settings.sqlite:
        # A write transaction takes its lock at once: waiting is possible then, an upgrade in the middle is not.
        options: dict[str, Any] = {
            "connect_args": {"isolation_level": "IMMEDIATE", "timeout": 15, "check_same_thread": False}
        }
    else:
        options = {"pool_size": settings.web_threads, "max_overflow": 16}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        if settings.sqlite:
            event.listen(db.engine, "connect", _sqlite_pragmas)
            app.extensions["quick_engine"] = db.engine
            return
        # A statement is a transaction of its own there, so nothing is left to roll back when a connection comes back.
        quick = create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
        event.listen(quick, "connect", _plan_once)
        app.extensions["quick_engine"] = quick
        for engine in (db.engine, quick):
            event.listen(engine, "checkin", _note_time)
            event.listen(engine, "checkout", _still_there)
        _keep_prepared(db.engine)


def quick_engine() -> Engine:
    """Return the engine of quick.py's statements; SQLite has one engine for everything."""
    engine: Engine = current_app.extensions["quick_engine"]
    return engine


def close_connections() -> None:
    """Close every connection that the application in whose context this runs has open and does not use."""
    for engine in {db.engine, quick_engine()}:
        engine.dispose()


def _plan_once(connection: Any, _record: object) -> None:
    """Let PostgreSQL plan a prepared statement once and not for each value.

    It compares what the first values promised with what any value would cost, and may decide for ever, and wrongly, to
    plan a launch's longest statement anew each time: that takes longer than all five statements of a launch.
    """
    connection.execute("SET plan_cache_mode = force_generic_plan")


def _keep_prepared(engine: Engine) -> None:
    """Let a transaction that has only read end by COMMIT, which is the same to the database.

    psycopg prepares a statement that comes again, so that the server does not plan it anew each time, and forgets all
    of that at a ROLLBACK. Every page that writes nothing would end with one.
    """
    dialect, wrote = engine.dialect, WeakSet[Any]()
    roll_back, commit = dialect.do_rollback, dialect.do_commit

    def note(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SELECT"):
            wrote.add(connection.connection.dbapi_connection)

    def committed(connection: PoolProxiedConnection) -> None:
        commit(connection)
        wrote.discard(connection.dbapi_connection)

    def ended(connection: PoolProxiedConnection) -> None:
        if connection.dbapi_connection in wrote:
            roll_back(connection)
            wrote.discard(connection.dbapi_connection)
        else:
            commit(connection)

    event.listen(engine, "before_cursor_execute", note)
    dialect.do_commit = committed  # type: ignore[assignment, method-assign]
    dialect.do_rollback = ended  # type: ignore[assignment, method-assign]


def _note_time(_connection: Any, record: Any) -> None:
    record.info["resting_since"] = time.monotonic()


def _still_there(connection: Any, record: Any, _proxy: object) -> None:
    """Refuse a connection that the server has closed, so that the pool opens a new one.

    A server that ends says so on the socket: looking there costs no round trip. A firewall that forgets says nothing,
    so a connection that has rested for long is tried out.
    """
    rested = time.monotonic() - record.info.get("resting_since", 0.0)
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if rested > _TRIED_AFTER_SECONDS or poll.poll(0):
        try:
            alive = db.engine.dialect.do_ping(connection)
        except psycopg.Error:
            alive = False
        if not alive:
            raise DisconnectionError


def _sqlite_pragmas(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
