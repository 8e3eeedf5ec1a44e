"""Whose signature is it? Every legal way to name a key, several signatures, and when "changed" may be said."""

import copy
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges.jsonld import canonicalize
from lti_mcred.badges.openbadges.keys import SigningKey, base58_encode, did_document
from lti_mcred.badges.openbadges.proof import sign, verify_proof
from lti_mcred.badges.verifier import controllers
from lti_mcred.badges.verifier.verification import State, Verdict, Verification
from lti_mcred.badges.verifier.verify import verify
from tests.badges_helpers import AWARD, DID, KEY, NOW, OTHER_KEY, FakeResolver, calm, signed_badge
from tests.doubling import assert_linear
from tests.unit.test_badges_public_keys import JWK

BADGE = signed_badge()
UNSIGNED = {name: value for name, value in BADGE.items() if name != "proof"}
WITNESS = SigningKey("did:web:witness.example", OTHER_KEY.private)


def check(badge: dict[str, Any], **documents: Any) -> Verification:
    """Return the verification of a badge, where the issuer's document is `issuer` and the witness's `witness`."""
    known = {DID: documents.get("issuer", did_document(DID, [KEY.public_multibase]))}
    if "witness" in documents:
        known[WITNESS.did] = documents["witness"]
    return verify(badge, FakeResolver(documents={**known, **documents.get("more", {})}), NOW)


