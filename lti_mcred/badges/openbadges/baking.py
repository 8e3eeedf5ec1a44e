"""Baking: a credential inside a PNG picture (Open Badges 3.0, document formats; PNG specification, third edition).

One uncompressed iTXt chunk, keyword `openbadgecredential`, before the picture's data, and never a second one. Read is
more than is written: picture services move the text into compressed chunks, and other software uses other keywords.
"""

import json
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

KEYWORD = b"openbadgecredential"
KEYWORD_2 = b"openbadges"  # Open Badges 1 and 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_TEXT = 4 * 1024 * 1024
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_TEXT_CHUNKS = (b"iTXt", b"zTXt", b"tEXt")
# Bit depths that each colour type allows (PNG specification, 11.2.1).
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}


class BakingError(ValueError):
    """The bytes are not a whole PNG picture; the message says why, `code` names the case for people's words."""

    def __init__(self, message: str, code: str = "picture_damaged") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Unbaked:
    """What a whole picture carries: (keyword, text) of each badge, and whether bytes stand behind its end."""

    texts: tuple[tuple[bytes, str], ...]
    trailing: bool


def bake(png: bytes, credential: str) -> bytes:
    """Return the picture with `credential` (JSON text) inside, in place of any that was there before.

    Braces within strings are written as escapes: Learner Credential Wallet counts braces without regard for strings.
    The JSON means the same, so the proof holds. Raises BakingError, or ValueError when the text is not JSON.
    """
    json.loads(credential)
    text = _STRING.sub(lambda s: s[0].replace("{", "\\u007b").replace("}", "\\u007d"), credential)
    # keyword, NUL, compression flag 0, method 0, empty language tag, empty translated keyword, text
    data = KEYWORD + b"\0\0\0\0\0" + text.encode()
    baked, written = [_SIGNATURE], False
    for kind, body in _chunks(png):
        if kind in _TEXT_CHUNKS and body.startswith(KEYWORD + b"\0"):
            continue
        if kind == b"IDAT" and not written:
            baked.append(_chunk(b"iTXt", data))
            written = True
        baked.append(_chunk(kind, body))
    return b"".join(baked)


def extract(png: bytes, keyword: bytes = KEYWORD) -> str | None:
    """Return the text of the first chunk with `keyword`, None when there is none. Raises BakingError."""
    return next((text for name, text in unbake(png).texts if name == keyword), None)


def unbake(png: bytes) -> Unbaked:
    """Return every badge in the picture, in the order of the file, once the whole picture has been looked at.

    Raises BakingError: picture_damaged, picture_cut_off, picture_checksum, picture_order (also for a badge that stands
    where only readers that do not parse chunks would find it), or several_badges for a second one that does.
    """
    texts, seen, end = [], 0, 0
    for kind, body in _chunks(png):
        end += 12 + len(body)
        keyword, separator, rest = body.partition(b"\0")
        if kind in _TEXT_CHUNKS and separator and keyword in (KEYWORD, KEYWORD_2):
            texts.append((keyword, _chunk_text(kind, rest)))
            seen += body.count(KEYWORD + b"\0")
    if png.count(KEYWORD + b"\0") > seen:
        message = "a badge stands in a place where badges do not belong"
        raise BakingError(message, "several_badges" if texts else "picture_order")
    return Unbaked(tuple(texts), len(png) > len(_SIGNATURE) + end)


def is_png(data: bytes) -> bool:
    """Whether the bytes begin as a PNG does."""
    return data.startswith(_SIGNATURE)


def _chunk_text(kind: bytes, rest: bytes) -> str:
    """Return the text of a chunk's body behind keyword and NUL (PNG specification, 11.3.3)."""
    packed, raw = False, rest
    if kind == b"iTXt":
        parts = rest[2:].split(b"\0", 2)  # language tag, translated keyword, text
        if len(parts) < 3:
            message = "the badge inside the picture is cut off"
            raise BakingError(message)
        packed, raw = rest[:1] == b"\1", parts[2]
    elif kind == b"zTXt":
        packed, raw = True, rest[1:]
    return _decoded(_unpacked(raw) if packed else raw, latin=kind != b"iTXt")


def _unpacked(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(raw, _LARGEST_TEXT)
    except zlib.error as error:
        message = "the badge inside the picture cannot be unpacked"
        raise BakingError(message) from error
    if not unpacker.eof:
        message = "the badge inside the picture is cut off or far too long"
        raise BakingError(message)
    return text


def _decoded(raw: bytes, *, latin: bool) -> str:
    # zTXt and tEXt are Latin-1, but who moves a badge there moves its UTF-8 bytes.
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        if latin:
            return raw.decode("latin-1")
        message = "the badge inside the picture cannot be read"
        raise BakingError(message) from error


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, body) of every chunk. Raises BakingError for anything but a whole picture in the right order."""
    if not is_png(png):
        message = "the file is not a PNG picture"
        raise BakingError(message)
    position, kind, pictured = len(_SIGNATURE), b"", False
    while kind != b"IEND":
        before, header = kind, png[position : position + 8]
        length, kind = struct.unpack(">I4s", header) if len(header) == 8 else (0, b"")
        body = png[position + 8 : position + 8 + length]
        checksum = png[position + 8 + length : position + 12 + length]
        if len(header) < 8 or len(body) != length or len(checksum) < 4:
            message = "the PNG picture is cut off"
            raise BakingError(message, "picture_cut_off")
        if checksum != struct.pack(">I", zlib.crc32(body, zlib.crc32(kind))):
            message = "the PNG picture is damaged"
            raise BakingError(message, "picture_checksum")
        _in_order(before, kind, body, pictured=pictured)
        pictured = pictured or kind == b"IDAT"
        position += 12 + length
        yield kind, body


def _in_order(before: bytes, kind: bytes, body: bytes, *, pictured: bool) -> None:
    """Raise BakingError when a chunk may not stand behind `before` (PNG specification, 5.6 and 11.2)."""
    wrong = (
        not kind.isalpha()
        or (kind == b"IHDR") == bool(before)
        or (kind == b"IDAT" and pictured and before != b"IDAT")
        or (kind == b"IEND" and (bool(body) or not pictured))
        or (kind == b"IHDR" and not _is_header(body))
    )
    if wrong:
        message = f"the PNG picture's part {kind!r} is wrong or in the wrong place"
        raise BakingError(message, "picture_order")


def _is_header(body: bytes) -> bool:
    if len(body) != 13:
        return False
    width, height, depth, colour, *methods = struct.unpack(">IIBBBBB", body)
    sized = 0 < width < 1 << 31 and 0 < height < 1 << 31
    return sized and depth in _DEPTHS.get(colour, ()) and methods[:2] == [0, 0] and methods[2] in (0, 1)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))
