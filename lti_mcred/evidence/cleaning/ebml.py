"""Matroska and WebM (RFC 8794, RFC 9559): tags, titles, attachments, dates and names of tracks become Void."""

from collections.abc import Iterator
from dataclasses import dataclass

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import PieceByPiece

_SEGMENT, _CLUSTER, _INFO, _TRACKS, _TRACK = 0x18538067, 0x1F43B675, 0x1549A966, 0x1654AE6B, 0xAE
_SEEK, _CUES, _CHAPTERS, _TAGS, _ATTACHMENTS = 0x114D9B74, 0x1C53BB6B, 0x1043A770, 0x1254C367, 0x1941A469
_HEADER, _VOID, _CRC = 0x1A45DFA3, 0xEC, 0xBF
_AT_TOP = frozenset({_CLUSTER, _INFO, _TRACKS, _SEEK, _CUES, _CHAPTERS, _TAGS, _ATTACHMENTS, _HEADER, _SEGMENT})
_OPENED = frozenset({_SEGMENT, _INFO, _TRACKS, _TRACK})
# Tags, Attachments; Title, DateUTC, names of this file and its neighbours; names of tracks and codecs.
_GONE = frozenset({_TAGS, _ATTACHMENTS, 0x7BA9, 0x4461, 0x7384, 0x3C83AB, 0x3E83BB, 0x536E, 0x258688, _CRC})
# MuxingApp and WritingApp have to be there.
_EMPTIED = frozenset({0x4D80, 0x5741})


@dataclass(frozen=True)
class Element:
    """`start`: of its id; `body`: of its content; `end`. `open`: its size was not known when it was written."""

    id: int
    start: int
    body: int
    end: int
    open: bool


class Cleaner(PieceByPiece):
    """Cleans Matroska and WebM."""

    most = 500_000

    def run(self) -> None:
        """Clean the EBML header and the first segment; whatever stands behind the segment is filled with zeros."""
        begun = False
        for one in self.elements(0, self.file.size):
            if begun and one.id not in (_HEADER, _SEGMENT, _VOID):
                self.file.fill(one.start, self.file.size)  # behind the recording
                return
            begun = begun or one.id == _SEGMENT
            self.walk(one.start, one.end)

    def walk(self, start: int, end: int, *, of_segment: bool = False) -> None:
        """Clean the elements between two places, and those inside the ones that are opened.

        `of_segment`: they are a segment's own, where only the elements of RFC 9559, 5.1 may stand; others become Void.
        """
        for one in self.elements(start, end):
            if one.id in _GONE or (of_segment and one.id not in _AT_TOP and one.id != _VOID):
                self.void(one)
            elif one.id == _VOID:
                self.file.fill(one.body, one.end)
            elif one.id in _EMPTIED:
                self.file.fill(one.body, one.end, b" ")
            elif one.id in _OPENED:
                self.walk(one.body, one.end, of_segment=one.id == _SEGMENT)

    def elements(self, start: int, end: int) -> Iterator[Element]:
        """Yield the elements between two places. A cluster without a size ends where the next of its level begins.

        Raises CannotClean: damaged.
        """
        place = start
        while place < end:
            one = self.element(place, end)
            if one.open and one.id != _SEGMENT:  # only clusters of a live recording are written so
                one = Element(one.id, one.start, one.body, self.end_of_open(one, end), open=True)
            yield one
            place = one.end

    def end_of_open(self, one: Element, end: int) -> int:
        """Return where a cluster of unknown size ends (RFC 8794, 6.2). Raises CannotClean for any other element."""
        if one.id != _CLUSTER:
            raise CannotClean("damaged")
        place = one.body
        while place < end:
            inner = self.element(place, end)
            if inner.id in _AT_TOP:
                return place
            place = inner.end
        return end

    def element(self, place: int, end: int) -> Element:
        """Return the element that begins at `place`; one that says it is longer than the file ends with it.

        Raises CannotClean: damaged, where one of the first two elements but a segment or a cluster is too long.
        """
        self.count()
        id_length = self.length(place, 4)
        size_length = self.length(place + id_length, 8)
        body = place + id_length + size_length
        ones = (1 << 7 * size_length) - 1
        size = self.file.number(place + id_length, size_length) & ones
        unknown = size == ones
        if not unknown and body + size > end:
            if self.file.number(place, id_length) not in (_CLUSTER, _SEGMENT) and self.seen < 3:
                raise CannotClean("damaged")
            size = end - body  # cut off on the way
        return Element(self.file.number(place, id_length), place, body, end if unknown else body + size, unknown)

    def length(self, place: int, most: int) -> int:
        """Return how many bytes the number at `place` takes, which its first bits say (RFC 8794, 4).

        `most` is 4 for an id and 8 for a size. Raises CannotClean: damaged, for more.
        """
        length = 9 - self.file.number(place, 1).bit_length()
        if not 0 < length <= most:
            raise CannotClean("damaged")
        return length

    def void(self, one: Element) -> None:
        """Write a Void element of the same length: its id, a size of as many bytes as it takes, zeros."""
        whole = one.end - one.start
        for width in range(1, 9):
            size = whole - 1 - width
            if 0 <= size < (1 << 7 * width) - 1:
                head = bytes([_VOID]) + (size | 1 << 7 * width).to_bytes(width, "big")
                self.file.write(one.start, head)
                self.file.fill(one.start + len(head), one.end)
                return
        raise CannotClean("damaged")
