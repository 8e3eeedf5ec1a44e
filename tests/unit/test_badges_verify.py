"""Verification: each verdict, each check, and everything that must not pass for valid."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges import baking, jsonld
from lti_mcred.badges.openbadges.attested import IssuerProfile
from lti_mcred.badges.openbadges.credential import build_credential
from lti_mcred.badges.openbadges.keys import SigningKey, did_document
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.verifier.verification import State, Verdict
from lti_mcred.badges.verifier.verify import verify, verify_bytes
from tests.badges_helpers import (
    ACHIEVEMENT,
    AWARD,
    DID,
    KEY,
    LIST_URL,
    NOW,
    OTHER_KEY,
    FakeResolver,
    calm,
    signed_badge,
    signed_list,
)
from tests.unit.test_badges_baking import PNG

BADGE = signed_badge()
Change = Callable[[dict[str, Any]], Any]


def verdict(badge: dict[str, Any], resolver: FakeResolver | None = None, now: datetime = NOW) -> Verdict:
    """Return the verdict alone."""
    return verify(badge, resolver or FakeResolver(), now).verdict


def changed(change: Change) -> dict[str, Any]:
    """Return a copy of the badge that `change` has altered."""
    badge = copy.deepcopy(BADGE)
    change(badge)
    return badge


def signed_with(**members: Any) -> dict[str, Any]:
    """Return a badge that was signed with other members."""
    unsigned = {key: value for key, value in BADGE.items() if key != "proof"} | members
    return sign({key: value for key, value in unsigned.items() if value is not None}, KEY, AWARD.valid_from)


def test_a_good_badge_is_valid_and_every_check_passed() -> None:
    found = verify(BADGE, FakeResolver(), NOW)
    assert found.valid
    codes = ["form", "schema", "results", "issuer", "key", "signature", "dates", "status"]
    assert [check.code for check in found.checks] == codes
    assert found.skipped == ()
    assert {check.state for check in found.checks} == {State.PASSED}
    assert all(check.words for check in found.checks)


def test_a_badge_is_read_from_its_bytes_and_from_its_picture() -> None:
    text = json.dumps(BADGE)
    assert verify_bytes(text.encode(), FakeResolver(), NOW).valid
    assert verify_bytes(baking.bake(PNG, text), FakeResolver(), NOW).valid


def test_the_order_of_members_and_spaces_do_not_matter() -> None:
    assert verdict(json.loads(json.dumps(BADGE, sort_keys=True, indent=3))) is Verdict.VALID


TAMPERINGS: dict[str, Change] = {
    "title": lambda b: b["credentialSubject"]["achievement"].update(name="Another title"),
    "name of the holder": lambda b: b["credentialSubject"]["identifier"][0].update(identityHash="Somebody Else"),
    "level reached": lambda b: b["credentialSubject"]["result"][0].update(
        achievedLevel=b["credentialSubject"]["achievement"]["resultDescription"][0]["rubricCriterionLevel"][0]["id"]
    ),
    "level needed": lambda b: b["credentialSubject"]["achievement"]["resultDescription"][0].pop("requiredLevel"),
    "last day": lambda b: b.update(validUntil="2099-01-01T00:00:00Z"),
    "no last day": lambda b: b.pop("validUntil"),
    "place in the status list": lambda b: b["credentialStatus"].update(statusListIndex="1"),
    "no status": lambda b: b.pop("credentialStatus"),
    "issuer's name": lambda b: b["issuer"].update(name="Harvard University"),
    "time of signing": lambda b: b["proof"][0].update(created="2026-11-03T10:42:08Z"),
    "proof value": lambda b: b["proof"][0].update(proofValue=signed_badge(OTHER_KEY)["proof"][0]["proofValue"]),
    "proof value cut off": lambda b: b["proof"][0].update(proofValue=b["proof"][0]["proofValue"][:-2]),
    "no proof value": lambda b: b["proof"][0].pop("proofValue"),
    "proof value of another kind": lambda b: b["proof"][0].update(proofValue=["z1"]),
    "proof for another purpose": lambda b: b["proof"][0].update(proofPurpose="authentication"),
    "another issuer": lambda b: b["issuer"].update(id="did:web:evil.example"),
}


@pytest.mark.parametrize("change", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_changed_badge_is_not_to_be_relied_on(change: Change) -> None:
    assert verdict(changed(change)) is Verdict.TAMPERED


def test_a_signature_written_in_another_alphabet_is_not_called_a_change() -> None:
    assert verdict(changed(lambda b: b["proof"][0].update(proofValue="uAAAA"))) is Verdict.UNCONFIRMED


def test_a_badge_without_a_signature_is_not_called_changed() -> None:
    assert verdict(changed(lambda b: b.pop("proof"))) is Verdict.UNSIGNED


def test_text_that_the_signature_does_not_cover_is_not_confirmed() -> None:
    found = verify(changed(lambda b: b.update(honours="summa cum laude")), FakeResolver(), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "honours" in found.checks[0].words


def withdrawn() -> FakeResolver:
    """Return a resolver by whose list the sample badge is withdrawn."""
    return FakeResolver(lists={LIST_URL: signed_list(AWARD.status.index)})


def test_a_withdrawn_badge_cannot_hide_its_status_under_the_propertys_full_address() -> None:
    def hide(badge: dict[str, Any]) -> None:
        badge["https://www.w3.org/2018/credentials#credentialStatus"] = badge.pop("credentialStatus")

    assert verdict(BADGE, withdrawn()) is Verdict.REVOKED
    assert verdict(changed(hide), withdrawn()) is Verdict.UNCONFIRMED


def test_a_withdrawn_badge_cannot_hide_its_status_in_a_second_place_about_itself() -> None:
    endorsement = {
        "@context": BADGE["@context"],
        "id": "urn:uuid:e1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": "Well done",
        "issuer": {"id": "did:web:e.example", "type": ["Profile"]},
        "validFrom": "2026-11-03T10:42:07Z",
        "credentialSubject": {"id": BADGE["id"], "type": ["EndorsementSubject"], "endorsementComment": "Good."},
    }
    endorsed = signed_with(endorsement=[endorsement])
    assert verdict(endorsed) is Verdict.VALID
    assert verdict(endorsed, withdrawn()) is Verdict.REVOKED
    moved = copy.deepcopy(endorsed)
    about = moved["endorsement"][0]["credentialSubject"]
    about["type"] += moved["type"]
    about["credentialStatus"] = moved.pop("credentialStatus")
    assert verdict(moved, withdrawn()) is Verdict.UNCONFIRMED


def test_a_document_that_cannot_be_canonicalised_in_time_is_not_confirmed() -> None:
    subject = {"type": ["AchievementSubject"], "result": [{"type": ["Result"], "value": "1"}] * 12}
    badge = changed(lambda b: b["credentialSubject"].update(achievement=[subject, subject]))
    assert verdict({**badge, "credentialSubject": [subject, subject]}) is Verdict.UNCONFIRMED


SCALARS = [None, True, 0, -1.5, "", "x", "http://[", "did:web:x", "urn:a b", "//", "2026-11-03T10:42:07Z"]
SHAPES = [[], [[]], [None], {}, {"": 1}, {"a b": 1}, {"id": 5}, {"type": []}, {"@context": None}]
NOISE = st.sampled_from([*SCALARS, *SHAPES, {"id": "urn:x", "type": "Profile"}])


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every member and item."""
    inside = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [found for key, value in inside for found in [(*path, key), *places(value, (*path, key))]]


