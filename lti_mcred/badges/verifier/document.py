"""From text to the document of one badge: strict JSON, presentations, JSON Web Tokens, and what is no badge."""

import base64
import binascii
import json
import math
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.badges.openbadges.jsonld import VC_2
from lti_mcred.badges.openbadges.values import as_list, items, objects

BADGE_TYPES = {"OpenBadgeCredential", "AchievementCredential"}
ENVELOPE = "EnvelopedVerifiableCredential"  # W3C VC Data Model 2.0, section 4.13
_TOKEN_URL = "data:application/vc+jwt,"  # noqa: S105 - a prefix, no secret
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_DEEPEST = 60
_LONGEST_INTEGER = 300  # digits
_OLDER = ("https://w3id.org/openbadges/v1", "https://w3id.org/openbadges/v2")
_OLDER_TYPES = {"Assertion", "BadgeClass", "CryptographicKey"}
_HOLDERS = ("verifiableCredential", "credential", "compactJwsString")


class UnreadableBadgeError(ValueError):
    """What was given is not a badge that can be read. `code` names the case for the page that explains it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def badge_in(text: str) -> dict[str, Any]:
    """Return the one badge that a text holds; a JSON Web Token comes back in an envelope.

    Raises UnreadableBadgeError: empty, address, social, page, not_json, not_object, jwt, open_badges_2, several_badges,
    definition, endorsement, learner_record or not_a_badge.
    """
    text = text.strip()
    if not text:
        raise UnreadableBadgeError("empty")
    if _TOKEN.fullmatch(text):
        return _enveloped(text)
    if text.startswith(("http://", "https://")) and len(text.split()) == 1:
        raise UnreadableBadgeError("social" if is_social(text) else "address")
    if text.startswith("<"):
        raise UnreadableBadgeError("page")
    return _badge_in(read_json(text))


def read_json(text: str) -> Any:
    """Return the value of a JSON text. Raises UnreadableBadgeError not_json, also for what readers disagree about."""
    try:
        value = json.loads(
            text, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite, parse_int=_counted
        )
    except (ValueError, RecursionError):
        raise UnreadableBadgeError("not_json") from None
    if _depth(value) > _DEEPEST:
        raise UnreadableBadgeError("not_json")
    return value


def token_of(document: dict[str, Any]) -> str:
    """Return the JSON Web Token in an envelope, "" for any other document."""
    address = document.get("id")
    if document.get("type") != ENVELOPE or not isinstance(address, str):
        return ""
    return address.removeprefix(_TOKEN_URL) if address.startswith(_TOKEN_URL) else ""


def token_parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and payload of a JSON Web Token. Raises UnreadableBadgeError jwt."""
    parts = []
    for part in [*token.split("."), ""][:2]:
        try:
            raw = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            value = read_json(raw.decode())
        except (binascii.Error, UnicodeDecodeError, UnreadableBadgeError):
            raise UnreadableBadgeError("jwt") from None
        if not isinstance(value, dict):
            raise UnreadableBadgeError("jwt")
        parts.append(value)
    return parts[0], parts[1]


def credential_in(payload: dict[str, Any]) -> dict[str, Any]:
    """Return the credential in a token's payload: the payload itself, or (VC Data Model 1.1) its member `vc`."""
    inner = payload.get("vc")
    if isinstance(inner, dict):
        return _filled(inner, payload)
    claims = ("iss", "sub", "jti", "nbf", "exp", "iat", "aud")
    return {name: value for name, value in payload.items() if name not in claims}


def _filled(badge: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Return a credential of data model 1.1 with what stands in the token's claims alone (section 6.3.1)."""
    filled = dict(badge)
    for name, claim in (("issuer", "iss"), ("id", "jti")):
        if name not in filled and isinstance(payload.get(claim), str):
            filled[name] = payload[claim]
    for name, claim in (("issuanceDate", "nbf"), ("expirationDate", "exp")):
        if name not in filled and (moment := seconds_of(payload.get(claim))) is not None:
            filled[name] = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
    return filled


def seconds_of(value: Any) -> datetime | None:
    """Return the time of a NumericDate (RFC 7519, section 2), None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(int(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _enveloped(token: str) -> dict[str, Any]:
    badge = credential_in(token_parts(token)[1])
    if not is_badge(badge):
        raise UnreadableBadgeError("open_badges_2" if _kind_of(badge) == "open_badges_2" else "jwt")
    return {"@context": VC_2, "type": ENVELOPE, "id": _TOKEN_URL + token}


def is_badge(document: dict[str, Any]) -> bool:
    """Whether a document is a credential of Open Badges 3.0 that says something of somebody."""
    return bool(BADGE_TYPES & _types(document)) and any(True for _ in objects(document.get("credentialSubject")))


def _badge_in(value: Any) -> dict[str, Any]:
    """Return the single badge in a JSON value, out of presentations, lists and answers of the Open Badges API."""
    found = [value]
    for _level in range(4):
        held = [member for item in found for member in _held(item)]
        if held == found:
            break
        found = held
    if len(found) > 1 and any(isinstance(item, dict) or _is_token(item) for item in found):
        raise UnreadableBadgeError("several_badges")
    badge = found[0] if len(found) == 1 else None
    if isinstance(badge, str) and _is_token(badge):
        return _enveloped(badge)
    if not isinstance(badge, dict):
        raise UnreadableBadgeError("not_a_badge" if isinstance(value, dict) else "not_object")
    if not is_badge(badge):
        raise UnreadableBadgeError(_kind_of(badge))
    return badge


def _held(value: Any) -> list[Any]:
    if isinstance(value, list):
        return list(items(value))
    if not isinstance(value, dict):
        return [value]
    if token := token_of({**value, "type": _single(value.get("type"))}):
        return [token]
    if BADGE_TYPES & _types(value) or "credentialSubject" in value:
        return [value]
    held = [item for name in _HOLDERS for item in items(value.get(name))]
    return held or [value]


def _is_token(value: Any) -> bool:
    return isinstance(value, str) and _TOKEN.fullmatch(value) is not None


def _single(types: Any) -> Any:
    return types[0] if isinstance(types, list) and len(types) == 1 else types


def _kind_of(document: dict[str, Any]) -> str:
    types = _types(document)
    contexts = [context for context in as_list(document.get("@context")) if isinstance(context, str)]
    hosted = {"recipient", "badge"} <= document.keys()  # version 1 has no context at all
    if _OLDER_TYPES & types or hosted or any(context in _OLDER for context in contexts):
        return "open_badges_2"
    if types & {"Achievement", "Profile"} and "credentialSubject" not in document:
        return "definition"
    if "EndorsementCredential" in types:
        return "endorsement"
    return "learner_record" if "ClrCredential" in types else "not_a_badge"


def _types(document: dict[str, Any]) -> set[str]:
    return {kind for kind in items(document.get("type")) if isinstance(kind, str)}


def is_social(address: str) -> bool:
    """Whether an address leads to a network that shows links to badges and keeps none."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return False
    return any(host == name or host.endswith("." + name) for name in ("linkedin.com", "lnkd.in", "facebook.com"))


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


def _counted(text: str) -> int:
    if len(text) > _LONGEST_INTEGER:  # beyond it, no program that reads JSON numbers as doubles can follow
        raise ValueError(text[:_LONGEST_INTEGER])
    return int(text)


def _depth(document: Any) -> int:
    deepest = 0
    stack: list[tuple[Any, int]] = [(document, 1)]
    while stack:
        node, depth = stack.pop()
        deepest = max(deepest, depth)
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        stack.extend((child, depth + 1) for child in children if isinstance(child, dict | list))
    return deepest
