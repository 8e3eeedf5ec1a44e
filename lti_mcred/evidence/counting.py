"""How many words a text has: the same here and in the page's counter (static/js/counting.js). Pure.

Words are found as UAX #29 (Unicode Text Segmentation, 4.1.1, rules WB4 to WB13) finds them, and those count that hold a
letter or a digit. Writing without spaces has no words that a rule could see, and dictionaries differ between browsers.
There the rule is by signs: two signs of Han or kana count as one word; of Thai, Lao, Khmer, Myanmar and their kin, four
letters (tone and vowel signs above, below and beside the letters are not counted). Both are about as many as a
dictionary finds. Hangul is written with spaces and counted by them.
"""

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

from lti_mcred.evidence.word_table import TABLE

SIGNS_TO_A_WORD = 2
LETTERS_TO_A_WORD = 4
# Classes of the table: letters (A, and B in Hebrew), digits (N), joining lines (E); what joins between two letters or
# two digits (L, M, P, Q, D of Table 3: MidLetter, MidNum, MidNumLet, Single_Quote, Double_Quote); signs of Han and kana
# (H), letters of scripts that are cut by dictionaries (S), and what belongs to the sign before it (X).
_BETWEEN = frozenset("LMPQD")
_LETTERS = frozenset("AB")


@dataclass(frozen=True)
class Tally:
    """The words of a text, and whether signs of Han and kana, or letters of Thai and its kin, are counted in them."""

    words: int
    signs: bool
    letters: bool


def count_words(text: str) -> int:
    """Return the number of words."""
    return tally(text).words


def tally(text: str) -> Tally:
    """Return the number of words and which rules it took; one pass over the text."""
    words = signs = letters = 0
    last = between = ""  # class of what the next sign may join, and of what stands between
    counted = False
    for sign in text:
        kind = _kind_of(sign)
        if kind == "X":
            continue
        if kind in _BETWEEN:
            last, between = (last, kind) if not between and _may_join(last, kind) else ("", "")
            continue
        if between and not _goes_on(last, between, kind):
            last = ""
        between = ""
        if kind in ("", "H", "S"):
            signs += kind == "H"
            letters += kind == "S"
            last = ""
            continue
        if not last:
            counted = False
        if kind != "E" and not counted:
            words += 1
            counted = True
        last = kind
    words += -(-signs // SIGNS_TO_A_WORD) - (-letters // LETTERS_TO_A_WORD)
    return Tally(words, signs > 0, letters > 0)


def _may_join(last: str, kind: str) -> bool:
    """Rules WB6, WB7b and WB12: what may stand between two letters, two letters of Hebrew, two digits."""
    return (last in _LETTERS and kind in "LPQ") or (last == "B" and kind == "D") or (last == "N" and kind in "MPQ")


def _goes_on(last: str, between: str, kind: str) -> bool:
    """Rules WB7, WB7c and WB11: whether the next sign is of the same sort as the last."""
    if between == "D":
        return kind == "B"
    return (last in _LETTERS and kind in _LETTERS) or (last == "N" and kind == "N")


def _ranges(table: str) -> tuple[list[int], list[int], str]:
    """Return first and last code points and classes. An entry: class, distance from the last range, its length."""
    firsts, lasts, at = [], [], 0
    for entry in table.split():
        first, _dot, length = entry[1:].partition(".")
        firsts.append(at + int(first, 36))
        at = firsts[-1] + int(length or "0", 36)
        lasts.append(at)
    return firsts, lasts, "".join(entry[0] for entry in table.split())


_FIRSTS, _LASTS, _KINDS = _ranges(TABLE)


@lru_cache(maxsize=4096)
def _kind_of(sign: str) -> str:
    """Return the class of a sign; "" for spaces, punctuation, symbols and pictures."""
    place = bisect_right(_FIRSTS, ord(sign)) - 1
    return _KINDS[place] if place >= 0 and ord(sign) <= _LASTS[place] else ""
