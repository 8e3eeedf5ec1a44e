"""Text is text, whatever it begins with and however it is written; what only looks like text is told apart."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.evidence.formats.look import look_into
from lti_mcred.evidence.formats.source import Source
from lti_mcred.evidence.formats.text import decode
from tests import made_files as made

MAGIC = """\
ID3 is|RIFF and WAVE are|RIFFxxxxWAVEfmt says|GIF89a is|GIF87a,|BM stands for|MZ are the letters|%PDF-1.7 is
%PDF-1.7~That is how each begins, and 1 0 obj comes next. %%EOF|OggS begins|PK is|PK~|{\\rtf1 is how|fLaC begins
{\\rtf1\\ansi begins a file. It goes on|FORMxxxxAIFF|ftyp is|JFIF is|xxxxftypmp42 is|moov, mdat and|<html> is the tag
<!doctype html> stands first|<svg is a tag|<script> runs|<?xml is a declaration|#!AMR~is a kind of|#! Tagged notes
{ braces } and|[x] done|#!|ÿØÿà is|%!PS is|caff, midi: MThd and|Rar! is|BZh is|7z is|wvpk is|From: me to you.~It is
8BPS is|II* and MM""".replace("\n", "|").split("|")


def code(content: bytes) -> str:
    return look_into(Source.of(content)).code


@pytest.mark.parametrize("begin", MAGIC)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_an_essay_that_begins_like_another_file_is_text(begin: str, encoding: str) -> None:
    begin = begin.replace("~", "\n")
    essay = f"{begin} what my essay is about. It says a lot about größe and façades.\n" * 3
    assert code(essay.encode(encoding)) == "text"


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co", "Cc")), max_size=200))
def test_whatever_follows_a_magic_number_in_writing_is_never_a_recording_or_a_picture(words: str) -> None:
    for begin in ("ID3", "RIFF", "GIF89a", "fLaC", "OggS", "BM", "%PDF"):
        assert code(f"{begin} {words}".encode()) == "text"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "cp1252"]
)
def test_text_is_read_in_every_encoding_that_says_what_it_is(encoding: str) -> None:
    words = "Größe: “quoted” \u2013 l\u2019été, ça coûte 5 £.\nZweite Zeile.\n"
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be", "utf-32-be") else ""
    data = (mark + words).encode(encoding)
    assert code(data) == "text"
    assert decode(data) == words


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (
            "\u041f\u0440\u0438\u0432\u0435\u0442, \u044d\u0442\u043e \u043c\u043e\u0451".encode("cp1251"),
            "text-unreadable",
        ),
        ("日本語の作文です。学校について書きました。".encode("shift-jis"), "text-unreadable"),
        ("Zażółć gęślą jaźń i łódź".encode("cp1250"), "text-unreadable"),
        ("M\u00e4rz und b\u00f6se Gr\u00fc\u00dfe, viele s\u00e4tze".encode("cp437"), "text-unreadable"),
        ("no mark at all".encode("utf-16-le"), "text-unreadable"),
        (b"words and then \0\1\2\3" * 50, "unknown"),
        (b"a" * 70_000 + b"\0\1\2\3" * 20_000, "text-unreadable"),
        (b"\xff\xfe\x00\xd8\x41\x00", "unknown"),
        ("\ufeff\ue000\ue001 as no sign".encode("utf-16-le"), "unknown"),
    ],
    ids=made.brief,
)
def test_writing_in_another_code_is_not_shown_as_nonsense(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


def test_a_long_text_is_read_to_its_end() -> None:
    assert code(b"x" + "ä".encode() * 200_000) == "text"
    assert code("ä".encode("cp1252") + b" and words" * 60_000) == "text"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ("<!DOCTYPE html><p>hi", "html"),
        ("\ufeff<html lang='en'>\n<head>", "html"),
        ("<html>words</html>", "html"),
        ("<!-- saved from url=(0014) -->\n<!-- twice --> <html>\n<body>", "html"),
        ('<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD">\n<html>', "html"),
        ("<h1>Plan</h1><p>One.</p>", "html"),
        ('<svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
        ('<?xml version="1.0"?><!-- made --><svg width="1"><g/></svg>', "svg"),
        ('<?xml version="1.0"?>\n<?xml-stylesheet href="a.css"?>\n<svg width="1"><g/></svg>', "svg"),
        ('<?xml version="1.0"?><gpx><trk/></gpx>', "xml"),
        ('<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n<w:wordDocument xmlns:w="x">', "xml"),
        ('<?xml version="1.0"?>\n<office:document ' + "xmlns:a='urn:a' " * 400 + "><office:meta/>", "odf-other"),
        ("<html " + "data-a='1' " * 400 + ">\n<body>", "html"),
        ("<script>alert(1)</script>", "script"),
        ("#!/bin/sh\nrm -rf /\n", "script"),
        ("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Arial;}}Hello\\par}\n", "rtf"),
        (made.PDF.decode(), "pdf"),
        ("HTTP/1.1 200 OK\r\n\r\n" + made.PDF.decode(), "pdf"),
        ("%!PS-Adobe-3.0\n%%Title", "postscript"),
        ("From: <Saved by Blink>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\r\n", "archive-web"),
        ("Received: from a\nFrom: b@c.example\nSubject: Hi\nMessage-ID: <1>\n\nHello", "mail"),
        (made.GDOC, "drive-stub"),
        (json.dumps({"url": "https://docs.google.com/open?id=1AbC", "email": "a@b.example"}), "drive-stub"),
        ("[InternetShortcut]\r\nURL=https://example.org/", "shortcut"),
        ('<?xml version="1.0"?><!DOCTYPE plist><plist><dict><key>URL</key></dict></plist>', "shortcut"),
        ('{"answers": [1, 2, 3]}', "text"),
        ('{"doc_id": 7, "title": "Bees", "notes": "What we saw."}', "text"),
        (json.dumps({"url": "https://docs.google.com/open?id=1", "essay": "My words. " * 300}), "text"),
        ("{" * 5000, "text"),
        ("a,b\n1,2\n", "text"),
        ("Dear reader:\nthis is: a list\nof: things\nand more: of them\n", "text"),
    ],
    ids=made.brief,
)  # fmt: skip
def test_what_is_written_in_text_and_is_more_is_told_apart(content: str, wanted: str) -> None:
    assert code(content.encode()) == wanted


@pytest.mark.parametrize("words", ["€ 5", "100€-200€", "© 2024", "2\u00d73", "1º y 2ª", "50\u00a0%"])
def test_a_note_of_numbers_with_a_sign_is_text(words: str) -> None:
    assert code(words.encode("cp1252")) == "text"
