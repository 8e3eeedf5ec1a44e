"""Reading somebody's badge: from a file to a document, and from a document to a summary. Trusts nothing."""

import json
import math
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.badges import baking
from lti_mcred.badges.verification import AlignmentSummary, BadgeSummary, CriterionResult

LARGEST_BADGE = 5 * 1024 * 1024  # bytes; a baked picture of 600 px has about 60 kB
_DEEPEST = 60
# The ends of the calendar ("valid for ever") would fall out of it when they are shown in another zone.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}


class UnreadableBadgeError(ValueError):
    """What was given is not a badge that can be read. `code` names the case for the page that explains it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_badge(data: bytes) -> dict[str, Any]:
    """Return the credential in a JSON file or a baked PNG.

    Raises UnreadableBadgeError with code empty, too_large, not_json, not_object, picture_damaged,
    picture_without_badge,
    open_badges_2, jwt or not_a_badge.
    """
    if not data.strip():
        raise UnreadableBadgeError("empty")
    if len(data) > LARGEST_BADGE:
        raise UnreadableBadgeError("too_large")
    document = _parse(_picture_text(data) if baking.is_png(data) else _decode(data))
    if "https://w3id.org/openbadges/v2" in as_list(document.get("@context")):
        raise UnreadableBadgeError("open_badges_2")
    types = [t for t in as_list(document.get("type")) if isinstance(t, str)]
    if "VerifiablePresentation" in types:
        held = [c for c in as_list(document.get("verifiableCredential")) if isinstance(c, dict)]
        document = held[0] if len(held) == 1 else {}
        types = [t for t in as_list(document.get("type")) if isinstance(t, str)]
    if not BADGE_TYPES.intersection(types) or not isinstance(document.get("credentialSubject"), dict):
        raise UnreadableBadgeError("not_a_badge")
    return document


def _picture_text(data: bytes) -> str:
    try:
        if (text := baking.extract(data)) is not None:
            return text
        older = baking.extract(data, baking.KEYWORD_2)
    except baking.BakingError:
        raise UnreadableBadgeError("picture_damaged") from None
    raise UnreadableBadgeError("picture_without_badge" if older is None else "open_badges_2")


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UnreadableBadgeError("not_json") from None


def _parse(text: str) -> dict[str, Any]:
    stripped = text.strip()
    if stripped.startswith("eyJ") and stripped.count(".") == 2:
        raise UnreadableBadgeError("jwt")
    try:
        document = json.loads(stripped, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError):
        raise UnreadableBadgeError("not_json") from None
    if not isinstance(document, dict):
        raise UnreadableBadgeError("not_object")
    if _depth(document) > _DEEPEST:
        raise UnreadableBadgeError("not_json")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # With a name given twice, one reader shows the first and another checks the second.
    members = dict(pairs)
    if len(members) != len(pairs):
        message = "a name is given twice"
        raise ValueError(message)
    return members


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(text)
    return number


def _depth(document: dict[str, Any]) -> int:
    deepest = 0
    stack: list[tuple[Any, int]] = [(document, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        children = node.values() if isinstance(node, dict) else node
        stack.extend((child, depth + 1) for child in children if isinstance(child, dict | list))
    return deepest


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty list, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def text_of(value: Any) -> str:
    """Return a string as it can be shown, a plain number as text, anything else as an empty string."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).encode("utf-8", "replace").decode()  # JSON can name half a character (\ud800)


def moment_of(value: Any) -> datetime | None:
    """Return an aware datetime of a dateTimeStamp, None for anything else (a time without a zone too)."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return max(_FIRST, min(moment, _LAST)) if moment.tzinfo else None


def web_address(value: Any) -> str:
    """Return an http(s) address that is safe to link, or an empty string."""
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        return ""
    return text_of(value) if parts and parts.scheme in ("http", "https") and parts.netloc else ""


def issuer_id(document: dict[str, Any]) -> str:
    """Return the issuer's id, whether the issuer is an object or a bare address."""
    issuer = document.get("issuer")
    return text_of(issuer.get("id") if isinstance(issuer, dict) else issuer)


def summarize(document: dict[str, Any]) -> BadgeSummary:
    """Return what the badge says, whatever is missing or misshapen in it."""
    issuer = _object(document.get("issuer"))
    subject = _object(document.get("credentialSubject"))
    achievement = _object(subject.get("achievement"))
    image = achievement.get("image")
    results, total = _results(achievement, subject)
    return BadgeSummary(
        id=text_of(document.get("id")),
        name=text_of(achievement.get("name") or document.get("name")),
        description=text_of(achievement.get("description")),
        issuer_id=issuer_id(document),
        issuer_name=text_of(issuer.get("name")),
        issuer_url=web_address(issuer.get("url")),
        earner_name=_earner_name(subject),
        criteria_narrative=text_of(_object(achievement.get("criteria")).get("narrative")),
        image_url=web_address(image.get("id") if isinstance(image, dict) else image),
        hours=text_of(achievement.get("creditsAvailable")),
        language=text_of(achievement.get("inLanguage")),
        version=text_of(achievement.get("version")),
        valid_from=moment_of(document.get("validFrom") or document.get("issuanceDate")),
        valid_until=moment_of(document.get("validUntil") or document.get("expirationDate")),
        awarded_at=moment_of(document.get("awardedDate")),
        results=results,
        total=total,
        alignments=tuple(_alignments(achievement)),
        tags=tuple(text_of(tag) for tag in as_list(achievement.get("tag")) if isinstance(tag, str)),
        document=document,
    )


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    return (item for item in as_list(value) if isinstance(item, dict))


def _earner_name(subject: dict[str, Any]) -> str:
    for identifier in _objects(subject.get("identifier")):
        if identifier.get("identityType") == "name" and identifier.get("hashed") is False:
            return text_of(identifier.get("identityHash"))
    return ""


def _alignments(achievement: dict[str, Any]) -> Iterator[AlignmentSummary]:
    for item in _objects(achievement.get("alignment")):
        yield AlignmentSummary(
            name=text_of(item.get("targetName")),
            framework=text_of(item.get("targetFramework")),
            code=text_of(item.get("targetCode")),
            url=web_address(item.get("targetUrl")),
        )


def _results(achievement: dict[str, Any], subject: dict[str, Any]) -> tuple[tuple[CriterionResult, ...], str]:
    descriptions = {text_of(d.get("id")): d for d in _objects(achievement.get("resultDescription"))}
    rows, total = [], ""
    for result in _objects(subject.get("result")):
        description = descriptions.get(text_of(result.get("resultDescription")), {})
        if description.get("resultType") == "RubricCriterionLevel":
            rows.append(_criterion(description, text_of(result.get("achievedLevel"))))
        elif description:
            value, most = text_of(result.get("value")), text_of(description.get("valueMax"))
            name = text_of(description.get("name"))
            if description.get("resultType") == "RawScore" and most and not total:
                total = f"{value}/{most}"
            else:
                rows.append(CriterionResult(name, value or text_of(result.get("status"))))
    return tuple(rows), total


def _criterion(description: dict[str, Any], achieved_id: str) -> CriterionResult:
    levels = {text_of(level.get("id")): level for level in _objects(description.get("rubricCriterionLevel"))}
    required_id = text_of(description.get("requiredLevel"))
    achieved, required = levels.get(achieved_id, {}), levels.get(required_id, {})
    return CriterionResult(
        title=text_of(description.get("name")),
        achieved=text_of(achieved.get("name")),
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
