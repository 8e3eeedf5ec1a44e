"""Keys: base58, multikeys, DIDs, DID documents."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges import keys
from lti_mcred.badges.verifier.public_keys import from_multibase, key_document
from tests.badges_helpers import DID, KEY, OTHER_KEY, calm

# The key pair of the W3C test vectors for Data Integrity EdDSA Cryptosuites 1.0.
W3C_PUBLIC = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"


@calm
@given(st.binary(max_size=80))
def test_base58_gives_back_every_byte(data: bytes) -> None:
    assert keys.base58_decode(keys.base58_encode(data)) == data


@pytest.mark.parametrize(
    ("data", "text"),
    [(b"", ""), (b"\0", "1"), (b"\0\0\x28\x7f\xb4\xcd", "11233QC4"), (b"Hello World!", "2NEpo7TZRRrLZSi2U")],
)
def test_base58_keeps_to_the_published_examples(data: bytes, text: str) -> None:
    assert keys.base58_encode(data) == text
    assert keys.base58_decode(text) == data


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b", "é", "1" * 129])
def test_foreign_characters_and_long_texts_are_not_base58(text: str) -> None:
    with pytest.raises(keys.KeyFormatError):
        keys.base58_decode(text)


def test_the_multikey_of_the_w3c_vectors_is_read_and_written() -> None:
    public = from_multibase(W3C_PUBLIC)
    assert isinstance(public, Ed25519PublicKey)
    assert keys.encode_multikey(public) == W3C_PUBLIC


@pytest.mark.parametrize(
    "value",
    [None, 7, "", "z", "u6Mk", W3C_PUBLIC[:-1], "z6Mk0", "z" + keys.base58_encode(b"\x80\x24\x02" + b"\xff" * 32)],
)
def test_what_is_no_multikey_of_ed25519_or_a_point_of_p_256_is_refused(value: object) -> None:
    with pytest.raises(keys.KeyFormatError):
        from_multibase(value)


def test_a_new_key_is_random_and_named_by_itself() -> None:
    one, two = keys.generate(DID), keys.generate(DID)
    assert one.method != two.method
    assert one.method == f"{DID}#{one.public_multibase}"
    assert one.public_multibase.startswith("z6Mk")


def test_a_port_is_escaped_in_a_did() -> None:
    assert keys.did_web("http://127.0.0.1:8000", "issuers", "a-b") == "did:web:127.0.0.1%3A8000:issuers:a-b"
    assert keys.did_web("https://Badges.Example.edu/") == "did:web:badges.example.edu"


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:badges.example.edu", "https://badges.example.edu/.well-known/did.json"),
        ("did:web:example.edu:issuers:7", "https://example.edu/issuers/7/did.json"),
        ("did:web:example.edu%3A8443:a", "https://example.edu:8443/a/did.json"),
    ],
)
def test_a_did_leads_to_its_document(did: str, url: str) -> None:
    assert keys.did_web_url(did) == url


@pytest.mark.parametrize(
    "did",
    [
        "did:key:z6Mk",
        "did:web:",
        "did:web:a/b",
        "did:web:user@host",
        "did:web:a:",
        "did:web:a%2Fb",
        "xdid:web:a",
        "did:web:a:?q",
    ],
)
def test_a_did_cannot_lead_elsewhere(did: str) -> None:
    with pytest.raises(keys.KeyFormatError):
        keys.did_web_url(did)


def test_a_did_document_lists_retired_keys_too_and_assertion_methods_as_strings() -> None:
    document = keys.did_document(DID, [OTHER_KEY.public_multibase, KEY.public_multibase])
    assert document["assertionMethod"] == [OTHER_KEY.method, KEY.method]
    assert [method["id"] for method in document["verificationMethod"]] == document["assertionMethod"]
    assert {method["type"] for method in document["verificationMethod"]} == {"Multikey"}


def test_a_did_key_is_its_own_document() -> None:
    did = f"did:key:{W3C_PUBLIC}"
    document = key_document(did)
    assert document["id"] == document["verificationMethod"][0]["controller"] == did
    assert document["assertionMethod"] == [document["verificationMethod"][0]["id"]] == [f"{did}#{W3C_PUBLIC}"]
