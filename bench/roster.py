"""A class list of 1,000 and of 10,000 people, read over HTTP: how long, and by how much the reader's memory grows.

The reader is a process of its own (roster_reader.py), so that its peak is its own; the LMS stands in this one.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

SIZES = (1_000, 10_000)
_PAGE = 50
_LEARNER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"


@dataclass(frozen=True)
class Row:
    """One list: people; seconds of the first reading, and of the next one when nobody is new; peak growth in MB."""

    people: int
    first_seconds: float
    next_seconds: float
    growth_mb: float


def measure() -> list[Row]:
    """Return a row for each of SIZES. Raises CalledProcessError when a reader ends badly."""
    rows = []
    for size in SIZES:
        with _lms(size) as address:
            command = [sys.executable, "-m", "bench.roster_reader", address, str(size)]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
        rows.append(Row(size, **json.loads(done.stdout)))
    return rows


def lines() -> list[str]:
    """Measure, and return the Markdown of it."""
    return [
        "## Class lists",
        "",
        f"Read over HTTP, {_PAGE} people a page, into SQLite. Growth: peak memory of the reader beyond what it held",
        "after a list of ten.",
        "",
        "| people | first reading, s | next reading, s | growth, MB |",
        "| ---: | ---: | ---: | ---: |",
        *(f"| {r.people:,} | {r.first_seconds:.1f} | {r.next_seconds:.1f} | {r.growth_mb:.1f} |" for r in measure()),
        "",
    ]


@contextmanager
def _lms(size: int) -> Iterator[str]:
    """Answer for tokens and for the pages of a class list on loopback; a list of ten stands beside it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer({"access_token": "t", "token_type": "bearer", "expires_in": 3600})

        def do_GET(self) -> None:
            path = urlsplit(self.path)
            everybody = 10 if path.path == "/ten" else size
            first = int(parse_qs(path.query).get("from", ["0"])[0])
            rest = first + _PAGE
            members = [_member(number) for number in range(first, min(rest, everybody))]
            more = f'<http://{self.headers["Host"]}{path.path}?from={rest}>; rel="next"' if rest < everybody else ""
            self._answer({"id": "x", "members": members}, more)

        def _answer(self, body: dict[str, Any], link: str = "") -> None:
            content = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if link:
                self.send_header("Link", link)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _member(number: int) -> dict[str, Any]:
    return {
        "status": "Active", "user_id": f"{number:08}-learner-of-a-large-course", "roles": [_LEARNER],
        "name": f"Given{number} Family{number % 997}", "given_name": f"Given{number}",
        "family_name": f"Family{number % 997}", "email": f"learner{number}@example.edu",
    }  # fmt: skip
