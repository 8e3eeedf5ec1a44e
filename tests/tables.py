"""Empty tables at once: a copy of a file on the embedded database, emptied tables on a server."""

import atexit
import shutil
import sqlite3
import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

from lti_mcred.engine import migrate
from lti_mcred.engine.db import Base, db
from lti_mcred.settings import Settings
from lti_mcred.trial.demo import application


@cache
def _empty_file() -> Path:
    """Return a database file with all tables and no rows, made once a process."""
    file = new_folder() / "empty.sqlite3"
    engine = create_engine(f"sqlite:///{file}")
    Base.metadata.create_all(engine)
    engine.dispose()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return file


@cache
def migrated_file() -> Path:
    """Return a database file that `lti-mcred db upgrade` made, once a process."""
    folder = new_folder()
    file = folder / "migrated.sqlite3"
    settings = Settings.load(
        {}, environment="development", database_url=f"sqlite:///{file}", data_dir=str(folder / "data")
    )
    with application(settings) as app:
        migrate.upgrade(app)
    return file


def new_folder() -> Path:
    """Return a folder that is there as long as this test process."""
    folder = tempfile.mkdtemp(prefix="lti-mcred-tests-")
    atexit.register(shutil.rmtree, folder)
    return Path(folder)


@cache
def _place() -> Path:
    return new_folder() / "tool.sqlite3"


def place() -> Path:
    """Return where each test of this process has its embedded database; nothing is there yet.

    One place, so that an application that was made for one test finds the database of the next.
    """
    for file in _place().parent.glob(f"{_place().name}*"):  # with what SQLite keeps beside it
        file.unlink()
    return _place()


def lay_empty(settings: Settings) -> None:
    """Lay an embedded database with all tables at its place, before an application opens it."""
    assert settings.database_file
    settings.database_file.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_empty_file(), settings.database_file)


def empty() -> None:
    """Leave the database of the application in whose context this runs with all tables and no rows."""
    if db.engine.url.database and db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        shutil.copyfile(_empty_file(), db.engine.url.database)
        return
    if not set(db.metadata.tables) <= set(inspect(db.engine).get_table_names()):
        db.drop_all()
        db.create_all()
        return
    # In any order: no row is looked at for what names it.
    emptied = "".join(f"DELETE FROM {table.name};" for table in db.metadata.sorted_tables)
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(f"DO $$ BEGIN {emptied} END $$"))
