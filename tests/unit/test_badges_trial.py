"""A definition that is called good can be awarded; one that cannot says which field to change, and how."""

import copy
import json
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from lti_mcred.badges import trial
from lti_mcred.catalog.definition import STORED, Definition
from lti_mcred.catalog.yaml_file import DefinitionError, parse_definition
from lti_mcred.engine.db import utcnow
from tests import factories
from tests.badges_helpers import calm
from tests.unit.test_catalog_badge_terms import SCHEMA


def changed(*changes: tuple[str, Any]) -> dict[str, Any]:
    """Return the example as data with other values at dotted places."""
    data = copy.deepcopy(factories.example().canonical())
    for place, value in changes:
        change(data, place, value)
    return data


def change(data: dict[str, Any], place: str, value: Any) -> None:
    """Put another value at a dotted place."""
    node: Any = data
    *steps, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    for step in steps:
        node = node[step]
    node[last] = value


def errors(*changes: tuple[str, Any]) -> str:
    """Return what checking the changed example says, "" when it is good."""
    try:
        parse_definition(yaml.safe_dump(changed(*changes), sort_keys=False), "d.yaml", [trial.faults])
    except DefinitionError as error:
        return str(error)
    return ""


def test_the_examples_can_be_awarded() -> None:
    assert errors() == ""


REFUSED = [
    ("issuer.url", "https://example.edu/our college", "%20"),
    ("issuer.url", "http://example.edu", "https://"),
    ("issuer.url", "https://", "host"),
    ("issuer.url", "https://example.edu/{x}", "%7B"),
    ("issuer.email", "badges at example.edu", "e-mail"),
    ("issuer.email", "_:a@b", "e-mail"),
    ("issuer.email", "a@b c.example", "e-mail"),
    ("issuer.name", "_:College", "Begin it with a word"),
    ("issuer.name", "Co\u202ellege", "direction"),
    ("issuer.name", "Col\u0001lege", "U+0001"),
    ("issuer.name", "\u200b", "visible"),
    ("alignments.0.url", "https://example.org/std 4", "%20"),
    ("alignments.0.url", "mailto:a@example.org", "https://"),
    ("alignments.0.url", "/standards/4", "https://"),
    ("alignments.0.url", "https://example.org/a|b", "%7C"),
    ("alignments.0.statement", "_:b0", "Begin it with a word"),
    ("alignments.0.code", "_:4", "Begin it with a word"),
    ("badge.achievement_type", "Micro-credential", "Use MicroCredential"),
    ("badge.achievement_type", "microcredential", "Use MicroCredential"),
    ("badge.achievement_type", "ext:", "ext:YourTerm"),
    ("badge.achievement_type", "", "ext:YourTerm"),
    ("badge.name", "_:badge", "Begin it with a word"),
    ("badge.name", "\u2060\u00ad", "visible"),
    ("badge.criteria_narrative", "_: all of it", "Begin it with a word"),
    ("badge.image_alt", "Round\u0007badge", "U+0007"),
    ("competency", "_:x", "Begin it with a word"),
    ("rubric.criteria.0.title", "_:x", "Begin it with a word"),
    ("rubric.levels.0.label", "_:x", "Begin it with a word"),
    ("rubric.criteria.0.descriptors.extended", "a\u007fb", "U+007F"),
    ("language", "english", "es-419"),
    ("language", "en-us", "es-419"),
    ("submission.estimated_hours_to_earn", 10**9, "1000"),
]


@pytest.mark.parametrize(("field", "value", "cure"), REFUSED)
def test_what_could_not_be_awarded_is_refused_with_field_and_cure(field: str, value: Any, cure: str) -> None:
    first, *_rest = told = errors((field, value)).splitlines()
    assert len(told) == 1
    name = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in field.split("."))[1:]
    assert f": {name}: " in first
    assert cure in first
    assert not first.startswith("d.yaml:1:")


TAKEN = [
    ("alignments.0.url", "https://de.example.org/wiki/Überprüfung?q=ä#ö"),
    ("alignments.0.url", "https://münchen.example/"),
    ("alignments.0.statement", "@type"),
    ("alignments.0.statement", "https://example.org/a b"),
    ("badge.name", "@context"),
    ("badge.name", "did:web:example.org"),
    ("badge.name", "{ open } and } closed {"),
    ("badge.name", "\uff37ide 😀 e\u0301 \u2028 جامعة"),
    ("badge.criteria_narrative", "Über alles.\n\n\tDoch :_ nicht _: hier."),
    ("badge.achievement_type", "ext:Mikro-Zertifikat"),
    ("badge.achievement_type", "CertificateOfCompletion"),
    ("issuer.email", "badges@example.edu"),
    ("issuer.url", "https://www.example.edu:8443/badges?a=b"),
    ("language", "es-419"),
    ("language", "zh-Hant-TW"),
    ("submission.estimated_hours_to_earn", 0.004),
    ("badge.expires_after_months", 600),
]


