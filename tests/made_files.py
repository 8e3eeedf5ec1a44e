"""Small whole files of every kind, made of the structure that their formats ask for."""

import io
import json
import struct
import zipfile
import zlib

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
SLIDES = "application/vnd.openxmlformats-officedocument.presentationml"
TRANSITIONAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
STRICT = "http://purl.oclc.org/ooxml/officeDocument/relationships"
ODF = "application/vnd.oasis.opendocument."
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + b"\x01" * 64 + bytes.fromhex("ffd9")
GIF = b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02L\x01\0;"


def brief(value: object) -> str:
    """Return a short name of a test's case: what is wanted, not the bytes."""
    return value if isinstance(value, str) and len(value) < 24 and value.isprintable() else "-"


# ISO base media (ISO/IEC 14496-12)
def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def brands(major: bytes, *others: bytes) -> bytes:
    return box(b"ftyp", major, b"\0\0\2\0", *others)


def track(handler: bytes, codec: bytes = b"avc1") -> bytes:
    described = box(b"stsd", b"\0" * 4, b"\0\0\0\1", box(codec, b"\0" * 8))
    media = box(b"hdlr", b"\0" * 8, handler, b"\0" * 13), box(b"minf", box(b"stbl", described))
    return box(b"trak", box(b"mdia", *media))


def movie(*handlers: bytes) -> bytes:
    return box(b"moov", box(b"mvhd", b"\0" * 100), *(track(handler) for handler in handlers))


def mp4(*handlers: bytes, major: bytes = b"isom") -> bytes:
    return brands(major, b"iso2", b"mp41") + movie(*handlers) + box(b"mdat", b"v" * 40)


def still(major: bytes, *others: bytes) -> bytes:
    return brands(major, *others) + box(b"meta", b"\0" * 4, box(b"hdlr", b"\0" * 8, b"pict", b"\0" * 13)) + box(b"mdat")


# RIFF
def chunk(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def riff(form: bytes, *chunks: bytes, magic: bytes = b"RIFF") -> bytes:
    body = form + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if magic == b"RIFF" else 0xFFFFFFFF) + body


def wave(magic: bytes = b"RIFF") -> bytes:
    first = [chunk(b"ds64", b"\0" * 28)] if magic != b"RIFF" else []
    form = struct.pack("<HHIIHH", 1, 1, 8000, 8000, 1, 8)
    return riff(b"WAVE", *first, chunk(b"fmt ", form), chunk(b"data", b"\x80" * 8), magic=magic)


def avi(*streams: bytes) -> bytes:
    lists = [chunk(b"LIST", b"strl" + chunk(b"strh", stream + b"\0" * 52)) for stream in streams]
    return riff(
        b"AVI ", chunk(b"LIST", b"hdrl" + chunk(b"avih", b"\0" * 56) + b"".join(lists)), chunk(b"LIST", b"movi")
    )


# Ogg (RFC 3533)
def page(packet: bytes, flags: int = 2, serial: int = 1) -> bytes:
    return b"OggS\0" + bytes([flags]) + struct.pack("<QIII", 0, serial, 0, 0) + bytes([1, len(packet)]) + packet


def ogg(*first_packets: bytes) -> bytes:
    begun = [page(packet, serial=number) for number, packet in enumerate(first_packets)]
    return b"".join(begun) + page(b"more", flags=0)


OPUS = ogg(b"OpusHead\1\1\0\0\x80\xbb\0\0\0\0\0")


# Matroska (RFC 9559)
def element(number: int, body: bytes, *, open_end: bool = False) -> bytes:
    name = number.to_bytes((number.bit_length() + 7) // 8)
    size = b"\x01" + b"\xff" * 7 if open_end else (1 << 56 | len(body)).to_bytes(8)
    return name + size + body


def matroska(doc_type: bytes, *track_types: int, open_end: bool = False, before: bytes = b"") -> bytes:
    tracks = b"".join(element(0xAE, element(0xD7, b"\1") + element(0x83, bytes([kind]))) for kind in track_types)
    inside = before + element(0xEC, b"\0" * 9) + element(0x1549A966, b"") + element(0x1654AE6B, tracks)
    inside += element(0x1F43B675, b"\0" * 30, open_end=open_end)
    return element(0x1A45DFA3, element(0xEC, b"\0") + element(0x4282, doc_type)) + element(
        0x18538067, inside, open_end=open_end
    )


# ZIP
def archive(*files: tuple[str, bytes | str], packed: bool = True) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED) as made:
        for name, content in files:
            made.writestr(name, content)
    return out.getvalue()


