"""Copies for assessors: films and still pictures, box by box and element by element."""

import struct
from pathlib import Path

import pytest

from lti_mcred.evidence.cleaning import ebml, isobmff
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import patching
from tests.cleaning_helpers import NAME, code_of, copy
from tests.made_files import box, brands, element

START = brands(b"isom")
FILM, WEBM, HEIC = "video/mp4", "video/webm", "image/heic"

# ISO base media (ISO/IEC 14496-12)


def wide(kind: bytes, body: bytes) -> bytes:
    """Return a box whose length is written in 64 bits (4.2)."""
    return struct.pack(">I4sQ", 1, kind, 16 + len(body)) + body


def table(kind: bytes, *rows: int, form: str = "I", count: int | None = None) -> bytes:
    """Return a table of samples: how many rows, then the rows."""
    whole = len(rows) if count is None else count
    return box(kind, b"\0" * 4, struct.pack(">I", whole), struct.pack(f">{len(rows)}{form}", *rows))


def places(*tables: bytes) -> bytes:
    """Return a track of timed metadata with these tables of its samples."""
    handler = box(b"hdlr", b"\0" * 8, b"meta", b"\0" * 13)
    return box(b"trak", box(b"mdia", handler, *([box(b"minf", box(b"stbl", *tables))] if tables else [])))


def blanked(whole: bytes) -> bytes:
    """Return the box that is left of one that went."""
    return whole[:4] + b"free" + b"\0" * (len(whole) - 8)


def test_a_box_may_say_its_length_in_64_bits(tmp_path: Path) -> None:
    kept = START + wide(b"mdat", b"pictures")
    gone = wide(b"uuid", NAME)
    assert copy(tmp_path, kept + gone, FILM) == kept + gone[:4] + b"free" + gone[8:16] + b"\0" * len(NAME)


@pytest.mark.parametrize("length", [0, 1000])
def test_samples_without_an_end_or_cut_off_on_the_way_reach_to_the_end_of_the_file(tmp_path: Path, length: int) -> None:
    before = START + struct.pack(">I4s", length, b"mdat") + b"pictures"
    assert copy(tmp_path, before, FILM) == before


@pytest.mark.parametrize("content", [struct.pack(">I4s", 4, b"moov"), struct.pack(">I4s", 99, b"moov")])
def test_a_box_that_does_not_fit_its_place_is_damage(tmp_path: Path, content: bytes) -> None:
    assert code_of(tmp_path, START + content, FILM) == "damaged"


def test_a_film_whose_last_box_holds_nothing_of_what_it_must_is_damaged(tmp_path: Path) -> None:
    assert code_of(tmp_path, START + box(b"moov", box(b"mvhd")), FILM) == "damaged"


def test_fragments_lose_what_is_said_of_people_and_keep_where_their_samples_lie(tmp_path: Path) -> None:
    said, kept = box(b"udta", NAME), box(b"tfhd", b"kept")
    before = START + box(b"moof", box(b"traf", kept, said))
    assert copy(tmp_path, before, FILM) == START + box(b"moof", box(b"traf", kept, blanked(said)))


@pytest.mark.parametrize(
    "tables",
    [[], [table(b"stco", 0)], [table(b"stco", 0), table(b"stsz", 0)]],
    ids=["nothing", "no sizes", "no chunks"],
)
def test_places_over_time_without_all_their_tables_go_and_cost_no_other_sample(
    tmp_path: Path, tables: list[bytes]
) -> None:
    data, track = box(b"mdat", b"pictures"), places(*tables)
    before = START + data + box(b"moov", track)
    assert copy(tmp_path, before, FILM) == START + data + box(b"moov", blanked(track))


def test_a_track_without_media_holds_no_places(tmp_path: Path) -> None:
    kept, said = box(b"tkhd", b"\0" * 84), box(b"meta", NAME)
    before = START + box(b"moov", box(b"trak", kept, said))
    assert copy(tmp_path, before, FILM) == START + box(b"moov", box(b"trak", kept, blanked(said)))


