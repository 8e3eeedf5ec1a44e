"""Finds the learner's own name in what assessors will read: a hint, never a block. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_SHORTEST = 3
_APOSTROPHES = "'\u2019"
_WORD = re.compile(rf"[^\W\d_]+(?:[{_APOSTROPHES}-][^\W\d_]+)*")
_JOINT = re.compile(rf"[{_APOSTROPHES}-]")


@dataclass(frozen=True)
class Leak:
    """A name that was found: in which part, the word as it is written there, and in the file name or the text."""

    part_id: str
    word: str
    where: str


def names_of(*names: str | None) -> tuple[str, ...]:
    """Return the words of a person's names worth looking for; words under three letters would be found everywhere."""
    words = {word for name in names if name for word in re.split(r"[\s,.]+", name) if len(word) >= _SHORTEST}
    return tuple(sorted(words))


def find_leaks(names: Iterable[str], texts: Iterable[tuple[str, str, str]]) -> list[Leak]:
    """Look for whole words, whatever their case and accents. `texts`: (part id, where: text or file name, text)."""
    wanted = {_plain(name) for name in names}
    if not wanted:
        return []
    found: list[Leak] = []
    for part_id, where, text in texts:
        # File names join words with dots, dashes, underscores and numbers.
        for word in dict.fromkeys(_WORD.findall(text)):
            named = next((piece for piece in (word, *_JOINT.split(word)) if _plain(piece) in wanted), None)
            if named:
                found.append(Leak(part_id, named, where))
    return found


def _plain(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold()
