"""Moodle's authorisation endpoint: one fault at a time, posted to a registered redirect URI or only shown.

As read in Moodle's mod/lti/auth.php and observed on Moodle 4.5.6.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _

from lti_mcred.practice.campus import launches
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.signing import sign
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground.models import Launch
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.temperaments.moodle.claims import id_token_claims

REQUIRED = ("scope", "response_type", "client_id", "redirect_uri", "login_hint", "nonce")
Fault = tuple[str, str]


def authorize() -> Response:
    """GET or POST: answer the tool's authentication request (Security Framework 5.1.1.2)."""
    here = desk()
    params = request.values
    if here.browser is None:
        return _without_session(params)
    tool = here.tool(params.get("client_id", ""))
    redirect_uri = params.get("redirect_uri", "")
    if tool is None or not launches.redirect_uri_registered(tool, redirect_uri):
        raise Refusal(
            _refusal_page(_("This request cannot be answered: its client or return address is not registered."))
        )
    launch = launches.find(here, _launch_id(params))
    fault = _fault(here, params, launch)
    if launch is not None and launches.still_good(here, launch):
        launches.consume(here, launch)  # a failed request uses the launch up too
    if fault is not None or launch is None:
        error, description = fault or NO_LAUNCH
        fields = {"error": error, "state": params.get("state", "")}
        return launches.answer_page(
            here, tool, redirect_uri, fields | ({"error_description": description} if description else {})
        )
    fields = {"id_token": sign(here, id_token_claims(here, launch, params["nonce"]))}
    return launches.answer_page(here, tool, redirect_uri, fields | {"state": params.get("state", "")})


NO_LAUNCH = ("invalid_request", "No launch id in LTI hint")


def _fault(here: Desk, params: Mapping[str, str], launch: Launch | None) -> Fault | None:
    """The first failing check ends the examination."""
    checks = (
        _missing(params),
        _wrong(params, "scope", "openid", "invalid_scope"),
        _wrong(params, "response_type", "id_token", "unsupported_response_type"),
        _launch_fault(here, params, launch),
        _response_mode(params),
        None if params.get("prompt") == "none" else ("invalid_request", "Invalid prompt"),
    )
    return next((fault for fault in checks if fault is not None), None)


def _missing(params: Mapping[str, str]) -> Fault | None:
    if any(not params.get(name) for name in REQUIRED):
        return "invalid_request", ""
    return None if _launch_id(params) else NO_LAUNCH


def _wrong(params: Mapping[str, str], name: str, value: str, error: str) -> Fault | None:
    return None if params.get(name) == value else (error, "")


def _launch_fault(here: Desk, params: Mapping[str, str], launch: Launch | None) -> Fault | None:
    if launch is None or not launches.still_good(here, launch):
        return "invalid_request", "The launch was used already or is too old. Open it again from the course."
    if not launch.tool.active or launch.tool.client_id != params.get("client_id"):
        return "unauthorized_client", ""
    person = here.person
    if person is None or person.id != launch.person_id or params.get("login_hint") != person.sub:
        return "access_denied", ""
    return None


def _response_mode(params: Mapping[str, str]) -> Fault | None:
    given = params.get("response_mode")
    if not given:
        return "invalid_request", "Missing response_mode"
    return None if given == "form_post" else ("invalid_request", "Invalid response_mode")


def _launch_id(params: Mapping[str, str]) -> str | None:
    """The launch id inside the hint, which is JSON: {"cmid": 7, "launchid": "ltilaunch6_…"}."""
    try:
        hint = json.loads(params.get("lti_message_hint") or "")
    except ValueError:
        return None
    found = hint.get("launchid") if isinstance(hint, dict) else None
    return found.rpartition("~")[2] if isinstance(found, str) and "~" in found else None


def _without_session(params: Mapping[str, str]) -> Response:
    """Moodle re-posts once from its own page to get its cookie, then asks for a sign-in."""
    if params.get("repost"):
        return _refusal_page(_("You are not signed in. Sign in on the campus page and open it again."), 401)
    form = launches.FormPost("retry-form", request.path, {**dict(params.items()), "repost": "1"})
    return make_response(render_template("handover.html", form=form, tool=None, step="retry"))


def _refusal_page(message: str, status: int = 400) -> Response:
    return make_response(render_template("refused.html", message=message), status)
