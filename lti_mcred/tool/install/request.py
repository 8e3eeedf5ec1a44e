"""What is read from a platform's openid configuration, and what is asked of its registration endpoint. Pure.

Source: LTI Dynamic Registration 1.0; what is particular about an LMS is asked of its profile.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask_babel import lazy_gettext as _l

from lti_mcred.outbound.http import bare
from lti_mcred.settings import Settings
from lti_mcred.tool.profiles import LmsProfile, profile_of_product
from lti_mcred.tool.profiles.registering import Registration
from lti_mcred.tool.protocol.addresses import LONGEST_AUDIENCE, usable, usable_issuer
from lti_mcred.tool.protocol.checks import LONGEST_ID
from lti_mcred.tool.protocol.claims import NOTICE_SCOPE
from lti_mcred.tool.protocol.services_asked import CLAIMS, SCOPES, Asked
from lti_mcred.web.typed import plain, storable

PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
_NEEDED = {
    "id_token_signing_alg_values_supported": "RS256",
    "response_types_supported": "id_token",
    "token_endpoint_auth_methods_supported": "private_key_jwt",
}


class ConfigurationError(ValueError):
    """The openid configuration cannot be used; the message says which member and why, in the reader's language."""


@dataclass(frozen=True)
class Configuration:
    """A platform's openid configuration, checked. `profile`: the LMS that it is of, as far as we know it."""

    profile: LmsProfile
    issuer: str
    auth_url: str
    token_url: str
    jwks_url: str
    registration_url: str
    name: str
    scopes: tuple[str, ...]
    messages: tuple[str, ...]
    token_audience: str | None


def read_configuration(document: Any, url: str, settings: Settings) -> Configuration:
    """Return the configuration found at `url`. Raises ConfigurationError.

    Hosted Canvas spreads its endpoints over three hosts, so each address is taken as it is. An issuer belongs to the
    host of the configuration, whatever that calls itself; but for those that all LMSs of a make have (a school's own
    Canvas has the issuers of hosted Canvas), and those that the operator vouches for.
    """
    if not isinstance(document, dict):
        raise ConfigurationError(_l("The configuration is no JSON object."))
    hosts = settings.allowed_private_hosts
    issuer = document.get("issuer")
    if not usable_issuer(issuer, hosts) or len(str(issuer)) > LONGEST_ID:
        raise ConfigurationError(
            _l("“issuer” is %(value)s, but it must be an https address without a query, of at most %(most)s "
               "characters.", value=_as_told(issuer), most=LONGEST_ID)
        )  # fmt: skip
    for name in _ENDPOINTS:
        if not usable(given := document.get(name), hosts):
            raise ConfigurationError(
                _l("“%(name)s” is %(value)s, but it must be an https address.", name=name, value=_as_told(given))
            )
    _check_abilities(document)
    block = document.get(PLATFORM)
    platform = block if isinstance(block, dict) else {}
    profile = profile_of_product(str(platform.get("product_family_code") or ""), str(issuer))
    registration = profile.registration
    _check_whose_issuer(str(issuer), url, registration, settings)
    return Configuration(
        profile=profile,
        issuer=str(issuer),
        auth_url=document["authorization_endpoint"],
        token_url=document["token_endpoint"],
        jwks_url=document["jwks_uri"],
        registration_url=document["registration_endpoint"],
        name=_school(platform, registration) or str(urlsplit(document["registration_endpoint"]).hostname)[:LONGEST_ID],
        scopes=tuple(_strings_of_list(document.get("scopes_supported"))),
        messages=_messages(platform.get("messages_supported")),
        token_audience=_audience(document) if registration.names_audience else None,
    )


def registration_request(settings: Settings, configuration: Configuration) -> dict[str, Any]:
    """Return the body for the registration endpoint."""
    base = settings.public_url.rstrip("/")
    target, registration = f"{base}/lti/launch", configuration.profile.registration
    body: dict[str, Any] = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base}/lti/login",
        "redirect_uris": [target],
        "client_name": settings.tool_name,
        "jwks_uri": f"{base}/.well-known/jwks.json",
        "logo_uri": f"{base}/static/img/icon.svg",
        "client_uri": base,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(_scopes(configuration)),
        TOOL: {
            # With the port: Moodle compares it with the target.
            "domain": urlsplit(base).netloc,
            "target_link_uri": target,
            "description": settings.tool_name,
            "claims": list(CLAIMS),
            "messages": registration.messages(settings, configuration.messages),
            **registration.extensions,
        },
    }
    if "@" in settings.support_contact:
        body["contacts"] = [settings.support_contact]
    if registration.custom:
        body[TOOL]["custom_parameters"] = dict(registration.custom)
    return body


