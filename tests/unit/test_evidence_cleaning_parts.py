"""Copies for assessors: what each part of an Office document, an OpenDocument or an e-book loses and keeps."""

import pytest

from lti_mcred.evidence.cleaning import drawing, epub, odf, office
from lti_mcred.evidence.cleaning.markup import html
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.rtf import rtf
from lti_mcred.evidence.cleaning.xmlparts import drop, parsed, written
from tests.cleaning_helpers import NAME

WHO = NAME.decode()


def inside(part: bytes | None) -> str:
    """Return the XML of a part behind its declaration."""
    assert part is not None
    return part.partition(b"?>\n")[2].decode()


# Office (ECMA-376)


def relation(target: str, kind: str = "hyperlink") -> str:
    return f'<Relationships><Relationship Type="x/{kind}" Target="{target}" TargetMode="External"/></Relationships>'


@pytest.mark.parametrize(
    ("target", "left"),
    [
        ("../../Users/zebulon/plan.docx", "../../Users/user/plan.docx"),
        ("onenote:///C:%5cUsers%5czebulon%5ca.one", "onenote:///C:%5cUsers%5cuser%5ca.one"),
        ("C:\\Users\\zebulon\\plan.docx", "about:blank"),
        ("\\\\server\\home\\zebulon", "about:blank"),
        ("https://school.example/home/index.html", "https://school.example/home/index.html"),
        ("https://lms.example/courses/1/users/45/work", "https://lms.example/courses/1/users/45/work"),
        ("mailto:office@school.example", "mailto:office@school.example"),
    ],
    ids=["beside", "note", "disk", "server", "page", "work", "letter"],
)
def test_a_link_out_of_a_document_forgets_a_persons_folder_and_leads_where_it_led_on_the_web(
    target: str, left: str
) -> None:
    after = office.Cleaner().part("word/_rels/document.xml.rels", relation(target).encode())
    assert inside(after) == relation(left)


PAGES, END, OTHER = (
    "".join(f'<fldChar fldCharType="{kind}"/>{more}' for kind, more in runs)
    for runs in ((("begin", "<instrText>PAGE</instrText>"), ("separate", "")), (("end", ""),), (("other", ""),))
)


