"""The shapes in which Moodle's services answer: reasons in the status line, exact media types."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import AccessToken, Course, LineItem, Tool
from lti_mcred.practice.ground.refusal import Refusal

Json = dict[str, Any]
REASONS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
LONGEST_REASON = 4000


def answer(body: Any, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON answer in one of the specification's media types."""
    response = Response("" if body is None else json.dumps(body), status)
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    return response


def refusal(status: int, reason: str = "") -> Refusal:
    """The reason stands in the status line and again in a JSON body beside what was asked."""
    reason = reason or REASONS[status]
    body = {
        "status": status,
        "reason": reason,
        "request": {
            "method": request.method,
            "url": request.full_path.rstrip("?"),
            "accept": request.headers.get("Accept", ""),
            "contentType": request.headers.get("Content-Type", ""),
        },
    }
    response = Response(json.dumps(body, indent=4), _status_line(status, reason))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return Refusal(response)


def score_refusal(status: int, reason: str) -> Refusal:
    """The score endpoint says why in the status line only; the body is an empty list."""
    response = Response("[]", _status_line(status, reason))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    return Refusal(response)


def on_purpose(fault: str, value: str) -> Refusal:
    """Refusals that a switch asks for, as Moodle words them."""
    if fault == "refuse_token":
        response = Response(json.dumps({"error": "invalid_client"}, indent=2), 400)
        response.headers["Content-Type"] = "text/html; charset=utf-8"
        return Refusal(response)
    if fault == "refuse_scores":
        return score_refusal(400, f"Incorrect score received{request.get_data(as_text=True)}")
    return refusal(404 if value == "404" else 403)


def _status_line(status: int, reason: str) -> str:
    """A status line as the bytes that PHP would send: UTF-8, one line."""
    one_line = " ".join(reason.split())[:LONGEST_REASON]
    return f"{status} " + one_line.encode().decode("latin-1")


def media_type(header: str) -> str:
    """The media type of a header without its parameters."""
    return request.headers.get(header, "").partition(";")[0].strip().lower()


def no_handler(shown: str) -> Refusal:
    """What Moodle says when no service takes this path with this media type."""
    path = request.path.partition("services.php")[2]
    return refusal(400, f"No handler found for {path} {shown}")


def must_accept(wanted: str) -> None:
    """A GET needs the exact Accept type; none at all is its own refusal."""
    given = request.headers.get("Accept", "")
    if not given:
        raise refusal(400, "No context or unsupported content type")
    kinds = [part.partition(";")[0].strip().lower() for part in given.split(",")]
    if wanted not in kinds and "*/*" not in kinds:
        raise no_handler(given)


def must_send(wanted: str) -> None:
    """A POST or PUT needs the exact Content-Type; a charset suffix is allowed."""
    if media_type("Content-Type") != wanted:
        raise no_handler(f" {media_type('Content-Type')}")


def tool_of_token(here: Desk, scopes: set[str]) -> Tool:
    """The tool behind the bearer token, if the token holds one of ``scopes``; 401 otherwise."""
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    token = here.db.get(AccessToken, text.strip()) if scheme.lower() == "bearer" else None
    if token is None or token.tool.campus != here.campus.slug or token.expires_at <= here.now():
        raise refusal(401)
    if not scopes.intersection(token.scopes) or not token.tool.active:
        raise refusal(401)
    return token.tool


def asked_number(name: str) -> int:
    """A whole number of the query, such as ``limit``; 0 when it is absent, negative or no number."""
    try:
        return max(int(request.args.get(name, "")), 0)
    except ValueError:
        return 0


def course_of(here: Desk, number: int) -> Course:
    """The course of that number; a 404 in Moodle's words when there is none."""
    course = here.course(number)
    if course is None:
        raise refusal(404, "Course not found")
    return course


def item_of(here: Desk, tool: Tool, course: Course, number: int) -> LineItem:
    """The line item of that number; 404 when gone, 403 when it is another tool's."""
    item = here.db.query(LineItem).filter_by(course_id=course.id, number=number).one_or_none()
    if item is None:
        raise refusal(404)
    if item.tool_id != tool.id:
        raise refusal(403, "Invalid LTI id supplied.")
    return item
