"""Connections of clients that dawdle come to an end, and those that only take their time do not."""

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from lti_mcred.server import patience
from lti_mcred.server.patience import PatientSocket

SHORT = 0.5


@pytest.fixture
def pair() -> Iterator[tuple[PatientSocket, socket.socket]]:
    """Our end of a connection, patient for SHORT seconds, and the client's."""
    ours, client = socket.socketpair()
    with patch.object(patience, "GRACE_SECONDS", SHORT):
        mine = PatientSocket.of(ours)
        with mine, client:
            yield mine, client


Pair = tuple[PatientSocket, socket.socket]


def later(seconds: float, what: object) -> threading.Thread:
    """Do something in another thread after a while."""

    def run() -> None:
        time.sleep(seconds)
        what()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def read_for(seconds: float, mine: PatientSocket) -> None:
    """Read whatever comes, for a while."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        mine.recv(100)


def test_what_has_come_is_read_at_once_and_the_end_is_told(pair: Pair) -> None:
    mine, client = pair
    client.sendall(b"GET / HTTP/1.1")
    assert mine.recv(100) == b"GET / HTTP/1.1"
    client.close()
    assert mine.recv(100) == b""


def test_what_comes_a_little_later_is_waited_for(pair: Pair) -> None:
    mine, client = pair
    thread = later(SHORT / 3, lambda: client.sendall(b"late"))
    assert mine.recv(100) == b"late"
    thread.join()


def test_a_client_that_says_nothing_more_is_given_up(pair: Pair) -> None:
    mine, client = pair
    client.sendall(b"POST /lti/launch HTTP/1.1")
    mine.recv(100)
    began = time.monotonic()
    with pytest.raises(ConnectionResetError, match="too slow"):
        mine.recv(100)
    assert time.monotonic() - began >= SHORT / 2
    assert client.fileno() >= 0


def test_a_client_that_sends_a_byte_now_and_then_is_given_up(pair: Pair) -> None:
    mine, client = pair
    ended = threading.Event()

    def drip() -> None:
        while not ended.wait(SHORT / 6):
            client.send(b"x")

    thread = threading.Thread(target=drip)
    thread.start()
    with pytest.raises(ConnectionResetError):
        read_for(60, mine)
    ended.set()
    thread.join()


def test_a_slow_upload_that_goes_on_is_read_to_its_end(pair: Pair) -> None:
    mine, client = pair
    piece, pieces = b"x" * int(patience.SLOWEST * SHORT), 8

    def upload() -> None:
        for _piece in range(pieces):
            client.sendall(piece)
            time.sleep(SHORT / 5)

    thread = threading.Thread(target=upload)
    thread.start()
    got = 0
    while got < pieces * len(piece):
        got += len(mine.recv(1_000_000))
    thread.join()


def test_the_next_request_of_a_kept_connection_has_its_own_time(pair: Pair) -> None:
    mine, client = pair
    time.sleep(SHORT * 1.5)
    mine.begin()
    thread = later(SHORT / 3, lambda: client.sendall(b"again"))
    assert mine.recv(100) == b"again"
    thread.join()


def test_a_bound_on_the_reading_ends_it_earlier(pair: Pair) -> None:
    mine, _client = pair
    mine.settimeout(SHORT / 10)
    assert mine.gettimeout() == SHORT / 10
    with pytest.raises(TimeoutError):
        mine.recv(100)


def test_an_answer_that_nobody_reads_is_given_up(pair: Pair) -> None:
    mine, _client = pair
    with pytest.raises(ConnectionResetError):
        mine.sendall(b"x" * 10_000_000)


def test_an_answer_is_sent_whole_to_a_client_that_takes_its_time(pair: Pair) -> None:
    mine, client = pair
    answer = bytes(range(256)) * 8192
    got = bytearray()

    def read() -> None:
        while len(got) < len(answer):
            time.sleep(0.005)
            got.extend(client.recv(100_000))

    thread = threading.Thread(target=read)
    thread.start()
    mine.sendall(answer)
    thread.join()
    assert bytes(got) == answer


def test_a_part_of_a_file_is_sent_from_its_place(pair: Pair, tmp_path: Path) -> None:
    mine, client = pair
    path = tmp_path / "evidence.bin"
    path.write_bytes(b"0123456789" * 100_000)
    got = bytearray()

    def read() -> None:
        while piece := client.recv(100_000):
            got.extend(piece)

    thread = threading.Thread(target=read)
    thread.start()
    with path.open("rb") as file:
        assert mine.sendfile(file, offset=5, count=999_990) == 999_990
        assert mine.sendfile(file, offset=999_995) == 5
        assert mine.sendfile(file, offset=999_990, count=50) == 10
    mine.close()
    thread.join()
    assert bytes(got) == path.read_bytes()[5:999_995] + b"56789" + b"0123456789"


def test_the_head_of_an_answer_leaves_with_its_body(pair: Pair) -> None:
    mine, client = pair
    mine.hold()
    mine.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    client.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.recv(100)
    mine.sendall(memoryview(b"body"))
    assert client.recv(100) == b"HTTP/1.1 200 OK\r\n\r\nbody"
    mine.sendall(b"more")
    assert client.recv(100) == b"more"


def test_the_head_of_an_answer_without_a_body_leaves_at_its_end(pair: Pair) -> None:
    mine, client = pair
    mine.hold()
    mine.sendall(b"HTTP/1.1 304 Not Modified\r\n\r\n")
    mine.flush()
    assert client.recv(100) == b"HTTP/1.1 304 Not Modified\r\n\r\n"
    mine.flush()
    mine.sendall(b"the next answer")
    assert client.recv(100) == b"the next answer"


def test_the_head_of_a_file_leaves_before_it(pair: Pair, tmp_path: Path) -> None:
    mine, client = pair
    path = tmp_path / "small"
    path.write_bytes(b"content")
    mine.hold()
    mine.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with path.open("rb") as file:
        mine.sendfile(file)
    mine.close()
    assert b"".join(iter(lambda: client.recv(100), b"")) == b"HTTP/1.1 200 OK\r\n\r\ncontent"
