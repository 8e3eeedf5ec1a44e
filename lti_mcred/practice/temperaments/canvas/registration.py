"""Dynamic Registration with Canvas: its configuration document, its schema, its answer; the key stays off.

As read in Canvas's dynamic_registration_controller.rb, app/models/lti/ims/registration.rb and doc/api/registration.md.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlsplit

from flask import Blueprint, Response, request

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.installs import (
    PRIVACY_LEVELS,
    TOKEN_LIFETIME,
    given_token,
    install,
    is_web_address,
    names_in,
    remember_token,
)
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import read_hs256, seconds, sign_hs256
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.shapes import NewTool, Paths
from lti_mcred.practice.ground.tables import RegistrationToken
from lti_mcred.practice.temperaments.canvas.answers import answer, field_refusal
from lti_mcred.practice.temperaments.canvas.claims import NOTICE_TYPES, platform_guid

Json = dict[str, Any]
ACCOUNT = 170000000000001
SCOPES = (
    *v.GRADE_SCOPES,
    v.MEMBERSHIP,
    v.NOTICE_HANDLERS,
    "https://canvas.instructure.com/lti/public_jwk/scope/update",
    "https://canvas.instructure.com/lti/account_lookup/scope/show",
    v.PROGRESS,
    "https://canvas.instructure.com/lti/page_content/show",
)
LINK_PLACEMENTS = (
    "account_navigation",
    "assignment_selection",
    "course_assignments_menu",
    "course_navigation",
    "link_selection",
    "module_index_menu_modal",
)
PICKER_PLACEMENTS = (
    "assignment_selection",
    "course_assignments_menu",
    "link_selection",
    "module_index_menu_modal",
)
ALIASES = {"ContentArea": "link_selection", "RichTextEditor": "editor_button"}
REQUIRED = (
    "application_type",
    "grant_types",
    "initiate_login_uri",
    "redirect_uris",
    "response_types",
    "client_name",
    "jwks_uri",
    "token_endpoint_auth_method",
    "scope",
    v.TOOL_CONFIGURATION,
)
REQUIRED_INSIDE = ("domain", "messages", "claims")
ECHOED = (
    "application_type",
    "grant_types",
    "initiate_login_uri",
    "redirect_uris",
    "response_types",
    "client_name",
    "jwks_uri",
    "logo_uri",
    "token_endpoint_auth_method",
)


def routes(blueprint: Blueprint, paths: Paths) -> None:
    """Add the endpoints of Dynamic Registration (Canvas: dynamic_registration_controller.rb)."""
    blueprint.add_url_rule(paths.configuration, "openid_configuration", configuration)
    blueprint.add_url_rule(paths.registration, service("register"), register, methods=["POST"])


def new_link(here: Desk, updates: Tool | None = None) -> tuple[str, str]:
    """The configuration URL already has the token in its query: Canvas reads it from there."""
    jti = secrets.token_urlsafe(16)
    remember_token(here, jti)
    exp = seconds(here.practice.config.now() + TOKEN_LIFETIME)
    claims: Json = {"jti": jti, "use": "registration", "root_account": ACCOUNT, "exp": exp}
    claims |= {"existing_registration": updates.client_id} if updates else {}
    token = sign_hs256(claims, here.state.secret)
    url = here.campus.url(here.temperament.paths.configuration)
    return f"{url}?registration_token={quote(token)}", token


def configuration() -> Response:
    """GET the OpenID configuration; a Bearer header alone is not read."""
    here = desk()
    if not request.args.get("registration_token"):
        told = "Access token missing (You must include the registration_token parameter)."
        return answer({"error": told}, 401)
    if _read_token(here, request.args["registration_token"]) is None:
        return answer({"error": "Access token invalid."}, 401)
    return answer(_document(here))


def _document(here: Desk) -> Json:
    paths, url = here.temperament.paths, here.campus.url
    return {
        "issuer": here.campus.issuer,
        "authorization_endpoint": url(paths.authorization),
        "registration_endpoint": url(paths.registration),
        "jwks_uri": url(paths.jwks),
        "token_endpoint": url(paths.token),
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["id_token"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "picture", "email", "name", "given_name", "family_name", "locale"],
        "subject_types_supported": ["public"],
        "authorization_server": urlsplit(here.campus.root).netloc,
        v.PLATFORM_CONFIGURATION: _platform(here),
    }


def _platform(here: Desk) -> Json:
    return {
        "product_family_code": "canvas",
        "version": "OpenSource",
        "messages_supported": [
            {"type": v.RESOURCE_LINK, "placements": list(LINK_PLACEMENTS)},
            {"type": v.DEEP_LINKING, "placements": list(PICKER_PLACEMENTS)},
        ],
        "notice_types_supported": NOTICE_TYPES,
        "variables": [
            "ResourceLink.id",
            "Context.id",
            "Canvas.user.id",
            "Canvas.course.id",
            "Canvas.assignment.id",
            "Canvas.assignment.dueAt.iso8601",
            "Person.address.timezone",
        ],
        v.CANVAS + "account_name": here.temperament.college,
        v.CANVAS + "account_lti_guid": platform_guid(here),
    }


def register() -> Response:
    """POST a registration: the token is claimed before validation, so a 422 burns it too.

    With the token of an installed tool it becomes a request that the admin accepts; the answer shows the old one.
    """
    here = desk()
    row, existing = _claim_token(here)
    row.used_at = here.practice.config.now()
    body = request.get_json(silent=True)
    body = body if isinstance(body, dict) else {}
    _validate(body)
    if existing is not None:
        existing.wanted_update = asdict(_new_tool(body))
        return answer(_echo(here, existing, {**body, v.TOOL_CONFIGURATION: existing.configuration}))
    tool = install(here, _new_tool(body))
    return answer(_echo(here, tool, body))


def _claim_token(here: Desk) -> tuple[RegistrationToken, Tool | None]:
    """The token, and the installed tool that it updates."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    found = _read_token(here, text.strip()) if scheme.lower() == "bearer" else None
    row, existing = found or (None, None)
    if row is None:
        raise Refusal(answer({"errorMessage": "JWT did not include expected contents"}, 401))
    if row.used_at is not None:
        raise Refusal(answer({"errorMessage": "Registration token has already been used"}, 401))
    if row.expires_at <= here.practice.config.now():
        raise Refusal(answer({"errorMessage": "Registration token has expired"}, 401))
    return row, existing


