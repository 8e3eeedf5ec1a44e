"""Archives: documents are told by relations and content types, macros by what they are, all within bounds."""

import struct
import zlib

import pytest

from lti_mcred.evidence.formats.look import look_into
from lti_mcred.evidence.formats.source import Source
from tests import made_files as made
from tests.made_files import SHEET, SLIDES, STRICT, VBA, WORD, archive, content_types, office, open_document, relations

MICROSOFT = "http://schemas.microsoft.com/office"
SCRIPT = '<script:module xmlns:script="http://openoffice.org/2000/script"/>'
MACRO = "application/vnd.ms-office.vbaProject"
WORD_RELATIONS = "word/_rels/document.xml.rels"
TWO_MAIN_PARTS = archive(
    ("[Content_Types].xml", content_types("/word/document.xml", f"{WORD}.document.main+xml")),
    ("_rels/.rels", relations(*[(f"{made.TRANSITIONAL}/officeDocument", f"word/{name}.xml") for name in "ab"])),
    ("word/a.xml", "<x/>"),
    ("word/b.xml", "<x/>"),
)


def code(content: bytes) -> str:
    return look_into(Source.of(content)).code


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (office(), "docx"),
        (office(part="word/document2.xml"), "docx"),
        (office(part="word/document2.xml", target="/word/document2.xml"), "docx"),
        (office(part="Word/Document.xml", target="./word/document.xml"), "docx"),
        (office(part="my doc/main part.xml", target="my%20doc/main%20part.xml"), "docx"),
        (office(schema=STRICT), "docx"),
        (office(part="xl/book7.xml", content_type=f"{SHEET}.sheet.main+xml"), "xlsx"),
        (office(part="ppt/p.xml", content_type=f"{SLIDES}.presentation.main+xml"), "pptx"),
        (office(part="ppt/p.xml", content_type=f"{SLIDES}.slideshow.main+xml"), "ppsx"),
        (office(("word/media/image1.png", made.png()), ("word/embeddings/sheet.xlsx", office())), "docx"),
        (office(("word/embeddings/oleObject1.bin", made.compound("Equation Native"))), "docx"),
        (office(content_type=f"{WORD}.template.main+xml"), "office-template"),
        (office(part="xl/a.xml", content_type=f"{SHEET}.template.main+xml"), "office-template"),
        (office(part="visio/a.xml", content_type="application/vnd.ms-visio.drawing.main+xml"), "office-other"),
        (archive(("[Content_Types].xml", content_types("/a", "b")), ("word/document.xml", "<x/>")), "office-damaged"),
        (office(target="word/elsewhere.xml"), "office-damaged"),
        (archive(("[Content_Types].xml", "<Types><Default></Types>"), ("word/document.xml", "<x/>")), "office-damaged"),
        (TWO_MAIN_PARTS, "office-damaged"),
        (office(("xl/a.xml", "<x><y/><macrosheet/></x>")), "docx"),
        (office()[:-30], "office-damaged"),
    ],
    ids=made.brief,
)
def test_office_documents_are_told_by_the_relation_and_the_content_type(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize(
    "content",
    [
        office(content_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
        office(content_type="application/vnd.ms-word.template.macroEnabledTemplate.main+xml"),
        office(part="xl/w.xml", content_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        office(part="ppt/p.xml", content_type="application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"),
        office(("word/vbaProject.bin", b"x")),
        office(("word/media/image9.png", VBA)),
        office(("word/embeddings/oleObject1.bin", VBA)),
        office(("word/printer.bin", b"x"), types=(("/word/printer.bin", MACRO),)),
        office((WORD_RELATIONS, relations((f"{MICROSOFT}/2006/relationships/vbaProject", "x.bin")))),
        office(("word/_rels/DOCUMENT.XML.RELS", relations((f"{made.TRANSITIONAL}/control", "activeX1.xml")))),
        office(("xl/a.xml", f'<?xml version="1.0"?><x:macrosheet xmlns:x="{MICROSOFT}/excel/2006/main"/>')),
        office(("word/embeddings/inner.docx", office(("word/x.dat", VBA)))),
        office(("word/embeddings/i.docx", office(("word/embeddings/i.docx", office(("word/vbaproject.bin", b"x")))))),
    ],
    ids=made.brief,
)  # fmt: skip
def test_macros_are_found_by_what_they_are(content: bytes) -> None:
    assert code(content) == "office-macros"


def test_a_binary_workbook_is_named() -> None:
    content_type = "application/vnd.ms-excel.sheet.binary.macroEnabled.main"
    assert code(office(part="xl/workbook.bin", content_type=content_type)) == "office-binary"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (open_document(), "odt"),
        (open_document("spreadsheet"), "ods"),
        (open_document("presentation"), "odp"),
        (open_document("graphics"), "odf-other"),
        (open_document("text-template"), "odf-other"),
        (open_document("text", ("Basic/script-lc.xml", "<x/>"), ("Basic/Standard/script-lb.xml", "<x/>")), "odt"),
        (open_document("text", ("Basic/Standard/Module1.xml", "<x/>")), "odf-macros"),
        (open_document("text", ("Scripts/python/a.py", "pass")), "odf-macros"),
        (open_document("text", ("x/y.xml", SCRIPT)), "odf-macros"),
        (open_document("text", ("Object 1", VBA)), "odf-macros"),
        (made.epub(), "epub"),
        (made.iwork(10_000), "pages"),
        (made.iwork(1, "Index/Slide-8.iwa"), "keynote"),
        (made.iwork(1, "Index/Tables/Tile.iwa"), "numbers"),
        (archive(("index.apxl", "<x/>")), "keynote"),
        (archive(("My.pages/Index.zip", "x"), ("My.pages/preview.jpg", "x")), "iwork-folder"),
        (archive(("h5p.json", "{}"), ("content/content.json", "{}")), "archive-h5p"),
        (archive(("imsmanifest.xml", "<x/>"), ("a.html", "x")), "archive-scorm"),
        (archive(("META-INF/MANIFEST.MF", "x"), ("a.class", "x")), "program"),
        (archive(("readme.txt", "x")), "archive"),
        (archive(), "archive"),
        (b"PK\x03\x04 broken archive \0\1", "office-damaged"),
    ],
    ids=made.brief,
)  # fmt: skip
def test_other_archives_are_told_by_what_is_in_them(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


def test_an_encrypted_open_document_is_named() -> None:
    manifest = (
        '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>'
    )
    assert code(open_document("text", ("META-INF/manifest.xml", manifest))) == "odf-password"


TYPE = '<!DOCTYPE m:manifest PUBLIC "-//OpenOffice.org//DTD Manifest 1.0//EN" "Manifest.dtd">'
DECLARING = '<!DOCTYPE m:manifest [<!ENTITY root "/">]>'
ROOT_IN_MANIFEST = (
    '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<m:file-entry m:full-path="content.xml"/><m:file-entry m:full-path="/" m:media-type="{made.ODF}spreadsheet"/>'
    "</m:manifest>"
)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (archive(("META-INF/manifest.xml", ROOT_IN_MANIFEST), ("content.xml", "<x/>")), "ods"),
        (open_document("text", ("META-INF/manifest.xml", ROOT_IN_MANIFEST)), "odt"),
        (archive(("META-INF/manifest.xml", TYPE + ROOT_IN_MANIFEST), ("content.xml", "<x/>")), "ods"),
        (open_document("text", ("META-INF/manifest.xml", TYPE + ROOT_IN_MANIFEST)), "odt"),
        (open_document("text", ("META-INF/manifest.xml", DECLARING + ROOT_IN_MANIFEST)), "office-damaged"),
        (open_document("text", ("META-INF/manifest.xml", "<manifest>")), "office-damaged"),
        (archive(("mimetype", f"{made.ODF}text"), ("styles.xml", "<x/>")), "office-damaged"),
        (archive(("META-INF/manifest.xml", "<manifest>"), ("content.xml", "<x/>")), "archive"),
    ],
    ids=made.brief,
)
def test_an_open_document_says_what_it_is_in_its_mimetype_else_in_its_manifest(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


def test_iwork_of_2009_has_an_index_in_xml() -> None:
    history = ("buildVersionHistory.plist", "<plist/>")
    assert code(archive(("index.xml", "<sl:document/>"), history)) == "pages"
    assert code(archive(("index.xml", "<ls:document/>"), history)) == "numbers"
    assert code(archive(("index.xml", "<ls:document/>"))) == "archive"


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, b"\1"), (5, b"\x21"), (6, b"\xff" * 10), (7, b"\x10"), (9, b"\x1a"), (11, b"\x10"), (12, b"\2")],
    ids=["chunk", "literal", "length", "identifier", "messages", "type", "another type"],
)
def test_only_an_index_that_says_so_makes_a_document_of_iwork_numbers(place: int, value: bytes) -> None:
    said = made.iwa(1)
    others = ("Index/Tables/Tile.iwa", b"x")
    assert code(archive(("Index/Document.iwa", said), others)) == "numbers"
    changed = said[:place] + value + said[place + len(value) :]
    assert code(archive(("Index/Document.iwa", changed), others)) == "pages"


