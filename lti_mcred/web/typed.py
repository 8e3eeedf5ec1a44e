"""Text that people type, in the one form that every database, XML and JSON take."""

import re
from typing import TypeGuard

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def plain(text: str) -> str:
    """Return typed text with one kind of line end and without control characters, which PostgreSQL and XML refuse."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(value: object) -> TypeGuard[str]:
    """Whether this is text in that form already: JSON can name a NUL and half a character."""
    return isinstance(value, str) and plain(value) == value


def revision_of(raw: str) -> int:
    """Return the revision that a form was made from; -1 (older than any) when it is no number that is stored."""
    return int(raw) if re.fullmatch(r"[0-9]{1,9}", raw) else -1
