"""Node's side of the interop tests: installed once from the lock file, skipped only on a machine without Node."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent


def _unavailable(reason: str) -> None:
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(f"{reason} (CI must run these checks)")
    pytest.skip(reason)


def _installed(npm: str) -> Path:
    """Return a folder with the locked packages and the script; made once per lock file and shared by all workers."""
    lock = (HERE / "package-lock.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lti-mcred-interop"
    folder = cache / sha256(lock).hexdigest()[:16]
    if not (folder / "node_modules" / "@digitalcredentials" / "verifier-core").is_dir():
        building = cache / f"building-{os.getpid()}"
        building.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, building)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=building,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        if done.returncode:
            shutil.rmtree(building)
            _unavailable(f"the Node packages could not be installed: {done.stderr.strip()[-300:]}")
        try:
            building.rename(folder)
        except OSError:  # another worker was quicker
            shutil.rmtree(building)
    return folder


@pytest.fixture(scope="session")
def node() -> Callable[[str, dict[str, Any]], dict[str, Any]]:
    """Return run(script, given) -> what a script of this folder prints, as JSON."""
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        _unavailable("Node is not installed: badges are not checked with other software")
    folder = _installed(str(npm))

    def run(script: str, given: dict[str, Any]) -> dict[str, Any]:
        # Node looks for packages beside the script.
        copied = shutil.copy(HERE / script, folder / f"{os.getpid()}-{script}")
        done = subprocess.run(
            [str(program), copied],
            input=json.dumps(given),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


@pytest.fixture(scope="session")
def node_verify(node: Callable[[str, dict[str, Any]], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return verify(credential, documents, now) -> {verified, revoked, error}, done by Digital Bazaar's libraries."""
    return lambda credential, documents, now: node(
        "verify.mjs", {"credential": credential, "documents": documents, "now": now}
    )


@pytest.fixture(scope="session")
def core_verify(node: Callable[[str, dict[str, Any]], dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return verify(credential, documents, now) -> {log, errors, schema}, done by what wallets run."""
    return lambda credential, documents, now: node(
        "verify-core.mjs", {"credential": credential, "documents": documents, "now": now}
    )
