"""The services as a whole: faults come first, and every request to one is written down.

Endpoints are named in SERVICES; the log proves that a tool sent something exactly once.
"""

from __future__ import annotations

import re
import socket
import time
from typing import Any

from flask import Flask, Response, g, make_response, request
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.tables import ServiceRequest

Json = dict[str, Any]
SERVICES: set[str] = set()
KEEP_CHARACTERS = 20_000
_SECRETS = re.compile(r'("access_token"\s*:\s*")[^"]*|((?:^|&)client_assertion=)[^&]*')


def service(name: str) -> str:
    """Mark an endpoint name as a service: faults apply to it and its requests are logged."""
    SERVICES.add(name)
    return name


def install(app: Flask) -> None:
    """Hook in after the desk is open, and before it closes (after_request runs in reverse order)."""
    app.before_request(_faults_first)
    app.after_request(_write_down)


def _is_service() -> bool:
    return request.endpoint is not None and request.endpoint.rpartition(".")[2] in SERVICES


def _faults_first() -> None:
    here = g.get("desk")
    if here is None or not _is_service():
        return
    g.service_body = request.get_data(as_text=True)
    faults = here.state.faults
    if str(faults.get("match", "")) not in request.path:
        return
    slow = int(faults.get("slow_ms", 0))
    if slow:
        here.db.commit()  # never sleep with the write lock in hand
        time.sleep(slow / 1000)
    if _use_up(here, "rate_limit"):
        raise Refusal(_rate_limited(here))
    if _use_up(here, "server_error"):
        raise Refusal(make_response({"errors": [SERVER_ERROR]}, 500))
    if _use_up(here, "drop"):
        raise Refusal(_dropped())

    _refuse_on_purpose(here)


def _refuse_on_purpose(here: Desk) -> None:
    """What a campus refuses until it is switched back, in the words of its own product."""
    endpoint = (request.endpoint or "").rpartition(".")[2]
    fault = REFUSED_BY.get(endpoint, "")
    value = str(here.state.faults.get(fault, ""))
    if value and (value != "removal" or endpoint.endswith("_delete")):
        raise here.temperament.on_purpose(fault, value)


# Endpoint name of either temperament -> the fault that makes it refuse.
REFUSED_BY = {
    "token": "refuse_token",
    "names_and_roles": "refuse_roster",
    "memberships": "refuse_roster",
    "scores": "refuse_scores",
    "score": "refuse_scores",
    **{
        f"{item}{what}": "refuse_columns"
        for item in ("line_item", "lineitem")
        for what in ("", "s", "_create", "_update", "_delete")
    },
}
SERVER_ERROR = {"message": "An error occurred.", "error_code": "internal_server_error"}


def _use_up(here: Desk, name: str) -> bool:
    """Use up one of the next N; faults are counted down in the same transaction as the answer."""
    left = int(here.state.faults.get(name, 0))
    if left <= 0:
        return False
    here.state.faults = {**here.state.faults, name: left - 1}
    return True


def _rate_limited(here: Desk) -> Response:
    """Either the usual 429, or the 403 that Canvas sends without Retry-After."""
    if here.state.faults.get("rate_limit_kind") == "canvas":
        response = make_response("403 Forbidden (Rate Limit Exceeded)\n", 403)
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
        response.headers["X-Rate-Limit-Remaining"] = "-3.27"
        return response
    wait = str(here.state.faults.get("retry_after_s", 1))
    return make_response("Too many requests\n", 429, {"Retry-After": wait, "Content-Type": "text/plain"})


def _dropped() -> Response:
    """Close the socket under the answer, so that the tool sees a connection cut short."""
    connection = request.environ.get("gunicorn.socket") or request.environ.get("werkzeug.socket")
    g.dropped = True
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    return make_response("", 500)


def _write_down(response: WerkzeugResponse) -> WerkzeugResponse:
    here = g.get("desk")
    if here is None or not _is_service():
        return response
    answer = response.get_data(as_text=True) if not response.is_streamed else ""
    here.db.add(
        ServiceRequest(
            campus=here.campus.slug,
            at=here.practice.config.now(),
            method=request.method,
            path=request.path,
            query=request.query_string.decode("latin-1"),
            content_type=request.headers.get("Content-Type", ""),
            body=_without_secrets(g.get("service_body", "")),
            status=0 if g.get("dropped", False) else response.status_code,
            answer="" if g.get("dropped", False) else _without_secrets(answer),
        )
    )
    return response


def _without_secrets(text: str) -> str:
    hidden = _SECRETS.sub(lambda found: f"{found[1] or found[2]}(hidden)", text)
    return hidden[:KEEP_CHARACTERS]
