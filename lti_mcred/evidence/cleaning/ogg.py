"""Ogg (RFC 3533) with Vorbis, Opus, Theora, Speex or FLAC: comments are emptied where they stand.

The comment packet keeps its length (its vendor becomes blanks), so that no page moves; pages that changed get their
checksum anew.
"""

from dataclasses import dataclass, field
from pathlib import Path

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import Patch, patching

_FIRST_OF_STREAM = 0x02
# The first packet of a stream -> (how its comment packet begins, bytes behind the comments).
_CODECS = (
    (b"\x01vorbis", b"\x03vorbis", 1),
    (b"OpusHead", b"OpusTags", 0),
    (b"\x80theora", b"\x81theora", 0),
    (b"Speex   ", b"", 0),
    (b"OVP80\x01", b"OVP80\x02 ", 0),
)
_FLAC = b"\x7fFLAC"
_PADDING, _FLAC_KEPT = 1, (0, 1, 3)  # STREAMINFO, PADDING, SEEKTABLE
_SILENT = (b"fishead\0", b"fisbone\0")
_LONGEST_HEADER = 16 * 1024 * 1024


Page = tuple[int, int]


@dataclass
class _Stream:
    """One logical stream: its first packet, how many came, and the one under way as (place, length, page)."""

    first: bytes = b""
    packets: int = 0
    spans: list[tuple[int, int, Page]] = field(default_factory=list)
    done: bool = False


def clean(source: Path, target: Path) -> None:
    """Write a copy without comments. Raises CannotClean for streams of a kind whose comments we do not know."""
    with patching(source, target) as file:
        changed: set[Page] = set()
        streams: dict[int, _Stream] = {}
        place = 0
        while place < file.size:
            place = _clean_page(file, place, streams, changed)
        for start, end in sorted(changed):
            file.write(start + 22, b"\0\0\0\0")
            file.write(start + 22, _checksum(file.read(start, end)).to_bytes(4, "little"))


def _clean_page(file: Patch, start: int, streams: dict[int, _Stream], changed: set[Page]) -> int:
    head = file.read(start, start + 27)
    laces = file.read(start + 27, start + 27 + head[26]) if len(head) == 27 else b""
    body = start + 27 + len(laces)
    end = body + sum(laces)
    if head[:4] != b"OggS" or end > file.size:
        if not start:
            raise CannotClean("damaged")
        file.fill(start, file.size)  # cut off on the way
        return file.size
    serial = int.from_bytes(head[14:18], "little")
    if head[5] & _FIRST_OF_STREAM:
        streams[serial] = _Stream()
    stream = streams.setdefault(serial, _Stream(done=True))
    for lace in laces:
        if stream.done:
            break
        stream.spans.append((body, lace, (start, end)))
        body += lace
        if lace < 255:
            _packet(file, stream, changed)
            stream.packets += 1
            stream.spans = []
    return end


def _packet(file: Patch, stream: _Stream, changed: set[Page]) -> None:
    """Empty a packet of comments; note when a stream has no more of them."""
    packet = b"".join(file.read(place, place + length) for place, length, _page in stream.spans)
    if len(packet) > _LONGEST_HEADER:
        raise CannotClean("large")
    if stream.packets == 0:
        stream.first = packet
        stream.done = packet.startswith(_SILENT)
        return
    if stream.first.startswith(_FLAC):
        emptied = _flac_block(packet)
        stream.done = bool(packet[:1] and packet[0] & 0x80) or packet[:1] == b"\xff"
    else:
        emptied = _comments(stream.first, packet)
        stream.done = True
    if emptied == packet:
        return
    place = 0
    for start, length, page in stream.spans:
        file.write(start, emptied[place : place + length])
        changed.add(page)
        place += length


def _comments(first: bytes, packet: bytes) -> bytes:
    """Return a packet of the same length with a vendor of blanks and no comment (Vorbis I, section 5)."""
    for begins, magic, behind in _CODECS:
        if first.startswith(begins):
            blanks = len(packet) - len(magic) - 8 - behind
            if not packet.startswith(magic) or blanks < 0:
                raise CannotClean("damaged")
            vendor = blanks.to_bytes(4, "little") + b" " * blanks
            return magic + vendor + b"\0\0\0\0" + b"\x01" * behind
    raise CannotClean("kind")


def _flac_block(packet: bytes) -> bytes:
    if packet[:1] == b"\xff" or not packet or packet[0] & 0x7F in _FLAC_KEPT:
        return packet
    return bytes([packet[0] & 0x80 | _PADDING]) + packet[1:4] + b"\0" * (len(packet) - 4)


def _table() -> list[int]:
    table = []
    for number in range(256):
        value = number << 24
        for _bit in range(8):
            value = value << 1 ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return table


_TABLE = _table()


def _checksum(page: bytes) -> int:
    """Return the checksum of a page (RFC 3533, section 6: CRC-32 with polynomial 0x04c11db7, nothing reflected)."""
    value = 0
    for sign in page:
        value = value << 8 & 0xFFFFFFFF ^ _TABLE[value >> 24 ^ sign]
    return value