@pytest.mark.parametrize(("kind", "form"), [(b"stco", "I"), (b"co64", "Q")])
def test_places_over_time_go_sample_by_sample_wherever_their_chunks_lie(tmp_path: Path, kind: bytes, form: str) -> None:
    data = box(b"mdat", b"48.2", b"+16.3", b"pictures", b"+48.25")
    first = len(START) + 8
    sizes = box(b"stsz", b"\0" * 4, struct.pack(">5I", 0, 3, 4, 5, 6))
    runs = box(b"stsc", b"\0" * 4, struct.pack(">7I", 2, 1, 2, 1, 2, 1, 1))  # two samples in chunk 1, then one in each
    movie = box(b"moov", places(table(kind, first, first + 17, form=form), sizes, runs))
    after = copy(tmp_path, START + data + movie, FILM)
    assert after[first : first + 23] == b"\0" * 9 + b"pictures" + b"\0" * 6


@pytest.mark.parametrize(
    ("offsets", "runs"),
    [
        (table(b"stco", 8, count=99), table(b"stsc", 1, 1, 1, count=1)),
        (table(b"stco", 8), table(b"stsc", 1, 0xFFFFFFFF, 1, count=1)),
    ],
    ids=["more rows than its table has", "more samples than the file has bytes"],
)
def test_a_track_of_places_that_counts_wrong_is_damage(tmp_path: Path, offsets: bytes, runs: bytes) -> None:
    sizes = box(b"stsz", b"\0" * 4, struct.pack(">II", 1, 1))
    assert code_of(tmp_path, START + box(b"moov", places(offsets, sizes, runs)), FILM) == "damaged"


# Still pictures (ISO/IEC 23008-12)

PICTURE = box(b"hdlr", b"\0" * 8, b"pict", b"\0" * 13)


def still(*boxes: bytes) -> bytes:
    return brands(b"heic") + box(b"meta", b"\0" * 4, PICTURE, *boxes)


def test_of_a_still_picture_its_properties_stay_and_every_box_about_people_goes(tmp_path: Path) -> None:
    shown, said, own = box(b"ispe", b"40x30"), box(b"udes", NAME), box(b"uuid", NAME)
    space = box(b"free", NAME)
    before = still(own, space, own, space, box(b"iprp", box(b"ipco", shown, said, own)))
    properties = box(b"iprp", box(b"ipco", shown, blanked(said), blanked(own)))
    assert copy(tmp_path, before, HEIC) == still(*[blanked(own), blanked(space)] * 2, properties)


@pytest.mark.parametrize("version", [1, 2])
def test_a_description_inside_the_meta_box_of_a_still_picture_goes(tmp_path: Path, version: int) -> None:
    number = "H" if version == 1 else "I"  # numbers of items, and how many there are
    entries = [
        box(b"infe", bytes([version + 1, 0, 0, 0]), struct.pack(f">{number}H", item, 0), kind, name)
        for item, kind, name in ((1, b"hvc1", NAME), (2, b"Exif", b"\0"))
    ]
    rows = [
        struct.pack(f">{number}HHHIII", item, 1, 0, 1, 9, place, 8)  # in `idat`, one extent: index, place, length
        for item, place in ((1, 0), (2, 8))
    ]
    before = still(
        box(b"iinf", b"\0" * 4, struct.pack(">H", 2), *entries),
        box(b"iloc", bytes([version, 0, 0, 0]), b"\x44\x04", struct.pack(f">{number}", 2), *rows),
        box(b"idat", b"picture1", b"Zebulon1"),
    )
    after = copy(tmp_path, before, HEIC)
    assert after.endswith(box(b"idat", b"picture1", b"\0" * 8))
    assert NAME not in after


def test_an_entry_that_says_of_no_item_what_it_is_costs_no_picture(tmp_path: Path) -> None:
    early = box(b"infe", b"\0" * 4, struct.pack(">HH", 1, 0), b"picture\0")
    other = box(b"iref", b"\2" * 12)
    named = box(b"infe", b"\2\0\0\0", struct.pack(">HH", 2, 0), b"hvc1", NAME)
    before = still(box(b"iinf", b"\0" * 4, struct.pack(">H", 3), early, other, named))
    assert copy(tmp_path, before, HEIC) == before.replace(NAME, b"\0" * len(NAME))


