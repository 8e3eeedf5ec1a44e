"""SVG pictures of strangers: every place where a badge stands, and everything that a badge does not need."""

import gzip
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges import svg
from tests.badges_helpers import calm
from tests.doubling import assert_linear

NEWER = "https://purl.imsglobal.org/ob/v3p0"
OLDER = "http://openbadges.org"
BADGE = '{"a": "<b> & ]"}'
CDATA = f"<![CDATA[{BADGE}]]>"


def picture(inside: str = "", attributes: str = f'xmlns:openbadges="{NEWER}"', before: str = "") -> bytes:
    """Return an SVG picture with something inside."""
    return f'{before}<svg xmlns="http://www.w3.org/2000/svg" {attributes}><g/>{inside}</svg>'.encode()


PLACES = {
    "text of the element": picture(f"<openbadges:credential>{CDATA}</openbadges:credential>"),
    "attribute verify": picture(
        "<openbadges:credential verify='{&quot;a&quot;: &quot;&lt;b> &amp; ]&quot;}'></openbadges:credential>"
    ),
    "escaped text": picture('<openbadges:credential>{"a": "&lt;b> &amp; ]"}</openbadges:credential>'),
    "another prefix": picture(f"<x:credential>{CDATA}</x:credential>", f'xmlns:x="{NEWER}"'),
    "no prefix": picture(f'<credential xmlns="{NEWER}">{CDATA}</credential>'),
    "within metadata": picture(f"<metadata><openbadges:credential>{CDATA}</openbadges:credential></metadata>"),
    "metadata itself": picture(f"<metadata>\n{CDATA}\n</metadata>", ""),
    "with the standard's own DOCTYPE": picture(
        f"<openbadges:credential>{CDATA}</openbadges:credential>",
        before='<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/svg11.dtd">',
    ),
    "in UTF-16": picture(
        f"<openbadges:credential>{CDATA}</openbadges:credential>", before='<?xml version="1.0" encoding="utf-16"?>'
    )
    .decode()
    .encode("utf-16"),
    "of version 2": picture(f"<openbadges:assertion>{CDATA}</openbadges:assertion>", f'xmlns:openbadges="{OLDER}"'),
}


@pytest.mark.parametrize("data", PLACES.values(), ids=PLACES)
def test_a_badge_is_found_in_every_place_where_issuers_put_it(data: bytes) -> None:
    assert svg.unbake(data) == (BADGE,)


def test_an_attribute_of_the_picture_itself_counts() -> None:
    older = picture("", f'width="600" xmlns:openbadges="{OLDER}" openbadges:verify="https://a.example/1"')
    assert svg.unbake(older) == ("https://a.example/1",)
    assert svg.unbake(picture("", 'verify="https://a.example/1"')) == ()


def test_every_badge_is_returned_and_ordinary_metadata_is_none() -> None:
    twice = picture(
        f"<metadata>Drawn by hand</metadata><openbadges:credential verify='x'>{CDATA}</openbadges:credential>"
    )
    assert svg.unbake(twice) == ("x", BADGE)
    assert svg.unbake(picture("<title>{1}</title>")) == ()


def code_of(data: bytes) -> str:
    """Return why the bytes are refused."""
    with pytest.raises(svg.SvgError) as caught:
        svg.unbake(data)
    return caught.value.code


LAUGHS = "".join(f'<!ENTITY l{n} "{"&l" + str(n - 1) + ";" if n else "ha"}">' for n in range(9))
UNSAFE = {
    "an entity": picture("&a;", before='<!DOCTYPE svg [<!ENTITY a "b">]>'),
    "entities within entities": picture("&l8;", before=f"<!DOCTYPE svg [{LAUGHS}]>"),
    "a file of this machine": picture("&a;", before='<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/hostname">]>'),
    "an entity from elsewhere": picture("&a;", before='<!DOCTYPE svg SYSTEM "https://a.example/a.dtd">'),
    "a parameter entity": picture("", before='<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://a.example/a"> %a;]>'),
    "a subset": picture("", before="<!DOCTYPE svg [<!ELEMENT svg ANY>]>"),
    "depth": picture("<g>" * 300 + "</g>" * 300),
}


@pytest.mark.parametrize("data", UNSAFE.values(), ids=UNSAFE)
def test_nothing_that_a_badge_does_not_need_is_followed(data: bytes) -> None:
    assert code_of(data) == "svg_unsafe"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<html></html>", "not_svg"),
        (b"<", "not_svg"),
        (b"", "not_svg"),
        (b'<svg xmlns="http://www.w3.org/1999/xhtml"/>', "not_svg"),
        (picture()[:-3], "svg_damaged"),
        (picture("<openbadges:credential>"), "svg_damaged"),
        (picture("<nobody:credential/>"), "svg_damaged"),
    ],
)
def test_what_is_no_whole_svg_picture_is_told_apart(data: bytes, code: str) -> None:
    assert code_of(data) == code


def test_a_packed_picture_is_unpacked_within_limits() -> None:
    assert svg.unpacked(gzip.compress(picture())) == picture()
    for data in (gzip.compress(picture())[:-9], b"\x1f\x8bnothing", gzip.compress(bytes(6 * 1024 * 1024))):
        with pytest.raises(svg.SvgError):
            svg.unpacked(data)


@calm
@given(st.binary(max_size=60), st.integers(min_value=0, max_value=200))
def test_no_bytes_put_anywhere_are_an_error_of_another_kind(noise: bytes, place: int) -> None:
    data = PLACES["text of the element"]
    with suppress(svg.SvgError):
        assert isinstance(svg.unbake(data[:place] + noise + data[place:]), tuple)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "elements": lambda size: picture("<g/>" * (size // 4)),
    "badges": lambda size: picture("<openbadges:credential>x</openbadges:credential>" * (size // 50)),
    "attributes": lambda size: picture('<g a="" b="" c="" d="" e="" f=""/>' * (size // 36)),
    "names of namespaces": lambda size: picture("<g " + "".join(f'xmlns:a{n}="b" ' for n in range(size // 15)) + "/>"),
    "one long text": lambda size: picture(
        "<openbadges:credential>" + "&lt;" * (size // 4) + "</openbadges:credential>"
    ),
    "one long comment": lambda size: picture("<!--" + "- " * (size // 2) + "-->"),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_the_work_on_a_picture_grows_with_its_size_alone(make: Callable[[int], bytes]) -> None:
    assert_linear(svg.unbake, lambda size: make(min(size, 1 << 22)))
