"""Reading the tool's deep linking response: one strict examination for both temperaments (Deep Linking 2.0, 4.5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.once import first_use
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import finite
from lti_mcred.practice.ground.jose import NotAToken, Unverified, read_unverified, seconds, signature_holds
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.tool_keys import KeySetProblem

OLDEST_SECONDS = 300
AHEAD_SECONDS = 30
REQUIRED = ("iss", "aud", "exp", "iat", "nonce")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a token. ``kind`` is for the temperament's own words, ``detail`` names members."""

    kind: str
    detail: str = ""


@dataclass(frozen=True)
class Reading:
    """A token that was examined: either the faults found, or a tool and claims to believe."""

    tool: Tool | None
    claims: dict[str, Any]
    faults: tuple[Fault, ...]


def audience_of(claims: dict[str, Any]) -> list[str]:
    """``aud`` as a list, whether it came as a string or a list (RFC 7519 section 4.1.3)."""
    given = claims.get("aud")
    return [str(entry) for entry in given] if isinstance(given, list) else [str(given)]


def key_fault(desk: Desk, tool: Tool, token: Unverified) -> Fault | None:
    """Algorithm, key id and signature against the tool's published keys; the database lock is let go meanwhile."""
    if token.header.get("alg") != "RS256":
        return Fault("alg")
    kid = token.header.get("kid")
    if not isinstance(kid, str) or not kid:
        return Fault("no_kid")
    desk.db.commit()
    try:
        key = desk.practice.tool_keys.find(tool.jwks_uri, kid)
    except KeySetProblem as problem:
        return Fault(problem.kind)
    if key is None:
        return Fault("unknown_kid")
    return None if signature_holds(token, key) else Fault("signature")


def time_faults(desk: Desk, claims: dict[str, Any]) -> list[Fault]:
    """``exp`` in the past, ``iat`` in the future or older than five minutes."""
    now = seconds(desk.now())
    exp, iat = finite(claims.get("exp")), finite(claims.get("iat"))
    if exp is None or iat is None:
        return [Fault("not_a_time")]
    found = [Fault("expired")] if exp <= now else []
    if iat > now + AHEAD_SECONDS:
        found.append(Fault("iat_future"))
    elif iat < now - OLDEST_SECONDS:
        found.append(Fault("iat_old"))
    return found


def examine(desk: Desk, text: str) -> Reading:
    """Every check on a deep linking response, in order; a failing key check ends the examination."""
    try:
        token = read_unverified(text)
    except NotAToken:
        return Reading(None, {}, (Fault("not_a_jwt"),))
    tool = desk.tool(token.claims.get("iss"))
    if tool is None:
        return Reading(None, {}, (Fault("unknown_client"),))
    fault = key_fault(desk, tool, token)
    if fault is not None:
        return Reading(tool, {}, (fault,))
    return Reading(tool, token.claims, tuple(_claim_faults(desk, tool, token.claims)))


def _claim_faults(desk: Desk, tool: Tool, claims: dict[str, Any]) -> list[Fault]:
    missing = [name for name in REQUIRED if claims.get(name) in (None, "")]
    if missing:
        return [Fault("missing", ", ".join(missing))]
    found = [] if desk.campus.issuer in audience_of(claims) else [Fault("aud")]
    found += time_faults(desk, claims)
    expected = {
        "message_type": v.DEEP_LINKING_RESPONSE,
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
    }
    found += [Fault("claim", name) for name, value in expected.items() if claims.get(v.LTI + name) != value]
    if not _items_shaped(claims.get(v.DL + "content_items")):
        found.append(Fault("claim", "content_items"))
    keep = desk.now() + timedelta(hours=1)
    if not found and not first_use(desk, f"dl-nonce:{tool.client_id}", str(claims["nonce"]), keep):
        found.append(Fault("nonce_used"))
    return found


def _items_shaped(items: Any) -> bool:
    return isinstance(items, list) and all(
        isinstance(item, dict) and isinstance(item.get("type"), str) for item in items
    )
