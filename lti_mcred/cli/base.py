"""The application that a command works on, with a fitting word where there is none."""

import click
from flask import Flask
from sqlalchemy.exc import DatabaseError

from lti_mcred.app import create_app
from lti_mcred.engine import migrate
from lti_mcred.settings import Settings, SettingsError


def the_settings() -> Settings:
    """Return the settings. Raises ClickException that names the wrong one."""
    try:
        return Settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def the_app(*, migrated: bool = True) -> Flask:
    """Return the application. With `migrated`, raises ClickException where the database is not."""
    app = create_app(the_settings())
    if migrated:
        found = database_revision(app)
        if found is None:
            message = "The database is empty. Run: lti-mcred db upgrade"
            raise click.ClickException(message)
        if found != migrate.newest():
            message = "The database is older or newer than this program. Run: lti-mcred db upgrade"
            raise click.ClickException(message)
    return app


def database_revision(app: Flask) -> str | None:
    """Return the version of the database, None of an empty one. Raises ClickException where it does not open."""
    try:
        return migrate.current(app)
    except DatabaseError as error:
        message = (
            f"The database does not open ({str(error.orig).strip()}). "
            "Is LTI_MCRED_DATABASE_URL right? A new one is made by: lti-mcred db upgrade"
        )
        raise click.ClickException(message) from None