@pytest.mark.parametrize(
    ("name", "before", "left"),
    [
        (
            "xl/worksheets/sheet1.xml",
            '<a><f>HYPERLINK("https://school.example/users/4","C:\\Users\\zebulon\\a")</f></a>',
            '<a><f>HYPERLINK("https://school.example/users/4","C:\\Users\\user\\a")</f></a>',
        ),
        (
            "[Content_Types].xml",
            '<Types><Override PartName="/docProps/thumbnail.jpeg"/><Override PartName="/word/document.xml"/></Types>',
            '<Types><Override PartName="/word/document.xml"/></Types>',
        ),
        (
            "ppt/authors.xml",
            f'<authorLst><author name="{WHO}" userId="S::zebulon" providerId="AD" initials="ZQ"/></authorLst>',
            '<authorLst><author name="Author 1" userId="Author 2" providerId="Author 3" initials="A"/></authorLst>',
        ),
        (
            "word/document.xml",
            f'<a><docPr id="1" name="{WHO}.jpg" descr="C:\\{WHO}"/><docPr name="Group" descr="A bar chart"/></a>',
            '<a><docPr id="1" name="Picture" descr=""/><docPr name="Group" descr="A bar chart"/></a>',
        ),
        (
            "word/document.xml",
            f'<a><b><p><dataBinding mappings="extended-properties"/></p><sdtContent><t>{WHO}</t></sdtContent></b></a>',
            '<a><b><p><dataBinding mappings="extended-properties"/></p><sdtContent><t></t></sdtContent></b></a>',
        ),
        (
            "word/document.xml",
            '<a><sdt><pr><dataBinding mappings="course"/></pr><sdtContent><t>Six</t></sdtContent></sdt></a>',
            '<a><sdt><pr><dataBinding mappings="course"/></pr><sdtContent><t>Six</t></sdtContent></sdt></a>',
        ),
        (
            "ppt/slides/slide1.xml",
            f'<a><fld type="file1"><t>{WHO}.pptx</t></fld><fld type="slidenum"><t>7</t></fld></a>',
            '<a><fld type="file1"><t></t></fld><fld type="slidenum"><t>7</t></fld></a>',
        ),
        ("word/header1.xml", f"<a>{PAGES}<t>6</t>{END}</a>", f"<a>{PAGES}<t>6</t>{END}</a>"),
        ("word/header1.xml", f"<a>{END}<t>6</t>{OTHER}<t>7</t></a>", f"<a>{END}<t>6</t>{OTHER}<t>7</t></a>"),
        (
            "xl/comments1.xml",
            f"<comments><author>{WHO}</author><comment><t>{WHO}: look</t></comment></comments>",
            "<comments><author>Author 1</author><comment><t>Author 1: look</t></comment></comments>",
        ),
        (
            "xl/comments1.xml",
            "<comments><comment><t>Note: look</t></comment><comment/></comments>",
            "<comments><comment><t>Note: look</t></comment><comment/></comments>",
        ),
        ("word/document.xml", "<a>one<smartTagPr/> two<b/><smartTagPr/> three</a>", "<a>one two<b/> three</a>"),
        (
            "word/document.xml",
            '<!DOCTYPE a SYSTEM "a.dtd"><a>&sign;<b author=""/></a>',
            '<!DOCTYPE a SYSTEM "a.dtd">\n<a>&sign;<b author=""/></a>',
        ),
    ],
    ids=[
        "formula",
        "types",
        "authors",
        "pictures",
        "properties shown",
        "other things shown",
        "slide",
        "page numbers",
        "fields that never began",
        "signed comment",
        "other comments",
        "smart tags",
        "entity",
    ],
)
def test_a_part_of_an_office_document_loses_names_and_nothing_else(name: str, before: str, left: str) -> None:
    assert inside(office.Cleaner().part(name, before.encode())) == left


def test_a_web_page_inside_a_document_is_cleaned_as_one() -> None:
    page = f'<meta name="author" content="{WHO}"><p>Six'.encode()
    assert office.Cleaner().part("word/chunk.htm", page) == b"<p>Six"


# OpenDocument (ISO/IEC 26300)

SPACES = (
    'xmlns:d="urn:dc" xmlns:m="urn:m" xmlns:x="http://www.w3.org/1999/xlink" xmlns:o="urn:officeooo" '
    'xmlns:t="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
)


