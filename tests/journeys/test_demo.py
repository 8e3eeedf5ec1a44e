"""`make demo`: it says what to open, stops cleanly, finds yesterday's data, and steps aside for a busy port."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lti_mcred.trial.robot import Robot
from tests.ports import free_port, two_free_ports


class Demo:
    """A demo in a process of its own, with what it has printed so far."""

    def __init__(self, folder: Path, port: int, *words: str) -> None:
        self.log = folder / f"demo-{time.monotonic_ns()}.txt"
        command = [
            sys.executable,
            "-m",
            "lti_mcred",
            "demo",
            "--data",
            str(folder / "var"),
            "--port",
            str(port),
            *words,
        ]
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(command, stdout=out, stderr=out, env=environ, start_new_session=True)

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def ready(self) -> str:
        return self.until("Ready.")

    def until(self, word: str) -> str:
        """Wait for a word in the output, which is a file here as it is behind a pipe."""
        ends = time.monotonic() + 90
        while word not in self.said:
            assert self.process.poll() is None, self.said
            assert time.monotonic() < ends, self.said
            time.sleep(0.1)
        return self.said

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(40)


@contextmanager
def _demo(folder: Path, port: int, *words: str) -> Iterator[Demo]:
    demo = Demo(folder, port, *words)
    try:
        yield demo
    finally:
        if demo.process.poll() is None:
            demo.stop()


def _open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _rows(folder: Path, query: str) -> list[tuple[str, ...]]:
    with closing(sqlite3.connect(folder / "tool.sqlite3")) as database:
        return database.execute(query).fetchall()


def test_it_starts_stops_and_finds_its_data_again(tmp_path):
    port, _other = two_free_ports()
    with _demo(tmp_path, port) as demo:
        said = demo.ready()
        assert f"http://127.0.0.1:{port}" in said
        assert "Registering the tool with Larkspur College (Canvas)" in said
        assert "Registering the tool with Harbor University (Moodle)" in said
        assert said.index("Preparing the database") < said.index("Starting the tool") < said.index("Ready.")
        practice = int(re.findall(r"Open http://localhost:(\d+) ", said)[0])
        assert Robot().get(f"http://localhost:{practice}/").status == 200
        assert demo.stop() == 0
        assert "The next demo finds today's data." in demo.said
    assert not _open(port)
    assert not _open(practice)
    names = [row[0] for row in _rows(tmp_path / "var" / f"demo-{port}-{practice}", "SELECT name FROM platform")]
    assert sorted(names) == ["Harbor University", "Larkspur College"]
    with _demo(tmp_path, port) as again:
        assert "Registering" not in again.ready()
    with _demo(tmp_path, port, "--reset") as afresh:
        assert afresh.ready().count("Registering the tool with") == 2


def test_a_busy_port_is_said_and_the_next_one_taken(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        with _demo(tmp_path, port) as demo:
            said = demo.ready()
    assert f"Port {port} is busy" in said
    assert f"http://127.0.0.1:{port}\n" not in said


def test_a_busy_port_of_the_practice_lms_is_said_with_the_data_that_this_demo_keeps(tmp_path):
    port = _free_pair()
    (tmp_path / "var" / f"demo-{port}-{port + 1}").mkdir(parents=True)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port + 1))
        taken.listen()
        with _demo(tmp_path, port) as demo:
            said = demo.ready()
    assert f"Port {port} is busy" not in said
    practice = int(re.findall(rf"Port {port + 1} is busy, so the practice LMS takes (\d+)", said)[0])
    assert f"this demo keeps its own in {tmp_path}/var/demo-{port}-{practice}." in said
    assert f"What earlier demos did stays in {tmp_path}/var/demo-{port}-{port + 1}" in said


def test_ctrl_c_ends_it_before_it_is_up(tmp_path):
    with _demo(tmp_path, free_port()) as demo:
        demo.until("Preparing the database")
        assert demo.stop() == 0
        assert "Stopped before it was up." in demo.said
        assert "Ready." not in demo.said


def _free_pair() -> int:
    while True:
        port = free_port()
        if not _open(port + 1):
            return port
