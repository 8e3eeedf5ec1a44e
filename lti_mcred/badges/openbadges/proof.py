"""Data Integrity proofs with the cryptosuite eddsa-rdfc-2022 (W3C Data Integrity EdDSA Cryptosuites, 2025)."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.keys import KeyFormatError, SigningKey, base58_encode, multibase_decode
from lti_mcred.badges.openbadges.values import one

CRYPTOSUITE = "eddsa-rdfc-2022"


def zulu(moment: datetime) -> str:
    """Return a time as YYYY-MM-DDThh:mm:ssZ: whole seconds, UTC.

    Raises ValueError for a time without a zone.
    """
    if moment.tzinfo is None:
        message = "a time without a zone cannot be signed"
        raise ValueError(message)
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sign(document: Mapping[str, Any], key: SigningKey, created: datetime) -> dict[str, Any]:
    """Return `document` with a `proof` list of one proof, made at `created` by `key`.

    Raises jsonld.DocumentError when a part of the document would not be covered by the signature, ValueError when the
    document has a proof already or its issuer is not the key's DID.
    """
    issuer = document.get("issuer")
    if "proof" in document or (issuer.get("id") if isinstance(issuer, dict) else issuer) != key.did:
        message = "only an unsigned document of the key's own issuer can be signed"
        raise ValueError(message)
    jsonld.check_defined(document)
    contexts = tuple(document["@context"])
    made = zulu(created)
    signature = key.private.sign(_options_hash(contexts, made, key.method) + _sha256(jsonld.canonicalize(document)))
    proof = {**_options(made, key.method), "proofValue": "z" + base58_encode(signature)}
    return {**document, "proof": [proof]}


def verify_proof(
    secured: Mapping[str, Any],
    proof: Mapping[str, Any],
    public: Ed25519PublicKey,
    previous: Sequence[Mapping[str, Any]] = (),
    covered: bytes = b"",
) -> bool:
    """Whether `proof` (one of the proofs of `secured`) is a signature by `public` over everything else.

    `previous` are the proofs that it names as its previous ones: it covers them too (Data Integrity, section 4.4).
    `covered` is `covered_hash` of the same, where it is known already. Starts from what was received, with none of the
    signing steps. Raises jsonld.DocumentError when the document cannot be canonicalised, so that no answer is possible.
    """
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    options["@context"] = secured["@context"]
    # The proof's hash comes first (section 3.2.4 of the cryptosuite).
    digest = _sha256(jsonld.canonicalize(options)) + (covered or covered_hash(secured, previous))
    try:
        public.verify(multibase_decode(one(proof.get("proofValue"))), digest)
    except (InvalidSignature, KeyFormatError):
        return False
    return True


def covered_hash(secured: Mapping[str, Any], previous: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """Return the hash of what a proof covers: the document without its proofs, but with the `previous` ones.

    Raises jsonld.DocumentError.
    """
    document = {name: value for name, value in secured.items() if name != "proof"}
    if previous:
        document["proof"] = list(previous)
    return _sha256(jsonld.canonicalize(document))


def _options(created: str, method: str) -> dict[str, Any]:
    return {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": "assertionMethod",
    }


@lru_cache(maxsize=64)
def _options_hash(contexts: tuple[str, ...], created: str, method: str) -> bytes:
    # It depends on nothing else: a class signed within one second shares it (a fifth of the cost).
    return _sha256(jsonld.canonicalize({"@context": list(contexts), **_options(created, method)}))


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
