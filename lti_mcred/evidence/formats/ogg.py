"""Ogg (RFC 3533): the first page of each stream says what it holds."""

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.source import Source

_MOST_STREAMS = 64
_SOUND = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ", b"PCM     ")
_FILM = (b"\x80theora", b"BBCD\0", b"OVP80", b"\x01video\0", b"\x80daala")
_BEGINS = 0x02


def look(source: Source, head: bytes) -> FileType | None:
    """Return what an Ogg file holds: film when one of its streams is one, else sound; None when it is no Ogg file."""
    if head[:5] != b"OggS\0" or not head[5:6] or not head[5] & _BEGINS:
        return None
    found = _first_packets(source)
    if any(packet.startswith(_FILM) for packet in found):
        return of_code("ogg-film")
    if any(packet.startswith(_SOUND) for packet in found):
        return of_code("ogg-sound")
    return of_code("recording-empty") if found else None


def _first_packets(source: Source) -> list[bytes]:
    """Return the beginning of each stream's first packet: the pages that begin one stand before all others."""
    found: list[bytes] = []
    place = 0
    while len(found) < _MOST_STREAMS:
        page = source.read(place, 27 + 255)
        if len(page) < 28 or page[:5] != b"OggS\0" or not page[5] & _BEGINS:
            break
        lacing = page[27 : 27 + page[26]]
        body = place + 27 + page[26]
        found.append(source.read(body, min(32, sum(lacing))))
        place = body + sum(lacing)
    return [packet for packet in found if packet]
