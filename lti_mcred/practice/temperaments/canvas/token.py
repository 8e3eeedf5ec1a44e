"""Canvas's token endpoint: JWT access tokens, scopes all or nothing, several faults in one sentence.

As read in Canvas's lib/canvas/security/jwt_validator.rb.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Response, request

from lti_mcred.practice.campus.assertions import Assertion, examine
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.faults import granted
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import seconds, sign_hs256
from lti_mcred.practice.ground.models import Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.temperaments.canvas.answers import answer

service("token")
WORDS = {
    "not_a_jwt": "JWT format is invalid",
    "alg": "JWS alg is not allowed: RS256 is required",
    "no_kid": "JWT header has no kid",
    "unknown_kid": "JWS signature invalid.",
    "signature": "JWS signature invalid.",
    "unreachable": "JWK Error: Failed to fetch public key",
    "not_json": "JWK Error: Invalid JSON",
    "aud": "the 'aud' is invalid",
    "iss": "the 'iss' is invalid",
    "expired": "the JWT has expired",
    "iat_old": "the 'iat' must be less than 300 seconds old",
    "iat_future": "the 'iat' must not be in the future",
    "not_a_time": "the 'exp' and 'iat' must be numbers",
    "jti_used": "the 'jti' is invalid",
    "missing": "the following assertions are missing: {}",
}
NOT_GRANTED = (
    "A requested scope is invalid, unknown, malformed, or exceeds the scope granted by the resource owner. "
    "The following scopes were requested, but not granted: {}"
)


def issue() -> Response:
    """POST client_credentials with a client assertion (Security Framework 4.1)."""
    here = desk()
    if request.form.get("grant_type") != "client_credentials":
        raise _error("unsupported_grant_type", "The grant_type you requested is not currently supported")
    if request.form.get("client_assertion_type") != v.ASSERTION_TYPE:
        raise _error("invalid_request", "the client_assertion_type is invalid")
    assertion = examine(here, request.form.get("client_assertion", ""), audiences(here))
    tool = _believed(assertion)
    asked = request.form.get("scope", "").split()
    missing = [scope for scope in asked if scope not in granted(here, tool)]
    if missing or not asked:
        raise _error("invalid_scope", NOT_GRANTED.format(" ".join(missing)))
    body = {
        "access_token": access_token(here, tool, asked),
        "token_type": "Bearer",
        "expires_in": 3600,
        "scope": " ".join(asked),
    }
    response = answer(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def audiences(here: Desk) -> set[str]:
    """The values of ``aud`` that Canvas takes: the token URL, the issuer's host name, the issuer."""
    url = here.campus.url(here.temperament.paths.token)
    return {url, urlsplit(here.campus.issuer).netloc, here.campus.issuer}


def access_token(here: Desk, tool: Tool, scopes: list[str]) -> str:
    """An HS256 JWT that only Canvas reads: opaque to the tool."""
    now = here.now()
    claims: dict[str, Any] = {
        "iss": here.campus.issuer,
        "sub": tool.client_id,
        "aud": here.campus.url(here.temperament.paths.token),
        "iat": seconds(now),
        "exp": seconds(now + timedelta(hours=1)),
        "jti": secrets.token_urlsafe(16),
        "scopes": " ".join(scopes),
    }
    return sign_hs256(claims, here.state.secret)


def _believed(assertion: Assertion) -> Tool:
    kinds = {fault.kind for fault in assertion.faults}
    if assertion.tool is None and "not_a_jwt" not in kinds:
        raise _error("invalid_client", "unknown client", 401)
    if assertion.faults or assertion.tool is None:
        told = " | ".join(WORDS[fault.kind].format(fault.detail) for fault in assertion.faults)
        raise _error("invalid_request", told)
    return assertion.tool


def _error(code: str, description: str, status: int = 400) -> Refusal:
    response = answer({"error": code, "error_description": description}, status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Canvas OAuth 2.0"
    return Refusal(response)
