"""Looking at a file never fails, never takes work that grows with the square of its size, and never much memory."""

import tracemalloc
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lti_mcred.evidence.formats.look import look_into
from lti_mcred.evidence.formats.source import Source
from tests import made_files as made
from tests.doubling import assert_linear
from tests.unit.test_evidence_formats_zip import huge

WHOLE = [
    made.mp4(b"vide", b"soun"), made.still(b"avif"), made.wave(), made.avi(b"vids"), made.OPUS,
    made.matroska(b"webm", 1), made.office(("word/media/x", made.VBA)), made.open_document(), made.iwork(10_000),
    made.epub(), made.compound("Workbook"),
    made.id3() + made.mp3(), made.adts(), made.FLAC, made.JPEG, made.png(), made.GIF, made.webp(), made.PDF,
]  # fmt: skip
JUNK, DATA, BROKEN = made.chunk(b"junk", b""), made.chunk(b"data", b""), "recording-broken"
SIGNS = [
    b"\xff\xfb\x90\0",
    b"<a ",
    b"<!-- -",
    b"#! ",
    b"ID3\3\0\0\0\0\0\0",
    b"%PDF-1.7\n% \n",
    b"{",
    b"\xff\xfe",
    b"\xe4 ",
]


def look(content: bytes) -> str:
    return look_into(Source.of(content)).code


@given(whole=st.sampled_from(WHOLE), cut=st.integers(0, 600), junk=st.binary(max_size=40), rest=st.integers(0, 600))
@example(whole=made.iwork(10_000), cut=45, junk=b"\xff" * 40, rest=90)
def test_a_broken_file_is_something_or_nothing_and_never_an_error(
    whole: bytes, cut: int, junk: bytes, rest: int
) -> None:
    assert look(whole[:cut] + junk + whole[rest:])


@given(st.binary(max_size=400))
def test_any_bytes_at_all_are_something(content: bytes) -> None:
    for begin in (b"", *(whole[:12] for whole in WHOLE)):
        assert look(begin + content)


HOSTILE: dict[str, Callable[[int], bytes]] = {
    "boxes": lambda size: made.brands(b"isom") + made.box(b"free") * (size // 8),
    "boxes in boxes": lambda size: made.brands(b"isom") + b"".join(
        (8 * left).to_bytes(4) + b"moov" for left in range(size // 8, 0, -1)
    ),
    "tracks": lambda size: made.brands(b"isom") + made.box(b"moov", made.box(b"trak") * (size // 8)),
    "chunks": lambda size: made.riff(b"WAVE", made.chunk(b"junk", b"") * (size // 8)),
    "pages": lambda size: made.page(b"x") * (size // 29),
    "elements": lambda size: made.matroska(b"webm", 1, before=made.element(0xEC, b"") * (size // 9)),
    "tags": lambda size: made.id3(0) * (size // 10),
    "sync signs behind a tag": lambda size: made.id3() + b"\xff\xfb\x90\0" * (size // 4),
    "objects of a pdf": lambda size: b"%PDF-1.7\n\xff" + b"1 0 " * (size // 4),
    "digits in a pdf": lambda size: b"%PDF-1.7\n\xff" + b"1" * size,
    "entries": lambda size: huge(size // 47),
    "end records": lambda size: b"PK\3\4" + b"PK\5\6" * (size // 4),
    "sectors": lambda size: made.compound("x")[:512] + b"\0" * size,
    "relations": lambda size: made.office(("word/_rels/x.rels", made.relations(*[("a", "b")] * (size // 50)))),
    "attributes of a drawing": lambda size: b"<svg " + b'a="b" ' * (size // 6),
    "lines of a message": lambda size: b"A: b\r\n\t" + b"c\r\n\t" * (size // 4),
    "open comments": lambda size: b"<!-- -" * (size // 6),
    "open braces": lambda size: b'{"a":' * (size // 5),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_grows_with_the_size_and_not_with_its_square(name: str) -> None:
    assert_linear(look, HOSTILE[name])


@pytest.mark.parametrize("sign", SIGNS)
def test_a_sign_that_comes_again_and_again_is_no_more_work(sign: bytes) -> None:
    assert_linear(look, lambda size: sign * (size // len(sign)))


def test_a_file_that_asks_for_more_steps_than_any_honest_one_is_left_alone() -> None:
    assert look(made.brands(b"isom") + made.box(b"free") * 300_000) == "archive-tangled"


@pytest.mark.parametrize(
    ("file_of", "most", "within", "beyond"),
    [
        (lambda n: made.brands(b"isom") + made.movie(*[b"soun"] * (n - 1), b"vide"), 256, "mp4", "mp4-sound"),
        (lambda n: made.riff(b"WAVE", made.chunk(b"fmt ", b""), *[JUNK] * (n - 2), DATA), 4096, "wav", BROKEN),
        (lambda n: made.ogg(*[b"Speex   "] * (n - 1), b"\x80theora"), 64, "ogg-film", "ogg-sound"),
        (lambda n: made.matroska(b"webm", 1, before=made.element(0xEC, b"") * (n - 3)), 20_000, "webm", BROKEN),
        (lambda n: made.id3() * n + made.FLAC, 8, "flac", BROKEN),
    ],
    ids=["tracks", "chunks", "streams", "elements", "tags"],
)
def test_so_many_pieces_of_a_recording_are_looked_at_and_no_more(
    file_of: Callable[[int], bytes], most: int, within: str, beyond: str
) -> None:
    assert (look(file_of(most)), look(file_of(most + 1))) == (within, beyond)


@pytest.mark.parametrize(
    "content", [huge(200_000), made.brands(b"isom") + made.box(b"free") * 20_000], ids=["archive", "film"]
)
def test_what_is_looked_at_needs_little_memory(content: bytes) -> None:
    tracemalloc.start()
    try:
        look(content)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()
