"""Empty tables at once: a copy of a file on the embedded database, emptied tables on a server."""

import atexit
import shutil
import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from lti_mcred.engine.db import Base, db
from lti_mcred.settings import Settings


@cache
def _empty_file() -> Path:
    """Return a database file with all tables and no rows, made once a process."""
    folder = tempfile.mkdtemp(prefix="lti-mcred-tables-")
    atexit.register(shutil.rmtree, folder)
    file = Path(folder) / "empty.sqlite3"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return file


def lay_empty(settings: Settings) -> None:
    """Lay an embedded database with all tables at its place, before an application opens it."""
    assert settings.database_file
    settings.database_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_empty_file(), settings.database_file)


def empty() -> None:
    """Leave the database of the application in whose context this runs with all tables and no rows."""
    made = set(inspect(db.engine).get_table_names())
    if not set(db.metadata.tables) <= made:
        db.drop_all()
        db.create_all()
        return
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # in any order, then: no row is looked at for what names it
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
