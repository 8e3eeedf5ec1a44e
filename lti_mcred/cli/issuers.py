"""`lti-mcred issuers`: who stands behind badges, and their keys."""

import getpass

import click

from lti_mcred.badges import key_care
from lti_mcred.badges.models import Issuer, IssuerKey
from lti_mcred.cli.base import the_app
from lti_mcred.secretbox import SealBroken

_NOBODY = "There is no such issuer. Give the last part of its DID; see: lti-mcred issuers list"


@click.group(name="issuers")
def issuers_group() -> None:
    """Who stands behind badges, and their keys."""


@issuers_group.command(name="list")
def issuers_list() -> None:
    """List issuers: id, name, DID, badges that stand, keys and what became of them."""
    with the_app().app_context():
        for line in key_care.lines():
            click.echo(f"{line.issuer.slug}  {line.issuer.name}  {line.issuer.url or ''}".rstrip())
            click.echo(f"    {line.did}  badges: {line.badges}")
            if line.waiting:
                click.echo(f"    to be signed again: {line.waiting}")
            if line.elsewhere:
                click.echo(f"    of a former public address, with another DID: {line.elsewhere}")
            for key in line.keys:
                click.echo(f"    {key.public_multibase}  {_key_state(key)}")


@issuers_group.command(name="rotate")
@click.argument("issuer_id")
def issuers_rotate(issuer_id: str) -> None:
    """Let a new key of an issuer sign from now on; the old one stays published, and its badges valid."""
    with the_app().app_context():
        try:
            made = key_care.rotate(_issuer(issuer_id), _who())
        except SealBroken as error:
            raise click.ClickException(str(error)) from None
        click.echo(f"{made} signs from now on.")


@issuers_group.command(name="retire-key")
@click.argument("issuer_id")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def issuers_retire_key(issuer_id: str, key: str, *, yes: bool) -> None:
    """Take a key that leaked out of the DID document, and sign its badges again. KEY: its last six characters."""
    with the_app().app_context():
        issuer = _issuer(issuer_id)
        found = key_care.find_key(issuer, key)
        if found is None:
            message = "That names no key of this issuer, or several. See: lti-mcred issuers list"
            raise click.ClickException(message)
        if not yes:
            click.echo("Nothing that this key signed counts any more. Badges of this installation are signed again;")
            click.echo("files and pictures that were given away before have to be downloaded again.")
            click.confirm("There is no way back. Go on?", abort=True)
        multibase = found.public_multibase
        left = key_care.take_out(issuer, found, _who())
        click.echo(f"{multibase} is out of the DID document. Badges to sign again: {left}")
        while left:
            left = key_care.sign_some_again(multibase)
        waiting = next(line.waiting for line in key_care.lines() if line.issuer.id == issuer.id)
        if waiting:
            click.echo(f"Could not be signed now, and is tried again when somebody asks for the badge: {waiting}")


def _issuer(issuer_id: str) -> Issuer:
    found = key_care.find(issuer_id)
    if found is None:
        raise click.ClickException(_NOBODY)
    return found


def _key_state(key: IssuerKey) -> str:
    if key.leaked_at:
        return f"taken out {key.leaked_at:%d %B %Y}"
    return f"published, signs no more since {key.retired_at:%d %B %Y}" if key.retired_at else "signs"


def _who() -> str:
    return f"command line ({getpass.getuser()})"
