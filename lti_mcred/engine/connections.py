"""Connections to the database that are kept open between requests, and noticed when the server has closed them."""

import select
import time
from typing import Any
from weakref import WeakSet

import psycopg
from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import PoolProxiedConnection

_TRIED_AFTER_SECONDS = 20.0


def watch(engine: Engine) -> None:
    """Let the pool of an engine for PostgreSQL look whether a connection is still there before it lends it again."""

    def note_time(_connection: Any, record: Any) -> None:
        record.info["resting_since"] = time.monotonic()

    def still_there(connection: Any, record: Any, _proxy: object) -> None:
        if not alive(connection, record.info.get("resting_since", 0.0), engine.dialect):
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
    dialect.do_commit = committed  # type: ignore[assignment, method-assign]  # of this engine alone
    dialect.do_rollback = ended  # type: ignore[assignment, method-assign]  # likewise


def share_a_file(engine: Engine) -> None:
    """Give each connection to SQLite the settings that let threads and processes share a file."""
    event.listen(engine, "connect", _sqlite_settings)


def alive(driver: Any, resting_since: float, dialect: Dialect) -> bool:
    """Whether a driver's connection to PostgreSQL can be used. `resting_since`: on the monotonic clock.

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
