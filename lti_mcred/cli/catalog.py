"""`lti-mcred catalog`: definitions of micro-credentials."""

import sys
from pathlib import Path

import click

from lti_mcred.catalog import library
from lti_mcred.catalog.yaml_file import DefinitionError, read_definition
from lti_mcred.cli.base import the_app


@click.group(name="catalog")
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
    with the_app().app_context():
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
