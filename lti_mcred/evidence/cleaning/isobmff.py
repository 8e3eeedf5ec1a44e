"""MP4, QuickTime, 3GP, HEIC and AVIF (ISO/IEC 14496-12, 23008-12): boxes that tell of people, places and times.

A box that goes becomes `free` and is filled with zeros, so that no offset of a sample moves. A track of timed metadata
(a phone's places, second by second) goes with its samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import PieceByPiece

_KEPT_AT_TOP = frozenset(b"ftyp styp moov moof mdat mfra sidx ssix pdin meta wide free skip idat imda prft".split())
_CONTAINERS = frozenset(b"moov trak mdia minf stbl edts moof traf mvex mfra gmhd dinf".split())
_GONE = frozenset(b"udta uuid meta ID32 cprt Xtra XMP_ emsg prft pnot PICT".split())
# What may stand in these three; players pass over the rest, whatever it holds.
_CHILDREN = {
    b"moov": frozenset(b"mvhd trak mvex iods ctab clip cmov".split()),
    b"trak": frozenset(b"tkhd edts tref mdia tapt matt clip load imap trgr".split()),
    b"mdia": frozenset(b"mdhd hdlr minf elng".split()),
}
_SPACE = frozenset(b"free skip wide".split())
# version and flags, then creation and modification time: 4 bytes each, 8 in version 1.
_TIMED = frozenset(b"mvhd tkhd mdhd".split())
_DESCRIBED = frozenset(b"udes crtt mdft altt".split())
_PLACES_OVER_TIME = b"meta"


@dataclass(frozen=True)
class Box:
    """`start`: of its head; `body`: of its content; `end`."""

    kind: bytes
    start: int
    body: int
    end: int


class Cleaner(PieceByPiece):
    """Cleans ISO base media files."""

    most = 200_000

    def run(self) -> None:
        """Clean the boxes of the file; a `meta` box at the top whose handler is `pict` holds a still picture."""
        for box in self.boxes(0, self.file.size):
            if box.kind == b"meta" and self.handler(self.boxes(box.body + 4, box.end)) == b"pict":
                self.picture(box)
            elif box.kind not in _KEPT_AT_TOP or (box.kind in _GONE):
                self.blank(box)
            else:
                self.inside(box)

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """Yield the boxes between two places (ISO/IEC 14496-12, 4.2); up to seven bytes that are left over are zeroed.

        Raises CannotClean for a box that is longer than its place; an `mdat` may be, in a recording that was cut off.
        """
        place = start
        while place + 8 <= end:
            self.count()
            size, kind = self.file.number(place, 4), self.file.read(place + 4, place + 8)
            body = place + 8
            if size == 1:
                size, body = self.file.number(place + 8, 8), place + 16
            elif size == 0:
                size = end - place
            if size < body - place or place + size > end:
                if kind == b"mdat":  # a recording that was cut off
                    size = end - place
                else:
                    raise CannotClean("damaged")
            yield Box(kind, place, body, place + size)
            place += size
        self.file.fill(place, end)

    def inside(self, box: Box) -> None:
        """Clean one box that stays; names of handlers, times and paths on a disk are filled with zeros."""
        if box.kind in _SPACE:
            self.file.fill(box.body, box.end)
        elif box.kind == b"hdlr":
            self.file.fill(box.body + 24, box.end)
        elif box.kind in _TIMED:
            long = self.file.number(box.body, 1) == 1
            self.file.fill(box.body + 4, box.body + (20 if long else 12))
        elif box.kind in _GONE:
            self.blank(box)
        elif box.kind == b"trak" and self.handler(self.below(box, b"mdia")) == _PLACES_OVER_TIME:
            self.forget_samples(box)
            self.blank(box)
        elif box.kind == b"cmov":
            raise CannotClean("kind")  # the movie's description, compressed
        elif box.kind == b"dref":
            for place in self.boxes(box.body + 8, box.end):  # where on a disk the media lay (QuickTime)
                self.file.fill(place.body + 4, place.end)
        elif box.kind in _CONTAINERS:
            self.children(box)

    def children(self, box: Box) -> None:
        """Clean the boxes in a box; those that have no business there are blanked."""
        for child in self.boxes(box.body, box.end):
            if child.kind in _CHILDREN.get(box.kind, (child.kind,)) or child.kind in _SPACE:
                self.inside(child)
            else:
                self.blank(child)

    def blank(self, box: Box) -> None:
        """Make a box `free` and fill it with zeros; its length stays, so that no offset moves."""
        self.file.write(box.start + 4, b"free")
        self.file.fill(box.body, box.end)

    def below(self, parent: Box, *kinds: bytes) -> Iterator[Box]:
        """Return the boxes in the box at the end of a path of kinds; none when the path ends before."""
        for kind in kinds:
            found = next((box for box in self.boxes(parent.body, parent.end) if box.kind == kind), None)
            if found is None:
                return iter(())
            parent = found
        return self.boxes(parent.body, parent.end)

    def handler(self, boxes: Iterator[Box]) -> bytes:
        """Return the four letters that say what a track or a `meta` box holds (8.4.3); b"" without a `hdlr`."""
        found = next((box for box in boxes if box.kind == b"hdlr"), None)
        return self.file.read(found.body + 8, found.body + 12) if found else b""

    def forget_samples(self, trak: Box) -> None:
        """Fill the samples of a track with zeros: stsc says how many lie in each chunk, stco where the chunk is."""
        tables = {box.kind: box for box in self.below(trak, b"mdia", b"minf", b"stbl")}
        offsets = tables.get(b"stco") or tables.get(b"co64")
        if offsets is None or b"stsz" not in tables or b"stsc" not in tables:
            return
        width = 4 if offsets.kind == b"stco" else 8
        chunks = [place for (place,) in self.table(offsets, offsets.body + 4, (width,))]
        runs = list(self.table(tables[b"stsc"], tables[b"stsc"].body + 4, (4, 4, 4)))
        same = self.file.number(tables[b"stsz"].body + 4, 4)
        sizes = iter(()) if same else (size for (size,) in self.table(tables[b"stsz"], tables[b"stsz"].body + 8, (4,)))
        run = 0
        for number, place in enumerate(chunks, start=1):
            while run + 1 < len(runs) and runs[run + 1][0] <= number:
                run += 1
            count = runs[run][1] if runs else 0
            if count > self.file.size:
                raise CannotClean("damaged")
            length = same * count if same else sum(islice(sizes, count))
            self.file.fill(place, place + length)

    def table(self, box: Box, start: int, widths: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Yield the rows of a table: a count, then rows of numbers."""
        count, row = self.file.number(start, 4), sum(widths)
        if start + 4 + count * row > box.end:
            raise CannotClean("damaged")
        for number in range(count):
            place, found = start + 4 + number * row, []
            for width in widths:
                found.append(self.file.number(place, width))
                place += width
            yield tuple(found)

    def picture(self, meta: Box) -> None:
        """Clean a still picture's meta box: Exif and XMP items, names of items, descriptions."""
        boxes = list(self.boxes(meta.body + 4, meta.end))
        parts = {box.kind: box for box in boxes}
        details = self.details(parts[b"iinf"]) if b"iinf" in parts else set()
        if b"iloc" in parts:
            self.forget_items(parts, details)
        for box in boxes:
            if box.kind in (b"hdlr", *_SPACE):
                self.inside(box)
            elif box.kind in _GONE:
                self.blank(box)
            elif box.kind == b"iprp":
                for property_box in self.below(box, b"ipco"):
                    if property_box.kind in _DESCRIBED or property_box.kind == b"uuid":
                        self.blank(property_box)

    def details(self, iinf: Box) -> set[int]:
        """Return the ids of items that describe; take the names of all."""
        found = set()
        first = iinf.body + (6 if self.file.number(iinf.body, 1) == 0 else 8)
        for entry in self.boxes(first, iinf.end):
            version = self.file.number(entry.body, 1)
            if entry.kind != b"infe" or version < 2:
                continue
            width = 2 if version == 2 else 4
            item, place = self.file.number(entry.body + 4, width), entry.body + 4 + width + 2
            if self.file.read(place, place + 4) in (b"Exif", b"mime", b"uri "):
                found.add(item)
                self.file.write(place, b"free")
            self.file.fill(place + 4, entry.end)
        return found

    def forget_items(self, parts: dict[bytes, Box], details: set[int]) -> None:
        """Fill the extents of the items in `details` with zeros; `parts` are the boxes in a `meta` box by kind.

        Raises CannotClean where an extent of a described item and one of the picture share bytes.
        """
        inner = parts[b"idat"].body if b"idat" in parts else 0
        extents = [
            (inner + place if method == 1 else place, length, item)
            for item, method, place, length in self.extents(parts[b"iloc"])
            if method in (0, 1)
        ]
        extents.sort()
        end, before = 0, False
        for place, length, item in extents:
            described = item in details
            if place < end and described != before:  # one would take bytes of the other
                raise CannotClean("damaged")
            end, before = max(end, place + length), described
        for place, length, item in extents:
            if item in details:
                self.file.fill(place, place + length)

    def extents(self, iloc: Box) -> Iterator[tuple[int, int, int, int]]:
        """Yield (item, construction method, place, length) of iloc (ISO/IEC 14496-12, 8.11.3)."""
        version, sizes = self.file.number(iloc.body, 1), self.file.number(iloc.body + 4, 2)
        offset, length, base, index = sizes >> 12 & 15, sizes >> 8 & 15, sizes >> 4 & 15, sizes & 15
        wide = 2 if version < 2 else 4
        count, place = self.file.number(iloc.body + 6, wide), iloc.body + 6 + wide
        for _number in range(count):
            item, method = self.file.number(place, wide), 0
            place += wide
            if version in (1, 2):
                method, place = self.file.number(place, 2) & 15, place + 2
            start = self.file.number(place + 2, base) if base else 0
            place += 2 + base
            number, place = self.file.number(place, 2), place + 2
            for _extent in range(number):
                place += index if version in (1, 2) else 0
                at = self.file.number(place, offset) if offset else 0
                long = self.file.number(place + offset, length) if length else self.file.size
                place += offset + length
                if place > iloc.end:
                    raise CannotClean("damaged")
                yield item, method, start + at, long