@calm
@given(st.sampled_from(places(BADGE)), NOISE)
def test_no_change_anywhere_is_an_error_or_a_new_statement(path: tuple[Any, ...], noise: Any) -> None:
    badge = copy.deepcopy(BADGE)
    node: Any = badge
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = noise
    assume(badge != BADGE)
    assert verdict(badge) is not Verdict.VALID


def reason(badge: dict[str, Any], resolver: FakeResolver | None = None) -> str:
    """Return the words of the last check of a badge that cannot be confirmed."""
    found = verify(badge, resolver or FakeResolver(), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    return found.checks[-1].words


def test_a_key_that_the_issuer_does_not_list_is_not_confirmed_and_nothing_is_called_changed() -> None:
    assert "does not list the key" in reason(signed_badge(OTHER_KEY))


def test_a_badge_signed_with_a_retired_key_stays_valid() -> None:
    both = did_document(DID, [OTHER_KEY.public_multibase, KEY.public_multibase])
    assert verdict(signed_badge(OTHER_KEY), FakeResolver(documents={DID: both})) is Verdict.VALID


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(id="did:web:someone.example"),
        lambda d: d.update(assertionMethod=[]),
        lambda d: d.pop("assertionMethod"),
        lambda d: d["verificationMethod"][0].update(controller="did:web:someone.example"),
        lambda d: d["verificationMethod"][0].pop("controller"),
        lambda d: d.update(verificationMethod="x"),
        lambda d: d["verificationMethod"][0].update(revoked="2026-11-01T00:00:00Z"),
        lambda d: d["verificationMethod"][0].update(expires="2026-11-01T00:00:00Z"),
        lambda d: d["verificationMethod"][0].update(revoked="yes"),
        lambda d: d["verificationMethod"][0].pop("publicKeyMultibase"),
        lambda d: d["verificationMethod"][0].update(publicKeyJwk={"kty": "OKP", "crv": "Ed25519", "x": "AA"}),
        lambda d: d["verificationMethod"].append(
            {**d["verificationMethod"][0], "publicKeyMultibase": OTHER_KEY.public_multibase}
        ),
    ],
)
def test_a_did_document_must_give_the_key_to_the_issuer_for_assertions(change: Change) -> None:
    document = did_document(DID, [KEY.public_multibase])
    change(document)
    assert verdict(BADGE, FakeResolver(documents={DID: document})) is Verdict.UNCONFIRMED


