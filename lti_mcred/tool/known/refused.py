"""Launches that were refused, kept for support: which check failed, which had passed, and the claims without persons.

Bounded: the newest twenty of each installation, and only for some weeks. Anybody can post what the platform never
signed, so the newest twenty of each such failure are counted apart and push out nothing that was signed. Launches of
unknown platforms are not kept, because anybody can make them.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import g
from sqlalchemy import String, cast, delete, select
from sqlalchemy.sql import ColumnElement

from lti_mcred.engine.db import db, utcnow
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment, Platform, RefusedLaunch
from lti_mcred.tool.protocol.checks import CHECKS
from lti_mcred.tool.protocol.claims import LTI, Launch
from lti_mcred.tool.protocol.token import SIGNATURE_CHECKS
from lti_mcred.web.typed import looks_like_id, one_line, storable

KEPT = 20
HIDDEN = "(hidden)"
# From here on the platform has vouched that the message is for us, so its deployment is the one that it names.
_VOUCHED = "authorised party"
_LONGEST, _MOST, _LARGEST = 300, 100, 2**53
# Claims that are kept as they are: they name systems, never people.
_SHOWN = ("iss", "aud", "azp", "exp", "iat")
_SHOWN_LTI = ("message_type", "version", "deployment_id")
_ROLES, _CUSTOM, _TARGET = f"{LTI}roles", f"{LTI}custom", f"{LTI}target_link_uri"
# Roles that come without their vocabulary; anything else in the list may be anything.
_SHORT_ROLES = (
    "Administrator|Alumni|ContentDeveloper|Faculty|Guest|Instructor|Learner|Manager|Member|Mentor|None|Observer|Officer|"
    "Other|Staff|Student|TeachingAssistant"
)
_ROLE = re.compile(rf"http://purl\.imsglobal\.org/vocab/[\w./#-]{{1,200}}|{_SHORT_ROLES}", re.ASCII)
_NAME = re.compile(r"[\w.-]{1,64}|https?://[\w./:-]{1,180}", re.ASCII)
# From the beginning of a word only: else each letter of a long word without a sign "@" is tried as one.
_EMAIL = re.compile(r"(?<![^\s@'\"<>])[^\s@'\"<>]++@[^\s@'\"<>]++")


def record(
    platform: Platform, failed: str, fact: str, passed: Sequence[str] = (), claims: Mapping[str, Any] | None = None
) -> None:
    """Keep a refusal for whoever supports the administrator. Commits. `passed`: the checks before it, in order."""
    claims = claims or {}
    row = RefusedLaunch(
        platform_id=platform.id,
        deployment_id=_vouched_deployment(platform, passed, claims),
        at=utcnow(),
        failed=failed,
        fact=_EMAIL.sub(HIDDEN, one_line(fact))[:_LONGEST],
        passed=list(passed),
        claims=redacted(claims, site().secret_key, signed="signature" in passed),
        reference=g.get("request_id", ""),
    )
    db.session.add(row)
    db.session.flush()
    same = [RefusedLaunch.platform_id == row.platform_id, _signed() if row.verified else ~_signed()]
    if row.verified:
        same.append(RefusedLaunch.deployment_id.is_not_distinct_from(row.deployment_id))
    else:
        same.append(RefusedLaunch.failed == row.failed)
    newest = select(RefusedLaunch.id).where(*same).order_by(RefusedLaunch.at.desc(), RefusedLaunch.id.desc())
    older = RefusedLaunch.id.not_in(newest.limit(KEPT))
    db.session.execute(delete(RefusedLaunch).where(*same, older).execution_options(synchronize_session=False))
    db.session.commit()


def record_arrived(platform: Platform, launch: Launch, failed: str, fact: str) -> None:
    """Keep the refusal of a launch that passed every check of its token. Commits."""
    claims = {
        "iss": launch.issuer, "aud": launch.client_id,
        f"{LTI}deployment_id": launch.deployment_id, f"{LTI}message_type": launch.message_type,
    }  # fmt: skip
    record(platform, failed, fact, (*SIGNATURE_CHECKS, *(check.name for check in CHECKS)), claims)


def latest(platform: Platform, deployment_ids: Sequence[str] | None = None, most: int = KEPT) -> list[RefusedLaunch]:
    """Return the newest refusals of a platform, or of these deployments of it (ids of ours), the newest first.

    An LMS's administrator is shown her own deployment alone. A refusal that nobody vouched for belongs to none.
    """
    query = select(RefusedLaunch).where(RefusedLaunch.platform_id == platform.id)
    if deployment_ids is not None:
        query = query.where(RefusedLaunch.deployment_id.in_(deployment_ids))
    return list(db.session.scalars(query.order_by(RefusedLaunch.at.desc(), RefusedLaunch.id.desc()).limit(most)))


def last(platform: Platform, deployment_ids: Sequence[str] | None = None) -> list[RefusedLaunch]:
    """Return the newest refusal that the platform signed, then the newest that nobody signed, if it came later.

    So what a stranger posts is seen, and hides nothing.
    """
    query = select(RefusedLaunch).where(RefusedLaunch.platform_id == platform.id)
    if deployment_ids is not None:
        query = query.where(RefusedLaunch.deployment_id.in_(deployment_ids))
    query = query.order_by(RefusedLaunch.at.desc(), RefusedLaunch.id.desc()).limit(1)
    signed, other = (db.session.scalars(query.where(which)).first() for which in (_signed(), ~_signed()))
    found = [signed, other if signed is None or (other is not None and other.at > signed.at) else None]
    return [row for row in found if row is not None]


def _signed() -> ColumnElement[bool]:
    """Return the condition for refusals whose claims the platform signed: RefusedLaunch.verified, in SQL."""
    return cast(RefusedLaunch.passed, String).like('%"signature"%')


def forget_refused(now: datetime) -> None:
    """Delete refusals that are older than the settings allow. Part of the hourly tidying."""
    old = RefusedLaunch.at < now - timedelta(days=site().refused_launch_days)
    db.session.execute(delete(RefusedLaunch).where(old).execution_options(synchronize_session=False))


def redacted(claims: Mapping[str, Any], secret: str, *, signed: bool = True) -> dict[str, Any]:
    """Return the claims without persons: which ones were there, and the values of those that name systems.

    A person's id becomes a short pseudonym, the same for the same person, that only `secret` could lead back from.
    What nobody `signed` may say anything there, so only what looks like an id or an address is kept of it.
    """
    listed = list(claims.items())[:_MOST]
    kept = {name: _kept(name, value, secret) for name, value in listed if _NAME.fullmatch(name)}
    return kept if signed else {name: value if name == "sub" else _no_words(value) for name, value in kept.items()}


def _no_words(value: Any) -> Any:
    if isinstance(value, list):
        return [_no_words(one) for one in value]
    return HIDDEN if isinstance(value, str) and not looks_like_id(value) else value


def _kept(name: str, value: Any, secret: str) -> Any:
    if name in _SHOWN or name.removeprefix(LTI) in _SHOWN_LTI:
        return _bounded(value)
    if name == "sub" and isinstance(value, str):
        return (
            "person "
            + hmac.new(secret.encode(), f"refused:{value}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:10]
        )
    if name == _ROLES and isinstance(value, list):
        return [role for role in value[:30] if isinstance(role, str) and _ROLE.fullmatch(role)]
    if name == _CUSTOM and isinstance(value, dict):
        return {key: HIDDEN for key in list(value)[:_MOST] if isinstance(key, str) and _NAME.fullmatch(key)}
    if name == _TARGET and isinstance(value, str):
        return _host_or_hidden(value)
    return HIDDEN


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return _EMAIL.sub(HIDDEN, one_line(value[: 2 * _LONGEST]))[:_LONGEST]
    if isinstance(value, list):
        return [_bounded(one) if isinstance(one, str) else HIDDEN for one in value[:10]]
    if isinstance(value, int | float) and not abs(value) < _LARGEST:  # not a number counts too: no database takes it
        return HIDDEN
    return value if isinstance(value, bool | int | float | None) else HIDDEN


def _host_or_hidden(url: str) -> str:
    try:
        return (urlsplit(url).hostname or HIDDEN)[:_LONGEST]
    except ValueError:
        return HIDDEN


def _vouched_deployment(platform: Platform, passed: Sequence[str], claims: Mapping[str, Any]) -> str | None:
    named = claims.get(f"{LTI}deployment_id")
    if _VOUCHED not in passed or not storable(named):
        return None
    same = select(Deployment.id).where(Deployment.platform_id == platform.id, Deployment.deployment_id == named[:255])
    return db.session.scalar(same)
