"""`lti-mcred db`, `admin`, `keys`: the database, the way into the administration, the signing keys."""

import click

from lti_mcred.cli.base import database_revision, the_app
from lti_mcred.engine import migrate
from lti_mcred.services import service_of
from lti_mcred.settings import Settings
from lti_mcred.tool.admin import access
from lti_mcred.tool.wire import keys


@click.group(name="db")
def db_group() -> None:
    """The database."""


@db_group.command(name="upgrade")
def db_upgrade() -> None:
    """Bring the database to this program's version."""
    app = the_app(migrated=False)
    migrate.make_folder(service_of(app, Settings))
    database_revision(app)
    before, after = migrate.upgrade(app)
    click.echo(f"The database is at {after}." if before != after else f"The database was already at {after}.")


@click.group(name="admin")
def admin_group() -> None:
    """The administration in the browser."""


@admin_group.command(name="link")
@click.option("--minutes", default=access.LINK_MINUTES, show_default=True, type=click.IntRange(1, 1440),
              help="How long the link may wait.")  # fmt: skip
def admin_link(minutes: int) -> None:
    """Print a link that opens the administration once."""
    with the_app().app_context():
        click.echo(access.make_link(minutes))


@click.group(name="keys")
def keys_group() -> None:
    """Signing keys."""


@keys_group.command(name="rotate")
def keys_rotate() -> None:
    """Publish a new LTI signing key; it signs when LMSs have had time to see it."""
    with the_app().app_context():
        key = keys.rotate()
        click.echo(f"{key.kid} is published and signs from {key.signs_from:%d %B %Y %H:%M} UTC.")
