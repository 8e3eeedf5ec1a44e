"""Public keys of strangers: multikeys, JSON Web Keys, and the ids that are keys themselves (did:key, did:jwk).

Sources: W3C Controlled Identifiers 1.0, section 2.2; RFC 7517, 7518, 8037; the did:key and did:jwk specifications.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from lti_mcred.badges.openbadges.keys import ED25519_PUBLIC, KeyFormatError, base58_decode, multibase_decode
from lti_mcred.badges.openbadges.values import one
from lti_mcred.badges.verifier.document import UnreadableBadgeError, read_json

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
_P256_PUBLIC = b"\x80\x24"
_LONGEST = 4096  # characters of a JWK's number: a key of 8,192 bits has 1,366
_RSA_BITS = (2048, 8192)


def key_of(method: Mapping[str, Any]) -> PublicKey:
    """Return the key in a verification method, in whichever of the known forms.

    Raises KeyFormatError for another kind of key, for none, and for several.
    """
    forms = {"publicKeyMultibase": from_multibase, "publicKeyJwk": from_jwk, "publicKeyBase58": _from_base58}
    given = [(read, one(method[name])) for name, read in forms.items() if method.get(name) is not None]
    if len(given) != 1:
        message = "a verification method has exactly one key"
        raise KeyFormatError(message)
    read, value = given[0]
    return read(value)


def from_multibase(text: object) -> PublicKey:
    """Return the key of a publicKeyMultibase, in base58btc (z…) or base64url (u…). Raises KeyFormatError."""
    base64url = isinstance(text, str) and text.startswith("u")
    raw = _base64(str(text)[1:]) if base64url else multibase_decode(text)
    if len(raw) == 34 and raw.startswith(ED25519_PUBLIC):
        return Ed25519PublicKey.from_public_bytes(raw[2:])
    if len(raw) == 35 and raw.startswith(_P256_PUBLIC):
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw[2:])
        except ValueError as error:
            raise KeyFormatError(str(error)) from error
    message = "the key is neither Ed25519 nor P-256"
    raise KeyFormatError(message)


def from_jwk(jwk: object) -> PublicKey:
    """Return the key of a JSON Web Key: Ed25519, P-256 or RSA. Raises KeyFormatError."""
    kind = (jwk.get("kty"), jwk.get("crv")) if isinstance(jwk, dict) else None
    try:
        if isinstance(jwk, dict) and kind == ("OKP", "Ed25519"):
            return Ed25519PublicKey.from_public_bytes(_base64(jwk.get("x")))
        if isinstance(jwk, dict) and kind == ("EC", "P-256"):
            return ec.EllipticCurvePublicNumbers(_int(jwk.get("x")), _int(jwk.get("y")), ec.SECP256R1()).public_key()
        if isinstance(jwk, dict) and jwk.get("kty") == "RSA":
            return _rsa(_int(jwk.get("n")), _int(jwk.get("e")))
    except ValueError as error:
        raise KeyFormatError(str(error)) from error
    message = "the key is neither Ed25519 nor P-256 nor RSA"
    raise KeyFormatError(message)


def key_document(did: str) -> dict[str, Any]:
    """Return the DID document that a did:key or did:jwk id stands for. Raises KeyFormatError."""
    if did.startswith("did:key:"):
        name = did.removeprefix("did:key:")
        from_multibase(name)
        method = {"id": f"{did}#{name}", "publicKeyMultibase": name}
    else:
        try:
            jwk = read_json(_base64(did.removeprefix("did:jwk:")).decode())
        except (UnicodeDecodeError, UnreadableBadgeError) as error:
            message = "the id is no JSON Web Key"
            raise KeyFormatError(message) from error
        from_jwk(jwk)
        method = {"id": f"{did}#0", "publicKeyJwk": jwk}
    return {"id": did, "verificationMethod": [{**method, "controller": did}], "assertionMethod": [method["id"]]}


def algorithm_of(key: PublicKey) -> str:
    """Return the JOSE algorithm that a key signs badges with."""
    if isinstance(key, rsa.RSAPublicKey):
        return "RS256"
    return "EdDSA" if isinstance(key, Ed25519PublicKey) else "ES256"


def signed_by(key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether `signature` is one of `key` over `data`, by the key's own JOSE algorithm (RFC 7518, 8037)."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, data)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), SHA256())
        elif len(signature) == 64:
            pair = utils.encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
            key.verify(pair, data, ec.ECDSA(SHA256()))
        else:
            return False
    except InvalidSignature:
        return False
    return True


def _from_base58(text: object) -> PublicKey:
    raw = base58_decode(text) if isinstance(text, str) else b""
    if len(raw) != 32:
        message = "the key is not an Ed25519 public key"
        raise KeyFormatError(message)
    return Ed25519PublicKey.from_public_bytes(raw)


def _rsa(modulus: int, exponent: int) -> rsa.RSAPublicKey:
    if not _RSA_BITS[0] <= modulus.bit_length() <= _RSA_BITS[1] or exponent.bit_length() > 32:
        message = "the RSA key is too short or too long"
        raise KeyFormatError(message)
    return rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _int(text: object) -> int:
    return int.from_bytes(_base64(text))


def _base64(text: object) -> bytes:
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        message = "a part of the key is missing or too long"
        raise KeyFormatError(message)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        message = "a part of the key is not base64url"
        raise KeyFormatError(message) from error
