"""WAV (also RF64) and AVI: chunks of words, dates, programs and places go; what is needed to play it stays."""

from pathlib import Path

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import Patch, patching

_WHOLE = frozenset({b"RIFF", b"RF64", b"BW64", b"LIST"})
_WAV_KEPT = frozenset({b"fmt ", b"data", b"fact", b"ds64", b"cue ", b"smpl", b"slnt", b"wavl"})
# AVI: lists of headers, streams, frames, and their indexes; "strn" names a stream.
_AVI_LISTS = frozenset({b"hdrl", b"strl", b"movi", b"rec ", b"odml"})
_AVI_KEPT = frozenset({b"avih", b"strh", b"strf", b"indx", b"idx1", b"dmlh", b"vprp"})
_MOST_CHUNKS = 500_000


def clean(source: Path, target: Path) -> None:
    """Write a copy in which all other chunks are JUNK of the same length. Raises CannotClean."""
    with patching(source, target) as file:
        _Cleaner(file).run()


class _Cleaner:
    def __init__(self, file: Patch) -> None:
        self.file = file
        self.seen = 0
        self.wav = file.read(8, 12) == b"WAVE"

    def run(self) -> None:
        if self.file.read(0, 4) not in _WHOLE or self.file.read(8, 12) not in (b"WAVE", b"AVI "):
            raise CannotClean("damaged")
        place = 0
        while place + 12 <= self.file.size and self.file.read(place, place + 4) in _WHOLE:
            end = self.end_of(place)
            self.walk(place + 12, end)
            place = end
        self.file.fill(place, self.file.size)

    def end_of(self, place: int) -> int:
        """Return where a chunk ends; one of 64 bits, or cut off on the way, reaches to the end of the file."""
        size = int.from_bytes(self.file.read(place + 4, place + 8), "little")
        return self.file.size if size == 0xFFFFFFFF else min(place + 8 + size + size % 2, self.file.size)

    def walk(self, start: int, end: int) -> None:
        place = start
        while place + 8 <= end:
            self.seen += 1
            if self.seen > _MOST_CHUNKS:
                raise CannotClean("large")
            kind, stop = self.file.read(place, place + 4), min(self.end_of(place), end)
            if kind == b"LIST" and not self.wav and self.file.read(place + 8, place + 12) in _AVI_LISTS:
                # The frames themselves are left alone: their names are numbers of streams.
                if self.file.read(place + 8, place + 12) != b"movi":
                    self.walk(place + 12, stop)
            elif kind not in (_WAV_KEPT if self.wav else _AVI_KEPT):
                self.file.write(place, b"JUNK")
                self.file.fill(place + 8, stop)
            place = stop
        self.file.fill(place, end)
