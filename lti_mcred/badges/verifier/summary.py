"""What a badge says, read for a page: whatever is missing, misshapen, or written in one of several equal forms."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lti_mcred.badges.openbadges.values import (
    ENDS,
    STARTS,
    issuer_id,
    items,
    mapping,
    moment_of,
    moments,
    number_of,
    objects,
    safe_link,
    text_of,
)
from lti_mcred.badges.verifier.verification import AlignmentSummary, BadgeSummary, CriterionResult


def summarize(document: dict[str, Any]) -> BadgeSummary:
    """Return what the badge says. Where it gives several values for one thing, all of them are shown."""
    issuer = mapping(document.get("issuer"))
    subjects = list(objects(document.get("credentialSubject")))
    achievements = [found for subject in subjects for found in objects(subject.get("achievement"))]
    results, total = _criterion_results(achievements, subjects)
    return BadgeSummary(
        id=text_of(document.get("id")),
        name=_all(achievements, "name") or text_of(document.get("name")),
        description=_all(achievements, "description"),
        issuer_id=issuer_id(document),
        issuer_name=text_of(issuer.get("name")),
        issuer_url=safe_link(issuer.get("url")),
        earner_name=_earner_name(subjects),
        criteria_narrative=_all([c for a in achievements for c in objects(a.get("criteria"))], "narrative"),
        image_url=_image_url(achievements),
        hours=text_of([number_of(value) for a in achievements for value in items(a.get("creditsAvailable"))]),
        language=_all(achievements, "inLanguage"),
        version=_all(achievements, "version"),
        valid_from=max(filter(None, moments(document, STARTS)), default=None),
        valid_until=min(filter(None, moments(document, ENDS)), default=None),
        awarded_at=moment_of(document.get("awardedDate")),
        results=results,
        total=total,
        alignments=tuple(_alignments(achievements)),
        tags=tuple(sorted(tag for a in achievements for tag in items(a.get("tag")) if isinstance(tag, str))),
        document=document,
    )


def _all(nodes: Iterable[dict[str, Any]], name: str) -> str:
    return text_of([text_of(node.get(name)) for node in nodes])


def _image_url(achievements: list[dict[str, Any]]) -> str:
    found = [image for achievement in achievements for image in items(achievement.get("image"))]
    if len(found) != 1:
        return ""
    return safe_link(found[0].get("id") if isinstance(found[0], dict) else found[0])


def _earner_name(subjects: list[dict[str, Any]]) -> str:
    names = [
        text_of(identifier.get("identityHash"))
        for subject in subjects
        for identifier in objects(subject.get("identifier"))
        if text_of(identifier.get("identityType")) == "name" and identifier.get("hashed") in (False, [False], "false")
    ]
    return text_of(names)


def _alignments(achievements: list[dict[str, Any]]) -> Iterator[AlignmentSummary]:
    for achievement in achievements:
        for item in objects(achievement.get("alignment")):
            yield AlignmentSummary(
                name=text_of(item.get("targetName")),
                framework=text_of(item.get("targetFramework")),
                code=text_of(item.get("targetCode")),
                url=safe_link(item.get("targetUrl")),
            )


def _criterion_results(
    achievements: list[dict[str, Any]], subjects: list[dict[str, Any]]
) -> tuple[tuple[CriterionResult, ...], str]:
    descriptions = {
        text_of(description.get("id")): description
        for achievement in achievements
        for description in objects(achievement.get("resultDescription"))
    }
    rows, totals = [], []
    for subject in subjects:
        for result in objects(subject.get("result")):
            description = descriptions.get(text_of(result.get("resultDescription")), {})
            kind, most = text_of(description.get("resultType")), text_of(description.get("valueMax"))
            value = text_of(result.get("value"))
            if kind == "RubricCriterionLevel":
                rows.append(_criterion(description, text_of(result.get("achievedLevel")), value))
            elif kind == "RawScore" and most:
                totals.append(CriterionResult(text_of(description.get("name")), f"{value}/{most}"))
            elif description:
                rows.append(CriterionResult(text_of(description.get("name")), value or text_of(result.get("status"))))
    # Which of two scores stands first is not signed: only a single one is the total.
    if len(totals) == 1:
        return tuple(rows), totals[0].achieved
    return (*rows, *totals), ""


def _criterion(description: dict[str, Any], achieved_id: str, value: str) -> CriterionResult:
    levels = {text_of(level.get("id")): level for level in objects(description.get("rubricCriterionLevel"))}
    required_id = text_of(description.get("requiredLevel"))
    achieved, required = levels.get(achieved_id, {}), levels.get(required_id, {})
    return CriterionResult(
        title=text_of(description.get("name")),
        achieved=text_of(achieved.get("name")) or value,
        required=text_of(required.get("name")),
        met=_met(achieved, required),
        descriptor=text_of(achieved.get("description")),
    )


def _met(achieved: dict[str, Any], required: dict[str, Any]) -> bool | None:
    # The order of the levels in the array is not signed, so only ranks that are written out can be compared.
    if not achieved or not required:
        return None
    if achieved is required:
        return True
    for name in ("level", "points"):
        ranks = [text_of(level.get(name)) for level in (achieved, required)]
        if all(re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", rank) for rank in ranks):
            return float(ranks[0]) >= float(ranks[1])
    return None
