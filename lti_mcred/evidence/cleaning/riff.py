"""WAV (also RF64) and AVI: chunks of words, dates, programs and places go; what is needed to play it stays."""

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import PieceByPiece

_WHOLE = frozenset({b"RIFF", b"RF64", b"BW64"})
_WAV_KEPT = frozenset({b"fmt ", b"data", b"fact", b"ds64", b"cue ", b"smpl", b"slnt", b"wavl"})
# AVI: lists of headers, streams, frames, and their indexes; "strn" names a stream.
_AVI_LISTS = frozenset({b"hdrl", b"strl", b"movi", b"rec ", b"odml", b"AVIX"})
_AVI_KEPT = frozenset({b"avih", b"strh", b"strf", b"indx", b"idx1", b"dmlh", b"vprp"})
# What may follow sound: by it a recording without sound is told from one whose length was never written.
_BEHIND = _WAV_KEPT | {b"LIST", b"JUNK", b"PEAK", b"bext", b"iXML", b"_PMX", b"id3 ", b"ID3 ", b"cart", b"DISP"}
_UNKNOWN = 0xFFFFFFFF


class Cleaner(PieceByPiece):
    """Makes all chunks that are not needed JUNK of the same length.

    The length of the whole is not asked: a recorder that stopped early never wrote it, and players do without it.
    """

    most = 500_000
    sound = False
    long = 0  # bytes of sound in RF64 (EBU Tech 3306, 3.3), whose chunk `data` says that it does not know

    def run(self) -> None:
        """See PieceByPiece.run."""
        if self.file.read(0, 4) not in _WHOLE or self.file.read(8, 12) not in (b"WAVE", b"AVI "):
            raise CannotClean("damaged")
        self.sound = self.file.read(8, 12) == b"WAVE"
        self.walk(12, self.file.size)

    def end_of(self, place: int, kind: bytes, end: int) -> int:
        """Return where a chunk ends; one whose length was never written, or that was cut off, ends with its parent."""
        size = self.length(place + 4)
        if kind == b"data" and size == _UNKNOWN:
            size = self.long or _UNKNOWN
        frames = kind == b"LIST" and self.file.read(place + 8, place + 12) == b"movi"
        never_written = size == 0 and (
            frames or (kind == b"data" and self.file.read(place + 8, place + 12) not in _BEHIND)
        )
        return end if never_written or size == _UNKNOWN else min(place + 8 + size + size % 2, end)

    def length(self, place: int, width: int = 4) -> int:
        """Return a number of `width` bytes, the least significant first."""
        return int.from_bytes(self.file.read(place, place + width), "little")

    def walk(self, start: int, end: int) -> None:
        """Clean the chunks between two places."""
        place = start
        while place + 8 <= end:
            self.count()
            kind = self.file.read(place, place + 4)
            stop = self.end_of(place, kind, end)
            if kind == b"ds64":
                self.long = self.length(place + 16, 8)
            if not self.sound and (kind == b"LIST" or kind in _WHOLE):
                self.list(place, stop)
            elif kind not in (_WAV_KEPT if self.sound else _AVI_KEPT):
                self.blank(place, stop)
            place = stop
        self.file.fill(place, end)

    def list(self, place: int, stop: int) -> None:
        """Clean a list of AVI. The frames are left alone: their names are numbers of streams."""
        form = self.file.read(place + 8, place + 12)
        if form not in _AVI_LISTS:
            self.blank(place, stop)
        elif form != b"movi":
            self.walk(place + 12, stop)

    def blank(self, place: int, stop: int) -> None:
        """Make a chunk JUNK."""
        self.file.write(place, b"JUNK")
        self.file.fill(place + 8, stop)
