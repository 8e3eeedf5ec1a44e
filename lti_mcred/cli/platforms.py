"""`lti-mcred platforms`: the LMSs that may launch the tool."""

import sys

import click

from lti_mcred.cli.base import the_app
from lti_mcred.tool.health import connection
from lti_mcred.tool.install import invitations
from lti_mcred.tool.known import platforms
from lti_mcred.tool.launch import lti11
from lti_mcred.tool.profiles import PROFILES, usual_policy

_OWN_AUDIENCE = ", ".join(str(one.title) for one in PROFILES.values() if one.registration.token_audience)
_OF_MANY = ", ".join(str(one.title) for one in PROFILES.values() if one.registration.issuers_of_many)
_STATES = {"pass": "pass", "waiting": "not yet", "failed": "FAILED"}


@click.group(name="platforms")
def platforms_group() -> None:
    """The LMSs that may launch the tool."""


@platforms_group.command(name="add")
@click.option("--name", required=True)
@click.option("--issuer", required=True)
@click.option("--client-id", required=True)
@click.option("--deployment", multiple=True, help="Deployment id; leave out when it is not known yet.")
@click.option("--auth-url", required=True)
@click.option("--token-url", required=True)
@click.option("--jwks-url", required=True)
@click.option("--token-audience", default="", help=f"Only when the LMS names an audience of its own ({_OWN_AUDIENCE}).")
@click.option("--profile", default="generic", type=click.Choice(list(PROFILES)), show_default=True)
@click.option("--policy", default=None, type=click.Choice(platforms.POLICIES),
              show_default=f"first; for {_OF_MANY}, where one client ID serves all schools, ask",
              help="Unknown deployments: wait for approval, the first one is taken, or all are.")  # fmt: skip
def platforms_add(deployment: tuple[str, ...], policy: str | None, **values: str) -> None:
    """Register an LMS by hand."""
    with the_app().app_context():
        try:
            platform = platforms.add_platform(
                deployments=deployment, policy=policy or usual_policy(values["issuer"]), **values
            )
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{platform.name} may launch the tool now.")
        for label, value in (*platforms.our_values(), *platforms.our_documents()):
            click.echo(f"  {label}: {value}")


@platforms_group.command(name="list")
def platforms_list() -> None:
    """List the LMSs."""
    with the_app().app_context():
        for platform in platforms.list_platforms():
            click.echo(f"{platform.id}  {platform.state:8} {platform.profile:11} {platform.name}  {platform.issuer}")


@platforms_group.command(name="show")
@click.argument("platform_id")
def platforms_show(platform_id: str) -> None:
    """Show one LMS with its deployments, last launch and last error."""
    with the_app().app_context():
        try:
            for label, value in platforms.describe_platform(platform_id):
                click.echo(f"{label}: {value}")
            if known := lti11.consumer_keys(platform_id):
                click.echo(f"LTI 1.1 keys: {', '.join(known)}")
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None


@platforms_group.command(name="remove")
@click.argument("platform_id")
def platforms_remove(platform_id: str) -> None:
    """Stop an LMS from launching and end its open pages; people, work and scores are kept."""
    with the_app().app_context():
        try:
            platforms.remove_platform(platform_id)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo("Removed; its open pages have ended. Work and scores are kept.")


@platforms_group.command(name="approve")
@click.argument("platform_id")
@click.argument("deployment_id")
def platforms_approve(platform_id: str, deployment_id: str) -> None:
    """Let one more deployment of an LMS launch (`platforms show` lists those that wait)."""
    with the_app().app_context():
        try:
            platforms.approve(platform_id, deployment_id)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Deployment {deployment_id} may launch the tool now.")


@platforms_group.command(name="test")
@click.argument("platform_id")
@click.option("--deployment", default="", help="One deployment ID; otherwise all that may launch are tested.")
def platforms_test(platform_id: str, deployment: str) -> None:
    """Test the connection to an LMS: keys, token, rights, class list, grade column, score. Ends with 1 on a failure."""
    with the_app().app_context():
        try:
            platform = platforms.get(platform_id)
            chosen = platforms.active_deployments(platform, deployment)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        reports = [connection.run_now(platform, one) for one in chosen] or [connection.run_now(platform)]
        for report in reports:
            click.echo(f"{platform.name}{f', deployment {report.deployment_id}' if report.deployment_id else ''}")
            for line in report.lines:
                click.echo(f"  {_STATES[line.state]:10} {line.title}: {line.words}")
                for label, text in (("Who can cure it", line.who), ("For support", line.said)):
                    if text and line.state != "pass":
                        click.echo(f"  {'':10} {label}: {text}")
        sys.exit(1 if any(report.failed for report in reports) else 0)


@platforms_group.command(name="invite")
@click.option("--days", default=invitations.DAYS, show_default=True, type=click.IntRange(1, 365))
@click.option("--many", is_flag=True, help="It may be used until it ends; otherwise it works once.")
@click.option("--note", default="", help="Whom it is for; shown in the list of open invitations.")
@click.option("--update", "renews_id", default=None, help="It renews this LMS's registration, by its id in the list.")
def platforms_invite(days: int, many: bool, note: str, renews_id: str | None) -> None:
    """Make a link with which an LMS administrator registers the tool, or renews its registration."""
    with the_app().app_context():
        try:
            renewed = platforms.get(renews_id) if renews_id else None
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        link = invitations.invite(
            days, reusable=many, note=note or (renewed.name if renewed else ""), renews_id=renews_id, may_move=True
        )
        click.echo(link)


@platforms_group.command(name="upgrade")
@click.argument("platform_id")
@click.argument("consumer_key")
@click.option("--secret", help="Asked for when left out, so that it stays out of the shell's history.")
@click.option("--forget", is_flag=True, help="Delete the key; who was carried over stays.")
def platforms_upgrade(platform_id: str, consumer_key: str, secret: str | None, forget: bool) -> None:
    """Carry people over from the LTI 1.1 installation that had this consumer key."""
    with the_app().app_context():
        try:
            if forget:
                lti11.forget_key(platform_id, consumer_key)
                click.echo(f"The LTI 1.1 key {consumer_key} is forgotten.")
                return
            secret = secret or click.prompt("Shared secret of the LTI 1.1 installation", hide_input=True)
            lti11.add_key(platform_id, consumer_key, secret)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"Launches that prove the LTI 1.1 key {consumer_key} carry their person over now.")
