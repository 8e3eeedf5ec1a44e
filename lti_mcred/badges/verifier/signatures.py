"""Who signed a document, and does it still say what they signed? Data Integrity proofs, one or several.

"Changed" is concluded from one thing alone: a signature that does not fit, under a key that its owner lists. Whatever
else is amiss (an owner out of reach, a key not listed, an issuer that the key does not belong to) leaves the question
open, and the check says why.

Source: W3C Data Integrity 1.0, sections 4.4 and 4.5 (proof sets and chains).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.proof import CRYPTOSUITE, covered_hash, verify_proof
from lti_mcred.badges.openbadges.values import issuer_id, items, moment_of, objects, one, text_of
from lti_mcred.badges.verifier import controllers
from lti_mcred.badges.verifier.controllers import KeyProblem
from lti_mcred.badges.verifier.lookup import Resolver
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.public_keys import PublicKey
from lti_mcred.badges.verifier.verification import Check, State

PASSED, FAILED, UNKNOWN = State.PASSED, State.FAILED, State.UNKNOWN
_MOST_PROOFS = 5  # each costs a canonicalisation, and may cost a look-up
_MOST_EXACT = 1 << 53
_PURPOSE = ("assertionMethod", "https://w3id.org/security#assertionMethod")  # the same to a signature over RDF


def form(document: Mapping[str, Any]) -> Check:
    """Check that every part of the document has a meaning that a signature can cover."""
    contexts = [one(context) for context in items(document.get("@context"))]
    if not contexts or contexts[0] not in (jsonld.VC_2, jsonld.VC_1):
        return Check("form", UNKNOWN, N_("This is not a verifiable credential in a form that is known here."))
    proofs = [proof for proof in objects(document.get("proof")) if suite(proof) == CRYPTOSUITE]
    try:
        # Another kind of proof has words of its own; whatever it says, it is not believed here.
        jsonld.check_defined({**document, "proof": proofs})
    except jsonld.UnknownContextError:
        return Check("form", UNKNOWN, N_("The badge uses a vocabulary that is not known here."))
    except jsonld.UndefinedTermError as error:
        message = N_("Some parts of the badge are not covered by its signature (%(detail)s).")
        return Check("form", UNKNOWN, message, {"detail": str(error)})
    except jsonld.DocumentError as error:
        message = N_("The badge is written in a way that cannot be checked here (%(detail)s).")
        return Check("form", UNKNOWN, message, {"detail": str(error)})
    return Check("form", PASSED, N_("The badge is well formed and every part of it has a known meaning."))


def check_proofs(document: Mapping[str, Any], resolver: Resolver, now: datetime) -> Iterator[Check]:
    """Yield the checks of the issuer's proof, then one check for each further proof."""
    proofs = list(objects(document.get("proof")))
    known = [proof for proof in proofs if suite(proof) == CRYPTOSUITE]
    if not known:
        yield _no_known_proof(proofs)
        return
    issuer = issuer_id(dict(document))
    known.sort(key=lambda proof: not controllers.same(_signer(proof, issuer), issuer))  # the issuer's own ones first
    covered = _Covered(document)
    found = [list(_one_proof(covered, proof, resolver, now)) for proof in known[:_MOST_PROOFS]]
    best = next((index for index, checks in enumerate(found) if _holds(checks)), 0)
    yield from found[best]
    if not _holds(found[best]):
        return
    for index, proof in enumerate(known):
        if index != best:
            yield _witness(_signer(proof, issuer), found[index] if index < len(found) else [])
    for proof in proofs:
        if proof not in known:
            message = N_("It is also signed with %(kind)s, which cannot be checked here.")
            yield Check("witness", UNKNOWN, message, {"kind": suite(proof) or "?"})


def suite(proof: Mapping[str, Any]) -> str:
    """Return the cryptosuite of a proof, or its type where that says it all."""
    kind = text_of(proof.get("type"))
    return text_of(proof.get("cryptosuite")) if kind == "DataIntegrityProof" else kind


def bound_to_issuer(issuer: str, method: str, resolver: Resolver) -> bool:
    """Whether the issuer's own document names somebody else's key as one that signs for the issuer."""
    try:
        return controllers.vouches(controllers.owner_document(issuer, resolver), issuer, method)
    except KeyProblem:
        return False


def not_bound(issuer: str, signer: str) -> Check:
    """Return the check that fails when a signature is good, and nothing says that its key is the issuer's."""
    message = N_("The signature is one of %(signer)s. Nothing shows that this key belongs to the issuer, %(issuer)s, "
                 "so we cannot confirm who issued the badge.")  # fmt: skip
    return Check("issuer", FAILED, message, {"signer": signer, "issuer": issuer or "?"})


class _Covered:
    """A document with the hash of what its proofs cover, worked out once however many they are."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._hash = b""

    def hash(self, previous: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the hash. Raises DocumentError."""
        if previous:
            return covered_hash(self.document, previous)
        self._hash = self._hash or covered_hash(self.document)
        return self._hash


def _holds(checks: Sequence[Check]) -> bool:
    return bool(checks) and all(check.state is PASSED for check in checks)


def _no_known_proof(proofs: list[dict[str, Any]]) -> Check:
    if not proofs:
        return Check("unsigned", FAILED, N_("The badge carries no signature."))
    message = N_("The badge is signed with %(kind)s, which cannot be checked here.")
    return Check("proof", UNKNOWN, message, {"kind": ", ".join(filter(None, map(suite, proofs))) or "?"})


