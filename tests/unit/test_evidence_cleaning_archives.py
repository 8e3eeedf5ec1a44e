"""Copies for assessors: documents that are archives, and what is told of those that cannot be opened whole."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from lti_mcred.evidence.cleaning.clean import clean
from lti_mcred.evidence.cleaning.outcome import EMBEDDED
from tests.cleaning_helpers import NAME, code_of, copy
from tests.made_files import GIF, archive, chunk, office, open_document, png, riff, webp

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ODT = "application/vnd.oasis.opendocument.text"
SHOWN = "word/media/a.xml"
_RECORD = b"PK\x01\x02"  # of the directory (APPNOTE 4.3.12): flags at 8, length at 24, name at 46


def damaged(change: Callable[[bytearray, int], object]) -> bytes:
    """Return a document after `change(bytes, place)`; its last part's record in the directory begins at `place`."""
    content = bytearray(office((SHOWN, "<a>Six steps in order</a>")))
    change(content, content.rindex(_RECORD))
    return bytes(content)


def put(content: bytearray, place: int, instead: bytes) -> bytearray:
    content[place : place + len(instead)] = instead
    return content


def says(length: int) -> Callable[[bytearray, int], object]:
    """Let the directory say that the last part has `length` bytes."""
    return lambda content, place: put(content, place + 24, length.to_bytes(4, "little"))


def packed(content: bytearray) -> int:
    """Return where the last part's packed bytes begin."""
    return content.rindex(b"PK\x03\x04") + 30 + len(SHOWN)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"PK\x03\x04" + NAME, "damaged"),
        (damaged(lambda content, _place: put(content, packed(content), b"\xff" * 4)), "damaged"),
        (damaged(lambda content, place: put(content, place + 10, b"\x63\0")), "damaged"),
        (damaged(lambda content, place: put(put(content, place + 8, b"\0\x08"), place + 46, b"\xff")), "damaged"),
        (damaged(lambda content, place: put(content, place + 8, b"\1")), "password"),
        (damaged(says(300 * 1024 * 1024)), "large"),
        (damaged(says(0xFFFFFFF0)), "large"),
    ],
    ids=[
        "no directory",
        "packed wrong",
        "packed otherwise",
        "part without its name",
        "locked",
        "part",
        "whole",
    ],
)
def test_an_archive_that_cannot_be_opened_whole_says_why(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(tmp_path, content, DOCX) == code


def test_an_archive_of_more_parts_than_a_document_has_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_mcred.evidence.cleaning.packages._MOST_PARTS", 3)
    assert copy(tmp_path, office(), DOCX)
    assert code_of(tmp_path, office((SHOWN, "<a/>")), DOCX) == "large"


def test_two_parts_of_one_name_are_damage_since_programs_show_either(tmp_path: Path) -> None:
    content = archive(("word/document.xml", "<a/>"), ("word/documenu.xml", "<b/>"))
    assert code_of(tmp_path, content.replace(b"documenu", b"document"), DOCX) == "damaged"


def test_of_an_archive_its_parts_stay_and_neither_folders_nor_times_nor_notes(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.comment = NAME
        made.mkdir("Pictures")
        made.writestr(zipfile.ZipInfo("mimetype", (2026, 1, 2, 3, 4, 6)), ODT)
        made.writestr("content.xml", "<x/>")
    with zipfile.ZipFile(io.BytesIO(copy(tmp_path, out.getvalue(), ODT))) as left:
        parts = [(part.filename, part.compress_type, part.date_time[0]) for part in left.infolist()]
        assert parts == [("mimetype", zipfile.ZIP_STORED, 1980), ("content.xml", zipfile.ZIP_DEFLATED, 1980)]
        assert left.comment == b""


@pytest.mark.parametrize(
    ("name", "content", "notes"),
    [
        ("word/embeddings/a.dat", b"<Zebulon", (EMBEDDED,)),
        ("word/embeddings/a.dat", b"<a/>", ()),
        ("word/embeddings/a.dat", b"", ()),
        ("word/fonts/a.odttf", NAME, ()),
        ("word/embeddings/a.docx", office(), ()),
        ("word/embeddings/a.docx", office(("word/media/a.emf", NAME)), (EMBEDDED,)),
        ("word/embeddings/a.docx", b"PK\x03\x04" + NAME, (EMBEDDED,)),
        ("word/media/a.png", png()[:-8], (EMBEDDED,)),
    ],
    ids=["no XML", "XML", "nothing", "font", "document", "drawing in a document", "broken document", "broken picture"],
)
def test_what_is_left_as_it_is_inside_a_document_is_told(
    tmp_path: Path, name: str, content: bytes, notes: tuple[str, ...]
) -> None:
    (tmp_path / "source").write_bytes(office((name, content)))
    assert clean(tmp_path / "source", tmp_path / "copy", DOCX) == notes
    with zipfile.ZipFile(tmp_path / "copy") as left:
        assert bool(left.read(name)) == bool(content)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "source"]


@pytest.mark.parametrize(
    ("before", "left"),
    [
        (GIF[:13] + b"!\xfe\x11" + NAME + b"\0" + GIF[13:], GIF),
        (riff(b"WEBP", chunk(b"VP8L", b"\x2f\0\0\0\0\x88\x88\x08"), chunk(b"XMP ", NAME)), webp()),
    ],
    ids=["GIF", "WebP"],
)
def test_a_moving_picture_and_one_of_the_web_lose_their_details_inside_a_document(
    tmp_path: Path, before: bytes, left: bytes
) -> None:
    after = copy(tmp_path, office(("word/media/a.webp", before)), DOCX)
    with zipfile.ZipFile(io.BytesIO(after)) as parts:
        assert parts.read("word/media/a.webp") == left


@pytest.mark.parametrize(
    "content", [b"GIF89a", b"GIF90a" + GIF[6:], GIF[:13] + b"x", GIF[:13] + b",\0\0", GIF[:13] + b"!"]
)
def test_a_gif_that_does_not_follow_its_format_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert code_of(tmp_path, content, "image/gif") == "damaged"


def test_documents_are_opened_three_deep(tmp_path: Path) -> None:
    inner, name = office(), "word/embeddings/a.docx"
    for depth, notes in enumerate([(), (), (), (), (EMBEDDED,)]):
        (tmp_path / "source").write_bytes(inner)
        assert clean(tmp_path / "source", tmp_path / "copy", DOCX) == notes, depth
        inner = office((name, inner))


def test_an_open_document_with_a_part_of_another_program_is_told(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(open_document("text", ("ObjectReplacements/a", NAME)))
    assert clean(tmp_path / "source", tmp_path / "copy", ODT) == (EMBEDDED,)


@pytest.mark.parametrize("media_type", ["text/html", "application/rtf"])
def test_a_page_larger_than_is_read_at_once_is_not_cleaned(tmp_path: Path, media_type: str) -> None:
    with (tmp_path / "source").open("wb") as file:
        file.truncate(64 * 1024 * 1024 + 1)  # a hole: it takes no room
    assert code_of(tmp_path, None, media_type) == "large"


def test_plain_text_stays_byte_for_byte(tmp_path: Path) -> None:
    assert copy(tmp_path, NAME, "text/plain") == NAME
