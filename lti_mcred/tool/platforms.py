"""Registrations and their deployments: add, list, show, approve, remove. Used by the command line and registration."""

import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.db import db, utcnow
from lti_mcred.tool import granted, refused
from lti_mcred.tool.addresses import usable, usable_issuer
from lti_mcred.tool.models import Deployment, Platform, RefusedLaunch
from lti_mcred.tool.profiles import PROFILES
from lti_mcred.web.site import site

_LONGEST_ID = 255
_DEPLOYMENT_HELP = "deployment must be the deployment ID that the LMS shows, at most 255 ASCII characters."


class PlatformError(ValueError):
    """A registration cannot be stored or found; the message says what to write instead."""


def add_platform(
    *, issuer: str, client_id: str, auth_url: str, token_url: str, jwks_url: str, name: str = "",
    profile: str = "generic", deployments: Sequence[str] = (), token_audience: str | None = None,
) -> Platform:  # fmt: skip
    """Store a registration and commit. Without `deployments` the first one that launches is taken.

    A removed registration with the same issuer and client id is revived with the new values. Raises PlatformError.
    """
    _check(
        issuer, client_id, deployments, profile, {"auth_url": auth_url, "token_url": token_url, "jwks_url": jwks_url}
    )
    platform = find(issuer, client_id)
    if platform is not None and platform.state == "active":
        message = f"{issuer} with client id {client_id} is registered already. Remove it first to replace it."
        raise PlatformError(message)
    if platform is None:
        platform = Platform(issuer=issuer, client_id=client_id)
        db.session.add(platform)
    platform.name = (name or issuer)[:_LONGEST_ID]
    platform.auth_url, platform.token_url, platform.jwks_url = auth_url, token_url, jwks_url
    platform.token_audience = token_audience or None
    platform.profile, platform.state = profile, "active"
    try:
        db.session.flush()
        for deployment in deployments:
            approve_deployment(platform, deployment)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        message = f"{issuer} with client id {client_id} was registered at the same moment by somebody else."
        raise PlatformError(message) from None
    return platform


def find(issuer: str, client_id: str) -> Platform | None:
    """Return the registration, removed ones too."""
    same = select(Platform).where(Platform.issuer == issuer, Platform.client_id == client_id)
    return db.session.scalars(same).first()


def list_platforms() -> list[Platform]:
    """Return all registrations, the newest first."""
    return list(db.session.scalars(select(Platform).order_by(Platform.id.desc())))


def describe_platform(platform_id: str) -> list[tuple[str, str]]:
    """Return (label, value) of everything an operator asks about one registration. Raises PlatformError."""
    platform = get(platform_id)
    refusals = refused.latest(platform, most=1)
    waiting = [row.deployment_id for row in platform.deployments if row.state == "pending"]
    pairs = [
        ("Name", platform.name),
        ("State", platform.state),
        ("Profile", platform.profile),
        ("Issuer", platform.issuer),
        ("Client ID", platform.client_id),
        ("Deployments", ", ".join(row.deployment_id for row in platform.deployments if row.state == "active")),
        ("Deployments that wait for approval", ", ".join(waiting)),
        ("Authorization URL", platform.auth_url),
        ("Token URL", platform.token_url),
        ("Token audience", platform.token_audience or ""),
        ("Key set URL", platform.jwks_url),
        ("Last launch", _moment(platform.last_launch_at)),
        *(pair for row in platform.deployments for pair in _granted(row)),
        *(pair for row in refusals for pair in _refusal(row)),
    ]
    return [(label, value) for label, value in pairs if value]


def _granted(deployment: Deployment) -> list[tuple[str, str]]:
    return [
        (f"{one.family} ({deployment.deployment_id})", f"{one.name}{'' if one.still else ', not any more'}")
        for one in granted.seen(deployment.id)
    ]


def _refusal(row: RefusedLaunch) -> list[tuple[str, str]]:
    return [
        ("Last refused launch", _moment(row.at)),
        ("Why it was refused", f"{row.failed}: {row.fact}"),
        ("Checks that it passed", ", ".join(row.passed)),
        ("Its claims, without persons" if row.verified else "Its claims, which nobody signed", json.dumps(row.claims)),
        ("Reference", row.reference),
    ]


def our_values() -> list[tuple[str, str]]:
    """Return (label, value) of what an LMS administrator has to type in when the tool is registered by hand."""
    base = site().public_url.rstrip("/")
    return [
        ("Tool URL (target link URI)", f"{base}/lti/launch"),
        ("Initiate login URL", f"{base}/lti/login"),
        ("Redirection URI", f"{base}/lti/launch"),
        ("Public keyset URL", f"{base}/.well-known/jwks.json"),
        ("Content selection URL (deep linking)", f"{base}/lti/launch"),
        ("Canvas developer key JSON", f"{base}/lti/canvas.json"),
    ]


