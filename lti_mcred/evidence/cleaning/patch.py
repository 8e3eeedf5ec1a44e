"""Changing a copy of a file in its place: sizes and offsets stay, so that nothing else has to be moved."""

import mmap
import shutil
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from lti_mcred.evidence.cleaning.outcome import CannotClean

_PIECE = 1 << 20
_LARGEST_WHOLE = 64 * 1024 * 1024


class Patch:
    """The bytes of a file that may be overwritten. `size` in bytes."""

    def __init__(self, data: mmap.mmap) -> None:
        self.data = data
        self.size = len(data)

    def read(self, start: int, end: int) -> bytes:
        """Return bytes; fewer where the file ends."""
        return self.data[start : min(end, self.size)]

    def number(self, start: int, length: int) -> int:
        """Return an unsigned number, most significant byte first. Raises CannotClean beyond the end."""
        if start < 0 or start + length > self.size:
            raise CannotClean("damaged")
        return int.from_bytes(self.data[start : start + length], "big")

    def write(self, start: int, content: bytes) -> None:
        """Overwrite. Raises CannotClean beyond the end."""
        if start < 0 or start + len(content) > self.size:
            raise CannotClean("damaged")
        self.data[start : start + len(content)] = content

    def fill(self, start: int, end: int, sign: bytes = b"\0") -> None:
        """Overwrite everything between two places with one sign."""
        end = min(end, self.size)
        for place in range(start, end, _PIECE):
            length = min(_PIECE, end - place)
            self.data[place : place + length] = sign * length


class PieceByPiece(ABC):
    """Cleans a copy in its place, one piece (a box, an element, a chunk) after another, no more than `most` of them."""

    most: ClassVar[int]

    def __init__(self, file: Patch) -> None:
        self.file = file
        self.seen = 0

    @classmethod
    def clean(cls, source: Path, target: Path) -> None:
        """Write a copy without details. Raises CannotClean for a file that does not follow its format."""
        with patching(source, target) as file:
            cls(file).run()

    @abstractmethod
    def run(self) -> None:
        """Clean the whole file."""

    def count(self) -> None:
        """Count one more piece. Raises CannotClean: large."""
        self.seen += 1
        if self.seen > self.most:
            raise CannotClean("large")


@contextmanager
def patching(source: Path, target: Path) -> Iterator[Patch]:
    """Copy `source` to `target` and let the copy be changed."""
    shutil.copyfile(source, target)
    if not target.stat().st_size:
        raise CannotClean("damaged")
    with target.open("r+b") as file, mmap.mmap(file.fileno(), 0) as data:
        yield Patch(data)


@contextmanager
def mapped(source: Path) -> Iterator[mmap.mmap]:
    """Open a file to be read at any place. Raises CannotClean for an empty one."""
    if not source.stat().st_size:
        raise CannotClean("damaged")
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        yield data


def read_whole(source: Path) -> bytes:
    """Return the content of a file that is rewritten in memory. Raises CannotClean: large."""
    if source.stat().st_size > _LARGEST_WHOLE:
        raise CannotClean("large")
    return source.read_bytes()
