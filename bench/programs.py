"""The programs that are measured, each started as one process with its production settings, and ended again."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import create_engine, text

from bench.lms import CLIENT, DEPLOYMENT, PAUSES, BenchLms
from lti_mcred.app import create_app
from lti_mcred.catalog import library
from lti_mcred.catalog.models import Activity
from lti_mcred.engine import migrate
from lti_mcred.engine.db import close_connections, db
from lti_mcred.files import resource_dir
from lti_mcred.settings import Settings
from lti_mcred.tool.known import platforms
from lti_mcred.trial.demo import start_tool, stop_process, wait_for
from tests.ports import two_free_ports

PEERS = Path(__file__).parent / "peers"
_THREADS = 8
_START_SECONDS = 60


@dataclass(frozen=True)
class Program:
    """A running program. `activities`: issuer name -> what a launch asks for; `word`: what the page has to contain."""

    name: str
    port: int
    pid: int
    login: str
    launch: str
    word: bytes
    activities: dict[str, str]


def database(server: str, name: str) -> str:
    """Make an empty database `name` on the server of the SQLAlchemy URL `server`; return its URL."""
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return f"{server.rpartition('/')[0]}/{name}"


@contextmanager
def ours(server: str, folder: Path, lms: BenchLms, **changes: Any) -> Iterator[Program]:
    """Run lti_mcred: `lti-mcred serve` with its shipped settings, but for the limit that one address would meet."""
    port, _other = two_free_ports()
    settings = replace(
        Settings.load(
            {},
            environment="demo",
            secret_key="b" * 40,
            public_url=f"http://127.0.0.1:{port}",
            listen=f"127.0.0.1:{port}",
            database_url=database(server, "ours"),
            data_dir=str(folder),
            allowed_private_hosts=(lms.host,),
            limit_logins_per_minute=10_000_000,
        ),
        **changes,
    )
    activities = _install(settings, lms)
    process = start_tool(settings, folder / "ours.log")
    try:
        wait_for(f"{settings.public_url}/readyz", process, folder / "ours.log")
        yield Program("lti_mcred", port, process.pid, "/lti/login", "/lti/launch", b"Job Hazard Analysis", activities)
    finally:
        stop_process(process)


def _install(settings: Settings, lms: BenchLms) -> dict[str, str]:
    """Migrate, register the LMS under each of its issuers, place one activity for each; return their ids."""
    app = create_app(settings)
    migrate.upgrade(app)
    found = {}
    with app.app_context():
        path = resource_dir("examples") / "cc-workforce-job-hazard-analysis.yaml"
        version = library.import_file(path, publish=True).version
        for name in PAUSES:
            issuer = lms.issuer(name)
            row = platforms.add_platform(
                name=name, issuer=issuer, client_id=CLIENT, deployments=(DEPLOYMENT,), profile="moodle",
                auth_url=f"{issuer}/auth", token_url=f"{issuer}/token", jwks_url=f"{issuer}/jwks",
            )  # fmt: skip
            activity = Activity(version_id=version.id, platform_id=row.id, deployment_id=row.deployments[0].id)
            db.session.add(activity)
            db.session.commit()
            found[name] = activity.id
        db.session.remove()
        close_connections()
    return found


@contextmanager
def pylti(server: str, folder: Path, lms: BenchLms, *, stock: bool, processes: int = 1) -> Iterator[Program]:
    """Run PyLTI1p3's Flask adapter on the server that we use. `stock`: its Flask cache in memory, no database."""
    name = "PyLTI1p3, stock cache" if stock else "PyLTI1p3"
    url = None if stock else database(server, "pylti").replace("+psycopg", "")
    given = {
        "dsn": url, "client": CLIENT, "deployment": DEPLOYMENT,
        "platforms": [{"url": lms.issuer(one), "jwks": f"{lms.issuer(one)}/jwks"} for one in PAUSES],
    }  # fmt: skip
    environ = {"BENCH_PEER": json.dumps(given)}
    with _gunicorn("bench.peers.pylti:app", folder / "pylti.log", environ, processes) as (port, pid):
        yield Program(name, port, pid, "/login", "/launch", b"Welcome Learner ", dict.fromkeys(PAUSES, ""))


@contextmanager
def bare(folder: Path) -> Iterator[Program]:
    """Run the smallest Flask application on the server that we use."""
    with _gunicorn("bench.bare:app", folder / "bare.log", {}, 1) as (port, pid):
        yield Program("bare Flask", port, pid, "/", "/", b"Hello", {})


@contextmanager
def _gunicorn(app: str, log: Path, environ: dict[str, str], processes: int) -> Iterator[tuple[int, int]]:
    port, _other = two_free_ports()
    command = [sys.executable, "-m", "gunicorn", app, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    command += ["--workers", str(processes), "--threads", str(_THREADS), "--keep-alive", "75", "--log-level", "warning"]
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **environ})
    try:
        wait_for(f"http://127.0.0.1:{port}/readyz", process, log)
        yield port, process.pid
    finally:
        stop_process(process)


@contextmanager
def ltijs(server: str, folder: Path, lms: BenchLms) -> Iterator[Program]:
    """Run ltijs with ltijs-sequelize. Raises RuntimeError where Node or its packages cannot be had."""
    _node_packages()
    parts, (port, _other) = urlsplit(database(server, "ltijs")), two_free_ports()
    given = {
        "port": port, "client": CLIENT,
        "database": {"host": parts.hostname, "port": parts.port, "user": parts.username, "name": parts.path[1:]},
        "platforms": [{"url": lms.issuer(one), "jwks": f"{lms.issuer(one)}/jwks"} for one in PAUSES],
    }  # fmt: skip
    environ, log = {**os.environ, "NODE_ENV": "production"}, folder / "ltijs.log"
    with log.open("ab") as out:
        process = subprocess.Popen(["node", PEERS / "ltijs.js", json.dumps(given)], stdout=out, stderr=out, env=environ)
    try:
        _wait_for_word("ready", process, log)
        yield Program("ltijs", port, process.pid, "/login", "/", b"Welcome Learner ", dict.fromkeys(PAUSES, ""))
    finally:
        stop_process(process)


def _node_packages() -> None:
    """Install exactly what package-lock.json names, once. Raises RuntimeError with the reason when that cannot be."""
    lock = PEERS / "package-lock.json"
    installed = PEERS / "node_modules" / ".package-lock.json"
    if not shutil.which("node") or not shutil.which("npm"):
        message = "Node is not installed here"
        raise RuntimeError(message)
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return
    command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    done = subprocess.run(command, cwd=PEERS, capture_output=True, text=True, check=False, timeout=600)
    if done.returncode:
        message = f"npm could not install its packages: {done.stderr.strip()[-200:]}"
        raise RuntimeError(message)


def _wait_for_word(word: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends and process.poll() is None:
        if word in log.read_text(encoding="utf-8", errors="replace"):
            return
        time.sleep(0.1)
    message = f"it did not start: {log.read_text(encoding='utf-8', errors='replace')[-300:]}"
    raise RuntimeError(message)
