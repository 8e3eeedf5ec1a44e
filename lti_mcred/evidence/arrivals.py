"""What is here already. An answer that is lost on the way makes people and scripts send again: that is no second file.

Each file remembers how it arrived: the hash of the bytes as they were sent (a picture is kept without its place, so its
own hash tells nothing about what was sent), the upload it came by, and that upload's last piece.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import IO, Any

from lti_mcred.evidence.models import Artefact

_CHUNK = 256 * 1024


@dataclass(frozen=True)
class Piece:
    """Which part of which file: name and size as the browser says, and where the piece begins, in bytes.

    `mark` is whatever else the browser knows of the file (when it was changed, a glance at its ends): two files of one
    name and size differ in it. "" where a client sends none.
    """

    name: str
    size: int
    offset: int
    mark: str = ""

    @property
    def upload(self) -> str:
        """Return what this upload is called, the same for each of its pieces."""
        return f"{self.size}|{self.name}" + (f"|{self.mark}" if self.mark else "")


@dataclass(frozen=True)
class Arrival:
    """How a file came. `sha256`, `size`: of the bytes as sent; `tail`: where the last piece began, and its SHA-256.

    `form`: the page that sent it, "" for a script's pieces.
    """

    sha256: str
    size: int
    upload: str = ""
    tail: tuple[int, str] | None = None
    form: str = ""

    def stored(self) -> dict[str, Any]:
        """Return the value of Artefact.arrival."""
        return asdict(self)


def same_file(artefacts: Iterable[Artefact], name: str, sha256: str) -> Artefact | None:
    """Return the file of this name that was sent with these very bytes. `name` as it is shown."""
    for item in artefacts:
        if item.kind == "file" and item.filename == name and sha256 in (_of(item).get("sha256"), item.sha256):
            return item
    return None


def same_upload(artefacts: Iterable[Artefact], piece: Piece) -> Artefact | None:
    """Return the file that this upload became, where its mark makes it certain that it is the same one."""
    if not piece.mark:
        return None
    return next((item for item in artefacts if _of(item).get("upload") == piece.upload), None)


def repeated(artefacts: Iterable[Artefact], piece: Piece, sha256: str) -> Artefact | None:
    """Return the file whose last piece this is, sent again. `sha256`: of the piece."""
    tail = [piece.offset, sha256]
    for item in artefacts:
        if _of(item).get("upload") == piece.upload and _of(item).get("tail") == tail:
            return item
    return None


def maybe_here(artefacts: Iterable[Artefact], name: str, size: int) -> bool:
    """Return whether a file of this name was sent with this size: it may be the same one, which only its bytes tell."""
    return any(
        item.kind == "file"
        and item.filename == name
        and size == (_of(item).get("size") or (item.blob.size if item.blob else 0))
        for item in artefacts
    )


def sent_by(artefact: Artefact, form: str) -> bool:
    """Return whether this very page sent it: pressed twice, not chosen twice."""
    return bool(form) and _of(artefact).get("form") == form


def was_here(artefact: Artefact, piece: Piece) -> bool:
    """Return whether a file came by another upload than this one: the same file was chosen again."""
    return _of(artefact).get("upload") != piece.upload


def hash_of(stream: IO[bytes]) -> str:
    """Return the SHA-256 of a piece, and wind it back."""
    digest = hashlib.sha256()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    stream.seek(0)
    return digest.hexdigest()


def _of(artefact: Artefact) -> dict[str, Any]:
    return artefact.arrival or {}
