"""Dynamic Registration with Moodle: plain-text errors, a token that names the coming client, a pending tool.

As observed on Moodle 4.5.6; which scopes and claims are kept was read in its source.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.installs import given_token, install, is_web_address, names_in, remember_token, replace
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.signing import published_keys, sign
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import NotAToken, read_unverified, seconds, signature_holds
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.shapes import NewTool, Paths
from lti_mcred.practice.ground.tables import RegistrationToken
from lti_mcred.practice.temperaments.moodle.answers import answer

Json = dict[str, Any]
SCOPES = (
    "https://purl.imsglobal.org/spec/lti-bo/scope/basicoutcome",
    v.LINEITEM_READONLY,
    v.RESULT_READONLY,
    v.SCORE,
    v.LINEITEM,
    v.MEMBERSHIP,
    "https://purl.imsglobal.org/spec/lti-ts/scope/toolsetting",
    "openid",
)
READING_SCOPES = (v.LINEITEM_READONLY, v.RESULT_READONLY, v.SCORE)
CLAIMS = ("sub", "iss", "name", "given_name", "family_name", "email")
NEW, UPDATE = "reg", "reg-update"
NAMES = {"name", "given_name", "family_name"}


def routes(blueprint: Blueprint, paths: Paths) -> None:
    """Add the endpoints of Dynamic Registration: ``openid-configuration.php`` and ``openid-registration.php``."""
    blueprint.add_url_rule(paths.configuration, "openid_configuration", configuration)
    blueprint.add_url_rule(paths.registration, service("register"), register, methods=["POST"])


def new_link(here: Desk, updates: Tool | None = None) -> tuple[str, str]:
    """A token signed by the LTI key: sub is the coming client id, or the one that is there; no iss and no aud."""
    client_id = updates.client_id if updates else secrets.token_urlsafe(12).replace("-", "x").replace("_", "y")[:15]
    if updates is None:
        remember_token(here, client_id)
    now = here.practice.config.now()
    claims: Json = {"sub": client_id, "scope": UPDATE if updates else NEW, "iat": seconds(now)}
    claims["exp"] = seconds(now + timedelta(hours=1))
    return here.campus.url(here.temperament.paths.configuration), sign(here, claims)


def configuration() -> Response:
    """GET the OpenID configuration; Moodle asks for no token here.

    It names two message types; submission review works all the same (observed on Moodle 4.5.6).
    """
    here = desk()
    paths, url = here.temperament.paths, here.campus.url
    body = {
        "issuer": here.campus.issuer,
        "token_endpoint": url(paths.token),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": url(paths.jwks),
        "authorization_endpoint": url(paths.authorization),
        "registration_endpoint": url(paths.registration),
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": list(CLAIMS),
        v.PLATFORM_CONFIGURATION: {
            "product_family_code": "moodle",
            "version": "4.5.6 (Build: 20250811)",
            "messages_supported": [
                {"type": v.RESOURCE_LINK},
                {"type": v.DEEP_LINKING, "placements": ["ContentArea"]},
            ],
            "variables": VARIABLES,
        },
    }
    return answer(body)


VARIABLES = [
    "Context.id",
    "Context.title",
    "Context.label",
    "Context.id.history",
    "CourseSection.sourcedId",
    "CourseSection.timeFrame.begin",
    "ResourceLink.id",
    "ResourceLink.title",
    "User.id",
    "User.username",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "Person.sourcedId",
    "Person.address.timezone",
]


def register() -> Response:
    """POST a registration; the token is used up only by one that succeeds. One of an update replaces at once."""
    here = desk()
    found = _token(here)
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    _validate(body)
    if isinstance(found, Tool):
        replace(found, _new_tool(body))
        return answer(_echo(found, body))
    found.used_at = here.practice.config.now()
    tool = install(here, _new_tool(body), client_id=found.jti)
    return answer(_echo(tool, body))


def _token(here: Desk) -> RegistrationToken | Tool:
    """The token of a new registration, or the tool that an update replaces."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise _error(401, "missing_registration_token")
    try:
        token = read_unverified(text.strip())
    except NotAToken:
        raise _error(401, "invalid_token") from None
    keys = {key["kid"]: key for key in published_keys(here)}
    key = keys.get(str(token.header.get("kid")))
    scope = token.claims.get("scope")
    if key is None or not signature_holds(token, key) or scope not in {NEW, UPDATE}:
        raise _error(401, "invalid_token")
    if scope == UPDATE:
        return _updated(here, token.claims)
    row = given_token(here, token.claims.get("sub"))
    if row is None or row.expires_at <= here.practice.config.now():
        raise _error(401, "expired_token")
    if row.used_at is not None:
        raise _error(401, "token_already_used")
    return row


def _updated(here: Desk, claims: Json) -> Tool:
    """The tool that a token of an update names: such a token may be used again within its hour."""
    if int(claims["exp"]) <= seconds(here.practice.config.now()):
        raise _error(401, "expired_token")
    tool = next((one for one in here.tools() if one.client_id == claims.get("sub")), None)
    if tool is None:
        raise _error(401, "invalid_token")
    return tool


