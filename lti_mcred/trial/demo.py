"""The demo: the tool and a practice LMS on two different sites, set up as an administrator would, over HTTP."""

import fcntl
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel.dates import LOCALTZ
from flask import Flask
from sqlalchemy import select

from lti_mcred import private
from lti_mcred.app import create_app
from lti_mcred.catalog import library
from lti_mcred.engine import migrate
from lti_mcred.engine.db import close_connections, db
from lti_mcred.files import resource_dir
from lti_mcred.people import grants
from lti_mcred.settings import Settings, as_environment
from lti_mcred.settings_checks import time_zones
from lti_mcred.tool.install import invitations
from lti_mcred.tool.known import people
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles import PRACTISED
from lti_mcred.trial.robot import Robot

Say = Callable[[str], None]
CAMPUSES = PRACTISED
_START_SECONDS = 60


class DemoError(RuntimeError):
    """The demo could not start; the message says what to do."""


@dataclass(frozen=True)
class Stack:
    """A running tool and practice LMS."""

    tool: str
    practice: str
    data: Path
    settings: Settings
    processes: tuple["subprocess.Popen[bytes]", ...]

    def dead(self) -> bool:
        """Whether one of the two has ended."""
        return any(process.poll() is not None for process in self.processes)


@contextmanager
def in_use(folder: Path) -> Iterator[None]:
    """Keep a folder for this process alone. Raises DemoError when another one has it."""
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = f"Another demo is running with {folder}. Stop it first, or choose another folder with --data."
            raise DemoError(message) from None
        yield


@contextmanager
def stack(
    data: Path, tool_port: int, practice_port: int, say: Say, *, campuses: tuple[str, ...] = CAMPUSES, **changes: Any
) -> Iterator[Stack]:
    """Run both processes in `data`, registered with each other, until the block ends. Raises DemoError.

    `campuses`: those that know the tool from the beginning. `changes`: settings that differ from the demo's.
    """
    private.for_owner_only()
    private.make_folder(data)
    for name in ("secret", "tool.log", "practice.log"):
        private.close(data / name)
    private.close_database(data / "practice.sqlite3")
    with in_use(data):
        settings = replace(demo_settings(data, tool_port, practice_port), **changes)
        settings.check()
        yield from _running(settings, data, practice_port, campuses, say)


def _running(
    settings: Settings, data: Path, practice_port: int, campuses: tuple[str, ...], say: Say
) -> Iterator[Stack]:
    prepare(settings, say)
    processes: list[subprocess.Popen[bytes]] = []
    practice = f"http://localhost:{practice_port}"
    try:
        say(f"Starting the practice LMS on {practice} …")
        practice_command = [sys.executable, "-m", "lti_mcred.practice", "--port", str(practice_port)]
        practice_command += ["--data", str(data / "practice.sqlite3")]
        processes.append(start_program(practice_command, data / "practice.log", {}))
        say(f"Starting the tool on {settings.public_url} …")
        processes.append(start_tool(settings, data / "tool.log"))
        wait_for(f"{practice}/control/campuses", processes[0], data / "practice.log")
        wait_for(f"{settings.public_url}/readyz", processes[1], data / "tool.log")
        _introduce(settings, practice, campuses, say)
        yield Stack(settings.public_url, practice, data, settings, tuple(processes))
    finally:
        for process in processes:  # both at once, so that Ctrl-C takes as long as the slower one
            process.terminate()
        for process in processes:
            stop_process(process)


def start_tool(settings: Settings, log: Path) -> "subprocess.Popen[bytes]":
    """Start `lti-mcred serve` with these settings in a process of its own."""
    return start_program([sys.executable, "-m", "lti_mcred", "serve"], log, as_environment(settings))


def start_worker(settings: Settings, log: Path) -> "subprocess.Popen[bytes]":
    """Start `lti-mcred worker` with these settings in a process of its own."""
    return start_program([sys.executable, "-m", "lti_mcred", "worker"], log, as_environment(settings))


