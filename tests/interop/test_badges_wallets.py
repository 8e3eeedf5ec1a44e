"""Our badges in the hands of wallets: @digitalcredentials/verifier-core, inside Learner Credential Wallet and
VerifierPlus. Its verdict and ours agree, or the difference is named here.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.badges.openbadges import baking, jsonld
from lti_mcred.badges.openbadges.attested import IssuerProfile
from lti_mcred.badges.openbadges.credential import SCHEMA, build_credential
from lti_mcred.badges.openbadges.keys import SigningKey, did_document
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.verifier.verification import Verdict
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.engine.db import utcnow
from tests import factories
from tests.badges_helpers import (
    ACHIEVEMENT,
    AWARD,
    DID,
    KEY,
    LIST_URL,
    NOW,
    OTHER_KEY,
    FakeResolver,
    signed_badge,
    signed_list,
)
from tests.badges_rows import awarded
from tests.unit.test_badges_baking import PNG

pytestmark = pytest.mark.interop
FIXTURES = Path(__file__).parent.parent / "fixtures" / "openbadges"
Core = Callable[..., dict[str, Any]]
GOOD = {"valid_signature": True, "revocation_status": True, "expiration": True, "registered_issuer": False}


def published(**documents: Any) -> dict[str, Any]:
    """Return what wallets can reach: contexts, the schema, and these documents."""
    schema = json.loads((FIXTURES / "achievementcredential-2026.json").read_text(encoding="utf-8"))
    return {**jsonld.PACKAGED, SCHEMA: schema, **documents}


def in_a_wallet(core_verify: Core, badge: dict[str, Any], *revoked: int, **documents: Any) -> dict[str, Any]:
    """Verify with what wallets run; they see our DID document and our status list."""
    ours = {DID: did_document(DID, [OTHER_KEY.public_multibase, KEY.public_multibase]), LIST_URL: signed_list(*revoked)}
    return core_verify(badge, published(**{**ours, **documents}), NOW.isoformat())


def test_a_badge_is_good_in_a_wallet_and_keeps_to_its_schema(core_verify: Core) -> None:
    assert in_a_wallet(core_verify, signed_badge()) == {"log": GOOD, "errors": [], "schema": True}


def test_a_badge_of_many_alphabets_out_of_its_picture_is_good_in_a_wallet(core_verify: Core) -> None:
    award = replace(AWARD, name='Zoë "Łucja" Ōé 李\\明 😀', narrative="One.\r\n\tTwo \x0bthree\x7f {four} \u2028.")
    baked = baking.bake(PNG, json.dumps(signed_badge(award=award), ensure_ascii=False))
    text = baking.extract(baked)
    assert text is not None
    assert in_a_wallet(core_verify, json.loads(text))["log"] == GOOD


def test_a_withdrawn_badge_is_withdrawn_in_a_wallet(core_verify: Core) -> None:
    answer = in_a_wallet(core_verify, signed_badge(), AWARD.status.index)
    assert answer["log"] == {**GOOD, "revocation_status": False}


def test_an_expired_badge_is_expired_in_a_wallet(core_verify: Core) -> None:
    badge = signed_badge(award=replace(AWARD, valid_until=NOW - timedelta(days=1)))
    assert in_a_wallet(core_verify, badge)["log"] == {**GOOD, "expiration": False}
    assert verify(badge, FakeResolver(), NOW).verdict is Verdict.EXPIRED


def test_a_badge_that_begins_later_has_no_word_in_a_wallet_and_one_here(core_verify: Core) -> None:
    badge = signed_badge(award=replace(AWARD, valid_from=NOW + timedelta(days=1)))
    assert in_a_wallet(core_verify, badge)["log"] == {"registered_issuer": False}
    assert verify(badge, FakeResolver(), NOW).verdict is Verdict.NOT_YET


def test_a_changed_badge_is_refused_by_a_wallet_and_here(core_verify: Core) -> None:
    badge = copy.deepcopy(signed_badge())
    badge["credentialSubject"]["achievement"]["name"] = "Another title"
    assert in_a_wallet(core_verify, badge) == {"log": {}, "errors": ["invalid_signature"], "schema": None}
    assert verify(badge, FakeResolver(), NOW).verdict is Verdict.TAMPERED


def test_an_issuer_out_of_reach_is_an_open_question_for_a_wallet_and_here(core_verify: Core) -> None:
    assert in_a_wallet(core_verify, signed_badge(), **{DID: None})["errors"] == ["did_web_unresolved"]
    assert verify(signed_badge(), FakeResolver(documents={}), NOW).verdict is Verdict.UNCONFIRMED


def test_a_list_out_of_reach_is_named_by_a_wallet_and_here(core_verify: Core) -> None:
    answer = in_a_wallet(core_verify, signed_badge(), **{LIST_URL: None})
    assert answer["log"]["valid_signature"] is True
    assert answer["log"]["revocation_status"] is not True
    assert verify(signed_badge(), FakeResolver(lists={}), NOW).verdict is Verdict.UNCONFIRMED


def test_a_list_without_its_optional_beginning_withdraws_in_a_wallet_and_here(core_verify: Core) -> None:
    unsigned = {n: v for n, v in signed_list(AWARD.status.index).items() if n not in ("proof", "validFrom")}
    listed = sign(unsigned, KEY, NOW)
    assert in_a_wallet(core_verify, signed_badge(), **{LIST_URL: listed})["log"]["revocation_status"] is False
    assert verify(signed_badge(), FakeResolver(lists={LIST_URL: listed}), NOW).verdict is Verdict.REVOKED


def test_an_issuer_who_is_a_key_is_good_in_a_wallet_and_here(core_verify: Core) -> None:
    did = f"did:key:{OTHER_KEY.public_multibase}"
    unsigned = build_credential(IssuerProfile(did, "A single teacher"), ACHIEVEMENT, AWARD)
    del unsigned["credentialStatus"]
    badge = sign(unsigned, SigningKey(did, OTHER_KEY.private), AWARD.valid_from)
    good = {name: value for name, value in GOOD.items() if name != "revocation_status"}
    assert in_a_wallet(core_verify, badge)["log"] == good
    assert verify(badge, FakeResolver({}, {}), NOW).verdict is Verdict.VALID


def test_a_badge_without_criteria_breaks_its_schema_in_a_wallet_and_here(core_verify: Core) -> None:
    badge = copy.deepcopy(signed_badge())
    del badge["credentialSubject"]["achievement"]["criteria"], badge["proof"]
    badge = sign(badge, KEY, AWARD.valid_from)
    assert in_a_wallet(core_verify, badge) == {"log": GOOD, "errors": [], "schema": False}
    assert verify(badge, FakeResolver(), NOW).verdict is Verdict.UNCONFIRMED


@pytest.mark.usefixtures("app")
def test_a_badge_as_the_tool_awards_it_is_good_in_a_wallet_until_it_is_withdrawn(core_verify: Core) -> None:
    row = awarded(of=factories.version(factories.example("uni-faculty-transparent-assignment")))
    credential = json.loads(row.credential)
    list_url, did = credential["credentialStatus"]["statusListCredential"], credential["issuer"]["id"]
    for standing in (True, False):
        reached = {did: LocalResolver().did_document(did), list_url: LocalResolver().status_list(list_url)}
        answer = core_verify(credential, published(**reached), utcnow().isoformat())
        assert answer == {"log": {**GOOD, "revocation_status": standing}, "errors": [], "schema": True}
        revoke(row.id, "mistake")
