"""Badges signed as JSON Web Tokens: each algorithm, each way to name a key, and what it says beside the badge."""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from lti_mcred.badges.verifier.document import ENVELOPE
from lti_mcred.badges.verifier.reading import UnreadableBadgeError
from lti_mcred.badges.verifier.verification import Verdict, Verification
from lti_mcred.badges.verifier.verify import verify, verify_bytes
from tests.badges_helpers import DID, NOW, FakeResolver, calm, signed_badge
from tests.doubling import assert_linear

UNSIGNED = {name: value for name, value in signed_badge().items() if name not in ("proof", "credentialStatus")}
KEYS: dict[str, Any] = {
    "EdDSA": Ed25519PrivateKey.generate(),
    "ES256": ec.generate_private_key(ec.SECP256R1()),
    "RS256": rsa.generate_private_key(65537, 2048),
}
_WRITERS = {"EdDSA": OKPAlgorithm.to_jwk, "ES256": ECAlgorithm.to_jwk, "RS256": RSAAlgorithm.to_jwk}
METHOD = f"{DID}#key-1"
WEB = "https://college.example/keys/1"


def jwk_of(algorithm: str) -> dict[str, Any]:
    """Return the public key as a JSON Web Key."""
    jwk: dict[str, Any] = json.loads(_WRITERS[algorithm](KEYS[algorithm].public_key()))
    return jwk


def payload(**members: Any) -> dict[str, Any]:
    """Return the claims of a badge as Open Badges 3.0 asks for them."""
    claims = {"iss": DID, "jti": UNSIGNED["id"], "sub": UNSIGNED["credentialSubject"]["id"], "nbf": 1793702527}
    return {**UNSIGNED, **claims, "exp": 1951468927, **members}


def token(claims: dict[str, Any] | None = None, algorithm: str = "EdDSA", **header: Any) -> str:
    """Return a signed badge."""
    header = {"typ": "JWT", **({"kid": METHOD} if not {"kid", "jwk"} & set(header) else {}), **header}
    kept = {name: value for name, value in (claims or payload()).items() if value is not None}
    return jwt.encode(kept, KEYS[algorithm], algorithm, {n: v for n, v in header.items() if v is not None})


def check(text: str, algorithm: str = "EdDSA", **more: Any) -> Verification:
    """Return the verification, where the issuer's document lists the key of this algorithm."""
    entry = {"id": "#key-1", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk_of(algorithm)}
    document = {"id": DID, "verificationMethod": [entry], "assertionMethod": ["#key-1"]}
    return verify_bytes(text.encode(), FakeResolver({DID: document, **more}, {}), NOW)


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("kid", [METHOD, "#key-1", None])
def test_a_token_of_each_algorithm_is_valid_however_it_names_the_key(algorithm: str, kid: str | None) -> None:
    found = check(token(algorithm=algorithm, kid=kid), algorithm)
    assert found.verdict is Verdict.VALID, [c.words for c in found.checks]
    assert found.badge is not None
    assert found.badge.name == "Regrouping from Exit Tickets"


def test_a_token_that_brings_the_issuers_own_key_along_is_valid() -> None:
    assert check(token(jwk=jwk_of("EdDSA"))).valid


def test_a_key_of_an_unknown_kind_among_the_issuers_hides_none_of_the_others() -> None:
    ours = {"id": "#key-2", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk_of("EdDSA")}
    unknown = {**ours, "id": "#key-1", "publicKeyJwk": {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}}
    document = {"id": DID, "verificationMethod": [unknown, ours], "assertionMethod": ["#key-1", "#key-2"]}
    assert check(token(jwk=jwk_of("EdDSA")), **{DID: document}).valid


def test_a_token_that_brings_a_key_of_an_unknown_kind_cannot_be_confirmed() -> None:
    found = check(token(jwk={"kty": "oct", "k": "AA"}))
    assert found.verdict is Verdict.UNCONFIRMED
    assert "a kind of key that is not known here" in found.checks[-1].words


def test_a_token_that_brings_somebodys_key_along_leaves_open_who_issued_it() -> None:
    found = check(token(algorithm="ES256", jwk=jwk_of("ES256")), "EdDSA")
    assert found.verdict is Verdict.UNCONFIRMED
    assert "cannot confirm who issued" in " ".join(c.words for c in found.checks)


def test_a_changed_token_is_called_changed() -> None:
    head, body, signature = token().split(".")
    claims = payload()
    claims["credentialSubject"] = {**claims["credentialSubject"], "narrative": "More than that."}
    other = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    assert check(f"{head}.{other}.{signature}").verdict is Verdict.TAMPERED
    assert check(f"{head}.{body}.{'A' * len(signature)}").verdict is Verdict.TAMPERED


def test_a_token_without_a_signature_is_not_signed() -> None:
    head = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    body = token().split(".")[1]
    for text in (f"{head}.{body}.", f"{head}.{body}.AAAA", token().rpartition(".")[0] + "."):
        assert check(text).verdict is Verdict.UNSIGNED


@pytest.mark.parametrize(
    "header",
    [{"crit": ["exp"]}, {"typ": "at+jwt"}, {"kid": "somewhere"}, {"kid": "did:web:gone.example#1"}],
)
def test_a_header_that_is_not_understood_leaves_the_question_open(header: dict[str, Any]) -> None:
    assert check(token(**header)).verdict is Verdict.UNCONFIRMED


