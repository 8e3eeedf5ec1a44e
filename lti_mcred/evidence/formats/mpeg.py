"""MPEG sound: MP3 and its elders (ISO/IEC 11172-3, 13818-3), AAC in ADTS (13818-7), ID3v2 tags before either."""

from dataclasses import dataclass

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_SEARCHED = 256 * 1024  # behind a tag; some programs leave room there
_MOST_TAGS = 8
_NEAR = 4096  # more than the longest frame
_IN_A_ROW = 4
# Kilobits a second by index, for MPEG 1 layers I, II, III, then MPEG 2 and 2.5 layer I, and layers II and III.
_RATES = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SAMPLES = (44_100, 48_000, 32_000)
_ENDS = (b"TAG", b"APE", b"LYR", b"ID3")


@dataclass(frozen=True)
class Frame:
    """A frame's header: what all frames of a file share, and the length of this one in bytes."""

    code: str
    shared: tuple[int, ...]
    length: int


def look(source: Source, head: bytes) -> FileType | None:
    """Return the sound in the file; None when there is none. A tag must be whole, and sound must follow it."""
    begin = _behind_tags(source)
    if begin == 0:
        return _frames_at(source, 0, wanted=2) if head[:1] == b"\xff" else None
    if begin is None:
        return of_code("recording-broken") if _tag_end(head[:10], 0) else None
    near = source.read(begin, _SEARCHED)
    if near.startswith(b"fLaC"):
        return of_code("flac")
    at = len(near) - len(near.lstrip(b"\0"))
    found = _frames_at(source, begin + at, wanted=1)
    while found is None and (at := near.find(b"\xff", at + 1)) >= 0:
        found = _frames_at(source, begin + at, wanted=2, near=near[at : at + 8])
    return found or of_code("recording-broken")


def look_further(source: Source, head: bytes) -> FileType | None:
    """Return the sound that begins behind other bytes (a recording cut off at its beginning): four frames in a row."""
    at = head.find(b"\xff", 1, _NEAR)
    while at >= 0:
        place, first = at, frame(head[at : at + 8])
        for _number in range(_IN_A_ROW if first else 0):
            here = frame(source.read(place, 8))
            if here is None or first is None or (here.code, here.shared) != (first.code, first.shared):
                break
            place += here.length
        else:
            if first:
                return of_code(first.code)
        at = head.find(b"\xff", at + 1, _NEAR)
    return None


def frame(head: bytes) -> Frame | None:
    """Return the header of a frame of MPEG sound or of AAC; None when it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return _adts(head)
    version = {3: 1, 2: 2, 0: 25}.get(head[1] >> 3 & 3)
    layer, rate, sample = 4 - (head[1] >> 1 & 3), head[2] >> 4, head[2] >> 2 & 3
    if version is None or layer == 4 or rate in (0, 15) or sample == 3 or head[3] & 3 == 2:
        return None
    bits = _RATES[(1, layer) if version == 1 else (2, min(layer, 2))][rate - 1] * 1000
    samples = _SAMPLES[sample] // {1: 1, 2: 2, 25: 4}[version]
    padding = head[2] >> 1 & 1
    if layer == 1:
        length = (12 * bits // samples + padding) * 4
    else:
        length = (72 if layer == 3 and version != 1 else 144) * bits // samples + padding
    return Frame("mp3", (version, layer, sample), length)


def _adts(head: bytes) -> Frame | None:
    if len(head) < 7 or head[2] >> 2 & 15 > 12:
        return None
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return Frame("aac", (head[1] & 8, head[2] >> 2), length) if length > 7 else None


def _frames_at(source: Source, place: int, *, wanted: int, near: bytes = b"") -> FileType | None:
    """Return the type of the frames from `place`: `wanted` in a row, or one that ends with the sound."""
    first = frame(near or source.read(place, 8))
    if first is None:
        return None
    after = source.read(place + first.length, 8)
    if wanted == 1 or (not after and place + first.length == source.size) or after.startswith(_ENDS):
        return of_code(first.code)
    second = frame(after)
    follows = second is not None and (second.code, second.shared) == (first.code, first.shared)
    return of_code(first.code) if follows else None


def _behind_tags(source: Source) -> int | None:
    """Return where the ID3v2 tags at the beginning end; None when one is not whole."""
    place = 0
    for _number in range(_MOST_TAGS):
        head = source.read(place, 10)
        if head[:3] != b"ID3":
            break
        place = _tag_end(head, place)
        if not 0 < place < source.size:
            return None
    return place


def _tag_end(head: bytes, place: int) -> int:
    """Return where a tag ends (ID3v2.4, 3.1: sizes of seven bits a byte, a footer where a flag says so); 0 for none."""
    if len(head) < 10 or not 2 <= head[3] <= 4 or head[4] == 0xFF or head[5] & 0x0F or max(head[6:10]) >= 0x80:
        return 0
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return place + 10 + size + (10 if head[5] & 0x10 else 0)
