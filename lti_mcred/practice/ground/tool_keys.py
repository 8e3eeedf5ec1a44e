"""The public keys of tools: fetched from their key sets, cached, and fetched again when a key id is new."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from lti_mcred.practice.ground.fetch import FetchError

Json = dict[str, Any]
CACHE_FOR = timedelta(minutes=5)  # Canvas: a new key must be published that long before its first use


class KeySetProblem(Exception):
    """The key set could not be had: ``unreachable`` or ``not_json``."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True)
class _Cached:
    at: datetime
    keys: tuple[Json, ...]


class ToolKeys:
    """One per process; safe between threads. The clock is the machine's, not a campus's wrong one."""

    def __init__(self, fetch: Callable[[str], bytes], now: Callable[[], datetime]) -> None:
        self._fetch = fetch
        self._now = now
        self._cache: dict[str, _Cached] = {}
        self._lock = threading.Lock()

    def find(self, jwks_uri: str, kid: str) -> Json | None:
        """The RSA key of that id, or None. Raises :class:`KeySetProblem` when the set cannot be read."""
        with self._lock:
            cached = self._cache.get(jwks_uri)
        if cached and self._now() - cached.at < CACHE_FOR:
            known = _pick(cached.keys, kid)
            if known:
                return known
        keys = self._read(jwks_uri)
        with self._lock:
            self._cache[jwks_uri] = _Cached(self._now(), keys)
        return _pick(keys, kid)

    def forget(self) -> None:
        """Forget every key set: the next token of each tool makes it be fetched again."""
        with self._lock:
            self._cache.clear()

    def _read(self, jwks_uri: str) -> tuple[Json, ...]:
        try:
            document = json.loads(self._fetch(jwks_uri))
        except FetchError as problem:
            raise KeySetProblem("unreachable") from problem
        except ValueError as problem:
            raise KeySetProblem("not_json") from problem
        keys = document.get("keys") if isinstance(document, dict) else None
        if not isinstance(keys, list):
            raise KeySetProblem("not_json")
        return tuple(key for key in keys if isinstance(key, dict))


def _pick(keys: tuple[Json, ...], kid: str) -> Json | None:
    """Only RSA signing keys count: a symmetric key in a public set must never verify anything."""
    for key in keys:
        if key.get("kid") == kid and key.get("kty") == "RSA" and key.get("use", "sig") == "sig":
            return key
    return None
