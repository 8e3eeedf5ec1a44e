"""Takes place, time and maker out of pictures: a phone writes where a pupil sits into every photograph.

JPEG, PNG and WebP are rewritten without loss; the turning of a photograph (Exif orientation) stays. Anything that does
not follow its format is left as it is.
"""

import hashlib
import struct
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from lti_mcred.evidence.storage import Received

_LARGEST = 64 * 1024 * 1024
_ORIENTATION = 0x0112
# JPEG markers (ITU-T T.81): APP1 holds Exif and XMP, APP13 holds IPTC, COM a comment.
_JPEG_DROPPED = frozenset({0xE1, 0xED, 0xFE})
_START_OF_SCAN = 0xDA
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_DROPPED = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_WEBP_DROPPED = frozenset({b"EXIF", b"XMP "})
_WEBP_FLAGS = 0x08 | 0x04  # "this file has Exif", "this file has XMP"


def stripped(file: Received, media_type: str) -> Received:
    """Return the file without its private details (rewritten in its place), or as it came."""
    rewrite = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(media_type)
    if rewrite is None or file.size > _LARGEST:
        return file
    before = file.path.read_bytes()
    try:
        after = rewrite(before, file.path)
    except (struct.error, IndexError, ValueError):
        return file
    if after == before:
        return file
    file.path.write_bytes(after)
    return Received(file.path, hashlib.sha256(after).hexdigest(), len(after))


def _jpeg(data: bytes, path: Path) -> bytes:
    kept = [data[:2]]
    if turned := _orientation(path):
        body = turned.tobytes()
        kept.append(b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body)
    place = 2
    while True:
        if data[place] != 0xFF:
            raise ValueError(place)
        marker = data[place + 1]
        if marker == _START_OF_SCAN:
            return b"".join([*kept, data[place:]])
        (length,) = struct.unpack_from(">H", data, place + 2)
        if length < 2:
            raise ValueError(place)
        if marker not in _JPEG_DROPPED:
            kept.append(data[place : place + 2 + length])
        place += 2 + length


def _orientation(path: Path) -> Image.Exif | None:
    try:
        with Image.open(path) as picture:
            turned = picture.getexif().get(_ORIENTATION)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        return None
    if turned not in range(2, 9):
        return None
    exif = Image.Exif()
    exif[_ORIENTATION] = turned
    return exif


def _png(data: bytes, _path: Path) -> bytes:
    kept = [_PNG_HEAD]
    place = len(_PNG_HEAD)
    while True:
        length, kind = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if end > len(data):
            raise ValueError(place)
        if kind not in _PNG_DROPPED:
            kept.append(data[place:end])
        if kind == b"IEND":  # what stands behind the end is no part of the picture
            return b"".join(kept)
        place = end


def _webp(data: bytes, _path: Path) -> bytes:
    chunks = [b"WEBP"]
    place = 12
    while place < len(data):
        kind, length = struct.unpack_from("<4sI", data, place)
        end = place + 8 + length + length % 2
        if end > len(data):
            raise ValueError(place)
        chunk = data[place:end]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_FLAGS & 0xFF]) + chunk[9:]
        if kind not in _WEBP_DROPPED:
            chunks.append(chunk)
        place = end
    body = b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body
