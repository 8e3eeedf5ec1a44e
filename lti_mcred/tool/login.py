"""The OIDC third-party login: one attempt, tied to the browser, to one platform, and to one nonce; good once.

Sources: LTI Security Framework 1.0, 5.1.1; LTI Core 1.3, 4.1; lti-cs-oidc 0.1 for platform storage.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import gettext as _
from sqlalchemy import Table, bindparam, delete, insert, select, update

from lti_mcred.db import UTCDateTime, db, new_id, utcnow
from lti_mcred.quick import Quick, adopt, columns_of
from lti_mcred.tool.models import LoginAttempt, Platform
from lti_mcred.tool.refusals import LMS_ADMIN, OPEN_AGAIN, refusal, registration_facts
from lti_mcred.web.site import site
from lti_mcred.web.visits import token_hash

_KEPT_AFTER_END = timedelta(hours=1)  # so that a late or repeated launch still gets a fitting page
# What a new window needs to start the same login again; platform storage is not needed there.
_AGAIN = ("iss", "client_id", "login_hint", "lti_message_hint", "target_link_uri", "lti_deployment_id", "deployment_id")
_PLATFORM, _ATTEMPT = columns_of(Platform), columns_of(LoginAttempt)
_ATTEMPTS = cast("Table", LoginAttempt.__table__)
_OF_ISSUER = select(*_PLATFORM).where(Platform.issuer == bindparam("issuer"), Platform.state == "active").limit(2)
_ISSUER, _CLIENT = Quick(_OF_ISSUER), Quick(_OF_ISSUER.where(Platform.client_id == bindparam("client")))
_BY_ID = Quick(select(*_PLATFORM).where(Platform.id == bindparam("platform")))
_OPEN = Quick(insert(_ATTEMPTS))
_TAKE = Quick(
    update(_ATTEMPTS)
    .where(_ATTEMPTS.c.state_hash == bindparam("state"), _ATTEMPTS.c.taken_at.is_(None))
    .where(_ATTEMPTS.c.expires_at > bindparam("now", type_=UTCDateTime()))
    .values(taken_at=bindparam("now", type_=UTCDateTime()))
    .returning(*_ATTEMPT)
)


@dataclass(frozen=True)
class Opened:
    """A login attempt with the secrets that only the browser and the platform see from now on."""

    attempt: LoginAttempt
    platform: Platform
    state: str
    nonce: str


def launch_url() -> str:
    """Return the one address that launches come to; it is the registered redirect URI."""
    return f"{site().public_url.rstrip('/')}/lti/launch"


def find_platform(issuer: str, client_id: str | None) -> Platform:
    """Return the registration. Raises Problem: 403 when there is none, 400 when `client_id` would have to tell which.

    Schools on hosted Canvas share one issuer, so the client id decides wherever it is sent.
    """
    found = _CLIENT.all({"issuer": issuer, "client": client_id}) if client_id else _ISSUER.all({"issuer": issuer})
    if len(found) == 1:
        return adopt(Platform, _PLATFORM, found[0])
    if found:
        raise refusal(
            "login-client-missing",
            _("The LMS did not say which installation this is"),
            _("Several installations share this issuer, so the client ID is needed."),
            _("Ask the administrator of your LMS to update the tool's settings."),
            LMS_ADMIN,
            facts=registration_facts(issuer),
        )
    raise refusal(
        "login-unknown-platform",
        _("This LMS is not registered here yet"),
        _("The tool does not know this issuer together with this client ID."),
        _("Send these values to the administrator of your LMS. The tool has to be registered, or registered again."),
        LMS_ADMIN,
        status=403,
        facts=registration_facts(issuer, client_id or ""),
    )


def open_attempt(fields: Mapping[str, str], browser: str) -> Opened:
    """Store a login attempt for the browser with token `browser`. Commits. Raises Problem for a bad request."""
    missing = [name for name in ("iss", "login_hint") if name not in fields]
    if missing:
        raise refusal(
            "login-incomplete",
            _("This address is opened by your LMS"),
            _("It needs details that only the LMS can send along."),
            OPEN_AGAIN,
            log=f"missing: {', '.join(missing)}",
        )
    platform = find_platform(fields["iss"], fields.get("client_id"))
    now = utcnow()
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    values = {
        "state_hash": token_hash(state),
        "nonce_hash": token_hash(nonce),
        "platform_id": platform.id,
        # Canvas names it deployment_id in older versions.
        "deployment_hint": fields.get("lti_deployment_id") or fields.get("deployment_id"),
        "target_link_uri": fields.get("target_link_uri", ""),
        "browser_hash": token_hash(browser),
        "storage_target": fields.get("lti_storage_target"),
        "login_params": dict(fields),
        "expires_at": now + timedelta(seconds=site().login_seconds),
    }
    _OPEN.all({**values, "id": new_id(), "created_at": now, "taken_at": None, "ticket_hash": None, "claims": None})
    return Opened(LoginAttempt(**values), platform, state, nonce)


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
    return Opened(attempt, platform, state, nonce) if attempt and platform else None


def authorization_url(opened: Opened) -> str:
    """Return where the browser asks the platform for the id_token (Security Framework 5.1.1.2).

    A query that the registered address already has is kept. Hints go back as they came.
    """
    given = opened.attempt.login_params
    wanted = {
        "scope": "openid",
        "response_type": "id_token",
        "response_mode": "form_post",
        "prompt": "none",
        "client_id": opened.platform.client_id,
        "redirect_uri": launch_url(),
        "login_hint": given["login_hint"],
        "state": opened.state,
        "nonce": opened.nonce,
    }
    if "lti_message_hint" in given:
        wanted["lti_message_hint"] = given["lti_message_hint"]
    parts = urlsplit(opened.platform.auth_url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in wanted]
    return urlunsplit(parts._replace(query=urlencode([*kept, *wanted.items()]), fragment=""))


def platform_of(attempt: LoginAttempt) -> Platform:
    """Return the registration that a login went to."""
    found = _BY_ID.first({"platform": attempt.platform_id})
    assert found  # registrations are never deleted
    return adopt(Platform, _PLATFORM, found)


def take_attempt(state: str) -> LoginAttempt:
    """Return the attempt of `state`, taken by this call and by no other. Commits. Raises Problem when it is over.

    One conditional UPDATE decides between two posts of the same launch.
    """
    hashed = token_hash(state)
    taken = _TAKE.first({"state": hashed, "now": utcnow()})
    if taken is not None:
        return adopt(LoginAttempt, _ATTEMPT, taken)
    attempt = db.session.scalars(select(LoginAttempt).where(LoginAttempt.state_hash == hashed)).first()
    if attempt is None:
        raise refusal(
            "launch-unknown",
            _("Please open this from your course"),
            _("We have no sign-in that belongs to this launch. It may have been too long ago."),
            OPEN_AGAIN,
        )
    raise over(was_used=attempt.taken_at is not None)


def over(*, was_used: bool) -> Exception:
    """Return the friendly page for a launch that was used before, or waited too long: reload, back, double click."""
    detail = _("Every launch opens the activity once. You came back to one that is used up.")
    return refusal(
        "launch-used" if was_used else "launch-expired",
        _("Please open this again from your course"),
        detail if was_used else _("The sign-in took longer than %(n)s minutes.", n=site().login_seconds // 60),
        OPEN_AGAIN,
        status=409 if was_used else 408,
    )


def again_fields(attempt: LoginAttempt) -> dict[str, str]:
    """Return the fields that start this login once more, in a window of its own."""
    return {name: attempt.login_params[name] for name in _AGAIN if name in attempt.login_params}
