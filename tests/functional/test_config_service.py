"""The example of a systemd unit: rated by systemd itself, and started with only that writable which it names."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from configparser import ConfigParser
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import TEST_SECRET, need
from tests.ports import free_port

pytestmark = pytest.mark.live
CHECKOUT = Path(__file__).resolve().parents[2]
UNIT = CHECKOUT / "config/lti-mcred.service"
PROGRAM = Path(sys.executable).with_name("lti-mcred")
STATE = "/var/lib/lti-mcred"
_WORST = 20  # tenths of systemd's exposure level: 0 is shut in, 100 is unconfined


def _service() -> dict[str, str]:
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # names of systemd are case-sensitive
    parser.read(UNIT, encoding="utf-8")
    return dict(parser["Service"])


def _run(command: str) -> str:
    """Return a shell line that runs a command of the unit as the unit would: no capabilities, in its folder."""
    arguments = _service()[command].replace("/opt/lti-mcred/venv/bin/lti-mcred", str(PROGRAM))
    folder = _service()["WorkingDirectory"].replace("%S", "/var/lib")
    return f"cd {folder} && exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all {arguments}"


def _confined(command: str) -> list[str]:
    """Return the command with the view of the file system that the unit's options give it (systemd.exec(5))."""
    service = _service()
    hidden = CHECKOUT.is_relative_to("/tmp") or CHECKOUT.is_relative_to("/var/tmp")  # an installation stands elsewhere
    lines = ["set -e", f"umask {service['UMask']}", "mount --make-rprivate /"]
    if hidden:
        lines.append('mount --bind "$CHECKOUT" /mnt')
    if service.get("StateDirectory") == "lti-mcred":
        lines.append(f'mount --bind "$STATE" /var/lib && mkdir -p -m {service["StateDirectoryMode"]} {STATE}')
    if service["ProtectSystem"] == "strict":
        lines.append("mount -o remount,ro,bind /")
    kind = "tmpfs" if service.get("PrivateTmp") == "yes" else "tmpfs -o ro"
    lines += [f"mount -t {kind} tmpfs {folder}" for folder in ("/tmp", "/var/tmp")]
    if hidden:
        lines += ['mkdir -p "$CHECKOUT"', 'mount --bind /mnt "$CHECKOUT"', 'mount -o remount,ro,bind "$CHECKOUT"']
    return ["unshare", "--mount", "sh", "-c", "\n".join([*lines, _run(command)])]


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    """The environment of the unit: settings that its file would name, and a folder that stands for /var/lib."""
    need("root, for mounts of its own", os.geteuid() == 0 and shutil.which("unshare") and shutil.which("setpriv"))
    state = Path(__file__).resolve().parents[2] / "build" / f"state-{os.getpid()}"
    state.mkdir(parents=True)
    yield {
        "PATH": os.environ["PATH"], "STATE": str(state), "CHECKOUT": str(CHECKOUT), "LTI_MCRED_SECRET_KEY": TEST_SECRET,
        "LTI_MCRED_PUBLIC_URL": "https://tool.example.edu", "LTI_MCRED_LISTEN": f"127.0.0.1:{free_port()}",
        "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    shutil.rmtree(state)


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[str]:
    running = subprocess.Popen(_confined("ExecStart"), env=environment, stderr=subprocess.PIPE, text=True)
    try:
        yield f"http://{environment['LTI_MCRED_LISTEN']}"
    finally:
        running.terminate()
        _out, said = running.communicate(timeout=60)
        print(said)


def _status(url: str) -> int:
    for _time in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return int(answer.status)
        except OSError:
            time.sleep(0.1)
    return 0


def test_the_unit_starts_with_nothing_writable_but_what_it_names(environment: dict[str, str]) -> None:
    before = subprocess.run(_confined("ExecStartPre"), env=environment, capture_output=True, text=True, check=False)
    assert before.returncode == 0, before.stderr
    with _serving(environment) as tool:
        assert _status(f"{tool}/healthz") == 200
        assert _status(f"{tool}/readyz") == 200, "the database answers and files can be stored"
    made = Path(environment["STATE"]) / "lti-mcred"
    assert (made / "var/lti_mcred.sqlite3").exists()
    open_to_others = [path for path in [made, *made.rglob("*")] if path.stat().st_mode & 0o077]
    assert open_to_others == []


def test_systemd_finds_the_unit_well_confined() -> None:
    need("systemd-analyze", shutil.which("systemd-analyze"))
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--threshold={_WORST}", "--no-pager", str(UNIT)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert rated.returncode == 0, rated.stdout[-500:] + rated.stderr
    assert "Overall exposure level" in rated.stdout


def test_systemd_knows_every_line_of_the_unit(tmp_path: Path) -> None:
    need("systemd-analyze", shutil.which("systemd-analyze"))
    text = UNIT.read_text(encoding="utf-8").replace("/opt/lti-mcred/venv/bin/lti-mcred", str(PROGRAM))
    (tmp_path / UNIT.name).write_text(text, encoding="utf-8")
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(tmp_path / UNIT.name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert [line for line in told.stderr.splitlines() if UNIT.name in line] == []