def stop_process(process: "subprocess.Popen[bytes]") -> None:
    """End a process that we started: kindly, then firmly."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(5)


def free_port(first: int) -> int:
    """Return the first port from `first` on that can be bound on loopback, tried as a server would."""
    for port in range(first, min(first + 200, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    message = f"No free port between {first} and {first + 199}. Choose another with --port."
    raise DemoError(message)


def demo_settings(data: Path, tool_port: int, practice_port: int) -> Settings:
    """Return the settings of a demo with its data in `data`; makes its secret once."""
    secret = data / "secret"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_hex(32), encoding="ascii")
    return Settings.load(
        {},
        environment="demo",
        secret_key=secret.read_text(encoding="ascii").strip(),
        public_url=f"http://127.0.0.1:{tool_port}",
        listen=f"127.0.0.1:{tool_port}",
        database_url=f"sqlite:///{(data / 'tool.sqlite3').resolve()}",
        data_dir=str((data / "files").resolve()),
        allowed_private_hosts=(f"localhost:{practice_port}", f"127.0.0.1:{tool_port}"),
        outbox_poll_seconds=0.3,
        timezone=_zone_of_machine(),
        log_level="WARNING",
    )


def _zone_of_machine() -> str:
    name = getattr(LOCALTZ, "key", None) or "UTC"
    return name if name in time_zones() else "UTC"


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The application in this process, for as long as something has to be set up; leaves no connection open."""
    app = create_app(settings)
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            close_connections()


def prepare(settings: Settings, say: Say) -> None:
    """Migrate the database, and import the examples."""
    say("Preparing the database …")
    with application(settings) as app, app.app_context():
        migrate.upgrade(app)
        for path in sorted(resource_dir("examples").glob("*.yaml")):
            done = library.import_file(path, publish=True)
            if done.outcome != "unchanged":
                say(f"  {done.version.title}: {done.outcome}")


def _introduce(settings: Settings, practice: str, campuses: tuple[str, ...], say: Say) -> None:
    """Register the tool with each campus by Dynamic Registration, and name the demo's assessors."""
    there = Robot().get(f"{practice}/control/campuses", Accept="application/json").json()
    with application(settings) as app:
        for campus in there:
            if campus["slug"] in campuses:
                _introduce_to(app, practice, campus, say)


def _introduce_to(app: Flask, practice: str, campus: dict[str, str], say: Say) -> None:
    slug, issuer = campus["slug"], campus["issuer"]
    with app.app_context():
        if db.session.scalar(select(Platform.id).filter_by(issuer=issuer, state="active")):
            return
        link = invitations.invite(days=1, note=campus["name"])
    say(f"Registering the tool with {campus['name']} ({campus['platform']}) …")
    register(link, practice, slug)
    found = Robot().get(f"{practice}/{slug}/control/people", Accept="application/json").json()
    with app.app_context():
        platform_id = db.session.scalars(select(Platform.id).filter_by(issuer=issuer)).one()
        for person in found:
            if person["key"] == "assessor":
                wanted = people.Wanted(sub=person["sub"], platform_id=platform_id)
                grants.grant(people.not_seen_yet(wanted), "assessor")


def register(invitation: str, practice: str, campus: str) -> str:
    """Walk through Dynamic Registration as an LMS administrator does; return the client id. Raises DemoError."""
    robot = Robot()
    offer = robot.put_json(f"{practice}/{campus}/control/registrations", {}).json()
    joint = "&" if "?" in invitation else "?"
    offered = {name: offer[name] for name in ("openid_configuration", "registration_token")}
    page = robot.get(f"{invitation}{joint}{urlencode(offered)}")
    done = robot.submit(page.form("/lti/register"))
    if done.status != 200:
        message = f"The practice LMS and the tool could not agree: {done.text[:400]}"
        raise DemoError(message)
    tools = robot.get(f"{practice}/{campus}/control/tools", Accept="application/json").json()
    client_id = str(tools[-1]["client_id"])
    robot.put_json(f"{practice}/{campus}/control/tools/{client_id}/activate", {})
    return client_id


def start_program(command: list[str], log: Path, environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    """Start `python -m MODULE …` in a process of its own; what it says goes to the end of `log`."""
    with log.open("ab") as out:
        return subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            command,
            stdout=out,
            stderr=out,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environ},
            start_new_session=True,  # Ctrl-C reaches us alone; we stop both in order
        )


def wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Wait until `url` answers 200. Raises DemoError with the end of the log."""
    robot = Robot()
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        if process.poll() is not None:
            break
        try:
            if robot.get(url, Accept="application/json").status == 200:
                return
        except ConnectionError:
            pass
        time.sleep(0.1)
    words = log.read_text(encoding="utf-8", errors="replace")[-1500:] if log.exists() else ""
    message = f"{url} did not come up. The end of {log}:\n{words}"
    raise DemoError(message)
