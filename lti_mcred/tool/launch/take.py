"""POST /lti/launch: the attempt is taken, the token checked, and the browser bound before a visit opens.

The ladder of binding: the cookie of the login came back; else the platform's storage proves the browser; else a new
window starts the login again (lti-cs-oidc 0.1; LTI Security Framework 1.0, 7.3).
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import update

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import origin
from lti_mcred.services import service, site
from lti_mcred.tool.known.models import LoginAttempt, Platform
from lti_mcred.tool.known.refused import record
from lti_mcred.tool.launch.arrive import arrive, frame_ancestors
from lti_mcred.tool.launch.login import Taken, over, take_attempt
from lti_mcred.tool.launch.posted_errors import posted_error
from lti_mcred.tool.launch.problems import refusal
from lti_mcred.tool.profiles import profile_named
from lti_mcred.tool.protocol.checks import Expected, Refused, check_claims
from lti_mcred.tool.protocol.claims import read_launch
from lti_mcred.tool.protocol.token import SIGNATURE_CHECKS, unverified_claims, verified_claims
from lti_mcred.tool.refusals.pages import token_refused
from lti_mcred.tool.wire.jwks import Keyring
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import token_hash


@dataclass(frozen=True)
class Landed:
    """A visit has opened; the browser goes to `page`."""

    visit: Visit
    page: str


@dataclass(frozen=True)
class Unbound:
    """The token is good, but nothing shows yet that it is the browser of the login.

    `rung`: storage (ask the platform's storage, with `ticket`) or window (start again in a window of its own).
    `params`: what the LMS sent with the login. `auth_url`: of the platform.
    """

    rung: Literal["storage", "window"]
    params: Mapping[str, str]
    storage_target: str | None
    auth_url: str
    ancestors: str
    ticket: str = ""


def launch(fields: Mapping[str, str], browser: str | None) -> Landed | Unbound:
    """Check a posted launch and open its visit. Commits. Raises Problem; then no visit exists."""
    if "state" not in fields:
        raise refusal("launch-without-state")
    taken = take_attempt(fields["state"])
    if "error" in fields:
        raise posted_error(_platform(taken), fields["error"], fields.get("error_description", ""))
    claims = _checked(taken, fields.get("id_token", ""))
    said = read_launch(claims, taken.client_id, profile_named(taken.profile).placement_claim)
    if browser is not None and hmac.compare_digest(token_hash(browser), taken.browser_hash):
        return Landed(*arrive(taken.platform_id, said, taken.browser_hash))
    platform = _platform(taken)
    # Canvas names the storage again in the launch; some LMSs name it only here.
    target = taken.storage_target or fields.get("lti_storage_target")
    params = db.session.get_one(LoginAttempt, taken.id).login_params
    facts = (params, target, platform.auth_url, frame_ancestors(platform, said))
    return Unbound("storage", *facts, _park(taken, claims)) if target else Unbound("window", *facts)


def confirm(ticket: str, state: str) -> Landed:
    """Open the visit of a parked launch for the browser whose platform storage holds `state`. Once. Commits."""
    now = utcnow()
    mine = (
        LoginAttempt.ticket_hash == token_hash(ticket),
        LoginAttempt.state_hash == token_hash(state),
        LoginAttempt.expires_at > now,
    )
    used = update(LoginAttempt).where(*mine).values(ticket_hash=None).returning(LoginAttempt.id)
    attempt_id = db.session.execute(used).scalar_one_or_none()
    db.session.commit()
    attempt = db.session.get(LoginAttempt, attempt_id) if attempt_id else None
    if attempt is None or attempt.claims is None:
        raise over(was_used=True)
    platform = db.session.get_one(Platform, attempt.platform_id)
    said = read_launch(attempt.claims, platform.client_id, profile_named(platform.profile).placement_claim)
    attempt.claims = None
    return Landed(*arrive(platform.id, said, None))


def _platform(taken: Taken) -> Platform:
    return db.session.get_one(Platform, taken.platform_id)


def _checked(taken: Taken, token: str) -> dict[str, Any]:
    """Return the claims after every check. A refusal is kept, with the checks that passed, for the administrator."""
    keyring = service(Keyring)
    claims: dict[str, Any] | None = None
    try:
        claims = verified_claims(token, lambda kid: keyring.find(taken.jwks_url, kid))
        check_claims(claims, _expected(taken))
    except Refused as refused:
        platform = _platform(taken)
        if claims is None:
            record(platform, refused.check, refused.fact, refused.passed, unverified_claims(token))
        else:
            record(platform, refused.check, refused.fact, (*SIGNATURE_CHECKS, *refused.passed), claims)
        raise token_refused(refused, taken.issuer, taken.client_id) from None
    return claims


def _expected(taken: Taken) -> Expected:
    settings = site()
    return Expected(
        issuer=taken.issuer,
        client_id=taken.client_id,
        nonce_hash=taken.nonce_hash,
        deployment_hint=taken.deployment_hint,
        target_hint=taken.target_link_uri if profile_named(taken.profile).names_target_at_login else "",
        own_origin=origin(settings.public_url),
        now=utcnow().timestamp(),
        leeway=settings.clock_leeway_seconds,
        max_age=settings.token_age_seconds,
        private_hosts=settings.allowed_private_hosts,
    )


def _park(taken: Taken, claims: dict[str, Any]) -> str:
    ticket = secrets.token_urlsafe(32)
    attempt = db.session.get_one(LoginAttempt, taken.id)
    attempt.ticket_hash, attempt.claims = token_hash(ticket), claims
    db.session.commit()
    return ticket
