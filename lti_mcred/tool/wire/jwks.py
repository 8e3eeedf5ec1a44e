"""Public keys of platforms: cached in memory and in the database, fetched again when a key is unknown.

A failed or empty fetch never replaces a good set; one thread fetches while the others wait for it (LTI Security
Framework 1.0, 6.3 and 6.4).

Anybody can send a token with an unknown kid, so looking for one is rationed: each kid once a minute, and all of a
platform's together one fetch in ten seconds, after a few at once. Whoever uses that up with forged kids makes us hold
keys that are no older than ten seconds: a launch signed with a key changed since then waits no longer than that.
"""

import hashlib
import logging
import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import InvalidKeyError
from sqlalchemy import case, update

from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.engine.quick import give_back
from lti_mcred.engine.upsert import upsert
from lti_mcred.outbound.http import HttpClient, HttpError, bare
from lti_mcred.tool.known.models import PlatformKeys
from lti_mcred.tool.protocol.token import KeyUnknown
from lti_mcred.web.typed import looks_like_id

log = logging.getLogger(__name__)
SHORTEST, USUAL, LONGEST = timedelta(minutes=5), timedelta(hours=1), timedelta(hours=24)
COOL_DOWN = timedelta(seconds=60)  # of one kid
EVERY = 10.0  # seconds between two fetches for unknown kids of one platform, in all processes
AT_ONCE, AT_ONCE_UNASKED = 5, 2  # fetches that may come together; those for messages that answer no login of ours
_QUIET = timedelta(seconds=10)  # after a platform did not answer
_MOST_KIDS = 256
_MOST_KEYS = 50
_MIN_BITS = 2048


class Ration:
    """A few at once and then one in `EVERY` seconds, kept as one number (the generic cell rate algorithm)."""

    def __init__(self) -> None:
        self._owed_until = 0.0

    def take(self, now: float, at_once: int) -> bool:
        """Take one, if there is one. `now` in seconds."""
        if self._owed_until > now + EVERY * (at_once - 1):
            return False
        self._owed_until = max(self._owed_until, now) + EVERY
        return True


@dataclass
class _Set:
    """The keys of one address, as this process knows them. `begun`: how many fetches have been started."""

    keys: dict[str, RSAPublicKey] = field(default_factory=dict)
    expires_at: datetime | None = None
    fetched_at: datetime | None = None
    trouble: str = ""
    begun: int = 0
    quiet_until: datetime | None = None
    ration: Ration = field(default_factory=Ration)
    # Digest of a kid that was looked for in vain -> until when it is not looked for again; bounded.
    vain: OrderedDict[bytes, datetime] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def cools(self, kid: str, now: datetime) -> bool:
        """Whether `kid` was looked for in vain lately."""
        until = self.vain.get(_digest(kid))
        return until is not None and now < until

    def was_vain(self, kid: str, now: datetime) -> None:
        """Remember that `kid` was looked for in vain."""
        self.vain[_digest(kid)] = now + COOL_DOWN
        self.vain.move_to_end(_digest(kid))
        while len(self.vain) > _MOST_KIDS:
            self.vain.popitem(last=False)