def relations(
    *rows: tuple[str, str], space: str = "http://schemas.openxmlformats.org/package/2006/relationships"
) -> str:
    inside = "".join(f'<Relationship Id="r{n}" Type="{kind}" Target="{to}"/>' for n, (kind, to) in enumerate(rows))
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{space}">{inside}</Relationships>'


def content_types(part: str, content_type: str, *more: tuple[str, str]) -> str:
    rows = "".join(
        f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in ((part, content_type), *more)
    )
    return (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{rows}</Types>'
    )


def office(
    *more: tuple[str, bytes | str],
    part: str = "word/document.xml",
    content_type: str = f"{WORD}.document.main+xml",
    target: str | None = None,
    schema: str = TRANSITIONAL,
    types: tuple[tuple[str, str], ...] = (),
) -> bytes:
    """Return an Office document whose main part is `part`; `more` files and content types beside it."""
    return archive(
        ("[Content_Types].xml", content_types(f"/{part}", content_type, *types)),
        ("_rels/.rels", relations((f"{schema}/officeDocument", target or part))),
        (part, "<x/>"),
        *more,
    )


def open_document(kind: str = "text", *more: tuple[str, bytes | str]) -> bytes:
    return archive(("mimetype", f"{ODF}{kind}"), ("content.xml", "<x/>"), *more)


def epub() -> bytes:
    return archive(
        ("mimetype", "application/epub+zip"), ("META-INF/container.xml", "<container/>"), ("a.xhtml", "<p/>")
    )


def iwa(message_type: int) -> bytes:
    """Return the beginning of an archive of iWork: a Snappy literal that holds an ArchiveInfo."""
    number = bytes([message_type]) if message_type < 128 else bytes([message_type & 127 | 128, message_type >> 7])
    info = b"\x08\x01\x12" + bytes([len(number) + 1]) + b"\x08" + number
    said = bytes([len(info)]) + info
    body = bytes([len(said)]) + bytes([(len(said) - 1) << 2]) + said
    return b"\0" + len(body).to_bytes(3, "little") + body


def iwork(message_type: int, *more: str) -> bytes:
    names = ("Index/DocumentStylesheet.iwa", *more, "Metadata/Properties.plist", "preview.jpg")
    return archive(("Index/Document.iwa", iwa(message_type)), *((name, b"x") for name in names), packed=False)


# Compound files (MS-CFB)
def compound(*names: str) -> bytes:
    """Return a compound file with these streams in its one directory sector."""
    entries = b""
    for name in ("Root Entry", *names)[:4]:
        raw = name.encode("utf-16-le")
        entries += raw.ljust(64, b"\0") + struct.pack("<HBB", len(raw) + 2, 2, 1) + b"\0" * 60
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 10
    head += struct.pack("<III", 1, 1, 0) + b"\0" * 20 + struct.pack("<I", 0) + b"\xff" * 432
    fat = struct.pack("<II", 0xFFFFFFFD, 0xFFFFFFFE).ljust(512, b"\xff")
    return head + fat + entries.ljust(512, b"\0")


VBA = compound("VBA", "_VBA_PROJECT", "dir")


# MPEG sound
def mp3(header: bytes = b"\xff\xfb\x90\x00", length: int = 417, frames: int = 3) -> bytes:
    return header.ljust(length, b"\0") * frames


def id3(size: int = 40, version: int = 3) -> bytes:
    seven = bytes(size >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + seven + b"TIT2".ljust(size, b"\0")


def adts(frames: int = 3) -> bytes:
    return b"\xff\xf1\x50\x80\x01\x9f\xfc".ljust(12, b"\0") * frames


FLAC = b"fLaC\x80\0\0\x22" + b"\x10\0\x10\0" + b"\0" * 6 + b"\x0a\xc4\x42\xf0" + b"\0" * 20
AIFF = b"FORM\0\0\0\x1eAIFFCOMM\0\0\0\x12" + b"\0" * 18


# Pictures
def png(width: int = 1, height: int = 1, *more: tuple[bytes, bytes], rows: bytes | None = None) -> bytes:
    """Return a grey picture; without `rows` (the packed rows) a black one. `more` chunks stand before the rows."""
    head = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = zlib.compress(b"\0" * (width + 1) * height) if rows is None else rows
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*one) for one in (head, *more, (b"IDAT", data), (b"IEND", b"")))


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


def webp() -> bytes:
    return riff(b"WEBP", chunk(b"VP8L", b"\x2f\0\0\0\0\x88\x88\x08"))


# Pointers
GDOC = json.dumps({"": "WARNING! DO NOT EDIT THIS FILE!", "doc_id": "1AbC", "resource_key": "", "email": "a@b.example"})
