"""Examining a client assertion (RFC 7523) for both temperaments. Strict on purpose: the tool must pass all of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.once import first_use
from lti_mcred.practice.campus.picker_return import Fault, audience_of, key_fault, time_faults
from lti_mcred.practice.ground.jose import NotAToken, read_unverified
from lti_mcred.practice.ground.models import AccessToken, Tool

REQUIRED = ("sub", "aud", "exp", "iat", "jti", "iss")
TOKEN_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Assertion:
    """An assertion that was examined; without faults it proves that the tool sent it."""

    tool: Tool | None
    faults: tuple[Fault, ...]


def examine(desk: Desk, text: str, audiences: set[str]) -> Assertion:
    """Every check, in order: format, client, key and signature, then all claim faults together.

    ``audiences`` are the values of ``aud`` that name this token endpoint. ``jti`` counts once per client, until
    the assertion could no longer be used anyway.
    """
    try:
        token = read_unverified(text)
    except NotAToken:
        return Assertion(None, (Fault("not_a_jwt"),))
    tool = desk.tool(token.claims.get("sub"))
    if tool is None:
        return Assertion(None, (Fault("unknown_client"),))
    fault = key_fault(desk, tool, token)
    if fault is not None:
        return Assertion(tool, (fault,))
    return Assertion(tool, tuple(_claim_faults(desk, tool, token.claims, audiences)))


def _claim_faults(desk: Desk, tool: Tool, claims: dict[str, Any], audiences: set[str]) -> list[Fault]:
    missing = [name for name in REQUIRED if claims.get(name) in (None, "", [])]
    if missing:
        return [Fault("missing", ", ".join(missing))]
    found = [] if audiences.intersection(audience_of(claims)) else [Fault("aud")]
    if claims["iss"] != claims["sub"]:
        found.append(Fault("iss"))
    found += time_faults(desk, claims)
    keep = desk.practice.config.now() + timedelta(hours=1)
    if not found and not first_use(desk, f"jti:{tool.client_id}", str(claims["jti"]), keep):
        found.append(Fault("jti_used"))
    return found


def bearer(desk: Desk, tool: Tool, scopes: list[str]) -> AccessToken:
    """A token that is looked up when it comes back; 32 characters, one hour."""
    token = AccessToken(
        token=secrets.token_hex(16),
        tool_id=tool.id,
        scopes=scopes,
        expires_at=desk.now() + TOKEN_LIFETIME,
    )
    desk.db.add(token)
    desk.db.flush()
    return token
