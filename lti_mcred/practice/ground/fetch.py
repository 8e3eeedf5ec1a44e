"""Reading a tool's documents (its key set, a submitted file) and sending it notices: short timeouts, no redirects."""

from __future__ import annotations

import requests

TIMEOUT_SECONDS = (3.05, 5.0)
LARGEST_DOCUMENT_BYTES = 5_000_000


class FetchError(Exception):
    """The document could not be read; ``timed_out`` tells slowness from refusal."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.timed_out = timed_out


def fetch_document(url: str) -> bytes:
    """GET ``url`` and return its bytes; raise :class:`FetchError` unless the answer is a 200 of decent size."""
    try:
        with requests.get(url, timeout=TIMEOUT_SECONDS, allow_redirects=False, stream=True) as answer:
            if answer.status_code != 200:
                raise FetchError(f"answered {answer.status_code}")
            body = answer.raw.read(LARGEST_DOCUMENT_BYTES + 1, decode_content=True)
    except requests.Timeout as problem:
        raise FetchError("timed out", timed_out=True) from problem
    except requests.RequestException as problem:
        raise FetchError(type(problem).__name__) from problem
    if len(body) > LARGEST_DOCUMENT_BYTES:
        raise FetchError("too large")
    return bytes(body)


def send_json(url: str, body: bytes) -> int:
    """POST a JSON ``body`` and return the status of the answer; raise :class:`FetchError` when there is none."""
    try:
        headers = {"Content-Type": "application/json"}
        answer = requests.post(url, data=body, headers=headers, timeout=TIMEOUT_SECONDS, allow_redirects=False)
    except requests.Timeout as problem:
        raise FetchError("timed out", timed_out=True) from problem
    except requests.RequestException as problem:
        raise FetchError(type(problem).__name__) from problem
    return answer.status_code
