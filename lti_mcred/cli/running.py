"""`lti-mcred serve`, `worker`, `demo`, `story`, `settings`: what runs, and what it runs with."""

import signal
import sys
from pathlib import Path
from types import FrameType

import click

from lti_mcred.cli.base import the_app, the_settings
from lti_mcred.outbox import Worker
from lti_mcred.server import serving
from lti_mcred.services import service_of
from lti_mcred.settings import Settings, describe
from lti_mcred.tool.profiles import PRACTISED
from lti_mcred.trial import story
from lti_mcred.trial.run import run as run_demo


@click.command()
def serve() -> None:
    """Serve the tool (and, with the embedded database, deliver scores and badges)."""
    the_app()
    serving.serve(the_settings())


@click.command()
def worker() -> None:
    """Deliver scores and badges until stopped; run as many as you like with PostgreSQL."""
    app = the_app()
    delivery = Worker(app, service_of(app, Settings))

    def stop(_signal: int, _frame: FrameType | None) -> None:
        delivery.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    click.echo("Delivering. Ctrl-C stops.")
    delivery.run()


@click.command()
@click.option("--data", default="var", help="Folder that keeps the demo's data.", type=click.Path(path_type=Path))
@click.option(
    "--port", default=8000, type=click.IntRange(1, 65000), help="Port of the tool; the practice LMS takes the next one."
)
@click.option("--reset", is_flag=True, help="Start over: forget what earlier demos left.")
def demo(data: Path, port: int, reset: bool) -> None:
    """Start the tool beside a practice LMS, ready to try."""
    sys.exit(run_demo(data, port, reset=reset))


@click.command(name="story")
@click.option("--campus", type=click.Choice([*PRACTISED, "both"]), default="both", help="Which LMS to play.")
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the data in this folder.")
def story_command(campus: str, keep: Path | None) -> None:
    """Play the main job over HTTP between both processes and report each step: the smoke test."""
    sys.exit(story.run(list(PRACTISED) if campus == "both" else [campus], keep))


@click.command()
def settings() -> None:
    """List every setting with its default and meaning."""
    for name, default, meaning in describe():
        click.echo(f"{name}={default}\n    {meaning}")
