"""Does a badge keep to the rules of Open Badges 3.0? The published JSON Schema, and what no schema can say.

Sources: 1EdTech's JSON Schema of AchievementCredential (edition of 2026, packaged); Open Badges 3.0, sections on
Result, ResultDescription and AchievementSubject. A signature covers RDF, which knows no lists of one and no null: a
badge is brought into one form first, so that what the signature cannot see makes no difference here either.
"""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError, best_match

from lti_mcred.badges.openbadges.jsonld import VC_1, VC_2
from lti_mcred.badges.openbadges.values import as_list, items, mapping, moment_of, objects, text_of
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.verification import Check, State

_SCHEMA = Path(__file__).parent / "schemas" / "achievementcredential.json"
# Where the schema wants `type` as one text; everywhere else it is a list.
_ONE_TYPE = {
    "proof", "credentialStatus", "credentialSchema", "refreshService", "termsOfUse", "image", "identifier",
    "otherIdentifier", "geo",
}  # fmt: skip
_TEXTS = ("name", "description")
_SAYING = ("id", "narrative")  # one of them: criteria of nothing say nothing
_MOST_ERRORS = 20
_MOST_PARTS = 16_000  # a rubric of 20 criteria and 6 levels makes 5,000
_LONGEST = 80


def conformity(document: Mapping[str, Any]) -> Iterator[Check]:
    """Yield the check of the schema, then that of the results."""
    if not _is_small(document):
        message = N_("It has too many parts to be checked against the rules of Open Badges.")
        yield Check("schema", State.UNKNOWN, message)
        yield Check("results", State.UNKNOWN, N_("It has too many parts for its results to be checked."))
        return
    badge = _version_2(_compacted(document))
    wrong = next(_violations(badge), None)
    if wrong is None:
        yield Check("schema", State.PASSED, N_("It has everything that Open Badges 3.0 requires, in the right form."))
    else:
        yield Check("schema", State.FAILED, wrong[0], {"detail": wrong[1][:_LONGEST]})
    yield _results_check(badge)


def _is_small(value: Any) -> bool:
    """Whether there are few enough parts: the schema's work is up to a quarter of a millisecond for each."""
    stack, parts = [value], 0
    while stack and parts <= _MOST_PARTS:
        node = stack.pop()
        parts += 1
        if isinstance(node, dict | list):
            parts += len(node)
            stack.extend(node.values() if isinstance(node, dict) else node)
    return parts <= _MOST_PARTS


