"""Finds the learner's own name in what assessors will read: a hint, never a block. Pure.

A part of a name that is an ordinary word as well ("Will", "May") counts only where it is written as a name. Names of
files are not looked at: assessors never see them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from lti_mcred.evidence.name_words import MONTHS, ORDINARY

_SHORTEST = 3
_SHORTEST_HANDLE = 5
_APOSTROPHES = "'\u2019"
# Marks that stand on letters, vowel signs of Devanagari and its kin among them: Python's \w knows letters alone.
_MARKS = "".join(chr(code) for code in range(0x300, 0xFFFF) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
_LETTERS = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}])*"
_WORD = re.compile(rf"{_LETTERS}(?:[{_APOSTROPHES}-]{_LETTERS})*")
# Signs that nobody sees inside a word: the soft hyphen, joiners and spaces without width, direction marks.
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
# Letters that no decomposition takes apart, as people write them who do not have them.
_FOLDED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "\u2019": "'"}
)
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_JOINT = re.compile(rf"[{_APOSTROPHES}-]")
_HANDLE = re.compile(r"[\w.+-]+(?:@[\w.-]+)?")
# A user id that people know: "nokafor7", "n.okafor"; not a plain word, and no number of a database.
_USER_NAME = re.compile(r"(?=.*[0-9._@])[A-Za-z][\w.@+-]{4,63}")
# Scripts that put no blanks between words: a name is looked for in the line.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCE_ENDS = frozenset('.!?:;\u2026\u2022"\u201c\u201e\u00ab(-\u2013\u2014*#>\n')
# How surely an assessor would see it: what stands on her page, then what stands in files that she opens.
_PLACES = ("text", "statement", "link", "inside", "kept")


@dataclass(frozen=True)
class Leak:
    """A name that was found: in which part, the word as it is written there, and where.

    `where`: text (typed here), statement, link (a web address), inside (to be read in a file), kept (details in a file
    that assessors get as it is). `file`: the learner's name of that file.
    """

    part_id: str
    word: str
    where: str
    file: str = ""


@dataclass(frozen=True)
class Text:
    """Something that an assessor will read. See Leak for each field."""

    part_id: str
    where: str
    text: str
    file: str = ""


@dataclass(frozen=True)
class Wanted:
    """What to look for, in plain letters: single words, whole names, names in scripts without blanks, user names."""

    words: frozenset[str] = frozenset()
    names: tuple[tuple[str, ...], ...] = ()
    unspaced: tuple[str, ...] = ()
    handles: frozenset[str] = field(default_factory=frozenset)


def names_of(*names: str | None) -> tuple[str, ...]:
    """Return the words of a person's names worth looking for; words under three letters would be found everywhere."""
    words = {word for name in names if name for word in re.split(r"[\s,.]+", name) if len(word) >= _SHORTEST}
    return tuple(sorted(words))


def wanted(given: str | None, family: str | None, name: str | None, *, email: str | None, user: str | None) -> Wanted:
    """Return everything by which a person can be known: her names in any order, her address, her user name."""
    first, last = _parts(given or ""), _parts(family or "")
    whole = {_parts(name or ""), first + last, last + first}
    names = {one for one in (*whole, first, last) if len(one) > 1}
    handles = set(_user_names(first, last)) if first and last else set()
    local = (email or "").casefold().partition("@")[0]
    if email and "@" in email:
        handles |= {email.casefold(), local if len(local) >= _SHORTEST_HANDLE else ""}
    if user and _USER_NAME.fullmatch(user) and not re.fullmatch(r"[0-9a-fA-F-]{16,}", user):
        handles.add(user.casefold())
    spelled = {
        part for one in (given, family, name) if one and _UNSPACED.search(one) for part in [re.sub(r"\s+", "", one)]
    }
    return Wanted(
        frozenset(form for word in names_of(given, family, name) for form in _spellings(word)),
        tuple(sorted(names)),
        tuple(sorted(one for one in spelled if len(one) > 1)),
        frozenset(handle for handle in handles if len(handle) >= _SHORTEST_HANDLE),
    )


def find_leaks(names: Iterable[str] | Wanted, texts: Iterable[Text | tuple[str, str, str]]) -> list[Leak]:
    """Look for whole words, whatever their case and accents. `texts`: Text, or (part id, where, text)."""
    looked_for = names if isinstance(names, Wanted) else Wanted(frozenset(_folded(name) for name in names))
    return [leak for one in texts for leak in _in(looked_for, one if isinstance(one, Text) else Text(*one))]


