"""Rewrites JPEG, PNG and WebP without loss: what a picture needs to be shown is kept, all else is left out. Pure.

Also what stands behind its end goes (phones put a second picture or a film there). The turning of a photograph stays.
Every loop moves on by what it has read, so that the work is in proportion to the size.
"""

import re
import struct
import zlib
from collections.abc import Callable

from lti_mcred.evidence.picture.turning import turned

# Points of a picture that is kept without being opened; the largest sensors of phones have 200 million.
MOST_PIXELS = 210_000_000
_MOST_PIECES = 200_000
_LARGEST_PROFILE = 4 * 1024 * 1024
# JPEG (ITU-T T.81, annex B): markers that stand alone, and the next marker behind picture data. Fill bytes before that
# marker are left where they are: a pattern for them would try each byte of a long run anew.
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_NEXT = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_JPEG_FILL = re.compile(rb"\xff*+")
_JPEG_EXIF = b"Exif\0\0"
_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SCAN, _END, _COMMENT = 0xDA, 0xD9, 0xFE
# Application segments that a picture needs to be shown: size on screen, colour profile, colour model.
_JPEG_KEPT = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
# PNG, third edition, 5.6: everything but text, time and Exif; private chunks are left out.
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND acTL fcTL fdAT cHRM cICP gAMA iCCP mDCV cLLI sBIT sRGB bKGD hIST tRNS pHYs sPLT".split()
)
# WebP container (RFC 9649): everything but EXIF, XMP and what is unknown.
_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"})
_WEBP_EXIF, _WEBP_XMP = 0x08, 0x04


class TooManyPixels(ValueError):
    """The picture has more points than are taken; the argument is their number."""


def rewritten(data: bytes, form: str) -> bytes:
    """Return the picture without private details. `form`: JPEG, PNG or WEBP.

    Raises TooManyPixels, or ValueError, IndexError or struct.error where it does not follow its format.
    """
    return _REWRITES[form](data)


def _jpeg(data: bytes) -> bytes:
    kept = [data[:2]]
    place = 2
    while True:
        if data[place] != 0xFF:
            raise ValueError(place)
        found = _JPEG_FILL.match(data, place)  # fill bytes (B.1.1.2) may stand before any marker
        place = found.end() - 1 if found else place
        marker = data[place + 1]
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        end = place + 2 if marker in _JPEG_ALONE else place + 2 + _jpeg_length(data, place)
        if marker in _JPEG_FRAMES:
            _check_pixels(*struct.unpack_from(">HH", data, place + 5))
        kept.append(_jpeg_kept(marker, data[place:end]))
        if marker == _SCAN:
            next_one = _JPEG_NEXT.search(data, end)
            kept.append(data[end : next_one.start() if next_one else len(data)])
            if next_one is None:  # cut short on the way: what is there is shown
                return b"".join([*kept, b"\xff\xd9"])
            end = next_one.start()
        place = end


def _jpeg_length(data: bytes, place: int) -> int:
    (length,) = struct.unpack_from(">H", data, place + 2)
    if length < 2 or place + 2 + length > len(data):
        raise ValueError(place)
    return int(length)


def _jpeg_kept(marker: int, segment: bytes) -> bytes:
    """Return what stays of a segment (its marker, two bytes of length, its body)."""
    body = segment[4:]
    if marker == 0xE1 and body.startswith(_JPEG_EXIF):
        exif = turned(body.removeprefix(_JPEG_EXIF))
        block = _JPEG_EXIF + exif
        return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block if exif else b""
    if 0xE0 <= marker <= 0xEF:
        return segment if marker in _JPEG_KEPT and body.startswith(_JPEG_KEPT[marker]) else b""
    return b"" if marker == _COMMENT else segment


def _png(data: bytes) -> bytes:
    kept = [_PNG_HEAD]
    place = len(_PNG_HEAD)
    for _number in range(_MOST_PIECES):
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise ValueError(place)
        kept.append(_png_kept(kind, data[place + 8 : end - 4], data[place:end]))
        if kind == b"IEND":
            return b"".join(kept)
        place = end
    raise ValueError(_MOST_PIECES)


def _png_kept(kind: bytes, body: bytes, chunk: bytes) -> bytes:
    if kind == b"IHDR":
        _check_pixels(*struct.unpack_from(">II", body))
    if kind == b"iCCP" and not _fits(body):
        return b""
    if kind == b"eXIf" and (exif := turned(body)):
        return struct.pack(">I", len(exif)) + kind + exif + struct.pack(">I", zlib.crc32(kind + exif))
    return chunk if kind in _PNG_KEPT else b""


def _fits(body: bytes) -> bool:
    """Return whether a colour profile (name, NUL, method, packed profile) unpacks to what a profile may have."""
    unpacker = zlib.decompressobj()
    try:
        unpacker.decompress(body[body.index(b"\0") + 2 :], _LARGEST_PROFILE)
    except (ValueError, zlib.error):
        return False
    return unpacker.eof


def _webp(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", data, 4)
    whole = 8 + length
    if whole > len(data):
        raise ValueError(whole)
    kept, exif, place = [b"WEBP"], b"", 12
    while place < whole:
        kind, length = struct.unpack_from("<4sI", data, place)
        end = place + 8 + length + length % 2
        if end > whole or len(kept) > _MOST_PIECES:
            raise ValueError(place)
        if kind in _WEBP_KEPT:
            kept.append(data[place:end])
        if kind == b"VP8X":
            _check_pixels(*(1 + int.from_bytes(data[at : at + 3], "little") for at in (place + 12, place + 15)))
        if kind == b"EXIF":
            exif = turned(data[place + 8 : place + 8 + length].removeprefix(_JPEG_EXIF))
        place = end
    if kept[1:] and kept[1].startswith(b"VP8X"):
        flags = kept[1][8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if exif else 0)
        kept[1] = kept[1][:8] + bytes([flags]) + kept[1][9:]
    if exif:
        kept.append(b"EXIF" + struct.pack("<I", len(exif)) + exif + b"\0" * (len(exif) % 2))
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _check_pixels(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise TooManyPixels(width * height)


_REWRITES: dict[str, Callable[[bytes], bytes]] = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp}
