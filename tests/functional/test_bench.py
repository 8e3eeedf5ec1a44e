"""`make bench`: its parts run, and it leaves nothing behind when it is told to end."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import launches, programs
from bench.lms import BenchLms
from bench.load import run
from tests import postgres
from tests.conftest import need

pytestmark = [pytest.mark.live, pytest.mark.postgres]
MARK = "LTI_MCRED_BENCH_TEST"


@pytest.fixture(autouse=True)
def _database_server() -> None:
    need("PostgreSQL server", postgres.binaries())


def test_every_program_is_launched_and_no_launch_is_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.shutil, "which", lambda _name: None)
    monkeypatch.setattr(launches, "_BURST", 8)
    monkeypatch.setattr(launches, "_PAUSE", 0.0)

    lines = launches.measure(tmp_path, 0.2, 1)

    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines if line.startswith("| ")]
    measured = [row for row in rows if len(row) == 7 and row[0] not in ("program", "---")]
    assert [row[0] for row in measured] == [
        *("lti_mcred", "PyLTI1p3", "PyLTI1p3, stock cache", "bare Flask"),
        *("lti_mcred", "PyLTI1p3", "PyLTI1p3, stock cache"),
    ]
    assert all(float(row[1]) > 0 for row in measured)
    assert {row[6] for row in measured} == {"0"}
    assert "**ltijs was not measured: Node is not installed here.**" in lines
    assert [line for line in lines if "lost" in line][-2:] == [
        "- lti_mcred: 0 lost, 8 arrived.",
        "- PyLTI1p3, stock cache: 0 lost, 8 arrived.",
    ]


def test_keys_are_fetched_once_and_not_for_each_launch(tmp_path: Path) -> None:
    lms = BenchLms()
    try:
        with postgres.server() as url, programs.ours(url, tmp_path, lms) as one:
            report = run(launches._walk(lms, one, "prompt"), launches._people(one, 5), 1)
        assert (report.walks, report.losses) == (5, ())
        assert lms.fetches("prompt") == 1
    finally:
        lms.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_nothing_of_it_is_left_when_it_is_told_to_end(tmp_path: Path, number: signal.Signals) -> None:
    mark = f"{MARK}={tmp_path}"
    with (tmp_path / "log").open("wb") as log:
        bench = subprocess.Popen(
            [sys.executable, "-m", "bench"],
            stdout=log, stderr=log, env={**os.environ, "BENCH_SECONDS": "60", MARK: str(tmp_path)},
        )  # fmt: skip
    try:
        _until(lambda: any("lti_mcred serve" in command for command in _running(mark)), bench, tmp_path / "log")
        assert any("postgres" in command for command in _running(mark))
        bench.send_signal(number)
        assert bench.wait(60) == 128 + number
        assert _running(mark) == []
    finally:
        if bench.poll() is None:
            bench.terminate()
            bench.wait(60)


def _until(happened: Callable[[], bool], bench: "subprocess.Popen[bytes]", log: Path) -> None:
    ends = time.monotonic() + 60
    while not happened():
        assert bench.poll() is None, log.read_text(encoding="utf-8")
        assert time.monotonic() < ends, log.read_text(encoding="utf-8")
        time.sleep(0.1)


def _running(mark: str) -> list[str]:
    """Return the commands of the processes that were started with `mark` in their environment."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "environ").read_bytes().split(b"\0"):
                found.append((folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip())
        except OSError:  # ended at this moment, or somebody else's
            continue
    return [command for command in found if command]