class Keyring:
    """Keys of all platforms; one object a process."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._sets: dict[str, _Set] = {}
        self._guard = threading.Lock()

    def find(self, jwks_url: str, kid: str, at_once: int = AT_ONCE) -> RSAPublicKey:
        """Return the key `kid` of the platform whose key set lies at `jwks_url`.

        When it has to look further than into memory, the transaction ends first, without a commit: no connection to
        the database is held while keys are fetched or waited for. `at_once`: how far the ration of fetches may be used.
        Raises KeyUnknown.
        """
        with self._guard:
            held = self._sets.setdefault(jwks_url, _Set())
        now, begun, asked = utcnow(), held.begun, True
        if (key := _fresh(held, kid, now)) is not None:
            return key
        db.session.rollback()
        give_back()
        # Who knows the key does not wait while somebody else asks whether it is still good: a platform that does not
        # answer would hold every thread, one after the other.
        if held.lock.acquire(blocking=_believed(held, kid, now) is None):
            try:
                asked = self._renew(held, jwks_url, kid, begun, at_once)
            finally:
                held.lock.release()
        if (key := _believed(held, kid, utcnow())) is not None:
            return key
        if not asked:
            raise KeyUnknown(
                f"{bare(jwks_url)} was asked too often just now to look for {_kid_in_logs(kid)}", moment=True
            )
        raise KeyUnknown(held.trouble or f"{bare(jwks_url)} has no key {_kid_in_logs(kid)}")

    def _renew(self, held: _Set, jwks_url: str, kid: str, begun: int, at_once: int) -> bool:
        """Look into the database, then at the platform. Return False when the platform should be asked and may not be.

        `begun`: fetches that had been started when this one was wanted. One that began later answers for it.
        """
        if _fresh(held, kid, utcnow()) is not None or held.begun > begun:
            return True
        shared = self._load(held, jwks_url)
        now = utcnow()
        if _fresh(held, kid, now) is not None or held.cools(kid, now):
            return True
        if held.quiet_until and now < held.quiet_until:
            return True
        if not held.ration.take(now.timestamp(), at_once) or (shared and not _take_shared(jwks_url, now, at_once)):
            return False
        held.begun += 1
        fetched = self._fetch(held, jwks_url, now)
        now = utcnow()
        held.quiet_until = None if fetched else now + _QUIET
        # Of a platform that does not answer nothing is learned about a kid; one that is believed all the same waits.
        if (kid in held.keys) != fetched:
            held.was_vain(kid, now)
        return True

    def _load(self, held: _Set, jwks_url: str) -> bool:
        """Take over what another process has fetched; return whether the address is known to the database."""
        row = db.session.get(PlatformKeys, jwks_url, populate_existing=True)
        if row is not None and (held.fetched_at is None or row.fetched_at > held.fetched_at):
            held.keys, held.expires_at, held.fetched_at = readable_keys(row.document), row.expires_at, row.fetched_at
        db.session.rollback()
        return row is not None

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
        held.keys, held.trouble, held.fetched_at = keys, "", now
        held.expires_at = now + _lifetime(answer.headers.get("cache-control", ""))
        values = {"document": document, "fetched_at": now, "expires_at": held.expires_at}
        upsert(PlatformKeys, {"jwks_url": jwks_url}, values, values)
        db.session.commit()
        return True


def _take_shared(jwks_url: str, now: datetime, at_once: int) -> bool:
    """Take one fetch of what all processes together may do; by one conditional UPDATE. Commits."""
    moment, owed = now.timestamp(), PlatformKeys.asks_until
    later = case((owed > moment, owed), else_=moment) + EVERY
    mine = (PlatformKeys.jwks_url == jwks_url, owed <= moment + EVERY * (at_once - 1))
    taken = changed(update(PlatformKeys).where(*mine).values(asks_until=later))
    db.session.commit()
    return taken > 0


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


def _digest(kid: str) -> bytes:
    return hashlib.sha256(kid.encode("utf-8", "replace")).digest()


def _kid_in_logs(kid: str) -> str:
    """Return a kid for logs and records: bounded, and none that says something in words, for anybody can send one."""
    return repr(kid[:100]) if looks_like_id(kid[:100]) else "(no id)"


def _fresh(held: _Set, kid: str, now: datetime) -> RSAPublicKey | None:
    return held.keys.get(kid) if held.expires_at and now < held.expires_at else None


def _believed(held: _Set, kid: str, now: datetime) -> RSAPublicKey | None:
    """Return the key, also when it should be asked for again, unless the platform was unreachable for too long."""
    return held.keys.get(kid) if held.expires_at and now <= held.expires_at + LONGEST else None


def _lifetime(cache_control: str) -> timedelta:
    asked = re.search(r"max-age\s*=\s*(\d{1,9})", cache_control, re.IGNORECASE)
    wanted = timedelta(seconds=int(asked[1])) if asked else USUAL
    return min(max(wanted, SHORTEST), LONGEST)
