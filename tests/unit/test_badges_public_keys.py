"""Public keys of strangers: every form in which one is written, what is no key, and what it signed."""

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from lti_mcred.badges.openbadges.keys import KeyFormatError, base58_encode
from lti_mcred.badges.verifier.public_keys import from_jwk, from_multibase, key_document, key_of, signed_by
from tests.badges_helpers import KEY

X = base64.urlsafe_b64encode(KEY.private.public_key().public_bytes_raw()).decode().rstrip("=")
JWK = {"kty": "OKP", "crv": "Ed25519", "x": X}


def test_keys_are_read_in_each_of_their_forms() -> None:
    key = KEY.private.public_key()
    raw = b"\xed\x01" + key.public_bytes_raw()
    base64url = "u" + base64.urlsafe_b64encode(raw).decode().rstrip("=")
    did_jwk = "did:jwk:" + base64.urlsafe_b64encode(json.dumps(JWK).encode()).decode().rstrip("=")
    for read in (
        from_multibase(KEY.public_multibase),
        from_multibase(base64url),
        from_jwk(JWK),
        key_of({"publicKeyJwk": [JWK]}),
        key_of({"publicKeyBase58": base58_encode(key.public_bytes_raw())}),
        key_of(key_document(did_jwk)["verificationMethod"][0]),
        key_of(key_document(f"did:key:{KEY.public_multibase}")["verificationMethod"][0]),
    ):
        assert read.public_bytes_raw() == key.public_bytes_raw()


@pytest.mark.parametrize(
    "method",
    [
        {},
        {"publicKeyMultibase": "m123"},
        {"publicKeyMultibase": "z" + "1" * 5000},
        {"publicKeyJwk": {"kty": "oct", "k": "AA"}},
        {"publicKeyJwk": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}},
        {"publicKeyJwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
        {"publicKeyJwk": {"kty": "RSA", "n": "A" * 5000, "e": "AQAB"}},
        {"publicKeyJwk": "x"},
        {"publicKeyJwk": {**JWK, "x": "A"}},
        {"publicKeyJwk": {**JWK, "x": "é" * 43}},
        {"publicKeyBase58": "abc"},
        {"publicKeyMultibase": KEY.public_multibase, "publicKeyJwk": JWK},
    ],
)
def test_what_is_no_key_is_refused(method: dict[str, Any]) -> None:
    with pytest.raises(KeyFormatError):
        key_of(method)


@pytest.mark.parametrize("name", ["", "_w", "AAAA", "W10", "e30", "eyJrdHkiOiJvY3QifQ"])
def test_an_id_that_holds_no_json_web_key_of_a_known_kind_has_no_document(name: str) -> None:
    with pytest.raises(KeyFormatError):
        key_document(f"did:jwk:{name}")


def test_a_signature_of_p_256_is_two_numbers_of_32_bytes_and_nothing_else() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    written_otherwise = key.sign(b"badge", ec.ECDSA(SHA256()))
    numbers = b"".join(number.to_bytes(32) for number in decode_dss_signature(written_otherwise))
    assert signed_by(key.public_key(), numbers, b"badge")
    for signature in (written_otherwise, numbers[:-1], numbers + b"\0", numbers[::-1]):
        assert not signed_by(key.public_key(), signature, b"badge")
