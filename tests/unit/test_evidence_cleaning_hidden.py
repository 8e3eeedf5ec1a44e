"""Copies for assessors: names in the unusual places of documents, and what cannot be cleaned is told."""

import base64
import io
import tempfile
import zipfile
import zlib
from pathlib import Path

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String

from lti_mcred.evidence.cleaning.clean import clean
from lti_mcred.evidence.cleaning.outcome import EMBEDDED, CannotClean
from lti_mcred.evidence.cleaning.reading import words_of
from tests.cleaning_helpers import NAME, copy
from tests.doubling import assert_linear
from tests.made_files import archive, box, brands, element, matroska, office, open_document, png, track

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
WHO = NAME.decode()
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{WHO}</dc:creator></cp:coreProperties>'
)
JPEG = b"\xff\xd8\xff\xfe" + (len(NAME) + 2).to_bytes(2, "big") + NAME + b"\xff\xd9"


def parts_of(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist()).replace(b"\0", b"")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("package/services/metadata/core-properties/1.psmdcp", CORE),
        ("meta/core.xml", CORE),
        ("customXml/data.xml", f"<a>{WHO}</a>"),
        ("word/data.dat", f'<?xml version="1.0"?><a author="{WHO}"/>'),
        ("word/footnotes.xml", f"<?note {WHO}?><w:footnotes {W}/>"),
        ("word/glossary.xml", f"<w:a {W}><w:instrText>LINK C:\\\\Users\\\\{WHO}\\\\a.xlsx</w:instrText></w:a>"),
        ("word/header1.xml", f'<w:hdr {W}><w:fldSimple w:instr="INFO Author"><w:t>{WHO}</w:t></w:fldSimple></w:hdr>'),
        ("word/header2.xml", f'<w:hdr {W}><w:alias w:val="{WHO}"/><w:tag w:val="{WHO}"/></w:hdr>'),
        ("word/tip.xml", f'<a tooltip="file:///home/{WHO}/a.txt" location="C:\\Documents and Settings\\{WHO}\\a"/>'),
        (
            "xl/workbook.xml",
            f'<workbook><definedName name="a" comment="{WHO}">C:\\Users\\{WHO}\\a</definedName></workbook>',
        ),
        ("xl/worksheets/sheet1.xml", f'<a><protectedRange name="r" securityDescriptor="{WHO}"/></a>'),
        ("xl/drawings/a.vml", f'<xml xmlns:o="o"><shape o:title="{WHO}" alt="C:\\Users\\{WHO}\\a.png"/></xml>'),
        ("ppt/tags/tag1.xml", f'<tagLst><tag name="AUTHOR" val="{WHO}"/></tagLst>'),
        ("word/media/image1.svg", f"<svg><metadata>{WHO}</metadata><g docname='{WHO}.svg'/></svg>"),
        ("word/media/image1.tmp", JPEG),
        ("word/embeddings/Sheet", office(("docProps/core.xml", CORE))),
    ],
)
def test_a_name_is_gone_wherever_a_document_keeps_it(tmp_path: Path, name: str, content: str | bytes) -> None:
    after = copy(tmp_path, office((name, content)), DOCX)
    with zipfile.ZipFile(io.BytesIO(after)) as archive:
        left = archive.read(name)
    assert left
    assert NAME not in (parts_of(left) if left.startswith(b"PK") else left)