def test_two_parts_of_one_name_are_not_read_in_one_way_or_the_other() -> None:
    assert code(office(("[content_types].XML", content_types("/word/document.xml", MACRO)))) == "office-damaged"
    assert code(office(("Word/document.xml", "<y/>"))) == "office-damaged"


def test_documents_are_looked_into_three_deep() -> None:
    inside = office()
    for _deep in range(3):
        inside = office(("word/embeddings/inner.docx", inside))
    assert code(inside) == "docx"
    assert code(office(("word/embeddings/inner.docx", inside))) == "archive-tangled"


def huge(entries: int) -> bytes:
    """Return an archive of many empty files, as its directory says."""
    row = b"PK\x01\x02" + b"\0" * 24 + struct.pack("<HHH", 1, 0, 0) + b"\0" * 12 + b"x"
    directory = row * entries
    end_64 = b"PK\x06\x06" + struct.pack("<QHHIIQQQQ", 44, 45, 45, 0, 0, entries, entries, len(directory), 30)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, 30 + len(directory), 1)
    end = b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return b"PK\x03\x04".ljust(30, b"\0") + directory + end_64 + locator + end


def test_an_archive_of_many_files_is_refused_before_it_is_listed() -> None:
    assert code(huge(200_000)) == "archive-tangled"
    assert code(huge(2_000)) == "archive"


def test_a_document_that_unpacks_to_more_than_is_looked_through_is_refused() -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    zeros = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * (65 * 1024 * 1024)
    assert len(bomb.compress(zeros) + bomb.flush()) < 100_000
    assert code(office(("word/embeddings/oleObject1.bin", zeros))) == "archive-tangled"


def test_document_types_entities_and_endless_depth_in_a_part_are_refused() -> None:
    laughs = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><Relationships>&b;</Relationships>'
    assert code(archive(("[Content_Types].xml", content_types("/a", "b")), ("_rels/.rels", laughs))) == "office-damaged"
    named = f"<!DOCTYPE Relationships SYSTEM 'a.dtd'>{relations((made.TRANSITIONAL, 'a')).partition('?>')[2]}"
    assert code(archive(("[Content_Types].xml", content_types("/a", "b")), ("_rels/.rels", named))) == "office-damaged"
    deep = "<a>" * 5000 + "</a>" * 5000
    assert code(archive(("[Content_Types].xml", content_types("/a", "b")), ("_rels/.rels", deep))) == "office-damaged"
