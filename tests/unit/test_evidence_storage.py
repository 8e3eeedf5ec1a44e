"""Storage by content, pieces that go on where they broke off, and what a file really is."""

import hashlib
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lti_mcred.evidence.formats.filetypes import of_media_type
from lti_mcred.evidence.formats.look import look
from lti_mcred.evidence.storage import MOST_UNFINISHED, LocalStorage, OutOfStep, TooLarge, TooMany, Unfinished
from tests import made_files as made

UP = Unfinished("Nadia", "up", 1000)


@pytest.fixture
def store(tmp_path: Path) -> LocalStorage:
    return LocalStorage(tmp_path / "evidence")


def partial_files(store: LocalStorage) -> list[Path]:
    return list(store.partial.iterdir())


def test_a_file_is_kept_under_the_hash_of_its_content(store: LocalStorage) -> None:
    received = store.receive(io.BytesIO(b"hello"), 10)
    store.keep(received)
    assert received.sha256 == hashlib.sha256(b"hello").hexdigest()
    assert store.path(received.sha256).read_bytes() == b"hello"
    assert partial_files(store) == []


def test_the_same_content_twice_is_stored_once(store: LocalStorage) -> None:
    for _i in range(2):
        store.keep(store.receive(io.BytesIO(b"hello"), 10))
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


def test_a_file_over_the_limit_is_refused_and_leaves_nothing_behind(store: LocalStorage) -> None:
    with pytest.raises(TooLarge):
        store.receive(io.BytesIO(b"x" * 11), 10)
    assert partial_files(store) == []


def test_a_file_of_exactly_the_limit_is_taken(store: LocalStorage) -> None:
    assert store.receive(io.BytesIO(b"x" * 10), 10).size == 10


def test_pieces_make_the_whole_file(store: LocalStorage) -> None:
    assert store.append(UP, io.BytesIO(b"hel"), 0, 5) == 3
    assert store.received(UP, 5) == 3
    assert store.append(UP, io.BytesIO(b"lo"), 3, 5) == 5
    whole = store.finish(UP)
    assert (whole.sha256, whole.size) == (hashlib.sha256(b"hello").hexdigest(), 5)


def test_a_piece_out_of_step_is_refused_and_says_where_to_go_on(store: LocalStorage) -> None:
    store.append(UP, io.BytesIO(b"hel"), 0, 5)
    with pytest.raises(OutOfStep) as refused:
        store.append(UP, io.BytesIO(b"hel"), 0, 5)
    assert refused.value.received == 3


def test_a_piece_that_overflows_leaves_the_file_as_it_was(store: LocalStorage) -> None:
    store.append(UP, io.BytesIO(b"hel"), 0, 5)
    with pytest.raises(TooLarge):
        store.append(UP, io.BytesIO(b"lo and more"), 3, 5)
    assert store.received(UP, 5) == 3


def test_an_upload_that_nobody_came_back_for_is_forgotten_after_three_days(store: LocalStorage) -> None:
    store.append(UP, io.BytesIO(b"hel"), 0, 5)
    long_ago = time.time() - 4 * 24 * 3600
    os.utime(partial_files(store)[0], (long_ago, long_ago))
    assert store.received(Unfinished("another person", "up", 1000), 5) == 0
    assert partial_files(store) == []


def begun(store: LocalStorage, name: str, size: int = 3, owner: str = "Nadia", most: int = 1000) -> int:
    return store.append(Unfinished(owner, name, most), io.BytesIO(b"x" * size), 0, size)


def test_one_owner_has_so_many_uploads_under_way_and_no_more(store: LocalStorage) -> None:
    for number in range(MOST_UNFINISHED):
        begun(store, str(number))
    with pytest.raises(TooMany):
        begun(store, "more")
    with pytest.raises(TooMany):
        store.received(Unfinished("Nadia", "more", 1000), 3)
    assert len(partial_files(store)) == MOST_UNFINISHED
    assert store.append(Unfinished("Nadia", "0", 1000), io.BytesIO(b"y"), 3, 4) == 4  # those go on
    assert begun(store, "more", owner="another person") == 3


def test_all_uploads_of_one_owner_share_a_room_of_bytes(store: LocalStorage) -> None:
    begun(store, "large", 700)
    with pytest.raises(TooMany):
        begun(store, "next", 301)
    assert begun(store, "next", 300) == 300


def test_an_upload_at_rest_for_an_hour_gives_way_to_a_new_one(store: LocalStorage) -> None:
    begun(store, "at rest", 700)
    rested = time.time() - 3601
    os.utime(partial_files(store)[0], (rested, rested))
    begun(store, "new", 100)
    assert len(partial_files(store)) == 2  # while there is room it may still go on
    begun(store, "newer", 800)
    assert store.received(Unfinished("Nadia", "at rest", 2000), 700) == 0


def test_many_names_at_once_find_the_same_room(store: LocalStorage) -> None:
    def send(number: int) -> int:
        try:
            return begun(store, str(number), 100)
        except TooMany:
            return 0

    with ThreadPoolExecutor(12) as pool:
        assert sum(pool.map(send, range(12))) == 100 * MOST_UNFINISHED


@pytest.mark.parametrize("name", ["../../../etc/passwd", "ABC", "", "g" * 64])
def test_nothing_but_a_hash_is_looked_for_on_the_disk(store: LocalStorage, name: str) -> None:
    with pytest.raises(FileNotFoundError):
        store.path(name)


@pytest.mark.parametrize(
    ("content", "media_type", "kinds"),
    [
        (made.PDF, "application/pdf", {"pdf"}),
        (made.png(), "image/png", {"image"}),
        (made.JPEG, "image/jpeg", {"image"}),
        (made.still(b"heic", b"mif1"), "image/heic", {"image"}),
        (made.mp4(b"soun", major=b"M4A "), "audio/mp4", {"audio"}),
        (made.mp4(b"vide", b"soun"), "video/mp4", {"video"}),
        (made.matroska(b"webm", 2), "audio/webm", {"audio"}),
        (made.office(), f"{made.WORD}.document", {"docx"}),
        (made.open_document(), "application/vnd.oasis.opendocument.text", {"odt"}),
        (b"<!DOCTYPE html><p>hi", "text/html", {"html"}),
        ("Übung über Äste".encode("cp1252"), "text/plain", {"text"}),
    ],
    ids=made.brief,
)
def test_the_bytes_say_what_a_file_is(tmp_path: Path, content: bytes, media_type: str, kinds: set[str]) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    found = look(path)
    assert (found.media_type, set(found.kinds)) == (media_type, kinds)
    assert of_media_type(media_type).kinds == kinds


@pytest.mark.parametrize("content", [b"MZ\x90\0" * 9, b"#!/bin/sh\n", b"<svg/>", made.office(("a", made.VBA)), b"\0\1"])
def test_what_no_part_takes_is_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    assert not look(path).kinds
