"""Reading a file at places, with an end to the work that its content can ask for."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

_MOST_STEPS = 200_000
_LARGEST_READ = 4 * 1024 * 1024
_PIECE = 256 * 1024


class TooMuchWork(ValueError):
    """The file asks for more steps than any honest file of its size needs."""


class Source:
    """The bytes of a file. `size` in bytes; every read is one step, and the steps are counted."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file = file
        self._steps = 0
        self.size = size

    @classmethod
    def of(cls, data: bytes) -> "Source":
        """Return the source of bytes in memory."""
        return cls(io.BytesIO(data), len(data))

    def read(self, offset: int, length: int) -> bytes:
        """Return up to `length` bytes (4 MB at most) from `offset`; fewer at the end. Raises TooMuchWork."""
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooMuchWork(self._steps)
        if offset < 0 or length <= 0 or offset >= self.size:
            return b""
        self._file.seek(offset)
        return self._file.read(min(length, _LARGEST_READ, self.size - offset))

    def pieces(self) -> Iterator[bytes]:
        """Yield the whole file from its start, piece by piece."""
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file for looking at it."""
    with path.open("rb") as file:
        yield Source(file, path.stat().st_size)
