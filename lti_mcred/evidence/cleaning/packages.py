"""Documents that are archives (OPC of Word, Excel and PowerPoint; OpenDocument; EPUB): written anew, part by part."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from lti_mcred.evidence.cleaning import drawing, epub, odf, office, pictures
from lti_mcred.evidence.cleaning.outcome import BROKEN_ARCHIVE, EMBEDDED, CannotClean

_MOST_PARTS = 20_000
_LARGEST_PART = 256 * 1024 * 1024
_LARGEST_WHOLE = 1024 * 1024 * 1024
# (name, content, what stays beside it) -> content, or None when the part goes.
PartCleaner = Callable[[str, bytes], bytes | None]
_PICTURE_BYTES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8")
_PICTURES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif")
# Fonts tell of their makers only. Whatever else is no XML and no picture that is cleaned would need another file.
_FONTS = (".odttf", ".fntdata", ".ttf", ".otf", ".woff", ".woff2")
_HARMLESS = (*_FONTS, "mimetype", ".css", ".xhtml", ".html", ".htm", ".ncx", ".opf", ".rdf", ".js")
_NESTED = (".docx", ".xlsx", ".pptx")
_DEEPEST = 3


def clean_office(source: Path, target: Path, depth: int = 0) -> tuple[str, ...]:
    """Write a Word, Excel or PowerPoint document; return what was left as it is. Raises CannotClean."""
    with _opened(source) as archive:
        cleaner = office.Cleaner()
        notes = _rewritten(archive, target, cleaner.part, depth)
    return notes or ((EMBEDDED,) if cleaner.left else ())


def clean_odf(source: Path, target: Path) -> tuple[str, ...]:
    """Write an OpenDocument file; return what was left as it is. Raises CannotClean: password, damaged."""
    with _opened(source) as archive:
        return _rewritten(archive, target, odf.part, 0)


def clean_epub(source: Path, target: Path) -> tuple[str, ...]:
    """Write an EPUB file; return what was left as it is. Raises CannotClean: password, damaged."""
    with _opened(source) as archive:
        if "META-INF/encryption.xml" in archive.namelist():
            raise CannotClean("password")
        return _rewritten(archive, target, epub.part, 0)


@contextmanager
def _opened(source: Path | IO[bytes]) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(source) as archive:
            parts = archive.infolist()
            if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _LARGEST_WHOLE:
                raise CannotClean("large")
            if len({part.filename for part in parts}) != len(parts):  # two parts of one name: readers differ
                raise CannotClean("damaged")
            yield archive
    except BROKEN_ARCHIVE as error:
        raise CannotClean("damaged") from error


def _rewritten(archive: zipfile.ZipFile, target: Path, cleaner: PartCleaner, depth: int) -> tuple[str, ...]:
    left = False
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for part in archive.infolist():
            if part.is_dir():
                continue
            content = cleaner(part.filename, _part_content(archive, part))
            if content is None:
                continue
            content, opaque = _inner(part.filename, content, target, depth)
            left = left or opaque
            # No times, no names of systems, no comments: the archive tells nothing of who packed it and when.
            entry = zipfile.ZipInfo(part.filename)
            entry.compress_type = (
                part.compress_type if part.compress_type == zipfile.ZIP_STORED else zipfile.ZIP_DEFLATED
            )
            out.writestr(entry, content)
    return (EMBEDDED,) if left else ()


def _part_content(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    if part.flag_bits & 1:
        raise CannotClean("password")
    if part.file_size > _LARGEST_PART:
        raise CannotClean("large")
    with archive.open(part) as stream:
        return stream.read(_LARGEST_PART)


def _inner(name: str, content: bytes, target: Path, depth: int) -> tuple[bytes, bool]:
    """Return a picture or a document inside a document without details, and whether it was left as it is."""
    small = name.lower()
    try:
        if small.endswith(_PICTURES) or content.startswith(_PICTURE_BYTES):
            return pictures.cleaned(content), False
        if small.endswith(".svg"):
            return drawing.cleaned(content), False
        if (small.endswith(_NESTED) or content.startswith(b"PK\x03\x04")) and depth < _DEEPEST:
            inner, cleaned = target.with_name(f"{target.name}.{depth}"), target.with_name(f"{target.name}.{depth}c")
            try:
                inner.write_bytes(content)
                left = clean_office(inner, cleaned, depth + 1)
                return cleaned.read_bytes(), bool(left)
            finally:
                inner.unlink(missing_ok=True)
                cleaned.unlink(missing_ok=True)
    except CannotClean:
        return content, True
    return content, bool(content) and not small.endswith(_HARMLESS) and not office.is_markup(name, content)
