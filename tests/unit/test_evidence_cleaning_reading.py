"""What is read of a copy for assessors, and the process that makes one."""

import json
import resource
import sys
import zipfile
from pathlib import Path
from runpy import run_path

import pikepdf
import pytest

from lti_mcred.evidence.cleaning import __main__ as process
from lti_mcred.evidence.cleaning import reading
from lti_mcred.evidence.cleaning.reading import words_of
from tests.cleaning_helpers import NAME
from tests.made_files import archive, mp3, office

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
EPUB, PDF = "application/epub+zip", "application/pdf"
WHO = NAME.decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "file"


# Reading


@pytest.mark.parametrize(
    ("media_type", "name", "part", "read"),
    [
        (DOCX, "word/document.xml", '<a><docPr descr="Zoe" id="7"/>six<b>steps</b> here</a>', ["Zoe", "sixsteps here"]),
        (DOCX, "word/document.xml", "<a><p>six</p><p>steps</p></a>", ["six\nsteps"]),
        (EPUB, "a.html", "<p>six</p><br>steps<i>!</i><img alt='Zoe'><b", ["six\n", "\nsteps!", "alt='Zoe'", "<b"]),
        (EPUB, "a.txt", "six steps", ["six steps"]),
    ],
)  # fmt: skip
def test_words_of_a_document_are_read_as_they_follow_each_other(
    path: Path, media_type: str, name: str, part: str, read: list[str]
) -> None:
    path.write_bytes(archive((name, part)))
    words = words_of(path, media_type)
    places = [words.index(piece) for piece in read]
    assert places == sorted(places)
    assert "7" not in words


@pytest.mark.parametrize("name", ["word/theme/theme1.xml", "ppt/_rels/themes.xml.rels", "word/media/a.bin"])
def test_what_a_program_wrote_about_colours_and_what_is_no_text_is_not_read(path: Path, name: str) -> None:
    path.write_bytes(archive((name, f"<a>{WHO}</a>"), ("word/document.xml", "<a>six</a>")))
    assert words_of(path, DOCX).strip() == "six"


def test_words_and_notes_of_a_pdf_are_read(path: Path) -> None:
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page()
        page.Annots = pikepdf.Array([pikepdf.Dictionary(Contents=pdf.make_indirect(pikepdf.String("alone")))])
        page.Extra = pikepdf.Array([pikepdf.Dictionary(Contents=pikepdf.String("a note")), 7])
        pdf.save(path)
    words = words_of(path, PDF)
    assert "a note\n" in words
    assert "alone\n" in words


def test_plain_text_is_read_in_the_code_that_it_is_in(path: Path) -> None:
    path.write_bytes("\ufeffZo\u00eb".encode("utf-16"))
    assert words_of(path, "text/plain").strip("\ufeff") == "Zo\u00eb"


def test_no_more_is_read_than_can_be_looked_through(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST", 7)
    path.write_bytes(b"<p>six<p>steps<p>in order")
    assert words_of(path, "text/html") == "\nsix\nst"


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (DOCX, office(("word/media/a.xml", f"<a>{WHO}"))),
        (EPUB, b"\0\1" + NAME + b"\0"),
        (PDF, b"%PDF-1.7\0" + NAME),
        ("application/vnd.apple.keynote", archive(("Index/Document.iwa", b"\0\1" + NAME))),
    ],
    ids=["broken part", "no archive", "broken PDF", "Keynote"],
)
def test_of_a_file_that_cannot_be_opened_all_is_read_that_looks_like_words(
    path: Path, media_type: str, content: bytes
) -> None:
    path.write_bytes(content)
    assert WHO in words_of(path, media_type)


def broken(content: bytes, name: str, *, whole: bool) -> bytes:
    """Return an archive whose packed part cannot be unpacked, and whose directory cannot be read unless `whole`."""
    start = content.index(name.encode()) + len(name)
    damaged = content[:start] + b"\xff" * 4 + content[start + 4 :]
    return damaged if whole else damaged.replace(b"PK\1\2", b"PK\1\3")


@pytest.mark.parametrize("whole", [True, False], ids=["one part", "its directory"])
def test_of_an_archive_that_is_damaged_the_rest_is_read(path: Path, whole: bool) -> None:
    parts = archive(("word/first.xml", "<a>" + "one two " * 40 + "</a>"))
    path.write_bytes(broken(parts, "word/first.xml", whole=whole))
    assert zipfile.is_zipfile(path)
    assert "word/first.xml" in words_of(path, DOCX)


