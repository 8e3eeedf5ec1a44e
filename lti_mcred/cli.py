"""`lti-mcred …`: what an operator does by hand."""

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import click
from flask import Flask
from sqlalchemy.exc import OperationalError

from lti_mcred import demo as demo_stack
from lti_mcred import migrate, outbox, people, serving, story
from lti_mcred.app import create_app
from lti_mcred.badges.award import award_anew, credential_url
from lti_mcred.badges.models import Award
from lti_mcred.badges.reading import UnreadableBadgeError
from lti_mcred.badges.resolve import verify_file
from lti_mcred.badges.revoke import REASONS, revoke
from lti_mcred.badges.verification import Verdict
from lti_mcred.badges.wording import unreadable_words
from lti_mcred.catalog import library
from lti_mcred.catalog.yaml_file import DefinitionError, read_definition
from lti_mcred.db import db
from lti_mcred.outbox import Worker
from lti_mcred.settings import Settings, SettingsError, describe
from lti_mcred.tool import class_lists, connection, invitations, keys, lti11, platforms
from lti_mcred.tool.admin import access
from lti_mcred.tool.nrps import RosterRefused

_STATES = {"pass": "pass", "waiting": "not yet", "failed": "FAILED"}

_ISSUER_HELP = (
    "An issuer is asked for its key by https at a public address. Badges of this installation are checked with its own "
    "keys: run this with the settings that it runs with (for a demo, LTI_MCRED_DATABASE_URL and LTI_MCRED_PUBLIC_URL)."
)
_NO_BADGE = "There is no such badge. Give the last part of its address, after /credentials/."


def _settings() -> Settings:
    try:
        return Settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _app(*, migrated: bool = True) -> Flask:
    app = create_app(_settings())
    if migrated:
        found = _revision(app)
        if found is None:
            message = "The database is empty. Run: lti-mcred db upgrade"
            raise click.ClickException(message)
        if found != migrate.newest():
            message = "The database is older or newer than this program. Run: lti-mcred db upgrade"
            raise click.ClickException(message)
    return app


def _revision(app: Flask) -> str | None:
    try:
        return migrate.current(app)
    except OperationalError as error:
        message = (
            f"The database does not open ({str(error.orig).strip()}). "
            "Is LTI_MCRED_DATABASE_URL right? A new one is made by: lti-mcred db upgrade"
        )
        raise click.ClickException(message) from None


@click.group()
@click.version_option(package_name="lti-mcred")
def main() -> None:
    """Micro-credentials inside the LMS you already have."""


@main.command()
def serve() -> None:
    """Serve the tool (and, with the embedded database, deliver scores and badges)."""
    _app()
    serving.serve(_settings())


@main.command()
def worker() -> None:
    """Deliver scores and badges until stopped; run as many as you like with PostgreSQL."""
    app = _app()
    delivery = Worker(app, app.config["SETTINGS"])

    def stop(_signal: int, _frame: FrameType | None) -> None:
        delivery.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("Delivering. Ctrl-C stops.")
    delivery.run()


@main.command()
@click.option("--data", default="var", help="Folder that keeps the demo's data.", type=click.Path(path_type=Path))
@click.option(
    "--port", default=8000, type=click.IntRange(1, 65000), help="Port of the tool; the practice LMS takes the next one."
)
@click.option("--reset", is_flag=True, help="Start over: forget what earlier demos left.")
def demo(data: Path, port: int, reset: bool) -> None:
    """Start the tool beside a practice LMS, ready to try."""
    sys.exit(demo_stack.run(data, port, reset=reset))


@main.command(name="story")
@click.option("--campus", type=click.Choice(["canvas", "moodle", "both"]), default="both", help="Which LMS to play.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the data in this folder.")
def story_command(campus: str, keep: Path | None) -> None:
    """Play the main job over HTTP between both processes and report each step: the smoke test."""
    sys.exit(story.run(["canvas", "moodle"] if campus == "both" else [campus], keep))


@main.command()
def settings() -> None:
    """List every setting with its default and meaning."""
    for name, default, meaning in describe():
        click.echo(f"{name}={default}\n    {meaning}")


@main.group(name="db")
def db_group() -> None:
    """The database."""


@db_group.command(name="upgrade")
def db_upgrade() -> None:
    """Bring the database to this program's version."""
    app = _app(migrated=False)
    migrate.make_folder(app.config["SETTINGS"])
    _revision(app)
    before, after = migrate.upgrade(app)
    click.echo(f"The database is at {after}." if before != after else f"The database was already at {after}.")


@main.group(name="admin")
def admin_group() -> None:
    """The administration in the browser."""


