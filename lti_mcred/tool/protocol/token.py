"""The signature of an id_token: three parts, RS256 fixed by us, a kid that the platform publishes."""

import json
import re
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.exceptions import InvalidTokenError
from jwt.utils import base64url_decode

from lti_mcred.tool.protocol.checks import Refused

FindKey = Callable[[str], RSAPublicKey]
SIGNATURE_CHECKS = ("shape", "algorithm", "key id", "key", "signature")
_ALGORITHM = re.compile(r"[A-Za-z0-9+-]{1,20}", re.ASCII)
_NO_CLAIM_CHECKS: Any = {
    f"verify_{name}": False for name in ("aud", "iss", "exp", "nbf", "iat", "sub", "jti")
}  # claims are checked by checks.py, with names and reasons


class KeyUnknown(Exception):
    """The platform publishes no usable key with this kid, or its key set cannot be fetched; the message says which.

    `moment`: it was not asked, because too many kids were looked for; in some seconds it will be.
    """

    def __init__(self, words: str, *, moment: bool = False) -> None:
        super().__init__(words)
        self.moment = moment


def verified_claims(token: str, find_key: FindKey) -> dict[str, Any]:
    """Return the claims of `token` when its signature is good (Security Framework 1.0, 5.1.3 and 6.3).

    The algorithm is RS256 whatever the header says. Raises Refused with the check that failed.
    """
    try:
        header = _header(token)
    except (InvalidTokenError, RecursionError, ValueError) as error:
        raise _refused("shape", "message", 400, str(error)) from None
    if header.get("alg") != "RS256":
        named = str(header.get("alg"))
        raise _refused(
            "algorithm", "registration", 401, f"alg is {named if _ALGORITHM.fullmatch(named) else 'unknown'}"
        )
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise _refused("key id", "registration", 401, "the header has no kid")
    try:
        key = find_key(kid)
    except KeyUnknown as error:
        raise _refused("key", "moment" if error.moment else "registration", 401, str(error)) from None
    try:
        return jwt.decode(token, key, algorithms=["RS256"], options=_NO_CLAIM_CHECKS)
    except jwt.InvalidSignatureError as error:
        raise _refused("signature", "registration", 401, str(error)) from None
    except (InvalidTokenError, RecursionError, ValueError) as error:
        raise _refused("shape", "message", 400, str(error)) from None


def unverified_claims(token: str) -> dict[str, Any]:
    """Return what a token says, {} when it cannot be read. Nobody vouches for it: for support, never to decide on."""
    unchecked: Any = {**_NO_CLAIM_CHECKS, "verify_signature": False}
    try:
        return jwt.decode(token, options=unchecked)
    except (InvalidTokenError, RecursionError, ValueError):
        return {}


def _header(token: str) -> dict[str, Any]:
    """Return what the header says, to choose a key by. jwt.decode then takes the whole token apart, strictly.

    Raises InvalidTokenError, ValueError or RecursionError when it is no JWS.
    """
    first, *others = token.split(".", 3)
    if len(others) != 2:
        message = "not three parts"
        raise jwt.DecodeError(message)
    header = json.loads(base64url_decode(first))
    if not isinstance(header, dict):
        message = "the header is no object"
        raise jwt.DecodeError(message)
    return header


def _refused(check: str, kind: Any, status: int, fact: str) -> Refused:
    before = SIGNATURE_CHECKS[: SIGNATURE_CHECKS.index(check)]
    return Refused(check, kind, status, fact, before)
