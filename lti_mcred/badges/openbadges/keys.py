"""Ed25519 keys, multikeys, did:web and did:key ids, DID documents.

Sources: W3C Controlled Identifiers 1.0 (Multikey), the did:web and did:key method specifications, RFC 8032.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519_PUBLIC = b"\xed\x01"
DID_CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
# 64 bytes of a signature are 88 characters; nothing that we decode is longer. Base58 costs the square of the
# length.
_LONGEST_BASE58 = 128
_HOST = re.compile(r"[A-Za-z0-9.-]+(%3A[0-9]{1,5})?", re.IGNORECASE)
_SEGMENT = re.compile(r"[A-Za-z0-9._-]+(%[0-9A-Fa-f]{2}[A-Za-z0-9._-]*)*")


class KeyFormatError(ValueError):
    """A key, a base58 text or a DID does not have the form that its specification asks for."""


def base58_encode(data: bytes) -> str:
    """Return base58btc of `data`, without the multibase letter. Each leading zero byte becomes a '1'."""
    zeros = len(data) - len(data.lstrip(b"\0"))
    number, text = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        text = ALPHABET[digit] + text
    return "1" * zeros + text


def base58_decode(text: str) -> bytes:
    """Return the bytes of a base58btc text.

    Raises KeyFormatError for a foreign character or more than 128.
    """
    if len(text) > _LONGEST_BASE58:
        message = "base58 text is too long"
        raise KeyFormatError(message)
    number = 0
    for letter in text:
        digit = ALPHABET.find(letter)
        if digit < 0:
            message = f"{letter!r} is not a base58 character"
            raise KeyFormatError(message)
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8)


def multibase_decode(text: object) -> bytes:
    """Return the bytes of a multibase text in base58btc ('z…'). Raises KeyFormatError for anything else."""
    if not isinstance(text, str) or not text.startswith("z"):
        message = "only multibase base58btc values (z…) are known here"
        raise KeyFormatError(message)
    return base58_decode(text[1:])


def encode_multikey(public: Ed25519PublicKey) -> str:
    """Return the publicKeyMultibase of an Ed25519 key: 'z6Mk…'."""
    return "z" + base58_encode(ED25519_PUBLIC + public.public_bytes_raw())


@dataclass(frozen=True, repr=False)
class SigningKey:
    """An issuer's private key together with the DID that it signs for."""

    did: str
    private: Ed25519PrivateKey

    @property
    def public_multibase(self) -> str:
        """The public half, as 'z6Mk…'."""
        return encode_multikey(self.private.public_key())

    @property
    def method(self) -> str:
        """The verification method: the DID, '#', and the public key itself.

        This is the only form that 1EdTech's validator, wallets on verifier-core and the W3C libraries all
        accept.
        """
        return f"{self.did}#{self.public_multibase}"


def generate(did: str) -> SigningKey:
    """Return a new key for `did`, from the operating system's randomness."""
    return SigningKey(did, Ed25519PrivateKey.generate())


def did_web(base_url: str, *path: str) -> str:
    """Return the did:web id of an address.

    ('https://x.org:8443', 'issuers', 'a') -> did:web:x.org%3A8443:issuers:a.
    """
    host = urlsplit(base_url).netloc.lower()
    return ":".join(["did:web", quote(host, safe=""), *(quote(part, safe="") for part in path)])


def did_web_url(did: str) -> str:
    """Return the https address of a did:web document.

    Raises KeyFormatError when `did` is not a plain did:web id.
    """
    prefix, _, rest = did.partition("did:web:")
    host, *segments = rest.split(":")
    if prefix or not _HOST.fullmatch(host) or not all(_SEGMENT.fullmatch(part) for part in segments):
        message = f"{did!r} is not a did:web id"
        raise KeyFormatError(message)
    path = "/".join(segments) or ".well-known"
    return f"https://{unquote(host)}/{path}/did.json"


def did_document(did: str, public_multibases: Iterable[str]) -> dict[str, Any]:
    """Return the DID document that lists the issuer's keys, retired ones too: a key left out kills its badges.

    `assertionMethod` is a list of strings: 1EdTech's resolver reads no other form.
    """
    multibases = list(public_multibases)
    methods = [f"{did}#{multibase}" for multibase in multibases]
    return {
        "@context": DID_CONTEXT,
        "id": did,
        "verificationMethod": [
            {"id": method, "type": "Multikey", "controller": did, "publicKeyMultibase": multibase}
            for method, multibase in zip(methods, multibases, strict=True)
        ],
        "assertionMethod": methods,
    }
