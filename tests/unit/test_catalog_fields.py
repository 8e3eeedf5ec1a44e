"""Each field of a definition at its limits, what it says when it is left out, and what holds the parts together."""

import copy
import json
from typing import Any

import pytest
from pydantic import ValidationError

from lti_mcred.catalog.definition import ACCEPT_WORDS, FORMATS, STORED, Definition, version_key

LEAST: dict[str, Any] = {
    "format": "micro-credential/1",
    "id": "job-hazard",
    "version": "1.0.0",
    "language": "en",
    "title": "Größe zählt",
    "summary": "Summary",
    "audience": {"sector": "college"},
    "issuer": {"name": "Larkspur College"},
    "competency": "Competency",
    "key_method": {"name": "Method", "description": "Description"},
    "research_and_resources": {"rationale": "Rationale"},
    "submission": {
        "estimated_hours_to_earn": 1.5,
        "part_2_artifacts": [{"id": "A1", "title": "Plan", "instructions": "Write.", "accept": ["pdf"]}],
    },
    "rubric": {
        "levels": [{"id": "no", "label": "No"}, {"id": "yes", "label": "Yes", "passing": True}],
        "pass_rule": {"type": "all_criteria", "level": "yes"},
        "criteria": [
            {"id": "C1", "title": "Goal", "artifacts": ["A1"], "descriptors": {"no": "Not", "yes": "Clear"}}
        ],
    },
    "assessment": {"mode": "certified", "turnaround_business_days": 5},
    "badge": {"name": "Badge", "image_alt": "Round", "criteria_narrative": "All of it"},
    "privacy": {"rule": "Nobody else"},
}  # fmt: skip
# What is said where an author says nothing.
UNSAID: dict[str, Any] = {
    "status": "draft",
    "licence": None,
    "audience": {"sector": "college", "roles": [], "grades": [], "prerequisites": None},
    "issuer": {"id": None, "name": "Larkspur College", "type": None, "contact_role": None, "url": None, "email": None},
    "method_components": [],
    "research_and_resources": {"rationale": "Rationale", "research": [], "resources": []},
    "submission": {
        "estimated_hours_to_earn": 1.5,
        "window_days": 180,
        "part_1_overview": [],
        "part_2_artifacts": [
            {
                "id": "A1", "title": "Plan", "instructions": "Write.", "accept": ["pdf"], "max_files": 1,
                "max_mb_each": 20, "max_minutes": None, "words": None, "required": True,
                "shows_other_people": "possible", "alternatives": [],
            }
        ],
        "part_3_reflection": [],
    },
    "rubric": {
        "levels": [{"id": "no", "label": "No", "passing": False}, {"id": "yes", "label": "Yes", "passing": True}],
        "pass_rule": {"type": "all_criteria", "level": "yes", "n_of_optional": 0},
        "criteria": [
            {
                "id": "C1", "title": "Goal", "artifacts": ["A1"], "required": True,
                "descriptors": {"no": "Not", "yes": "Clear"},
            }
        ],
    },
    "assessment": {
        "mode": "certified", "fee": {"amount": 0, "currency": "USD"}, "blind": True, "peer_review": None,
        "double_scoring": None, "adjudication": None, "turnaround_business_days": 5,
        "completeness_check_business_days": None, "attempts": {"before_coaching": 3, "coaching_then_continue": True},
        "appeal_days": None, "assessor_requirements": None, "ai_statement_required": True,
    },
    "alignments": [],
    "recognition_suggestions": None,
    "badge": {
        "name": "Badge", "achievement_type": "MicroCredential", "image_alt": "Round", "criteria_narrative": "All of it",
        "expires_after_months": None, "renewal": None, "evidence_public_by_default": False,
    },
    "stacks": [],
    "accessibility_and_equity": {},
    "privacy": {
        "pupils_may_appear": False, "rule": "Nobody else", "raw_video_retention_months_after_decision": 12,
    },
    "qa_self_check": {},
}  # fmt: skip
PROMPT = {"id": "Q1", "prompt": "Why?"}
# A path, what an author may say there in few words, and what it then means.
BRIEF: list[tuple[str, Any, Any]] = [
    ("submission.part_1_overview", [PROMPT],
     [{**PROMPT, "words": {"min": 0, "max": 20_000}, "alternatives": []}]),
    ("submission.part_2_artifacts.0.words", {}, {"min": 0, "max": 20_000}),
    ("research_and_resources.research", [{"citation": "A"}], [{"citation": "A", "supports": None, "url": None}]),
    ("research_and_resources.resources", [{"title": "A"}],
     [{"title": "A", "kind": None, "cost": None, "accessible": None, "url": None}]),
    ("assessment.peer_review", {"reviewers": 2}, {"reviewers": 2, "formative_only": True, "same_rubric": True}),
    ("assessment.double_scoring", {}, {"first_n": 0, "random_percent": 0, "borderline": False}),
    ("alignments", [{"framework": "F"}],
     [{"framework": "F", "code": None, "statement": None, "strength": None, "url": None}]),
    ("alignments", [{"framework": "F", "code": 4.5}],
     [{"framework": "F", "code": "4.5", "statement": None, "strength": None, "url": None}]),
    ("audience.grades", [5, "K"], ["5", "K"]),
    ("recognition_suggestions", {},
     {"pd_hours": None, "ceu_local": None, "note": None, "licence_categories": []}),
    ("stacks", [{"name": "Series", "position": 1, "of": 3}], [{"name": "Series", "position": 1, "of": 3}]),
    ("title", "  around  ", "around"),
    ("summary", "\n around\n ", "around"),
    ("version", " 1.0.0 ", "1.0.0"),
    ("issuer.url", " https://a.example ", "https://a.example"),
]  # fmt: skip
FINGERPRINT = "dbd3f26bb1e1b2260279a36d7a31b4120a4ce0331dfe5475835a8c1c111d6bae"