def surest_first(leaks: Iterable[Leak]) -> list[Leak]:
    """Return leaks in the order in which an assessor would see them most surely."""
    rank = {place: number for number, place in enumerate(_PLACES)}
    return sorted(leaks, key=lambda leak: rank.get(leak.where, len(rank)))


def _in(looked_for: Wanted, one: Text) -> list[Leak]:
    one = replace(one, text=unicodedata.normalize("NFC", _UNSEEN.sub("", one.text)))
    words = [(match.group(), match.start()) for match in _WORD.finditer(one.text)]
    met: dict[str, str] = {}
    for said in (*_whole_names(looked_for.names, words, one.text), *_unspaced(looked_for.unspaced, one.text)):
        if not any(_folded(said) in whole for whole in met):
            met[_folded(said)] = said
    covered = {part for whole in met for part in _JOINT.sub(" ", whole.replace(",", " ")).split()}
    for word, place in words:
        named = next((piece for piece in (word, *_JOINT.split(word)) if _folded(piece) in looked_for.words), None)
        if named is not None and _folded(named) not in covered and _is_a_name(named, place, one.text):
            met.setdefault(_folded(named), named)
    for match in _HANDLE.finditer(one.text) if looked_for.handles else ():
        said = match.group().strip(".-+")
        if _is_handle(said, looked_for.handles):
            met.setdefault(said.casefold(), said)
    return [Leak(one.part_id, said, one.where, one.file) for said in met.values()]


def _whole_names(names: Sequence[tuple[str, ...]], words: list[tuple[str, int]], text: str) -> list[str]:
    """Return whole names, in whatever order, as they are written: words with nothing but blanks and a comma between."""
    pieces = [(_folded(piece), start) for word, start in words for piece, start in _pieces(word, start)]
    found = []
    for name in sorted(names, key=len, reverse=True):
        for place, (piece, start) in enumerate(pieces):
            if piece != name[0] or tuple(one for one, _at in pieces[place : place + len(name)]) != name:
                continue
            last, at = pieces[place + len(name) - 1]
            said = text[start : at + len(last)]
            if len(said) <= len(" ".join(name)) + 4 and not re.search(r"[.!?;:]\s", said):
                found.append(" ".join(said.split()))
    return found


def _pieces(word: str, start: int) -> list[tuple[str, int]]:
    found, place = [], 0
    for piece in _JOINT.split(word):
        found.append((piece, start + place))
        place += len(piece) + 1
    return found


def _unspaced(names: Sequence[str], text: str) -> list[str]:
    """Return names that stand in a text without blanks; of two where one holds the other, the longer one."""
    joined = re.sub(r"[ \u3000\u30fb]", "", text) if names else ""
    found: list[str] = []
    for name in sorted(names, key=len, reverse=True):
        if (name in text or name in joined) and not any(name in longer for longer in found):
            found.append(name)
    return found


def _is_a_name(word: str, place: int, text: str) -> bool:
    """Whether a word that is an ordinary one too is written as a name: with a capital, and not for its place."""
    plain = _folded(word)
    if plain not in ORDINARY:
        return True
    if plain in MONTHS or not word[:1].isupper() or (len(word) > 1 and word.isupper()):
        return False
    before = text[max(0, place - 8) : place].rstrip(" \t")
    return bool(before) and before[-1] not in _SENTENCE_ENDS


def _is_handle(said: str, handles: frozenset[str]) -> bool:
    small = said.casefold()
    pieces = (small, small.partition("@")[0])
    return any(piece in handles or re.sub(r"[^a-z]", "", _folded(piece)) in handles for piece in pieces)


def _user_names(first: tuple[str, ...], last: tuple[str, ...]) -> list[str]:
    """Return how user names are made of names: nadiaokafor, okafornadia, nokafor, okaforn."""
    one, other = "".join(first), "".join(last)
    return [name for name in (one + other, other + one, one[:1] + other, other + one[:1]) if name.isascii()]


def _parts(name: str) -> tuple[str, ...]:
    return tuple(_folded(piece) for word in _WORD.findall(name) for piece in _JOINT.split(word))


def _folded(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", _UNSEEN.sub("", word))
    return "".join(char for char in decomposed if not unicodedata.combining(char)).casefold().translate(_FOLDED)


def _spellings(word: str) -> set[str]:
    """Return how a name is written: in plain letters, with umlauts spelled out, without apostrophe and hyphen."""
    plain = _folded(word)
    spelled = _folded(unicodedata.normalize("NFC", word).casefold().translate(_SPELLED_OUT))
    return {plain, spelled, _JOINT.sub("", plain)}
