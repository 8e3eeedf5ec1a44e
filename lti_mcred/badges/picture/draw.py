"""The badge picture: shape, field colour, icon, title on at most three lines, organisation. SVG, and PNG from it.

Equal designs give equal bytes. A title in letters that the packaged typeface lacks is left out of the picture, whose
text alternative says it all the same.
"""

import hashlib
import re
from dataclasses import dataclass
from html import escape

import resvg_py

from lti_mcred.badges.picture.parts import COLOURS, ICONS, SHAPES, WORDS, Shape
from lti_mcred.badges.picture.text import CAP_HEIGHT, face, normal, shorten, wrap

PNG_SIZE = 600
_TITLE_SIZES = range(84, 35, -2)
_LEADING = 1.08
_ICON = 116
_GAP = 24  # between icon, title and band
# (lines, size), the best first
_ORGANISATION = ((1, 32), (1, 30), (1, 28), (1, 26), (2, 28), (2, 26), (2, 24), (2, 22))


@dataclass(frozen=True)
class Design:
    """What a picture shows. `shape`, `colour` and `icon` are names in picture_parts."""

    shape: str
    colour: str
    icon: str
    title: str
    organisation: str

    @property
    def alternative(self) -> str:
        """The text alternative: title and organisation."""
        return f"{self.title}. {self.organisation}"


def design_for(hint: str, title: str, organisation: str) -> Design:
    """Return the design that the author's text alternative hints at; what it leaves open follows from the title."""
    digest = hashlib.sha256(title.encode()).digest()
    chosen = {
        "shape": sorted(SHAPES)[digest[0] % len(SHAPES)],
        "colour": sorted(COLOURS)[digest[1] % len(COLOURS)],
        "icon": ("check", "star", "idea")[digest[2] % 3],
    }
    text = hint.casefold()
    for part, words in WORDS.items():
        found = [(place, name) for word, name in words.items() if (place := _position_of(word, text)) is not None]
        if found:
            chosen[part] = min(found)[1]
    return Design(**chosen, title=normal(title), organisation=normal(organisation))


def _position_of(word: str, text: str) -> int | None:
    ending = r"\w*" if word.endswith("*") else r"s?\b"
    found = re.search(r"\b" + re.escape(word.rstrip("*")) + ending, text)
    return found.start() if found else None


def render_svg(design: Design) -> str:
    """Return the picture as an SVG document of 600 by 600 units, text as paths."""
    shape, colour = SHAPES[design.shape], COLOURS[design.colour]
    title = _title(design.title, shape)
    organisation = _organisation(design.organisation, shape)
    if title:
        icon = _icon(design.icon, colour.bottom, shape.icon_y, _ICON)
    else:
        icon = _icon(design.icon, colour.bottom, shape.band_y / 2 + 30, 2 * _ICON)
    ring = 'transform="translate(300 300) scale(.955) translate(-300 -300)"'
    alternative = escape(design.alternative)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 600" role="img" aria-label="{alternative}">'
        f"<title>{alternative}</title>"
        f'<defs><linearGradient id="f" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="{colour.top}"/>'
        f'<stop offset="1" stop-color="{colour.bottom}"/></linearGradient>'
        f'<clipPath id="o"><path d="{shape.outline}"/></clipPath></defs>'
        f'<g clip-path="url(#o)"><path d="{shape.outline}" fill="url(#f)"/>{_rings(shape)}'
        f'<path d="M0 {shape.band_y:g}H600V600H0Z" fill="{colour.band}"/></g>'
        f'<path d="{shape.outline}" fill="none" stroke="#fff" stroke-width="5" {ring}/>'
        f'<path d="{shape.outline}" fill="none" stroke="{colour.band}" stroke-width="8"/>'
        f'{icon}<path d="{title}" fill="#fff"/><path d="{organisation}" fill="#fff"/></svg>'
    )


def render_png(design: Design, size: int = PNG_SIZE) -> bytes:
    """Return the same picture as a PNG of `size` pixels a side."""
    png: bytes = bytes(resvg_py.svg_to_bytes(svg_string=render_svg(design), width=size, skip_system_fonts=True))
    return png


def _rings(shape: Shape) -> str:
    """Faint rings around the icon: depth without a photograph."""
    circles = "".join(f'<circle cx="300" cy="{shape.icon_y:g}" r="{r}"/>' for r in (110, 190, 280, 380))
    return f'<g fill="#fff" fill-opacity=".045">{circles}</g>'


def _icon(name: str, colour: str, centre_y: float, size: float) -> str:
    scale = size / 96
    drawing = ICONS[name].replace("{c}", colour)
    return f'<g transform="translate({300 - size / 2:g} {centre_y - size / 2:g}) scale({scale:g})">{drawing}</g>'


def _title(text: str, shape: Shape) -> str:
    if not text or not face(700).covers(text):
        return ""
    top, bottom = shape.icon_y + _ICON / 2 + _GAP, shape.band_y - _GAP
    for size in _TITLE_SIZES:
        for count in (1, 2, 3):
            baselines = _baselines((top + bottom) / 2, size, count)
            if baselines[0] - size * CAP_HEIGHT < top or baselines[-1] > bottom:
                continue
            if lines := wrap(text, 700, size, [_room(shape, y, size) for y in baselines]):
                return _paths(lines, 700, size, baselines)
    size = _TITLE_SIZES[-1]
    baselines = _baselines((top + bottom) / 2, size, 3)
    return _paths(_cut(text, [_room(shape, y, size) for y in baselines], size), 700, size, baselines)


def _cut(text: str, rooms: list[float], size: float) -> list[str]:
    """Return lines that fit, the last one cut off with an ellipsis."""
    lines = []
    for room in rooms[:-1]:
        words = text.split()
        count = len(words)
        while count > 1 and face(700).width(" ".join(words[:count]), size) > room:
            count -= 1
        lines.append(shorten(" ".join(words[:count]), 700, size, room))
        text = " ".join(words[count:])
    return [*lines, shorten(text, 700, size, rooms[-1])]


def _organisation(text: str, shape: Shape) -> str:
    if not text or not face(500).covers(text):
        return ""
    # The part before a comma is the organisation, what follows the department.
    for name in (text, text.partition(",")[0]):
        for count, size in _ORGANISATION:
            baselines = [shape.band_y + 14 + size + place * size * 1.25 for place in range(count)]
            if lines := wrap(name, 500, size, [_room(shape, y, 0) - 12 for y in baselines]):
                return _paths(lines, 500, size, baselines)
    size = _ORGANISATION[-1][1]
    y = shape.band_y + 14 + size
    return _paths([shorten(text, 500, size, _room(shape, y, 0) - 12)], 500, size, [y])


def _baselines(middle: float, size: float, count: int) -> list[float]:
    step = size * _LEADING
    first = middle - (count - 1) * step / 2 + size * CAP_HEIGHT / 2
    return [first + step * place for place in range(count)]


def _room(shape: Shape, baseline: float, size: float) -> float:
    """The width that a line has between its top and its baseline."""
    return min(shape.room(baseline), shape.room(baseline - size * CAP_HEIGHT))


def _paths(lines: list[str], weight: int, size: float, baselines: list[float]) -> str:
    return "".join(face(weight).path(line, size, 300, y) for line, y in zip(lines, baselines, strict=True))