@pytest.mark.parametrize("ending", ["emf", "tiff", "webm", "mht", "bin", "heic"])
def test_a_part_that_cannot_be_cleaned_is_told(tmp_path: Path, ending: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(office((f"word/media/a.{ending}", b"\x01\0\0\0" + NAME), ("word/media/b.png", png())))
    assert clean(source, tmp_path / "copy", DOCX) == (EMBEDDED,)


SVG = f"<svg xmlns:i='urn:i' i:docname='{WHO}.svg'><!-- {WHO} --><metadata>{WHO}</metadata><g/></svg>"
CONTAINER = '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"/>'
ODT = "application/vnd.oasis.opendocument.text"
EPUB = "application/epub+zip"


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (EPUB, archive(("mimetype", EPUB), ("META-INF/container.xml", CONTAINER), ("a.svg", SVG))),
        (ODT, open_document("text", ("Pictures/a.svg", SVG))),
        ("application/rtf", b"{\\rtf1{\\pict{\\*\\blipuid 0a}\\jpegblip\r\n" + JPEG.hex().encode() + b"\r\n}}"),
        ("application/rtf", b"{\\rtf1{\\*\\shppict{\\pict\\jpegblip\\bin%d " % len(JPEG) + JPEG + b"}}}"),
        ("text/html", b"<img src='data:image/jpeg;base64," + base64.b64encode(JPEG) + b"'>"),
        ("text/html", b"<p style='background:url(data:image/jpeg;base64," + base64.encodebytes(JPEG) + b")'>"),
    ],
)
def test_drawings_and_pictures_inside_a_document_lose_their_details(
    tmp_path: Path, media_type: str, content: bytes
) -> None:
    after = copy(tmp_path, content, media_type)
    shown = parts_of(after) if after.startswith(b"PK") else after
    assert NAME not in shown
    assert NAME.hex().encode() not in shown
    assert base64.b64encode(NAME)[:20] not in shown
    assert any(
        left in shown for left in (b"<g/>", b"ffd8ffd9", b"\xff\xd8\xff\xd9", base64.b64encode(b"\xff\xd8\xff\xd9"))
    )


BROKEN = b"\xff\xd8\xff\xfe\xff\xff" + NAME


def page_with(picture: bytes) -> bytes:
    with pikepdf.new() as made:
        page = made.add_blank_page()
        stream = made.make_stream(picture, Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode)
        page.Resources = Dictionary(XObject=Dictionary(a=stream))
        made.docinfo["/Author"] = WHO
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("application/pdf", page_with(BROKEN)),
        ("application/rtf", b"{\\rtf1{\\info Zebulon}{\\pict\\jpegblip " + BROKEN.hex().encode() + b"}}"),
        ("application/rtf", b"{\\rtf1{\\info Zebulon}{\\pict\\jpegblip 123}}"),
        ("application/rtf", b"{\\rtf1{\\info Zebulon}{\\object\\objemb{\\*\\objdata 0105}}}"),
        (EPUB, archive(("mimetype", EPUB), ("META-INF/container.xml", CONTAINER), ("a.svg", "<svg"))),
    ],
)
def test_one_picture_that_cannot_be_cleaned_is_told_and_the_rest_is_cleaned(
    tmp_path: Path, media_type: str, content: bytes
) -> None:
    (tmp_path / "source").write_bytes(content)
    assert clean(tmp_path / "source", tmp_path / "copy", media_type) == (EMBEDDED,)
    after = (tmp_path / "copy").read_bytes()
    assert b"Zebulon" not in after.replace(NAME, b"")
    assert b"/Author" not in after


def test_a_web_page_with_a_picture_that_cannot_be_cleaned_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotClean, match=EMBEDDED):
        copy(tmp_path, b"<img src='data:image/jpeg;base64," + base64.b64encode(BROKEN) + b"'>", "text/html")


def a_page(key: str, value: pikepdf.Object) -> bytes:
    with pikepdf.new() as made:
        made.add_blank_page()[key] = value
        out = io.BytesIO()
        made.save(out)
    return out.getvalue()


def annotation(action: pikepdf.Dictionary, subtype: Name = Name.Link) -> bytes:
    return a_page("/Annots", Array([Dictionary(Type=Name.Annot, Subtype=subtype, Rect=[0, 0, 9, 9], A=action)]))


