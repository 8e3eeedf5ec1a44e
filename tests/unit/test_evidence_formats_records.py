"""The records of an archive (APPNOTE 4.3): they are read in one way and within bounds, or the archive is damaged."""

import struct
import zlib
from dataclasses import dataclass

import pytest

from lti_mcred.evidence.formats.look import look_into
from lti_mcred.evidence.formats.source import Source
from lti_mcred.evidence.formats.ziparchive import Archive, ZipDamaged, ZipTooLarge
from tests.made_files import VBA, WORD, content_types, relations

STORED, DEFLATED, BZIP2 = 0, 8, 12
ENCRYPTED = 1
IN_64_BITS = 0xFFFFFFFF
MAIN = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"

# Deflated data (RFC 1951, 3.2): a block that is stored as it is and not the last one; a block of the type that is none.
BLOCK = b"\0" + struct.pack("<HH", 40_000, 40_000 ^ 0xFFFF) + b"words" * 8_000
NO_BLOCK = b"\7"


@dataclass(frozen=True)
class File:
    """A file as its records describe it: `content` stands in the archive as it is."""

    name: str
    content: bytes
    method: int = STORED
    flags: int = 0
    packed: int | None = None
    size: int | None = None
    offset: int | None = None
    extra: bytes = b""

    def row(self, offset: int) -> bytes:
        """Return the file's row of the directory."""
        packed, size = (len(self.content) if given is None else given for given in (self.packed, self.size))
        given = struct.pack(
            "<HHIIIII", self.flags, self.method, 0, 0, packed, size, len(self.name) | len(self.extra) << 16
        )
        place = offset if self.offset is None else self.offset
        return b"PK\1\2\x14\0\x14\0" + given + b"\0" * 10 + struct.pack("<I", place) + self.name.encode() + self.extra


def zipped(*files: File) -> bytes:
    """Return an archive: local headers and contents, the directory, the end record."""
    data, directory = b"", b""
    for file in files:
        directory += file.row(len(data))
        data += b"PK\3\4".ljust(26, b"\0") + struct.pack("<HH", len(file.name), 0) + file.name.encode() + file.content
    return data + directory + end_record(len(files), len(directory), len(data))


def end_record(number: int, size: int, place: int) -> bytes:
    return b"PK\5\6\0\0\0\0" + struct.pack("<HHIIH", number & 0xFFFF, number & 0xFFFF, size, place, 0)


def document(*more: File, types: File | None = None) -> bytes:
    """Return a document for a word processor; its content types may be given otherwise."""
    said = content_types("/word/document.xml", f"{WORD}.document.main+xml").encode()
    return zipped(
        types or File("[Content_Types].xml", said),
        File("_rels/.rels", relations((MAIN, "word/document.xml")).encode()),
        File("word/document.xml", b"<x/>"),
        *more,
    )


def deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(content) + packer.flush()


def code(content: bytes) -> str:
    return look_into(Source.of(content)).code


def opened(file: File) -> Archive:
    return Archive(Source.of(zipped(file)))


def test_what_is_stored_and_what_is_deflated_is_read() -> None:
    for file in (File("a", b"words"), File("a", deflated(b"words"), DEFLATED)):
        one = opened(file)
        assert (one.head(one.entries[0], 3), one.read(one.entries[0], 5)) == (b"wor", b"words")
        with pytest.raises(ZipTooLarge):
            one.read(one.entries[0], 4)
    assert code(document(File("word/media/a.png", deflated(VBA), DEFLATED))) == "office-macros"


@pytest.mark.parametrize(
    ("file", "begins"),
    [
        (File("a", b"words", flags=ENCRYPTED), b""),
        (File("a", b"words", BZIP2), b""),
        (File("a", b"words", offset=1), b""),
        (File("a", b"words", offset=70_000), b""),
        (File("a", b"words", packed=2000), b"words"),
        (File("a", BLOCK * 2 + NO_BLOCK, DEFLATED), b"words"),
        (File("a", NO_BLOCK, DEFLATED), b""),
    ],
    ids=["password", "method", "no local header", "behind the end", "cut off", "broken", "not deflated"],
)
def test_what_cannot_be_unpacked_is_damaged_and_its_beginning_is_what_could_be(file: File, begins: bytes) -> None:
    one = opened(file)
    assert one.head(one.entries[0], 100_000)[:5] == begins
    with pytest.raises(ZipDamaged):
        one.read(one.entries[0], 100_000)


def test_a_document_whose_content_types_cannot_be_unpacked_is_damaged() -> None:
    assert code(document()) == "docx"
    assert code(document(types=File("[Content_Types].xml", b"<Types/>", flags=ENCRYPTED))) == "office-damaged"
    assert code(document(types=File("[Content_Types].xml", b"<Types/>", BZIP2))) == "office-damaged"


def test_nothing_is_lost_where_the_last_packed_byte_holds_more_than_a_step() -> None:
    for size in range(65_500, 65_800):
        one = opened(File("a", deflated(b"a" * size), DEFLATED))
        assert one.read(one.entries[0], 100_000) == b"a" * size


def field_64(*values: int) -> bytes:
    """Return the extra field of sizes and places of 64 bits (4.5.3)."""
    return struct.pack(f"<HH{len(values)}Q", 1, 8 * len(values), *values)


@pytest.mark.parametrize("before", [b"", struct.pack("<HHBI", 0x5455, 5, 1, 0)], ids=["alone", "behind a time"])
def test_sizes_and_places_of_64_bits_stand_in_an_extra_field(before: bytes) -> None:
    large = {"packed": IN_64_BITS, "size": IN_64_BITS, "offset": IN_64_BITS}
    one = opened(File("a", b"words", **large, extra=before + field_64(7, 5, 0)))
    (found,) = one.entries
    assert (found.size, found.packed, found.offset) == (7, 5, 0)
    assert one.read(found, 100) == b"words"
    (found,) = opened(File("a", b"words", packed=IN_64_BITS, extra=before + field_64(5))).entries
    assert (found.size, found.packed, found.offset) == (5, 5, 0)
    (found,) = opened(File("a", b"words", packed=IN_64_BITS, size=IN_64_BITS, extra=before)).entries
    assert (found.size, found.packed) == (IN_64_BITS, IN_64_BITS)


def test_records_that_do_not_meet_are_no_archive() -> None:
    row = File("a", b"").row(0)
    for said in (
        row,
        row + end_record(1, len(row), 0)[:21],
        row + end_record(2, len(row), 0),
        row + end_record(1, len(row) - 1, 0),
        row + end_record(1, len(row), 1),
        row + b"PK\6\7" + struct.pack("<IQI", 0, 0, 1) + end_record(1, len(row), 0),
    ):
        with pytest.raises(ZipDamaged):
            Archive(Source.of(said))
    assert Archive(Source.of(row + end_record(1, len(row), 0))).names() == ["a"]


def test_bytes_that_files_share_are_counted_for_each_of_them() -> None:
    piece = File("word/media/0.png", b"\0" * 65_536)
    place = document(piece).index(b"word/media/0.png") - 30
    for number, wanted in ((4095, "docx"), (4096, "archive-tangled")):  # 256 MB, and what the document itself holds
        shared = [File(f"word/media/{n}.png", b"", packed=65_536, offset=place) for n in range(1, number)]
        assert code(document(piece, *shared)) == wanted