def parted(path: str) -> list[Any]:
    """The steps of a dotted path; numbers count items."""
    return [int(step) if step.isdigit() else step for step in path.split(".")]


def with_(path: str, value: Any, base: dict[str, Any] = LEAST) -> dict[str, Any]:
    """The least definition, with this value at that place."""
    made = copy.deepcopy(base)
    *above, last = parted(path)
    node: Any = made
    for step in above:
        node = node.setdefault(step, {}) if isinstance(node, dict) else node[step]
    node[last] = value
    return made


def at(path: str, data: Any) -> Any:
    """What stands at that place."""
    for step in parted(path):
        data = data[step]
    return data


def fault(data: dict[str, Any]) -> str:
    """The words of the one fault of a definition."""
    with pytest.raises(ValidationError) as caught:
        Definition.model_validate(data)
    first, *others = caught.value.errors()
    # Of a list whose items are faulty, pydantic says also that it is too short.
    assert [one["type"] for one in others if one["loc"] != first["loc"][: len(one["loc"])]] == []
    return str(first["msg"]).removeprefix("Value error, ")


def test_what_an_author_leaves_out_has_one_meaning() -> None:
    assert Definition.model_validate(LEAST).model_dump(mode="json") == LEAST | UNSAID


@pytest.mark.parametrize(("path", "said", "meant"), BRIEF, ids=[path for path, _said, _meant in BRIEF])
def test_a_part_that_is_said_in_few_words_has_one_meaning(path: str, said: Any, meant: Any) -> None:
    assert at(path, Definition.model_validate(with_(path, said)).model_dump(mode="json")) == meant


def test_a_definition_is_frozen_and_its_fingerprint_stays_the_same_for_ever() -> None:
    definition = Definition.model_validate(LEAST)
    with pytest.raises(ValidationError, match="frozen"):
        definition.title = "Another"
    assert definition.sha256() == FINGERPRINT
    plain = definition.canonical()
    assert None not in plain.values()
    assert json.loads(json.dumps(plain)) == plain