def get(platform_id: str) -> Platform:
    """Return the registration with this id. Raises PlatformError."""
    platform = db.session.get(Platform, platform_id)
    if platform is None:
        message = f"There is no platform {platform_id!r}. `lti-mcred platforms list` shows all."
        raise PlatformError(message)
    return platform


def remove_platform(platform_id: str) -> None:
    """Stop launches of a registration; people, courses and scores that point to it stay. Commits."""
    get(platform_id).state = "removed"
    db.session.commit()


def active_deployments(platform: Platform, deployment_id: str = "") -> list[Deployment]:
    """Return the deployments that may launch, or the one that is named. Raises PlatformError when it is not there."""
    active = [row for row in platform.deployments if row.state == "active"]
    found = [row for row in active if deployment_id in ("", row.deployment_id)]
    if deployment_id and not found:
        named = ", ".join(row.deployment_id for row in active) or "none"
        message = f"{platform.name} has no deployment {deployment_id!r} that may launch. It has: {named}"
        raise PlatformError(message)
    return found


def approve(platform_id: str, deployment_id: str) -> None:
    """Let a deployment launch from now on, also one that has not been seen yet. Commits. Raises PlatformError."""
    if not 0 < len(deployment_id) <= _LONGEST_ID or not deployment_id.isascii():
        raise PlatformError(_DEPLOYMENT_HELP)
    approve_deployment(get(platform_id), deployment_id)
    db.session.commit()


def approve_deployment(platform: Platform, deployment_id: str) -> Deployment:
    """Let a deployment launch, whether it waits already or has not been seen yet. Flushes, does not commit."""
    deployment = _deployment(platform, deployment_id)
    if deployment is None:
        deployment = Deployment(platform_id=platform.id, deployment_id=deployment_id)
        db.session.add(deployment)
    deployment.state = "active"
    db.session.flush()
    return deployment


def deployment_of_launch(platform: Platform, deployment_id: str) -> Deployment:
    """Return the deployment that a launch names; it may be pending. Flushes a new one.

    The very first deployment of a registration is taken; a later unknown one waits for approval, because hosted
    Canvas lets another school install the same key.
    """
    deployment = _deployment(platform, deployment_id)
    if deployment is None:
        has_one = select(Deployment.id).where(Deployment.platform_id == platform.id).limit(1)
        state = "active" if db.session.scalar(has_one) is None else "pending"
        try:
            with db.session.begin_nested():
                deployment = Deployment(platform_id=platform.id, deployment_id=deployment_id, state=state)
                db.session.add(deployment)
        except IntegrityError:  # two first launches at once
            deployment = _deployment(platform, deployment_id)
    if deployment is None:
        message = f"deployment {deployment_id!r} vanished"
        raise PlatformError(message)
    return deployment


def _deployment(platform: Platform, deployment_id: str) -> Deployment | None:
    same = select(Deployment).where(Deployment.platform_id == platform.id, Deployment.deployment_id == deployment_id)
    return db.session.scalars(same).first()


def _check(issuer: str, client_id: str, deployments: Sequence[str], profile: str, urls: dict[str, str]) -> None:
    private = site().allowed_private_hosts
    if not usable_issuer(issuer, private):
        raise PlatformError(_address_help("issuer", issuer))
    for name, url in urls.items():
        if not usable(url, private):
            raise PlatformError(_address_help(name, url))
    if not client_id or len(client_id) > _LONGEST_ID:
        message = "client_id must be the client ID that the LMS shows, at most 255 characters."
        raise PlatformError(message)
    if not all(0 < len(one) <= _LONGEST_ID and one.isascii() for one in deployments):
        raise PlatformError(_DEPLOYMENT_HELP)
    if profile not in PROFILES:
        message = f"profile must be one of {', '.join(PROFILES)}, not {profile!r}."
        raise PlatformError(message)


def _address_help(name: str, value: str) -> str:
    return (
        f"{name} must look like https://lms.example.edu/…, not {value!r}. "
        "An LMS without https is accepted on loopback, or when LTI_MCRED_ALLOWED_PRIVATE_HOSTS lists its host:port."
    )


def _moment(value: datetime | None) -> str:
    return value.isoformat(sep=" ", timespec="seconds") if value else ""


def touch(platform: Platform) -> None:
    """Note that a launch of this platform arrived. Does not commit."""
    now = utcnow()
    if platform.last_launch_at is None or (now - platform.last_launch_at).total_seconds() > 60:
        platform.last_launch_at = now
