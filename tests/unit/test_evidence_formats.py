"""What a file is comes from its structure: brands, tracks, relations and blocks, never from its first bytes alone."""

import struct

import pytest

from lti_mcred.evidence.formats.look import look_into
from lti_mcred.evidence.formats.source import Source
from tests import made_files as made
from tests.made_files import box, brands, chunk, element, matroska, movie, mp4, ogg, riff, still, track

# Between the tracks of a segment there may be room that was left free (Void).
SEGMENT = element(0x18538067, element(0x1654AE6B, element(0xEC, b"\0") + element(0xAE, element(0x83, b"\1"))))


def code(content: bytes) -> str:
    return look_into(Source.of(content)).code


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (still(b"avif", b"mif1", b"miaf"), "avif"),
        (still(b"mif1", b"avif", b"miaf"), "avif"),
        (brands(b"avis", b"avif", b"msf1") + movie(b"pict"), "avif"),
        (brands(b"avis", b"avif", b"msf1", b"iso8") + movie(b"pict", b"auxv"), "avif"),
        (brands(b"avif", b"avis", b"mif1", b"isom", b"mp42"), "avif"),
        (still(b"heic", b"mif1", b"miaf"), "heic"),
        (still(b"mif1", b"heic"), "heic"),
        (still(b"heic", b"avif"), "heic"),
        (still(b"miaf", b"mif1", b"heix"), "heic"),
        (brands(b"hevc", b"msf1", b"heic") + movie(b"pict"), "heics"),
        (brands(b"msf1", b"hevc", b"iso8") + movie(b"pict"), "heics"),
        (brands(b"heic", b"mif1") + box(b"meta") + movie(b"pict"), "heics"),
        (still(b"mif1", b"miaf"), "heif"),
        (brands(b"msf1", b"iso8") + movie(b"pict"), "heifs"),
        (still(b"isom", b"mif1", b"heic"), "heic"),
    ],
    ids=made.brief,
)
def test_a_picture_in_a_film_format_is_a_picture_by_its_brands(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (mp4(b"vide", b"soun"), "mp4"),
        (mp4(b"soun", b"vide"), "mp4"),
        (mp4(b"vide"), "mp4"),
        (mp4(b"soun"), "mp4-sound"),
        (mp4(b"soun", b"text"), "mp4-sound"),
        (mp4(b"soun", major=b"M4A "), "mp4-sound"),
        (mp4(b"vide", b"soun", major=b"M4A "), "mp4"),
        (mp4(b"vide", b"soun", major=b"M4V "), "mp4"),
        (mp4(b"vide", major=b"mp42"), "mp4"),
        (mp4(b"vide", major=b"zzzz"), "mp4"),
        (brands(b"M4B ") + box(b"moov", track(b"soun", b"mp4a"), track(b"vide", b"jpeg")), "mp4-sound"),
        (brands(b"isom", b"heic", b"mif1") + box(b"meta") + movie(b"vide", b"soun"), "mp4"),
        (brands(b"heic", b"isom") + movie(b"vide", b"soun"), "mp4"),
        (mp4(b"vide", b"soun", major=b"3gp4"), "3gp"),
        (mp4(b"soun", major=b"3gp5"), "3gp-sound"),
        (mp4(b"vide", major=b"3g2a"), "3g2"),
        (mp4(b"vide", b"soun", major=b"qt  "), "mov"),
        (mp4(b"soun", major=b"qt  "), "mp4-sound"),
        (brands(b"iso5") + movie(b"vide") + (box(b"moof") + box(b"mdat", b"v")) * 500, "mp4"),
        (brands(b"isom") + box(b"free", b"x" * 99) + box(b"mdat", b"v" * 99) + movie(b"soun"), "mp4-sound"),
        (brands(b"isom") + b"\0\0\0\1mdat" + (16 + 9).to_bytes(8) + b"v" * 9 + movie(b"vide"), "mp4"),
        (mp4(b"tmcd"), "recording-empty"),
        (brands(b"isom") + box(b"moov", box(b"trak")), "recording-empty"),
        (brands(b"isom") + box(b"mdat", b"v" * 99), "recording-broken"),
        (brands(b"M4A ") + b"\0\0\0\0mdat" + b"v" * 99, "recording-broken"),
        (brands(b"isom") + b"\0\0\0\1mdat" + b"\0" * 7, "recording-broken"),
        (brands(b"isom") + b"\0\0\0\7free" + movie(b"vide"), "recording-broken"),
        (box(b"ftyp", b"isom") + movie(b"vide"), "unknown"),
        (brands(b"is\0m") + movie(b"vide"), "unknown"),
        (brands(b"crx ", b"isom") + movie(b"vide"), "raw-picture"),
        (brands(b"mjp2") + movie(b"vide"), "jpeg-2000"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + brands(b"jp2 "), "jpeg-2000"),
        (b"\0\0\0\x0cJXL \r\n\x87\n" + brands(b"jxl "), "jpeg-xl"),
    ],
    ids=made.brief,
)
def test_film_or_sound_is_told_by_the_tracks(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize("first", [b"", box(b"wide"), box(b"free", b"x"), box(b"skip"), box(b"pnot", b"\0" * 12)])
@pytest.mark.parametrize("last", [True, False])
def test_quicktime_without_brands_is_known_by_its_boxes(first: bytes, last: bool) -> None:
    film, data = movie(b"vide", b"soun"), box(b"mdat", b"v" * 50)
    assert code(first + (data + film if last else film + data)) == "mov"
    assert code(first + data) == "unknown"
    assert code(first + data + movie(b"soun")) == "mp4-sound"


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (made.wave(), "wav"),
        (made.wave(b"RF64"), "wav"),
        (made.wave(b"BW64"), "wav"),
        (riff(b"WAVE", chunk(b"LIST", b"INFO"), chunk(b"fmt ", b"\0" * 16), chunk(b"data", b"")), "wav"),
        (riff(b"WAVE", chunk(b"fmt ", b"\0" * 16)), "recording-broken"),
        (riff(b"WAVE", chunk(b"fmt ", b"\0" * 16), chunk(b"no\0e", b""), chunk(b"data", b"")), "recording-broken"),
        (riff(b"WAVE"), "unknown"),
        (made.avi(b"vids", b"auds"), "avi"),
        (made.avi(b"auds"), "sound-other"),
        (made.avi(), "recording-broken"),
        (riff(b"AVI ", chunk(b"JUNK", b"\0" * 4), made.avi(b"vids")[12:]), "avi"),
        (riff(b"AVI ", chunk(b"LIST", b"movi")), "recording-broken"),
        (made.webp(), "webp"),
        (
            riff(b"WEBP", chunk(b"VP8X", b"\2" + b"\0" * 9), chunk(b"ANIM", b"\0" * 6), chunk(b"ANMF", b"\0" * 20)),
            "webp",
        ),
        (riff(b"WEBP", chunk(b"JUNK", b"")), "unknown"),
        (riff(b"ACON", chunk(b"anih", b"\0" * 36)), "picture-other"),
        (riff(b"RMID", chunk(b"data", b"MThd\0\0\0\6")), "sound-other"),
        (riff(b"CDR9", chunk(b"vrsn", b"\0\0")), "unknown"),
        (made.AIFF, "aiff"),
    ],
    ids=made.brief,
)
def test_riff_is_told_by_its_form_and_its_streams(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (made.OPUS, "ogg-sound"),
        (ogg(b"\x01vorbis\0\0"), "ogg-sound"),
        (ogg(b"\x7fFLAC\1\0"), "ogg-sound"),
        (ogg(b"Speex   1.2"), "ogg-sound"),
        (ogg(b"\x80theora\3"), "ogg-film"),
        (ogg(b"fishead\0\3\0", b"\x01vorbis\0", b"\x80theora\3"), "ogg-film"),
        (ogg(b"fishead\0\3\0", b"OpusHead\1"), "ogg-sound"),
        (ogg(b"OVP80\1"), "ogg-film"),
        (ogg(b"fishead\0\3\0"), "recording-empty"),
        (ogg(b"nobody knows"), "recording-empty"),
        (b"OggS\0\2" + b"\0" * 30, "unknown"),
        (matroska(b"webm", 1, 2), "webm"),
        (matroska(b"webm", 2), "webm-sound"),
        (matroska(b"webm", 2, open_end=True), "webm-sound"),
        (matroska(b"webm", 1, open_end=True), "webm"),
        (matroska(b"matroska", 1, 2), "mkv"),
        (matroska(b"matroska", 2, 17), "mka"),
        (matroska(b"webm\0\0", 2), "webm-sound"),
        (element(0x1A45DFA3, element(0xEC, b"\0")) + SEGMENT, "mkv"),
        (element(0x1A45DFA3, element(0x4282, b"webm")) + SEGMENT, "webm"),
        (matroska(b"matroska"), "recording-broken"),
        (matroska(b"webm", 17), "recording-broken"),
        (matroska(b"other", 1), "unknown"),
        (b"\x1aE\xdf\xa3" + b"\0" * 40, "unknown"),
    ],
    ids=made.brief,
)
def test_ogg_and_matroska_are_told_by_what_their_streams_hold(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (made.mp3(), "mp3"),
        (made.mp3(b"\xff\xfa\x90\x00"), "mp3"),
        (made.mp3(b"\xff\xf3\x40\xc4", 104), "mp3"),
        (made.mp3(b"\xff\xf2\x40\xc4", 104), "mp3"),
        (made.mp3(b"\xff\xe3\x18\xc4", 72), "mp3"),
        (made.mp3(b"\xff\xe2\x18\xc4", 72), "mp3"),
        (made.mp3(b"\xff\xfd\x84\x00", 384), "mp3"),
        (made.mp3(b"\xff\xff\x40\x00", 136), "mp3"),
        (made.mp3(b"\xff\xf7\x42\x00", 140), "mp3"),
        (made.mp3(frames=1), "mp3"),
        (made.mp3(frames=1) + b"TAG" + b"\0" * 125, "mp3"),
        (made.mp3(frames=1) + b"\0" * 100, "unknown"),
        (made.id3() + made.mp3(), "mp3"),
        (made.id3(300_000) + made.mp3(), "mp3"),
        (made.id3(version=4) + made.id3() + made.mp3(), "mp3"),
        (made.id3() + b"\0" * 5000 + made.mp3(), "mp3"),
        (made.id3() + b"junk \xff\xfb" + made.mp3(), "mp3"),
        (made.id3() + made.adts(), "aac"),
        (made.id3() + made.FLAC, "flac"),
        (made.id3() + b"\0" * 200, "recording-broken"),
        (made.id3()[:30], "recording-broken"),
        (b"ID3\x03\0\0\xff\xff\xff\xff" + b"\0" * 50, "unknown"),
        (made.adts(), "aac"),
        (made.adts(frames=1) + b"\1\2\3", "unknown"),
        (made.adts().replace(b"\x50\x80", b"\x70\x80"), "aac"),
        (made.adts().replace(b"\x50\x80", b"\x74\x80"), "unknown"),
        (made.adts()[:6], "unknown"),
        (made.mp3()[300:] + made.mp3(frames=4), "mp3"),
        (b"\0" * 700 + made.mp3(frames=4), "mp3"),
        (b"\1\2" + made.mp3(b"\xff\xe3\x80\0", 417, frames=4), "mp3"),
        (b"\0" * 700 + made.mp3(frames=2), "unknown"),
        (made.FLAC, "flac"),
        (b"fLaC\0\0\0\x22", "unknown"),
        (b"#!AMR\n" + b"\x3c\x91\x17\x16" * 8, "amr"),
    ],
    ids=made.brief,
)
def test_sound_is_known_by_frames_that_follow_each_other(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (made.JPEG, "jpeg"),
        (made.png(), "png"),
        (made.png()[:20] + b"\x07" + made.png()[21:], "unknown"),
        (made.GIF, "gif"),
        (b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\0\0\0\0\0,", "gif"),
        (b"GIF89a\x01\0\x01\0\0\0\0\x99", "unknown"),
        (made.GIF[:13], "unknown"),
        (b"II*\0\x08\0\0\0" + b"\0" * 20, "tiff"),
        (b"II*\0\x10\0\0\0CR\2\0" + b"\0" * 20, "raw-picture"),
        (b"BM" + (70).to_bytes(4, "little") + b"\0" * 4 + b"\x36\0\0\0\x28\0\0\0" + b"\0" * 52, "bmp"),
        (b"BM\x12\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0", "unknown"),
        (b"BM\x12\0\0\0\0\0\0\0\x1a\0\0\0\x0c\0\0\0", "bmp"),
        (b"MZ\x90\0\3\0\0\0" + b"\0" * 100, "program"),
        (b"\x7fELF\2\1\1" + b"\0" * 100, "program"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9" + b"\0" * 40, "wmv"),
        (b"Rar!\x1a\x07\1\0" + b"\0" * 20, "archive"),
        (b"plan.txt".ljust(257, b"\0") + b"ustar\x0000" + b"\0" * 248, "archive"),
        (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0" + b"\0" * 60, "shortcut"),
        (b"\0\x05\x16\x07\0\2\0\0Mac OS X        ", "mac-shadow"),
        (b"bplist00\xd1\1\2_\x10\x0cNSURLNameKey" + b"\0" * 20, "icloud-stub"),
        (b"bplist00\xd1\1\2_\x10\x0fWebMainResource\xd2\3\4_\x10\x0eWebResourceURL" + b"\0" * 20, "archive-web"),
        (b"FWS\x06\x28\x41\0\0" + b"\0" * 40 + made.mp3(frames=6), "film-other"),
        ((b"\0\1\2\3G" + b"\xff" * 187) * 4, "film-other"),
        ((b"G" + b"\xff" * 187) * 4, "film-other"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02" + b"\0" * 40, "film-other"),
        (b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\0\0" + b"\0" * 40, "sound-other"),
        (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1" + b"\0" * 40, "office-other"),
        (b"\xffWPC\x10\0\0\0\1\x0a\2\1" + b"\0" * 40, "ole-other"),
        (bytes(range(256)) * 4, "unknown"),
        (b"", "unknown"),
    ],
    ids=made.brief,
)
def test_pictures_and_what_no_part_takes_are_told_apart(content: bytes, wanted: str) -> None:
    assert code(content) == wanted


@pytest.mark.parametrize("before", [0, 1, 100, 1024])
def test_a_pdf_may_have_up_to_1024_bytes_before_its_header(before: int) -> None:
    binary = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n12 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF"
    for junk in (b"\0", b"\n", b"x", b"\xff"):
        assert code(junk * before + binary) == "pdf"
    assert code(b"\r" * before + made.PDF) == "pdf"
    assert code(b"\0" * 1025 + binary) == "unknown"


def test_compound_files_are_told_by_their_streams() -> None:
    for stream, wanted in (
        ("WordDocument", "doc"), ("Workbook", "xls"), ("PowerPoint Document", "ppt"),
        ("EncryptedPackage", "office-password"), ("__properties_version1.0", "msg"), ("Elsewhere", "ole-other"),
    ):  # fmt: skip
        assert code(made.compound(stream)) == wanted


def test_a_compound_file_has_sectors_of_512_or_4096_bytes() -> None:
    small = made.compound("Workbook")
    head, table, directory = small[:512], small[512:1024], small[1024:]
    large = head[:30] + b"\x0c\0" + head[32:]
    padded = large.ljust(4096, b"\0") + table.ljust(4096, b"\xff") + directory.ljust(4096, b"\0")
    assert code(padded) == "xls"
    assert code(head[:30] + b"\x0a\0" + small[32:]) == "ole-other"
    assert code(small[:511]) == "ole-other"


def test_the_directory_of_a_compound_file_is_followed_as_far_as_its_table_goes() -> None:
    small = made.compound("Workbook")
    for sector in (127, 128, 109 * 128):  # in the table, behind its one sector, behind all that a header can name
        moved = small[:48] + struct.pack("<I", sector) + small[52:1024]
        assert code(moved.ljust(512 * (sector + 1), b"\0") + small[1024:]) == "xls"


def test_a_directory_that_leads_back_to_itself_comes_to_an_end() -> None:
    small = made.compound("Workbook")
    in_a_ring = small[:512] + struct.pack("<II", 0xFFFFFFFD, 1) + small[520:]
    assert code(in_a_ring) == "xls"
