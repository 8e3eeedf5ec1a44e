"""Baking: a credential inside a PNG picture (Open Badges 3.0, document formats; PNG specification, iTXt).

One uncompressed iTXt chunk, keyword `openbadgecredential`, before the picture's data, and never a second one.
"""

import json
import re
import struct
import zlib
from collections.abc import Iterator

KEYWORD = b"openbadgecredential"
KEYWORD_2 = b"openbadges"  # Open Badges 1 and 2
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_TEXT = 4 * 1024 * 1024
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class BakingError(ValueError):
    """The bytes are not a whole PNG picture; the message says why."""


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
        if _text_chunk(kind, body, KEYWORD):
            continue
        if kind == b"IDAT" and not written:
            baked.append(_chunk(b"iTXt", data))
            written = True
        baked.append(_chunk(kind, body))
    if not written:
        message = "the PNG has no picture data"
        raise BakingError(message)
    return b"".join(baked)


def extract(png: bytes, keyword: bytes = KEYWORD) -> str | None:
    """Return the text of the first iTXt chunk with `keyword`, None when there is none. Raises BakingError."""
    for kind, body in _chunks(png):
        if _text_chunk(kind, body, keyword):
            return _text(body[len(keyword) + 1 :])
    return None


def is_png(data: bytes) -> bool:
    """Whether the bytes begin as a PNG does."""
    return data.startswith(_SIGNATURE)


def _text(rest: bytes) -> str:
    flag, after = rest[:1], rest[2:]
    parts = after.split(b"\0", 2)
    if len(parts) < 3:
        message = "the badge inside the picture is cut off"
        raise BakingError(message)
    raw = parts[2]
    try:
        if flag == b"\1":  # the specification forbids it; some software writes it
            unpacker = zlib.decompressobj()
            raw = unpacker.decompress(raw, _LARGEST_TEXT)
        return raw.decode()
    except (zlib.error, UnicodeDecodeError) as error:
        message = "the badge inside the picture cannot be read"
        raise BakingError(message) from error


def _text_chunk(kind: bytes, body: bytes, keyword: bytes) -> bool:
    return kind == b"iTXt" and body.startswith(keyword + b"\0")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not is_png(png):
        message = "the file is not a PNG picture"
        raise BakingError(message)
    position, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        header = png[position : position + 8]
        if len(header) < 8:
            message = "the PNG picture is cut off"
            raise BakingError(message)
        length, kind = struct.unpack(">I4s", header)
        body = png[position + 8 : position + 8 + length]
        checksum = png[position + 8 + length : position + 12 + length]
        if len(body) != length or checksum != struct.pack(">I", zlib.crc32(kind + body)):
            message = "the PNG picture is damaged"
            raise BakingError(message)
        position += 12 + length
        yield kind, body


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))
