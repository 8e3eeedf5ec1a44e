"""Whether a new try differs from the one before. Pure: no Flask, no database.

What is handed in counts: words (not how they are spaced, nor how their accents are encoded), the bytes of files (not
their names, order or number), web addresses, the way chosen to show it, and the answer about other people. What was
changed and changed back is not changed.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

from lti_mcred.evidence.counting import count_words

# "What I changed" may say what to look at anew, where the work itself stays: a sentence, not a word.
SENTENCE_WORDS = 4


class Answer(Protocol):
    """A part as it is stored (models.Part)."""

    part_id: str
    text: str
    alternative: int | None
    privacy: dict[str, Any] | None

    @property
    def artefacts(self) -> Iterable[Any]:
        """Files and links."""


def is_unchanged(before: Iterable[Answer], now: Iterable[Answer], open_parts: Iterable[str]) -> bool:
    """Return whether every part that was open says the same as in the try before."""
    earlier = {part.part_id: content_of(part) for part in before}
    open_now = set(open_parts)
    return all(content_of(part) == earlier.get(part.part_id) for part in now if part.part_id in open_now)


def says_why(what_changed: str) -> bool:
    """Return whether there is a sentence for the assessor about work that stayed as it was."""
    return count_words(what_changed) >= SENTENCE_WORDS


def content_of(part: Answer) -> Mapping[str, Any]:
    """Return what an answer says, in a form in which the same content is equal."""
    privacy = part.privacy or {}
    return {**shown_of(part), "others": privacy.get("others"), "note": _as_seen(privacy.get("note", ""))}


def shown_of(part: Answer) -> dict[str, Any]:
    """Return what an assessor reads of an answer: the same without what it says about other people."""
    return {
        "text": _as_seen(part.text),
        "alternative": part.alternative,
        "artefacts": sorted({_comparable_item(item) for item in part.artefacts}),
    }


def _comparable_item(item: Any) -> tuple[str, str]:
    if item.kind == "link":
        return "link", _comparable_address(item.url or "")
    return "file", item.sha256 or ""


def _comparable_address(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/").geturl()


def _as_seen(text: str) -> str:
    visible = (sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    return " ".join("".join(visible).split())
