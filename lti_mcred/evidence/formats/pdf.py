"""PDF (ISO 32000-2, 7.5): the header stands within the first 1,024 bytes, and objects follow it."""

import re

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_BEFORE = 1024
_NEAR = 64 * 1024
_HEADER = re.compile(rb"%PDF-[0-9]\.[0-9]")
_OBJECT = re.compile(rb"(?<![0-9])[0-9]{1,10}\s{1,8}[0-9]{1,5}\s{1,8}obj\b")
# In a file of plain characters nothing but comments may stand between the header and the first object.
_HEADER_LINE = re.compile(
    r"%PDF-[0-9]\.[0-9][ \t]*+[\r\n]\s*+(?:%[^\r\n]*+\s++)*+[0-9]{1,10}\s{1,8}[0-9]{1,5}\s{1,8}obj\b"
)


def look(source: Source, head: bytes) -> FileType | None:
    """Return PDF when the file is one; for files that are not text."""
    header = _HEADER.search(head, 0, _BEFORE + 8)
    if header is None or header.start() > _BEFORE:
        return None
    near = source.read(header.end(), _NEAR)
    tail = source.read(max(0, source.size - _NEAR), _NEAR)
    return of_code("pdf") if _OBJECT.search(near) or b"startxref" in tail else None


def in_text(head: str, tail: str) -> bool:
    """Return whether a file of plain characters is a PDF, and no essay about one."""
    place = head.find("%PDF-", 0, _BEFORE + 5)
    if place < 0 or not _HEADER_LINE.match(head, place):
        return False
    return place == 0 or "%%EOF" in tail[-_BEFORE:]