def _read_token(here: Desk, text: str) -> tuple[RegistrationToken, Tool | None] | None:
    claims = read_hs256(text, here.state.secret)
    row = given_token(here, claims.get("jti")) if claims and claims.get("use") == "registration" else None
    if row is None or claims is None:
        return None
    named = claims.get("existing_registration")
    return row, next((tool for tool in here.tools() if tool.client_id == named), None)


def _validate(body: Json) -> None:
    """Schema first (one string per violation), then scopes, then the target link."""
    missing = [name for name in REQUIRED if body.get(name) in (None, "")]
    if missing:
        told = f"The following fields are required: {', '.join(missing)}"
        raise Refusal(answer({"errors": [told]}, 422))
    violations = [*_top_violations(body), *_inner_violations(body)]
    if violations:
        raise Refusal(answer({"errors": violations}, 422))
    bogus = [scope for scope in str(body["scope"]).split() if scope not in (*SCOPES, "openid")]
    if bogus:
        raise field_refusal("scopes", f"Invalid scopes: {', '.join(bogus)}", None)
    if not is_web_address(str(body[v.TOOL_CONFIGURATION].get("target_link_uri"))):
        raise field_refusal("lti_tool_configuration", "target_link_uri must be a valid URI", None)


def _top_violations(body: Json) -> list[str]:
    found = []
    for name, words in (
        ("grant_types", {"client_credentials", "implicit"}),
        ("response_types", {"id_token"}),
    ):
        given = body[name]
        if not isinstance(given, list) or not words <= {str(word) for word in given}:
            found.append(f"{given!r} /{name}. Schema: {{contains: {sorted(words)}}}".replace("'", '"'))
    if body["application_type"] != "web":
        found.append(f'"{body["application_type"]}" /application_type. Schema: {{const: web}}')
    if body["token_endpoint_auth_method"] != "private_key_jwt":  # noqa: S105 - a method's name
        found.append("/token_endpoint_auth_method. Schema: {const: private_key_jwt}")
    uris = body["redirect_uris"]
    if not isinstance(uris, list) or not uris or not all(is_web_address(str(uri)) for uri in uris):
        found.append("/redirect_uris. Schema: {type: array, items: {format: uri}}")
    found += [
        f"/{name}. Schema: {{format: uri}}"
        for name in ("initiate_login_uri", "jwks_uri")
        if not is_web_address(str(body[name]))
    ]
    return found


