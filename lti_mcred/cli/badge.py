"""`lti-mcred badge`: checking, withdrawing and awarding anew."""

import sys
from pathlib import Path

import click

from lti_mcred.badges.award import award_anew
from lti_mcred.badges.models import Award
from lti_mcred.badges.reading import UnreadableBadgeError
from lti_mcred.badges.resolve import verify_file
from lti_mcred.badges.revoke import REASONS, revoke
from lti_mcred.badges.signing import credential_url
from lti_mcred.badges.verification import Verdict
from lti_mcred.badges.wording import unreadable_words
from lti_mcred.cli.base import the_app
from lti_mcred.db import db

_ISSUER_HELP = (
    "An issuer is asked for its key by https at a public address. Badges of this installation are checked with its own "
    "keys: run this with the settings that it runs with (for a demo, LTI_MCRED_DATABASE_URL and LTI_MCRED_PUBLIC_URL)."
)
_NO_BADGE = "There is no such badge. Give the last part of its address, after /credentials/."


@click.group(name="badge")
def badge_group() -> None:
    """Badges."""


@badge_group.command(name="verify")
@click.argument("file", type=click.Path(path_type=Path))
def badge_verify(file: Path) -> None:
    """Check a badge (JSON or baked PNG): who issued it, whether it is whole, valid, expired or revoked."""
    app = the_app()
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
