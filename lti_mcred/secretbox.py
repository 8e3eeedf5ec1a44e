"""Secrets at rest: text that a copy of the database alone does not reveal.

Fernet (AES-128-CBC with HMAC-SHA256) under keys derived from LTI_MCRED_SECRET_KEY by HKDF-SHA256 (RFC 5869), one key
for each purpose, so that what one room seals another cannot open.
"""

from base64 import urlsafe_b64encode
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SealBroken(Exception):
    """The text was sealed with another secret key or for another purpose, or it was changed."""


def seal(secret_key: str, purpose: str, clear: str) -> str:
    """Return `clear` encrypted for `purpose` (a short constant such as "lti-signing-key")."""
    return _fernet(secret_key, purpose).encrypt(clear.encode()).decode()


def unseal(secret_key: str, purpose: str, sealed: str) -> str:
    """Return the text that `seal` was given. Raises SealBroken."""
    try:
        return _fernet(secret_key, purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        message = f"a stored {purpose} cannot be read: was LTI_MCRED_SECRET_KEY changed?"
        raise SealBroken(message) from None


@lru_cache(maxsize=32)
def _fernet(secret_key: str, purpose: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=b"lti-mcred/secretbox/1", info=purpose.encode())
    return Fernet(urlsafe_b64encode(derived.derive(secret_key.encode())))