def opened(content: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(content)) as pdf:
        return b"\n".join(
            repr(thing).encode() + (thing.read_bytes() if isinstance(thing, pikepdf.Stream) else b"")
            for thing in pdf.objects
            if not (isinstance(thing, pikepdf.Stream) and "/Filter" in thing and "DCT" in str(thing.Filter))
        )


@pytest.mark.parametrize(
    "content",
    [
        annotation(Dictionary(S=Name.URI, URI=String(f"file:///Users/{WHO}/a.html"))),
        annotation(Dictionary(S=Name.GoToR, F=String(f"/C/Users/{WHO}/b.pdf"))),
        annotation(Dictionary(S=Name.GoToR, F=Dictionary(Type=Name.Filespec, UF=String(f"C:\\Users\\{WHO}\\b.pdf")))),
        annotation(Dictionary(S=Name.Launch, Win=Dictionary(F=String(f"C:\\Users\\{WHO}\\a")))),
        a_page("/Resources", Dictionary(Properties=Dictionary(O=Dictionary(Creator=String(WHO), Name=String("a"))))),
        a_page("/Fields", Array([Dictionary(FT=Name.Sig, V=Dictionary(Name=String(WHO), Location=String(WHO)))])),
    ],
)
def test_a_pdf_forgets_where_files_lay_and_who_signed(tmp_path: Path, content: bytes) -> None:
    assert NAME not in opened(copy(tmp_path, content, "application/pdf"))


@pytest.mark.parametrize(
    ("filters", "packed"),
    [
        (["ASCII85Decode"], base64.a85encode(JPEG) + b"~>"),
        (["ASCIIHexDecode"], JPEG.hex().encode() + b">"),
        (["FlateDecode"], zlib.compress(JPEG)),
        (["ASCII85Decode", "FlateDecode"], base64.a85encode(zlib.compress(JPEG)) + b"~>"),
    ],
)
def test_a_photograph_that_is_packed_once_more_is_cleaned(tmp_path: Path, filters: list[str], packed: bytes) -> None:
    with pikepdf.new() as made:
        picture = made.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        picture.write(packed, filter=Array([Name(f"/{one}") for one in (*filters, "DCTDecode")]))
        made.add_blank_page().Resources = Dictionary(XObject=Dictionary(I=picture))
        out = io.BytesIO()
        made.save(out)
    with pikepdf.open(io.BytesIO(copy(tmp_path, out.getvalue(), "application/pdf"))) as pdf:
        assert pdf.pages[0].Resources.XObject.I.read_raw_bytes() == b"\xff\xd8\xff\xd9"


def test_files_in_a_presentation_inside_a_pdf_are_left_out(tmp_path: Path) -> None:
    with pikepdf.new() as made:
        inside = Dictionary(F=String(WHO), EF=Dictionary(F=made.make_stream(NAME)))
        media = Dictionary(Assets=Dictionary(Names=Array([String("a"), inside])))
        made.add_blank_page().Annots = Array(
            [Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=[0, 0, 9, 9], RichMediaContent=media)]
        )
        out = io.BytesIO()
        made.save(out)
    assert NAME not in opened(copy(tmp_path, out.getvalue(), "application/pdf"))


@pytest.mark.parametrize("address", [f"mailto:{WHO}@school.example", f"https://school.example/{WHO}"])
def test_an_address_in_a_link_of_a_pdf_is_read(tmp_path: Path, address: str) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(annotation(Dictionary(S=Name.URI, URI=String(address))))
    assert address in words_of(path, "application/pdf")


MP3_FRAME = (b"\xff\xfb\x90\x00" + b"\x55" * 413)[:417]


def tag(content: bytes = NAME) -> bytes:
    body = b"TPE1" + (len(content) + 1).to_bytes(4, "big") + b"\0\0\0" + content
    return b"ID3\x03\0\0\0\0\0" + bytes([len(body)]) + body


