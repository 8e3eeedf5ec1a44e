"""Evidence files by the SHA-256 of their content. Rooms use `Storage` alone, so that another store can follow.

A file arrives in pieces at a temporary place, is measured on the way, and moves to its final name in one step.
"""

import fcntl
import hashlib
import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

from lti_mcred.private import close_tree
from lti_mcred.services import service

_CHUNK = 256 * 1024
_STALE_SECONDS = 3 * 24 * 3600
# An upload that rests this long makes room for another of the same owner.
_RESTING_SECONDS = 3600
# Uploads that one owner may have under way at once.
MOST_UNFINISHED = 5


class TooLarge(ValueError):
    """The file is larger than the limit that was given."""


class OutOfStep(ValueError):
    """A piece does not begin where the stored part ends; `received` says where it ends."""

    def __init__(self, received: int) -> None:
        super().__init__(f"{received} bytes are here")
        self.received = received


class TooMany(ValueError):
    """The owner has as many uploads under way, or as many bytes in them, as there is room for."""


@dataclass(frozen=True)
class Unfinished:
    """An upload in pieces: `name` says which one of `owner`, whose uploads share a room of `most` bytes."""

    owner: str
    name: str
    most: int


@dataclass(frozen=True)
class Received:
    """A whole file at its temporary place. `sha256` in hexadecimal, `size` in bytes."""

    path: Path
    sha256: str
    size: int


class Storage(Protocol):
    """Where evidence is kept."""

    def receive(self, stream: IO[bytes], limit: int, owner: str = "") -> Received:
        """Read a stream of `owner` to its end. Raises TooLarge."""

    def append(self, upload: Unfinished, stream: IO[bytes], offset: int, limit: int) -> int:
        """Add a piece; return the bytes there. Raises OutOfStep, TooLarge or TooMany."""

    def received(self, upload: Unfinished, size: int) -> int:
        """Return the bytes that are here of a file that will have `size` bytes. Raises TooMany."""

    def hold(self, upload: Unfinished) -> AbstractContextManager[None]:
        """Keep all others who send pieces of this owner waiting, in whatever process: one finishes at a time."""

    def finish(self, upload: Unfinished) -> Received:
        """Return the unfinished file as a whole one, which is unfinished no longer."""

    def keep(self, file: Received) -> None:
        """Move a received file to its final place; the same content twice is stored once."""

    def discard(self, file: Received) -> None:
        """Forget a received file."""

    def path(self, sha256: str) -> Path:
        """Return a local path to read from. Raises FileNotFoundError."""

    def holding(self, sha256: str) -> AbstractContextManager[None]:
        """Keep all others waiting who keep or delete this content, in whatever process."""

    @property
    def partial(self) -> Path:
        """Where files are made before they move to their final place, on the same disk."""

    def beside(self, sha256: str, name: str) -> Path:
        """Return where something is kept that was made from a content; it goes with it. Raises FileNotFoundError."""

    def making(self, sha256: str) -> AbstractContextManager[None]:
        """Let one process at a time make what stands beside a content."""

    def delete(self, sha256: str) -> None:
        """Delete a content with all that was made from it; one that is not there is no error."""

    def kept(self) -> Iterator[tuple[str, float]]:
        """Yield (sha256, when it was stored in seconds of the epoch) of every content."""

    def free(self) -> int:
        """Return the bytes that still fit on the disk."""

    def sweep(self) -> None:
        """Forget uploads that nobody came back for."""


