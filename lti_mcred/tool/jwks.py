"""Public keys of platforms: cached in memory and in the database, fetched again when a key is unknown.

A failed or empty fetch never replaces a good set; an unknown kid asks again at most once a minute; one thread fetches
while the others wait for it (LTI Security Framework 1.0, 6.3 and 6.4).
"""

import logging
import re
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError

from lti_mcred.db import db, utcnow
from lti_mcred.http import HttpClient, HttpError, bare
from lti_mcred.quick import give_back
from lti_mcred.tool.models import PlatformKeys
from lti_mcred.tool.upsert import upsert

log = logging.getLogger(__name__)
SHORTEST, USUAL, LONGEST = timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24)
COOL_DOWN = timedelta(seconds=60)
_MOST_KEYS = 50
_MIN_BITS = 2048


class KeyUnknown(Exception):
    """The platform publishes no usable key with this kid, or its key set cannot be fetched; the message says which."""


@dataclass
class _Set:
    """The keys of one address, as this process knows them."""

    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    expires_at: datetime | None = None
    asked_at: datetime | None = None
    trouble: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)


class Keyring:
    """Keys of all platforms; one object a process."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._sets: dict[str, _Set] = {}
        self._guard = threading.Lock()

    def find(self, jwks_url: str, kid: str) -> RSAPublicKey:
        """Return the key `kid` of the platform whose key set lies at `jwks_url`.

        When it has to look further than into memory, the transaction ends first, without a commit: no connection to
        the database is held while keys are fetched or waited for. Raises KeyUnknown.
        """
        with self._guard:
            held = self._sets.setdefault(jwks_url, _Set())
        now = utcnow()
        if (key := _fresh(held, kid, now)) is not None:
            return key
        db.session.rollback()
        give_back()
        # Who knows the key does not wait while somebody else asks whether it is still good: a platform that does not
        # answer would hold every thread, one after the other.
        if held.lock.acquire(blocking=_believed(held, kid, now) is None):
            try:
                self._renew(held, jwks_url, kid)
            finally:
                held.lock.release()
        if (key := _believed(held, kid, utcnow())) is None:
            raise KeyUnknown(held.trouble or f"{bare(jwks_url)} has no key {kid!r}")
        return key

    def _renew(self, held: _Set, jwks_url: str, kid: str) -> None:
        """Look into the database, then at the platform; whoever waited finds what the first one fetched."""
        if _fresh(held, kid, utcnow()) is not None:
            return
        self._load(held, jwks_url)
        now = utcnow()
        if _fresh(held, kid, now) is not None or (held.asked_at and now - held.asked_at < COOL_DOWN):
            return
        fetched = self._fetch(held, jwks_url, now)
        # Only asking in vain makes the next one wait: a platform may change its keys just after we looked.
        held.asked_at = None if fetched and kid in held.keys else utcnow()

    def _load(self, held: _Set, jwks_url: str) -> None:
        row = db.session.get(PlatformKeys, jwks_url, populate_existing=True)
        if row is not None and (held.expires_at is None or row.expires_at > held.expires_at):
            held.keys, held.expires_at = readable_keys(row.document), row.expires_at
        db.session.rollback()

    def _fetch(self, held: _Set, jwks_url: str, now: datetime) -> bool:
        """Ask the platform; return whether it answered with keys. What was known stays where it did not."""
        try:
            answer = self._http.request("GET", jwks_url, headers={"Accept": "application/json"})
            document = answer.json() if answer.ok else None
            keys = readable_keys(document)
        except HttpError as error:
            held.trouble = str(error)
            log.warning("platform keys: %s", error)
            return False
        if not keys:
            held.trouble = f"{bare(jwks_url)} has no usable RSA key (it answered {answer.status})"
            log.warning("platform keys: %s", held.trouble)
            return False
        held.keys, held.trouble = keys, ""
        held.expires_at = now + _lifetime(answer.headers.get("cache-control", ""))
        values = {"document": document, "fetched_at": now, "expires_at": held.expires_at}
        upsert(PlatformKeys, {"jwks_url": jwks_url}, values, values)
        db.session.commit()
        return True


def readable_keys(document: Any) -> dict[str, RSAPublicKey]:
    """Return kid -> RSA key of at least 2048 bits of a JWK Set; everything else in it is passed over."""
    found: dict[str, RSAPublicKey] = {}
    listed = document.get("keys") if isinstance(document, dict) else None
    for jwk in listed[:_MOST_KEYS] if isinstance(listed, list) else []:
        if not isinstance(jwk, dict) or not _for_signatures(jwk) or jwk["kid"] in found:
            continue
        try:
            key = RSAAlgorithm.from_jwk({name: jwk[name] for name in ("kty", "n", "e")})
        except (InvalidKeyError, ValueError, TypeError, KeyError):
            continue
        if isinstance(key, RSAPublicKey) and key.key_size >= _MIN_BITS:
            found[jwk["kid"]] = key
    return found


def _for_signatures(jwk: dict[str, Any]) -> bool:
    return (
        jwk.get("kty") == "RSA"
        and isinstance(jwk.get("kid"), str)
        and jwk.get("use") in (None, "sig")
        and jwk.get("alg") in (None, "RS256")
    )


def _fresh(held: _Set, kid: str, now: datetime) -> RSAPublicKey | None:
    return held.keys.get(kid) if held.expires_at and now < held.expires_at else None


def _believed(held: _Set, kid: str, now: datetime) -> RSAPublicKey | None:
    """Return the key, also when it should be asked for again, unless the platform was unreachable for too long."""
    return held.keys.get(kid) if held.expires_at and now <= held.expires_at + LONGEST else None


def _lifetime(cache_control: str) -> timedelta:
    asked = re.search(r"max-age\s*=\s*(\d{1,9})", cache_control, re.IGNORECASE)
    wanted = timedelta(seconds=int(asked[1])) if asked else USUAL
    return min(max(wanted, SHORTEST), LONGEST)