def _witness(signer: str, checks: list[Check]) -> Check:
    names = {"signer": signer or "?"}
    reason = checks[-1] if checks else None
    if any(check.code == "signature" and check.state is PASSED for check in checks):
        return Check("witness", PASSED, N_("It is also signed by %(signer)s."), names)
    if reason is not None and reason.state is FAILED:
        message = N_("It carries a second signature that names %(signer)s and does not hold.")
        return Check("witness", FAILED, message, names)
    message = N_("It is also signed by %(signer)s; that signature could not be checked.")
    return Check("witness", UNKNOWN, message, names)


def _signer(proof: Mapping[str, Any], issuer: str) -> str:
    return controllers.owner_of(controllers.absolute(proof.get("verificationMethod"), issuer))


def _one_proof(covered: _Covered, proof: Mapping[str, Any], resolver: Resolver, now: datetime) -> Iterator[Check]:
    issuer = issuer_id(dict(covered.document))
    method = controllers.absolute(proof.get("verificationMethod"), issuer)
    signer = controllers.owner_of(method)
    own = controllers.same(signer, issuer)
    if own:
        yield Check("issuer", PASSED, N_("The signature names the same issuer as the badge."))
    try:
        key = _key(signer, method, resolver, now)
    except KeyProblem as problem:
        yield problem.check
        return
    yield Check("key", PASSED, N_("The key named in it belongs to %(issuer)s."), {"issuer": signer})
    signature = _signature(covered, proof, method, key, now)
    yield signature
    if signature.state is not PASSED:
        return
    if text_of(proof.get("proofPurpose")) not in _PURPOSE:
        yield Check("issuer", FAILED, N_("The signature holds, but was made for another purpose than issuing a badge."))
    elif not own and not bound_to_issuer(issuer, method, resolver):
        yield not_bound(issuer, signer)
    elif not own:
        yield Check("issuer", PASSED, N_("%(issuer)s names this key as one of its own."), {"issuer": issuer})


def _key(signer: str, method: str, resolver: Resolver, now: datetime) -> Ed25519PublicKey:
    if not signer:
        raise KeyProblem(Check("key", UNKNOWN, N_("The signature does not say whose key it was made with.")))
    if signer.startswith("did:key:") and method == signer:  # a bare did:key has one key only
        method = f"{signer}#{signer.removeprefix('did:key:')}"
    key: PublicKey = controllers.key_named(controllers.owner_document(signer, resolver), signer, method, now)
    if not isinstance(key, Ed25519PublicKey):
        message = N_("%(issuer)s uses a kind of key that does not fit this kind of signature.")
        raise KeyProblem(Check("key", UNKNOWN, message, {"issuer": signer}))
    return key


def _signature(covered: _Covered, proof: Mapping[str, Any], method: str, key: Ed25519PublicKey, now: datetime) -> Check:
    document = covered.document
    previous = _previous(document, proof)
    if (why := _unusable(proof, previous, now)) is not None:
        return Check("signature", UNKNOWN, why)
    # Who signed with a relative key id may have signed it in full or, as RDF drops it, not at all.
    spellings = (
        [proof] if proof.get("verificationMethod") == method else [proof, {**proof, "verificationMethod": method}]
    )
    try:
        known = covered.hash(previous or [])
        good = any(verify_proof(document, spelling, key, previous or [], known) for spelling in spellings)
    except jsonld.DocumentError as error:
        message = N_("The badge is written in a way that cannot be checked here (%(detail)s).")
        return Check("signature", UNKNOWN, message, {"detail": str(error)})
    if good:
        return Check("signature", PASSED, N_("Nothing was changed since the issuer signed it."))
    if _disputed(document):
        message = N_(
            "The badge holds a number that programs write differently, so its signature cannot be checked here."
        )
        return Check("signature", UNKNOWN, message)
    return Check("signature", FAILED, N_("The badge was changed after it was signed, or the issuer never signed it."))


def _unusable(proof: Mapping[str, Any], previous: object, now: datetime) -> str | None:
    """Return why a proof says nothing, whether it fits or not; None where it does say something."""
    expires, value = proof.get("expires"), text_of(one(proof.get("proofValue")))
    if expires is not None and ((end := moment_of(expires)) is None or end <= now):
        return N_("The signature itself has passed its last day.")
    if value and not value.startswith("z"):  # another multibase (Controlled Identifiers, 2.4) is no sign of a change
        return N_("The signature is written in a way that is not known here.")
    return N_("The signature builds on an earlier one that is not in the badge.") if previous is None else None


def _previous(document: Mapping[str, Any], proof: Mapping[str, Any]) -> list[Mapping[str, Any]] | None:
    """Return the proofs that a proof names as its previous ones, None when one of them is missing."""
    names = [text_of(name) for name in items(proof.get("previousProof"))]
    proofs = {text_of(other.get("id")): other for other in objects(document.get("proof")) if other.get("id")}
    return [proofs[name] for name in names] if all(name in proofs for name in names) else None


def _disputed(value: Any) -> bool:
    """Whether there is a number that canonicalisers write in different ways: tiny, or beyond exact doubles."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict | list):
            stack.extend(node.values() if isinstance(node, dict) else node)
        elif isinstance(node, int | float) and (0 < abs(node) < 1e-6 or abs(node) > _MOST_EXACT):
            return True
    return False
