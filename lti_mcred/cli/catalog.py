"""`lti-mcred catalog`: definitions of micro-credentials."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from sqlalchemy import select

from lti_mcred.badges import identity, trial
from lti_mcred.badges.issuer import did_of
from lti_mcred.badges.models import Issuer
from lti_mcred.catalog import library
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.yaml_file import DefinitionError, check_again, read_definition
from lti_mcred.cli.base import the_app
from lti_mcred.engine.db import db


@click.group(name="catalog")
def catalog_group() -> None:
    """Definitions of micro-credentials."""


@catalog_group.command(name="check")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--library", "stored", is_flag=True, help="Check what is in the library, by today's rules.")
def catalog_check(files: tuple[Path, ...], *, stored: bool) -> None:
    """Check definition files; every error is shown with line, field and cure. A trial badge is made of each."""
    if not files and not stored:
        message = "Name the files to check, or --library."
        raise click.UsageError(message)
    bad = _check_library() if stored else 0
    for path in files:
        try:
            definition = read_definition(path, [trial.faults])
            click.echo(f"{path}: good, {definition.id} {definition.version}")
        except DefinitionError as error:
            bad += 1
            click.echo(str(error), err=True)
    sys.exit(1 if bad else 0)


def _check_library() -> int:
    """Check every stored version; return how many are not good."""
    bad = 0
    with the_app().app_context():
        for row in library.all_versions():
            definition, notes = library.definition_of(row), []
            try:
                check_again(definition, [identity.faults])
            except DefinitionError as error:
                notes = [f"{one.field}: {one.what} {one.cure}" for one in error.faults]
            words = trial.attempt(definition)
            bad += bool(notes or words)
            state = f"CANNOT BE AWARDED: {words}" if words else "good" if not notes else "can be awarded, mended:"
            click.echo(f"{row.slug} {row.version}  {row.state}  {state}")
            for note in notes:
                click.echo(f"    {note}")
    return bad


@catalog_group.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--publish/--draft", default=None, help="Default: as the file's own status says.")
def catalog_import(files: tuple[Path, ...], publish: bool | None) -> None:
    """Bring definitions into the library."""
    with the_app().app_context():
        for path in files:
            before = _issuers()
            try:
                done = library.import_file(path, publish=publish)
            except (DefinitionError, library.FrozenVersion) as error:
                raise click.ClickException(str(error)) from None
            click.echo(f"{done.version.slug} {done.version.version}: {done.outcome}, {done.version.state}")
            if done.version.state == "published":
                for line in _who_signs(done.version, before):
                    click.echo(f"    {line}")


def _issuers() -> set[str]:
    return set(db.session.scalars(select(Issuer.id)))


def _who_signs(version: Version, before: set[str]) -> Iterator[str]:
    """Yield who signs the badges of a version, and what an operator may have meant otherwise."""
    issuer = identity.issuer_of(version)
    new = " (new here)" if issuer.id not in before else ""
    yield f"signed as: {issuer.name}, {did_of(issuer)}{new}"
    for other in identity.named(library.definition_of(version).issuer, version.slug).alike:
        yield f"not as: {other.name}, {did_of(other)}, {other.url or 'no web address'}."
        yield f"If that is the same institution, write issuer.id: {other.slug} in a new version."


@catalog_group.command(name="export")
@click.argument("slug")
@click.option("--version", default=None, help="Default: the newest.")
def catalog_export(slug: str, version: str | None) -> None:
    """Print a definition as YAML."""
    with the_app().app_context():
        row = library.find_version(slug, version)
        if row is None:
            wanted = f"{slug} {version}" if version else slug
            message = f"There is no {wanted} in the library. See: lti-mcred catalog list"
            raise click.ClickException(message)
        click.echo(library.export_yaml(row), nl=False)


@catalog_group.command(name="list")
def catalog_list() -> None:
    """List the library."""
    with the_app().app_context():
        for row in library.all_versions():
            click.echo(f"{row.slug} {row.version}  {row.state}  {row.title}")
