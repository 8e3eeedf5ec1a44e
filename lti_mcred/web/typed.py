"""Text that people type, in the one form that every database, XML and JSON take."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeGuard

_MOST_UNHEARD = 20
_SAVE_ID = re.compile(r"[0-9a-f]{32}")
_IDENTIFIER = re.compile(r"[!-~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

# Control characters, line and paragraph ends, marks that change the direction of writing, others that are not seen, and
# halves of characters (Unicode 15: Cc, Zl, Zp, Cf, Cs).
_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    r"\U000e0000-\U000e007f]"
)


def plain(text: str) -> str:
    """Return typed text with one kind of line end and without control characters, which PostgreSQL and XML refuse."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def one_line(text: str) -> str:
    """Return text from outside as it may stand in one line of ours: no line ends, no marks that turn writing around."""
    return _UNSEEN.sub(" ", text).strip()


def escaped(text: str) -> str:
    """Return text from outside for a log: each character that is not seen, or that ends a line, as its number."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def looks_like_id(text: str) -> bool:
    """Whether text that nobody vouches for may be an id or an address: signs that are seen (ASCII), no words."""
    return _IDENTIFIER.fullmatch(text) is not None


def storable(value: object) -> TypeGuard[str]:
    """Whether this is text in that form already: JSON can name a NUL and half a character."""
    return isinstance(value, str) and plain(value) == value


def revision_of(raw: str) -> int:
    """Return the revision that a form was made from; -1 (older than any) when it is no number that is stored."""
    return int(raw) if re.fullmatch(r"[0-9]{1,9}", raw) else -1


@dataclass(frozen=True)
class Save:
    """What a page says of one save: its id, and those of its saves before whose answers did not come."""

    id: str | None = None
    unheard: tuple[str, ...] = ()


def save_of(form: Mapping[str, str]) -> Save:
    """Return what the page's script says of this save; nothing where there is no script."""
    named = form.get("save_id", "")
    unheard = form.get("unheard", "")[: 33 * _MOST_UNHEARD].split(" ")
    return Save(named if _SAVE_ID.fullmatch(named) else None, tuple(one for one in unheard if _SAVE_ID.fullmatch(one)))