def _inner_violations(body: Json) -> list[str]:
    config = body[v.TOOL_CONFIGURATION]
    if not isinstance(config, dict):
        return [f"/{v.TOOL_CONFIGURATION}. Schema: {{type: object}}"]
    found = [f"/{v.TOOL_CONFIGURATION}/{name} is required" for name in REQUIRED_INSIDE if config.get(name) is None]
    messages = config.get("messages")
    if messages is not None and (
        not isinstance(messages, list) or not all(isinstance(m, dict) and "type" in m for m in messages)
    ):
        found.append(f"/{v.TOOL_CONFIGURATION}/messages. Schema: {{type: array}}")
    level = config.get(v.CANVAS + "privacy_level")
    if level is not None and level not in PRIVACY_LEVELS:
        found.append(f'"{level}" /{v.CANVAS}privacy_level. Schema: {{enum: {list(PRIVACY_LEVELS)}}}')
    return found


def _new_tool(body: Json) -> NewTool:
    config = body[v.TOOL_CONFIGURATION]
    custom = config.get("custom_parameters")
    return NewTool(
        name=str(body["client_name"]),
        description=str(config.get("description") or ""),
        login_url=str(body["initiate_login_uri"]),
        redirect_uris=[str(uri) for uri in body["redirect_uris"]],
        jwks_uri=str(body["jwks_uri"]),
        target_link_uri=str(config["target_link_uri"]),
        scopes=[scope for scope in str(body["scope"]).split() if scope != "openid"],
        placements=placements_of(config),
        custom=custom if isinstance(custom, dict) else {},
        privacy=privacy_of(config),
        configuration=config,
    )


def placements_of(config: Json) -> list[Json]:
    """One entry a placement, the first wins; unknown ones are dropped; none at all means link_selection."""
    found: dict[str, Json] = {}
    for message in config["messages"]:
        known = PICKER_PLACEMENTS if message["type"] == v.DEEP_LINKING else LINK_PLACEMENTS
        for raw in _placements(message):
            name = raw.removeprefix(v.CANVAS)
            name = ALIASES.get(name, name)
            if name in known and name not in found:
                custom = message.get("custom_parameters")
                found[name] = {
                    "placement": name,
                    "type": message["type"],
                    "url": str(message.get("target_link_uri") or config["target_link_uri"]),
                    "label": message.get("label") or "",
                    "custom": custom if isinstance(custom, dict) else {},
                }
    return list(found.values())


def _placements(message: Json) -> list[str]:
    given = message.get("placements")
    return [str(entry) for entry in given] if isinstance(given, list) and given else ["link_selection"]


def privacy_of(config: Json) -> str:
    """The level asked for, else inferred from the claims."""
    asked = config.get(v.CANVAS + "privacy_level")
    if asked in PRIVACY_LEVELS:
        return str(asked)
    claims = names_in(config.get("claims"))
    named = bool(claims & {"name", "given_name", "family_name"})
    if "picture" in claims or (named and "email" in claims):
        return "public"
    if named:
        return "name_only"
    return "email_only" if "email" in claims else "anonymous"


def _echo(here: Desk, tool: Tool, body: Json) -> Json:
    config = dict(body[v.TOOL_CONFIGURATION])
    number = tool.number % 1000
    config[v.CANVAS + "registration_config_url"] = here.campus.url(f"/admin/tools/{tool.client_id}")
    found: Json = {"client_id": tool.client_id}
    found |= {name: body[name] for name in ECHOED if name in body}
    found["scope"] = " ".join([*tool.scopes, "openid"])
    found[v.TOOL_CONFIGURATION] = config
    found["registration_client_uri"] = here.campus.url(f"/api/lti/registrations/{ACCOUNT + number}")
    found["deployment_id"] = tool.deployment_id
    return found
