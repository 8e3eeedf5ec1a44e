"""What is this file? Text is tried first; then each container is asked for the structure behind its first bytes."""

from collections.abc import Callable
from pathlib import Path

from lti_mcred.evidence.formats import (
    ebml,
    isobmff,
    markup,
    mpeg,
    ogg,
    ole,
    packages,
    pdf,
    pictures,
    riff,
    signatures,
    text,
)
from lti_mcred.evidence.formats.filetypes import UNKNOWN, FileType, of_code
from lti_mcred.evidence.formats.source import Source, TooMuchWork, opened

# Grows with every change of what these modules answer: files that were looked at by earlier rules are looked at again.
RULES = 4
_HEAD = 64 * 1024
_TAIL = 4096
_LOOKS: tuple[Callable[[Source, bytes], FileType | None], ...] = (
    packages.look,
    ole.look,
    isobmff.look,
    riff.look,
    ogg.look,
    ebml.look,
    pictures.look,
    signatures.look,
    mpeg.look,
    pdf.look,
    mpeg.look_further,
)


def look(path: Path) -> FileType:
    """Return what the file is; the unknown type for what none of the rules knows. Raises OSError."""
    with opened(path) as source:
        return look_into(source)


def look_into(source: Source) -> FileType:
    """Return what the bytes are, as `look` does."""
    try:
        if words := text.read(source):
            return markup.look(words, _tail(source, words.encoding))
        head = source.read(0, _HEAD)
        found = next((kind for ask in _LOOKS if (kind := ask(source, head))), UNKNOWN)
    except TooMuchWork:
        return of_code("archive-tangled")
    return of_code("text-unreadable") if found is UNKNOWN and _nearly_text(head) else found


def _tail(source: Source, encoding: str) -> str:
    begin = max(0, source.size - _TAIL)
    return source.read(begin - begin % 4, _TAIL + 4).decode(encoding, "replace")


def _nearly_text(head: bytes) -> bool:
    """Return whether this is writing in a code that we cannot tell: hardly a control character, or two bytes a sign."""
    odd = sum(head.count(sign) for sign in (*range(8), *range(14, 26), *range(28, 32)))
    low, high = sorted((head[::2].count(0), head[1::2].count(0)))
    return bool(head) and (odd * 200 <= len(head) or (low * 20 <= high and high * 5 >= len(head)))
