"""The parts of a badge picture: shapes with the room that they leave for text, field colours, icons."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt


@dataclass(frozen=True)
class Shape:
    """An outline in a square of 600, and the width that it leaves for text at a height y (in the same units)."""

    outline: str
    room: Callable[[float], float]
    icon_y: float
    band_y: float


@dataclass(frozen=True)
class Colour:
    """A field colour: light at the top, deep at the bottom, darkest for the band. White on each is 4.5:1 or better."""

    top: str
    bottom: str
    band: str


def _between(points: list[tuple[float, float]]) -> Callable[[float], float]:
    """Return a width that runs in straight lines through the points (y, width)."""

    def room(y: float) -> float:
        for (y0, w0), (y1, w1) in pairwise(points):
            if y <= y1:
                return w0 + (w1 - w0) * (y - y0) / (y1 - y0)
        return points[-1][1]

    return room


SHAPES = {
    "round": Shape(
        "M300 12A288 288 0 1 1 300 588A288 288 0 1 1 300 12Z",
        lambda y: 2 * sqrt(max(0.0, 252**2 - (y - 300) ** 2)) - 34,
        icon_y=142,
        band_y=440,
    ),
    "square": Shape(
        "M100 16H500A84 84 0 0 1 584 100V500A84 84 0 0 1 500 584H100A84 84 0 0 1 16 500V100A84 84 0 0 1 100 16Z",
        _between([(0, 470), (520, 470), (560, 420)]),
        icon_y=134,
        band_y=454,
    ),
    "shield": Shape(
        "M300 10C370 54 462 74 540 78Q562 80 562 104V290C562 440 452 540 316 588Q300 594 284 588"
        "C148 540 38 440 38 290V104Q38 80 60 78C138 74 230 54 300 10Z",
        _between([(90, 450), (300, 446), (380, 416), (450, 346), (520, 226), (560, 120)]),
        icon_y=154,
        band_y=436,
    ),
    "hexagon": Shape(
        "M276 18Q300 4 324 18L532 138Q556 152 556 180V420Q556 448 532 462L324 582Q300 596 276 582L68 462"
        "Q44 448 44 420V180Q44 152 68 138L276 18Z",
        _between([(60, 120), (160, 440), (440, 440), (500, 290), (560, 80)]),
        icon_y=150,
        band_y=440,
    ),
}

COLOURS = {
    "teal": Colour("#0f7a76", "#0a5a5c", "#073f43"),
    "blue": Colour("#2563b8", "#1b4790", "#123063"),
    "orange": Colour("#b8510c", "#9a3f0a", "#6d2a08"),
    "green": Colour("#3a7a2c", "#2a5c22", "#1c4118"),
    "purple": Colour("#7442a8", "#573084", "#3c1f5f"),
    "red": Colour("#b3323c", "#8f232e", "#64151f"),
    "gold": Colour("#8a6508", "#6f4f05", "#4c3603"),
    "grey": Colour("#55606e", "#3f4855", "#2a313b"),
}

# Drawn for this project, in a square of 96, white. "{c}" is the field colour, for what lies on white.
ICONS = {
    "piles": '<g fill="#fff"><rect x="4" y="56" width="26" height="34" rx="4" opacity=".55"/>'
    '<rect x="35" y="56" width="26" height="34" rx="4" opacity=".55"/>'
    '<rect x="66" y="56" width="26" height="34" rx="4" opacity=".55"/>'
    '<rect x="4" y="50" width="26" height="34" rx="4"/><rect x="35" y="50" width="26" height="34" rx="4"/>'
    '<rect x="66" y="50" width="26" height="34" rx="4"/>'
    '<rect x="50" y="4" width="26" height="34" rx="4" transform="rotate(14 63 21)"/></g>'
    '<g fill="none" stroke="{c}" stroke-width="4" stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M10 67l5 5 9-10M41 61h14M41 69h9M72 62h14M72 70h14"/></g>'
    '<path d="M42 22H24Q17 22 17 29V41M11 35l6 6 6-6" fill="none" stroke="#fff" stroke-width="5" '
    'stroke-linecap="round" stroke-linejoin="round"/>',
    "clipboard": '<rect x="16" y="12" width="64" height="80" rx="9" fill="#fff"/>'
    '<rect x="32" y="3" width="32" height="19" rx="6" fill="#fff" stroke="{c}" stroke-width="4"/>'
    '<g fill="none" stroke="{c}" stroke-width="5" stroke-linecap="round" stroke-linejoin="round">'
    '<path d="M26 38l5 5 9-10M26 56l5 5 9-10M26 74l5 5 9-10M49 39h21M49 57h21M49 75h13"/></g>',
    "pane": '<path d="M12 6h36l18 18v52a6 6 0 0 1-6 6H12a6 6 0 0 1-6-6V12a6 6 0 0 1 6-6z" fill="#fff"/>'
    '<path d="M48 6v12a6 6 0 0 0 6 6h12" fill="none" stroke="{c}" stroke-width="4" stroke-linejoin="round"/>'
    '<path d="M18 36h32M18 48h26M18 60h32" stroke="{c}" stroke-width="5" stroke-linecap="round"/>'
    '<rect x="36" y="30" width="54" height="60" rx="8" fill="{c}" fill-opacity=".38" stroke="#fff" stroke-width="5"/>'
    '<path d="M48 62l22-22M52 78l28-28" stroke="#fff" stroke-width="4" stroke-linecap="round" opacity=".85"/>',
    "check": '<circle cx="48" cy="48" r="42" fill="#fff"/><path d="M29 49l13 14 26-29" fill="none" '
    'stroke="{c}" stroke-width="9" stroke-linecap="round" stroke-linejoin="round"/>',
    "star": '<path d="M48 4l13.5 27.4 30.2 4.4-21.9 21.3 5.2 30.1L48 73l-27 14.2 5.2-30.1L4.3 35.8l30.2-4.4z" '
    'fill="#fff" stroke="#fff" stroke-width="4" stroke-linejoin="round"/>',
    "book": '<path d="M48 22C38 13 22 11 8 12v64c14-1 30 1 40 10 10-9 26-11 40-10V12c-14-1-30 1-40 10z" fill="#fff"/>'
    '<path d="M48 24v58M18 28c7 0 13 1 19 4M18 44c7 0 13 1 19 4M78 28c-7 0-13 1-19 4M78 44c-7 0-13 1-19 4" '
    'fill="none" stroke="{c}" stroke-width="4.5" stroke-linecap="round"/>',
    "people": '<g fill="#fff"><circle cx="20" cy="36" r="12" opacity=".7"/>'
    '<circle cx="76" cy="36" r="12" opacity=".7"/>'
    '<path d="M2 78c0-16 7-26 18-26s18 10 18 26zM58 78c0-16 7-26 18-26s18 10 18 26z" opacity=".7"/>'
    '<circle cx="48" cy="28" r="17" stroke="{c}" stroke-width="4"/>'
    '<path d="M20 90c0-24 10-38 28-38s28 14 28 38z" stroke="{c}" stroke-width="4"/></g>',
    "idea": '<path d="M48 4c-19 0-32 14-32 31 0 12 6 20 13 26 4 4 5 7 5 11h28c0-4 1-7 5-11 7-6 13-14 13-26 '
    '0-17-13-31-32-31z" fill="#fff"/><path d="M36 80h24M41 90h14" stroke="#fff" stroke-width="6" '
    'stroke-linecap="round"/><path d="M38 40l10 8 10-8M48 48v22" fill="none" stroke="{c}" stroke-width="5" '
    'stroke-linecap="round" stroke-linejoin="round"/>',
    "chart": '<g fill="#fff"><rect x="8" y="54" width="20" height="36" rx="4"/><rect x="38" y="34" width="20" '
    'height="56" rx="4"/><rect x="68" y="10" width="20" height="80" rx="4"/></g>',
}

# Words of a text alternative (English, Spanish) that choose a part; the first found in the text wins. A star stands for
# any ending; a plural s is understood.
WORDS = {
    "shape": {
        "shield": "shield",
        "escudo": "shield",
        "square": "square",
        "cuadrad*": "square",
        "hexagon*": "hexagon",
        "hexágon*": "hexagon",
        "round": "round",
        "circ*": "round",
        "redond*": "round",
    },
    "colour": {
        **{name: name for name in COLOURS},
        "gray": "grey",
        "yellow": "gold",
        "violet": "purple",
        "azul": "blue",
        "verde azulado": "teal",
        "naranja": "orange",
        "verde": "green",
        "morad*": "purple",
        "roj*": "red",
        "dorad*": "gold",
        "gris": "grey",
    },
    "icon": {
        "pile": "piles",
        "card": "piles",
        "clipboard": "clipboard",
        "checklist": "clipboard",
        "pane": "pane",
        "paper": "pane",
        "book": "book",
        "libro": "book",
        "people": "people",
        "person": "people",
        "group": "people",
        "bulb": "idea",
        "idea": "idea",
        "chart": "chart",
        "graph": "chart",
        "star": "star",
        "estrella": "star",
        "tick*": "check",
        "check": "check",
    },
}
