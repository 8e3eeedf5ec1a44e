"""Copies for assessors: sound in Ogg pages, and tags before and behind recordings."""

import struct
from pathlib import Path

import pytest

from tests.cleaning_helpers import NAME, code_of, copy
from tests.made_files import FLAC, id3, mp3, ogg, page

OGG, SOUND, AIFF = "audio/ogg", "audio/flac", "audio/aiff"

# Ogg (RFC 3533)

OPUS = page(b"OpusHead\1")
TAGS = b"OpusTags" + struct.pack("<I", 6) + b"vendor" + b"\0" * 4
_POLYNOMIAL = 0x04C11DB7


def summed(content: bytes) -> bytes:
    """Return a page with its checksum (RFC 3533, 6), counted bit by bit."""
    begin, rest, value = content[:22], content[26:], 0
    for sign in begin + b"\0" * 4 + rest:
        value ^= sign << 24
        for _bit in range(8):
            value = (value << 1 ^ (_POLYNOMIAL if value & 1 << 31 else 0)) & 0xFFFFFFFF
    return begin + value.to_bytes(4, "little") + rest


@pytest.mark.parametrize(
    ("first", "said", "left"),
    [
        (b"OpusHead\1", TAGS, b"OpusTags" + b"\6\0\0\0" + b" " * 6 + b"\0" * 4),
        (b"Speex   1.2", b"\6\0\0\0vendor\0\0\0\0", b"\6\0\0\0" + b" " * 6 + b"\0" * 4),
        (b"OVP80\1\1\0", b"OVP80\2 \6\0\0\0vendor\0\0\0\0", b"OVP80\2 \6\0\0\0" + b" " * 6 + b"\0" * 4),
    ],
)
def test_comments_become_blanks_in_a_page_that_holds_its_checksum(
    tmp_path: Path, first: bytes, said: bytes, left: bytes
) -> None:
    sound = page(b"sound", flags=4)
    after = copy(tmp_path, page(first) + page(said, flags=0) + sound, OGG)
    assert after == page(first) + summed(page(left, flags=0)) + sound


@pytest.mark.parametrize("last", [b"\x83", b"\xff"], ids=["the last block says so", "sound follows"])
def test_of_flac_in_ogg_comments_and_pictures_become_padding(tmp_path: Path, last: bytes) -> None:
    first = page(b"\x7fFLAC\1\0\0\4fLaC\0\0\0\x22" + b"\0" * 34)
    comment, picture = (bytes([kind]) + b"\0\0\x11" + NAME for kind in (4, 6))
    padding = summed(page(b"\1\0\0\x11" + b"\0" * 17, flags=0))
    kept = page(last + b"\0\0\4" + b"kept", flags=0) + page(comment, flags=0)
    after = copy(tmp_path, first + page(comment, flags=0) + page(picture, flags=0) + kept, OGG)
    assert after == first + padding + padding + kept


def test_a_last_block_of_flac_in_ogg_that_goes_is_still_the_last(tmp_path: Path) -> None:
    first, sound = page(b"\x7fFLAC\1\0\0\1fLaC\0\0\0\x22" + b"\0" * 34), page(b"\xff\xf8sound", flags=4)
    after = copy(tmp_path, first + page(b"\x84\0\0\x11" + NAME, flags=0) + sound, OGG)
    assert after == first + summed(page(b"\x81\0\0\x11" + b"\0" * 17, flags=0)) + sound


def test_a_skeleton_has_no_comments(tmp_path: Path) -> None:
    before = page(b"fishead\0\4\0") + page(b"fisbone\0\x2c", flags=0)
    assert copy(tmp_path, before, OGG) == before


@pytest.mark.parametrize("rest", [page(b"sound", flags=0)[:-3], b"OggS", b"\0noise" * 9])
def test_what_is_no_whole_page_behind_the_pages_is_filled_with_zeros(tmp_path: Path, rest: bytes) -> None:
    whole = OPUS + summed(page(b"OpusTags" + b"\0" * 8, flags=0))
    assert copy(tmp_path, whole + rest, OGG) == whole + b"\0" * len(rest)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (OPUS[:-1], "damaged"),
        (b"sound", "damaged"),
        (OPUS + page(b"OpusTigs" + b"\0" * 8, flags=0), "damaged"),
        (OPUS + page(b"OpusTags\0\0\0\0\0\0\0", flags=0), "damaged"),
        (ogg(b"PCM     ", b"") + page(NAME, flags=0, serial=0), "kind"),
    ],
    ids=["cut off in its first page", "no page", "other comments", "short comments", "unknown"],
)
def test_a_recording_whose_comments_cannot_be_told_is_not_guessed_at(tmp_path: Path, content: bytes, code: str) -> None:
    assert code_of(tmp_path, content, OGG) == code