def _violations(badge: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, as (message, place)."""
    missing = N_("It lacks something that Open Badges 3.0 requires: %(detail)s.")
    found = []
    for count, error in enumerate(_validator().iter_errors(badge)):
        found.append(error)
        if count >= _MOST_ERRORS:
            break
    if found:
        error = best_match(found) or found[0]
        lacking = _lacking(error)
        yield (missing, _member_path(error, lacking)) if lacking else (
            N_("Something in it is not as Open Badges 3.0 requires: %(detail)s."), _member_path(error, "")
        )  # fmt: skip
    subject = mapping(badge.get("credentialSubject"))
    for name in _TEXTS:
        if not text_of(mapping(subject.get("achievement")).get(name)).strip():
            yield missing, f"credentialSubject.achievement.{name}"
    criteria = list(objects(mapping(subject.get("achievement")).get("criteria")))
    if criteria and not any(text_of(one.get(name)).strip() for one in criteria for name in _SAYING):
        yield missing, "credentialSubject.achievement.criteria.narrative"
    if not subject.get("id") and not subject.get("identifier"):
        yield missing, "credentialSubject.id"


def _lacking(error: ValidationError) -> str:
    if error.validator != "required" or not isinstance(error.instance, dict):
        return ""
    return next((name for name in error.validator_value if name not in error.instance), "")


def _member_path(error: ValidationError, lacking: str) -> str:
    names = [part for part in error.absolute_path if isinstance(part, str)]
    return ".".join([*names, lacking] if lacking else names) or "@context"


@lru_cache(maxsize=1)
def _validator() -> jsonschema.Draft201909Validator:
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time")(lambda value: not isinstance(value, str) or moment_of(value) is not None)
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return jsonschema.Draft201909Validator(schema, format_checker=formats)


def _compacted(value: Any, name: str = "", parent: str = "") -> Any:
    """Return a value without nulls and lists of one; `type` as a list, or as one text where the schema wants that."""
    if name == "@context":
        return value
    if isinstance(value, dict):
        members = {key: _compacted(member, key, name) for key, member in value.items() if member is not None}
        return {key: member for key, member in members.items() if member != []}
    plain = [_compacted(item, name, parent) for item in items(value)] if isinstance(value, list) else value
    if name == "type":
        kinds = [kind for item in as_list(plain) for kind in as_list(item)]
        return kinds[0] if parent in _ONE_TYPE and len(kinds) == 1 else kinds
    return plain[0] if isinstance(plain, list) and len(plain) == 1 else plain


def _version_2(badge: dict[str, Any]) -> dict[str, Any]:
    """Return a badge as the schema knows it: dates of data model 2.0, and one status (there may be several)."""
    contexts = as_list(badge.get("@context"))
    if contexts[:1] == [VC_1]:
        dates = {"issuanceDate": "validFrom", "expirationDate": "validUntil"}
        badge = {dates.get(name, name): value for name, value in badge.items()}
        badge["@context"] = [VC_2, *contexts[1:]]
    statuses = as_list(badge.get("credentialStatus"))
    return {**badge, "credentialStatus": statuses[0]} if len(statuses) > 1 else badge


def _results_check(badge: dict[str, Any]) -> Check:
    subject = mapping(badge.get("credentialSubject"))
    results = list(objects(subject.get("result")))
    wrong = next(_wrong_results(list(objects(subject.get("achievement"))), results), None)
    if wrong is not None:
        return Check("results", State.FAILED, wrong[0], {"detail": wrong[1][:_LONGEST] or "?"})
    if not results:
        return Check("results", State.PASSED, N_("It states no results beyond the badge itself."))
    return Check("results", State.PASSED, N_("Every result in it fits what the badge says can be reached."))


def _wrong_results(achievements: list[dict[str, Any]], results: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    described: dict[str, dict[str, Any]] = {}
    levels: dict[str, set[str]] = {}
    for description in (
        found for achievement in achievements for found in objects(achievement.get("resultDescription"))
    ):
        name, title = text_of(description.get("id")), text_of(description.get("name"))
        if name in described:
            yield N_("Two results of the badge are described under one id (%(detail)s)."), title
        described[name] = description
        levels[name] = {text_of(level.get("id")) for level in objects(description.get("rubricCriterionLevel"))}
        required = text_of(description.get("requiredLevel"))
        if required and required not in levels[name]:
            yield N_("The level needed for a result is none of its levels (%(detail)s)."), title
    for result in results:
        yield from _wrong_result(result, described, levels)


def _wrong_result(
    result: dict[str, Any], described: dict[str, dict[str, Any]], levels: dict[str, set[str]]
) -> Iterator[tuple[str, str]]:
    name, achieved = text_of(result.get("resultDescription")), text_of(result.get("achievedLevel"))
    description = described.get(name, {})
    title = text_of(description.get("name")) or name
    if name and not description:
        yield N_("A result in it belongs to nothing that the badge describes (%(detail)s)."), title
    known = levels.get(name, set()) if name else set().union(*levels.values())
    if achieved and achieved not in known:
        yield N_("A level reached is none of the levels of its result (%(detail)s)."), title
    kind = text_of(description.get("resultType"))
    value, allowed = text_of(result.get("value")), {text_of(item) for item in items(description.get("allowedValue"))}
    if (kind == "RubricCriterionLevel" and not achieved + value) or (kind == "Status" and not result.get("status")):
        yield N_("A result does not say what was reached (%(detail)s)."), title
    if value and ((allowed and value not in allowed) or not _within(value, description)):
        yield N_("A value in it is none of those that its result allows (%(detail)s)."), title


def _within(value: str, description: dict[str, Any]) -> bool:
    given, least, most = (_float_in(text) for text in (value, description.get("valueMin"), description.get("valueMax")))
    return given is None or ((least is None or least <= given) and (most is None or given <= most))


def _float_in(value: Any) -> float | None:
    text = text_of(value)
    try:
        return float(text) if len(text) < 32 and "_" not in text else None
    except ValueError:
        return None