@admin_group.command(name="link")
@click.option("--minutes", default=access.LINK_MINUTES, show_default=True, type=click.IntRange(1, 1440),
              help="How long the link may wait.")  # fmt: skip
def admin_link(minutes: int) -> None:
    """Print a link that opens the administration once."""
    with _app().app_context():
        click.echo(access.make_link(minutes))


@main.group(name="platforms")
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
@click.option("--token-audience", default="", help="Only when the LMS names an audience of its own (Brightspace).")
@click.option("--profile", default="generic", type=click.Choice(["canvas", "moodle", "generic"]), show_default=True)
@click.option("--policy", default="first", type=click.Choice(platforms.POLICIES), show_default=True,
              help="Unknown deployments: wait for approval, the first one is taken, or all are.")  # fmt: skip
def platforms_add(deployment: tuple[str, ...], **values: str) -> None:
    """Register an LMS by hand."""
    with _app().app_context():
        try:
            platform = platforms.add_platform(deployments=deployment, **values)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{platform.name} may launch the tool now.")
        for label, value in platforms.our_values():
            click.echo(f"  {label}: {value}")


@platforms_group.command(name="list")
def platforms_list() -> None:
    """List the LMSs."""
    with _app().app_context():
        for platform in platforms.list_platforms():
            click.echo(f"{platform.id}  {platform.state:8} {platform.profile:8} {platform.name}  {platform.issuer}")


@platforms_group.command(name="show")
@click.argument("platform_id")
def platforms_show(platform_id: str) -> None:
    """Show one LMS with its deployments, last launch and last error."""
    with _app().app_context():
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
    """Stop an LMS from launching; people, work and scores are kept."""
    with _app().app_context():
        try:
            platforms.remove_platform(platform_id)
        except platforms.PlatformError as error:
            raise click.ClickException(str(error)) from None
        click.echo("Removed. Work and scores are kept.")


@platforms_group.command(name="approve")
@click.argument("platform_id")
@click.argument("deployment_id")
def platforms_approve(platform_id: str, deployment_id: str) -> None:
    """Let one more deployment of an LMS launch (`platforms show` lists those that wait)."""
    with _app().app_context():
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
    with _app().app_context():
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
    with _app().app_context():
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
    with _app().app_context():
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


@main.group(name="deliveries")
def deliveries_group() -> None:
    """News that could not be delivered yet: scores, badges, hand-ins."""


@deliveries_group.command(name="list")
def deliveries_list() -> None:
    """List what waits after a failed try and what was given up, with the reason."""
    with _app().app_context():
        for row in outbox.troubled():
            click.echo(
                f"{row.id}  {row.state}  {row.topic}  {row.tries} tries since {row.created_at:%d %B %Y %H:%M} UTC"
            )
            click.echo(f"    {row.reason}")


@deliveries_group.command(name="again")
@click.argument("ids", nargs=-1, required=True)
def deliveries_again(ids: tuple[str, ...]) -> None:
    """Try these deliveries again now."""
    _each_delivery(ids, outbox.again, "will be tried again now")


@deliveries_group.command(name="drop")
@click.argument("ids", nargs=-1, required=True)
def deliveries_drop(ids: tuple[str, ...]) -> None:
    """Take deliveries that were given up off the list; what they were about stays."""
    _each_delivery(ids, outbox.drop, "is off the list")


def _each_delivery(ids: tuple[str, ...], act: Callable[[str], bool], done: str) -> None:
    with _app().app_context():
        missed = [one for one in ids if not act(one)]
        for one in ids:
            if one not in missed:
                click.echo(f"{one} {done}.")
        if missed:
            message = f"Not among the troubled deliveries: {', '.join(missed)}. See: lti-mcred deliveries list"
            raise click.ClickException(message)


@main.group(name="people")
def people_group() -> None:
    """Roles of ours: assessor, lead, author."""


@people_group.command(name="grant")
@click.option("--platform", "platform_id", required=True, help="The LMS's id, from `platforms list`.")
@click.option("--sub", required=True, help="The person's user id in that LMS (the launch's sub).")
@click.option("--role", default="assessor", type=click.Choice(people.ROLES), show_default=True)
@click.option("--deployment", default="", help="The deployment ID, where the LMS has more than one.")
def people_grant(platform_id: str, sub: str, role: str, deployment: str) -> None:
    """Give a person a role; works before her first launch too."""
    with _app().app_context():
        try:
            click.echo(people.grant(platform_id, sub, role, deployment))
        except people.UnknownDeployment as error:
            raise click.ClickException(str(error)) from None


@main.group(name="roster")
def roster_group() -> None:
    """Class lists."""


