"""JPEG, PNG and GIF by the structure behind their first bytes, and the pictures that no browser shows."""

import struct
import zlib

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_PNG = b"\x89PNG\r\n\x1a\n"
_OTHERS = ((b"8BPS\0\x01", "picture-other"), (b"FUJIFILMCCD-RAW", "raw-picture"), (b"AT&TFORM", "picture-other"),
           (b"\0\0\x01\0", "picture-other"), (b"\xff\x0a", "jpeg-xl"))  # fmt: skip


def look(_source: Source, head: bytes) -> FileType | None:
    """Return which picture the file is; None when it is none."""
    if head[:8] == _PNG:
        whole = head[12:16] == b"IHDR" and head[8:12] == b"\0\0\0\x0d"
        return of_code("png") if whole and head[29:33] == struct.pack(">I", zlib.crc32(head[12:29])) else None
    if head[:3] == b"\xff\xd8\xff":
        return of_code("jpeg") if head[3:4] and 0xC0 <= head[3] <= 0xFE else None
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return _gif(head)
    if head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"IIRO", b"IIU\0"):
        raw = head[:4] in (b"IIRO", b"IIU\0") or head[8:10] == b"CR"
        return of_code("raw-picture" if raw else "tiff")
    if head[:2] == b"BM":
        return _bmp(head)
    return next((of_code(code) for magic, code in _OTHERS if head.startswith(magic)), None)


def _gif(head: bytes) -> FileType | None:
    """The logical screen descriptor, its colour table, then a block (GIF89a, 18 to 24)."""
    if len(head) < 14:
        return None
    colours = 3 << ((head[10] & 7) + 1) if head[10] & 0x80 else 0
    return of_code("gif") if head[13 + colours : 14 + colours] in (b"!", b",") else None


def _bmp(head: bytes) -> FileType | None:
    """Reserved fields of nothing, pixels behind the headers, a header of a size that exists."""
    if len(head) < 18:
        return None
    reserved, pixels, header = struct.unpack_from("<III", head, 6)
    return of_code("bmp") if not reserved and pixels >= 26 and header in (12, 40, 52, 56, 64, 108, 124) else None