@pytest.mark.parametrize(("field", "value"), TAKEN)
def test_what_only_looks_odd_is_taken_and_keeps_to_the_published_schema(field: str, value: Any) -> None:
    assert errors((field, value)) == ""
    definition = Definition.model_validate(changed((field, value)))
    key = trial.generate(trial._DID)
    judged = {row.id for row in definition.rubric.criteria}
    text = trial._signed(definition, key, utcnow().replace(microsecond=0), judged, "")
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    checker = jsonschema.Draft201909Validator(schema, format_checker=jsonschema.FormatChecker())
    assert [error.message for error in checker.iter_errors(json.loads(text))] == []


@settings(calm, max_examples=25)
@given(st.sampled_from([field for field, *_rest in REFUSED if "hours" not in field]), st.text(max_size=30))
def test_what_is_called_good_can_be_awarded_whatever_is_written_where(field: str, value: str) -> None:
    if errors((field, value)) == "":
        assert trial.attempt(Definition.model_validate(changed((field, value)))) == ""


def test_what_only_the_trial_finds_is_told_at_its_field() -> None:
    alike = [{"framework": "F", "statement": f"Statement {n}", "url": "https://example.org/"} for n in range(900)]
    told = errors(("alignments", alike))
    assert ": alignments: keeps the badge from being awarded: " in told
    assert "too many parts" in told


UNSEEN = "\u0001"  # a text of nothing but this is empty in the badge
PLACES: list[tuple[str, tuple[str | int, ...]]] = [
    ("alignments.0.statement", ("alignments", 0)),
    ("badge.name", ("badge", "name")),
    ("rubric.criteria.1.title", ("rubric", "criteria", 1, "title")),
]


def small(*changes: tuple[str, Any]) -> Definition:
    """Return the example with one alignment and two criteria, changed: a trial for each place takes its time."""
    data = changed()
    data["alignments"] = data["alignments"][:1]
    data["rubric"]["criteria"] = criteria = data["rubric"]["criteria"][:2]
    criteria[0]["artifacts"] = [part["id"] for part in data["submission"]["part_2_artifacts"]]
    for place, value in changes:
        change(data, place, value)
    return Definition.model_validate(data, context=STORED)


@pytest.mark.parametrize(("field", "place"), PLACES)
def test_what_keeps_a_badge_from_being_awarded_is_found_by_what_would_cure_it(field: str, place: Any) -> None:
    [(found, what, _cure)] = trial.faults(small((field, UNSEEN)))
    assert found == place
    assert what.startswith("keeps the badge from being awarded: It lacks something that Open Badges 3.0 requires: ")
    assert not what.endswith("..")


def test_of_two_faults_none_is_the_place_that_cures_the_badge() -> None:
    [(found, what, _cure)] = trial.faults(small(("badge.name", UNSEEN), ("competency", UNSEEN)))
    assert found == ()
    assert "requires" in what


def test_an_alignment_that_is_written_twice_is_refused() -> None:
    one = {"framework": "F", "statement": "S", "url": "https://example.org/"}
    assert "written twice" in errors(("alignments", [one, dict(one)]))


@pytest.mark.parametrize(
    ("field", "value"), [(field, value) for field, value, _cure in REFUSED if "hours" not in field]
)
def test_a_version_that_was_published_before_the_rules_can_still_be_awarded(field: str, value: Any) -> None:
    if field != "language" and value != "/standards/4" and not str(value).startswith(("mailto:", "http:")):
        stored = Definition.model_validate(changed((field, value)), context=STORED)
        assert trial.attempt(stored) == ""


@pytest.mark.parametrize(
    "text", ["format: " + "1" * 5_000, "format: 2026-13-45", "format: 0x" + "f" * 9_000, "format: 1:99:99999999999"]
)
def test_numbers_and_dates_that_cannot_be_read_are_told(text: str) -> None:
    with pytest.raises(DefinitionError):
        parse_definition(text, "d.yaml")