def test_a_key_written_inside_the_assertion_methods_counts() -> None:
    document = did_document(DID, [KEY.public_multibase])
    document["assertionMethod"] = document.pop("verificationMethod")
    assert verdict(BADGE, FakeResolver(documents={DID: document})) is Verdict.VALID


def test_a_key_of_another_kind_cannot_be_confirmed() -> None:
    document = did_document(DID, [KEY.public_multibase])
    document["verificationMethod"][0]["publicKeyMultibase"] = "zDnaegE6RR3atJtHKwTRTWHsJ3kNHqFwv7n9YjTgmU7TyfU76"
    assert verdict(BADGE, FakeResolver(documents={DID: document})) is Verdict.UNCONFIRMED


def test_an_issuer_that_cannot_be_reached_leaves_the_question_open() -> None:
    found = verify(BADGE, FakeResolver(documents={}), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert "could not be reached" in found.checks[-1].words


def test_a_clock_that_is_a_little_behind_does_no_harm() -> None:
    badge = signed_badge(award=replace(AWARD, valid_from=NOW + timedelta(seconds=299)))
    assert verdict(badge) is Verdict.VALID
    badge = signed_badge(award=replace(AWARD, valid_from=NOW + timedelta(seconds=301)))
    assert verdict(badge) is Verdict.NOT_YET


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2031, 11, 3, 10, 42, 6, tzinfo=UTC), Verdict.VALID),
        (datetime(2031, 11, 3, 10, 42, 7, tzinfo=UTC), Verdict.EXPIRED),
    ],
)
def test_the_last_day_ends_to_the_second(now: datetime, expected: Verdict) -> None:
    assert verdict(BADGE, FakeResolver(lists={LIST_URL: signed_list(until=2099)}), now) is expected


