"""Reading ZIP archives (APPNOTE 6.3.10) within bounds: the end record is asked before anything is listed or unpacked.

One reading only: where two programs could see different contents (records that do not meet, other methods than
stored and deflated), the archive is called damaged.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from lti_mcred.evidence.formats.source import Source

MOST_ENTRIES = 20_000
_LARGEST_DIRECTORY = 4 * 1024 * 1024
_LARGEST_COMMENT = 65_535
_MOST_UNPACKED = 256 * 1024 * 1024
_PIECE = 64 * 1024
_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _UTF_8 = 0x0001, 0x0800


class ZipDamaged(ValueError):
    """The archive is not whole, or cannot be read in one way only."""


class ZipTooLarge(ValueError):
    """The archive holds more entries, or unpacks to more bytes, than are looked through."""


@dataclass(frozen=True)
class Entry:
    """A file of the archive. `packed` and `size` in bytes, `offset` of its local header."""

    name: str
    method: int
    flags: int
    packed: int
    size: int
    offset: int

    @property
    def encrypted(self) -> bool:
        """Whether its content asks for a password."""
        return bool(self.flags & _ENCRYPTED)


class Archive:
    """An archive whose directory was read. What it unpacks in all is counted."""

    def __init__(self, source: Source) -> None:
        """Read the directory. Raises ZipDamaged or ZipTooLarge."""
        self._source = source
        self._unpacked = 0
        self.entries = _entries(source, *_directory(source))
        self._named: dict[str, list[Entry]] = {}
        for entry in self.entries:
            self._named.setdefault(entry.name.lower(), []).append(entry)

    def names(self) -> list[str]:
        """Return the names in the order of the directory, with / between folders."""
        return [entry.name for entry in self.entries]

    def find(self, name: str) -> Entry | None:
        """Return the one entry of that name, whatever its case. Raises ZipDamaged when there are two."""
        found = self._named.get(name.lower(), [])
        if len(found) > 1:
            raise ZipDamaged(name)
        return found[0] if found else None

    def head(self, entry: Entry, most: int) -> bytes:
        """Return the first `most` bytes of an entry; b"" when it is encrypted or cannot be unpacked."""
        if entry.encrypted:
            return b""
        taken = b""
        try:
            for piece in self._pieces(entry, _PIECE if most > 512 else 512):
                taken += piece[: most - len(taken)]
                if len(taken) >= most:
                    break
        except ZipDamaged:
            return taken
        return taken

    def read(self, entry: Entry, most: int) -> bytes:
        """Return an entry's content. Raises ZipTooLarge beyond `most` bytes, ZipDamaged when it cannot be unpacked."""
        if entry.encrypted:
            raise ZipDamaged(entry.name)
        taken: list[bytes] = []
        size = 0
        for piece in self._pieces(entry, _PIECE):
            size += len(piece)
            if size > most:
                raise ZipTooLarge(entry.name)
            taken.append(piece)
        return b"".join(taken)

    def _pieces(self, entry: Entry, step: int) -> Iterator[bytes]:
        local = self._source.read(entry.offset, 30)
        if local[:4] != b"PK\x03\x04" or len(local) < 30:
            raise ZipDamaged(entry.name)
        name_length, extra_length = struct.unpack_from("<HH", local, 26)
        place = entry.offset + 30 + name_length + extra_length
        left = entry.packed
        unpacker = zlib.decompressobj(-15) if entry.method == _DEFLATED else None
        if unpacker is None and entry.method != _STORED:
            raise ZipDamaged(entry.name)
        while left > 0:
            packed = self._source.read(place, min(step, left))
            if not packed:
                raise ZipDamaged(entry.name)
            place, left = place + len(packed), left - len(packed)
            while packed:
                piece, packed = _unpack(unpacker, packed, step)
                self._count(piece, entry)
                yield piece
            if unpacker is not None and unpacker.eof:
                return
        while unpacker is not None and (piece := _unpack(unpacker, b"", step)[0]):  # what it still held back
            self._count(piece, entry)
            yield piece

    def _count(self, piece: bytes, entry: Entry) -> None:
        self._unpacked += len(piece)
        if self._unpacked > _MOST_UNPACKED:
            raise ZipTooLarge(entry.name)


def _unpack(unpacker: "zlib._Decompress | None", packed: bytes, most: int) -> tuple[bytes, bytes]:
    """Return at most `most` bytes and what of `packed` is left for the next call."""
    if unpacker is None:
        return packed, b""
    try:
        piece = unpacker.decompress(packed, most)
    except zlib.error as error:
        raise ZipDamaged(str(error)) from error
    return piece, b"" if unpacker.eof else unpacker.unconsumed_tail


def _directory(source: Source) -> tuple[int, int, int]:
    """Return place, size in bytes and number of entries of the central directory, as the end record says."""
    start = max(0, source.size - 22 - _LARGEST_COMMENT)
    tail = source.read(start, 22 + _LARGEST_COMMENT)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise ZipDamaged("no end record")
    number, size, place = struct.unpack_from("<HII", tail, at + 10)
    end = start + at
    locator = source.read(end - 20, 20) if end >= 20 else b""
    if locator[:4] == _LOCATOR_64:
        (end,) = struct.unpack_from("<Q", locator, 8)
        record = source.read(end, 56)
        if record[:4] != _END_64 or len(record) < 56:
            raise ZipDamaged("no end record of 64 bits")
        number, size, place = struct.unpack_from("<QQQ", record, 32)
    if number > MOST_ENTRIES or size > _LARGEST_DIRECTORY:
        raise ZipTooLarge(number)
    if place + size > end:
        raise ZipDamaged("the directory is not where the end record says")
    return place, size, number


def _entries(source: Source, place: int, size: int, number: int) -> tuple[Entry, ...]:
    data = source.read(place, size)
    found: list[Entry] = []
    at = 0
    while at + 46 <= len(data) and data[at : at + 4] == b"PK\x01\x02":
        flags, method = struct.unpack_from("<HH", data, at + 8)
        packed, whole, name_length, extra_length, comment_length = struct.unpack_from("<IIHHH", data, at + 20)
        (offset,) = struct.unpack_from("<I", data, at + 42)
        raw = data[at + 46 : at + 46 + name_length]
        extra = data[at + 46 + name_length : at + 46 + name_length + extra_length]
        whole, packed, offset = _of_64_bits(extra, whole, packed, offset)
        name = raw.decode("utf-8" if flags & _UTF_8 else "cp437", "replace").replace("\\", "/").lstrip("/")
        found.append(Entry(name, method, flags, packed, whole, offset))
        at += 46 + name_length + extra_length + comment_length
    if at != len(data) or len(found) != number:
        raise ZipDamaged("the directory does not hold what the end record says")
    return tuple(found)


def _of_64_bits(extra: bytes, *values: int) -> tuple[int, ...]:
    """Return size, packed size and offset, those that say FFFFFFFF from the extra field (4.5.3)."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            more = [int.from_bytes(extra[i : i + 8], "little") for i in range(at + 4, at + 4 + length - 7, 8)]
            return tuple(more.pop(0) if value == 0xFFFFFFFF and more else value for value in values)
        at += 4 + length
    return values
