"""What one practice LMS process needs to know; nothing else is configurable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lti_mcred.practice.ground.fetch import fetch_document, send_json
from lti_mcred.practice.ground.jose import new_rsa_jwk


def utc_now() -> datetime:
    """The present moment in UTC, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class PracticeConfig:
    """Settings of one practice LMS.

    ``base_url`` is what people and tools see (no trailing slash). ``tool_url`` is only offered as a suggestion in
    the install form. ``now``, ``fetch``, ``send`` and ``new_key`` are seams for tests: the clock, the reading of a
    tool's documents and the sending of notices to it (both raise
    :class:`~lti_mcred.practice.ground.fetch.FetchError`), and the making of a signing key for a key id.
    """

    data: Path
    host: str = "127.0.0.1"
    port: int = 8001
    base_url: str = ""
    tool_url: str = "http://127.0.0.1:8000"
    now: Callable[[], datetime] = utc_now
    fetch: Callable[[str], bytes] = fetch_document
    send: Callable[[str, bytes], int] = send_json
    new_key: Callable[[str], dict[str, Any]] = new_rsa_jwk

    @property
    def public_url(self) -> str:
        """The address in a browser; by default localhost, a different site from a tool on 127.0.0.1."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")
