"""Baking: a credential in a PNG, and getting it out again."""

import io
import json
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lti_mcred.badges.openbadges import baking
from tests.badges_helpers import calm
from tests.doubling import assert_linear


def picture() -> bytes:
    """Return a small PNG."""
    out = io.BytesIO()
    Image.new("RGBA", (4, 4), (1, 2, 3, 4)).save(out, "PNG")
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return a PNG chunk."""
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def with_chunk(body: bytes) -> bytes:
    """Return the picture with an iTXt chunk put in after the header by hand."""
    png = picture()
    return png[:33] + chunk(b"iTXt", body) + png[33:]


PNG = picture()
texts = st.text(st.characters(exclude_categories=["Cs"]))


@calm
@given(st.dictionaries(texts, st.one_of(texts, st.integers(), st.lists(texts, max_size=3)), max_size=5))
def test_what_is_baked_comes_out_with_the_same_meaning(credential: dict[str, object]) -> None:
    for ascii_only in (True, False):
        text = baking.extract(baking.bake(PNG, json.dumps(credential, ensure_ascii=ascii_only)))
        assert text is not None
        assert json.loads(text) == credential


@calm
@given(st.lists(texts, max_size=4))
def test_braces_in_texts_cannot_mislead_a_reader_that_counts_them(words: list[str]) -> None:
    text = baking.extract(baking.bake(PNG, json.dumps({"a": words, "}{": {"b": '\\"}'}})))
    assert text is not None
    assert text.count("{") == text.count("}") == 2


def test_the_text_stands_uncompressed_before_the_picture_data() -> None:
    baked = baking.bake(PNG, '{"a": 1}')
    assert b'openbadgecredential\0\0\0\0\0{"a": 1}' in baked
    assert baked.index(b"openbadgecredential") < baked.index(b"IDAT")


def test_a_second_badge_takes_the_place_of_the_first() -> None:
    twice = baking.bake(baking.bake(PNG, '{"a": 1}'), '{"a": 2}')
    assert twice.count(baking.KEYWORD) == 1
    assert twice == baking.bake(PNG, '{"a": 2}')


def test_the_picture_itself_is_not_changed() -> None:
    baked = Image.open(io.BytesIO(baking.bake(PNG, '{"a": 1}')))
    assert baked.getpixel((0, 0)) == (1, 2, 3, 4)


def test_a_picture_without_a_badge_has_none() -> None:
    assert baking.extract(PNG) is None
    assert baking.extract(with_chunk(b"openbadgecredentials\0\0\0\0\0{}")) is None


def test_a_compressed_badge_of_careless_software_is_read() -> None:
    body = b"openbadgecredential\0\1\0\0\0" + zlib.compress(b'{"a": 1}')
    assert baking.extract(with_chunk(body)) == '{"a": 1}'


def test_other_texts_in_the_picture_stay() -> None:
    baked = baking.bake(with_chunk(b"openbadges\0\0\0\0\0https://a.example/1"), "{}")
    assert baking.extract(baked, baking.KEYWORD_2) == "https://a.example/1"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a",
        PNG[:20],
        PNG[:-6],
        PNG[:40] + b"\xff" + PNG[41:],
        PNG[:8] + struct.pack(">I4s", 0xFFFFFFFF, b"IHDR"),
        PNG[:8] + chunk(b"IEND", b""),
    ],
)
def test_a_file_that_is_no_whole_png_is_refused(data: bytes) -> None:
    with pytest.raises(baking.BakingError):
        baking.bake(data, "{}")


@pytest.mark.parametrize("rest", [b"", b"\0\0", b"\0\0\0", b"\0\0\0\0\xff\xfe", b"\1\0\0\0not deflated"])
def test_a_damaged_badge_in_a_whole_picture_is_refused(rest: bytes) -> None:
    with pytest.raises(baking.BakingError):
        baking.extract(with_chunk(baking.KEYWORD + b"\0" + rest))


def test_text_that_is_not_json_is_not_baked() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        baking.bake(PNG, "not json")


def code_of(png: bytes) -> str:
    """Return why a picture is refused."""
    with pytest.raises(baking.BakingError) as caught:
        baking.unbake(png)
    return caught.value.code


@pytest.mark.parametrize(
    "moved",
    [
        chunk(b"zTXt", baking.KEYWORD + b"\0\0" + zlib.compress('{"a": "é"}'.encode())),
        chunk(b"zTXt", baking.KEYWORD + b"\0\0" + zlib.compress('{"a": "é"}'.encode("latin-1"))),
        chunk(b"tEXt", baking.KEYWORD + b'\0{"a": "\xc3\xa9"}'),
        chunk(b"iTXt", baking.KEYWORD + b"\0\1\0en\0Badge\0" + zlib.compress('{"a": "é"}'.encode())),
    ],
)
def test_a_badge_that_a_picture_service_moved_is_read_wherever_it_stands(moved: bytes) -> None:
    for place in (33, len(PNG) - 12):  # behind the header, behind the picture's data
        assert baking.extract(PNG[:place] + moved + PNG[place:]) == '{"a": "é"}'


BAKED = baking.bake(PNG, '{"a": 1}')
IEND = chunk(b"IEND", b"")
WRONG = {
    "cut off behind the badge": (BAKED[: BAKED.index(b"IDAT") - 4], "picture_cut_off"),
    "without its last chunk": (BAKED.removesuffix(IEND), "picture_cut_off"),
    "cut off within its last chunk": (BAKED[:-1], "picture_cut_off"),
    "a wrong checksum of the badge": (BAKED.replace(b'{"a": 1}', b'{"a": 2}'), "picture_checksum"),
    "a wrong checksum at the end": (BAKED[:-4] + b"\0\0\0\0", "picture_checksum"),
    "badge before the header": (BAKED[:8] + chunk(b"tEXt", b"a\0b") + BAKED[8:], "picture_order"),
    "two headers": (BAKED[:33] + BAKED[8:], "picture_order"),
    "a header of no size": (BAKED[:8] + chunk(b"IHDR", bytes(13)) + BAKED[33:], "picture_order"),
    "a header that is too short": (BAKED[:8] + chunk(b"IHDR", b"\0") + BAKED[33:], "picture_order"),
    "no picture data": (PNG[:33] + IEND, "picture_order"),
    "data in two places": (PNG[:-12] + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", b"") + IEND, "picture_order"),
    "an end with something in it": (PNG[:-12] + chunk(b"IEND", b"x"), "picture_order"),
    "a chunk without a name": (PNG[:33] + chunk(b"\0\1\2\3", b"") + PNG[33:], "picture_order"),
    "a badge behind the end": (BAKED + BAKED[33:], "several_badges"),
    "the only badge behind the end": (PNG + BAKED[33:], "picture_order"),
    "a badge in a chunk of another kind": (
        BAKED[:33] + chunk(b"caBX", baking.KEYWORD + b"\0\0\0\0\0{}") + BAKED[33:],
        "several_badges",
    ),
    "a badge that unpacks without end": (
        with_chunk(baking.KEYWORD + b"\0\1\0\0\0" + zlib.compress(bytes(5 * 1024 * 1024))),
        "picture_damaged",
    ),
    "a badge that is packed and cut off": (
        with_chunk(baking.KEYWORD + b"\0\1\0\0\0" + zlib.compress(b'{"a": 1}')[:-5]),
        "picture_damaged",
    ),
}


@pytest.mark.parametrize(("png", "code"), WRONG.values(), ids=WRONG)
def test_a_picture_that_is_not_whole_and_in_order_is_refused_with_its_reason(png: bytes, code: str) -> None:
    assert code_of(png) == code


def test_every_badge_of_a_picture_comes_out_and_what_stands_behind_its_end_is_noticed() -> None:
    found = baking.unbake(with_chunk(baking.KEYWORD_2 + b"\0\0\0\0\0https://a.example/1"))
    assert (found.texts, found.trailing) == (((baking.KEYWORD_2, "https://a.example/1"),), False)
    assert baking.unbake(BAKED + b"\0").trailing is True


@calm
@given(st.binary(max_size=60), st.integers(min_value=0, max_value=len(BAKED)))
def test_no_bytes_put_anywhere_are_an_error_of_another_kind(noise: bytes, place: int) -> None:
    try:
        found = baking.unbake(BAKED[:place] + noise + BAKED[place:])
    except baking.BakingError:
        return
    assert found.texts == ((baking.KEYWORD, '{"a": 1}'),)


def test_the_work_on_a_picture_grows_with_its_size_alone() -> None:
    small, badge = chunk(b"tEXt", b""), chunk(b"zTXt", baking.KEYWORD + b"\0\0" + zlib.compress(b"{}"))
    for part in (small, badge):
        assert_linear(baking.unbake, lambda size, part=part: PNG[:33] + part * (size // len(part)) + PNG[33:])