# A path, the values at its limits, and those beyond them.
LIMITS: list[tuple[str, list[Any], list[Any]]] = [
    ("format", list(FORMATS), ["micro-credential/2"]),
    ("id", ["abc", "a-1", "0" * 128], ["ab", "-ab", "ab-", "aBc", "a" * 129]),
    ("version", ["0.0.0", "9999.9999.9999"], ["1.0", "10000.0.0", "1.0.0-a", " 1.0"]),
    ("language", ["en", "gsw", "zh-Hant", "de-CH", "es-419", "zh-Hant-TW"], ["e", "EN", "english", "de-ch", "es-41"]),
    ("status", ["draft", "published"], ["final"]),
    ("title", ["x" * 300], ["", " ", "x" * 301]),
    ("summary", ["x" * 20_000], ["", "x" * 20_001]),
    ("audience.grades", [[0.5, 7, "K"]], [[None], [["5"]]]),
    ("issuer.id", ["larkspur"], ["Larkspur"]),
    ("issuer.url", ["https://larkspur.example.edu"], ["http://larkspur.example.edu", "https://", "larkspur"]),
    ("research_and_resources.research", [[{"citation": "A", "url": "http://a"}]], [[{"citation": "A", "url": "a"}]]),
    ("research_and_resources.resources", [[{"title": "A", "url": "https://a"}]], [[{"title": "A", "url": "ftp://a"}]]),
    ("submission.estimated_hours_to_earn", [0.1, 1000], [0, -1, 1000.5, float("nan"), float("inf")]),
    ("submission.window_days", [1, 3650], [0, 3651]),
    ("submission.part_2_artifacts", [], [[]]),
    ("submission.part_2_artifacts.0.id", [], ["1A", "A 1", "A" * 33]),
    ("submission.part_2_artifacts.0.accept", [list(ACCEPT_WORDS)], [[], ["movie"]]),
    ("submission.part_2_artifacts.0.max_files", [1, 50], [0, 51]),
    ("submission.part_2_artifacts.0.max_mb_each", [1, 2048], [0, 2049]),
    ("submission.part_2_artifacts.0.max_minutes", [None, 1, 600], [0, 601]),
    ("submission.part_2_artifacts.0.words.min", [0, 20_000], [-1, 20_001]),
    ("submission.part_2_artifacts.0.words.max", [1, 20_000], [0, 20_001]),
    ("submission.part_2_artifacts.0.shows_other_people", ["no", "possible", "yes"], ["maybe"]),
    ("rubric.pass_rule.type", ["all_criteria"], ["points"]),
    ("rubric.pass_rule.n_of_optional", [0], [-1]),
    ("rubric.criteria.0.artifacts", [], [[]]),
    ("assessment.mode", ["self", "peer", "certified", "peer_then_certified"], ["nobody"]),
    ("assessment.fee", [{"amount": 0, "currency": "EUR"}], [{"amount": -0.01, "currency": "EUR"},
                                                           {"amount": float("inf"), "currency": "EUR"},
                                                           {"amount": 1, "currency": "euro"},
                                                           {"amount": 1, "currency": "EURO"}]),
    ("assessment.peer_review.reviewers", [1, 10], [0, 11]),
    ("assessment.double_scoring.first_n", [0], [-1]),
    ("assessment.double_scoring.random_percent", [0, 100], [-0.5, 100.5]),
    ("assessment.turnaround_business_days", [1, 260], [0, 261]),
    ("assessment.completeness_check_business_days", [None, 0, 60], [-1, 61]),
    ("assessment.attempts.before_coaching", [1, 100], [0, 101]),
    ("assessment.appeal_days", [None, 0, 365], [-1, 366]),
    ("alignments", [[{"framework": "F", "url": "http://a.example"}]], [[{"framework": "F", "url": "ftp://a.example"}]]),
    ("recognition_suggestions.pd_hours", [None, 0], [-0.5]),
    ("recognition_suggestions.ceu_local", [None, 0], [-0.5]),
    ("recognition_suggestions.licence_categories", [["A", {"state": "B"}]], [[5]]),
    ("badge.expires_after_months", [None, 1, 600], [0, 601]),
    ("stacks", [[{"name": "S", "position": 1, "of": 1}]], [[{"name": "S", "position": 0, "of": 1}],
                                                           [{"name": "S", "position": 1, "of": 0}]]),
    ("privacy.raw_video_retention_months_after_decision", [0, 120], [-1, 121]),
    ("qa_self_check", [{"blind": ["yes"]}], [{"blind": "yes"}]),
    ("misspelt", [], ["a field that is not known"]),
]  # fmt: skip


