"""What is asked of the database (SQLite), by the session or by the driver itself, as SQLite saw it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from lti_mcred.engine.db import Spare, db
from lti_mcred.engine.quick import give_back
from lti_mcred.services import service


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements on every connection that is taken from here on, by the session or for a quick one."""
    found: list[str] = []

    def begin(connection: Any, _record: object, _proxy: object) -> None:
        connection.set_trace_callback(found.append)

    def end(connection: Any, _record: object) -> None:
        connection.set_trace_callback(None)

    engines = (db.engine, service(Spare).engine)
    give_back()
    service(Spare).close()
    for engine in engines:
        event.listen(engine, "checkout", begin)
        event.listen(engine, "checkin", end)
    try:
        yield found
    finally:
        give_back()
        service(Spare).close()
        for engine in engines:
            event.remove(engine, "checkout", begin)
            event.remove(engine, "checkin", end)
