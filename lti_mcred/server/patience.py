"""A client's connection with an end to patience: nobody holds a thread by sending or reading slower than need be.

Gunicorn's threads read a request, and write its answer, on a socket that waits for ever. As many dawdling connections
as there are threads would stop a process. (Proxies hold whole requests back, where they are told to.)
"""

import errno
import os
import select
import socket
import time
from collections.abc import Callable
from typing import Any

GRACE_SECONDS = 30.0  # at the beginning of each request, and of each answer
SLOWEST = 4096  # bytes a second, on the average, after that


class PatientSocket(socket.socket):
    """A TCP connection that the server reads and writes as if it waited, and that waits no longer than it has to.

    The kernel is told once that it must not wait. Gunicorn tells it anew three times a request, and each time costs a
    system call and the interpreter's lock.
    """

    _read_until = 0.0  # on the monotonic clock
    _bound: float | None = None  # seconds that gunicorn waits for bytes that nobody wants, at the end of a request
    _holds = False
    _held = b""

    @classmethod
    def of(cls, plain: socket.socket) -> "PatientSocket":
        """Return the connection of `plain`, which is used up."""
        family, kind, protocol = plain.family, plain.type, plain.proto
        made = cls(family, kind, protocol, fileno=plain.detach())
        socket.socket.setblocking(made, False)
        made.begin()
        return made

    def begin(self) -> None:
        """Begin to wait for a request, or for the rest of one whose first bytes are there."""
        self._read_until = time.monotonic() + GRACE_SECONDS

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Return what has come; b"" at the end. Raises ConnectionResetError when it comes too slowly."""
        while True:
            try:
                found = super().recv(size, flags)
            except BlockingIOError:
                self._wait(select.POLLIN, self._read_until)
            else:
                self._read_until = _later(self._read_until, len(found))
                return found

    def hold(self) -> None:
        """Keep what is sent next, the head of an answer, until something follows: both then leave in one packet."""
        self._holds = True

    def flush(self) -> None:
        """Send what is still held, because nothing has followed."""
        self._holds = False
        if self._held and self.fileno() >= 0:
            self.sendall(b"")

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Send everything, but for a head that is held. Raises ConnectionResetError when it is read too slowly."""
        if self._holds:
            self._holds, self._held = False, bytes(data)
            return
        if self._held:
            data, self._held = self._held + bytes(data), b""
        rest = memoryview(data)
        self._push(lambda sent: super(PatientSocket, self).send(rest[sent:], flags), len(rest))

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send `count` bytes of a file, or all that are left, and return how many: fewer where it has ended before.

        Raises ConnectionResetError when they are read too slowly.
        """
        self.flush()
        here, there = self.fileno(), file.fileno()
        size = os.fstat(there).st_size - offset if count is None else count
        return self._push(lambda sent: os.sendfile(here, there, offset + sent, size - sent), size)

    def setblocking(self, _flag: bool) -> None:
        """Change nothing: reading and writing wait as they must."""

    def settimeout(self, value: float | None) -> None:
        """Bound what `recv` waits from now on; None: only by the slowness of the request."""
        self._bound = value

    def gettimeout(self) -> float | None:
        """Return what `settimeout` has set."""
        return self._bound

    def _push(self, step: Callable[[int], int], size: int) -> int:
        """Call `step` with what was sent so far until that is `size`, or until it sends nothing more."""
        until, sent = None, 0
        while sent < size:
            try:
                more = step(sent)
            except BlockingIOError:
                until = until or time.monotonic() + GRACE_SECONDS
                self._wait(select.POLLOUT, until)
                continue
            if not more:
                break
            sent += more
            until = until and _later(until, more)
        return sent

    def _wait(self, what: int, until: float) -> None:
        left = until - time.monotonic()
        bound = self._bound
        poll = select.poll()
        poll.register(self.fileno(), what)
        if not poll.poll(max(0.0, left if bound is None else min(bound, left)) * 1000):
            if bound is not None and bound < left:
                raise TimeoutError
            raise ConnectionResetError(errno.ECONNRESET, "the client was too slow")


def _later(until: float, moved: int) -> float:
    """Return how long to wait now that `moved` bytes more have moved."""
    return min(until + moved / SLOWEST, time.monotonic() + GRACE_SECONDS)