class LocalStorage:
    """Files on this machine's disk, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.locks = folder / "locks"
        self.partial.mkdir(parents=True, exist_ok=True)
        self.locks.mkdir(exist_ok=True)
        close_tree(folder)

    @property
    def partial(self) -> Path:
        """See Storage.partial."""
        return self.folder / "partial"

    def receive(self, stream: IO[bytes], limit: int, owner: str = "") -> Received:
        """See Storage.receive."""
        path = self.partial / f"{_hashed(owner)}.{secrets.token_hex(16)}"
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

    def append(self, upload: Unfinished, stream: IO[bytes], offset: int, limit: int) -> int:
        """See Storage.append. The pieces of one owner wait for each other here: two tabs, or many at once."""
        path = self._unfinished(upload)
        with self.hold(upload):
            here = _size(path)
            if here != offset:
                raise OutOfStep(here)
            self._make_room(upload, limit)
            with path.open("ab") as file:
                for chunk in _chunks(stream):
                    here += len(chunk)
                    if here > limit:
                        file.truncate(offset)
                        raise TooLarge
                    file.write(chunk)
            return here

    def received(self, upload: Unfinished, size: int) -> int:
        """See Storage.received. Forgets what nobody came back for."""
        self._sweep()
        with self.hold(upload):
            self._make_room(upload, size)
            return _size(self._unfinished(upload))

    def hold(self, upload: Unfinished) -> AbstractContextManager[None]:
        """See Storage.hold. Whoever holds it may call `append` and `received`."""
        # Owners share 256 files to lock, which stay: a lock that is deleted can be held twice.
        return _locked(self.locks / _hashed(upload.owner)[:2])

    def finish(self, upload: Unfinished) -> Received:
        """See Storage.finish. What is cleaned at its new place is never taken for the first part of a file."""
        path = self.partial / f"{_hashed(upload.owner)}.{secrets.token_hex(16)}"
        self._unfinished(upload).replace(path)
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

    def holding(self, sha256: str) -> AbstractContextManager[None]:
        """See Storage.holding."""
        return _locked(self.locks / f"content-{sha256[:2]}")

    def beside(self, sha256: str, name: str) -> Path:
        """See Storage.beside."""
        final = self._final(sha256)
        return final.with_name(f"{final.name}.{name}")

    def making(self, sha256: str) -> AbstractContextManager[None]:
        """See Storage.making."""
        return _locked(self.locks / f"making-{sha256[:2]}")

    def delete(self, sha256: str) -> None:
        """See Storage.delete."""
        for path in (self._final(sha256), *self.made_from(sha256)):
            path.unlink(missing_ok=True)

    def made_from(self, sha256: str) -> Iterator[Path]:
        """Yield what was made from a content and stands beside it."""
        yield from self._final(sha256).parent.glob(f"{sha256}.*")

    def kept(self) -> Iterator[tuple[str, float]]:
        """See Storage.kept. What was made from a content that is gone counts as that content."""
        for folder in sorted(self.folder.glob("[0-9a-f][0-9a-f]")):
            found: dict[str, float] = {}
            for path in folder.iterdir():
                with suppress(FileNotFoundError):
                    name = path.name.partition(".")[0]
                    found[name] = max(found.get(name, 0.0), path.stat().st_mtime)
            yield from found.items()

    def free(self) -> int:
        """See Storage.free."""
        return shutil.disk_usage(self.folder).free

    def sweep(self) -> None:
        """See Storage.sweep."""
        self._sweep()

    def _final(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise FileNotFoundError(sha256)
        return self.folder / sha256[:2] / sha256

    def _unfinished(self, upload: Unfinished) -> Path:
        # Both names are hashed: nothing that a person sends becomes a path.
        return self.partial / f"{_hashed(upload.owner)}.{_hashed(upload.name)}"

    def _make_room(self, upload: Unfinished, size: int) -> None:
        """See that `size` bytes fit beside the owner's other uploads; those at rest give way, the oldest first."""
        others = []
        for path in self.partial.glob(f"{_hashed(upload.owner)}.*"):
            with suppress(FileNotFoundError):  # finished or swept at this moment
                if path != self._unfinished(upload):
                    others.append((path.stat().st_mtime, path.stat().st_size, path))
        others.sort()
        while len(others) >= MOST_UNFINISHED or sum(other[1] for other in others) + size > upload.most:
            if not others or others[0][0] > time.time() - _RESTING_SECONDS:
                raise TooMany
            others.pop(0)[2].unlink(missing_ok=True)

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
    return service(LocalStorage)


def _chunks(stream: IO[bytes]) -> Iterator[bytes]:
    while chunk := stream.read(_CHUNK):
        yield chunk


def _hashed(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


_HELD = threading.local()


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    held: set[Path] = _HELD.__dict__.setdefault("paths", set())
    if path in held:  # by this thread already: a lock of the same file would wait for itself
        yield
        return
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        held.add(path)
        try:
            yield
        finally:
            held.discard(path)
