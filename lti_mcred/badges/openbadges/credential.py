"""The credential itself: from issuer, achievement and award to an Open Badges 3.0 document, ready to be signed.

Sources: Open Badges 3.0 (v1.3, September 2025), W3C Verifiable Credentials Data Model 2.0. Arrays are written wherever
the model allows several values, so that both editions of the published JSON Schema accept the document.
"""

import hashlib
import re
import uuid
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.badges.openbadges import jsonld
from lti_mcred.badges.openbadges.attested import Achievement, Alignment, Award, CredentialError, IssuerProfile
from lti_mcred.badges.openbadges.proof import zulu

CONTEXTS = [jsonld.VC_2, jsonld.OB, jsonld.OB_EXTENSIONS]
SCHEMA = "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
_LANGUAGE = re.compile(r"[a-z]{2,4}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")


def build_credential(issuer: IssuerProfile, achievement: Achievement, award: Award) -> dict[str, Any]:
    """Return the unsigned OpenBadgeCredential.

    Raises CredentialError when something in it could not be true.
    """
    _check(issuer, achievement, award)
    return _clean(
        {
            "@context": CONTEXTS,
            "id": award.id,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": issuer_object(issuer),
            "validFrom": zulu(award.valid_from),
            "validUntil": zulu(award.valid_until) if award.valid_until else None,
            "awardedDate": zulu(award.awarded_at or award.valid_from),
            "name": achievement.name,
            "description": achievement.description,
            "credentialSubject": _subject(achievement, award),
            "credentialStatus": {
                "id": f"{award.status.list_url}#{award.status.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": str(award.status.index),
                "statusListCredential": award.status.list_url,
            },
            "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
        }
    )


def issuer_object(issuer: IssuerProfile) -> dict[str, Any]:
    """Return the issuer as a Profile object."""
    return _clean(
        {
            "id": issuer.id,
            "type": ["Profile"],
            "name": issuer.name,
            "url": issuer.url,
            "email": issuer.email,
            "description": issuer.description,
            "parentOrg": issuer_object(issuer.parent) if issuer.parent else None,
        }
    )


def achievement_object(achievement: Achievement) -> dict[str, Any]:
    """Return the Achievement object; it is also what the achievement's own address answers."""
    image = {"id": achievement.image_url, "type": "Image", "caption": achievement.image_caption}
    return _clean(
        {
            "id": achievement.id,
            "type": ["Achievement"],
            "achievementType": achievement.kind,
            "name": achievement.name,
            "description": achievement.description,
            "criteria": {"id": achievement.criteria_url, "narrative": achievement.criteria_narrative},
            "image": image if achievement.image_url else None,
            "inLanguage": achievement.language,
            "version": achievement.version,
            "creditsAvailable": _two_decimals(achievement.hours),
            "tag": list(achievement.tags),
            "alignment": [_alignment(alignment) for alignment in achievement.alignments],
            "resultDescription": [*_descriptions(achievement), _total_description(achievement)]
            if achievement.criteria
            else None,
        }
    )


def criterion_uri(achievement_id: str, criterion_id: str) -> str:
    """Return the stable urn:uuid of a criterion's ResultDescription (UUIDv5): a re-issue keeps it."""
    return _urn(achievement_id, "criterion", criterion_id)


def level_uri(achievement_id: str, criterion_id: str, level_id: str) -> str:
    """Return the stable urn:uuid of one level of one criterion."""
    return _urn(achievement_id, "criterion", criterion_id, "level", level_id)


def total_uri(achievement_id: str) -> str:
    """Return the stable urn:uuid of the description of the total, "criteria met"."""
    return _urn(achievement_id, "total")


def identity_hash(value: str, salt: str) -> str:
    """Return 'sha256$' + hex of SHA-256 of the value followed by the salt (Open Badges 3.0, IdentityHash)."""
    return "sha256$" + hashlib.sha256((value + salt).encode()).hexdigest()


def _urn(*parts: str) -> str:
    return uuid.uuid5(uuid.NAMESPACE_URL, "#".join(parts)).urn


def _subject(achievement: Achievement, award: Award) -> dict[str, Any]:
    identifiers = [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": identity_hash(identifier.value, identifier.salt),
            "identityType": identifier.kind,
            "salt": identifier.salt,
        }
        for identifier in award.identifiers
    ]
    if award.name:
        shown = {
            "type": "IdentityObject",
            "hashed": False,
            "identityHash": award.name,
            "identityType": "name",
        }
        identifiers.insert(0, shown)
    return {
        "id": award.subject_id,
        "type": ["AchievementSubject"],
        "identifier": identifiers,
        "achievement": achievement_object(achievement),
        "narrative": award.narrative,
        "result": _result_rows(achievement, award),
    }


