"""GIF (87a, 89a): comments, XMP and other application data go; the loop of an animation stays."""

from pathlib import Path

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import mapped

_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
_IMAGE, _EXTENSION, _END = 0x2C, 0x21, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = 0xF9, 0xFF


def clean(source: Path, target: Path) -> None:
    """Write a copy without comments, and without what stands behind its end. Raises CannotClean."""
    with mapped(source) as data:
        target.write_bytes(cleaned(data[:]))


def cleaned(data: bytes) -> bytes:
    """Return the picture without comments. Raises CannotClean."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 13:
        raise CannotClean("damaged")
    place = 13 + _colours(data[10])
    pieces = [data[:place]]
    while place < len(data) and data[place] != _END:
        end, kept = _block(data, place)
        if kept:
            pieces.append(data[place:end])
        place = end
    return b"".join([*pieces, bytes([_END])])


def _block(data: bytes, place: int) -> tuple[int, bool]:
    """Return where a block ends, and whether it stays."""
    if data[place] == _IMAGE and place + 10 <= len(data):
        return _data_blocks(data, place + 11 + _colours(data[place + 9])), True
    if data[place] != _EXTENSION or place + 2 >= len(data):
        raise CannotClean("damaged")
    kind, end = data[place + 1], _data_blocks(data, place + 2)
    if kind == _APPLICATION:
        # One block of three bytes: how often; more blocks may hold anything.
        loops = end == place + 19 and data[place + 14 : place + 16] == b"\3\1"
        return end, loops and data[place + 3 : place + 14] in _LOOPS
    return end, kind == _GRAPHIC_CONTROL


def _data_blocks(data: bytes, place: int) -> int:
    """Return where a chain of data blocks ends: a length and as many bytes each, the last one of length 0."""
    while place < len(data) and (length := data[place]):
        place += 1 + length
    return min(place + 1, len(data))


def _colours(flags: int) -> int:
    """Return the bytes of the colour table that these flags announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
