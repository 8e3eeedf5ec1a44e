"""ISO base media files (ISO/IEC 14496-12) and QuickTime: brands say picture or film, tracks say film or sound."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_MOST_BRANDS = 64
_MOST_TRACKS = 256
# HEIF (ISO/IEC 23008-12, annex B and E), AVIF (v1.1.0, section 8): stills, and sequences of them.
_AVIF = frozenset({b"avif", b"avis", b"avio"})
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis"})
_HEIC_SEQUENCE = frozenset({b"hevc", b"hevx", b"hevm", b"hevs"})
_HEIF = frozenset({b"mif1", b"mif2", b"mif3", b"miaf"})
_HEIF_SEQUENCE = frozenset({b"msf1"})
_PICTURES = _AVIF | _HEIC | _HEIC_SEQUENCE | _HEIF | _HEIF_SEQUENCE
_REFUSED = {
    b"crx ": "raw-picture",
    b"jxl ": "jpeg-xl",
    **dict.fromkeys((b"jp2 ", b"jpx ", b"jpm ", b"jph ", b"mjp2"), "jpeg-2000"),
}
_SOUND_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "})
_STILL_CODECS = frozenset({b"jpeg", b"png ", b"mjpg"})
# Boxes with which QuickTime files begin that have no `ftyp` (QuickTime File Format, "Movie files").
_QUICKTIME_FIRST = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"uuid", b"PICT", b"junk"})
_SIGNATURES = {b"jP  \r\n\x87\n": "jpeg-2000", b"JXL \r\n\x87\n": "jpeg-xl"}


@dataclass(frozen=True)
class Box:
    """A box: its type, where its content begins, and where it ends (within its parent)."""

    kind: bytes
    body: int
    end: int


@dataclass(frozen=True)
class Track:
    """A track: its handler (`vide`, `soun`, `pict`, …) and the first codec of its sample description."""

    handler: bytes
    codec: bytes


def boxes(source: Source, start: int, end: int) -> Iterator[Box]:
    """Yield the boxes between two places; one that runs beyond its parent ends there and is the last."""
    place = start
    while place + 8 <= end:
        head = source.read(place, 16)
        size, kind = struct.unpack_from(">I4s", head)
        body = place + 8
        if size == 1:  # a size of 64 bits follows
            if len(head) < 16:
                return
            (size,), body = struct.unpack_from(">Q", head, 8), place + 16
        elif size == 0:
            size = end - place
        if size < body - place:
            return
        yield Box(kind, body, min(place + size, end))
        place += size


def child(source: Source, parent: Box, *kinds: bytes) -> Box | None:
    """Return the first box on a path of types below `parent`."""
    for kind in kinds:
        found = next((box for box in boxes(source, parent.body, parent.end) if box.kind == kind), None)
        if found is None:
            return None
        parent = found
    return parent


def tracks(source: Source, moov: Box) -> list[Track]:
    """Return the tracks of a movie, 256 at most."""
    found: list[Track] = []
    for trak in boxes(source, moov.body, moov.end):
        if trak.kind != b"trak":
            continue
        if len(found) == _MOST_TRACKS:
            break
        handler, described = (
            child(source, trak, b"mdia", b"hdlr"),
            child(source, trak, b"mdia", b"minf", b"stbl", b"stsd"),
        )
        # hdlr: version and flags, pre_defined, handler_type; stsd: version and flags, count, then the first entry.
        name = source.read(handler.body + 8, 4) if handler else b""
        codec = source.read(described.body + 12, 4) if described else b""
        found.append(Track(name, codec))
    return found


def look(source: Source, head: bytes) -> FileType | None:
    """Return what an ISO base media or QuickTime file is; None when it is neither."""
    if head[:4] == b"\0\0\0\x0c" and head[4:12] in _SIGNATURES:
        return of_code(_SIGNATURES[head[4:12]])
    if head[4:8] == b"ftyp":
        return _with_brands(source)
    if head[4:8] in _QUICKTIME_FIRST:
        moov = _movie(source)
        found = tracks(source, moov) if moov else []
        return _by_tracks(found, b"qt  ") if found else None
    return None


def _with_brands(source: Source) -> FileType | None:
    first = next(boxes(source, 0, source.size), None)
    if first is None or first.end - first.body < 8:
        return None
    said = source.read(first.body, min(first.end - first.body, 8 + 4 * _MOST_BRANDS))
    major = said[:4]
    if not all(0x20 <= sign < 0x7F for sign in major):
        return None
    brands = frozenset(said[at : at + 4] for at in range(8, len(said) - 3, 4))
    if major in _REFUSED:
        return of_code(_REFUSED[major])
    moov = _movie(source)
    found = tracks(source, moov) if moov else []
    heard = any(track.handler == b"soun" for track in found)
    filmed = any(track.handler == b"vide" for track in found)
    if (major in _PICTURES and not heard) or (not (heard or filmed) and brands & _PICTURES):
        sequence = any(track.handler in (b"pict", b"vide") for track in found)
        return _picture_type(major, brands, sequence=sequence)
    return _by_tracks(found, major) if moov else of_code("recording-broken")


def _picture_type(major: bytes, brands: frozenset[bytes], *, sequence: bool) -> FileType:
    """The major brand says what the file is made for; a general one (mif1, msf1, miaf) leaves that to the others."""
    general = _HEIF | _HEIF_SEQUENCE
    named = {major} if major in _PICTURES - general else brands
    if named & _AVIF:
        return of_code("avif")
    if named & (_HEIC | _HEIC_SEQUENCE):
        sequence = sequence or major in _HEIC_SEQUENCE | _HEIF_SEQUENCE
        return of_code("heics" if sequence else "heic")
    return of_code("heifs" if sequence or major in _HEIF_SEQUENCE else "heif")


def _by_tracks(found: list[Track], major: bytes) -> FileType:
    films = [track for track in found if track.handler == b"vide"]
    heard = any(track.handler == b"soun" for track in found)
    if heard and major in _SOUND_BRANDS:  # pictures of chapters and covers are no film
        films = [track for track in films if track.codec not in _STILL_CODECS]
    family = {b"3gp": "3gp", b"3ge": "3gp", b"3gr": "3gp", b"3gs": "3gp", b"3g2": "3g2"}.get(major[:3])
    if films:
        return of_code(family or ("mov" if major == b"qt  " else "mp4"))
    if heard:
        return of_code(f"{family}-sound" if family else "mp4-sound")
    return of_code("recording-empty")


def _movie(source: Source) -> Box | None:
    return next((box for box in boxes(source, 0, source.size) if box.kind == b"moov"), None)
