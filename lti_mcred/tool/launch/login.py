"""The OIDC third-party login: one attempt, tied to the browser, to one platform, and to one nonce; good once.

Sources: LTI Security Framework 1.0, 5.1.1; LTI Core 1.3, 4.1; lti-cs-oidc 0.1 for platform storage.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import Insert, Table, bindparam, delete, insert, select, update

from lti_mcred.engine.db import UTCDateTime, db, new_id, utcnow
from lti_mcred.engine.quick import Quick
from lti_mcred.services import site
from lti_mcred.tool.known.models import LoginAttempt, Platform
from lti_mcred.tool.launch.problems import refusal
from lti_mcred.tool.refusals.pages import registration_facts, unknown_registration
from lti_mcred.web.visits import token_hash

_KEPT_AFTER_END = timedelta(hours=1)  # so that a late or repeated launch still gets a fitting page
# What a new window needs to start the same login again; platform storage is not needed there.
_AGAIN = ("iss", "client_id", "login_hint", "lti_message_hint", "target_link_uri", "lti_deployment_id", "deployment_id")
_ATTEMPTS = cast("Table", LoginAttempt.__table__)
_REGISTERED = (Platform.issuer == bindparam("iss"), Platform.state == "active")
_CLIENTS = Quick(select(Platform.client_id).where(*_REGISTERED).limit(2))


def _of_its_platform(column: Any) -> Any:
    """Return a column of the attempt's platform, for RETURNING: SQLite gives back nothing else of another table."""
    return select(column).where(Platform.id == _ATTEMPTS.c.platform_id).correlate(_ATTEMPTS).scalar_subquery()


def _opening() -> Insert:
    """Return the statement that stores a login of a registration, and nothing where there is no such registration."""
    later = ("platform_id", "taken_at", "ticket_hash", "claims")
    given = [column for column in _ATTEMPTS.columns if column.key not in later]
    values = [bindparam(column.key, type_=column.type) for column in given]
    named = [*(column.key for column in given), "platform_id"]
    registered = (*_REGISTERED, Platform.client_id == bindparam("client"))
    goes_to = select(Platform.auth_url).where(*registered).scalar_subquery()
    return insert(_ATTEMPTS).from_select(named, select(*values, Platform.id).where(*registered)).returning(goes_to)


_OPEN = Quick(_opening())
_TAKE = Quick(
    update(_ATTEMPTS)
    .where(_ATTEMPTS.c.state_hash == bindparam("state"), _ATTEMPTS.c.taken_at.is_(None))
    .where(_ATTEMPTS.c.expires_at > bindparam("now", type_=UTCDateTime()))
    .values(taken_at=bindparam("now", type_=UTCDateTime()))
    .returning(
        *(_ATTEMPTS.c[name] for name in ("id", "nonce_hash", "deployment_hint", "target_link_uri", "browser_hash")),
        *(_ATTEMPTS.c[name] for name in ("storage_target", "platform_id")),
        *map(_of_its_platform, (Platform.issuer, Platform.client_id, Platform.jwks_url, Platform.profile)),
    )
)


@dataclass(frozen=True)
class Opened:
    """A login that waits for its launch, with the secrets that only the browser and the platform see from now on.

    `params`: what the LMS sent.
    """

    client_id: str
    auth_url: str
    params: Mapping[str, str]
    storage_target: str | None
    browser_hash: str
    state: str
    nonce: str


@dataclass(frozen=True)
class Taken:
    """A login that a launch has used up, and the registration that it went to: what the token has to fit."""

    id: str
    nonce_hash: str
    deployment_hint: str | None
    target_link_uri: str
    browser_hash: str
    storage_target: str | None
    platform_id: str
    issuer: str
    client_id: str
    jwks_url: str
    profile: str


def launch_url() -> str:
    """Return the one address that launches come to; it is the registered redirect URI."""
    return f"{site().public_url.rstrip('/')}/lti/launch"


