"""RIFF (Microsoft, 1991), RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088), and their big-endian elder, IFF: AIFF."""

import struct
from collections.abc import Iterator

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_MOST_CHUNKS = 4096
_WEBP_FIRST = frozenset({b"VP8 ", b"VP8L", b"VP8X"})
_OTHERS = {b"ACON": "picture-other", b"RMID": "sound-other", b"sfbk": "sound-other", b"CDXA": "film-other"}


def look(source: Source, head: bytes) -> FileType | None:
    """Return what a RIFF or IFF file is; None when it is neither, or its chunks do not follow."""
    if head[:4] in (b"RIFF", b"RF64", b"BW64"):
        return _riff(source, head)
    if head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"):
        found = any(kind == b"COMM" for kind, _body, _size in chunks(source, 12, ">I"))
        return of_code("aiff" if found else "recording-broken")
    return None


def chunks(source: Source, start: int, order: str = "<I") -> Iterator[tuple[bytes, int, int]]:
    """Yield (type, place of its content, size in bytes) of the chunks from `start`, 4096 at most."""
    place = start
    for _number in range(_MOST_CHUNKS):
        head = source.read(place, 8)
        if len(head) < 8:
            return
        kind, (size,) = head[:4], struct.unpack_from(order, head, 4)
        if not all(0x20 <= sign < 0x7F for sign in kind):
            return
        yield kind, place + 8, size
        place += 8 + size + size % 2


def _riff(source: Source, head: bytes) -> FileType | None:
    form = head[8:12]
    first = next(chunks(source, 12), None)
    if first is None:
        return None
    if form == b"WEBP":
        return of_code("webp") if head[:4] == b"RIFF" and first[0] in _WEBP_FIRST else None
    if form == b"WAVE":
        whole = {kind for kind, _body, _size in chunks(source, 12)} >= {b"fmt ", b"data"}
        return of_code("wav" if whole else "recording-broken")
    if form == b"AVI ":
        return _avi(source)
    return of_code(_OTHERS[form]) if form in _OTHERS else None


def _avi(source: Source) -> FileType:
    """The header list holds a list for each stream, which begins with its header: vids, auds, txts, mids."""
    streams: set[bytes] = set()
    for kind, body, _size in chunks(source, 12):
        if kind == b"LIST" and source.read(body, 4) == b"hdrl":
            for inner, inner_body, _inner_size in chunks(source, body + 4):
                if inner == b"LIST" and source.read(inner_body, 12)[:8] == b"strlstrh":
                    streams.add(source.read(inner_body + 12, 4))
            break
    if b"vids" in streams or b"iavs" in streams:
        return of_code("avi")
    return of_code("sound-other" if b"auds" in streams else "recording-broken")
