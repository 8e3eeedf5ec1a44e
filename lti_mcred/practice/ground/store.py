"""The data file: opening, checking its version, sessions, starting over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session as DbSession

from lti_mcred.practice.ground.tables import Base, Meta

SCHEMA_VERSION = "2"


class WrongDataFile(Exception):
    """The data file was made by another version of the practice LMS, or is not one at all."""

    def __init__(self, path: Path, found: str) -> None:
        super().__init__(
            f"The practice data in {path} is of version {found}; this program needs version {SCHEMA_VERSION}. "
            "It holds invented people only: run `make demo-reset` to start with fresh data."
        )


class Store:
    """One SQLite file. Transactions take the write lock at once, so two threads never upgrade against each other."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.engine = _engine(path)
        try:
            self._prepare()
        except DatabaseError as problem:
            self.engine.dispose()
            raise WrongDataFile(path, "unknown (not a practice file)") from problem
        except WrongDataFile:
            self.engine.dispose()
            raise

    def _prepare(self) -> None:
        tables = inspect(self.engine).get_table_names()
        if not tables:
            self.reset()
        elif "meta" not in tables:
            raise WrongDataFile(self.path, "unknown")
        with self.session() as session:
            row = session.get(Meta, "schema_version")
            found = row.value if row else "unknown"
        if found != SCHEMA_VERSION:
            raise WrongDataFile(self.path, found)

    def session(self) -> DbSession:
        """A session whose first statement takes the write lock; the caller commits and closes it.

        Objects stay readable after a commit: requests commit early, before they sleep or speak to a tool.
        """
        return DbSession(self.engine, expire_on_commit=False)

    def reset(self) -> None:
        """Forget everything: drop the tables and make them anew, empty."""
        Base.metadata.drop_all(self.engine)
        Base.metadata.create_all(self.engine)
        with self.session() as session:
            session.add(Meta(name="schema_version", value=SCHEMA_VERSION))
            session.commit()

    def close(self) -> None:
        """Close the pooled connections; the next session opens new ones."""
        self.engine.dispose()


def next_number(session: DbSession, model: Any, campus: str, first: int) -> int:
    """The next number that people see (a course, an assignment, a line item): one above the highest so far."""
    statement = select(model.number).where(model.campus == campus).order_by(model.number.desc()).limit(1)
    highest = session.scalar(statement)
    return first if highest is None else int(highest) + 1


def _engine(path: Path) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": 15, "check_same_thread": False})

    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA synchronous=NORMAL")

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    event.listen(engine, "connect", connected)
    event.listen(engine, "begin", begin)
    return engine
