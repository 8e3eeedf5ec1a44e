"""Database migrations: upgrade, and the question whether the database is as new as the program."""

import logging

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from lti_mcred import private
from lti_mcred.engine.db import db
from lti_mcred.files import resource_dir
from lti_mcred.settings import Settings

logging.getLogger("alembic").setLevel(logging.WARNING)


def alembic_config() -> Config:
    """Return Alembic's configuration for the migrations that came with the program."""
    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")))
    return config


def make_folder(settings: Settings) -> None:
    """Make the folder of an embedded database; SQLite makes the file, but not the way to it."""
    if settings.database_file:
        private.make_folder(settings.database_file.parent)


def upgrade(app: Flask, to: str = "head") -> tuple[str | None, str | None]:
    """Migrate to the newest revision, or to `to`; return (revision before, revision after)."""
    config = alembic_config()
    with app.app_context():
        before = current(app)
        with db.engine.connect() as connection:
            embedded = connection.dialect.name == "sqlite"
            if embedded:  # a table that is rebuilt is dropped for a moment, and others point to it
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.commit()
            with connection.begin():
                config.attributes["connection"] = connection
                command.upgrade(config, to)
                if embedded and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    message = f"the database points to rows that are not there: {broken[:5]}"
                    raise RuntimeError(message)
            if embedded:
                connection.exec_driver_sql("PRAGMA foreign_keys=ON")
        return before, current(app)


def current(app: Flask) -> str | None:
    """Return the revision of the database, None when it is empty."""
    with app.app_context(), db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision that the program knows."""
    return ScriptDirectory.from_config(alembic_config()).get_current_head()