@pytest.mark.parametrize(("path", "good", "_bad"), LIMITS, ids=[path for path, *_values in LIMITS])
def test_a_field_takes_what_lies_at_its_limits(path: str, good: list[Any], _bad: list[Any]) -> None:
    for value in good:
        assert at(path, Definition.model_validate(with_(path, value)).model_dump()) is not ...


@pytest.mark.parametrize(("path", "_good", "bad"), LIMITS, ids=[path for path, *_values in LIMITS])
def test_a_field_refuses_what_lies_beyond_its_limits(path: str, _good: list[Any], bad: list[Any]) -> None:
    for value in bad:
        with pytest.raises(ValidationError) as caught:
            Definition.model_validate(with_(path, value))
        assert caught.value.errors()[0]["loc"][: len(parted(path))] == tuple(parted(path))


def test_the_words_for_kinds_of_work_are_these() -> None:
    assert " ".join(ACCEPT_WORDS) == (
        "pdf docx pptx xlsx odt ods odp rtf epub pages keynote numbers html text link image audio video"
    )
    assert FORMATS == ("micro-credential/1", "micro-credential-example/1")


def levels(*passing: bool) -> list[dict[str, Any]]:
    """Levels L0, L1 …, marked as passing or not."""
    return [{"id": f"L{n}", "label": "L", "passing": one} for n, one in enumerate(passing)]


def rubric(marked: list[dict[str, Any]], level: str = "L1", **rule: int) -> dict[str, Any]:
    """A definition with these levels."""
    descriptors = {one["id"]: "words" for one in marked}
    criterion = {"id": "C1", "title": "Goal", "artifacts": ["A1"], "descriptors": descriptors}
    rules = {"type": "all_criteria", "level": level, **rule}
    return with_("rubric", {"levels": marked, "pass_rule": rules, "criteria": [criterion]})


@pytest.mark.parametrize("marked", [(False, True), (False, True, True), (False, True, True, True, True, True)])
def test_the_passing_level_and_all_above_it_are_marked(marked: tuple[bool, ...]) -> None:
    assert Definition.model_validate(rubric(levels(*marked)))


@pytest.mark.parametrize("marked", [(False, True, False), (True, True), (False, False), (False, False, True)])
def test_levels_that_are_marked_otherwise_are_refused(marked: tuple[bool, ...]) -> None:
    assert fault(rubric(levels(*marked))) == (
        "mark 'L1' and every level above it, and no other, with passing: true"
    )  # fmt: skip


@pytest.mark.parametrize("count", [1, 7])
def test_a_rubric_has_two_to_six_levels(count: int) -> None:
    assert "at least 2" in fault(rubric(levels(True), "L0")) if count == 1 else fault(rubric(levels(*[True] * 7), "L0"))


def test_a_rubric_has_one_to_twenty_criteria() -> None:
    one = LEAST["rubric"]["criteria"][0]
    many = [{**one, "id": f"C{n}"} for n in range(21)]
    assert Definition.model_validate(with_("rubric.criteria", many[:20]))
    assert "at most 20" in fault(with_("rubric.criteria", many))
    assert "at least 1" in fault(with_("rubric.criteria", []))


