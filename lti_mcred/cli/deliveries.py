"""`lti-mcred deliveries`: news that did not arrive yet."""

from collections.abc import Callable

import click

from lti_mcred import outbox
from lti_mcred.cli.base import the_app


@click.group(name="deliveries")
def deliveries_group() -> None:
    """News that could not be delivered yet: scores, badges, hand-ins."""


@deliveries_group.command(name="list")
def deliveries_list() -> None:
    """List what waits after a failed try and what was given up, with the reason."""
    with the_app().app_context():
        for row in outbox.troubled():
            click.echo(
                f"{row.id}  {row.state}  {row.topic}  {row.tries} tries since {row.created_at:%d %B %Y %H:%M} UTC"
            )
            click.echo(f"    {row.reason}")


@deliveries_group.command(name="again")
@click.argument("ids", nargs=-1, required=True)
def deliveries_again(ids: tuple[str, ...]) -> None:
    """Try these deliveries again now."""
    _each_delivery(ids, outbox.deliver_now, "will be tried again now")


@deliveries_group.command(name="drop")
@click.argument("ids", nargs=-1, required=True)
def deliveries_drop(ids: tuple[str, ...]) -> None:
    """Take deliveries that were given up off the list; what they were about stays."""
    _each_delivery(ids, outbox.drop, "is off the list")


def _each_delivery(ids: tuple[str, ...], act: Callable[[str], bool], done: str) -> None:
    with the_app().app_context():
        missed = [one for one in ids if not act(one)]
        for one in ids:
            if one not in missed:
                click.echo(f"{one} {done}.")
        if missed:
            message = f"Not among the troubled deliveries: {', '.join(missed)}. See: lti-mcred deliveries list"
            raise click.ClickException(message)
