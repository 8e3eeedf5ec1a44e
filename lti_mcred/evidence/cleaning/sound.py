"""MP3 and AAC (ID3, APE and Lyrics3 tags around the sound), FLAC (RFC 9639) and AIFF."""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import mapped
from lti_mcred.evidence.formats.mpeg import Frame, frame

_MOST_TAGS = 1000
_PIECE = 1 << 20
_FLAC_KEPT = (0, 3)  # STREAMINFO, SEEKTABLE
_AIFF_KEPT = frozenset({b"COMM", b"SSND", b"FVER", b"MARK", b"INST"})


def clean_frames(source: Path, target: Path) -> None:
    """Write MP3 or AAC frames without the tags before and behind them."""
    with mapped(source) as data:
        start, end = 0, len(data)
        for _tag in range(_MOST_TAGS):
            before, after = _tag_at_start(data[start : start + 32]), _tag_at_end(data, start, end)
            if not before and not after:
                break
            start, end = min(start + before, end), max(end - after, start)
        frames = list(_frames(data, start, end))
        if not frames:
            raise CannotClean("damaged")
        with target.open("wb") as file:
            for begin, stop in frames:
                _pieces(data, begin, stop, file)


def _frames(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where frames follow each other; between them, before and behind them may stand anything."""
    place, shared, begun = start, None, start
    while place < end:
        here = frame(data[place : min(place + 8, end)])
        if here is not None and (here.shared == shared or _followed(data, place, here, end)):
            shared, place = here.shared, min(place + here.length, end)
            continue
        if place > begun:
            yield begun, place
        found = data.find(b"\xff", place + 1, end)
        place = begun = end if found < 0 else found
        shared = None
    if place > begun:
        yield begun, place


def _followed(data: mmap.mmap, place: int, here: Frame, end: int) -> bool:
    behind = place + here.length
    following = frame(data[behind : min(behind + 8, end)])
    return behind == end or (following is not None and following.shared == here.shared)


def _tag_at_start(head: bytes) -> int:
    """Return the length of a tag that begins here: ID3v2 (id3.org, 3.1: 7 bits a byte) or APEv2 with its header."""
    if head[:3] == b"ID3" and len(head) >= 10:
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return 10 + size + (10 if head[5] & 0x10 else 0)
    if head[:8] == b"APETAGEX" and len(head) >= 32:
        return 32 + int.from_bytes(head[12:16], "little")
    return 0


def _tag_at_end(data: mmap.mmap, start: int, end: int) -> int:
    """Return the length of a tag that ends here: ID3v1 with its extension, APE, Lyrics3, a copy of ID3v2's header."""
    if data[max(start, end - 128) : end][:3] == b"TAG" and end - start >= 128:
        extended = end - start >= 355 and data[end - 355 : end - 351] == b"TAG+"
        return 355 if extended else 128
    foot = bytes(data[max(start, end - 32) : end])
    if foot[:8] == b"APETAGEX" and len(foot) == 32:
        header = 32 if int.from_bytes(foot[20:24], "little") & 0x80000000 else 0
        return int.from_bytes(foot[12:16], "little") + header
    if foot[-9:] == b"LYRICS200" and foot[-15:-9].isdigit():
        return int(foot[-15:-9]) + 15
    if foot[-9:] == b"LYRICSEND":
        place = bytes(data[max(start, end - 5200) : end]).rfind(b"LYRICSBEGIN")
        return end - max(start, end - 5200) - place if place >= 0 else 9
    if foot[-10:-7] == b"3DI":
        size = foot[-4] << 21 | foot[-3] << 14 | foot[-2] << 7 | foot[-1]
        return size + 20
    near = data.rfind(b"ID3", max(start, end - _PIECE), end)  # one that somebody put at the end all the same
    return end - near if near >= 0 and near + _tag_at_start(data[near : near + 10]) == end else 0


def clean_flac(source: Path, target: Path) -> None:
    """Write a FLAC file with what is needed to play it: no comments, pictures, cue sheets, no tags around it.

    Raises CannotClean: damaged, or large with a thousand tags behind it.
    """
    with mapped(source) as data:
        start = 0
        while (tag := _tag_at_start(data[start : start + 32])) and start < len(data):
            start += tag
        if data[start : start + 4] != b"fLaC":
            raise CannotClean("damaged")
        place, kept, last = start + 4, [], False
        while not last:
            head = data[place : place + 4]
            if len(head) < 4:
                raise CannotClean("damaged")
            last, kind, end = bool(head[0] & 0x80), head[0] & 0x7F, place + 4 + int.from_bytes(head[1:4], "big")
            if kind in _FLAC_KEPT:
                kept.append(bytes([kind]) + data[place + 1 : end])
            place = end
        if not kept or place > len(data):
            raise CannotClean("damaged")
        kept[-1] = bytes([kept[-1][0] | 0x80]) + kept[-1][1:]
        end = len(data)
        for _tag in range(_MOST_TAGS):
            after = _tag_at_end(data, place, end)
            if not after:
                break
            end = max(end - after, place)
        else:
            raise CannotClean("large")
        _copy(data, place, end, target, b"fLaC" + b"".join(kept))


def clean_aiff(source: Path, target: Path) -> None:
    """Write an AIFF file without names, authors, annotations and tags."""
    with mapped(source) as data:
        if data[:4] != b"FORM" or data[8:12] not in (b"AIFF", b"AIFC"):
            raise CannotClean("damaged")
        kept = [data[8:12]]
        place, whole = 12, min(len(data), 8 + int.from_bytes(data[4:8], "big"))
        while place + 8 <= whole:
            size = int.from_bytes(data[place + 4 : place + 8], "big")
            end = place + 8 + size + size % 2
            if data[place : place + 4] in _AIFF_KEPT:
                kept.append(data[place : min(end, whole)])
            place = end
        body = b"".join(kept)
        target.write_bytes(b"FORM" + len(body).to_bytes(4, "big") + body)


def _copy(data: mmap.mmap, start: int, end: int, target: Path, head: bytes = b"") -> None:
    with target.open("wb") as file:
        file.write(head)
        _pieces(data, start, end, file)


def _pieces(data: mmap.mmap, start: int, end: int, file: IO[bytes]) -> None:
    for place in range(start, end, _PIECE):
        file.write(data[place : min(place + _PIECE, end)])
