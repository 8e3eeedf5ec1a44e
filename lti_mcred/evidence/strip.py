"""Takes place, time and maker out of pictures: a phone writes where a pupil sits into every photograph.

JPEG, PNG and WebP are rewritten without loss: what a picture needs to be shown is kept, all else is left out, also what
stands behind its end (phones put a second picture or a film there). The turning of a photograph stays. A picture that
does not follow its format is drawn anew; where that is not possible either it is not taken. Other kinds pass.
"""

import hashlib
import re
import struct
import warnings
import zlib
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps

from lti_mcred.evidence.storage import Received

CLEANED = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_LARGEST = 64 * 1024 * 1024
_MOST_PIXELS = 60_000_000  # drawn anew in memory: 3 or 4 bytes each
_ORIENTATION = 0x0112
# JPEG (ITU-T T.81, annex B): markers that stand alone, and the next marker behind picture data.
_JPEG_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_JPEG_NEXT = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
_JPEG_EXIF = b"Exif\0\0"
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


class NotCleaned(ValueError):
    """The picture is damaged, or too large to be looked through."""


def stripped(file: Received, media_type: str) -> Received:
    """Return a picture without its private details (rewritten in its place), any other file as it came.

    Raises NotCleaned for a picture of a kind in CLEANED whose details cannot be taken out.
    """
    form = CLEANED.get(media_type)
    if form is None:
        return file
    if file.size > _LARGEST:
        raise NotCleaned(file.size)
    before = file.path.read_bytes()
    try:
        after = {"JPEG": _jpeg, "PNG": _png, "WEBP": _webp}[form](before)
    except (struct.error, IndexError, ValueError):
        after = _drawn_anew(file.path, form)
    if after == before:
        return file
    file.path.write_bytes(after)
    return Received(file.path, hashlib.sha256(after).hexdigest(), len(after))


def _jpeg(data: bytes) -> bytes:
    kept = [data[:2]]
    place = 2
    while True:
        if data[place] != 0xFF:
            raise ValueError(place)
        while data[place + 1] == 0xFF:  # fill bytes (B.1.1.2) may stand before any marker
            place += 1
        marker = data[place + 1]
        if marker == _END:
            return b"".join([*kept, b"\xff\xd9"])
        end = place + 2 if marker in _JPEG_ALONE else place + 2 + _jpeg_length(data, place)
        kept.append(_jpeg_kept(marker, data[place:end]))
        if marker == _SCAN:
            found = _JPEG_NEXT.search(data, end)
            kept.append(data[end : found.start() if found else len(data)])
            if found is None:  # cut short on the way: what is there is shown
                return b"".join([*kept, b"\xff\xd9"])
            end = found.start()
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
        turned = _turned(body.removeprefix(_JPEG_EXIF))
        block = _JPEG_EXIF + turned
        return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block if turned else b""
    if 0xE0 <= marker <= 0xEF:
        return segment if marker in _JPEG_KEPT and body.startswith(_JPEG_KEPT[marker]) else b""
    return b"" if marker == _COMMENT else segment


def _png(data: bytes) -> bytes:
    kept = [_PNG_HEAD]
    place = len(_PNG_HEAD)
    while True:
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise ValueError(place)
        if kind in _PNG_KEPT:
            kept.append(data[place:end])
        if kind == b"eXIf" and (turned := _turned(data[place + 8 : end - 4])):
            chunk = kind + turned
            kept.append(struct.pack(">I", len(turned)) + chunk + struct.pack(">I", zlib.crc32(chunk)))
        if kind == b"IEND":
            return b"".join(kept)
        place = end


def _webp(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<I", data, 4)
    whole = 8 + length
    if whole > len(data):
        raise ValueError(whole)
    kept, turned, place = [b"WEBP"], b"", 12
    while place < whole:
        kind, length = struct.unpack_from("<4sI", data, place)
        end = place + 8 + length + length % 2
        if end > whole:
            raise ValueError(place)
        if kind in _WEBP_KEPT:
            kept.append(data[place:end])
        if kind == b"EXIF":
            turned = _turned(data[place + 8 : place + 8 + length].removeprefix(_JPEG_EXIF))
        place = end
    if kept[1:] and kept[1].startswith(b"VP8X"):
        flags = kept[1][8] & ~(_WEBP_EXIF | _WEBP_XMP) | (_WEBP_EXIF if turned else 0)
        kept[1] = kept[1][:8] + bytes([flags]) + kept[1][9:]
    if turned:
        kept.append(b"EXIF" + struct.pack("<I", len(turned)) + turned + b"\0" * (len(turned) % 2))
    body = b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _turned(exif: bytes) -> bytes:
    """Return an Exif block that says how the photograph is turned and nothing else; b"" when it stands upright."""
    before = Image.Exif()
    try:
        before.load(exif)
        turned = before.get(_ORIENTATION)
    except (OSError, SyntaxError, ValueError, IndexError, TypeError, struct.error):  # nothing that can be read
        return b""
    if turned not in range(2, 9):
        return b""
    after = Image.Exif()
    after[_ORIENTATION] = turned
    return after.tobytes().removeprefix(_JPEG_EXIF)


def _drawn_anew(path: Path, form: str) -> bytes:
    """Return the picture as Pillow reads it, upright, with its colours. Raises NotCleaned."""
    out = BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=[form]) as picture:
                if picture.width * picture.height > _MOST_PIXELS:
                    raise NotCleaned(picture.size)
                colours = picture.info.get("icc_profile")
                upright = ImageOps.exif_transpose(picture)
                upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
                upright.save(out, form, quality=92, icc_profile=colours, exif=b"")
    except (OSError, SyntaxError, ValueError, IndexError, struct.error, Image.DecompressionBombError) as error:
        raise NotCleaned(form) from error
    return out.getvalue()
