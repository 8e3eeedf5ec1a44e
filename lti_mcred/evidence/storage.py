"""Evidence files by the SHA-256 of their content. Rooms use `Storage` alone, so that another store can follow.

A file arrives in pieces at a temporary place, is measured on the way, and moves to its final name in one step.
"""

import fcntl
import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from flask import current_app

_CHUNK = 256 * 1024
_STALE_SECONDS = 3 * 24 * 3600


class TooLarge(ValueError):
    """The file is larger than the limit that was given."""


class OutOfStep(ValueError):
    """A piece does not begin where the stored part ends; `received` says where it ends."""

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes are here")
        self.received = received


@dataclass(frozen=True)
class Received:
    """A whole file at its temporary place. `sha256` in hexadecimal, `size` in bytes."""

    path: Path
    sha256: str
    size: int


class Storage(Protocol):
    """Where evidence is kept."""

    def receive(self, stream: IO[bytes], limit: int) -> Received:
        """Read a stream to its end. Raises TooLarge."""

    def append(self, name: str, stream: IO[bytes], offset: int, limit: int) -> int:
        """Add a piece to the unfinished file `name`; return the bytes there. Raises OutOfStep or TooLarge."""

    def received(self, name: str) -> int:
        """Return the bytes of the unfinished file `name` that are here."""

    def finish(self, name: str) -> Received:
        """Return the unfinished file `name` as a whole one."""

    def keep(self, file: Received) -> None:
        """Move a received file to its final place; the same content twice is stored once."""

    def discard(self, file: Received) -> None:
        """Forget a received file."""

    def path(self, sha256: str) -> Path:
        """Return a local path to read from. Raises FileNotFoundError."""


class LocalStorage:
    """Files on this machine's disk, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.partial = folder / "partial"
        self.partial.mkdir(parents=True, exist_ok=True)

    def receive(self, stream: IO[bytes], limit: int) -> Received:
        """See Storage.receive."""
        path = self.partial / secrets.token_hex(16)
        digest, size = hashlib.sha256(), 0
        try:
            with path.open("xb") as file:
                for chunk in _chunks(stream):
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return Received(path, digest.hexdigest(), size)

    def append(self, name: str, stream: IO[bytes], offset: int, limit: int) -> int:
        """See Storage.append. Two tabs that send the same file wait for each other here."""
        with _locked(self._unfinished(name)) as file:
            here = file.seek(0, os.SEEK_END)
            if here != offset:
                raise OutOfStep(here)
            for chunk in _chunks(stream):
                here += len(chunk)
                if here > limit:
                    file.truncate(offset)
                    raise TooLarge
                file.write(chunk)
            return here

    def received(self, name: str) -> int:
        """See Storage.received. Forgets what nobody came back for."""
        self._sweep()
        path = self._unfinished(name)
        return path.stat().st_size if path.exists() else 0

    def finish(self, name: str) -> Received:
        """See Storage.finish."""
        path = self._unfinished(name)
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            for chunk in _chunks(file):
                digest.update(chunk)
                size += len(chunk)
        return Received(path, digest.hexdigest(), size)

    def keep(self, file: Received) -> None:
        """See Storage.keep."""
        final = self._final(file.sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        file.path.replace(final)

    def discard(self, file: Received) -> None:
        """See Storage.discard."""
        file.path.unlink(missing_ok=True)

    def path(self, sha256: str) -> Path:
        """See Storage.path."""
        final = self._final(sha256)
        if not final.is_file():
            raise FileNotFoundError(final)
        return final

    def _final(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise FileNotFoundError(sha256)
        return self.folder / sha256[:2] / sha256

    def _unfinished(self, name: str) -> Path:
        # The name is hashed: nothing that a person sends becomes a path.
        return self.partial / hashlib.sha256(name.encode()).hexdigest()

    def _sweep(self) -> None:
        oldest = time.time() - _STALE_SECONDS
        for path in self.partial.iterdir():
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:  # another request swept it first
                continue


def storage() -> Storage:
    """Return the application's storage."""
    store: Storage = current_app.extensions["evidence_storage"]
    return store


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    with path.open("ab+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
