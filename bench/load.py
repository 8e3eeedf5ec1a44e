"""A cheap load generator: browsers on kept connections in one asyncio loop, hardly more than the bytes they send.

Only what a browser waits for counts: what happens between its requests, such as the LMS's signing, is left out.
"""

import asyncio
import statistics
import time
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

_PATIENCE_SECONDS = 60
Walk = Callable[["Browser"], Awaitable[None]]


class Refused(Exception):
    """A request was not answered as wanted; the message names it."""


class Connection(asyncio.Protocol):
    """One kept connection; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.buffer = b""
        self.answer: asyncio.Future[tuple[str, bytes]] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way to send."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        """Tell whoever waits."""
        self.transport = None
        if self.answer and not self.answer.done():
            self.answer.set_exception(Refused("the connection was closed"))

    def data_received(self, data: bytes) -> None:
        """Collect one answer; every server measured here says its Content-Length."""
        self.buffer += data
        head, found, body = self.buffer.partition(b"\r\n\r\n")
        if not found or not self.answer or self.answer.done():
            return
        text = head.decode("latin-1")
        if len(body) >= int(header(text, "content-length") or 0):
            self.buffer = b""
            self.answer.set_result((text, body))

    async def exchange(self, request: bytes, host: str, port: int) -> tuple[str, bytes]:
        """Send `request`, connecting first where that is needed; return the head and the body of the answer."""
        loop = asyncio.get_running_loop()
        if self.transport is None or self.transport.is_closing():
            self.buffer = b""
            await loop.create_connection(lambda: self, host, port)
        assert self.transport
        self.answer = loop.create_future()
        self.transport.write(request)
        head, body = await self.answer
        if (header(head, "connection") or "").lower() == "close":
            self.transport.close()
            self.transport = None
        return head, body


@dataclass
class Browser:
    """One person with her cookies; `connection` is lent to her for a walk, `waited` counts its seconds."""

    name: str
    host: str
    port: int
    connection: Connection | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    waited: float = 0.0

    async def ask(self, path: str, form: str | None = None) -> tuple[str, bytes]:
        """Return (Location, body) of a page or of a redirect; `form` makes it a POST. Raises Refused otherwise."""
        assert self.connection
        started = time.perf_counter()
        head, body = await self.connection.exchange(self._request(path, form), self.host, self.port)
        self.waited += time.perf_counter() - started
        self._keep_cookies(head)
        if head[9:12] not in ("200", "302", "303"):
            message = f"{path.partition('?')[0]} answered {head[9:12]}: {body[:300]!r}"
            raise Refused(message)
        return header(head, "location") or "", body

    def _request(self, path: str, form: str | None) -> bytes:
        lines = [f"{'GET' if form is None else 'POST'} {path} HTTP/1.1", f"Host: {self.host}:{self.port}"]
        lines += ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"]  # as browsers do
        if self.cookies:
            lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in self.cookies.items()))
        if form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(form)}"]
        return ("\r\n".join(lines) + "\r\n\r\n" + (form or "")).encode()

    def _keep_cookies(self, head: str) -> None:
        for line in head.split("\r\n")[1:]:
            if line[:11].lower() == "set-cookie:":
                name, _equals, value = line[11:].strip().partition(";")[0].partition("=")
                self.cookies[name] = value
                if not value:
                    del self.cookies[name]


@dataclass(frozen=True)
class Report:
    """What a run found. Times in milliseconds; `own_cpu` is the generator's CPU time for each walk."""

    walks: int
    seconds: float
    median: float
    p95: float
    own_cpu: float
    losses: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Walks per second."""
        return self.walks / self.seconds


def run(walk: Walk, browsers: list[Browser], in_flight: int, seconds: float | None = None) -> Report:
    """Let `browsers` take turns on `in_flight` connections for `seconds`, or once each when that is None.

    A walk that is refused is counted in `losses` and does not end the run.
    """
    work = asyncio.wait_for(_run(walk, browsers, in_flight, seconds), (seconds or 0) + _PATIENCE_SECONDS)
    with ThreadPoolExecutor(1) as apart:  # a loop may be running in this thread already, as with Playwright
        return apart.submit(asyncio.run, work).result()


async def _run(walk: Walk, browsers: list[Browser], in_flight: int, seconds: float | None) -> Report:
    queue, times, losses = deque(browsers), list[float](), list[str]()
    started, cpu = time.perf_counter(), time.process_time()

    async def lane() -> None:
        connection = Connection()
        while queue and (seconds is None or time.perf_counter() - started < seconds):
            browser = queue.popleft()
            # A login's cookies are good for that login alone; kept for ever, they would pile up as in no real browser.
            kept = dict(browser.cookies)
            browser.connection, browser.waited = connection, 0.0
            try:
                await walk(browser)
                times.append(browser.waited * 1000)
            except (Refused, OSError) as error:
                losses.append(str(error))
            if kept:
                browser.cookies = kept
            if seconds is not None:
                queue.append(browser)
        if connection.transport:
            connection.transport.close()

    await asyncio.gather(*(lane() for _number in range(in_flight)))
    took, spent = time.perf_counter() - started, time.process_time() - cpu
    times.sort()
    return Report(
        walks=len(times),
        seconds=took,
        median=statistics.median(times or [0.0]),
        p95=times[int(len(times) * 0.95)] if times else 0.0,
        own_cpu=spent * 1000 / max(1, len(times)),
        losses=tuple(losses),
    )


def header(head: str, name: str) -> str | None:
    """Return the value of a header of an answer's head."""
    start = head.lower().find(f"\r\n{name}:")
    if start < 0:
        return None
    start += len(name) + 3
    end = head.find("\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()
