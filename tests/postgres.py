"""A PostgreSQL server of the tests' own, on a Unix socket and loopback, ended with the tests."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port


def binaries() -> Path | None:
    """Return the folder of PostgreSQL's server binaries (Debian's layout or the PATH), None without them."""
    for folder in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists():
            return folder
    found = shutil.which("initdb")
    return Path(found).parent if found else None


def _unprivileged() -> str | None:
    """PostgreSQL refuses to run as root; return another user to run it as."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def server(*, durable: bool = False) -> Iterator[str]:
    """Run a server in a folder of its own; yield a SQLAlchemy URL of an empty database.

    `durable`: every commit reaches the disk, as in production; tests can do without.
    """
    folder = binaries()
    assert folder, "no PostgreSQL server binaries"
    user = _unprivileged()
    home = Path(tempfile.mkdtemp(prefix="lti-mcred-pg-"))
    if user:
        os.chown(home, pwd.getpwnam(user).pw_uid, pwd.getpwnam(user).pw_gid)
    port = free_port()
    environ = {**os.environ, "HOME": str(home), "LC_ALL": "C.UTF-8"}
    run = {"user": user, "env": environ, "cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.STDOUT}
    subprocess.run([folder / "initdb", "-D", home / "data", "-U", "tests", "-A", "trust", "-N"], check=True, **run)
    options = f"-p {port} -k {home} -h 127.0.0.1 -c max_connections=100"
    if not durable:
        options += " -c fsync=off -c full_page_writes=off"
    control = [folder / "pg_ctl", "-D", home / "data", "-w", "-t", "60"]
    subprocess.run([*control, "-o", options, "-l", home / "log", "start"], check=True, **run)
    try:
        yield f"postgresql+psycopg://tests@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=True, **run)
        shutil.rmtree(home, ignore_errors=True)
