"""Registrations and their deployments: add, list, show, approve, remove. Used by the command line and registration."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Course, Person
from lti_mcred.services import site
from lti_mcred.tool.known import granted, refused
from lti_mcred.tool.known.models import Deployment, Platform, RefusedLaunch
from lti_mcred.tool.profiles import PROFILES, profile_named
from lti_mcred.tool.protocol.addresses import LONGEST_AUDIENCE, usable, usable_issuer
from lti_mcred.tool.protocol.checks import LONGEST_ID, id_fault
from lti_mcred.web.models import Visit

_DEPLOYMENT_HELP: Any = _l("deployment must be the deployment ID that the LMS shows, at most 255 ASCII characters.")
POLICIES = ("ask", "first", "all")


class PlatformError(ValueError):
    """A registration cannot be stored or found; the message says what to write instead, `field` where."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


def platform_of(course: Course) -> Platform:
    """Return the registration that a course came by."""
    return db.session.get_one(Platform, course.platform_id)


def deployment_of(person: Person) -> Deployment:
    """Return the installation that knows a person."""
    return db.session.get_one(Deployment, person.deployment_id)


def add_platform(
    *, issuer: str, client_id: str, auth_url: str, token_url: str, jwks_url: str, name: str = "",
    profile: str = "generic", deployments: Sequence[str] = (), token_audience: str | None = None,
    policy: str = "first",
) -> Platform:  # fmt: skip
    """Store a registration and commit. `policy` says what becomes of deployments that are not among `deployments`.

    A removed registration with the same issuer and client id is revived with the new values. Raises PlatformError.
    """
    urls = {"auth_url": auth_url, "token_url": token_url, "jwks_url": jwks_url}
    found = faults(
        issuer, client_id, deployments, urls, token_audience=token_audience or "", profile=profile, policy=policy
    )
    for field, message in found.items():
        raise PlatformError(message, field)
    platform = find(issuer, client_id)
    if platform is not None and platform.state == "active":
        message = _("%(issuer)s with client id %(client_id)s is registered already. Remove it first to replace it.",
                    issuer=issuer, client_id=client_id)  # fmt: skip
        raise PlatformError(message, "client_id")
    if platform is None:
        platform = Platform(issuer=issuer, client_id=client_id)
        db.session.add(platform)
    platform.name = (name or issuer)[:LONGEST_ID]
    platform.auth_url, platform.token_url, platform.jwks_url = auth_url, token_url, jwks_url
    platform.token_audience = token_audience or None
    platform.profile, platform.state, platform.policy = profile, "active", policy
    try:
        db.session.flush()
        for deployment in deployments:
            approve_deployment(platform, deployment)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        message = _("%(issuer)s with client id %(client_id)s was registered at the same moment by somebody else.",
                    issuer=issuer, client_id=client_id)  # fmt: skip
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
    refusals = refused.last(platform)
    waiting = [row.deployment_id for row in platform.deployments if row.state == "pending"]
    pairs = [
        ("Name", platform.name),
        ("State", platform.state),
        ("Profile", platform.profile),
        ("Unknown deployments", platform.policy),
        ("Issuer", platform.issuer),
        ("Client ID", platform.client_id),
        ("Deployments", ", ".join(row.deployment_id for row in platform.deployments if row.state == "active")),
        ("Deployments that wait for approval", ", ".join(waiting)),
        ("Authorization URL", platform.auth_url),
        ("Token URL", platform.token_url),
        ("Token audience", platform.token_audience or ""),
        ("Key set URL", platform.jwks_url),
        ("Last launch", _moment(platform.last_launch_at)),
        *_granted(platform),
        *(pair for row in refusals[:1] for pair in _refusal(row)),
        *((f"{label}, of the last that nobody signed", text) for row in refusals[1:] for label, text in _refusal(row)),
    ]
    return [(label, value) for label, value in pairs if value]


def _granted(platform: Platform) -> list[tuple[str, str]]:
    brought = granted.brought_to(row.id for row in platform.deployments)
    return [
        (f"{one.title} ({row.deployment_id})", f"{one.name}{'' if one.still else ', not any more'}")
        for row in platform.deployments
        for one in brought[row.id].seen
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
        (_("Tool URL (target link URI)"), f"{base}/lti/launch"),
        (_("Initiate login URL"), f"{base}/lti/login"),
        (_("Redirection URI"), f"{base}/lti/launch"),
        (_("Public keyset URL"), f"{base}/.well-known/jwks.json"),
        (_("Content selection URL (deep linking)"), f"{base}/lti/launch"),
    ]


def our_documents() -> list[tuple[str, str]]:
    """Return (label, address) of what an administrator may paste by its address instead, where her LMS takes that."""
    base = site().public_url.rstrip("/")
    documents = (profile.registration.document for profile in PROFILES.values())
    return [(str(document.label), f"{base}{document.path}") for document in documents if document]


