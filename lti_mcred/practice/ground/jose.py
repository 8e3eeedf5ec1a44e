"""Signing and reading JSON Web Tokens, with joserfc: the tool uses another library, so two readings meet."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, RSAKey

Json = dict[str, Any]
_PRIVATE = ("d", "p", "q", "dp", "dq", "qi")  # RFC 7518, 6.3.2


class NotAToken(Exception):
    """The text is not a three-part JWS with JSON header and body."""


@dataclass(frozen=True)
class Unverified:
    """A token read but not believed yet; ``text`` is what its signature covers."""

    text: str
    header: Json
    claims: Json


def new_rsa_jwk(kid: str) -> Json:
    """A fresh 2048-bit RS256 signing key as a private JWK."""
    key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"}, private=True)
    return dict(key.as_dict(private=True))


def _rsa_key(jwk: Json) -> RSAKey:
    return _parsed(json.dumps({name: value for name, value in jwk.items() if name != "kid"}, sort_keys=True))


@lru_cache(maxsize=32)
def _parsed(jwk: str) -> RSAKey:
    # To check that its numbers are those of a key takes longer than a signature does.
    return RSAKey.import_key(json.loads(jwk))


def public_jwk(private: Json) -> Json:
    """The publishable half of a private JWK."""
    return {name: value for name, value in private.items() if name not in _PRIVATE}


def sign_rs256(claims: Json, private: Json) -> str:
    """A compact JWS over ``claims`` with ``typ``, ``alg`` and ``kid`` in its header (Security Framework 5.1.2)."""
    header = {"typ": "JWT", "alg": "RS256", "kid": private["kid"]}
    return jwt.encode(header, claims, _rsa_key(private), algorithms=["RS256"])


def sign_hs256(claims: Json, secret: str) -> str:
    """A token that only the campus itself reads again."""
    return jwt.encode({"typ": "JWT", "alg": "HS256"}, claims, OctKey.import_key(secret), algorithms=["HS256"])


def read_hs256(text: str, secret: str) -> Json | None:
    """The claims of a token that this campus signed, or None. Expiry is for the caller to judge."""
    try:
        return dict(jwt.decode(text, OctKey.import_key(secret), algorithms=["HS256"]).claims)
    except (JoseError, ValueError):
        return None


def read_unverified(text: str) -> Unverified:
    """Split and parse without believing; raise :class:`NotAToken` when it is no JWS of JSON objects."""
    try:
        token = jws.extract_compact(text.encode("ascii"))
        claims = json.loads(token.payload)
    except (JoseError, ValueError, UnicodeError) as problem:
        raise NotAToken(str(problem)) from problem
    header = token.headers()
    if not isinstance(claims, dict) or not isinstance(header, dict):
        raise NotAToken("not JSON objects")
    return Unverified(text, dict(header), claims)


def signature_holds(token: Unverified, public: Json) -> bool:
    """Whether the RS256 signature is that of the key; the algorithm is ours to fix, never the token's."""
    try:
        jwt.decode(token.text, _rsa_key(public), algorithms=["RS256"])
    except (JoseError, ValueError):
        return False
    return True


def seconds(moment: datetime) -> int:
    """A moment as a NumericDate: whole seconds since 1970 (RFC 7519 section 2)."""
    return int(moment.timestamp())
