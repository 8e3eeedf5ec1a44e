"""The demo's two processes for tests: forked, on data that was prepared once a test process."""

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from lti_mcred import private
from lti_mcred.settings import Settings
from lti_mcred.trial import demo
from tests.forked import Forked
from tests.ports import two_free_ports


@contextmanager
def stack(data: Path, **changes: Any) -> Iterator[demo.Stack]:
    """Run both processes in `data` on free ports, as `demo.stack` does."""
    if "database_url" not in changes:
        shutil.copytree(_prepared(), data, dirs_exist_ok=True)
    ports = two_free_ports()
    with patch.object(demo, "start_program", Forked), demo.stack(data, *ports, _silent, **changes) as running:
        yield running


def start_tool(settings: Settings, log: Path) -> Forked:
    """Start `lti-mcred serve` with these settings."""
    with patch.object(demo, "start_program", Forked):
        return demo.start_tool(settings, log)


def start_worker(settings: Settings, log: Path) -> Forked:
    """Start `lti-mcred worker` with these settings."""
    with patch.object(demo, "start_program", Forked):
        return demo.start_worker(settings, log)


@cache
def _prepared() -> Path:
    """Return a folder with a migrated database that holds the examples, as each demo makes one for itself."""
    private.for_owner_only()
    folder = Path(tempfile.mkdtemp(prefix="lti-mcred-stack-"))
    atexit.register(shutil.rmtree, folder)
    demo.prepare(demo.demo_settings(folder, 8000, 8001), _silent)
    return folder


def _silent(_line: str) -> None:
    """Say nothing: tests look at what happened."""