@roster_group.command(name="sync")
@click.option("--course", "course_id", default="", help="One course, by the id that is printed; default: all of them.")
def roster_sync(course_id: str) -> None:
    """Read the class lists of courses that were opened within a week, now."""
    with _app().app_context():
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
    with _app().app_context():
        try:
            for line in class_lists.shown(course_id, link):
                click.echo(line)
        except (LookupError, RosterRefused) as error:
            raise click.ClickException(str(error)) from None


@main.group(name="keys")
def keys_group() -> None:
    """Signing keys."""


@keys_group.command(name="rotate")
def keys_rotate() -> None:
    """Publish a new LTI signing key; it signs when LMSs have had time to see it."""
    with _app().app_context():
        key = keys.rotate()
        click.echo(f"{key.kid} is published and signs from {key.signs_from:%d %B %Y %H:%M} UTC.")


@main.group(name="catalog")
def catalog_group() -> None:
    """Definitions of micro-credentials."""


@catalog_group.command(name="check")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
def catalog_check(files: tuple[Path, ...]) -> None:
    """Check definition files; every error is shown with line, field and cure."""
    bad = 0
    for path in files:
        try:
            definition = read_definition(path)
            click.echo(f"{path}: good, {definition.id} {definition.version}")
        except DefinitionError as error:
            bad += 1
            click.echo(str(error), err=True)
    sys.exit(1 if bad else 0)


@catalog_group.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--publish/--draft", default=None, help="Default: as the file's own status says.")
def catalog_import(files: tuple[Path, ...], publish: bool | None) -> None:
    """Bring definitions into the library."""
    with _app().app_context():
        for path in files:
            try:
                done = library.import_file(path, publish=publish)
            except (DefinitionError, library.FrozenVersion) as error:
                raise click.ClickException(str(error)) from None
            click.echo(f"{done.version.slug} {done.version.version}: {done.outcome}, {done.version.state}")


@catalog_group.command(name="export")
@click.argument("slug")
@click.option("--version", default=None, help="Default: the newest.")
def catalog_export(slug: str, version: str | None) -> None:
    """Print a definition as YAML."""
    with _app().app_context():
        row = library.find_version(slug, version)
        if row is None:
            wanted = f"{slug} {version}" if version else slug
            message = f"There is no {wanted} in the library. See: lti-mcred catalog list"
            raise click.ClickException(message)
        click.echo(library.export_yaml(row), nl=False)


@catalog_group.command(name="list")
def catalog_list() -> None:
    """List the library."""
    with _app().app_context():
        for row in library.all_versions():
            click.echo(f"{row.slug} {row.version}  {row.state}  {row.title}")


@main.group(name="badge")
def badge_group() -> None:
    """Badges."""


@badge_group.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
def badge_verify(file: Path) -> None:
    """Check a badge (JSON or baked PNG): who issued it, whether it is whole, valid, expired or revoked."""
    app = _app()
    with app.app_context(), app.test_request_context():
        try:
            found = verify_file(file)
        except OSError as error:
            raise click.ClickException(f"{file} cannot be read: {error.strerror}") from None
        except UnreadableBadgeError as error:
            raise click.ClickException(f"{file}: {unreadable_words(error.code)}") from None
        click.echo(found.verdict.value)
        for check in found.checks:
            click.echo(f"  {check.state.value:>17}  {check.words}")
        if found.verdict is Verdict.UNCONFIRMED:
            click.echo(_ISSUER_HELP)
        sys.exit(0 if found.verdict is Verdict.VALID else 1)


@badge_group.command(name="revoke")
@click.argument("award_id")
@click.option("--reason", required=True, type=click.Choice(REASONS))
@click.option("--yes", is_flag=True, help="Do not ask.")
def badge_revoke(award_id: str, reason: str, *, yes: bool) -> None:
    """Withdraw a badge; its page and its status list say so from now on. AWARD_ID is the end of its address."""
    with _app().app_context():
        if db.session.get(Award, award_id) is None:
            raise click.ClickException(_NO_BADGE)
        if not yes:
            click.confirm("A revoked badge stays revoked. Go on?", abort=True)
        try:
            award = revoke(award_id, reason)
        except LookupError:
            raise click.ClickException(_NO_BADGE) from None
        click.echo(f"Revoked since {award.revoked_at:%d %B %Y %H:%M} UTC: {award.revoke_reason}.")


@badge_group.command(name="anew")
@click.argument("award_id")
def badge_anew(award_id: str) -> None:
    """Award a withdrawn badge anew, from the same decision. AWARD_ID is the end of the withdrawn one's address."""
    with _app().app_context():
        try:
            award = award_anew(award_id)
        except LookupError:
            raise click.ClickException(_NO_BADGE) from None
        except ValueError as error:
            raise click.ClickException(f"Not awarded: {error}.") from None
        click.echo(credential_url(award.id))
