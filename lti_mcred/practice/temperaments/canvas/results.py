"""AGS results as Canvas reads them back: its own result rows, our extension echoed, no time and no attempt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import LineItem, Result
from lti_mcred.practice.temperaments.canvas import line_items
from lti_mcred.practice.temperaments.canvas.answers import answer, not_found, page_of
from lti_mcred.practice.temperaments.canvas.guard import (
    course_for,
    line_item_for,
    refuse_concluded,
    tool_of_token,
)

Json = dict[str, Any]


def routes(blueprint: Blueprint) -> None:
    """Add the results endpoints, of a line item and of one row of it."""
    base = "/api/lti/courses/<int:course_number>/line_items/<int:number>/results"
    blueprint.add_url_rule(base, service("results"), get_results, methods=["GET"])
    blueprint.add_url_rule(f"{base}/<int:result_number>", service("result"), get_result, methods=["GET"])


def get_results(course_number: int, number: int) -> Response:
    """GET the result rows of a line item, 10 a page; ``user_id`` keeps one learner's, never the test student's."""
    here = desk()
    item = _item(here, course_number, number)
    user = request.args.get("user_id")
    rows = sorted(item.results, key=lambda row: row.id)
    if user is not None:  # the test student is nobody here
        rows = [row for row in rows if row.person.sub == user and row.person.role == "learner"]
    path = f"/api/lti/courses/{course_number}/line_items/{number}/results"
    page, links = page_of(rows, path, default=10, largest=100)
    response = answer([serialize(here, item, row) for row in page], media_type=v.RESULTS_TYPE)
    response.headers["Link"] = links
    return response


def get_result(course_number: int, number: int, result_number: int) -> Response:
    """GET one result row; 404 when it is not one of this line item."""
    here = desk()
    item = _item(here, course_number, number)
    row = next((row for row in item.results if row.number == result_number), None)
    if row is None:
        raise not_found()
    return answer(serialize(here, item, row), media_type=v.RESULTS_TYPE)


def serialize(here: Desk, item: LineItem, row: Result) -> Json:
    """A result on the wire; members without a value are absent, a ``resultMaximum`` without a score too."""
    url = line_items.url_of(here, item)
    optional: Json = {
        "resultScore": row.score,
        "resultMaximum": row.maximum if row.score is not None else None,
        "comment": row.comment,
        v.CANVAS_SUBMISSION: row.extension,
    }
    found: Json = {"id": f"{url}/results/{row.number}", "scoreOf": url, "userId": row.person.sub}
    return found | {name: value for name, value in optional.items() if value is not None}


def _item(here: Desk, course_number: int, number: int) -> LineItem:
    tool = tool_of_token(here, {v.RESULT_READONLY})
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    return line_item_for(here, tool, course, number)