def _alignment(alignment: Alignment) -> dict[str, Any]:
    return {
        "type": ["Alignment"],
        "targetName": alignment.name,
        "targetUrl": alignment.url,
        "targetFramework": alignment.framework,
        "targetCode": alignment.code,
        "targetDescription": alignment.description,
        "targetType": alignment.kind,
    }


def _descriptions(achievement: Achievement) -> list[dict[str, Any]]:
    return [
        {
            "id": criterion_uri(achievement.id, criterion.id),
            "type": ["ResultDescription"],
            "name": criterion.title,
            "resultType": "RubricCriterionLevel",
            "requiredLevel": level_uri(achievement.id, criterion.id, criterion.required_level),
            "rubricCriterionLevel": [
                {
                    "id": level_uri(achievement.id, criterion.id, level.id),
                    "type": ["RubricCriterionLevel"],
                    "name": level.label,
                    "description": level.descriptor,
                    # The order of a JSON-LD array is not signed; the rank is, because it is written out.
                    "level": str(rank),
                }
                for rank, level in enumerate(criterion.levels, start=1)
            ],
        }
        for criterion in achievement.criteria
    ]


def _total_description(achievement: Achievement) -> dict[str, Any]:
    return {
        "id": total_uri(achievement.id),
        "type": ["ResultDescription"],
        "name": "Criteria met",
        "resultType": "RawScore",
        "valueMin": "0",
        "valueMax": str(len(achievement.criteria)),
        "requiredValue": str(sum(criterion.required for criterion in achievement.criteria)),
    }


def _result_rows(achievement: Achievement, award: Award) -> list[dict[str, Any]]:
    results, met = [], 0
    for criterion in achievement.criteria:
        level = award.levels.get(criterion.id)
        if level is None:
            continue  # an optional criterion that was not judged
        met += criterion.rank(level) >= criterion.rank(criterion.required_level)
        results.append(
            {
                "type": ["Result"],
                "resultDescription": criterion_uri(achievement.id, criterion.id),
                "achievedLevel": level_uri(achievement.id, criterion.id, level),
            }
        )
    if results:
        total = {"type": ["Result"], "resultDescription": total_uri(achievement.id), "value": str(met)}
        results.append(total)
    return results


def _check(issuer: IssuerProfile, achievement: Achievement, award: Award) -> None:
    addresses = [issuer.id, issuer.url, achievement.id, achievement.criteria_url, achievement.image_url]
    addresses += [award.id, award.subject_id, award.status.list_url, *(a.url for a in achievement.alignments)]
    for address in filter(None, addresses):
        _absolute(address)
    if not (issuer.id and achievement.id and award.id and award.subject_id and award.status.list_url):
        message = "issuer, achievement, award, subject and status list each need an id"
        raise CredentialError(message)
    if not _LANGUAGE.fullmatch(achievement.language):
        message = f"{achievement.language!r} is not a language tag such as en or es-MX"
        raise CredentialError(message)
    if award.valid_until and award.valid_until <= award.valid_from:
        message = "the badge would expire before it begins"
        raise CredentialError(message)
    _check_levels(achievement, award)


def _check_levels(achievement: Achievement, award: Award) -> None:
    known = {criterion.id: criterion for criterion in achievement.criteria}
    if strangers := set(award.levels) - set(known):
        message = "levels are given for unknown criteria: " + ", ".join(sorted(strangers))
        raise CredentialError(message)
    for criterion in achievement.criteria:
        if len({level.id for level in criterion.levels}) != len(criterion.levels):
            message = f"criterion {criterion.id} has two levels with the same id"
            raise CredentialError(message)
        criterion.rank(criterion.required_level)
        if criterion.required and criterion.id not in award.levels:
            message = f"criterion {criterion.id} has no result"
            raise CredentialError(message)


def _absolute(address: str) -> None:
    scheme = urlsplit(address).scheme
    if scheme not in ("http", "https", "urn", "did") or any(c.isspace() for c in address):
        message = f"{address!r} is not an absolute address"
        raise CredentialError(message)


def _two_decimals(hours: float | None) -> int | float | None:
    # Canonicalisers agree on plain decimals only.
    if hours is None:
        return None
    rounded = round(hours, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def _clean(value: dict[str, Any]) -> dict[str, Any]:
    """Return a document without empty members and control characters."""
    cleaned: dict[str, Any] = _without_empty(value)
    return cleaned


def _without_empty(value: Any) -> Any:
    """Drop what is empty (no nulls, no empty arrays), and of texts what must not be signed."""
    if isinstance(value, dict):
        cleaned = {key: _without_empty(member) for key, member in value.items()}
        return {key: member for key, member in cleaned.items() if member not in (None, "", [], {})}
    if isinstance(value, list):
        return [_without_empty(item) for item in value]
    if isinstance(value, str):
        text = jsonld.CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
        return f" {text}" if text.startswith("_:") else text  # not to be taken for a nameless node of RDF
    return value