@pytest.mark.parametrize("start", ["2026-11-03", "2026-11-03T10:42:07", "soon", None])
def test_dates_without_a_zone_are_not_guessed(start: str | None) -> None:
    assert verdict(signed_with(validFrom=start)) is Verdict.UNCONFIRMED


def test_a_withdrawn_badge_is_revoked_even_when_it_has_also_expired() -> None:
    resolver = FakeResolver(lists={LIST_URL: signed_list(AWARD.status.index, until=2099)})
    assert verdict(BADGE, resolver) is Verdict.REVOKED
    assert verdict(BADGE, resolver, datetime(2040, 1, 1, tzinfo=UTC)) is Verdict.REVOKED


def test_the_neighbours_bits_say_nothing_about_this_badge() -> None:
    index = AWARD.status.index
    assert verdict(BADGE, FakeResolver(lists={LIST_URL: signed_list(index - 1, index + 1)})) is Verdict.VALID


def test_a_suspended_badge_is_said_to_be_suspended() -> None:
    listed = {key: value for key, value in signed_list(7).items() if key != "proof"}
    listed["credentialSubject"] = {**listed["credentialSubject"], "statusPurpose": "suspension"}
    status = {**BADGE["credentialStatus"], "statusPurpose": "suspension", "statusListIndex": "7"}
    resolver = FakeResolver(lists={LIST_URL: sign(listed, KEY, NOW)})
    assert verdict(signed_with(credentialStatus=status), resolver) is Verdict.SUSPENDED


FALSE_LISTS: dict[str, Callable[[], dict[str, Any]]] = {
    "unreachable": dict,
    "signed by another key": lambda: {LIST_URL: signed_list(key=OTHER_KEY)},
    "past its last day": lambda: {LIST_URL: signed_list(until=2026)},
    "without a proof": lambda: {LIST_URL: {k: v for k, v in signed_list().items() if k != "proof"}},
    "changed": lambda: {LIST_URL: {**signed_list(), "validUntil": "2099-01-01T00:00:00Z"}},
    "no list at all": lambda: {LIST_URL: {"hello": "world"}},
    "a badge": lambda: {LIST_URL: BADGE},
}


