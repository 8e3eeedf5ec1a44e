"""Copies for assessors: what programs wrote about people is gone, what the file is for is still there."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_mcred.evidence.cleaning.gif import cleaned as clean_gif
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.pictures import cleaned
from tests.cleaning_helpers import NAME, copy
from tests.doubling import assert_linear

# Films and pictures of ISO base media


def box(kind: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def handler(kind: bytes, name: bytes = b"") -> bytes:
    return box(b"hdlr", b"\0" * 8, kind, b"\0" * 12, name, b"\0")


def track(kind: bytes, place: int, length: int, *more: bytes) -> bytes:
    table = box(
        b"stbl",
        box(b"stsc", b"\0" * 4, struct.pack(">IIII", 1, 1, 1, 1)),
        box(b"stsz", b"\0" * 4, struct.pack(">II", length, 1)),
        box(b"stco", b"\0" * 4, struct.pack(">II", 1, place)),
    )
    media = box(b"mdia", box(b"mdhd", b"\0" * 4, b"\x66" * 8, b"\0" * 12), handler(kind, NAME), box(b"minf", table))
    return box(b"trak", box(b"tkhd", b"\0" * 4, b"\x66" * 8, b"\0" * 72), media, *more)


def film() -> bytes:
    start = box(b"ftyp", b"mp42", b"\0" * 4, b"mp42")
    data = box(b"mdat", b"pictures", b"+48.2+16.3")
    pictures = len(start) + 8
    movie = box(
        b"moov",
        box(b"mvhd", b"\0" * 4, b"\x66" * 8, b"\0" * 88),
        track(b"vide", pictures, 8, box(b"udta", box(b"name", NAME))),
        track(b"meta", pictures + 8, 10),
        box(b"udta", box(b"\xa9xyz", b"+48.2+16.3/"), box(b"auth", NAME)),
        box(b"meta", b"\0" * 4, handler(b"mdta"), box(b"ilst", NAME)),
    )
    return start + data + movie + box(b"uuid", b"\xbe" * 16, b"<x:xmpmeta>", NAME) + box(b"free", NAME) + b"tail"


def test_a_film_loses_names_places_and_times_and_every_sample_stays_where_it_is(tmp_path: Path) -> None:
    before = film()
    after = copy(tmp_path, before, "video/mp4")
    assert len(after) == len(before)
    assert NAME not in after
    assert b"+48.2" not in after
    assert b"\x66" * 8 not in after
    assert after.index(b"pictures") == before.index(b"pictures")


def still(item_type: bytes = b"Exif", overlap: int = 0) -> bytes:
    entries = box(b"infe", b"\2\0\0\0", struct.pack(">HH", 1, 0), b"hvc1", b"IMG of Quasimodo\0")
    entries += box(b"infe", b"\2\0\0\0", struct.pack(">HH", 2, 0), item_type, b"\0application/rdf+xml\0")
    start = box(b"ftyp", b"heic", b"\0" * 4, b"mif1")
    info = box(b"iinf", b"\0" * 4, struct.pack(">H", 2), entries)
    properties = box(b"iprp", box(b"ipco", box(b"udes", b"\0" * 4, NAME)))

    def whole(place: int) -> bytes:
        rows = struct.pack(">HHHII", 1, 0, 1, place, 8) + struct.pack(">HHHII", 2, 0, 1, place + 8 - overlap, len(NAME))
        location = box(b"iloc", b"\0" * 4, b"\x44\0", struct.pack(">H", 2), rows)
        meta = box(b"meta", b"\0" * 4, handler(b"pict"), info, location, properties)
        return start + meta + box(b"mdat", b"pictures", NAME)

    return whole(whole(0).index(b"pictures"))


@pytest.mark.parametrize("item_type", [b"Exif", b"mime", b"uri "])
def test_a_still_picture_loses_what_describes_it_and_keeps_its_points(tmp_path: Path, item_type: bytes) -> None:
    after = copy(tmp_path, still(item_type), "image/heic")
    assert b"uasimodo" not in after
    assert b"pictures" in after
    assert b"hvc1" in after


def test_a_picture_whose_description_is_its_content_too_is_not_guessed_at(tmp_path: Path) -> None:
    with pytest.raises(CannotClean):
        copy(tmp_path, still(overlap=4), "image/heic")


# Sound


def element(identity: bytes, content: bytes) -> bytes:
    return identity + (len(content) | 1 << 56).to_bytes(8, "big") + content


@pytest.mark.parametrize("live", [False, True])
def test_matroska_loses_tags_titles_and_attachments_and_keeps_its_length(tmp_path: Path, live: bool) -> None:
    cluster = element(b"\x1f\x43\xb6\x75", element(b"\xa3", b"pictures"))
    inside = (
        element(b"\x15\x49\xa9\x66", element(b"\x7b\xa9", NAME) + element(b"\x57\x41", NAME))
        + element(b"\x16\x54\xae\x6b", element(b"\xae", element(b"\x83", b"\1") + element(b"\x53\x6e", NAME)))
        + (b"\x1f\x43\xb6\x75\x01" + b"\xff" * 7 + element(b"\xa3", b"pictures") if live else cluster)
        + element(b"\x12\x54\xc3\x67", NAME)
        + element(b"\x19\x41\xa4\x69", NAME)
        + element(b"\xec", NAME)
    )
    segment = b"\x18\x53\x80\x67\x01" + b"\xff" * 7 + inside if live else element(b"\x18\x53\x80\x67", inside)
    before = element(b"\x1a\x45\xdf\xa3", element(b"\x42\x82", b"webm")) + segment
    after = copy(tmp_path, before, "video/webm")
    assert len(after) == len(before)
    assert NAME not in after
    assert b"pictures" in after


def page(serial: int, number: int, flags: int, *packets: bytes) -> bytes:
    laces, body = b"", b"".join(packets)
    for packet in packets:
        laces += b"\xff" * (len(packet) // 255) + bytes([len(packet) % 255])
    head = b"OggS\0" + bytes([flags]) + b"\0" * 8 + struct.pack("<III", serial, number, 0) + bytes([len(laces)])
    return head + laces + body


@pytest.mark.parametrize(
    ("first", "magic", "behind"),
    [(b"OpusHead\1", b"OpusTags", b""), (b"\1vorbis", b"\3vorbis", b"\1"), (b"\x80theora", b"\x81theora", b"")],
)
def test_ogg_keeps_its_pages_and_loses_its_comments(tmp_path: Path, first: bytes, magic: bytes, behind: bytes) -> None:
    said = b"ARTIST=" + NAME * 40
    comments = magic + struct.pack("<I", 6) + b"vendor" + struct.pack("<II", 1, len(said)) + said + behind
    before = page(7, 0, 2, first) + page(7, 1, 0, comments, b"setup") + page(7, 2, 4, b"sound")
    after = copy(tmp_path, before, "audio/ogg")
    assert len(after) == len(before)
    assert NAME not in after
    assert b"setup" in after
    assert after.endswith(b"sound")


def id3(content: bytes) -> bytes:
    size = len(content)
    return b"ID3\4\0\0" + bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127]) + content


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (id3(NAME), b""),
        (id3(NAME) + id3(NAME * 20), b"TAG" + NAME.ljust(125)),
        (b"", b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(NAME), 1, 0x80000000) + b"\0" * 8 + NAME
         + b"APETAGEX" + struct.pack("<IIII", 2000, 32 + len(NAME), 1, 0x80000000) + b"\0" * 8),
        (b"", b"LYRICSBEGIN" + NAME + b"%06dLYRICS200" % (11 + len(NAME)) + b"TAG" + NAME.ljust(125)),
    ],
)  # fmt: skip
def test_sound_loses_the_tags_before_and_behind_it(tmp_path: Path, before: bytes, behind: bytes) -> None:
    sound = (b"\xff\xfb\x90\x64" + b"sound".ljust(413, b"s")) * 3  # whole frames of 417 bytes
    assert copy(tmp_path, before + sound + behind, "audio/mpeg") == sound


def test_flac_and_wav_and_aiff_keep_what_is_needed_to_hear_them(tmp_path: Path) -> None:
    flac = b"fLaC\0\0\0\x22" + b"i" * 34 + b"\x04\0\0\x11" + NAME + b"\x86\0\0\x11" + NAME + b"\xff\xf8sound"
    assert copy(tmp_path, id3(NAME) + flac, "audio/flac") == b"fLaC\x80\0\0\x22" + b"i" * 34 + b"\xff\xf8sound"
    parts = b"fmt \x04\0\0\0form" + b"LIST\x16\0\0\0INFOIART\x0a\0\0\0" + NAME[:10] + b"bext\x04\0\0\0Quas"
    wav = b"WAVE" + parts + b"data\x06\0\0\0sounds"
    after = copy(tmp_path, b"RIFF" + struct.pack("<I", len(wav)) + wav + NAME, "audio/wav")
    assert b"ebulon" not in after
    assert b"Quas" not in after
    assert b"data\x06\0\0\0sounds" in after
    chunks = b"AIFF" + b"AUTH\0\0\0\x08Quasimod" + b"SSND\0\0\0\x06sounds"
    after = copy(tmp_path, b"FORM" + struct.pack(">I", len(chunks)) + chunks, "audio/aiff")
    assert b"Quasimod" not in after
    assert after.endswith(b"SSND\0\0\0\x06sounds")


UNKNOWN = b"\xff" * 4
INFO = b"LIST\x16\0\0\0INFOIART\x0a\0\0\0" + NAME[:10]
FORM = b"fmt \x04\0\0\0form"
HEADERS = b"LIST\x10\0\0\0hdrlavih\x04\0\0\0head"
DS64 = b"ds64\x1c\0\0\0" + struct.pack("<QQQI", 90, 6, 0, 0)


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        ("audio/wav", b"RIFF\0\0\0\0WAVE" + INFO + FORM + b"data\0\0\0\0frames"),
        ("audio/wav", b"RIFF\x24\0\0\0WAVE" + FORM + INFO + b"data\0\0\0\0frames"),
        ("audio/wav", b"RIFF" + UNKNOWN + b"WAVE" + INFO + FORM + b"data" + UNKNOWN + b"frames"),
        ("audio/wav", b"RIFF\x08\0\0\0WAVE" + FORM + b"data\x06\0\0\0frames" + INFO),
        ("audio/wav", b"RF64" + UNKNOWN + b"WAVE" + DS64 + FORM + b"data" + UNKNOWN + b"frames" + INFO),
        ("audio/wav", b"RIFF\0\0\0\0WAVE" + FORM + b"data\0\0\0\0" + INFO + b"data\x06\0\0\0frames"),
        ("video/x-msvideo", b"RIFF\0\0\0\0AVI " + INFO + HEADERS + b"LIST\0\0\0\0movi00dc\x06\0\0\0frames"),
        ("video/x-msvideo", b"RIFF\0\0\0\0AVI " + HEADERS + b"LIST\x12\0\0\0movi00dc\x06\0\0\0frames" + INFO),
        ("video/x-msvideo", b"RIFF\x38\0\0\0AVI " + HEADERS + b"RIFF\x3c\0\0\0AVIX" + INFO
         + b"LIST\x12\0\0\0movi00dc\x06\0\0\0frames"),
    ],
)  # fmt: skip
def test_lengths_that_a_recorder_never_wrote_hide_no_name_and_cost_no_frame(
    tmp_path: Path, media_type: str, content: bytes
) -> None:
    after = copy(tmp_path, content, media_type)
    assert len(after) == len(content)
    assert NAME[:10] not in after
    assert b"frames" in after


# Pictures

GIF = b"GIF89a\1\0\1\0\0\0\0" + b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0"
GIF_PICTURE = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"


def test_a_gif_loses_its_comments_and_keeps_its_loop() -> None:
    extra = b"!\xfe\x11" + NAME + b"\0" + b"!\xff\x0bXMP DataXMP\x11" + NAME + b"\0"
    assert clean_gif(GIF + extra + GIF_PICTURE + b";" + NAME) == GIF + GIF_PICTURE + b";"


@given(st.binary(max_size=200))
def test_any_bytes_behind_the_head_of_a_picture_are_cleaned_or_refused(tail: bytes) -> None:
    for head in (GIF, b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP"):
        try:
            once = cleaned(head + tail)
        except CannotClean:
            continue
        assert cleaned(once) == once


_BINARY_KINDS = (
    "video/mp4 image/heic video/webm audio/ogg audio/mpeg audio/flac audio/aiff audio/wav video/x-msvideo image/gif"
)


@settings(max_examples=40)
@given(st.sampled_from([film(), still(), GIF + GIF_PICTURE]), st.integers(0, 400), st.binary(max_size=8))
def test_a_damaged_file_is_cleaned_or_refused_and_never_fails_otherwise(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int, instead: bytes
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    broken = content[:place] + instead + content[place + len(instead) :]
    found = set()
    for media_type in _BINARY_KINDS.split():
        try:
            copy(folder, broken, media_type)
        except CannotClean as problem:
            found.add(problem.code)
    assert found <= {"damaged", "large", "kind"}


def _cleaning(folder: Path, media_type: str) -> Callable[[bytes], object]:
    def run(content: bytes) -> object:
        try:
            return copy(folder, content, media_type)
        except CannotClean:
            return None

    return run


@pytest.mark.parametrize(
    ("media_type", "head", "unit"),
    [
        ("video/mp4", box(b"ftyp", b"mp42"), box(b"free")),
        (
            "video/webm",
            element(b"\x1a\x45\xdf\xa3", b"") + b"\x18\x53\x80\x67\x01" + b"\xff" * 7,
            element(b"\xec", b""),
        ),
        ("audio/ogg", b"", page(7, 0, 2, b"OpusHead")),
        ("audio/mpeg", b"", id3(b"")),
        ("audio/wav", b"RIFF\xff\xff\xff\xffWAVE", b"data\0\0\0\0"),
        ("video/x-msvideo", b"RIFF\0\0\0\0AVI ", b"LIST\x04\0\0\0rec "),
        ("image/gif", GIF, b"!\xfe\1x\0"),
        ("text/html", b"<p>", b"<!--<script"),
        ("application/rtf", b"{\\rtf1", b"{\\*"),
        ("application/rtf", b"{\\rtf1", b"{\\pict ff}"),
        ("text/html", b"<p>", b"data:image/a;base64,"),
    ],
)
def test_cleaning_takes_time_in_proportion_to_the_file(
    tmp_path: Path, media_type: str, head: bytes, unit: bytes
) -> None:
    assert_linear(_cleaning(tmp_path, media_type), lambda size: head + unit * (size // len(unit)))


@pytest.mark.parametrize("unit", [b"\xff", b"\xff\xd8", b"\xff\xda\0\2", b"\xff\x00", b"\xff\xfe\0\2"])
def test_cleaning_a_picture_in_a_document_takes_time_in_proportion(unit: bytes) -> None:
    def run(content: bytes) -> None:
        try:
            cleaned(content)
        except CannotClean:
            return

    assert_linear(run, lambda size: b"\xff\xd8\xff\xda\0\2" + unit * (size // len(unit)))
