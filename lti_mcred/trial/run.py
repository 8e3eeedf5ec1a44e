"""`lti-mcred demo` as a person meets it: which ports and data it takes, what it says, how it ends."""

import shutil
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from lti_mcred.tool.admin import access
from lti_mcred.trial.demo import DemoError, Stack, application, free_port, in_use, stack

_ADMIN_LINK_MINUTES = 12 * 60


def print_at_once(line: str) -> None:
    """Print a line at once, also where the output is a file or a pipe."""
    print(line, flush=True)


def run(data: Path, port: int, *, reset: bool) -> int:
    """Start the demo and stay until Ctrl-C; return the exit status."""
    stop, up = threading.Event(), threading.Event()

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        again = stop.is_set()
        stop.set()
        if not up.is_set() and not again:
            raise KeyboardInterrupt  # there is a minute in which it might not come up

    signal.signal(signal.SIGINT, ask_to_stop)
    signal.signal(signal.SIGTERM, ask_to_stop)
    try:
        if reset:
            _forget(data)
        ports = _ports(data, port)
        with stack(_folder(data, *ports), *ports, print_at_once) as running:
            up.set()
            print_at_once(_welcome(running))
            while not stop.wait(0.5):
                if running.dead():
                    print(f"One of the two processes has ended. Its last words: {running.data}/*.log", file=sys.stderr)
                    return 1
            print_at_once("Stopping both …")
    except DemoError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print_at_once("Stopped before it was up.")
        return 0
    print_at_once("Stopped. The next demo finds today's data.")
    return 0


def _folder(data: Path, tool_port: int, practice_port: int) -> Path:
    """Return where a demo keeps its data: addresses stand in it, so it belongs to its two ports."""
    return data / f"demo-{tool_port}-{practice_port}"


def _ports(data: Path, port: int) -> tuple[int, int]:
    """Return the ports of the tool and of the practice LMS, and say when they are not the usual ones."""
    tool = free_port(port)
    practice = free_port(tool + 1)
    if (tool, practice) != (port, port + 1):
        if tool != port:
            print_at_once(f"Port {port} is busy, so the tool takes {tool}.")
        if practice != tool + 1:
            print_at_once(f"Port {tool + 1} is busy, so the practice LMS takes {practice}.")
        print_at_once(f"Data belongs to its ports: this demo keeps its own in {_folder(data, tool, practice)}.")
        usual = _folder(data, port, port + 1)
        if usual.is_dir():
            print_at_once(
                f"What earlier demos did stays in {usual}; it is found again when ports {port} and {port + 1} are free."
            )
    return tool, practice


def _forget(data: Path) -> None:
    for folder in sorted(data.glob("demo-*")):
        try:
            with in_use(folder):
                shutil.rmtree(folder)
        except DemoError:
            print_at_once(f"A demo is running with {folder}, so its data stays. Stop it first to forget that too.")
    print_at_once("Forgot what earlier demos left.")


def _welcome(running: Stack) -> str:
    with application(running.settings) as app, app.app_context():
        link = access.make_link(_ADMIN_LINK_MINUTES)
    return f"""
  Ready.

  1. Open {running.practice} and continue as the teacher. Press “Add activity”.
  2. Continue as a learner, open the activity, hand in your work.
  3. Continue as the assessor, open “Micro-credentials” in the course menu, and judge it.
  4. Continue as the learner again, and as the teacher: look at the grade and the badge.

  The tool itself: {running.tool}      Its data: {running.data}
  Its administration, opened once by: {link}
  Ctrl-C stops both.
"""
