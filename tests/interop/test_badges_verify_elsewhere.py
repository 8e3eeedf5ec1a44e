"""Our badges, checked by software that is not ours: Digital Bazaar's verifier and 1EdTech's JSON Schemas."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from lti_mcred.badges.issuer import issuer_document
from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.openbadges.jsonld import PACKAGED
from lti_mcred.badges.openbadges.keys import did_document
from lti_mcred.badges.picture import draw
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.share import show_name
from lti_mcred.badges.verifier.verification import Verdict
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.engine.db import utcnow
from tests import factories
from tests.badges_helpers import (
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

pytestmark = pytest.mark.interop
SCHEMAS = Path(__file__).parent.parent / "fixtures" / "openbadges"
EXAMPLES = ("cc-workforce-job-hazard-analysis", "k12-exit-ticket-regrouping", "uni-faculty-transparent-assignment")
Node = Callable[..., dict[str, Any]]


def schema_errors(credential: dict[str, Any], edition: str) -> list[str]:
    """Return what 1EdTech's JSON Schema of that edition finds wrong."""
    schema = json.loads((SCHEMAS / f"achievementcredential-{edition}.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft201909Validator(schema, format_checker=jsonschema.FormatChecker())
    return [error.message for error in validator.iter_errors(credential)]


def elsewhere(node_verify: Node, badge: dict[str, Any], *revoked: int) -> dict[str, Any]:
    """Verify with Node, which sees our contexts, our DID document and our status list."""
    documents = {
        **PACKAGED,
        DID: did_document(DID, [OTHER_KEY.public_multibase, KEY.public_multibase]),
        LIST_URL: signed_list(*revoked),
    }
    return node_verify(badge, documents, NOW.isoformat())


def test_a_badge_verifies_with_other_software(node_verify: Node) -> None:
    answer = elsewhere(node_verify, signed_badge())
    assert answer == {"verified": True, "revoked": False, "error": ""}


def test_a_badge_with_many_alphabets_and_line_breaks_verifies_with_other_software(node_verify: Node) -> None:
    award = replace(AWARD, name='Zoë "Łucja" Ōé 李\\明 😀', narrative="One.\r\n\tTwo \x0bthree\x7f {four} \u2028.")
    answer = elsewhere(node_verify, signed_badge(award=award))
    assert answer == {"verified": True, "revoked": False, "error": ""}


def test_a_badge_taken_out_of_its_picture_verifies_with_other_software(node_verify: Node) -> None:
    design = draw.Design(shape="round", colour="teal", icon="piles", title="Regrouping", organisation="Partnership")
    baked = baking.bake(draw.render_png(design), json.dumps(signed_badge(), ensure_ascii=False))
    text = baking.extract(baked)
    assert text is not None
    assert elsewhere(node_verify, json.loads(text))["verified"] is True


@pytest.mark.parametrize("slug", EXAMPLES)
@pytest.mark.usefixtures("app")
def test_a_badge_as_the_tool_awards_it_verifies_with_other_software(node_verify: Node, slug: str) -> None:
    row = show_name(awarded(of=factories.version(factories.example(slug))), show=True)
    credential = json.loads(row.credential)
    list_url, did = credential["credentialStatus"]["statusListCredential"], credential["issuer"]["id"]
    for expected in (False, True):
        listed = LocalResolver().status_list(list_url)
        documents = {**PACKAGED, did: issuer_document(row.issuer.slug), list_url: listed}
        answer = node_verify(credential, documents, utcnow().isoformat())
        assert answer == {"verified": True, "revoked": expected, "error": ""}
        revoke(row.id, "mistake")
    for schema in ("2025", "2026"):
        assert schema_errors(credential, schema) == []


def _changed(path: str, value: Any) -> dict[str, Any]:
    badge = copy.deepcopy(signed_badge())
    node: Any = badge
    *parents, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    for part in parents:
        node = node[part]
    assert node[last] != value
    node[last] = value
    return badge


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("credentialSubject/identifier/0/identityHash", "Somebody Else"),
        ("credentialSubject/achievement/name", "Another title"),
        ("credentialSubject/result/2/value", "1"),
        ("credentialSubject/achievement/resultDescription/0/rubricCriterionLevel/0/level", "9"),
        ("credentialStatus/statusListIndex", "1"),
        ("validUntil", "2099-01-01T00:00:00Z"),
        ("proof/0/created", "2026-11-03T10:42:08Z"),
        ("proof/0/proofValue", signed_badge(OTHER_KEY)["proof"][0]["proofValue"]),
    ],
)
def test_a_changed_badge_is_refused_here_and_elsewhere(node_verify: Node, path: str, value: Any) -> None:
    changed = _changed(path, value)
    assert elsewhere(node_verify, changed)["verified"] is False
    assert verify(changed, FakeResolver(), NOW).verdict is Verdict.TAMPERED


def test_a_revoked_badge_is_seen_as_revoked_by_other_software(node_verify: Node) -> None:
    assert elsewhere(node_verify, signed_badge(), AWARD.status.index)["revoked"] is True


def test_the_neighbours_of_a_revoked_badge_are_not_revoked(node_verify: Node) -> None:
    index = AWARD.status.index
    assert elsewhere(node_verify, signed_badge(), index - 1, index + 1)["revoked"] is False


@pytest.mark.parametrize("edition", ["2025", "2026"])
@pytest.mark.parametrize("award", [AWARD, replace(AWARD, name="", identifiers=(), valid_until=None)])
def test_a_badge_keeps_to_both_editions_of_the_published_schema(edition: str, award: Any) -> None:
    assert schema_errors(signed_badge(award=award), edition) == []