@pytest.mark.parametrize(
    ("name", "before", "left"),
    [
        (
            "META-INF/manifest.xml",
            '<m:m {}><m:f m:full-path="Thumbnails/a.png"/><m:f m:full-path="content.xml"/><m:f/></m:m>',
            '<m:m {}><m:f m:full-path="content.xml"/><m:f/></m:m>',
        ),
        (
            "settings.xml",
            "<m:s {}><m:config-item m:name='PrinterName'>Room 7</m:config-item><m:group m:name='PrinterSetup'/></m:s>",
            '<m:s {}><m:group m:name="PrinterSetup"/></m:s>',
        ),
        (
            "Object 1/settings.xml",
            '<m:s {}><m:config-item m:name="Zoom">9</m:config-item><m:config-item/></m:s>',
            '<m:s {}><m:config-item m:name="Zoom">9</m:config-item><m:config-item/></m:s>',
        ),
        (
            "Object 1/content.xml",
            f"<m:c {{}}><d:creator>{WHO}</d:creator><m:creator>Ada</m:creator><d:creator>{WHO}</d:creator></m:c>",
            (
                "<m:c {}><d:creator>Author 1</d:creator><m:creator>Author 2</m:creator><d:creator>Author 1</d:creator>"
                "</m:c>"
            ),
        ),
        (
            "content.xml",
            "<m:c {}><m:creator-initials>ZQ</m:creator-initials><d:creator/></m:c>",
            "<m:c {}><m:creator-initials>A</m:creator-initials><d:creator/></m:c>",
        ),
        (
            "styles.xml",
            "<m:c {}><t:creator>Zebulon<t:s/>Quasi</t:creator> wrote<t:title>By</t:title><m:title>Six</m:title></m:c>",
            "<m:c {}><t:creator><t:s></t:s></t:creator> wrote<t:title></t:title><m:title>Six</m:title></m:c>",
        ),
        (
            "content.xml",
            '<m:c {}><m:a x:href="file:///home/zebulon/a"/><m:a x:href="/a"/><m:a x:href="../../a"/></m:c>',
            '<m:c {}><m:a x:href="about:blank"/><m:a x:href="about:blank"/><m:a x:href="about:blank"/></m:c>',
        ),
        (
            "content.xml",
            '<m:c {}><m:a x:href="https://school.example/"/><m:a x:href="../a"/></m:c>',
            '<m:c {}><m:a x:href="https://school.example/"/><m:a x:href="../a"/></m:c>',
        ),
        ("styles.xml", '<m:c {} o:rsid="01" o:paragraph-rsid="02" o:kept="03"/>', '<m:c {} o:kept="03"/>'),
        ("Configurations2/menubar.xml", '<m:c {} m:author="menu"/>', '<m:c {} m:author="menu"/>'),
        ("meta.xml", f"<m:m {{}}><m:meta m:a='{WHO}'>{WHO}<d:creator/></m:meta></m:m>", "<m:m {}><m:meta/></m:m>"),
    ],
    ids=[
        "manifest",
        "printer",
        "zoom",
        "authors",
        "initials",
        "fields",
        "files",
        "links",
        "revisions",
        "other",
        "metadata",
    ],
)
def test_a_part_of_an_open_document_loses_names_and_nothing_else(name: str, before: str, left: str) -> None:
    assert inside(odf.part(name, before.format(SPACES).encode())) == left.format(SPACES)


@pytest.mark.parametrize(("name", "content"), [("manifest.rdf", b"<rdf/>"), ("content.xml", b""), ("a.txt", b"Six")])
def test_parts_of_an_open_document_without_people_stay_byte_for_byte(name: str, content: bytes) -> None:
    assert odf.part(name, content) == content


# E-books (EPUB 3.3)

PACKAGE = (
    '<package xmlns:d="urn:dc"><metadata><d:title>{}</d:title><d:identifier>{}</d:identifier>{}'
    '<d:language>en</d:language><meta property="dcterms:modified">2026</meta><meta name="cover" content="c"/>'
    '<meta property="rendition:flow">a</meta></metadata><manifest><item href="a.xhtml"/></manifest></package>'
)
ABOUT = (
    f"<d:creator>{WHO}</d:creator><d:identifier> </d:identifier><d:rights>{WHO}</d:rights>"
    f'<meta property="file-as">{WHO}</meta><meta name="calibre:user" content="{WHO}"/>'
)


@pytest.mark.parametrize(
    ("name", "before", "left"),
    [
        (
            "OEBPS/content.opf",
            PACKAGE.format(f"By {WHO}", f"urn:{WHO}", ABOUT),
            PACKAGE.format("Work", "urn:uuid:00000000-0000-0000-0000-000000000000", "<d:identifier> </d:identifier>"),
        ),
        (
            "toc.ncx",
            f"<ncx><docTitle><text>By {WHO}</text></docTitle><docAuthor><text>{WHO}</text></docAuthor><navMap/></ncx>",
            "<ncx><docTitle><text>Work</text></docTitle><docAuthor><text></text></docAuthor><navMap/></ncx>",
        ),
    ],
)
def test_the_package_of_an_e_book_names_no_person(name: str, before: str, left: str) -> None:
    assert inside(epub.part(name, before.encode())) == left