def test_a_list_of_places_that_is_longer_than_its_box_is_damage(tmp_path: Path) -> None:
    short = box(b"iloc", b"\0" * 4, b"\x44\0", struct.pack(">HHHHII", 2, 1, 0, 1, 0, 4))
    assert code_of(tmp_path, still(short, box(b"free", b"\0" * 40)), HEIC) == "damaged"


# Matroska (RFC 9559)

HEADER = element(0x1A45DFA3, element(0x4282, b"webm"))
INFO, CLUSTER, TAGS, SEGMENT = 0x1549A966, 0x1F43B675, 0x1254C367, 0x18538067
BLOCK = element(0xA3, b"pictures")


def test_a_live_recording_ends_with_its_file(tmp_path: Path) -> None:
    begin = HEADER + element(SEGMENT, b"", open_end=True)
    said = element(INFO, element(0x7BA9, NAME))
    live = element(CLUSTER, BLOCK, open_end=True)
    after = copy(tmp_path, begin + said + live + live, WEBM)
    assert after.endswith(live + live)
    assert NAME not in after


def test_only_a_cluster_may_leave_open_where_it_ends(tmp_path: Path) -> None:
    assert code_of(tmp_path, HEADER + element(SEGMENT, element(INFO, b"", open_end=True)), WEBM) == "damaged"


def test_a_recording_that_was_cut_off_is_cleaned_as_far_as_it_came(tmp_path: Path) -> None:
    title = element(0x7BA9, NAME)
    whole = HEADER + element(SEGMENT, element(INFO, title) + element(CLUSTER, BLOCK))
    after = copy(tmp_path, whole[:-4], WEBM)
    assert after == whole[:-4].replace(title, b"\xec" + bytes([0x80 | len(title) - 2]) + b"\0" * (len(title) - 2))


@pytest.mark.parametrize("content", [HEADER[:-2], b"\x08" + HEADER, HEADER[:4] + b"\0"])
def test_what_does_not_begin_as_matroska_does_is_damaged(tmp_path: Path, content: bytes) -> None:
    assert code_of(tmp_path, content, WEBM) == "damaged"


@pytest.mark.parametrize(
    ("length", "head"),
    [
        (128, b"\xec\xfe"),
        (129, b"\xec\x40\x7e"),  # 127 in one byte would mean a length that is not known (RFC 8794, 6.2)
        (16_385, b"\xec\x7f\xfe"),
        (16_386, b"\xec\x20\x3f\xfe"),
    ],
)
def test_what_goes_becomes_void_of_the_same_length(tmp_path: Path, length: int, head: bytes) -> None:
    before = HEADER + element(SEGMENT, element(TAGS, NAME.ljust(length - 12)) + element(CLUSTER, BLOCK))
    after = copy(tmp_path, before, WEBM)
    assert after == before.replace(before[-length - 29 : -29], head.ljust(length, b"\0"))
    assert len(after) == len(before)


def test_an_element_without_room_for_a_void_is_damage(tmp_path: Path) -> None:
    checksum_without_length = element(INFO, element(0x4D80, b"program") + b"\xbf")
    before = HEADER + element(SEGMENT, checksum_without_length + element(CLUSTER, BLOCK))
    assert code_of(tmp_path, before, WEBM) == "damaged"


# Both


@pytest.mark.parametrize(
    ("cleaner", "content", "media_type"),
    [(isobmff.Cleaner, box(b"free") * 4, FILM), (ebml.Cleaner, element(0xEC, b"") * 2, WEBM)],
    ids=["boxes", "elements"],
)
def test_more_pieces_than_a_film_has_are_not_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cleaner: type, content: bytes, media_type: str
) -> None:
    monkeypatch.setattr(cleaner, "most", 4)  # an element at the top is looked at twice
    assert copy(tmp_path, content, media_type) == content
    monkeypatch.setattr(cleaner, "most", 3)
    assert code_of(tmp_path, content, media_type) == "large"


def test_nothing_is_written_beyond_the_end_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(b"film")
    with patching(tmp_path / "source", tmp_path / "target") as file:
        file.write(2, b"xx")
        for place, content in ((3, b"xx"), (-1, b"x")):
            with pytest.raises(CannotClean, match="damaged"):
                file.write(place, content)
    assert (tmp_path / "target").read_bytes() == b"fixx"