def document(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """Return the issuer's document, changed."""
    made = did_document(DID, [KEY.public_multibase])
    change(made)
    return made


def named(method: str, *, signed_as: str | None = None) -> dict[str, Any]:
    """Return the badge, signed with a key of this name; `signed_as` is the name that the signature covers."""
    key = NamedKey(DID, KEY.private, signed_as or method)
    unsigned = {member: value for member, value in UNSIGNED.items() if member != "credentialStatus"}
    badge = sign(unsigned, key, AWARD.valid_from)
    badge["proof"][0]["verificationMethod"] = method
    return badge


@dataclass(frozen=True)
class NamedKey(SigningKey):
    """A key with a name of its own."""

    name: str = ""

    @property
    def method(self) -> str:
        """The name."""
        return self.name


def relative(made: dict[str, Any]) -> None:
    """Write every reference of a document relative to its id."""
    made["verificationMethod"][0]["id"] = "#key-1"
    made["assertionMethod"] = ["#key-1"]


LEGAL: dict[str, Callable[[dict[str, Any]], Any]] = {
    "relative ids": relative,
    "a relative id in the method": lambda d: (
        d["verificationMethod"][0].update(id="#key-1") or d.update(assertionMethod=[f"{DID}#key-1"])
    ),
    "a relative id in the list": lambda d: (
        d["verificationMethod"][0].update(id=f"{DID}#key-1") or d.update(assertionMethod=["#key-1"])
    ),
    "written out in the list": lambda d: d.update(
        assertionMethod=[{**d.pop("verificationMethod")[0], "id": f"{DID}#key-1"}]
    ),
    "written out with a relative id": lambda d: d.update(
        assertionMethod=[{**d.pop("verificationMethod")[0], "id": "#key-1"}]
    ),
    "one value instead of a list": lambda d: d.update(
        verificationMethod={**d["verificationMethod"][0], "id": "#key-1"}, assertionMethod="#key-1"
    ),
    "a JSON Web Key": lambda d: d.update(
        verificationMethod=[{"id": "#key-1", "type": "JsonWebKey2020", "controller": DID, "publicKeyJwk": JWK}],
        assertionMethod=["#key-1"],
    ),
    "several controllers": lambda d: (
        relative(d) or d["verificationMethod"][0].update(controller=["did:web:a.example", DID])
    ),
    "a key that will end later": lambda d: (
        relative(d) or d["verificationMethod"][0].update(expires="2030-01-01T00:00:00Z")
    ),
    "objects instead of names": lambda d: (
        relative(d)
        or d.update(assertionMethod=[{"id": "#key-1"}])
        or d["verificationMethod"][0].update(controller={"id": DID})
    ),
    "another spelling of the id": lambda d: relative(d) or d.update(id=DID.replace("badges", "BADGES")),
}


@pytest.mark.parametrize("change", LEGAL.values(), ids=LEGAL)
@pytest.mark.parametrize("method", [f"{DID}#key-1", "#key-1"])
def test_every_legal_way_to_name_a_key_is_understood(change: Callable[[dict[str, Any]], Any], method: str) -> None:
    found = check(named(method), issuer=document(change))
    assert found.verdict is Verdict.VALID, [c.words for c in found.checks]


def test_a_relative_name_in_the_proof_holds_whichever_spelling_was_signed() -> None:
    assert check(named("#key-1", signed_as=f"{DID}#key-1"), issuer=document(relative)).valid
    changed = copy.deepcopy(named("#key-1"))
    changed["credentialSubject"]["achievement"]["name"] = "Another title"
    assert check(changed, issuer=document(relative)).verdict is Verdict.TAMPERED


def test_a_key_that_is_listed_for_other_purposes_only_is_named_so() -> None:
    found = check(BADGE, issuer=document(lambda d: d.update(authentication=d.pop("assertionMethod"))))
    assert found.verdict is Verdict.UNCONFIRMED
    assert "not for signing badges" in found.checks[-1].words


def test_a_signature_that_names_no_key_leaves_the_question_open() -> None:
    nameless = {name: value for name, value in BADGE["proof"][0].items() if name != "verificationMethod"}
    found = check({**BADGE, "proof": [nameless]})
    assert found.verdict is Verdict.UNCONFIRMED
    assert "does not say whose key" in found.checks[-1].words


def test_a_relative_name_belongs_to_the_document_that_it_stands_in() -> None:
    other = copy.deepcopy(did_document(WITNESS.did, [OTHER_KEY.public_multibase]))
    other["verificationMethod"][0]["id"], other["assertionMethod"] = "#key-1", ["#key-1"]
    badge = named(f"{DID}#key-1")
    assert check(badge, issuer=document(relative), witness=other).valid
    assert not check(badge, issuer={**other, "id": DID}).valid


UNBOUND = ["https://college.example/issuer", "did:web:college.example", "urn:uuid:1", "did:ion:abc"]


@pytest.mark.parametrize("issuer", UNBOUND)
def test_a_good_signature_of_a_key_that_is_not_the_issuers_leaves_open_who_issued(issuer: str) -> None:
    key = SigningKey(f"did:key:{OTHER_KEY.public_multibase}", OTHER_KEY.private)
    badge = resigned(BADGE, {**UNSIGNED["issuer"], "id": issuer}, key)
    found = check(badge)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "cannot confirm who issued" in found.checks[-1].words
    assert found.check("signature").state is State.PASSED
    badge = copy.deepcopy(badge)
    badge["credentialSubject"]["achievement"]["name"] = "Another title"
    assert check(badge).verdict is Verdict.TAMPERED


def resigned(badge: dict[str, Any], issuer: Any, key: SigningKey) -> dict[str, Any]:
    """Return the badge with another issuer, signed by a key that is not the issuer's."""
    unsigned = {name: value for name, value in badge.items() if name != "proof"}

    other = NamedKey(issuer["id"], key.private, key.method)
    return sign({**unsigned, "issuer": issuer}, other, AWARD.valid_from)


def test_an_issuer_who_names_somebody_elses_key_as_its_own_is_believed() -> None:
    key = SigningKey(f"did:key:{OTHER_KEY.public_multibase}", OTHER_KEY.private)
    badge = resigned(BADGE, UNSIGNED["issuer"], key)
    vouching = document(lambda d: d["assertionMethod"].append(key.method))
    assert not check(badge).valid
    assert [c.state for c in check(badge, issuer=vouching).checks if c.code == "issuer"] == [State.PASSED]


def test_a_document_about_somebody_else_vouches_for_nobody() -> None:
    key = SigningKey(f"did:key:{OTHER_KEY.public_multibase}", OTHER_KEY.private)
    others = document(lambda d: d["assertionMethod"].append(key.method) or d.update(id="did:web:somebody.example"))
    found = check(resigned(BADGE, UNSIGNED["issuer"], key), issuer=others)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "cannot confirm who issued" in found.checks[-1].words


def test_a_did_key_is_named_with_its_fragment_or_without_for_it_has_one_key() -> None:
    did = f"did:key:{KEY.public_multibase}"
    unsigned = {name: value for name, value in UNSIGNED.items() if name != "credentialStatus"}
    for name in (did, f"{did}#{KEY.public_multibase}"):
        key = NamedKey(did, KEY.private, name)
        badge = sign({**unsigned, "issuer": {**UNSIGNED["issuer"], "id": did}}, key, AWARD.valid_from)
        assert check(badge).verdict is Verdict.VALID


def test_a_signature_that_holds_but_was_made_for_another_purpose_issues_nothing() -> None:
    options = {name: value for name, value in BADGE["proof"][0].items() if name != "proofValue"}
    issued = chained(UNSIGNED, options, KEY, [])
    logged_in = chained(UNSIGNED, {**options, "proofPurpose": "authentication"}, KEY, [])
    assert check({**UNSIGNED, "proof": [issued]}).valid
    found = check({**UNSIGNED, "proof": [logged_in]})
    assert found.verdict is Verdict.UNCONFIRMED
    assert "made for another purpose" in found.checks[-1].words


def test_an_https_issuer_is_looked_up_at_its_own_address() -> None:
    did = "https://college.example/issuer"
    key = SigningKey(did, OTHER_KEY.private)
    unsigned = {n: v for n, v in UNSIGNED.items() if n != "credentialStatus"}
    badge = sign({**unsigned, "issuer": {**UNSIGNED["issuer"], "id": did}}, key, AWARD.valid_from)
    assert check(badge, more={did: did_document(did, [OTHER_KEY.public_multibase])}).valid
    assert check(badge).verdict is Verdict.UNCONFIRMED


def witnessed(badge: dict[str, Any] = BADGE, **members: Any) -> dict[str, Any]:
    """Return the badge with a witness's proof behind the issuer's."""
    unsigned = {name: value for name, value in badge.items() if name != "proof"}
    second = resigned(unsigned, UNSIGNED["issuer"], WITNESS)["proof"][0]
    return {**badge, "proof": [*badge["proof"], {**second, **members}]}


WITNESS_DOCUMENT = did_document(WITNESS.did, [OTHER_KEY.public_multibase])


def test_a_witness_who_signed_too_is_named() -> None:
    for badge in (witnessed(), {**witnessed(), "proof": witnessed()["proof"][::-1]}):
        found = check(badge, witness=WITNESS_DOCUMENT)
        assert found.verdict is Verdict.VALID
        assert "also signed by did:web:witness.example" in found.check("witness").words


@pytest.mark.parametrize(
    ("members", "kind"),
    [
        ({}, "did:web:witness.example"),
        ({"cryptosuite": "ecdsa-rdfc-2019"}, "ecdsa-rdfc-2019"),
        ({"cryptosuite": "bbs-2023"}, "bbs-2023"),
        ({"type": "Ed25519Signature2020"}, "Ed25519Signature2020"),
        ({"verificationMethod": "did:example:x#1"}, "did:example:x"),
        ({"previousProof": "urn:uuid:gone"}, "did:web:witness.example"),
    ],
)
def test_a_second_signature_that_cannot_be_checked_takes_nothing_from_the_issuers(
    members: dict[str, Any], kind: str
) -> None:
    found = check(witnessed(**members))
    assert found.verdict is Verdict.VALID
    witness = found.check("witness")
    assert witness is not None
    assert (witness.state, kind in witness.words) == (State.UNKNOWN, True)


def test_a_second_signature_that_does_not_hold_is_not_passed_over() -> None:
    false = witnessed(proofValue=BADGE["proof"][0]["proofValue"])
    found = check(false, witness=WITNESS_DOCUMENT)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "does not hold" in found.checks[-1].words
    own = {**BADGE, "proof": [*BADGE["proof"], signed_badge(OTHER_KEY)["proof"][0]]}
    assert check(own).verdict is Verdict.UNCONFIRMED


def test_a_witness_alone_does_not_make_an_issuer() -> None:
    only = witnessed()
    only["proof"] = only["proof"][1:]
    found = check(only, witness=WITNESS_DOCUMENT)
    assert found.verdict is Verdict.UNCONFIRMED
    assert found.check("signature").state is State.PASSED


def test_a_chain_of_signatures_is_followed() -> None:
    first = {**BADGE["proof"][0], "id": "urn:uuid:first"}
    first = chained(UNSIGNED, {k: v for k, v in first.items() if k != "proofValue"}, KEY, [])
    options = {**BADGE["proof"][0], "verificationMethod": WITNESS.method, "previousProof": "urn:uuid:first"}
    second = chained(UNSIGNED, {k: v for k, v in options.items() if k != "proofValue"}, WITNESS, [first])
    badge = {**UNSIGNED, "proof": [first, second]}
    found = check(badge, witness=WITNESS_DOCUMENT)
    assert found.verdict is Verdict.VALID, [c.words for c in found.checks]
    assert found.check("witness").state is State.PASSED
    assert verify_proof(badge, second, OTHER_KEY.private.public_key(), [first])
    assert not verify_proof(badge, second, OTHER_KEY.private.public_key())


def chained(unsigned: dict[str, Any], options: dict[str, Any], key: SigningKey, previous: list[Any]) -> dict[str, Any]:
    """Return a proof over a document and the proofs before it, as Data Integrity 1.0 section 4.4 builds it."""
    covered = {**unsigned, "proof": previous} if previous else unsigned
    digest = hashlib.sha256(canonicalize({**options, "@context": unsigned["@context"]})).digest()
    digest += hashlib.sha256(canonicalize(covered)).digest()
    return {**options, "proofValue": "z" + base58_encode(key.private.sign(digest))}


@pytest.mark.parametrize("number", [1e-7, 12345678901234567890])
def test_numbers_that_programs_write_differently_are_not_called_changes(number: float) -> None:
    badge = copy.deepcopy(BADGE)
    badge["credentialSubject"]["creditsEarned"] = number
    found = check(badge)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "programs write differently" in found.checks[-1].words


def test_checks_that_were_not_made_are_named_with_the_reason() -> None:
    found = check(BADGE, issuer={})
    assert [c.code for c in found.skipped] == ["signature", "dates", "status"]
    assert {c.state for c in found.skipped} == {State.SKIPPED}


@calm
@given(st.text(max_size=40), st.text(max_size=40))
def test_a_spelling_is_the_same_as_itself_and_a_relative_name_stays_with_its_owner(owner: str, name: str) -> None:
    assert controllers.normal(controllers.normal(owner)) == controllers.normal(owner)
    assert controllers.absolute("#" + name, DID) == f"{DID}#{name}"


@pytest.mark.parametrize("did", ["did:web:" + ":" * 9, "did:web:A%3a", "did:key:z", "did:jwk:e30", "did:jwk:", "#"])
def test_the_work_on_an_id_grows_with_its_length_alone(did: str) -> None:
    assert_linear(controllers.normal, lambda size: did * (min(size, 1 << 20) // len(did)))


def test_endorsements_are_said_to_stand_on_their_own() -> None:
    badge = copy.deepcopy(BADGE)
    badge["credentialSubject"]["achievement"]["endorsement"] = [{"id": "urn:uuid:praise"}]
    assert "endorsement" in [c.code for c in check(badge).skipped]
    assert "endorsement" not in [c.code for c in check(BADGE).skipped]


def test_a_badge_with_any_number_of_signatures_is_answered_after_a_few() -> None:
    many = [{**BADGE["proof"][0], "created": f"2026-11-03T10:42:{n % 60:02}Z"} for n in range(200)]
    found = check({**BADGE, "proof": [*many, BADGE["proof"][0]]})
    assert found.verdict is Verdict.TAMPERED
    assert len([c for c in found.checks if c.code in ("witness", "signature")]) == 1


def test_a_number_beyond_doubles_is_answered_in_words() -> None:
    badge = copy.deepcopy(BADGE)
    badge["credentialSubject"]["creditsEarned"] = 10**400
    found = check(badge)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "too large" in found.checks[0].words