def deployment_of(answer: Mapping[str, Any]) -> str | None:
    """Return the deployment id of an answer: inside the tool configuration (Moodle) or beside it (Canvas)."""
    tool = answer.get(TOOL)
    for place in (answer, tool if isinstance(tool, dict) else {}):
        found = place.get("deployment_id")
        if isinstance(found, str | int) and str(found):
            return str(found)
    return None


def _scopes(configuration: Configuration) -> list[str]:
    """Return what we ask for of what there is: Canvas refuses a registration with an unknown scope."""
    return [scope for scope in SCOPES if not configuration.scopes or scope in configuration.scopes]


def promised(asked: Asked, configuration: Configuration) -> bool:
    """Whether the LMS announced what is asked for, so that the page may promise it.

    An LMS that lists no scopes at all is asked for the usual ones; notices are too new to be taken for usual.
    """
    wanted = set(asked.technical.split()) & set(SCOPES)
    if not configuration.scopes:
        return NOTICE_SCOPE not in wanted
    return not wanted or not wanted.isdisjoint(configuration.scopes)


def places(configuration: Configuration) -> list[str]:
    """Return the names of the places where the tool will be found in this LMS (PLACE_WORDS says them to people)."""
    return configuration.profile.registration.places(configuration.messages)


def _check_whose_issuer(issuer: str, url: str, registration: Registration, settings: Settings) -> None:
    """An LMS speaks for its own host. Its word for its make is no proof, so exceptions are for issuers, one by one."""
    host = str(urlsplit(url).hostname)
    if _belongs(host, str(urlsplit(issuer).hostname)) or issuer in registration.issuers:
        return
    if issuer in registration.vouched_for(settings):
        return
    words = _l("The issuer %(issuer)s does not belong to %(host)s.", issuer=issuer, host=host)
    if not registration.how_to_vouch:
        raise ConfigurationError(words)
    raise ConfigurationError(f"{words} {str(registration.how_to_vouch) % {'issuer': issuer}}")


def _check_abilities(document: Mapping[str, Any]) -> None:
    for member, needed in _NEEDED.items():
        offered = document.get(member)
        if offered is not None and needed not in _strings_of_list(offered):
            raise ConfigurationError(_l("“%(member)s” does not list %(needed)s.", member=member, needed=needed))


def _school(platform: Mapping[str, Any], registration: Registration) -> str:
    if not registration.name_member:
        return ""
    return plain(str(platform.get(registration.name_member) or "")).strip()[:LONGEST_ID]


def _audience(document: Mapping[str, Any]) -> str | None:
    server = document.get("authorization_server")
    if not isinstance(server, str) or not server:
        return None
    if len(server) > LONGEST_AUDIENCE or not storable(server):
        raise ConfigurationError(
            _l("“authorization_server” is longer than %(most)s characters, or holds some that cannot be stored.",
               most=LONGEST_AUDIENCE)
        )  # fmt: skip
    return server


def _as_told(value: Any) -> Any:
    """Return a value of the configuration for people, of an address no query: a token may stand there."""
    if value is None:
        return _l("missing")
    if not isinstance(value, str):
        return ascii(value)[:100]
    place = bare(value)
    return f"{ascii(place)[:200]}{'' if place == value else ' …'}"


def _belongs(host: str, issuer: str) -> bool:
    return host == issuer or host.endswith(f".{issuer}") or issuer.endswith(f".{host}")


def _messages(value: Any) -> tuple[str, ...]:
    """Return the message types: objects by the specification, plain strings from Moodle."""
    listed = value if isinstance(value, list) else []
    types = (entry.get("type") if isinstance(entry, dict) else entry for entry in listed)
    return tuple(kind for kind in types if isinstance(kind, str))


def _strings_of_list(value: Any) -> list[str]:
    return [word for word in value if isinstance(word, str)] if isinstance(value, list) else []