@pytest.mark.parametrize("text", ["", ".", "e30", "e30.W10.", "W10.e30.", "x.y.z", token().rpartition(".")[0] + ".A"])
def test_an_envelope_with_no_token_in_it_leaves_the_question_open(text: str) -> None:
    envelope = {"type": ENVELOPE, "id": f"data:application/vc+jwt,{text}"}
    found = verify(envelope, FakeResolver({}, {}), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "not a verifiable credential in a form that is known" in found.checks[0].words


def test_a_shared_secret_proves_nothing_to_others() -> None:
    text = jwt.encode(payload(), b"k" * 32, "HS256", {"kid": METHOD})
    found = check(text)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "HS256" in found.checks[-1].words


def test_a_key_does_not_serve_another_algorithm() -> None:
    assert check(token(algorithm="ES256"), "RS256").verdict is Verdict.UNCONFIRMED


@pytest.mark.parametrize(
    ("claim", "value"),
    [
        ("iss", "did:web:evil.example"),
        ("jti", "urn:x"),
        ("sub", "urn:x"),
        ("nbf", 1),
        ("exp", 4000000000),
        ("exp", 10**18),
        ("nbf", "x"),
    ],
)
def test_a_token_that_contradicts_its_badge_is_not_confirmed(claim: str, value: Any) -> None:
    found = check(token(payload(**{claim: value})))
    assert found.verdict is Verdict.UNCONFIRMED
    assert claim in " ".join(c.words for c in found.checks)


def test_a_key_at_an_address_is_the_issuers_where_both_are_on_one_host() -> None:
    issuer = {**UNSIGNED["issuer"], "id": "https://college.example/issuer"}
    text = token(payload(issuer=issuer, iss=issuer["id"]), "RS256", kid=WEB)
    for found in (jwk_of("RS256"), {"keys": [{**jwk_of("RS256"), "kid": WEB}, jwk_of("ES256")]}):
        assert check(text, **{WEB: found}).verdict is Verdict.VALID
    elsewhere = token(payload(), "RS256", kid=WEB)
    assert check(elsewhere, **{WEB: jwk_of("RS256")}).verdict is Verdict.UNCONFIRMED
    assert check(text, **{WEB: {"keys": [jwk_of("RS256"), jwk_of("ES256")]}}).verdict is Verdict.UNCONFIRMED
    assert check(text).verdict is Verdict.UNCONFIRMED


def test_an_issuer_whose_address_cannot_be_read_has_no_host_and_no_key_there() -> None:
    issuer = {**UNSIGNED["issuer"], "id": "https://["}
    found = check(token(payload(issuer=issuer, iss="https://["), "RS256", kid=WEB), **{WEB: jwk_of("RS256")})
    assert found.verdict is Verdict.UNCONFIRMED
    assert "cannot confirm who issued" in " ".join(c.words for c in found.checks)


OTHER = json.loads(OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate().public_key()))
LISTED = {
    "id": DID,
    "verificationMethod": [{"id": "#key-2", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": OTHER}],
    "assertionMethod": ["#key-2"],
}


@pytest.mark.parametrize(
    ("kid", "today"),
    [
        (None, LISTED),
        (DID, LISTED),
        (f"{WEB}#old", {"keys": [{**OTHER, "kid": "new"}]}),
        (f"{WEB}#old", {"keys": [OTHER]}),
        (WEB, {"keys": [{**OTHER, "kid": "new"}]}),
    ],
)
def test_a_key_that_was_replaced_since_does_not_make_a_badge_a_changed_one(kid: str | None, today: Any) -> None:
    issuer = "https://college.example/issuer" if kid and kid.startswith("https") else DID
    text = token(payload(issuer={**UNSIGNED["issuer"], "id": issuer}, iss=issuer), kid=kid)
    documents = {kid or DID: today}
    assert verify_bytes(text.encode(), FakeResolver(documents, {}), NOW).verdict is Verdict.UNCONFIRMED


def test_a_key_at_an_address_of_its_own_is_the_one_that_the_token_names() -> None:
    assert check(token(kid=WEB), **{WEB: {**OTHER, "kid": "another name"}}).verdict is Verdict.TAMPERED


def test_a_badge_of_the_older_data_model_may_stand_in_the_claims_alone() -> None:
    contexts = ["https://www.w3.org/2018/credentials/v1", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json"]
    subject = {**UNSIGNED["credentialSubject"]}
    inner = {"@context": contexts, "type": UNSIGNED["type"], "issuer": UNSIGNED["issuer"], "credentialSubject": subject}
    claims = {"iss": DID, "jti": "urn:uuid:1", "sub": subject["id"], "nbf": 1793702527, "vc": inner}
    assert check(token(claims)).verdict is Verdict.VALID
    assert check(token({**claims, "exp": 1793702528})).verdict is Verdict.EXPIRED


@calm
@given(st.text(max_size=60), st.integers(min_value=0, max_value=300))
def test_no_text_put_anywhere_into_a_token_makes_another_badge_of_it(noise: str, place: int) -> None:
    text = token(jwk=jwk_of("EdDSA"))
    try:
        found = check(text[:place] + noise + text[place:])
    except UnreadableBadgeError:
        return
    assert noise.strip() == "" or not found.valid


@pytest.mark.parametrize("part", ["A", ".", "_", "eyJ"])
def test_the_work_on_a_token_grows_with_its_length_alone(part: str) -> None:
    def run(text: str) -> None:
        with pytest.raises(UnreadableBadgeError):
            verify_bytes(text.encode(), FakeResolver({}, {}), NOW)

    assert_linear(run, lambda size: "eyJ" + part * (min(size, 1 << 22) // len(part)))
