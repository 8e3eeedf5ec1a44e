"""Canvas's authorisation endpoint: its checks, which faults it posts to the tool and which it only shows.

As read in Canvas's app/controllers/lti/ims/authentication_controller.rb.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from lti_mcred.practice.campus import launches
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.installs import is_web_address
from lti_mcred.practice.campus.signing import sign
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground.jose import read_hs256, seconds
from lti_mcred.practice.ground.models import Launch, Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.temperaments.canvas.claims import id_token_claims

REQUIRED = (
    "client_id",
    "login_hint",
    "lti_message_hint",
    "nonce",
    "prompt",
    "redirect_uri",
    "response_mode",
    "response_type",
    "scope",
)
FIXED = {"scope": "openid", "prompt": "none", "response_mode": "form_post", "response_type": "id_token"}


def authorize() -> Response:
    """GET or POST: answer the tool's authentication request (Security Framework 5.1.1.2)."""
    here = desk()
    params = request.values
    tool = _registered_tool(here, params)
    launch = _hinted_launch(here, params)
    if here.browser is None:
        return _without_session(params)
    fault = _fault(here, params, tool, launch)
    fields = {"utf8": "✓", "authenticity_token": "practice"}
    if fault is not None or launch is None:
        error, description = fault or ("launch_no_longer_valid", GONE)
        fields |= {"error": error, "error_description": description, "state": params.get("state", "")}
        return launches.answer_page(here, tool, params["redirect_uri"], fields)
    launches.consume(here, launch)
    fields |= {"id_token": sign(here, id_token_claims(here, launch, params["nonce"]))}
    fields |= {"state": params.get("state", "")}
    target = here.temperament.storage_target(here)
    if target:
        fields["lti_storage_target"] = target
    return launches.answer_page(here, tool, params["redirect_uri"], fields)


GONE = "The launch has either expired or already been consumed"


def redirect_uri_fits(tool: Tool, redirect_uri: str) -> bool:
    """Exact before the question mark; a registered query must be present, more pairs are allowed."""
    if not is_web_address(redirect_uri):
        return False
    given = urlsplit(redirect_uri)
    pairs = set(parse_qsl(given.query, keep_blank_values=True))
    for known in (urlsplit(str(uri)) for uri in tool.redirect_uris):
        same = (known.scheme, known.netloc, known.path) == (given.scheme, given.netloc, given.path)
        if same and set(parse_qsl(known.query, keep_blank_values=True)) <= pairs:
            return True
    return False


def _registered_tool(here: Desk, params: Mapping[str, str]) -> Tool:
    tool = here.tool(params.get("client_id", ""))
    if tool is None:
        raise Refusal(_refusal_page(400, "Invalid client_id"))
    if not redirect_uri_fits(tool, params.get("redirect_uri", "")):
        raise Refusal(_refusal_page(400, "Invalid redirect_uri"))
    return tool


def _hinted_launch(here: Desk, params: Mapping[str, str]) -> Launch | None:
    """The launch behind the hint; an altered or old hint is only shown, never posted to the tool."""
    hint = params.get("lti_message_hint")
    if not hint:
        return None
    claims = read_hs256(hint, here.state.secret)
    if not claims or "verifier" not in claims or int(claims.get("exp", 0)) < seconds(here.now()):
        raise Refusal(_refusal_page(400, "Invalid lti_message_hint"))
    return launches.find(here, claims["verifier"])


def _without_session(params: Mapping[str, str]) -> Response:
    """No cookie came: Canvas resubmits once from its own page, then gives up."""
    if params.get("retried"):
        return _refusal_page(401, _("No session reached this page. Sign in on the campus page and open it again."))
    fields = {**dict(params.items()), "retried": "1"}
    form = launches.FormPost("retry-form", request.path, fields)
    return make_response(render_template("handover.html", form=form, tool=None, step="retry"))


def _fault(here: Desk, params: Mapping[str, str], tool: Tool, launch: Launch | None) -> tuple[str, str] | None:
    """The last failing check wins (parameters, user, client); the launch's age is looked at only if none failed."""
    fault = _parameter_fault(params)
    person = here.person
    if launch and person and (person.id != launch.person_id or params.get("login_hint") != person.legacy_id):
        fault = ("login_required", "Must have an active user session")
    if not tool.active or (launch is not None and launch.tool_id != tool.id):
        fault = ("unauthorized_client", "Client not authorized in requested context")
    if fault is None and (launch is None or not launches.still_good(here, launch)):
        fault = ("launch_no_longer_valid", GONE)
    return fault


def _parameter_fault(params: Mapping[str, str]) -> tuple[str, str] | None:
    missing = [name for name in REQUIRED if not params.get(name)]
    if missing:
        return "invalid_request_object", f"The following parameters are missing: {','.join(missing)}"
    for name, value in FIXED.items():
        if params[name] != value:
            return "invalid_request_object", f"The '{name}' must be '{value}'"
    return None


def _refusal_page(status: int, message: str) -> Response:
    return make_response(render_template("refused.html", message=message), status)
