"""The badge picture: same design, same bytes; text within its shape; no title that cannot be drawn."""

import io
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lti_mcred.badges.picture import draw
from lti_mcred.badges.picture.parts import COLOURS, ICONS, SHAPES
from lti_mcred.badges.picture.text import face, shorten, wrap
from tests.badges_helpers import calm

DESIGN = draw.Design("round", "teal", "piles", "Regrouping from Exit Tickets", "Example Partnership")


def test_equal_designs_give_equal_bytes() -> None:
    assert draw.render_svg(DESIGN) == draw.render_svg(DESIGN)
    assert draw.render_png(DESIGN) == draw.render_png(DESIGN)


def test_the_png_has_600_pixels_and_clear_corners() -> None:
    image = Image.open(io.BytesIO(draw.render_png(DESIGN)))
    assert image.size == (600, 600)
    assert image.convert("RGBA").getpixel((2, 2))[3] == 0
    assert image.convert("RGBA").getpixel((300, 300))[3] == 255


def test_text_is_drawn_as_paths_and_said_in_words() -> None:
    svg = draw.render_svg(DESIGN)
    assert "<text" not in svg
    assert "font" not in svg
    assert ET.fromstring(svg).get("aria-label") == "Regrouping from Exit Tickets. Example Partnership"


def test_a_title_with_markup_stays_text() -> None:
    svg = draw.render_svg(draw.Design("square", "blue", "check", '<script> & "co"', "<b>"))
    assert "<script" not in svg
    assert ET.fromstring(svg).get("aria-label") == '<script> & "co". <b>'


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        ("Round teal badge showing four cards being sorted into three piles.", ("round", "teal", "piles")),
        ("Shield-shaped orange badge with a clipboard whose steps are ticked.", ("shield", "orange", "clipboard")),
        ("Square blue badge with a sheet of paper seen through a clear pane.", ("square", "blue", "pane")),
        ("Insignia redonda de color naranja con un libro.", ("round", "orange", "book")),
    ],
)
def test_the_authors_words_choose_the_design(hint: str, expected: tuple[str, str, str]) -> None:
    design = draw.design_for(hint, "A title", "An organisation")
    assert (design.shape, design.colour, design.icon) == expected


def test_without_a_hint_the_title_alone_decides() -> None:
    one = draw.design_for("", "Title one", "x")
    assert one == draw.design_for("", "Title one", "x")
    assert {draw.design_for("", f"Title {n}", "x").shape for n in range(40)} == set(SHAPES)


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("colour", COLOURS.values(), ids=COLOURS)
def test_white_text_can_be_read_on_every_field_colour(colour: object) -> None:
    for shade in vars(colour).values():
        assert 1.05 / (luminance(shade) + 0.05) >= 4.5


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("icon", ICONS)
def test_every_shape_and_icon_is_well_formed(shape: str, icon: str) -> None:
    assert ET.fromstring(draw.render_svg(draw.Design(shape, "grey", icon, "Title", "Organisation"))) is not None


def test_the_width_for_text_runs_straight_from_point_to_point_and_stays_below_the_last() -> None:
    room = SHAPES["hexagon"].room
    assert [room(y) for y in (60, 110, 160, 300, 470, 560, 600)] == [120, 280, 440, 440, 365, 80, 80]


titles = st.text(st.sampled_from("abcdefgh iíñ MWÄ-"), min_size=1, max_size=90)


@calm
@given(st.sampled_from(sorted(SHAPES)), titles, titles)
def test_no_text_leaves_the_picture(shape: str, title: str, organisation: str) -> None:
    design = draw.design_for("", title, organisation)
    svg = draw.render_svg(draw.Design(shape, "teal", "star", design.title, design.organisation))
    for path in re.findall(r'<path d="([^"]*)" fill="#fff"/>', svg)[-2:]:
        numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", path)]
        assert all(0 <= n <= 600 for n in numbers)


def test_a_title_in_letters_that_the_face_lacks_is_left_to_the_text_alternative() -> None:
    svg = draw.render_svg(draw.Design("shield", "green", "book", "日本語", "大学"))
    assert svg.count('<path d="" fill="#fff"/>') == 2
    assert "日本語. 大学" in svg


@pytest.mark.parametrize("shape", SHAPES)
def test_a_title_that_is_far_too_long_is_cut_off_and_said_in_full(shape: str) -> None:
    title = "Leading a Professional Learning Community in Rural Schools with Few Teachers and Many Needs"
    drawn = draw.render_svg(draw.Design(shape, "teal", "star", title, "Department of Instruction " * 6))
    shown = draw.render_svg(draw.Design(shape, "teal", "star", title[:12], "x"))
    assert title in drawn
    assert drawn.count("M") > shown.count("M") > 0


def test_lines_are_broken_evenly() -> None:
    assert wrap("Job Hazard Analysis for a Small Crew", 700, 50, [480, 480, 480]) == [
        "Job Hazard",
        "Analysis for",
        "a Small Crew",
    ]
    assert wrap("Unbreakable", 700, 50, [480, 480]) is None
    assert wrap("Unbreakable", 700, 50, [20]) is None


def test_kerning_draws_pairs_together() -> None:
    pair = face(700).width("AV", 100)
    assert pair < face(700).width("A", 100) + face(700).width("V", 100)


def test_a_line_that_is_too_long_ends_with_an_ellipsis() -> None:
    line = shorten("Example Community College", 500, 30, 200)
    assert line.endswith("…")
    assert face(500).width(line, 30) <= 200
    assert shorten("Short", 500, 30, 200) == "Short"
