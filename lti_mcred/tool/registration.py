"""Dynamic Registration: an LMS registers the tool by itself, guarded by an invitation that works once."""

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import update

from lti_mcred.db import db, utcnow
from lti_mcred.http import Answer, HttpClient, HttpError
from lti_mcred.tool.addresses import usable
from lti_mcred.tool.models import Platform, RegistrationInvite
from lti_mcred.tool.platforms import PlatformError, add_platform, approve_deployment, find
from lti_mcred.tool.profiles import profile_of_product
from lti_mcred.tool.profiles.base import said
from lti_mcred.tool.refusals import LMS_ADMIN, refusal
from lti_mcred.tool.registration_request import (
    Configuration,
    ConfigurationError,
    deployment_of,
    read_configuration,
    registration_request,
)
from lti_mcred.web.site import site
from lti_mcred.web.visits import token_hash


@dataclass(frozen=True)
class Registered:
    """A registration that was stored. `pending`: the LMS named no deployment yet; the first launch brings it."""

    platform: Platform
    deployment_id: str | None
    family: str


def invite(days: int = 7) -> str:
    """Return a link with which the administrator of one LMS registers the tool once. Commits."""
    code = secrets.token_urlsafe(32)
    db.session.add(RegistrationInvite(code_hash=token_hash(code), expires_at=utcnow() + timedelta(days=days)))
    db.session.commit()
    return f"{site().public_url.rstrip('/')}/lti/register?invite={code}"


def check_invite(code: str) -> None:
    """Raise Problem 403 unless the invitation can still be used."""
    found = db.session.get(RegistrationInvite, token_hash(code)) if code else None
    if found is None or found.used_at is not None or found.expires_at <= utcnow():
        raise _not_invited(used=found is not None and found.used_at is not None)


def check_source(url: str) -> str:
    """Return the host that the LMS's configuration lies on. Raises Problem for an address that cannot be one."""
    if not usable(url, site().allowed_private_hosts) or "#" in url:
        raise refusal(
            "registration-address",
            _("The address of the LMS cannot be used"),
            _("It must begin with https:// and must not lead into a private network."),
            _("Check the address of your LMS and start the registration again from there."),
            LMS_ADMIN,
            facts={_("Address"): url[:300]},
        )
    return str(urlsplit(url).netloc)


def register(code: str, configuration_url: str, token: str) -> Registered:
    """Register with the LMS that sent its administrator here. Commits. Raises Problem with the LMS's own words.

    The invitation is taken first, by one UPDATE, and given back when nothing came of it.
    """
    check_source(configuration_url)
    _take(code)
    try:
        configuration = _configuration(configuration_url, token)
        answer = _ask(configuration, token)
        registered = _store(configuration, answer)
    except Exception:
        db.session.rollback()
        _give_back(code)
        raise
    done = update(RegistrationInvite).where(RegistrationInvite.code_hash == token_hash(code))
    db.session.execute(done.values(platform_id=registered.platform.id))
    db.session.commit()
    return registered


def _take(code: str) -> None:
    now = utcnow()
    free = (
        RegistrationInvite.code_hash == token_hash(code),
        RegistrationInvite.used_at.is_(None),
        RegistrationInvite.expires_at > now,
    )
    taken = update(RegistrationInvite).where(*free).values(used_at=now).returning(RegistrationInvite.code_hash)
    mine = db.session.execute(taken).scalar_one_or_none()
    db.session.commit()
    if mine is None:
        check_invite(code)
        raise _not_invited(used=True)


def _give_back(code: str) -> None:
    mine = update(RegistrationInvite).where(RegistrationInvite.code_hash == token_hash(code))
    db.session.execute(mine.values(used_at=None))
    db.session.commit()


def _configuration(url: str, token: str) -> Configuration:
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = _sent("GET", url, headers)
    if not answer.ok:
        raise _lms_said(answer)
    try:
        return read_configuration(answer.json(), url, site().allowed_private_hosts)
    except (ConfigurationError, HttpError, RecursionError) as error:
        raise refusal(
            "registration-configuration",
            _("The LMS describes itself in a way that we cannot use"),
            str(error)[:500],
            _("Send this to the administrator of your LMS, or register the tool by hand."),
            LMS_ADMIN,
            status=422,
        ) from None


def _ask(configuration: Configuration, token: str) -> dict[str, Any]:
    body = json.dumps(registration_request(site(), configuration)).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = _sent("POST", configuration.registration_url, headers, body)
    if not answer.ok:
        raise _lms_said(answer)
    try:
        given = answer.json()
    except (HttpError, RecursionError):
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("client_id"), str | int) or not str(given["client_id"]):
        raise _lms_said(answer)
    return given


def _sent(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    http: HttpClient = current_app.extensions["http"]
    try:
        return http.request(method, url, headers=headers, body=body)
    except HttpError as error:
        raise refusal(
            "registration-unreachable",
            _("We could not reach your LMS"),
            str(error)[:500],
            _("Check that the LMS can be reached from the internet, then start again. The invitation is still good."),
            LMS_ADMIN,
            status=502,
        ) from None


def _store(configuration: Configuration, answer: dict[str, Any]) -> Registered:
    client_id, deployment = str(answer["client_id"]), deployment_of(answer)
    known = find(configuration.issuer, client_id)
    addresses = (configuration.auth_url, configuration.token_url, configuration.jwks_url)
    try:
        if known is not None and known.state == "active":
            # Only the LMS that is registered already may come again: other keys would let others speak for it.
            if (known.auth_url, known.token_url, known.jwks_url) != addresses:
                message = _("This issuer and client ID are registered already, with other addresses.")
                raise PlatformError(message)
            platform = known
            if deployment:
                approve_deployment(platform, deployment)
        else:
            platform = add_platform(
                issuer=configuration.issuer,
                client_id=client_id,
                auth_url=configuration.auth_url,
                token_url=configuration.token_url,
                jwks_url=configuration.jwks_url,
                name=configuration.name,
                profile=profile_of_product(configuration.family).name,
                deployments=(deployment,) if deployment else (),
                token_audience=configuration.token_audience,
            )
    except PlatformError as error:
        raise refusal(
            "registration-not-stored",
            _("The registration could not be stored"),
            str(error),
            _("Ask the administrator of this tool to remove the earlier registration, then start again."),
            _("The administrator of this tool"),
            status=409,
        ) from None
    platform.registration = {name: value for name, value in answer.items() if name != "registration_access_token"}
    db.session.commit()
    return Registered(platform, deployment, configuration.family)


def _lms_said(answer: Answer) -> Exception:
    return refusal(
        "registration-refused",
        _("Your LMS did not take the registration"),
        _("It said: %(words)s", words=said(answer) or str(answer.status)),
        _("Start the registration again in your LMS; its own link works once. This invitation is still good."),
        LMS_ADMIN,
        status=422,
        log=f"{answer.url} {answer.status}",
    )


def _not_invited(*, used: bool) -> Exception:
    return refusal(
        "registration-not-invited",
        _("This invitation is used up") if used else _("This invitation is not valid any more"),
        _("Every invitation registers one LMS, within some days."),
        _("Ask the administrator of this tool for a new link. They make it with: lti-mcred platforms invite"),
        _("The administrator of this tool"),
        status=403,
    )
