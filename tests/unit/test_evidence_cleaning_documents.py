"""Copies for assessors: documents lose their authors and keep their words, which are read."""

import io
import zipfile
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from lti_mcred.evidence.cleaning.encoding import decoded
from lti_mcred.evidence.cleaning.markup import html
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.reading import words_of
from lti_mcred.evidence.cleaning.rtf import rtf
from tests.cleaning_helpers import NAME, copy

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


# Documents


def document(**entries: str) -> bytes:
    with pikepdf.new() as made:
        sheet = made.add_blank_page()
        for key, value in entries.items():
            made.docinfo[f"/{key}"] = value
        note = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 9, 9],
            T="Zebulon Quasimodo",
            Contents="good",
        )
        sheet.Annots = pikepdf.Array([made.make_indirect(note)])
        sheet.PieceInfo = pikepdf.Dictionary(Writer=pikepdf.Dictionary(Private="Zebulon Quasimodo"))
        made.Root.Metadata = made.make_stream(b"<x:xmpmeta>" + NAME + b"</x:xmpmeta>")
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


def test_a_pdf_is_written_anew_without_people_and_without_its_earlier_versions(tmp_path: Path) -> None:
    before = document(Author="Zebulon Quasimodo", Title="by Quasimodo")
    later = before + b"\n9 0 obj\n<< /Author (Quasimodo) >>\nendobj\n%%EOF Quasimodo"
    for content in (before, later):
        after = copy(tmp_path, content, "application/pdf")
        with pikepdf.open(io.BytesIO(after)) as pdf:
            out = io.BytesIO()
            pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable, qdf=True)
            assert str(pdf.pages[0].Annots[0].Contents) == "good"
        assert b"uasimodo" not in out.getvalue()


def test_what_is_no_pdf_behind_its_first_bytes_is_said_to_be_damaged(tmp_path: Path) -> None:
    with pytest.raises(CannotClean) as refused:
        copy(tmp_path, b"%PDF-1.7\nnothing", "application/pdf")
    assert refused.value.code == "damaged"


def archive(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def inside(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_a_word_document_loses_authors_everywhere_and_keeps_its_words(tmp_path: Path) -> None:
    body = (
        f'<w:document xmlns:w="{W}" xmlns:mc="urn:mc" xmlns:w14="urn:w14" mc:Ignorable="w14"><w:body>'
        '<w:p w:rsidR="00AB">'
        '<w:ins w:author="Zebulon Quasimodo" w:date="2026-01-01T00:00:00Z"><w:r><w:t>Six steps</w:t></w:r></w:ins>'
        '<w:fldSimple w:instr=" AUTHOR "><w:r><w:t>Zebulon Quasimodo</w:t></w:r></w:fldSimple>'
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> FILENAME \\p </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>C:\\Quasimodo.docx</w:t></w:r>'
        '<w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:t> in order</w:t></w:r></w:p></w:body></w:document>'
    )
    comments = (
        f'<w:comments xmlns:w="{W}"><w:comment w:author="Zebulon Quasimodo" w:initials="ZQ"><w:p/></w:comment>'
        '<w:comment w:author="Another Person" w:initials="AP"/></w:comments>'
    )
    rels = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="urn:x/attachedTemplate" Target="file:///C:/Users/Quasimodo/t.dotx" TargetMode="External"/><Relationship '
        'Id="r2" Type="urn:x/image" Target="file:///C:/Users/Quasimodo/p.jpg" TargetMode="External"/></Relationships>'
    )
    after = inside(
        copy(
            tmp_path,
            archive(
                {
                    "[Content_Types].xml": '<Types xmlns="urn:t"/>',
                    "word/document.xml": body,
                    "word/comments.xml": comments,
                    "word/people.xml": '<w15:people xmlns:w15="urn:p"><w15:person w15:author="Zebulon Quasimodo">'
                    '<w15:presenceInfo w15:userId="Quasimodo"/></w15:person></w15:people>',
                    "word/_rels/settings.xml.rels": rels,
                    "docProps/core.xml": '<c:core xmlns:c="urn:c"><c:creator>Quasimodo</c:creator></c:core>',
                    "docProps/custom.xml": '<Properties xmlns="urn:q"><property name="Quasimodo"/></Properties>',
                    "docProps/thumbnail.jpeg": b"\xff\xd8" + NAME,
                    "customXml/item1.xml": "<school>Quasimodo</school>",
                }
            ),
            DOCX,
        )
    )
    assert b"uasimodo" not in b"".join(name.encode() + part for name, part in after.items())
    assert b"Six steps" in after["word/document.xml"]
    assert b"in order" in after["word/document.xml"]
    assert b'mc:Ignorable="w14"' in after["word/document.xml"]
    assert after["word/comments.xml"].count(b"Author ") == 2
    assert "docProps/thumbnail.jpeg" not in after
    etree.fromstring(after["docProps/core.xml"])


def test_a_sheet_loses_the_name_with_which_a_comment_begins(tmp_path: Path) -> None:
    comments = (
        '<comments xmlns="urn:s"><authors><author>Zebulon Quasimodo</author></authors><commentList><comment ref="A1">'
        "<text><r><t>Zebulon Quasimodo:</t></r><r><t>look here</t></r></text></comment></commentList></comments>"
    )
    workbook = (
        '<workbook xmlns="urn:s" xmlns:a="urn:a"><a:absPath url="C:\\Quasimodo"/>'
        '<fileSharing userName="Quasimodo"/></workbook>'
    )
    after = inside(copy(tmp_path, archive({"xl/comments1.xml": comments, "xl/workbook.xml": workbook}), XLSX))
    assert b"uasimodo" not in b"".join(after.values())
    assert b"look here" in after["xl/comments1.xml"]


def test_an_open_document_loses_authors_and_earlier_versions(tmp_path: Path) -> None:
    namespaces = 'xmlns:office="urn:o" xmlns:dc="urn:dc" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    content = (
        f"<office:document {namespaces}><office:annotation><dc:creator>Zebulon Quasimodo</dc:creator>"
        "<text:p>good</text:p></office:annotation><text:p>By <text:author-name>Zebulon Quasimodo</text:author-name> now"
        "</text:p></office:document>"
    )
    parts = {
        "mimetype": ODT,
        "content.xml": content,
        "meta.xml": f"<office:meta {namespaces}><office:i><dc:creator>Quasimodo</dc:creator></office:i></office:meta>",
        "Versions/Version1": b"Quasimodo",
        "Thumbnails/thumbnail.png": b"Quasimodo",
    }
    after = inside(copy(tmp_path, archive(parts), ODT))
    assert b"uasimodo" not in b"".join(after.values())
    assert b"good" in after["content.xml"]
    assert b"now" in after["content.xml"]
    assert set(after) == {"mimetype", "content.xml", "meta.xml"}