def test_pages_of_an_e_book_lose_their_authors_and_what_shops_and_programs_leave_beside_them_goes() -> None:
    page = f'<meta name="author" content="{WHO}"/><p>Six</p>'.encode()
    assert epub.part("a.XHTML", page) == b"<p>Six</p>"
    assert epub.part("style.css", b"p{}") == b"p{}"
    for name in ("META-INF/signatures.xml", "META-INF/rights.xml", "iTunesMetadata.plist", "META-INF/calibre_a.txt"):
        assert epub.part(name, b"<a/>") is None


# Drawings, pages, XML


def test_a_drawing_loses_where_its_file_lay_and_keeps_how_it_looks() -> None:
    before = f'<svg xmlns:i="urn:i" width="9" i:docname="{WHO}.svg"><metadata>{WHO}</metadata><g id="a"/></svg>'
    assert inside(drawing.cleaned(before.encode())) == '<svg xmlns:i="urn:i" width="9"><g id="a"/></svg>'


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
def test_a_web_page_in_utf_16_is_written_in_utf_8(mark: str) -> None:
    before = f'\ufeff<!-- {WHO} --><meta name="author" content="{WHO}"><p>Zo\u00eb'.encode(mark)
    assert html(before).decode("utf-8-sig").removeprefix("\ufeff") == "<p>Zo\u00eb"


def test_a_tag_without_an_end_stays_in_a_web_page() -> None:
    assert html(b"<p>one <b two") == b"<p>one <b two"


@pytest.mark.parametrize(
    ("before", "left"),
    [
        ("<a>one<b/> two</a>", "<a>one two</a>"),
        ("<a><b/>two</a>", "<a>two</a>"),
        ("<a><c/>one<b/> two</a>", "<a><c/>one two</a>"),
        ("<a><c/><b/>two</a>", "<a><c/>two</a>"),
        ("<a><b/></a>", "<a/>"),
        ("<b>one</b>", "<b>one</b>"),
    ],
)
def test_an_element_is_taken_out_and_the_text_behind_it_stays_and_a_root_stays(before: str, left: str) -> None:
    root = parsed(before.encode())
    drop(next(root.iter("b")))
    assert inside(written(root)) == left


def test_a_part_of_more_xml_than_is_read_at_once_is_not_cleaned() -> None:
    with pytest.raises(CannotClean, match="large"):
        parsed(bytes(64 * 1024 * 1024 + 1))


# RTF


@pytest.mark.parametrize("field", [b" AUTHOR ", b" author \\\\* MERGEFORMAT", b"{ Info Author}", b" filename \\\\p "])
def test_a_field_of_rtf_that_shows_a_person_or_a_place_is_emptied_however_it_is_written(field: bytes) -> None:
    after, left = rtf(b"{\\rtf1 By {\\field{\\*\\fldinst" + field + b"}{\\fldrslt{\\b " + NAME + b"}}}}")
    assert (after, left) == (b"{\\rtf1 By {\\field{\\*\\fldinst" + field + b"}{\\fldrslt{\\b }}}}", False)


def test_a_field_of_rtf_that_counts_pages_keeps_what_it_shows() -> None:
    before = b"{\\rtf1{\\field{\\*\\fldinst PAGE}{\\fldrslt 7}}}"
    assert rtf(before) == (before, False)


def test_bytes_in_a_group_of_rtf_that_goes_go_with_it_and_a_list_of_authors_keeps_its_form() -> None:
    before = b"{\\rtf1{\\info{\\pict\\bin17 " + NAME + b"}}{\\*\\revtbl{" + NAME + b";}{\\*\\u1 " + NAME + b";}}Six}"
    assert rtf(before) == (b"{\\rtf1{\\*\\revtbl{Author;}{\\*\\u1 Author;}}Six}", False)


@pytest.mark.parametrize("content", [b"plain", b"{\\rtf1 Six", b"{\\rtf1 {Six}", b"{\\rtf1 \\"])
def test_what_is_no_rtf_or_has_no_end_is_damaged(content: bytes) -> None:
    with pytest.raises(CannotClean, match="damaged"):
        rtf(content)
