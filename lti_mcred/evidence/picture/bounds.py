"""How a process that works on one picture is bounded, and how it says how its work ended."""

import resource
from collections.abc import Callable
from contextlib import suppress
from enum import IntEnum
from pathlib import Path

# Points of a picture that is opened: 4 bytes each, several times over.
MOST_DRAWN = 24_000_000
_MEMORY = 1024 * 1024 * 1024
_SECONDS = 20
_LARGEST_FILE = 256 * 1024 * 1024


class Outcome(IntEnum):
    """The exit code of such a process; any other means that it died."""

    CLEAN = 0
    DAMAGED = 10
    TOO_MANY_PIXELS = 11


def run(clean: Callable[[Path, str], Outcome], arguments: list[str]) -> int:
    """Call `clean` with the file and the form that the arguments name, within bounds; return the exit code."""
    form, name = arguments
    _limit()
    try:
        return clean(Path(name), form)
    except MemoryError:
        return Outcome.DAMAGED


def _limit() -> None:
    """Bound memory, processor time and what is written; a system that knows no such bound goes without it."""
    for which, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, _LARGEST_FILE),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (most, most))
