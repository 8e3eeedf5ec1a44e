"""The two requests of Dynamic Registration: the LMS's configuration is read, the registration is sent. Nothing stored.

Refusals carry the LMS's own words. Source: LTI Dynamic Registration 1.0; RFC 7592 for renewals.
"""

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask_babel import gettext as _

from lti_mcred.outbound.http import Answer, HttpClient, HttpError, bare
from lti_mcred.secretbox import SealBroken, seal, unseal
from lti_mcred.services import service, site
from lti_mcred.tool.install.problems import refusal
from lti_mcred.tool.install.request import (
    Configuration,
    ConfigurationError,
    deployment_of,
    read_configuration,
    registration_request,
)
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles.base import said
from lti_mcred.tool.protocol.addresses import usable
from lti_mcred.tool.protocol.checks import id_fault

Json = dict[str, Any]
_PURPOSE = "registration-access-token"
# For one request, redirects included: somebody waits for the page, and a thread for the LMS.
_SECONDS = 15.0
_SHORTEST_SECRET = 8  # characters: shorter values are words of a query


def check_source(url: str) -> str:
    """Return the host that the LMS's configuration lies on. Raises Problem for an address that cannot be one."""
    if not usable(url, site().allowed_private_hosts) or "#" in url:
        raise refusal("registration-address", facts={_("Address"): bare(url)[:300]})
    return str(urlsplit(url).netloc)


def configuration_of(url: str, token: str) -> Configuration:
    """Return the LMS's description of itself. Raises Problem.

    The token goes along in the header, as the specification says, and stays in the query, where Canvas reads it.
    """
    check_source(url)
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    answer = _sent("GET", url, headers)
    if not answer.ok:
        raise lms_said(answer, token)
    try:
        return read_configuration(answer.json(), url, site())
    except (ConfigurationError, HttpError) as error:
        what = error.words if isinstance(error, HttpError) else str(error)
        raise refusal("registration-configuration", what=what[:500]) from None


def send_registration(configuration: Configuration, token: str, renews: Platform | None = None) -> Json:
    """Send our registration and return the LMS's answer, whose ids can be stored. Raises Problem.

    A renewal goes to the address that the LMS gave us for it, with the token that it gave us (RFC 7592, 2.2). Moodle
    and Canvas give no such token: there the LMS opens us with one that renews, and the registration is posted again.
    """
    wanted = registration_request(site(), configuration)
    method, url = "POST", configuration.registration_url
    if renews is not None:
        wanted["client_id"] = renews.client_id
        if own := _own_access(renews):
            method, (url, token) = "PUT", own
    headers = {"Content-Type": "application/json", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    answer = _sent(method, url, headers, json.dumps(wanted).encode())
    if not answer.ok:
        raise lms_said(answer, token)
    try:
        given = answer.json()
    except HttpError:
        given = None
    if not isinstance(given, dict) or not isinstance(given.get("client_id"), str | int) or not str(given["client_id"]):
        raise lms_said(answer, token)
    _check_id(_("Client ID"), str(given["client_id"]))
    if (deployment := deployment_of(given)) is not None:
        _check_id(_("Deployment ID"), deployment)
    return given


def keep_answer(platform: Platform, answer: Json) -> None:
    """Keep what the LMS answered, its access token sealed. Does not commit."""
    token = answer.get("registration_access_token")
    platform.registration = {name: value for name, value in answer.items() if name != "registration_access_token"}
    if isinstance(token, str) and token and token.isascii():  # others fit into no header (RFC 6749, A.12)
        platform.registration_token_sealed = seal(site().secret_key, _PURPOSE, token)


def lms_said(answer: Answer, token: str) -> Exception:
    """Return the page for a refusal of the LMS, in its own words; its token is taken out where it repeats it."""
    answer = _without_secrets(answer, token)
    words = said(answer, whole=True) or str(answer.status)
    return refusal("registration-refused", log=f"{bare(answer.url)} {answer.status}", words=words)


def _check_id(what: str, value: str) -> None:
    """Look before it is stored whether an id of the LMS's answer can be. Raises Problem."""
    if not (fault := id_fault(value, what)):
        return
    raise refusal("registration-configuration/id", log=fault, facts={what: ascii(value)[1:-1][:300]})


def _without_secrets(answer: Answer, token: str) -> Answer:
    """Return an answer in which neither the token stands nor what was asked in the query: some LMSs repeat it."""
    query = urlsplit(answer.url).query
    body, reason = answer.body, answer.reason
    for secret in (query, *(value for _name, value in parse_qsl(query)), token):
        if len(secret) >= _SHORTEST_SECRET:
            body, reason = body.replace(secret.encode(), "…".encode()), reason.replace(secret, "…")
    return replace(answer, body=body, reason=reason)


def _own_access(platform: Platform) -> tuple[str, str] | None:
    """Return (registration_client_uri, registration_access_token) of RFC 7591, 3.2.1, when the LMS gave us both."""
    address = (platform.registration or {}).get("registration_client_uri")
    sealed = platform.registration_token_sealed
    if not sealed or not usable(address, site().allowed_private_hosts):
        return None
    try:
        return str(address), unseal(site().secret_key, _PURPOSE, sealed)
    except SealBroken:
        return None


def _sent(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> Answer:
    try:
        return service(HttpClient).request(method, url, headers=headers, body=body, seconds=_SECONDS)
    except HttpError as error:
        raise _unreachable(error) from None


def _unreachable(error: HttpError) -> Exception:
    words, fact = error.words[:500], str(error)
    if error.cause is None:
        return refusal("registration-unreachable", log=fact, words=words)
    return refusal("registration-unreachable/cause", log=fact, words=words, advice=error.advice, who=error.who)
