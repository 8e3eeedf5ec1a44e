"""Dynamic Registration: an invited LMS registers the tool by itself, or renews a registration that is there.

A renewal keeps issuer and client id. Other addresses come only with an invitation that the operator made for this very
registration, and are shown before they are taken: other keys would let others speak for the LMS.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _

from lti_mcred.engine.db import db
from lti_mcred.tool.install.exchange import check_source, configuration_of, keep_answer, send_registration
from lti_mcred.tool.install.invitations import check_invite, give_back, led_to, redeem
from lti_mcred.tool.install.problems import refusal
from lti_mcred.tool.install.request import Configuration, deployment_of
from lti_mcred.tool.known.models import Platform, RegistrationInvite
from lti_mcred.tool.known.platforms import (
    PlatformError,
    add_platform,
    approve_deployment,
    deployment_of_launch,
    find,
    shared,
)
from lti_mcred.tool.profiles import LmsProfile, profile_named, usual_policy
from lti_mcred.tool.refusals.pages import registration_facts


@dataclass(frozen=True)
class Registered:
    """A registration that was stored. Without `deployment_id` the LMS named none yet: the first launch brings it."""

    platform: Platform
    deployment_id: str | None
    # Of the LMS that answered; a platform that was registered long ago may have the generic one.
    profile: LmsProfile
    # As the LMS calls itself; the platform may have another school's name.
    name: str
    renewed: bool = False


@dataclass(frozen=True)
class Moved:
    """An address that the LMS has changed since it was registered."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Review:
    """What the administrator looks at before anything is installed. `seen` ties her consent to these addresses."""

    host: str
    configuration: Configuration
    renews: Platform | None
    moved: tuple[Moved, ...]
    seen: str


def review(code: str, configuration_url: str, token: str) -> Review:
    """Read the LMS's configuration and return what would be done. Stores nothing. Raises Problem."""
    invitation = check_invite(code)
    host = check_source(configuration_url)
    renews = renewed(invitation)
    configuration = configuration_of(configuration_url, token)
    moved: tuple[Moved, ...] = ()
    if renews is not None:
        _check_renewal(renews, configuration, invitation)
        moved = _moved(renews, configuration)
    return Review(host, configuration, renews, moved, _fingerprint(configuration))


def register(code: str, configuration_url: str, token: str, seen: str = "") -> Registered:
    """Register with the LMS that sent its administrator here. Commits. Raises Problem with the LMS's own words.

    The invitation is taken first, by one UPDATE, and given back when nothing came of it.
    """
    check_source(configuration_url)
    invitation = redeem(code)
    try:
        renews = renewed(invitation)
        configuration = configuration_of(configuration_url, token)
        if renews is None:
            registered = _store(configuration, send_registration(configuration, token), invitation)
        else:
            _check_renewal(renews, configuration, invitation)
            _check_seen(configuration, seen)
            registered = _renew(renews, configuration, send_registration(configuration, token, renews))
    except Exception:
        db.session.rollback()
        give_back(code)
        raise
    led_to(code, registered.platform.id)
    return registered


def renewed(invitation: RegistrationInvite) -> Platform | None:
    """Return the registration that an invitation is bound to, None when it makes a new one. Raises Problem."""
    if invitation.renews_id is None:
        return None
    platform = db.session.get_one(Platform, invitation.renews_id)
    if platform.state != "active":
        raise refusal("registration-of-another/removed", facts=_facts(platform))
    if not invitation.may_move and shared(platform):
        raise refusal("registration-of-another/shared", facts=_facts(platform))
    return platform


def _store(configuration: Configuration, answer: dict[str, Any], invitation: RegistrationInvite) -> Registered:
    client_id, deployment = str(answer["client_id"]), deployment_of(answer)
    known = find(configuration.issuer, client_id)
    if known is not None and _moved(known, configuration):
        raise refusal("registration-not-stored/known")
    try:
        if known is not None and known.state == "active":
            platform = known
        else:
            platform = add_platform(
                issuer=configuration.issuer,
                client_id=client_id,
                auth_url=configuration.auth_url,
                token_url=configuration.token_url,
                jwks_url=configuration.jwks_url,
                name=_name_for_operator(configuration, invitation),
                profile=configuration.profile.name,
                token_audience=_audience(configuration, configuration.profile),
                policy=usual_policy(configuration.issuer),
            )
        if deployment and known is None:
            approve_deployment(platform, deployment)
        elif deployment:
            # An invitation is for one LMS: it does not decide for a registration that is there already.
            deployment_of_launch(platform, deployment)
    except PlatformError as error:
        raise refusal("registration-not-stored", why=str(error)) from None
    keep_answer(platform, answer)
    db.session.commit()
    return Registered(platform, deployment, configuration.profile, configuration.name)


def _name_for_operator(configuration: Configuration, invitation: RegistrationInvite) -> str:
    """Return an LMS's name for its operator: its own, else (Moodle says none) that of whom the invitation is for."""
    nameless = configuration.name == urlsplit(configuration.registration_url).hostname
    return invitation.note if nameless and invitation.note and not invitation.reusable else configuration.name


def _renew(platform: Platform, configuration: Configuration, answer: dict[str, Any]) -> Registered:
    if str(answer["client_id"]) != platform.client_id:
        raise refusal("registration-of-another/client", facts=_facts(platform), id=str(answer["client_id"])[:255])
    platform.auth_url, platform.token_url = configuration.auth_url, configuration.token_url
    platform.jwks_url = configuration.jwks_url
    platform.token_audience = _audience(configuration, profile_named(platform.profile))
    keep_answer(platform, answer)
    db.session.commit()
    return Registered(platform, deployment_of(answer), configuration.profile, configuration.name, renewed=True)


def _check_renewal(platform: Platform, configuration: Configuration, invitation: RegistrationInvite) -> None:
    if configuration.issuer != platform.issuer:
        raise refusal("registration-of-another/issuer", facts=_facts(platform), issuer=configuration.issuer[:255])
    if _moved(platform, configuration) and not invitation.may_move:
        raise refusal("registration-moved", facts={one.what: one.after for one in _moved(platform, configuration)})


def _check_seen(configuration: Configuration, seen: str) -> None:
    if not hmac.compare_digest(seen.encode("utf-8", "replace"), _fingerprint(configuration).encode()):
        raise refusal("registration-unseen")


def _audience(configuration: Configuration, profile: LmsProfile) -> str | None:
    """Return what tokens are asked for, where the LMS names it or everybody knows it of its make."""
    return configuration.token_audience or profile.registration.token_audience or None


def _moved(platform: Platform, configuration: Configuration) -> tuple[Moved, ...]:
    audience = _audience(configuration, profile_named(platform.profile))
    rows = (
        (_("Authorization URL"), platform.auth_url, configuration.auth_url),
        (_("Token URL"), platform.token_url, configuration.token_url),
        (_("Keyset URL"), platform.jwks_url, configuration.jwks_url),
        (_("Token audience"), platform.token_audience or "", audience or ""),
    )
    return tuple(Moved(what, before, after) for what, before, after in rows if before != after)


def _fingerprint(configuration: Configuration) -> str:
    parts = (configuration.auth_url, configuration.token_url, configuration.jwks_url, configuration.token_audience)
    return hashlib.sha256("\n".join(part or "" for part in parts).encode()).hexdigest()


def _facts(platform: Platform) -> dict[str, str]:
    return registration_facts(platform.issuer, platform.client_id)
