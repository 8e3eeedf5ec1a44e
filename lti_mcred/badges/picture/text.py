"""Text as paths: every viewer shows a badge picture alike, whatever fonts it has."""

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Any

from fontTools.misc.transform import Transform
from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_FOLDER = Path(__file__).parent / "fonts"
CAP_HEIGHT = 0.7  # of the type size, in Figtree


class Face:
    """One weight of the packaged typeface. Lengths are in the unit of the type size asked for."""

    def __init__(self, path: Path) -> None:
        font = TTFont(path, lazy=False)
        self._units: int = font["head"].unitsPerEm
        self._glyphs = font.getGlyphSet()
        self._names: dict[int, str] = font.getBestCmap()
        self._pairs = _PairKerning(font)

    def covers(self, text: str) -> bool:
        """Whether every character has a glyph."""
        return all(ord(character) in self._names for character in text)

    def width(self, text: str, size: float) -> float:
        """Return the advance width of one line."""
        return sum(advance for _, advance in self._run(text)) * size / self._units

    def path(self, text: str, size: float, centre: float, baseline: float) -> str:
        """Return SVG path data of one line, centred at x = `centre`."""
        scale, x = size / self._units, centre - self.width(text, size) / 2
        pen = SVGPathPen(self._glyphs, ntos=_one_decimal)
        for name, advance in self._run(text):
            self._glyphs[name].draw(TransformPen(pen, Transform(scale, 0, 0, -scale, x, baseline)))
            x += advance * scale
        commands: str = pen.getCommands()
        return commands

    def _run(self, text: str) -> list[tuple[str, float]]:
        """Return (glyph, advance with the kerning before the next glyph) in font units."""
        names = [self._names[ord(character)] for character in text]
        following = [*names[1:], ""][: len(names)]
        return [
            (name, self._glyphs[name].width + self._pairs.between(name, after))
            for name, after in zip(names, following, strict=True)
        ]


class _PairKerning:
    """Pair adjustments of the font's `kern` feature (OpenType GPOS, lookup type 2)."""

    def __init__(self, font: TTFont) -> None:
        table = font["GPOS"].table
        features = (record.Feature for record in table.FeatureList.FeatureRecord if record.FeatureTag == "kern")
        indexes = dict.fromkeys(index for feature in features for index in feature.LookupListIndex)
        lookups = [table.LookupList.Lookup[index] for index in indexes]
        self._lookups = [[(s, set(s.Coverage.glyphs)) for s in lookup.SubTable] for lookup in lookups]

    def between(self, left: str, right: str) -> float:
        """Return the adjustment between two glyphs in font units: the first one found in each lookup."""
        total = 0.0
        for lookup in self._lookups:
            for subtable, covered in lookup:
                value = _adjustment(subtable, left, right) if left in covered else None
                if value is not None:
                    total += value
                    break
        return total


def _adjustment(subtable: Any, left: str, right: str) -> float | None:
    if subtable.Format == 1:  # listed pairs
        pairs = subtable.PairSet[subtable.Coverage.glyphs.index(left)].PairValueRecord
        return next((_advance(pair.Value1) for pair in pairs if pair.SecondGlyph == right), None)
    first = subtable.ClassDef1.classDefs.get(left, 0)
    second = subtable.ClassDef2.classDefs.get(right, 0)
    return _advance(subtable.Class1Record[first].Class2Record[second].Value1)


def _advance(value: Any) -> float:
    return float(getattr(value, "XAdvance", 0) or 0)


def _one_decimal(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")


@lru_cache
def face(weight: int) -> Face:
    """Return a packaged weight: 500 or 700."""
    return Face(_FOLDER / f"figtree-{weight}.ttf")


def normal(text: str) -> str:
    """Return text as one line of composed characters, for which a typeface is likeliest to have glyphs.

    What XML cannot hold is left out.
    """
    return " ".join(unicodedata.normalize("NFC", _NOT_XML.sub("", text)).split())


def wrap(text: str, weight: int, size: float, widths: list[float]) -> list[str] | None:
    """Break `text` into exactly len(widths) lines that fit, as even as possible; None when there is no way."""
    words, wanted = text.split(), len(widths)
    if wanted > len(words):
        return None
    best: tuple[float, list[str]] | None = None
    for breaks in _breaks(len(words), wanted):
        lines = [" ".join(words[a:b]) for a, b in zip([0, *breaks], [*breaks, len(words)], strict=True)]
        room = [w - face(weight).width(line, size) for w, line in zip(widths, lines, strict=True)]
        if min(room) >= 0:
            raggedness = max(room) - min(room)
            if best is None or raggedness < best[0]:
                best = (raggedness, lines)
    return best[1] if best else None


def _breaks(words: int, lines: int) -> list[list[int]]:
    if lines == 1:
        return [[]]
    if lines == 2:
        return [[a] for a in range(1, words)]
    return [[a, b] for a in range(1, words) for b in range(a + 1, words)]


def shorten(text: str, weight: int, size: float, width: float) -> str:
    """Return as much of one line as fits, with an ellipsis if something was left out: words, or letters of one."""
    if face(weight).width(text, size) <= width:
        return text
    while text and face(weight).width(text + "…", size) > width:
        text = text.rpartition(" ")[0] or text[:-1]
    return text + "…"
