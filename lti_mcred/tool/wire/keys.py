"""Our RSA keys: made at first need, sealed at rest, rotated without a gap, published at /.well-known/jwks.json.

A new key is published before it signs (Canvas caches our JWKS for five minutes) and an old one after it stops
(Moodle keeps a JWKS until a signature fails).
"""

import hashlib
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt
from authlib.oauth2.rfc7523 import private_key_jwt_sign
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from joserfc.jwk import RSAKey
from jwt.algorithms import RSAAlgorithm
from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from lti_mcred.engine.db import db, utcnow
from lti_mcred.secretbox import seal, unseal
from lti_mcred.services import service, site
from lti_mcred.tool.known.models import ToolKey

PUBLISHED_BEFORE = timedelta(minutes=10)
PUBLISHED_AFTER = timedelta(hours=48)
JWKS_MAX_AGE = 300  # seconds; shorter than PUBLISHED_BEFORE
_PURPOSE = "lti-signing-key"
_BITS = 2048
_TOKEN_LIFE = timedelta(minutes=5)
_LMS_MAY_BE_BEHIND = timedelta(minutes=1)


class OpenedKeys(dict[str, RSAPrivateKey]):
    """Our private keys as this process has opened them, by kid."""


@dataclass(frozen=True)
class SigningKey:
    """The key that signs now."""

    kid: str
    private: RSAPrivateKey


def signing_key(now: datetime | None = None) -> SigningKey:
    """Return the newest key whose time to sign has come; the very first one is made here."""
    now = now or utcnow()
    row = _signing_row(now)
    if row is None:
        _add_key(signs_from=now, generation=1)
        row = _signing_row(now)
    if row is None:  # a clock that runs backwards between processes
        row = db.session.scalars(select(ToolKey).order_by(ToolKey.generation).limit(1)).one()
    return SigningKey(row.kid, _private(row))


def public_jwks(now: datetime | None = None) -> dict[str, Any]:
    """Return the JWK Set with every key that signs, will sign, or has signed lately (RFC 7517)."""
    now = now or utcnow()
    signing_key(now)
    shown = or_(ToolKey.withdrawn_at.is_(None), ToolKey.withdrawn_at > now)
    rows = db.session.scalars(select(ToolKey).where(shown).order_by(ToolKey.generation.desc()))
    return {"keys": [row.public_jwk for row in rows]}


def rotate(now: datetime | None = None) -> ToolKey:
    """Publish a new key that signs in ten minutes, and return it; the earlier ones stay published for two days."""
    now = now or utcnow()
    signing_key(now)
    newest = db.session.scalar(select(func.max(ToolKey.generation))) or 0
    starts = now + PUBLISHED_BEFORE
    kid = _add_key(signs_from=starts, generation=newest + 1)
    earlier = select(ToolKey).where(ToolKey.generation <= newest, ToolKey.withdrawn_at.is_(None))
    for row in db.session.scalars(earlier):
        row.withdrawn_at = starts + PUBLISHED_AFTER
    db.session.commit()
    return db.session.get_one(ToolKey, kid)


def rotate_when_due(now: datetime) -> None:
    """Rotate once the newest key has served for the days that the settings allow. Part of the hourly tidying."""
    newest = db.session.scalars(select(ToolKey).order_by(ToolKey.generation.desc()).limit(1)).first()
    days = site().key_days
    if newest is not None and days and now - newest.signs_from >= timedelta(days=days):
        rotate(now)


def sign(claims: Mapping[str, Any]) -> str:
    """Return `claims` as a JWT, RS256 with our kid (LTI Security Framework 1.0, 5.1.2 and 5.2)."""
    key = signing_key()
    return jwt.encode(dict(claims), key.private, algorithm="RS256", headers={"kid": key.kid})


def client_assertion(client_id: str, audience: str) -> str:
    """Return what proves us to a token endpoint: private_key_jwt, a `jti` of its own, good for four minutes.

    RFC 7523, 2.2 and 3; LTI Security Framework 1.0, 4.1.1.
    """
    key, times = signing_key(), life_of_token(utcnow())
    assertion: str = private_key_jwt_sign(
        RSAKey(key.private, key.private), client_id, audience, header={"kid": key.kid},
        issued_at=times["iat"], expires_at=times["exp"],
    )  # fmt: skip
    return assertion


def life_of_token(now: datetime) -> dict[str, int]:
    """Return `iat` and `exp` for a token to an LMS, in seconds since 1970.

    It begins a minute ago, because an LMS whose clock is behind ours refuses what was made in its future (Canvas allows
    30 seconds, Moodle none), and spans five minutes, the most that LTI Security Framework 1.0, 4.1.1 recommends.
    """
    begins = now - _LMS_MAY_BE_BEHIND
    return {"iat": int(begins.timestamp()), "exp": int((begins + _TOKEN_LIFE).timestamp())}


def new_jti() -> str:
    """Return an id for one token; never used twice."""
    return secrets.token_urlsafe(24)


def _signing_row(now: datetime) -> ToolKey | None:
    ready = select(ToolKey).where(ToolKey.signs_from <= now).order_by(ToolKey.generation.desc()).limit(1)
    return db.session.scalars(ready).first()


def _add_key(signs_from: datetime, generation: int) -> str:
    """Store a new key. Two processes may try at once: the generation is unique, so one of them wins."""
    private = generate_private_key(public_exponent=65537, key_size=_BITS)
    jwk: dict[str, Any] = RSAAlgorithm.to_jwk(private.public_key(), as_dict=True)
    jwk = {"kty": "RSA", "n": jwk["n"], "e": jwk["e"], "alg": "RS256", "use": "sig", "kid": _thumbprint(jwk)}
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    row = ToolKey(
        kid=jwk["kid"],
        generation=generation,
        public_jwk=jwk,
        private_encrypted=seal(site().secret_key, _PURPOSE, pem),
        signs_from=signs_from,
    )
    db.session.add(row)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return db.session.scalars(select(ToolKey.kid).where(ToolKey.generation == generation)).one()
    return str(jwk["kid"])


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    """Return the JWK thumbprint (RFC 7638)."""
    canonical = json.dumps({"e": jwk["e"], "kty": "RSA", "n": jwk["n"]}, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(canonical.encode()).digest()).rstrip(b"=").decode()


def _private(row: ToolKey) -> RSAPrivateKey:
    """Return the parsed key, kept in this process: reading the PEM costs ten times the signature."""
    kept = service(OpenedKeys)
    if row.kid not in kept:
        pem = unseal(site().secret_key, _PURPOSE, row.private_encrypted).encode()
        # Made here and sealed since: to look once more whether its numbers are prime takes fifty signatures' time.
        key = load_pem_private_key(pem, None, unsafe_skip_rsa_key_validation=True)
        if not isinstance(key, RSAPrivateKey):
            message = f"the stored key {row.kid} is not an RSA key"
            raise TypeError(message)
        kept[row.kid] = key
    return kept[row.kid]
