"""References to rows in addresses and forms, made for one audience: what one reads cannot be joined with another's.

An id is sixteen bytes, one block of AES, enciphered under a key of the audience (derived from LTI_MCRED_SECRET_KEY by
HKDF-SHA256). A reference tells nothing of the id, of its time, or of the same row's reference elsewhere. It is never a
permission: whoever uses one is checked as with the id itself.
"""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from lti_mcred.services import site

_REFERENCE = re.compile(r"[A-Za-z0-9_-]{22}\Z", re.ASCII)
_ID = re.compile(r"[0-9a-f]{32}\Z", re.ASCII)


def reference(audience: str, row_id: str) -> str:
    """Return the reference of `audience` to a row: 22 characters, always the same ones. `row_id`: 32 hex digits."""
    if not _ID.match(row_id):
        return row_id
    return urlsafe_b64encode(_cipher(audience).encryptor().update(bytes.fromhex(row_id))).decode().rstrip("=")


def referred(audience: str, given: str) -> str:
    """Return the id that a reference of `audience` stands for. Whatever is none comes back: an id of an older page."""
    if not _REFERENCE.match(given):
        return given[:32]
    try:
        block = urlsafe_b64decode(given + "==")
    except binascii.Error:
        return ""
    return _cipher(audience).decryptor().update(block).hex()


def _cipher(audience: str) -> Cipher[ECB]:
    # One block that is unlike all others: what ECB gives away, equal blocks, cannot be there.
    return Cipher(AES256(_derived_key(site().secret_key, audience)), ECB())  # noqa: S305 - as said


@lru_cache(maxsize=16)
def _derived_key(secret_key: str, audience: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"lti-mcred/references/1", info=audience.encode())
    return derived.derive(secret_key.encode())