def test_comments_of_more_bytes_than_a_picture_has_are_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lti_mcred.evidence.cleaning.ogg._LONGEST_HEADER", len(TAGS))
    assert len(copy(tmp_path, OPUS + page(TAGS, flags=0), OGG)) == len(OPUS) + len(page(TAGS))
    assert code_of(tmp_path, OPUS + page(TAGS + b"\0", flags=0), OGG) == "large"


# Tags

RECORDING = FLAC + b"\xff\xf8sound" * 60
APE = b"APETAGEX" + struct.pack("<III", 2000, 32 + len(NAME), 1)
LYRICS = b"LYRICSBEGIN" + NAME


def test_an_ape_tag_before_a_recording_goes(tmp_path: Path) -> None:
    before = APE + b"\0\0\0\xa0" + b"\0" * 8 + NAME + APE + b"\0\0\0\x80" + b"\0" * 8
    assert copy(tmp_path, before + RECORDING, SOUND) == RECORDING


@pytest.mark.parametrize(
    "behind",
    [
        b"TAG" + NAME.ljust(125),
        b"TAG+" + NAME.ljust(223) + b"TAG" + NAME.ljust(125),
        NAME + APE + b"\0" * 12,
        APE + b"\0\0\0\xa0" + b"\0" * 8 + NAME + APE + b"\0\0\0\x80" + b"\0" * 8,
        LYRICS + b"LYRICSEND",
        b"LYRICSEND",
        LYRICS + b"%06dLYRICS200" % len(LYRICS),
        b"ID3\4\0\x10\0\0\0\x11" + NAME + b"3DI\4\0\x10\0\0\0\x11",
        LYRICS + b"LYRICSEND" + b"TAG" + NAME.ljust(125),
    ],
    ids=["ID3v1", "ID3v1 with more", "APEv1", "APEv2", "Lyrics3", "its end alone", "Lyrics3v2", "ID3v2.4", "two tags"],
)
def test_every_tag_behind_a_recording_goes_and_not_a_byte_of_sound(tmp_path: Path, behind: bytes) -> None:
    assert copy(tmp_path, RECORDING + behind, SOUND) == RECORDING


def test_a_recording_with_more_tags_than_are_looked_for_is_not_half_cleaned(tmp_path: Path) -> None:
    tag = b"000000LYRICS200"
    assert copy(tmp_path, RECORDING + tag * 999, SOUND) == RECORDING
    assert code_of(tmp_path, RECORDING + tag * 1000, SOUND) == "large"


def test_behind_more_tags_than_are_looked_for_the_frames_of_mpeg_sound_are_found_all_the_same(tmp_path: Path) -> None:
    assert copy(tmp_path, id3(17) * 1001 + mp3(), "audio/mpeg") == mp3()


@pytest.mark.parametrize(
    ("media_type", "content"),
    [
        (SOUND, b"RIFF" + NAME),
        (SOUND, b"fLaC\0\0"),
        (SOUND, b"fLaC\x84\0\0\x11" + NAME),
        (SOUND, b"fLaC\x80\0\0\x22" + b"\0" * 33),
        (AIFF, b"FORM\0\0\0\x0c8SVX" + NAME),
        (AIFF, b"RIFF\0\0\0\x0cAIFF" + NAME),
        ("audio/mpeg", b"ID3\3\0\0\0\0\0\x11" + NAME),
        ("audio/wav", b"RIFF\0\0\0\0WEBP"),
    ],
    ids=["other", "cut in a head", "no stream", "cut in a block", "8SVX", "no FORM", "a tag alone", "no sound"],
)
def test_what_does_not_follow_its_format_is_damaged(tmp_path: Path, media_type: str, content: bytes) -> None:
    assert code_of(tmp_path, content, media_type) == "damaged"


@pytest.mark.parametrize("media_type", [OGG, SOUND, AIFF, "audio/mpeg", "audio/wav", "video/mp4", "video/webm"])
def test_an_empty_file_is_damaged(tmp_path: Path, media_type: str) -> None:
    assert code_of(tmp_path, b"", media_type) == "damaged"