def test_of_a_locked_part_its_name_alone_is_read(path: Path) -> None:
    content = bytearray(archive(("Index/Zoe.iwa", NAME), ("Index/Document.iwa", b"six steps"), packed=False))
    content[content.index(b"PK\1\2") + 8] = 1  # the flag of encryption in the first part's record of the directory
    path.write_bytes(content)
    assert words_of(path, "application/vnd.apple.keynote") == "Index/Zoe.iwa\nIndex/Document.iwa\nsix steps\n"


@pytest.mark.parametrize(("media_type", "nothing"), [("image/png", True), ("video/mp4", True), (PDF, False)])
def test_in_pictures_sound_and_film_is_nothing_to_read(media_type: str, nothing: bool) -> None:
    assert reading.nothing_to_read(media_type) is nothing


# The process


def run(tmp_path: Path, content: bytes, media_type: str) -> tuple[dict[str, object], bytes | None, str]:
    """Return what the process says of a file, the copy that it made, and the words that it read."""
    source, copy, words = (tmp_path / name for name in ("source", "copy", "words"))
    source.write_bytes(content)
    said = process.main(source, copy, words, media_type)
    assert source.read_bytes() == content
    return said, copy.read_bytes() if copy.exists() else None, words.read_text(encoding="utf-8")


def test_a_file_that_loses_something_has_a_copy_whose_words_are_read(tmp_path: Path) -> None:
    page = f"<!-- {WHO} --><p>six".encode()
    assert run(tmp_path, page, "text/html") == ({"state": "copy", "notes": []}, b"<p>six", "\nsix")


def test_what_stays_in_a_copy_is_told(tmp_path: Path) -> None:
    said, copy, _words = run(tmp_path, office(("word/media/a.emf", NAME)), DOCX)
    assert said == {"state": "copy", "notes": ["embedded"]}
    assert copy


@pytest.mark.parametrize("content", [b"<p>six", b"<p>" + b"six " * 300_000], ids=["short", "longer than a piece"])
def test_a_file_with_nothing_to_lose_has_no_copy(tmp_path: Path, content: bytes) -> None:
    said, copy, words = run(tmp_path, content, "text/html")
    assert (said, copy) == ({"state": "same", "notes": []}, None)
    assert words.startswith("\nsix")


def test_a_copy_of_the_same_length_is_told_from_its_original(tmp_path: Path) -> None:
    before = b"{\\rtf1{\\*\\revtbl{Zebulo;}}}"
    said, copy, _words = run(tmp_path, before, "application/rtf")
    assert (said["state"], copy) == ("copy", before.replace(b"Zebulo", b"Author"))


def test_a_file_that_cannot_be_cleaned_has_no_copy_and_its_own_words_are_read(tmp_path: Path) -> None:
    said, copy, words = run(tmp_path, b"%PDF-1.7\0" + NAME, PDF)
    assert (said, copy) == ({"state": "as-is", "notes": ["damaged"]}, None)
    assert WHO in words


@pytest.mark.parametrize(("content", "read"), [(mp3(), ""), (b"noise " + NAME, "noise " + WHO + "\n")])
def test_a_recording_is_read_where_it_could_not_be_cleaned(tmp_path: Path, content: bytes, read: str) -> None:
    assert run(tmp_path, content, "audio/mpeg")[2] == read


def test_words_that_no_file_can_hold_are_written_all_the_same(tmp_path: Path) -> None:
    assert run(tmp_path, b"{\\rtf1 \\u-10179?six}", "application/rtf")[2].endswith("?six")


def test_the_process_bounds_itself_before_it_opens_a_file_and_prints_what_came_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bounds: dict[int, tuple[int, int]] = {}
    monkeypatch.setattr(resource, "setrlimit", bounds.__setitem__)
    (tmp_path / "source").write_bytes(b"<p>six")
    monkeypatch.setattr(sys, "argv", ["", *(str(tmp_path / name) for name in ("source", "copy", "words")), "text/html"])
    run_path(process.__file__, run_name="__main__")
    assert json.loads(capsys.readouterr().out) == {"state": "same", "notes": []}
    assert bounds == {
        resource.RLIMIT_AS: (2 * 1024**3,) * 2,
        resource.RLIMIT_CPU: (60, 60),
        resource.RLIMIT_CORE: (0, 0),
    }