def _validate(body: Json) -> None:
    """The first fault is told, as one word of plain text."""
    config = body.get(v.TOOL_CONFIGURATION)
    config = config if isinstance(config, dict) else {}
    checks = (
        ("missing_response_types", "id_token" in _list(body, "response_types")),
        ("missing_initiate_login_uri", is_web_address(str(body.get("initiate_login_uri")))),
        ("missing_redirect_uris", bool(_list(body, "redirect_uris"))),
        ("invalid_redirect_uris", all(is_web_address(str(uri)) for uri in _list(body, "redirect_uris"))),
        ("missing_client_name", bool(body.get("client_name"))),
        ("missing_jwks_uri", is_web_address(str(body.get("jwks_uri")))),
        ("unsupported_auth_method", body.get("token_endpoint_auth_method") == "private_key_jwt"),
        ("unsupported_application_type", body.get("application_type") == "web"),
        ("missing_domain", bool(config.get("domain"))),
        ("invalid_target_link_uri", is_web_address(str(config.get("target_link_uri")))),
        ("domain_targetlinkuri_mismatch", _same_host(config)),
    )
    for told, fine in checks:
        if not fine:
            raise _error(400, told)


def _list(body: Json, name: str) -> list[Any]:
    found = body.get(name)
    return found if isinstance(found, list) else []


def _same_host(config: Json) -> bool:
    target = str(config.get("target_link_uri"))
    host = urlsplit(target if is_web_address(target) else "").netloc.removeprefix("www.")
    return host == str(config.get("domain")).removeprefix("www.")


def _new_tool(body: Json) -> NewTool:
    config = body[v.TOOL_CONFIGURATION]
    picker = _picker(config)
    custom = config.get("custom_parameters")
    return NewTool(
        name=str(body["client_name"]),
        description=str(config.get("description") or ""),
        login_url=str(body["initiate_login_uri"]),
        redirect_uris=[str(uri) for uri in body["redirect_uris"]],
        jwks_uri=str(body["jwks_uri"]),
        target_link_uri=str(config["target_link_uri"]),
        scopes=granted_scopes(str(body.get("scope") or "").split()),
        placements=[{"placement": "ContentArea", "type": v.DEEP_LINKING, "url": picker}] if picker else [],
        custom=custom if isinstance(custom, dict) else {},
        privacy=privacy_of(config),
        configuration=config,
    )


def granted_scopes(asked: list[str]) -> list[str]:
    """Any reading or score scope turns grade sync on as a whole; ``lineitem`` adds column management."""
    granted: list[str] = []
    if set(asked).intersection(v.GRADE_SCOPES):
        granted += [v.LINEITEM] if v.LINEITEM in asked else []
        granted += READING_SCOPES
    return [*granted, v.MEMBERSHIP] if v.MEMBERSHIP in asked else granted


def privacy_of(config: Json) -> str:
    """What the claims ask for is sent always, the rest never."""
    claims = names_in(config.get("claims"))
    named, mailed = bool(claims & NAMES), "email" in claims
    if named and mailed:
        return "public"
    return "name_only" if named else "email_only" if mailed else "anonymous"


def _picker(config: Json) -> str:
    messages = config.get("messages")
    for message in messages if isinstance(messages, list) else []:
        if isinstance(message, dict) and message.get("type") == v.DEEP_LINKING:
            return str(message.get("target_link_uri") or config["target_link_uri"])
    return ""


def _echo(tool: Tool, body: Json) -> Json:
    """Status 200. Messages other than deep linking are gone; a custom value is cut at its first ``=``."""
    config: Json = {
        "version": "1.3.0",
        "deployment_id": tool.deployment_id,
        "target_link_uri": tool.target_link_uri,
        "domain": tool.domain,
        "description": tool.description,
        "messages": [{"type": v.DEEP_LINKING, "target_link_uri": entry["url"]} for entry in tool.placements],
        "custom_parameters": {name: str(value).partition("=")[0] for name, value in tool.custom.items()},
        "claims": ["sub", "iss", *_claims_sent(tool)],
    }
    return {
        "client_id": tool.client_id,
        "response_types": ["id_token"],
        "jwks_uri": tool.jwks_uri,
        "initiate_login_uri": tool.login_url,
        "grant_types": ["client_credentials", "implicit"],
        "redirect_uris": tool.redirect_uris,
        "application_type": "web",
        "token_endpoint_auth_method": "private_key_jwt",
        "client_name": tool.name,
        "logo_uri": body.get("logo_uri") or "",
        "scope": " ".join(tool.scopes),
        v.TOOL_CONFIGURATION: config,
    }


def _claims_sent(tool: Tool) -> list[str]:
    named = ["name", "given_name", "family_name"] if tool.privacy in {"public", "name_only"} else []
    return [*named, *(["email"] if tool.privacy in {"public", "email_only"} else [])]


def _error(status: int, told: str) -> Refusal:
    response = Response(told, status)
    response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return Refusal(response)
