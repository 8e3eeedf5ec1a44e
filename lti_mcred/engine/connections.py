"""Connections to the database that are kept open between requests, and noticed when the server has closed them."""

import select
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakSet

import psycopg
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import PoolProxiedConnection

_TRIED_AFTER_SECONDS = 20.0


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
            if kept.kind == "sqlite" or _alive(kept.driver, kept.resting_since, self.engine.dialect):
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


def watch(engine: Engine) -> None:
    """Let the pool of an engine for PostgreSQL look whether a connection is still there before it lends it again."""

    def note_time(_connection: Any, record: Any) -> None:
        record.info["resting_since"] = time.monotonic()

    def still_there(connection: Any, record: Any, _proxy: object) -> None:
        if not _alive(connection, record.info.get("resting_since", 0.0), engine.dialect):
            raise DisconnectionError  # the pool opens a new one

    event.listen(engine, "checkin", note_time)
    event.listen(engine, "checkout", still_there)


def plan_once(engine: Engine) -> None:
    """Let PostgreSQL plan a prepared statement once and not for each value.

    It compares what the first values promised with what any value would cost, and may decide for ever, and wrongly, to
    plan a launch's longest statement anew each time: that takes longer than all five statements of a launch.
    """

    def decide(connection: Any, _record: object) -> None:
        connection.execute("SET plan_cache_mode = force_generic_plan")

    event.listen(engine, "connect", decide)


def keep_prepared(engine: Engine) -> None:
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


def share_a_file(engine: Engine) -> None:
    """Give each connection to SQLite the settings that let threads and processes share a file."""
    event.listen(engine, "connect", _sqlite_settings)


def _alive(driver: Any, resting_since: float, dialect: Dialect) -> bool:
    """Whether a connection to PostgreSQL can be used.

    A server that ends says so on the socket: looking there costs no round trip. A firewall that forgets says nothing,
    so a connection that has rested for long is tried out.
    """
    rested = time.monotonic() - resting_since
    poll = select.poll()
    poll.register(driver.fileno(), select.POLLIN)
    if rested <= _TRIED_AFTER_SECONDS and not poll.poll(0):
        return True
    try:
        return bool(dialect.do_ping(driver))
    except psycopg.Error:
        return False


def _sqlite_settings(connection: Any, _record: object) -> None:
    # Its own knows A to Z only: whoever looks for "özil" would not find Özil.
    connection.create_function("lower", 1, _lower, deterministic=True)
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=NORMAL", "busy_timeout=15000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value