@pytest.mark.parametrize("lists", FALSE_LISTS.values(), ids=FALSE_LISTS)
def test_a_list_that_cannot_be_trusted_leaves_the_question_open(lists: Callable[[], dict[str, Any]]) -> None:
    found = verify(BADGE, FakeResolver(lists=lists()), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert found.checks[-1].code == "status"


def test_a_list_of_another_issuer_is_not_believed() -> None:
    key = SigningKey("did:web:evil.example", OTHER_KEY.private)
    documents = {**FakeResolver().documents, key.did: did_document(key.did, [key.public_multibase])}
    resolver = FakeResolver(documents, {LIST_URL: signed_list(key=key, issuer=key.did)})
    assert verdict(BADGE, resolver) is Verdict.UNCONFIRMED


@pytest.mark.parametrize("index", ["-1", "131072", "1e3", "٣", "", "9" * 30])
def test_a_place_that_is_no_place_in_the_list_leaves_the_question_open(index: str) -> None:
    status = {**BADGE["credentialStatus"], "statusListIndex": index}
    assert verdict(signed_with(credentialStatus=status)) is Verdict.UNCONFIRMED


def test_a_kind_of_status_that_is_not_known_leaves_the_question_open() -> None:
    status = {"id": "https://a.example/revoked", "type": "1EdTechRevocationList"}
    assert verdict(signed_with(credentialStatus=status)) is Verdict.UNCONFIRMED


def test_a_badge_whose_issuer_keeps_no_list_is_valid_and_that_is_said() -> None:
    found = verify(signed_with(credentialStatus=None), FakeResolver(), NOW)
    assert found.valid
    assert "keeps no list" in found.checks[-1].words


def test_news_that_are_not_about_validity_change_nothing() -> None:
    status = {**BADGE["credentialStatus"], "statusPurpose": "refresh"}
    assert verdict(signed_with(credentialStatus=status)) is Verdict.VALID


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ({"type": "Ed25519Signature2020"}, "Ed25519Signature2020"),
        ({"type": "DataIntegrityProof", "cryptosuite": "ecdsa-sd-2023"}, "ecdsa-sd-2023"),
        ({"type": "DataIntegrityProof", "cryptosuite": 7}, "signed with"),
        ({"type": ["DataIntegrityProof"]}, "signed with"),
    ],
)
def test_a_signature_of_another_kind_is_said_to_be_uncheckable_here(proof: dict[str, Any], words: str) -> None:
    found = verify({**BADGE, "proof": proof}, FakeResolver(), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert words in found.checks[-1].words


def test_a_signature_past_its_own_last_day_is_not_confirmed() -> None:
    badge = changed(lambda b: b["proof"][0].update(expires="2026-11-04T00:00:00Z"))
    assert verdict(badge) is Verdict.UNCONFIRMED


@pytest.mark.parametrize(
    "contexts",
    [
        None,
        [],
        "x",
        [jsonld.OB, jsonld.VC_2],
        [jsonld.VC_2, "https://evil.example/c"],
        [jsonld.VC_2, {"@vocab": "urn:"}],
    ],
)
def test_vocabularies_that_are_not_known_are_never_fetched(contexts: Any) -> None:
    assert verdict({**BADGE, "@context": contexts}) is Verdict.UNCONFIRMED


def test_a_badge_of_a_did_key_issuer_is_checked_without_asking_anyone() -> None:
    did = f"did:key:{OTHER_KEY.public_multibase}"
    unsigned = build_credential(IssuerProfile(did, "A single teacher"), ACHIEVEMENT, AWARD)
    del unsigned["credentialStatus"]
    badge = sign(unsigned, SigningKey(did, OTHER_KEY.private), AWARD.valid_from)
    assert verdict(badge, FakeResolver({}, {})) is Verdict.VALID


@pytest.mark.parametrize("issuer", ["https://badges.example.edu/issuer", "did:ion:abc", "did:key:zDnae"])
def test_an_issuer_that_cannot_be_looked_up_here_is_named(issuer: str) -> None:
    def change(badge: dict[str, Any]) -> None:
        badge["issuer"]["id"] = issuer
        badge["proof"][0]["verificationMethod"] = f"{issuer}#key"

    found = verify(changed(change), FakeResolver(), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    assert issuer in found.checks[-1].words


def test_a_badge_of_the_older_data_model_is_checked_by_its_own_dates() -> None:
    older = {
        **{key: value for key, value in BADGE.items() if key not in ("proof", "validFrom", "validUntil")},
        "@context": [
            jsonld.VC_1,
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json",
            "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json",
            "https://w3id.org/security/data-integrity/v2",
        ],
        "issuanceDate": "2026-11-03T10:42:07Z",
        "expirationDate": "2027-11-03T10:42:07Z",
    }
    for name in ("awardedDate", "credentialStatus"):
        older.pop(name)
    achievement = {
        key: value for key, value in BADGE["credentialSubject"]["achievement"].items() if key != "inLanguage"
    }
    older["credentialSubject"] = {**BADGE["credentialSubject"], "achievement": achievement}
    badge = sign(older, KEY, AWARD.valid_from)
    assert verdict(badge) is Verdict.VALID
    assert verdict(badge, now=datetime(2028, 1, 1, tzinfo=UTC)) is Verdict.EXPIRED
    # It knows the newer names too, and whichever is stricter counts.
    for name, value, expected in (
        ("validUntil", "2026-11-04T00:00:00Z", Verdict.EXPIRED),
        ("validFrom", "2026-12-01T00:00:00Z", Verdict.NOT_YET),
        ("validUntil", "soon", Verdict.UNCONFIRMED),
    ):
        assert verdict(sign({**older, name: value}, KEY, AWARD.valid_from)) is expected
