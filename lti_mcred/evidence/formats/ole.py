"""Compound files (MS-CFB): what old Office documents, encrypted ones, and macros inside new ones are kept in."""

import re
import struct

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MOST_SECTORS = 4096
_FREE = 0xFFFFFFFA
# The stream that every VBA project has (MS-OVBA 2.2.1), as a directory entry spells it; entries lie at 128 bytes.
_VBA = re.compile(re.escape("_VBA_PROJECT\0".encode("utf-16-le")), re.IGNORECASE)
_BY_STREAM = (
    ("encryptedpackage", "office-password"),
    ("worddocument", "doc"),
    ("workbook", "xls"),
    ("book", "xls"),
    ("powerpoint document", "ppt"),
    ("__properties_version1.0", "msg"),
)


def look(source: Source, head: bytes) -> FileType | None:
    """Return what a compound file holds, by the streams in its directory; None when it is none."""
    if head[:8] != MAGIC:
        return None
    names = streams(source, head)
    return of_code(next((code for name, code in _BY_STREAM if name in names), "ole-other"))


def holds_macros(data: bytes) -> bool:
    """Return whether the compound file in `data` has a VBA project in its directory."""
    return data.startswith(MAGIC) and any(found.start() % 128 == 0 for found in _VBA.finditer(data))


def streams(source: Source, head: bytes) -> set[str]:
    """Return the names of streams and storages in small letters, as far as the directory can be followed."""
    if len(head) < 512:
        return set()
    shift, sector = struct.unpack_from("<H", head, 30)[0], struct.unpack_from("<I", head, 48)[0]
    if shift not in (9, 12):
        return set()
    fat_sectors = struct.unpack_from("<109I", head, 76)
    names: set[str] = set()
    for _number in range(_MOST_SECTORS):
        if sector >= _FREE:
            break
        names.update(_names(source.read((sector + 1) << shift, 1 << shift)))
        sector = _next(source, fat_sectors, sector, shift)
    return names


def _names(sector: bytes) -> list[str]:
    found = []
    for at in range(0, len(sector) - 127, 128):
        length = min(64, struct.unpack_from("<H", sector, at + 64)[0])
        found.append(sector[at : at + max(0, length - 2)].decode("utf-16-le", "replace").lower())
    return found


def _next(source: Source, fat_sectors: tuple[int, ...], sector: int, shift: int) -> int:
    """Return the sector that follows, by the allocation table (2.3); the end when the table is not that long."""
    which, at = divmod(sector, (1 << shift) // 4)
    if which >= len(fat_sectors) or fat_sectors[which] >= _FREE:
        return _FREE
    found = source.read(((fat_sectors[which] + 1) << shift) + 4 * at, 4)
    return int.from_bytes(found, "little") if len(found) == 4 else _FREE
