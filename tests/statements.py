"""What is asked of the database (SQLite), by the session or by the driver itself, as SQLite saw it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from lti_mcred.db import db


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements on every connection that is taken out of the pool from here on."""
    found: list[str] = []

    def begin(connection: Any, _record: object, _proxy: object) -> None:
        connection.set_trace_callback(found.append)

    def end(connection: Any, _record: object) -> None:
        connection.set_trace_callback(None)

    event.listen(db.engine, "checkout", begin)
    event.listen(db.engine, "checkin", end)
    try:
        yield found
    finally:
        event.remove(db.engine, "checkout", begin)
        event.remove(db.engine, "checkin", end)