def open_attempt(fields: Mapping[str, str], browser: str) -> Opened:
    """Store a login attempt for the browser with token `browser`. Commits.

    Raises Problem: 400 for a request that misses something, 403 where there is no such registration.
    """
    missing = [name for name in ("iss", "login_hint") if name not in fields]
    if missing:
        raise refusal("login-incomplete", log=f"missing: {', '.join(missing)}")
    client = fields.get("client_id") or _only_client(fields["iss"])
    now = utcnow()
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    browser_hash, storage_target = token_hash(browser), fields.get("lti_storage_target")
    values = {
        "id": new_id(),
        "state_hash": token_hash(state),
        "nonce_hash": token_hash(nonce),
        # Canvas names it deployment_id in older versions.
        "deployment_hint": fields.get("lti_deployment_id") or fields.get("deployment_id"),
        "target_link_uri": fields.get("target_link_uri", ""),
        "browser_hash": browser_hash,
        "storage_target": storage_target,
        "login_params": again_fields(fields),
        "created_at": now,
        "expires_at": now + timedelta(seconds=site().login_seconds),
    }
    opened = _OPEN.first({**values, "iss": fields["iss"], "client": client})
    if opened is None:
        raise unknown_registration(fields["iss"], client)
    return Opened(client, opened[0], fields, storage_target, browser_hash, state, nonce)


def _only_client(issuer: str) -> str:
    """Return the client id of an issuer that has one registration: schools on hosted Canvas share one issuer.

    Raises Problem: 403 when there is none, 400 when there are several.
    """
    found = _CLIENTS.all({"iss": issuer})
    if len(found) == 1:
        return str(found[0][0])
    if not found:
        raise unknown_registration(issuer)
    raise refusal("login-client-missing", facts=registration_facts(issuer))


def forget_attempts(now: datetime) -> None:
    """Delete login attempts that ended an hour ago, with whatever an LMS sent in them."""
    db.session.execute(delete(LoginAttempt).where(LoginAttempt.expires_at < now - _KEPT_AFTER_END))


def waiting_attempt(state: str, nonce: str) -> Opened | None:
    """Return the attempt that waits for its authorization request, None when it is over or unknown."""
    query = select(LoginAttempt).where(
        LoginAttempt.state_hash == token_hash(state),
        LoginAttempt.nonce_hash == token_hash(nonce),
        LoginAttempt.taken_at.is_(None),
        LoginAttempt.expires_at > utcnow(),
    )
    attempt = db.session.scalars(query).first()
    platform = db.session.get(Platform, attempt.platform_id) if attempt else None
    if attempt is None or platform is None:
        return None
    params, target = attempt.login_params, attempt.storage_target
    return Opened(platform.client_id, platform.auth_url, params, target, attempt.browser_hash, state, nonce)


def authorization_url(opened: Opened) -> str:
    """Return where the browser asks the platform for the id_token (Security Framework 5.1.1.2).

    A query that the registered address already has is kept. Hints go back as they came.
    """
    given = opened.params
    own = {"login_hint": given["login_hint"], "state": opened.state, "nonce": opened.nonce}
    if "lti_message_hint" in given:
        own["lti_message_hint"] = given["lti_message_hint"]
    return _asking(opened.auth_url, opened.client_id, launch_url(), tuple(own)) + urlencode(own)


@lru_cache(maxsize=512)
def _asking(auth_url: str, client_id: str, redirect_uri: str, own: tuple[str, ...]) -> str:
    """Return the beginning of an authorization request, up to what is this login's own: the parameters named there."""
    fixed = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
    }
    parts = urlsplit(auth_url)
    named = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in named if pair[0] not in fixed and pair[0] not in own]
    return urlunsplit(parts._replace(query=urlencode([*kept, *fixed.items()]), fragment="")) + "&"


def take_attempt(state: str) -> Taken:
    """Return the login of `state`, taken by this call and by no other. Commits. Raises Problem when it is over.

    One conditional UPDATE decides between two posts of the same launch.
    """
    hashed = token_hash(state)
    taken = _TAKE.first({"state": hashed, "now": utcnow()})
    if taken is not None:
        return Taken(*taken)
    attempt = db.session.scalars(select(LoginAttempt).where(LoginAttempt.state_hash == hashed)).first()
    if attempt is None:
        raise refusal("launch-unknown")
    raise over(was_used=attempt.taken_at is not None)


def over(*, was_used: bool) -> Exception:
    """Return the friendly page for a launch that was used before, or waited too long: reload, back, double click."""
    return refusal("launch-used") if was_used else refusal("launch-expired", n=site().login_seconds // 60)


def again_fields(params: Mapping[str, str]) -> dict[str, str]:
    """Return the fields of a login that start it once more, in a window of its own."""
    return {name: params[name] for name in _AGAIN if name in params}
