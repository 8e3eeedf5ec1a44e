"""Bitstring Status List (W3C Recommendation, May 2025): one bit per award, hidden in a crowd of 131,072."""

import base64
import binascii
import secrets
import zlib
from collections.abc import Callable, Container
from datetime import datetime
from typing import Any

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.proof import zulu

SIZE = 131_072  # entries; the least that the Recommendation allows, 16 KiB unpacked
_GZIP = "H4sI"  # how every gzip file begins in base64
_LARGEST = 4 * 1024 * 1024  # bytes unpacked: more is taken for a decompression bomb


class StatusListError(ValueError):
    """A status list cannot be read or has no free place; the message says why."""


class ListFullError(StatusListError):
    """Every index of the list is taken: open another list."""


def empty(size: int = SIZE) -> bytes:
    """Return the bits of a list in which nothing is revoked. `size` is in entries, a multiple of 8."""
    if size < SIZE or size % 8:
        message = f"a list has at least {SIZE} entries, in whole bytes"
        raise StatusListError(message)
    return bytes(size // 8)


def get(bits: bytes, index: int) -> bool:
    """Return the bit of `index`; index 0 is the most significant bit of the first byte.

    Raises StatusListError.
    """
    if not 0 <= index < len(bits) * 8:
        message = "the index lies outside the list"
        raise StatusListError(message)
    return bool(bits[index // 8] >> (7 - index % 8) & 1)


def with_bit(bits: bytes, index: int) -> bytes:
    """Return the list with the bit of `index` set. There is no way back: a revocation is final."""
    get(bits, index)
    changed = bytearray(bits)
    changed[index // 8] |= 1 << (7 - index % 8)
    return bytes(changed)


def draw_index(taken: Container[int], size: int = SIZE, below: Callable[[int], int] = secrets.randbelow) -> int:
    """Return a free index, at random: a sequence would tell who was awarded together.

    Raises ListFullError.
    """
    for _ in range(64):
        index = below(size)
        if index not in taken:
            return index
    free = [index for index in range(size) if index not in taken]
    if not free:
        message = "the status list is full"
        raise ListFullError(message)
    return free[below(len(free))]


def encode(bits: bytes) -> str:
    """Return `encodedList`: 'u' and base64url without padding of the gzipped bits.

    Equal bits give equal text.
    """
    packer = zlib.compressobj(level=9, wbits=31)
    packed = packer.compress(bits) + packer.flush()
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def decode(encoded: object) -> bytes:
    """Return the bits of an `encodedList`, also of one whose issuer forgot the multibase letter.

    Raises StatusListError for a wrong form, too few entries or far too many.
    """
    if not isinstance(encoded, str) or not encoded.startswith(("u", _GZIP)) or "=" in encoded:
        message = "the list is not in multibase base64url (u…)"
        raise StatusListError(message)
    text = encoded.removeprefix("u")
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(wbits=31)
        bits = unpacker.decompress(packed, _LARGEST)
    except (binascii.Error, zlib.error) as error:
        message = "the list cannot be unpacked"
        raise StatusListError(message) from error
    if unpacker.unconsumed_tail or not unpacker.eof:
        message = "the list is cut off or far too long"
        raise StatusListError(message)
    if len(bits) * 8 < SIZE:
        message = f"the list has fewer than {SIZE} entries"
        raise StatusListError(message)
    return bits


def build_list_credential(
    url: str, issuer_id: str, bits: bytes, *, valid_from: datetime, valid_until: datetime, ttl_seconds: int
) -> dict[str, Any]:
    """Return the unsigned BitstringStatusListCredential.

    `issuer_id` must be the badges' issuer, or it is refused.
    """
    return {
        "@context": [jsonld.VC_2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id,
        "validFrom": zulu(valid_from),
        "validUntil": zulu(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode(bits),
            "ttl": ttl_seconds * 1000,  # the Recommendation counts milliseconds
        },
    }
