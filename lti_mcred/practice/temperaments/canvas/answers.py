"""The shapes in which Canvas answers a service: its two error bodies, media types, paging links.

As read in Canvas's gradebook_services.rb and doc/api/throttling.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, request

from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground.refusal import Refusal

Row = TypeVar("Row")
TYPES = {400: "bad_request", 401: "unauthorized", 403: "forbidden", 404: "not_found"}
TYPES |= {412: "precondition_failed", 422: "unprocessable_entity", 504: "gateway_timeout"}


def answer(body: Any, status: int = 200, media_type: str = "application/json") -> Response:
    """A JSON answer in one of the specification's media types, always with the charset as Canvas adds it."""
    response = Response(json.dumps(body), status)
    response.headers["Content-Type"] = f"{media_type}; charset=utf-8"
    response.headers["X-Request-Cost"] = "0.0421"
    response.headers["X-Rate-Limit-Remaining"] = "599.96"
    return response


def refusal(status: int, message: str) -> Refusal:
    """The object shape, from the LTI code: ``{"errors": {"type", "message"}}``."""
    return Refusal(answer({"errors": {"type": TYPES[status], "message": message}}, status))


def general_refusal(status: int, message: str) -> Refusal:
    """The list shape, from the general API code: ``{"errors": [{"message"}]}``."""
    return Refusal(answer({"errors": [{"message": message}]}, status))


def field_refusal(field: str, message: str, code: str | None) -> Refusal:
    """A 422 of a model validation: a list of one row with the field's name; ``code`` None is sent as null."""
    row = {"field": field, "message": message, "error_code": code}
    return Refusal(answer({"errors": [row]}, 422))


def empty_refusal(status: int) -> Refusal:
    """A refusal without a body, as Canvas answers for coupled line items and links without an assignment."""
    return Refusal(Response("", status))


def not_found() -> Refusal:
    """The 404 of Canvas's general API code, for anything that is not there."""
    return general_refusal(404, "The specified resource does not exist.")


def on_purpose(fault: str, value: str) -> Refusal:
    """Refusals that a switch asks for, as Canvas words them."""
    if fault == "refuse_token":
        return Refusal(answer({"error": "invalid_client", "error_description": "unknown client"}, 401))
    if fault == "refuse_scores":
        return refusal(422, "User not found in course or is not a student")
    return not_found() if value == "404" else refusal(403, "The tool is not allowed to do that in this context")


def page_of(
    rows: Sequence[Row], path: str, *, default: int, largest: int, obey_limit: bool = True
) -> tuple[list[Row], str]:
    """The asked-for page and its Link header (current, next, prev, first, last), filters kept in the links."""
    asked = request.args.get("per_page") or (request.args.get("limit") if obey_limit else None)
    size = min(max(_integer(asked, default), 1), largest)
    page = max(_integer(request.args.get("page"), 1), 1)
    last = max((len(rows) + size - 1) // size, 1)
    filters = sorted(
        (name, value) for name, value in request.args.items(multi=True) if name not in {"page", "per_page"} and value
    )

    def link(rel: str, number: int) -> str:
        query = urlencode([*filters, ("page", str(number)), ("per_page", str(size))])
        return f'<{desk().campus.url(path)}?{query}>; rel="{rel}"'

    links = [link("current", page)]
    if page < last:
        links.append(link("next", page + 1))
    if page > 1:
        links.append(link("prev", page - 1))
    links += [link("first", 1), link("last", last)]
    return list(rows[(page - 1) * size : page * size]), ",".join(links)


def body_object() -> dict[str, Any]:
    """The JSON object of the request; {} when it is no JSON or its type is one that Canvas does not parse."""
    given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not (given.endswith("+json") or given == "application/json"):
        return {}
    try:
        found = json.loads(request.get_data())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _integer(text: str | None, default: int) -> int:
    try:
        return int(text) if text else default
    except ValueError:
        return default