@pytest.mark.parametrize(
    ("media_type", "parts", "code"),
    [
        (DOCX, {"word/document.xml": '<!DOCTYPE d [<!ENTITY a "b">]><d>&a;</d>'}, "damaged"),
        (DOCX, {"word/document.xml": "<d>"}, "damaged"),
        (
            ODT,
            {"META-INF/manifest.xml": '<m xmlns:a="urn:a"><e a:full-path="x"><encryption-data/></e></m>'},
            "password",
        ),
        ("application/epub+zip", {"META-INF/encryption.xml": "<e/>"}, "password"),
        ("application/vnd.apple.pages", {"Index/Document.iwa": "x"}, "kind"),
    ],
)
def test_what_cannot_be_cleaned_says_why(
    tmp_path: Path, media_type: str, parts: dict[str, str | bytes], code: str
) -> None:
    with pytest.raises(CannotClean) as refused:
        copy(tmp_path, archive(parts), media_type)
    assert refused.value.code == code


def test_rtf_loses_groups_about_people_and_keeps_its_words() -> None:
    before = (
        rb"{\rtf1{\info{\author Zebulon Quasimodo}}{\*\revtbl{Unknown;}{Zebulon Quasimodo;}}Six {\b steps}"
        rb"{\*\atnauthor Zebulon Quasimodo}"
        rb"{\field{\*\fldinst{ AUTHOR }}{\fldrslt{Zebulon Quasimodo}}}{\pict\bin3 }{\}\'e9}"
    )
    after, _left = rtf(before)
    assert b"uasimodo" not in after
    assert rb"Six {\b steps}" in after
    assert rb"\bin3 }{\}\'e9}" in after


def test_a_web_page_loses_who_made_it_and_keeps_its_scripts() -> None:
    about = b'<!-- by Quasimodo --><meta charset="utf-8"><meta name="author" content="Quasimodo">'
    shown = b'<script>"<!-- x -->"</script><p>Six'
    assert html(about + shown) == b'<meta charset="utf-8">' + shown


@given(st.binary(max_size=300))
def test_any_bytes_are_a_page_or_refused_as_rtf(tail: bytes) -> None:
    assert html(html(b"<p>" + tail)) == html(b"<p>" + tail)
    try:
        rtf(b"{\\rtf1 " + tail + b"}")
    except CannotClean as problem:
        code = problem.code
    else:
        code = "damaged"
    assert code == "damaged"


# Reading, and looking for names


def test_words_are_read_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "file"
    split = (
        f'<w:document xmlns:w="{W}"><w:p><w:r><w:t>Zebu</w:t></w:r><w:r><w:t>lon</w:t></w:r></w:p>'
        "<w:p><w:r><w:t>x</w:t></w:r></w:p></w:document>"
    )
    path.write_bytes(archive({"word/document.xml": split}))
    assert "Zebulon\nx" in words_of(path, DOCX)
    path.write_bytes(rb"{\rtf1 Zoe {\b B}i\'e8re \u233?}")
    assert "Zoe Bi\u00e8re \u00e9" in words_of(path, "application/rtf")
    path.write_bytes(b"<p>By <b>Zebulon</b></p><img alt='Quasimodo'>")
    assert "By Zebulon" in words_of(path, "text/html")
    assert "Quasimodo" in words_of(path, "text/html")
    path.write_bytes(b"\0\1Zebulon Quasimodo\0\0" + "Zebulon".encode("utf-16-le"))
    assert words_of(path, "application/vnd.apple.pages").count("Zebulon") == 2
    assert decoded("Zo\u00eb".encode("utf-32")) == decoded("Zo\u00eb Zo\u00eb".encode()[:-1])[:3] == "Zo\u00eb"
    assert decoded("Zo\u00eb".encode("utf-16")) == "Zo\u00eb"
    assert decoded("Zo\u00eb".encode("cp1252")) == decoded("Zo\u00eb".encode()) == "Zo\u00eb"
