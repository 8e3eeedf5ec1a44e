"""Notices of an LMS (Platform Notification Service, LTI-PNS 1.0): verified like a launch, by rules of their own.

A notice is news and never a permission. What it says stays inside the deployment that it is signed for, and the same
notice twice is the same as once.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.outbound.http import origin
from lti_mcred.services import service, site
from lti_mcred.tool.known.models import CourseCopy, Deployment, Platform
from lti_mcred.tool.known.platforms import find
from lti_mcred.tool.protocol.checks import NOTICE_CHECKS, Expected, Refused, check_claims
from lti_mcred.tool.protocol.claims import COPY_NOTICE, LTI
from lti_mcred.tool.protocol.token import unverified_claims, verified_claims
from lti_mcred.tool.wire.jwks import AT_ONCE_UNASKED, Keyring
from lti_mcred.web.typed import storable

log = logging.getLogger(__name__)
ORIGINS = LTI + "origin_contexts"
_MOST_ORIGINS = 20


@dataclass(frozen=True)
class Taken:
    """What became of one delivery: how many notices were believed, and why the others were not."""

    believed: int
    refused: tuple[Refused, ...]


def take(tokens: Sequence[object]) -> Taken:
    """Check each signed notice and act on those that hold. Commits one by one."""
    believed, refused = 0, []
    for token in tokens:
        try:
            _act(*_checked(token if isinstance(token, str) else ""))
            believed += 1
        except Refused as why:
            db.session.rollback()
            log.info("a notice was refused: %s: %s", why.check, why.fact[:300])
            refused.append(why)
    return Taken(believed, tuple(refused))


def _checked(token: str) -> tuple[Deployment, Mapping[str, Any]]:
    """Return the deployment that a notice is signed for, and its claims. Raises Refused."""
    platform = _platform(unverified_claims(token))
    expected = _expected(platform)
    platform_id, jwks_url = platform.id, platform.jwks_url
    db.session.commit()  # fetching keys may take seconds: no transaction stays open for it
    keyring = service(Keyring)
    claims = verified_claims(token, lambda kid: keyring.find(jwks_url, kid, AT_ONCE_UNASKED))
    check_claims(claims, expected, NOTICE_CHECKS)
    named = claims[LTI + "deployment_id"]
    deployment = db.session.query(Deployment).filter_by(platform_id=platform_id, deployment_id=named).first()
    if deployment is None or deployment.state != "active":
        raise Refused("known deployment", "registration", 403, f"deployment {named!r} is not active here")
    return deployment, claims


def _platform(said: Mapping[str, Any]) -> Platform:
    """Return the registration that an unproved notice claims to come from; its key decides whether that is true."""
    aud = said.get("aud")
    client_id = aud[0] if isinstance(aud, list) and aud else aud
    issuer = said.get("iss")
    known = find(issuer, client_id) if storable(issuer) and storable(client_id) else None
    if known is None or known.state != "active":
        raise Refused("registration", "registration", 401, f"no registration for {issuer!r}, {client_id!r}")
    return known


def _expected(platform: Platform) -> Expected:
    settings = site()
    return Expected(
        issuer=platform.issuer,
        client_id=platform.client_id,
        nonce_hash="",
        deployment_hint=None,
        target_hint="",
        own_origin=origin(settings.public_url),
        now=utcnow().timestamp(),
        leeway=settings.clock_leeway_seconds,
        private_hosts=settings.allowed_private_hosts,
    )


def _act(deployment: Deployment, claims: Mapping[str, Any]) -> None:
    """Remember each origin of a copied course; any other type of notice is news that we do not need."""
    context = claims.get(LTI + "context")
    if claims[LTI + "notice"]["type"] == COPY_NOTICE and isinstance(context, dict) and context["id"]:
        listed = claims.get(ORIGINS)
        origins = listed[:_MOST_ORIGINS] if isinstance(listed, list) else []
        for one in origins:
            if storable(one) and 0 < len(one) <= 255 and one != context["id"]:
                key = {"deployment_id": deployment.id, "context_id": context["id"], "origin_context_id": one}
                upsert(CourseCopy, key, {"id": new_id(), "noticed_at": utcnow()}, {})
    db.session.commit()
