"""`lti-mcred people`, `roster`: roles of ours, and the class lists of the LMS."""

import sys

import click

from lti_mcred import people
from lti_mcred.cli.base import the_app
from lti_mcred.tool import class_lists
from lti_mcred.tool.nrps import RosterRefused


@click.group(name="people")
def people_group() -> None:
    """Roles of ours: assessor, lead, author."""


@people_group.command(name="grant")
@click.option("--platform", "platform_id", required=True, help="The LMS's id, from `platforms list`.")
@click.option("--sub", required=True, help="The person's user id in that LMS (the launch's sub).")
@click.option("--role", default="assessor", type=click.Choice(people.ROLES), show_default=True)
@click.option("--deployment", default="", help="The deployment ID, where the LMS has more than one.")
def people_grant(platform_id: str, sub: str, role: str, deployment: str) -> None:
    """Give a person a role; works before her first launch too."""
    with the_app().app_context():
        try:
            click.echo(people.grant(platform_id, sub, role, deployment))
        except people.UnknownDeployment as error:
            raise click.ClickException(str(error)) from None


@click.group(name="roster")
def roster_group() -> None:
    """Class lists."""


@roster_group.command(name="sync")
@click.option("--course", "course_id", default="", help="One course, by the id that is printed; default: all of them.")
def roster_sync(course_id: str) -> None:
    """Read the class lists of courses that were opened within a week, now."""
    with the_app().app_context():
        good = True
        for line, went_well in class_lists.read_all(course_id):
            click.echo(line)
            good = good and went_well
        if not good:
            sys.exit(1)


@roster_group.command(name="show")
@click.argument("course_id")
@click.option("--link", default="", help="The LMS's resource link id: only those who may open it, where the LMS tells.")
def roster_show(course_id: str, link: str) -> None:
    """Print what the LMS says now: user id, status and roles, no names. Nothing is stored."""
    with the_app().app_context():
        try:
            for line in class_lists.shown(course_id, link):
                click.echo(line)
        except (LookupError, RosterRefused) as error:
            raise click.ClickException(str(error)) from None
