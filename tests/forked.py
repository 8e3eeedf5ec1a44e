"""Programs of ours in processes of their own, forked from one that has imported them: a start costs no imports."""

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

# Imported once a test process, by the process that forks.
_IMPORTED = ["lti_mcred.cli", "lti_mcred.practice.server", "lti_mcred.server.serving", __name__]
_fork = multiprocessing.get_context("forkserver")
_fork.set_forkserver_preload(_IMPORTED)


class Forked:
    """A running program, worked like a `subprocess.Popen`."""

    def __init__(self, command: list[str], log: Path, environ: dict[str, str]) -> None:
        """Start `python -m MODULE ARGUMENT …` in a session of its own; what it says goes to the end of `log`."""
        python, option, module, *arguments = command
        assert (python, option) == (sys.executable, "-m")
        self.args = command
        self._process = _fork.Process(
            target=_become,
            args=(module, arguments, str(log), {**os.environ, "PYTHONUNBUFFERED": "1", **environ}),
        )
        self._process.daemon = True  # ends with the tests, whatever happens
        self._process.start()
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended, negative by a signal; None while it runs."""
        return self._process.exitcode

    poll = returncode.fget

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0)
        return self.returncode

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _become(module: str, arguments: list[str], log: str, environ: dict[str, str]) -> None:
    """Be that program, as a fresh interpreter would be."""
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(out, stream.fileno())
        stream.reconfigure(line_buffering=True)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