def get(platform_id: str) -> Platform:
    """Return the registration with this id. Raises PlatformError."""
    platform = db.session.get(Platform, platform_id)
    if platform is None:
        message = f"There is no platform {platform_id!r}. `lti-mcred platforms list` shows all."
        raise PlatformError(message)
    return platform


def remove_platform(platform_id: str) -> None:
    """Stop launches of a registration and end its visits; people, courses and scores stay. Commits."""
    take_out(get(platform_id))
    db.session.commit()


def take_out(platform: Platform) -> None:
    """Stop launches of a registration and end its visits. Does not commit."""
    platform.state = "removed"
    end_visits(Visit.platform_id == platform.id)


def end_visits(which: ColumnElement[bool]) -> None:
    """End the visits that are open: their pages say that they have ended, and what was saved is kept."""
    open_still = update(Visit).where(which, Visit.ended_at.is_(None))
    db.session.execute(open_still.values(ended_at=utcnow()).execution_options(synchronize_session=False))


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
    if id_fault(deployment_id, "deployment"):
        raise PlatformError(str(_DEPLOYMENT_HELP))
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

    The platform's policy decides on an unknown one. By default the very first is taken and a later one waits, because
    hosted Canvas lets another school install the same key.
    """
    deployment = _deployment(platform, deployment_id)
    if deployment is None:
        # Writing the same again makes others wait, on each database: of two first ones at once, only one is the first.
        db.session.execute(update(Platform).where(Platform.id == platform.id).values(policy=Platform.policy))
        deployment = _deployment(platform, deployment_id)
    if deployment is None:
        state = "active" if _takes_unknown(platform) else "pending"
        try:
            with db.session.begin_nested():
                deployment = Deployment(platform_id=platform.id, deployment_id=deployment_id, state=state)
                db.session.add(deployment)
        except IntegrityError:  # two first launches at once
            deployment = _deployment(platform, deployment_id)
    if deployment is None:
        message = _("The deployment %(id)s was removed at the same moment by somebody else.", id=deployment_id)
        raise PlatformError(message)
    return deployment


def shared(platform: Platform) -> bool:
    """Whether more than one installation may launch through this registration: what concerns one concerns others."""
    return sum(row.state == "active" for row in platform.deployments) > 1


def called(platform: Platform, launch: Mapping[str, Any]) -> str:
    """Return what the people of an installation are told that their LMS is called; "" when that is not known.

    It is what the LMS calls itself in `launch` (what a visit keeps), else the name of its kind.
    Never `platform.name`: that is the operator's, or the name of the first school behind this registration.
    """
    return str(launch.get("platform_name") or profile_named(platform.profile).called)


def _takes_unknown(platform: Platform) -> bool:
    if platform.policy != "first":
        return platform.policy == "all"
    has_one = select(Deployment.id).where(Deployment.platform_id == platform.id).limit(1)
    return db.session.scalar(has_one) is None


def _deployment(platform: Platform, deployment_id: str) -> Deployment | None:
    same = select(Deployment).where(Deployment.platform_id == platform.id, Deployment.deployment_id == deployment_id)
    return db.session.scalars(same).first()


def faults(
    issuer: str, client_id: str, deployments: Sequence[str], urls: dict[str, str], *, token_audience: str = "",
    profile: str = "generic", policy: str = "first",
) -> dict[str, str]:  # fmt: skip
    """Return field -> what to write instead, for everything that cannot be stored; {} when all is fine."""
    private = site().allowed_private_hosts
    found = {name: _address_help(name, url) for name, url in urls.items() if not usable(url, private)}
    if not usable_issuer(issuer, private) or len(issuer) > LONGEST_ID:
        found = {"issuer": _address_help("issuer", issuer), **found}
    if id_fault(client_id, "client_id"):
        found["client_id"] = _("client_id must be the client ID that the LMS shows, at most 255 ASCII characters.")
    if any(id_fault(one, "deployment") for one in deployments):
        found["deployments"] = str(_DEPLOYMENT_HELP)
    if len(token_audience) > LONGEST_AUDIENCE:
        found["token_audience"] = _("token_audience is longer than %(most)s characters.", most=LONGEST_AUDIENCE)
    if profile not in PROFILES:
        found["profile"] = _one_of("profile", PROFILES, profile)
    if policy not in POLICIES:
        found["policy"] = _one_of("policy", POLICIES, policy)
    return found


def _one_of(name: str, known: Iterable[str], value: str) -> str:
    return str(_("%(name)s must be one of %(known)s, not %(value)s.", name=name, known=", ".join(known), value=value))


def _address_help(name: str, value: str) -> str:
    return str(
        _("%(name)s must look like https://lms.example.edu/…, not %(value)s. An LMS without https is accepted on "
          "loopback, or when LTI_MCRED_ALLOWED_PRIVATE_HOSTS lists its host:port.", name=name, value=repr(value))
    )  # fmt: skip


def _moment(value: datetime | None) -> str:
    return value.isoformat(sep=" ", timespec="seconds") if value else ""
