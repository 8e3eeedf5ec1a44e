"""What a file really is: its bytes are asked, never its name or the browser's word. Pure but for reading the file."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import puremagic

HEAD = 64 * 1024
_OFFICE = {
    "word/document.xml": ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "xl/workbook.xml": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "ppt/presentation.xml": ("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
}
# ISO base media brands (ISO/IEC 14496-12, "ftyp"): phones write all of these.
_STILL = (b"heic", b"heix", b"mif1", b"msf1", b"heim", b"heis")
_SOUND = (b"M4A ", b"M4B ", b"F4A ")
_MEDIA = {
    "image/jpeg": ("image/jpeg", ("image",)),
    "image/png": ("image/png", ("image",)),
    "image/gif": ("image/gif", ("image",)),
    "image/webp": ("image/webp", ("image",)),
    "application/pdf": ("application/pdf", ("pdf",)),
    "audio/mpeg": ("audio/mpeg", ("audio",)),
    "audio/wav": ("audio/wav", ("audio",)),
    "audio/wave": ("audio/wav", ("audio",)),
    "audio/x-wav": ("audio/wav", ("audio",)),
    "audio/flac": ("audio/flac", ("audio",)),
    "audio/x-flac": ("audio/flac", ("audio",)),
    "audio/aac": ("audio/aac", ("audio",)),
}


@dataclass(frozen=True)
class Sniffed:
    """A media type that we serve, and the accept words that it satisfies."""

    media_type: str
    kinds: frozenset[str]


def sniff(path: Path) -> Sniffed | None:
    """Return what the file is, or None when it is nothing that we take (programs, macros, archives, drawings)."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head.startswith(b"\x1aE\xdf\xa3"):  # Matroska/WebM: a browser's recorder writes both sound and pictures so
        return Sniffed("video/webm", frozenset({"video", "audio"}))
    if head.startswith(b"OggS"):
        return Sniffed("audio/ogg", frozenset({"audio"}))
    if head.startswith(b"PK\x03\x04"):
        return _office(path)
    return _by_magic(head) or _text(head)


def kinds_of(media_type: str) -> frozenset[str]:
    """Return the accept words that a stored media type satisfies."""
    if media_type in ("video/webm", "video/mp4"):
        return frozenset({"video", "audio"})
    for kind, office_type in _OFFICE.values():
        if media_type == office_type:
            return frozenset({kind})
    named = {"application/pdf": "pdf", "text/html": "html", "text/plain": "text"}
    return frozenset({named.get(media_type, media_type.partition("/")[0])})


def _iso_media(head: bytes) -> Sniffed:
    brand = head[8:12]
    if brand in _STILL:
        return Sniffed("image/heic", frozenset({"image"}))
    if brand in _SOUND:
        return Sniffed("audio/mp4", frozenset({"audio"}))
    if brand == b"qt  ":
        return Sniffed("video/quicktime", frozenset({"video"}))
    return Sniffed("video/mp4", frozenset({"video", "audio"}))


def _office(path: Path) -> Sniffed | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return None
    if any(name.endswith("vbaProject.bin") for name in names):  # a document that runs programs
        return None
    for name, (kind, media_type) in _OFFICE.items():
        if name in names:
            return Sniffed(media_type, frozenset({kind}))
    return None


def _by_magic(head: bytes) -> Sniffed | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    for match in matches:
        # One sure byte is not enough: "BM" or "MZ" also begin ordinary sentences.
        if match.mime_type in _MEDIA and len(match.byte_match) >= 2:
            media_type, kinds = _MEDIA[match.mime_type]
            return Sniffed(media_type, frozenset(kinds))
    return None


def _text(head: bytes) -> Sniffed | None:
    if b"\x00" in head:
        return None
    try:
        words = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.start < HEAD - 4:  # a character may be cut in two at the end of the head
            return None
        words = head[: error.start].decode("utf-8-sig")
    start = words.lstrip()[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return Sniffed("text/html", frozenset({"html"}))
    if start.startswith(("<svg", "<?xml", "<script", "#!")):
        return None
    return Sniffed("text/plain", frozenset({"text"}))
