"""Text, whatever it begins with: UTF-8, UTF-16 and UTF-32 with their marks, windows-1252. The whole file is asked."""

import codecs
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lti_mcred.evidence.formats.source import Source

# Marks at the beginning (Unicode 16, 23.8), the longer ones first: FF FE begins two of them.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEAD = 64 * 1024
# No text has these: control characters but white space, escape and the end sign of DOS.
_CONTROL = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_CONTROL_BYTES = re.compile(rb"[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
# In windows-1252 nothing has these; from 0xC0 (and a few below) stand letters, the rest are signs.
_UNDEFINED_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_HIGH_1252 = re.compile(rb"[\x80-\xff]")
_LETTER_1252 = re.compile(rb"[A-Za-z]")
_DIGIT_1252 = re.compile(rb"[0-9]")
_HIGH_LETTER_1252 = re.compile(rb"[\xc0-\xd6\xd8-\xf6\xf8-\xff]")
# Signs that no word of a language written in windows-1252 has between its letters.
_ODD_1252 = re.compile(
    rb"(?<=[A-Za-z\xc0-\xff])[\x80\x82-\x84\x86\x87\x89\x8b\x93-\x95\x99\x9b\xa1-\xac\xae-\xb6\xb8-\xbf\xd7\xf7]"
    rb"(?=[a-z\xdf-\xff])|(?<=[a-z])[\x8a\x8c\x8e\x9f](?=[a-z])"
)
_NO_TEXT = frozenset({"Cn", "Co", "Cs"})


@dataclass(frozen=True)
class Text:
    """A text: its encoding (a codec that leaves the mark alone), and its first characters, without the mark."""

    encoding: str
    head: str


def read(source: Source) -> Text | None:
    """Return how a text is written, and its beginning; None when the bytes are not text in an encoding that we know."""
    begin = source.read(0, _HEAD)
    if not begin:
        return None
    for mark, encoding in _MARKS:
        if begin.startswith(mark):
            return _decoded(source.pieces(), encoding)
    if _CONTROL_BYTES.search(begin[:4096]):  # most files that are no text end here
        return None
    return _decoded(source.pieces(), "utf-8") or _windows(source)


def decode(data: bytes) -> str | None:
    """Return the words of a whole text file; None when it is none."""
    text = read(Source.of(data))
    return data.decode(text.encoding, "replace").removeprefix("\ufeff") if text else None


def _decoded(pieces: Iterable[bytes], encoding: str) -> Text | None:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    head: str | None = None
    try:
        for piece in pieces:
            words = decoder.decode(piece)
            if head is None:
                head = words[:_HEAD].removeprefix("\ufeff")
            if _CONTROL.search(words):
                return None
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return None
    if head is None or (encoding != "utf-8" and not _plausible(head)):
        return None
    return Text(encoding, head)


def _plausible(head: str) -> bool:
    """Return whether two or four bytes a sign were meant: chance gives signs that do not exist."""
    return bool(head) and not any(unicodedata.category(sign) in _NO_TEXT for sign in head)


def _windows(source: Source) -> Text | None:
    """Most signs of such a text are ASCII; where every second one is not, or signs split words, it is another code."""
    high = accented = letters = digits = odd = 0
    for piece in source.pieces():
        if _CONTROL_BYTES.search(piece) or _UNDEFINED_1252.search(piece):
            return None
        high += len(_HIGH_1252.findall(piece))
        accented += len(_HIGH_LETTER_1252.findall(piece))
        digits += len(_DIGIT_1252.findall(piece))
        letters += len(_LETTER_1252.findall(piece))
        odd += len(_ODD_1252.findall(piece))
    if accented > letters or high - accented > letters + digits or odd * 8 > high:
        return None
    return Text("cp1252", source.read(0, _HEAD).decode("cp1252"))
