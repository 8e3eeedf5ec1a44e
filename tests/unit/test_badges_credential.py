"""The credential: what stands in it, what never does, and what is refused before it is signed."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.attested import Alignment, CredentialError, Criterion, IssuerProfile
from lti_mcred.badges.openbadges.credential import build_credential, criterion_uri, identity_hash, level_uri, total_uri
from lti_mcred.badges.openbadges.proof import sign, zulu
from tests.badges_helpers import ACHIEVEMENT, AWARD, ISSUER, KEY, LEVELS, OTHER_KEY


def built(**award: Any) -> dict[str, Any]:
    """Return the credential of the sample award with some values changed."""
    return build_credential(ISSUER, ACHIEVEMENT, replace(AWARD, **award))


def test_the_contexts_come_in_the_order_that_verifiers_expect() -> None:
    assert built()["@context"] == [jsonld.VC_2, jsonld.OB, jsonld.OB_EXTENSIONS]


def test_everything_in_it_is_defined_by_its_contexts() -> None:
    jsonld.check_defined(built())


def test_times_are_whole_seconds_in_utc() -> None:
    moment = datetime(2026, 11, 3, 5, 42, 7, 999_999, tzinfo=timezone(timedelta(hours=-5)))
    assert built(valid_from=moment)["validFrom"] == "2026-11-03T10:42:07Z"
    with pytest.raises(ValueError, match="zone"):
        zulu(datetime(2026, 11, 3))  # noqa: DTZ001 - a time without a zone is the point


def test_each_result_names_a_level_of_its_own_criterion() -> None:
    subject = built()["credentialSubject"]
    described = {
        row["id"]: {level["id"] for level in row.get("rubricCriterionLevel", [])}
        for row in subject["achievement"]["resultDescription"]
    }
    for result in subject["result"]:
        levels = described[result["resultDescription"]]
        assert result.get("achievedLevel") in (levels or {None})


def test_the_total_counts_the_criteria_met_as_strings() -> None:
    subject = built(levels={"C1": "demonstrated", "C2": "not_yet"})["credentialSubject"]
    total = subject["achievement"]["resultDescription"][-1]
    assert (total["valueMin"], total["valueMax"], total["requiredValue"]) == ("0", "2", "2")
    assert subject["result"][-1] == {"type": ["Result"], "resultDescription": total_uri(ACHIEVEMENT.id), "value": "1"}


def test_rubric_ids_stay_the_same_whenever_the_badge_is_issued_again() -> None:
    assert criterion_uri(ACHIEVEMENT.id, "C1") == criterion_uri(ACHIEVEMENT.id, "C1")
    distinct = {level_uri(ACHIEVEMENT.id, c.id, level.id) for c in ACHIEVEMENT.criteria for level in LEVELS}
    assert len(distinct | {criterion_uri(ACHIEVEMENT.id, "C1"), total_uri(ACHIEVEMENT.id)}) == 8


def test_no_name_and_no_identifier_unless_asked_for() -> None:
    assert "identifier" not in built(name="", identifiers=())["credentialSubject"]


def test_an_identifier_is_salted_and_hashed_and_never_plain() -> None:
    assert identity_hash("a@example.com", "Kosher") == (
        "sha256$b5809d8a92f8858436d7e6b87c12ebc0ae1eac4baecc2c0b913aee2c922ef399"
    )
    assert "a@example.com" not in str(built())


def test_the_chosen_name_stands_where_wallets_read_it() -> None:
    first = built()["credentialSubject"]["identifier"][0]
    assert first == {
        "type": "IdentityObject",
        "hashed": False,
        "identityHash": "Ana María Ortiz",
        "identityType": "name",
    }


def test_nothing_empty_is_written() -> None:
    document = built(name="", identifiers=(), valid_until=None, narrative="")
    assert not re.search(r"None|\[\]|\{\}|''", str(document))
    assert "validUntil" not in document


def test_control_characters_are_left_out_and_line_ends_made_alike() -> None:
    document = built(narrative="a\x00b\x7f\r\nc\rd\x1b")
    assert document["credentialSubject"]["narrative"] == "ab\nc\nd"


def test_hours_are_plain_decimals() -> None:
    for hours, written in ((15, 15), (15.0, 15), (7.5, 7.5), (1 / 3, 0.33)):
        document = build_credential(ISSUER, replace(ACHIEVEMENT, hours=hours), AWARD)
        assert document["credentialSubject"]["achievement"]["creditsAvailable"] == written
    unknown = build_credential(ISSUER, replace(ACHIEVEMENT, hours=None), AWARD)
    assert "creditsAvailable" not in unknown["credentialSubject"]["achievement"]


def test_the_parent_organisation_is_named() -> None:
    parent = IssuerProfile("did:web:college.example.edu", "Example College")
    document = build_credential(replace(ISSUER, parent=parent), ACHIEVEMENT, AWARD)
    assert document["issuer"]["parentOrg"] == {
        "id": "did:web:college.example.edu",
        "type": ["Profile"],
        "name": "Example College",
    }


def test_an_optional_criterion_may_be_left_unjudged() -> None:
    optional = replace(ACHIEVEMENT.criteria[1], required=False)
    achievement = replace(ACHIEVEMENT, criteria=(ACHIEVEMENT.criteria[0], optional))
    subject = build_credential(ISSUER, achievement, replace(AWARD, levels={"C1": "demonstrated"}))["credentialSubject"]
    assert len(subject["result"]) == 2
    assert subject["achievement"]["resultDescription"][-1]["requiredValue"] == "1"


def test_an_achievement_without_a_rubric_has_no_results() -> None:
    subject = build_credential(ISSUER, replace(ACHIEVEMENT, criteria=()), replace(AWARD, levels={}))[
        "credentialSubject"
    ]
    assert "result" not in subject
    assert "resultDescription" not in subject["achievement"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"levels": {"C1": "demonstrated"}}, "C2 has no result"),
        ({"levels": {"C1": "demonstrated", "C2": "partial", "C9": "partial"}}, "unknown criteria: C9"),
        ({"levels": {"C1": "demonstrated", "C2": "excellent"}}, "no level 'excellent'"),
        ({"id": "credentials/1"}, "not an absolute address"),
        ({"id": "javascript:alert(1)"}, "not an absolute address"),
        ({"subject_id": ""}, "each need an id"),
        ({"valid_until": AWARD.valid_from}, "expire before it begins"),
    ],
)
def test_an_award_that_could_not_be_true_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CredentialError, match=words):
        built(**changes)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"language": "English"}, "language tag"),
        ({"language": "en_US"}, "language tag"),
        ({"id": "/achievements/1"}, "absolute"),
        ({"image_url": "badge.png"}, "absolute"),
        ({"alignments": (Alignment("x", "www.example.org"),)}, "absolute"),
        ({"criteria": (Criterion("C1", "t", (*LEVELS, LEVELS[0]), "partial"),)}, "two levels"),
        ({"criteria": (Criterion("C1", "t", LEVELS, "superb"),)}, "no level"),
    ],
)
def test_an_achievement_that_is_not_well_formed_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(CredentialError, match=words):
        build_credential(ISSUER, replace(ACHIEVEMENT, **changes), replace(AWARD, levels={"C1": "partial"}))


def test_only_the_issuers_own_key_signs_and_only_once() -> None:
    document = built()
    signed = sign(document, KEY, AWARD.valid_from)
    assert "proof" not in document
    with pytest.raises(ValueError, match="unsigned"):
        sign(signed, KEY, AWARD.valid_from)
    with pytest.raises(ValueError, match="issuer"):
        sign({**document, "issuer": "did:web:someone.example"}, KEY, AWARD.valid_from)


def test_what_would_not_be_covered_is_not_signed() -> None:
    with pytest.raises(jsonld.UndefinedTermError):
        sign({**built(), "grade": "A"}, KEY, AWARD.valid_from)


def test_the_proof_says_who_when_and_for_what() -> None:
    [proof] = sign(built(), OTHER_KEY, datetime(2026, 11, 3, 1, 2, 3, tzinfo=UTC))["proof"]
    assert re.fullmatch(r"z[1-9A-HJ-NP-Za-km-z]{86,88}", proof.pop("proofValue"))
    assert proof == {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-11-03T01:02:03Z",
        "verificationMethod": OTHER_KEY.method,
        "proofPurpose": "assertionMethod",
    }