@pytest.mark.parametrize(
    "content",
    [
        tag()[:9] + b"\x05" + tag()[10:] + MP3_FRAME * 4,
        tag() + b"\0" * 50 + tag() + MP3_FRAME * 4,
        MP3_FRAME * 2 + tag() + MP3_FRAME * 2,
        MP3_FRAME * 4 + tag(),
        MP3_FRAME * 4 + b"\0" * 30 + NAME,
    ],
)
def test_of_mpeg_sound_only_frames_stay(tmp_path: Path, content: bytes) -> None:
    assert copy(tmp_path, content, "audio/mpeg") == MP3_FRAME * 4


@given(st.lists(st.sampled_from([MP3_FRAME, tag(), b"\xff", b"\0", NAME, b"\xff\xfb\x90\x00"]), max_size=12))
def test_any_pieces_are_frames_or_damaged(pieces: list[bytes]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        try:
            after = copy(Path(folder), b"".join(pieces) or b"\0", "audio/mpeg")
        except CannotClean:
            return
    assert after.startswith(b"\xff")
    assert len(after) <= sum(map(len, pieces))


@pytest.mark.parametrize("piece", [b"\xff", b"\xff\xfb\x90\x00", b"\xff\xfb", tag()])
def test_looking_for_frames_takes_work_in_proportion(tmp_path: Path, piece: bytes) -> None:
    source = tmp_path / "a"

    def make(size: int) -> Path:
        source.write_bytes(MP3_FRAME * 2 + piece * (size // len(piece)))
        return source

    assert_linear(lambda path: clean(path, tmp_path / "copy", "audio/mpeg"), make)


def test_a_tag_behind_a_flac_recording_goes(tmp_path: Path) -> None:
    sound = b"fLaC\x80\0\0\x22" + b"\0" * 34 + b"\xff\xf8" + b"\1" * 40
    assert copy(tmp_path, sound + tag(), "audio/flac") == sound


def test_the_loop_of_a_gif_holds_nothing_else(tmp_path: Path) -> None:
    start, picture = b"GIF89a\1\0\1\0\0\0\0", b"\x2c\0\0\0\0\1\0\1\0\0\2\2\x44\1\0\x3b"
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\1\0\0"
    assert copy(tmp_path, start + loop + b"\0" + picture, "image/gif") == start + loop + b"\0" + picture
    more = loop + bytes([len(NAME)]) + NAME + b"\0"
    assert copy(tmp_path, start + more + picture, "image/gif") == start + picture


def test_boxes_that_players_do_not_know_go_with_the_paths_of_media(tmp_path: Path) -> None:
    where = box(b"dinf", box(b"dref", b"\0" * 7 + b"\1", box(b"alis", b"\0\0\0\1", NAME)))
    moov = box(b"moov", track(b"vide"), box(b"trak", box(b"mdia", box(b"minf", where))), box(b"XYZW", NAME))
    after = copy(tmp_path, brands(b"qt  ") + moov, "video/quicktime")
    assert NAME not in after
    assert len(after) == len(brands(b"qt  ") + moov)


def test_a_movie_whose_description_is_compressed_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotClean, match="kind"):
        copy(tmp_path, brands(b"qt  ") + box(b"moov", box(b"cmov", NAME)), "video/quicktime")


def test_behind_a_matroska_recording_and_in_elements_without_meaning_stands_nothing(tmp_path: Path) -> None:
    whole = matroska(b"webm", 1)
    after = copy(tmp_path, whole + element(0x4FFF, NAME), "video/webm")
    assert after[: len(whole)] == copy(tmp_path, whole, "video/webm")
    assert NAME not in after


def test_fields_that_never_end_take_work_in_proportion(tmp_path: Path) -> None:
    source = tmp_path / "source"

    def make(size: int) -> Path:
        many = size // 60
        fields = '<fldChar fldCharType="begin"/>' * many + "<t>x</t>" * many
        source.write_bytes(office(("word/header1.xml", f"<hdr>{fields}</hdr>")))
        return source

    assert_linear(lambda path: clean(path, tmp_path / "copy", DOCX), make)
