"""The tests' folders in memory, where the system has such a place: a disk that tests wait for proves nothing."""

import os
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH = 4 << 30  # bytes: a whole run leaves some hundred MiB at a time


def use_memory() -> None:
    """Let temporary folders of this process and of those that it starts be made in memory, unless TMPDIR says where."""
    if os.environ.get("TMPDIR") or not os.access(_MEMORY, os.W_OK | os.X_OK):
        return
    facts = os.statvfs(_MEMORY)
    if facts.f_bavail * facts.f_frsize < _ENOUGH or facts.f_flag & os.ST_NOEXEC:
        return
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)