def test_a_rule_asks_for_no_more_optional_criteria_than_there_are() -> None:
    one = LEAST["rubric"]["criteria"][0]
    criteria = [one, {**one, "id": "C2", "required": False}, {**one, "id": "C3"}]
    data = with_("rubric.criteria", criteria)
    assert Definition.model_validate(with_("rubric.pass_rule.n_of_optional", 1, data))
    assert fault(with_("rubric.pass_rule.n_of_optional", 2, data)) == (
        "pass_rule.n_of_optional asks for more than the 1 optional criteria"
    )


INCOHERENT: list[tuple[str, Any, str]] = [
    ("rubric.pass_rule.level", "maybe", "pass_rule.level 'maybe' is none of the levels no, yes"),
    ("rubric.levels.0.id", "yes", "level id yes is used twice"),
    ("rubric.criteria", [LEAST["rubric"]["criteria"][0]] * 2, "criterion id C1 is used twice"),
    ("rubric.criteria.0.descriptors", {"yes": "Clear"},
     "criterion C1 needs exactly one descriptor for each level: no, yes"),
    ("rubric.criteria.0.descriptors", {"no": "Not", "yes": "Clear", "x": "More"},
     "criterion C1 needs exactly one descriptor for each level: no, yes"),
    ("rubric.criteria.0.artifacts", ["A1", "B2", "A9"], "criterion C1 names A9, B2, which nobody hands in"),
    ("submission.part_1_overview", [{"id": "A1", "prompt": "Why?"}], "part id A1 is used twice"),
    ("submission.part_3_reflection", [{"id": one, "prompt": "Why?"} for one in ("Q2", "Q2", "Q1", "Q1", "Q3")],
     "part id Q1, Q2 is used twice"),
    ("submission.part_2_artifacts",
     [{**LEAST["submission"]["part_2_artifacts"][0], "id": one} for one in ("A1", "A3", "A2")],
     "no criterion uses A2, A3; ask for the least that proves it"),
    ("submission.part_2_artifacts.0.words", {"min": 5, "max": 4}, "min is larger than max; swap them"),
    ("alignments", [{"framework": "F"}] * 2, "an alignment is written twice; keep one of them"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "words"), INCOHERENT)
def test_what_does_not_hold_together_is_told(path: str, value: Any, words: str) -> None:
    assert fault(with_(path, value)) == words


def test_what_holds_together_passes() -> None:
    art = LEAST["submission"]["part_2_artifacts"][0]
    for path, value in (
        ("submission.part_2_artifacts", [art, {**art, "id": "A2", "required": False}]),
        ("submission.part_2_artifacts.0.words", {"min": 5, "max": 5}),
        ("alignments", [{"framework": "F"}, {"framework": "G"}]),
        ("submission.part_1_overview", [PROMPT]),
    ):
        assert Definition.model_validate(with_(path, value))


def test_a_criterion_may_be_proved_by_an_answer() -> None:
    data = with_("submission.part_1_overview", [PROMPT])
    definition = Definition.model_validate(with_("rubric.criteria.0.artifacts", ["A1", "Q1"], data))
    assert [one.id for one in definition.criteria_of("Q1")] == ["C1"]
    assert definition.criteria_of("Q2") == ()


def test_parts_are_found_by_their_id_in_the_order_in_which_they_are_shown() -> None:
    data = with_("submission.part_3_reflection", [{"id": "R1", "prompt": "What next?"}])
    definition = Definition.model_validate(with_("submission.part_1_overview", [PROMPT], data))
    assert [part.id for part in definition.all_parts()] == ["Q1", "A1", "R1"]
    assert definition.part("R1").id == "R1"
    with pytest.raises(KeyError, match="Z1"):
        definition.part("Z1")


CONTROL = "holds a control character (U+{:04X}). Take it out"


@pytest.mark.parametrize("sign", "\x00\x08\x0b\x0c\x0e\x1f\x7f\ufffe\uffff")
def test_a_text_with_a_control_character_cannot_be_signed(sign: str) -> None:
    assert fault(with_("summary", f"a{sign}b")) == CONTROL.format(ord(sign))
    assert fault(with_("alignments", [{"framework": "F", "code": f"a{sign}b"}])) == CONTROL.format(ord(sign))


