"""Moodle's token endpoint (mod/lti/token.php): JSON sent as text/html, unknown scopes dropped.

Audience and replay are checked here, unlike in Moodle 4.5: a practice LMS should be the stricter teacher.
"""

from __future__ import annotations

import json

from flask import Response, request

from lti_mcred.practice.campus.assertions import Assertion, bearer, examine
from lti_mcred.practice.campus.faults import granted
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.refusal import Refusal

service("token")
WORDS = {
    "not_a_jwt": "Wrong number of segments",
    "unknown_client": "invalid_client",
    "alg": "Algorithm not allowed",
    "no_kid": "error/Error: kid must be provided in JWT header.",
    "unknown_kid": '"kid" invalid, unable to lookup correct key',
    "signature": "Signature verification failed",
    "unreachable": "The tool's key set could not be read",
    "not_json": "The tool's key set could not be read",
    "aud": "invalid_client: aud must be the token endpoint",
    "iss": "invalid_client: iss must equal sub",
    "expired": "Expired token",
    "iat_old": "iat is older than five minutes",
    "not_a_time": "exp and iat must be numbers",
    "missing": "invalid_request: missing {}",
    "jti_used": "invalid_client: jti was used already",
}


def issue() -> Response:
    """POST client_credentials with a client assertion (Security Framework 4.1)."""
    here = desk()
    _check_form()
    audiences = {here.campus.url(here.temperament.paths.token)}
    assertion = examine(here, request.form.get("client_assertion", ""), audiences)
    tool = _believed(assertion)
    given = [scope for scope in request.form.get("scope", "").split() if scope in granted(here, tool)]
    if not given:
        raise _error("invalid_scope")
    token = bearer(here, tool, given)
    body = {
        "access_token": token.token,
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": " ".join(given),
    }
    return _answer(json.dumps(body, indent=2), 200)


def _check_form() -> None:
    given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if given != "application/x-www-form-urlencoded":
        raise _error("invalid_request")
    if request.form.get("grant_type") != "client_credentials":
        raise _error("unsupported_grant_type")
    if request.form.get("client_assertion_type") != v.ASSERTION_TYPE:
        raise _error("invalid_request")


def _believed(assertion: Assertion) -> Tool:
    if assertion.faults or assertion.tool is None:
        fault = assertion.faults[0]
        if fault.kind == "iat_future":
            moment = desk().now().strftime("%Y-%m-%dT%H:%M:%S+0000")
            raise _error(f"Cannot handle token with iat prior to {moment}")
        raise _error(WORDS[fault.kind].format(fault.detail))
    if not assertion.tool.active:
        raise _error("invalid_client")
    return assertion.tool


def _error(text: str) -> Refusal:
    return Refusal(_answer(json.dumps({"error": text}, indent=2), 400))


def _answer(body: str, status: int) -> Response:
    response = Response(body, status)
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    return response
