"""`lti-mcred badge`: checking, withdrawing and awarding anew."""

import json
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import click
from flask import Flask

from lti_mcred.badges.award import award_anew
from lti_mcred.badges.elsewhere import HttpsResolver, badge_at
from lti_mcred.badges.linked import badge_of
from lti_mcred.badges.models import Award
from lti_mcred.badges.resolve import resolver
from lti_mcred.badges.revoke import REASONS, revoke
from lti_mcred.badges.signing import credential_url
from lti_mcred.badges.verifier.lookup import Resolver
from lti_mcred.badges.verifier.reading import LARGEST_BADGE, UnreadableBadgeError
from lti_mcred.badges.verifier.verification import Verdict, Verification, as_dict, printable
from lti_mcred.badges.verifier.verify import verify_bytes
from lti_mcred.badges.wording import unreadable_words
from lti_mcred.cli.base import the_app
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import HttpClient
from lti_mcred.settings import Settings, SettingsError

_ISSUER_HELP = (
    "An issuer is asked for its key by https at a public address. Badges of this installation are checked with its own "
    "keys: run this with the settings that it runs with (for a demo, LTI_MCRED_DATABASE_URL and LTI_MCRED_PUBLIC_URL)."
)
_ENDS = {Verdict.VALID: 0, Verdict.UNCONFIRMED: 2}
_NO_BADGE = "There is no such badge. Give the last part of its address, after /credentials/."


@click.group(name="badge")
def badge_group() -> None:
    """Badges."""


class _Unreadable(click.ClickException):
    """What was given holds no badge that can be read."""

    exit_code = 3


@badge_group.command(name="verify")
@click.argument("given", metavar="FILE|ADDRESS|-")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict and every check as JSON.")
def badge_verify(given: str, *, as_json: bool) -> None:
    """Check a badge: who issued it, whether it is whole, valid, expired or revoked.

    GIVEN is a file (JSON, JSON Web Token, PNG or SVG picture), an https address, or - for standard input. Badges of
    others need neither a database nor settings.

    Ends with 0: valid, 1: not valid, 2: cannot be confirmed, 3: there is no badge that can be read.
    """
    app = _app_if_there()
    with _context(app):
        try:
            found = verify_bytes(_bytes_of(given, app), _resolver(app), utcnow())
        except UnreadableBadgeError as error:
            words = unreadable_words(error.code)
            if as_json:
                click.echo(json.dumps({"error": error.code, "message": words}, indent=2))
                sys.exit(_Unreadable.exit_code)
            raise _Unreadable(f"{given}: {words}") from None
        if as_json:
            click.echo(json.dumps(as_dict(found, lambda check: check.words), indent=2))  # ASCII: no marks get through
        else:
            _print(found)
    sys.exit(_ENDS.get(found.verdict, 1))


def _print(found: Verification) -> None:
    click.echo(found.verdict.value)
    for check in (*found.checks, *found.skipped):
        click.echo(f"  {check.state.value:>17}  {printable(check.words)}")
    if found.verdict is Verdict.UNCONFIRMED:
        click.echo(_ISSUER_HELP)


def _bytes_of(given: str, app: Flask | None) -> bytes:
    """Return what was given to be checked. Raises UnreadableBadgeError, _Unreadable for no file."""
    if "://" in given:
        return badge_of(given) if app else badge_at(given, _client())
    if given == "-":
        return sys.stdin.buffer.read(LARGEST_BADGE + 1)
    try:
        with Path(given).open("rb") as file:
            return file.read(LARGEST_BADGE + 1)
    except OSError as error:
        raise _Unreadable(f"{given} cannot be read: {error.strerror}") from None


def _app_if_there() -> Flask | None:
    """Return the application whose own badges can be checked from its database, None where there is none."""
    try:
        settings = Settings.load()
        file = settings.database_file
        return the_app() if file is None or Path(file).is_file() else None
    except (SettingsError, click.ClickException):
        return None


def _context(app: Flask | None) -> AbstractContextManager[object]:
    return app.test_request_context() if app else nullcontext()


def _resolver(app: Flask | None) -> Resolver:
    return resolver() if app else HttpsResolver(_client())


def _client() -> HttpClient:
    """Return the client of the application, without the application."""
    try:
        settings = Settings.load(environment="development")  # no secret is needed for a badge of others
    except SettingsError:
        settings = Settings()
    return HttpClient.of(settings)


@badge_group.command(name="revoke")
@click.argument("award_id")
@click.option("--reason", required=True, type=click.Choice(REASONS))
@click.option("--yes", is_flag=True, help="Do not ask.")
def badge_revoke(award_id: str, reason: str, *, yes: bool) -> None:
    """Withdraw a badge; its page and its status list say so from now on. AWARD_ID is the end of its address."""
    with the_app().app_context():
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
    with the_app().app_context():
        try:
            award = award_anew(award_id)
        except LookupError:
            raise click.ClickException(_NO_BADGE) from None
        except ValueError as error:
            raise click.ClickException(f"Not awarded: {error}.") from None
        click.echo(credential_url(award.id))