@pytest.mark.parametrize("sign", "\t\n\r ~\x80\u200d\ufffd")
def test_other_signs_within_a_text_are_its_own(sign: str) -> None:
    assert Definition.model_validate(with_("summary", f"a{sign}b")).summary == f"a{sign}b"


NO_TYPE = "is no achievement type of Open Badges. Use MicroCredential, or a term of your own: ext:YourTerm"
UNSIGNABLE = [
    ("summary", "_:b0", "begins with _: and could not stand in a badge. Begin it with a word"),
    ("summary", "\u200b\u2028", "holds no visible character. Write something here"),
    ("issuer.name", "a\u202eb", "holds marks that turn the direction of writing. Write the name without them"),
    ("issuer.name", "a\u202ab", "holds marks that turn the direction of writing. Write the name without them"),
    ("issuer.name", "a\u2066b", "holds marks that turn the direction of writing. Write the name without them"),
    ("issuer.name", "a\u2069b", "holds marks that turn the direction of writing. Write the name without them"),
    ("issuer.url", "https://a.example/b c",
     "'https://a.example/b c' has a space in it. Take it out, or write %20 for it, as browsers do"),
    ("issuer.email", "nobody", "'nobody' is not an e-mail address. Write one such as badges@college.example.edu"),
    ("badge.achievement_type", "Micro-credential",
     f"'Micro-credential' {NO_TYPE}"),
    ("badge.achievement_type", "Zzz", f"'Zzz' {NO_TYPE}"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "words"), UNSIGNABLE)
def test_what_could_not_stand_in_a_badge_is_refused_with_a_cure(path: str, value: str, words: str) -> None:
    assert fault(with_(path, value)) == words


KEPT = [
    ("summary", "a\x07b"),
    *((path, value) for path, value, _words in UNSIGNABLE),
    ("alignments", [{"framework": "F"}] * 2),
]


@pytest.mark.parametrize(("path", "value"), KEPT)
def test_a_published_version_stays_readable_when_the_rules_grow(path: str, value: Any) -> None:
    assert Definition.model_validate(with_(path, value), context=STORED)
    with pytest.raises(ValidationError):
        Definition.model_validate(with_(path, value), context={"stored": False})
    with pytest.raises(ValidationError):
        Definition.model_validate(with_(path, value), context={})


def test_only_names_may_not_turn_the_direction_of_writing() -> None:
    assert Definition.model_validate(with_("summary", "a\u202eb"))
    assert Definition.model_validate(with_("badge.achievement_type", "ext:Mikro"))


LABEL = "x" * 63
TAKEN = ["a@b", f"{'x' * 64}@{LABEL}.{LABEL}", "a.b+c@d-e.example.edu", "!#$%&'*/=?^_`{|}~@x"]
REFUSED = [f"{'x' * 65}@b", f"a@{LABEL}x", f"a@b.{LABEL}x", "a@b-", "a@-b", "a@b.", "@b", "a@"]


@pytest.mark.parametrize(
    "address", ["a@b", f"{'x' * 64}@{LABEL}.{LABEL}", "a.b+c@d-e.example.edu", "!#$%&'*/=?^_`{|}~@x"]
)
def test_an_address_that_browsers_take_is_one(address: str) -> None:
    assert Definition.model_validate(with_("issuer.email", address)).issuer.email == address


@pytest.mark.parametrize(
    "address", [f"{'x' * 65}@b", f"a@{LABEL}x", f"a@b.{LABEL}x", "a@b-", "a@-b", "a@b.", "@b", "a@"]
)
def test_an_address_that_browsers_refuse_is_none(address: str) -> None:
    assert "is not an e-mail address" in fault(with_("issuer.email", address))


def test_versions_sort_by_each_of_their_numbers() -> None:
    assert version_key("10.2.30") == (10, 2, 30)
