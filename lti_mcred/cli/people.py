"""`lti-mcred people`, `roster`: who has which role of ours, and the class lists of the LMS."""

import json
import sys
from collections.abc import Callable
from typing import Any

import click

from lti_mcred.cli.base import the_app
from lti_mcred.people import grants
from lti_mcred.people.roles import OUR_ROLES
from lti_mcred.tool.known import people
from lti_mcred.tool.roster import class_lists
from lti_mcred.tool.wire.nrps import RosterRefused


def _who(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say which person is meant."""
    for option in (
        click.option("--deployment", default="", help="The deployment ID, where the LMS has more than one."),
        click.option("--platform", "platform_id", default="", help="The LMS's id, from `platforms list`."),
        click.option("--sub", default="", help="The user id in the LMS (the launch's sub), from `people list`."),
        click.option("--name", default="", help="The whole name, as the LMS sends it."),
        click.option("--email", default="", help="The e-mail address, as the LMS sends it."),
    ):
        command = option(command)
    return command


@click.group(name="people")
def people_group() -> None:
    """People of your LMSs, and roles of ours: assessor."""


@people_group.command(name="list")
@click.option("--platform", "platform_id", default="", help="Only people of this LMS (its id, from `platforms list`).")
@click.option("--search", default="", help="Only people with this in their name or e-mail address.")
@click.option("--role", default="", help="Only people who have this role of ours.")
@click.option("--json", "as_json", is_flag=True, help="One JSON array, for programs.")
def people_list(platform_id: str, search: str, role: str, as_json: bool) -> None:
    """Show who was seen: LMS, name, e-mail, user id, roles of ours, last launch from a course."""
    with the_app().app_context():
        rows = [_row(one) for one in people.listed(platform_id=platform_id, search=search, role=role)]
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        shown = (row["platform"], row["name"] or "(no name)", row["email"] or "(no e-mail)", f"sub {row['sub']}")
        told = (",".join(row["roles"]) or "-", f"last seen {row['last_seen'] or 'never'}")
        click.echo(people.printable("  ".join((*shown, *told))))
    if not rows:
        click.echo("Nobody. A person is known from her first launch on, or when the class list of her course was read.")


@people_group.command(name="grant")
@_who
@click.option("--role", type=click.Choice(OUR_ROLES), help="The same as ROLE.")
@click.argument("role_word", metavar="[ROLE]", required=False, type=click.Choice(OUR_ROLES))
@click.option("--unseen", is_flag=True, help="Put down a --sub that nobody has come with yet, known for certain.")
def people_grant(role: str | None, role_word: str | None, unseen: bool, **wanted: str) -> None:
    """Give a person a role, assessor unless told. It counts at once, also in pages that are open."""
    role = role_word or role or OUR_ROLES[0]
    with the_app().app_context():
        person = _person(wanted, people.not_seen_yet if unseen else people.find)
        done = grants.grant(person, role)
        said = f"has the role {role} now" if done else f"already has the role {role}"
        click.echo(f"{people.printable(person.name or person.sub)} {said}.")


@people_group.command(name="revoke")
@_who
@click.option("--role", help="The same as ROLE.")
@click.argument("role_word", metavar="[ROLE]", required=False)
def people_revoke(role: str | None, role_word: str | None, **wanted: str) -> None:
    """Take a role from a person, assessor unless told. It ends at once, in open pages too; what she decided stays."""
    role = role_word or role or OUR_ROLES[0]
    with the_app().app_context():
        person = _person(wanted, people.find)
        done = grants.revoke(person, role)
        said = f"does not have the role {role}" + (" any more" if done else "; nothing was changed")
        click.echo(f"{people.printable(person.name or person.sub)} {said}.")


def _person(wanted: dict[str, str], find: Callable[[people.Wanted], Any]) -> Any:
    names = {"deployment": "deployment_id"}
    try:
        return find(people.Wanted(**{names.get(name, name): value for name, value in wanted.items()}))
    except people.PeopleError as error:
        raise click.ClickException(str(error)) from None


def _row(one: people.Known) -> dict[str, Any]:
    return {
        "platform": one.platform.name,
        "platform_id": one.platform.id,
        "deployment_id": one.deployment.deployment_id,
        "sub": one.person.sub,
        "name": one.person.name,
        "email": one.person.email,
        "roles": list(one.roles),
        "last_seen": one.seen_at.isoformat(timespec="seconds") if one.seen_at else None,
    }


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
            for line in class_lists.listed_lines(course_id, link):
                click.echo(line)
        except (LookupError, RosterRefused) as error:
            raise click.ClickException(str(error)) from None
