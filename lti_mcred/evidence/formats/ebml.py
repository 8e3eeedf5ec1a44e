"""Matroska and WebM (RFC 8794, RFC 9559): the document type, and what the tracks are."""

from collections.abc import Iterator
from dataclasses import dataclass

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

MAGIC = b"\x1aE\xdf\xa3"
_MOST_ELEMENTS = 20_000
_DOC_TYPE, _SEGMENT, _TRACKS, _TRACK, _TRACK_TYPE = 0x4282, 0x18538067, 0x1654AE6B, 0xAE, 0x83
_FILM, _SOUND = 1, 2


@dataclass(frozen=True)
class Element:
    """An element: its id, where its content begins and ends; `open` when its size was not known when it was written."""

    id: int
    body: int
    end: int
    open: bool = False


def elements(source: Source, start: int, end: int) -> Iterator[Element]:
    """Yield the elements between two places. One of unknown size reaches to the end and is the last."""
    place = start
    for _number in range(_MOST_ELEMENTS):
        head = source.read(place, 12)
        id_length = _length(head[:1], 4)
        size_length = _length(head[id_length : id_length + 1], 8) if id_length else 0
        if not size_length or len(head) < id_length + size_length or place >= end:
            return
        ones = (1 << (7 * size_length)) - 1
        size = int.from_bytes(head[id_length : id_length + size_length]) & ones
        body = place + id_length + size_length
        unknown = size == ones
        place = end if unknown else body + size
        yield Element(int.from_bytes(head[:id_length]), body, min(place, end), unknown)


def look(source: Source, head: bytes) -> FileType | None:
    """Return what a Matroska or WebM file holds; None when it is neither."""
    if head[:4] != MAGIC:
        return None
    top = elements(source, 0, source.size)
    header = next(top, None)
    if header is None:
        return None
    web = _doc_type(source, header)
    if web is None:
        return None
    segment = next((one for one in top if one.id == _SEGMENT), None)
    types = _track_types(source, segment) if segment else set()
    if _FILM in types:
        return of_code("webm" if web else "mkv")
    if _SOUND in types:
        return of_code("webm-sound" if web else "mka")
    return of_code("recording-broken")


def _doc_type(source: Source, header: Element) -> bool | None:
    """Return whether the document type is WebM (else Matroska, which is what it is when unsaid); None for others."""
    for one in elements(source, header.body, header.end):
        if one.id == _DOC_TYPE:
            said = source.read(one.body, min(32, one.end - one.body)).rstrip(b"\0")
            return {b"webm": True, b"matroska": False}.get(said)
    return False


def _track_types(source: Source, segment: Element) -> set[int]:
    found: set[int] = set()
    tracks = next((one for one in elements(source, segment.body, segment.end) if one.id == _TRACKS), None)
    for track in elements(source, tracks.body, tracks.end) if tracks else ():
        if track.id == _TRACK:
            for one in elements(source, track.body, track.end):
                if one.id == _TRACK_TYPE:
                    found.add(int.from_bytes(source.read(one.body, min(8, one.end - one.body))))
    return found


def _length(first: bytes, most: int) -> int:
    """Return how many bytes a number of variable length has, by its first one; 0 when it is none."""
    length = 9 - first[0].bit_length() if first else 0
    return length if 0 < length <= most else 0
