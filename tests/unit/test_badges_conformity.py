"""The rules of Open Badges 3.0 for a genuine badge: required parts, results, and forms that no signature sees."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.verifier.conformity import conformity
from lti_mcred.badges.verifier.verification import State, Verdict
from lti_mcred.badges.verifier.verify import verify
from tests.badges_helpers import AWARD, KEY, NOW, FakeResolver, calm, signed_badge
from tests.doubling import assert_linear
from tests.unit.test_badges_reading import MEMBERS, json_values

BADGE = signed_badge()
Change = Callable[[dict[str, Any], dict[str, Any]], Any]  # the badge, and the achievement in it


def changed(change: Change, *, again: bool = True) -> dict[str, Any]:
    """Return the badge with a change, signed again if `again`."""
    badge = copy.deepcopy(BADGE)
    change(badge, badge["credentialSubject"]["achievement"])
    return sign({n: v for n, v in badge.items() if n != "proof"}, KEY, AWARD.valid_from) if again else badge


def failing(badge: dict[str, Any]) -> list[str]:
    """Return the codes of the checks that failed of a badge that is not valid."""
    found = verify(badge, FakeResolver(), NOW)
    assert found.verdict is Verdict.UNCONFIRMED
    return [check.code for check in found.checks if check.state is State.FAILED]


LACKING: dict[str, Change] = {
    "criteria": lambda _b, a: a.pop("criteria"),
    "criteria.narrative": lambda _b, a: a.update(criteria={}),
    "achievement.criteria.narrative": lambda _b, a: a.update(criteria={"type": "Criteria", "narrative": " \n"}),
    "achievement.description": lambda _b, a: a.pop("description"),
    "achievement.name": lambda _b, a: a.pop("name"),
    "achievement.id": lambda _b, a: a.pop("id"),
    "credentialSubject.id": lambda b, _a: [b["credentialSubject"].pop(n) for n in ("id", "identifier")],
    "achievementType": lambda _b, a: a.update(achievementType="Micro-credential"),
    "creditsAvailable": lambda _b, a: a.update(creditsAvailable="fifteen"),
    "awardedDate": lambda b, _a: b.update(awardedDate="2026-11-03"),
    "identityType": lambda b, _a: b["credentialSubject"]["identifier"][0].pop("identityType"),
    "targetUrl": lambda _b, a: a["alignment"][0].pop("targetUrl"),
    "achievement": lambda b, a: b["credentialSubject"].update(
        achievement=[a, {"id": "urn:uuid:other", "type": ["Achievement"], "name": "Another"}]
    ),
}


@pytest.mark.parametrize(("place", "change"), LACKING.items(), ids=LACKING)
def test_a_signed_badge_that_breaks_the_rules_is_not_valid_without_a_word(place: str, change: Change) -> None:
    badge = changed(change)
    assert failing(badge) == ["schema"]
    assert place in next(conformity(badge)).words


ACHIEVEMENT_PARTS = (
    "id", "type", "alignment", "achievementType", "creator", "criteria", "description", "endorsement", "endorsementJwt",
    "fieldOfStudy", "humanCode", "image", "inLanguage", "name", "otherIdentifier", "related", "resultDescription",
    "specialization", "tag", "version",
)  # fmt: skip


def test_of_very_many_broken_rules_the_first_are_weighed_and_one_is_named() -> None:
    def broken(*parts: str) -> str:
        subject = {**BADGE["credentialSubject"], "achievement": dict.fromkeys(parts, 7), "narrative": 7}
        check = next(conformity({**BADGE, "credentialSubject": subject, "evidence": 7}))
        assert check.state is State.FAILED
        return check.words

    assert broken().endswith(": evidence.")
    assert broken(*ACHIEVEMENT_PARTS).endswith(": credentialSubject.narrative.")


def test_criteria_may_stand_at_an_address_alone() -> None:
    assert verify(changed(lambda _b, a: a.update(criteria={"id": "https://c.example/how"})), FakeResolver(), NOW).valid


def test_blank_texts_are_missing_texts() -> None:
    assert failing(changed(lambda _b, a: a.update(description="  "))) == ["schema"]


RESULTS: dict[str, Change] = {
    "a level of nothing": lambda b, _a: b["credentialSubject"]["result"][0].update(achievedLevel="urn:uuid:nothing"),
    "a level of another result": lambda b, a: b["credentialSubject"]["result"][0].update(
        achievedLevel=a["resultDescription"][1]["rubricCriterionLevel"][0]["id"]
    ),
    "no level": lambda b, _a: b["credentialSubject"]["result"][0].pop("achievedLevel"),
    "a result of nothing": lambda b, _a: b["credentialSubject"]["result"][0].update(resultDescription="urn:uuid:no"),
    "a level needed that is none": lambda _b, a: a["resultDescription"][0].update(requiredLevel="urn:uuid:nothing"),
    "more than the most": lambda b, _a: b["credentialSubject"]["result"][2].update(value="3"),
    "less than the least": lambda b, _a: b["credentialSubject"]["result"][2].update(value="-1"),
    "a value that is not allowed": lambda b, a: (
        a["resultDescription"][2].update(allowedValue=["A", "B"])
        or b["credentialSubject"]["result"][2].update(value="C")
    ),
    "no status": lambda _b, a: a["resultDescription"][2].update(resultType="Status"),
    "two descriptions of one id": lambda _b, a: a["resultDescription"].append(
        {**a["resultDescription"][2], "name": "Another"}
    ),
}


@pytest.mark.parametrize("change", RESULTS.values(), ids=RESULTS)
def test_a_result_names_a_level_and_a_description_of_this_badge(change: Change) -> None:
    assert failing(changed(change)) == ["results"]


def test_a_level_may_be_written_out_as_a_value() -> None:
    def written(badge: dict[str, Any]) -> None:
        result = badge["credentialSubject"]["result"][0]
        del result["achievedLevel"]
        result["value"] = "Demonstrated"

    found = verify(changed(lambda b, _a: written(b)), FakeResolver(), NOW)
    assert found.valid
    assert found.badge is not None
    assert [(row.achieved, row.met) for row in found.badge.results[:1]] == [("Demonstrated", None)]


def test_a_status_that_is_none_of_the_published_ones_is_not_valid() -> None:
    def graded(badge: dict[str, Any], achievement: dict[str, Any], status: str) -> None:
        achievement["resultDescription"][2]["resultType"] = "Status"
        badge["credentialSubject"]["result"][2]["status"] = status

    assert verify(changed(lambda b, a: graded(b, a, "Completed")), FakeResolver(), NOW).valid
    assert failing(changed(lambda b, a: graded(b, a, "Excellent"))) == ["schema"]


UNSEEN: dict[str, Change] = {
    "achievement in a list": lambda b, a: b["credentialSubject"].update(achievement=[a]),
    "subject in a list": lambda b, _a: b.update(credentialSubject=[b["credentialSubject"]]),
    "name in a list": lambda _b, a: a.update(name=[a["name"]]),
    "criteria in a list": lambda _b, a: a.update(criteria=[a["criteria"]]),
    "identifier without a list": lambda b, _a: (
        b["credentialSubject"].update(identifier=b["credentialSubject"]["identifier"][0])
        if len(b["credentialSubject"]["identifier"]) == 1
        else None
    ),
    "image in a list": lambda _b, a: a.update(image=[a["image"]]),
    "issuer in a list": lambda b, _a: b.update(issuer=[b["issuer"]]),
    "dates in lists": lambda b, _a: b.update(validFrom=[b["validFrom"]], validUntil=[b["validUntil"]]),
    "status in a list": lambda b, _a: b.update(credentialStatus=[b["credentialStatus"]]),
    "a type as text": lambda _b, a: a.update(type="Achievement"),
    "a single type in a list": lambda b, _a: b["credentialStatus"].update(type=["BitstringStatusListEntry"]),
    "null": lambda _b, a: a.update(specialization=None, related=[]),
    "the other name of the type": lambda b, _a: b.update(type=["AchievementCredential", "VerifiableCredential"]),
    "proof without a list": lambda b, _a: b.update(proof=b["proof"][0]),
    "levels in another order": lambda _b, a: a["resultDescription"][0]["rubricCriterionLevel"].reverse(),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN)
def test_what_the_signature_cannot_see_changes_neither_verdict_nor_what_is_shown(change: Change) -> None:
    found = verify(changed(change, again=False), FakeResolver(), NOW)
    assert found.verdict is Verdict.VALID, [check.words for check in found.checks]
    assert found.badge is not None
    assert (found.badge.name, found.badge.total) == ("Regrouping from Exit Tickets", "2/2")
    assert found.badge.criteria_narrative == BADGE["credentialSubject"]["achievement"]["criteria"]["narrative"]


def test_required_parts_cannot_be_hidden_as_null() -> None:
    assert failing(changed(lambda _b, a: a.update(criteria=None))) == ["schema"]


@calm
@given(st.dictionaries(st.sampled_from(MEMBERS), json_values), st.dictionaries(st.sampled_from(MEMBERS), json_values))
def test_misshapen_badges_are_answered_with_two_checks(document: dict[str, Any], inner: dict[str, Any]) -> None:
    found = list(conformity({**document, "credentialSubject": {**inner, "achievement": inner}}))
    assert [check.code for check in found] == ["schema", "results"]
    assert all(check.words for check in found)


HOSTILE: dict[str, Callable[[int], Any]] = {
    "lists": lambda size: [[]] * size,
    "results": lambda size: [{"type": "Result", "resultDescription": f"urn:{n}"} for n in range(size // 50)],
    "texts": lambda size: "a-" * (size // 2),
    "types": lambda size: {"type": ["x"] * (size // 4)},
}


@pytest.mark.parametrize("name", ["result", "achievement", "identifier", "type"])
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_the_work_grows_with_the_size_of_the_badge_alone(name: str, make: Callable[[int], Any]) -> None:
    def run(badge: dict[str, Any]) -> None:
        list(conformity(badge))

    def build(size: int) -> dict[str, Any]:
        badge: dict[str, Any] = json.loads(json.dumps(BADGE))
        badge["credentialSubject"][name] = make(min(size, 1 << 18))
        return badge

    assert_linear(run, build)


def test_a_badge_of_endless_parts_is_not_worked_through() -> None:
    badge = changed(lambda b, _a: b["credentialSubject"].update(result=[{"type": ["Result"]}] * 20_000), again=False)
    assert [check.state for check in conformity(badge)] == [State.UNKNOWN, State.UNKNOWN]
