"""AGS as Moodle 4.5 answers it, odd answers included: line items, scores, results.

As read in Moodle's gradebookservices.php and observed on Moodle 4.5.6.
"""

from __future__ import annotations

import html
import json
from typing import Any

from flask import Blueprint, Response, render_template, request

from lti_mcred.practice.campus.activities import NewLineItem, add_line_item
from lti_mcred.practice.campus.cells import grade_of
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import finite, text_in
from lti_mcred.practice.ground.models import Activity, Course, LineItem, Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.temperaments.moodle import gradebook, score_rules
from lti_mcred.practice.temperaments.moodle.answers import (
    answer,
    asked_number,
    course_of,
    item_of,
    must_accept,
    must_send,
    no_handler,
    refusal,
    score_refusal,
    tool_of_token,
)
from lti_mcred.practice.temperaments.moodle.claims import service_url

Json = dict[str, Any]
READ = {v.LINEITEM, v.LINEITEM_READONLY}


def routes(blueprint: Blueprint) -> None:
    """Add the line item, score and result endpoints (Moodle: gradebookservices.php), and two for usual wrong turns."""
    base = "/mod/lti/services.php/<int:course_number>/lineitems"
    one = base + "/<int:number>/lineitem"
    blueprint.add_url_rule(base, service("lineitems"), get_line_items, methods=["GET"])
    blueprint.add_url_rule(base, service("lineitem_create"), post_line_item, methods=["POST"])
    blueprint.add_url_rule(one, service("lineitem"), get_line_item, methods=["GET"])
    blueprint.add_url_rule(one, service("lineitem_update"), put_line_item, methods=["PUT"])
    blueprint.add_url_rule(one, service("lineitem_delete"), delete_line_item, methods=["DELETE"])
    blueprint.add_url_rule(one, service("lineitem_wrong"), wrong_place, methods=["POST"])
    blueprint.add_url_rule(f"{one}/scores", service("score"), post_score, methods=["POST"])
    blueprint.add_url_rule(f"{one}/scores", service("score_wrong"), wrong_method, methods=["GET", "PUT"])
    blueprint.add_url_rule(f"{one}/results", service("results"), get_results, methods=["GET"])


def url_of(here: Desk, item: LineItem, part: str = "", query: str = "") -> str:
    """A line item URL always has ``?type_id=N``: parts such as ``/scores`` go before the question mark."""
    path = f"/{item.course.number}/lineitems/{item.number}/lineitem{part}"
    return service_url(here, f"{path}?type_id={item.tool.number}{query}")


def _without_fraction(value: float) -> float | int:
    """17 rather than 17.0, as PHP writes it."""
    return int(value) if value == int(value) else value


def serialize(here: Desk, item: LineItem) -> Json:
    """A line item on the wire: ``resourceId`` and ``tag`` are always there, "" when the tool gave none."""
    found: Json = {
        "id": url_of(here, item),
        "label": item.label,
        "scoreMaximum": _without_fraction(item.score_maximum),
        "resourceId": item.resource_id or "",
        "tag": item.tag or "",
    }
    if item.activity is not None:
        found |= {"resourceLinkId": item.activity.link_id, "ltiLinkId": item.activity.link_id}
    if item.submission_review is not None:
        found["submissionReview"] = item.submission_review
    return found


def get_line_items(course_number: int) -> Response:
    """GET the caller's own line items, filtered; in pages only with ``limit``, and then with a wrong Link header."""
    here = desk()
    tool = tool_of_token(here, READ)
    must_accept(v.LINEITEMS_TYPE)
    course = course_of(here, course_number)
    items = [item for item in _items(here, course, tool) if _wanted(item)]
    limit, start = asked_number("limit"), asked_number("from")
    page = items[start : start + limit] if limit else items
    response = answer([serialize(here, item) for item in page], media_type=v.LINEITEMS_TYPE)
    if limit:
        base = service_url(here, f"/{course_number}/lineitems?type_id={tool.number}&limit={limit}&from=")
        response.headers["Link"] = _links(base, len(items), limit, start)
    return response


def _links(base: str, count: int, limit: int, start: int) -> str:
    """Moodle's own Link header: curly quotes, HTML-escaped URLs and a wrong last page."""
    places = {"first": 0, "canonical": start, "last": count - 1}
    if start + limit < count:
        places = {"first": 0, "canonical": start, "next": start + limit, "last": count - 1}
    if start > 0:
        places["prev"] = max(start - limit, 0)
    links = (f"<{html.escape(f'{base}{place}')}>; rel=“{rel}”" for rel, place in places.items())
    return ", ".join(links).encode().decode("latin-1")


def _items(here: Desk, course: Course, tool: Tool) -> list[LineItem]:
    return list(here.db.query(LineItem).filter_by(course_id=course.id, tool_id=tool.id).order_by(LineItem.id))


def _wanted(item: LineItem) -> bool:
    link = request.args.get("resource_link_id")
    return (
        request.args.get("tag") in (None, item.tag)
        and request.args.get("resource_id") in (None, item.resource_id)
        and (link is None or (item.activity is not None and item.activity.link_id == link))
    )


def post_line_item(course_number: int) -> Response:
    """POST makes a column; nothing is deduplicated, extra members are echoed but not stored."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    must_send(v.LINEITEM_TYPE)
    course = course_of(here, course_number)
    body = _new_item_body()
    activity = _linked(here, tool, course, body)
    column = NewLineItem(
        label=str(body["label"]),
        score_maximum=float(body["scoreMaximum"]),
        resource_id=text_in(body, "resourceId"),
        tag=text_in(body, "tag"),
    )
    item = add_line_item(here, column, course=course, tool=tool, activity=activity)
    return answer({**body, "id": url_of(here, item)}, 201, v.LINEITEM_TYPE)


def _new_item_body() -> Json:
    body = _body()
    if not isinstance(body, dict):
        raise refusal(400)
    if not text_in(body, "label") or body.get("scoreMaximum") is None:
        raise refusal(400, "No label or Score Maximum")
    if finite(body["scoreMaximum"]) is None:
        raise refusal(400)
    if len(str(body["label"])) > 255:  # Moodle's database refuses it and nginx answers
        page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body></body></html>\r\n"
        raise Refusal(Response(page, 502))
    return body


def _linked(here: Desk, tool: Tool, course: Course, body: Json) -> Activity | None:
    link = text_in(body, "resourceLinkId")
    if link is None:
        return None
    activity = here.db.query(Activity).filter_by(course_id=course.id, link_id=link).one_or_none()
    if activity is None or activity.tool_id != tool.id:
        raise refusal(403)
    return activity


def get_line_item(course_number: int, number: int) -> Response:
    """GET one line item; 404 when it is gone, 403 for another tool's."""
    here = desk()
    tool = tool_of_token(here, READ)
    must_accept(v.LINEITEM_TYPE)
    item = item_of(here, tool, course_of(here, course_number), number)
    return answer(serialize(here, item), media_type=v.LINEITEM_TYPE)


def put_line_item(course_number: int, number: int) -> Response:
    """PUT without resourceId, tag or resourceLinkId clears them."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    must_send(v.LINEITEM_TYPE)
    course = course_of(here, course_number)
    item = item_of(here, tool, course, number)
    body = _new_item_body()
    item.label, item.score_maximum = str(body["label"]), float(body["scoreMaximum"])
    item.resource_id, item.tag = text_in(body, "resourceId"), text_in(body, "tag")
    if not item.coupled:
        item.activity = _linked(here, tool, course, body)
    return answer({**body, "id": url_of(here, item)}, media_type=v.LINEITEM_TYPE)


def delete_line_item(course_number: int, number: int) -> Response:
    """DELETE takes any column, the activity's own too."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    item = item_of(here, tool, course_of(here, course_number), number)
    if item.activity is not None and item.coupled:
        item.activity.graded = False
    here.db.delete(item)
    return Response("", 204)


def wrong_place(course_number: int, number: int) -> Response:
    """A POST to the line item itself: what a tool does that appends ``/scores`` behind the query."""
    raise no_handler(f" {request.headers.get('Content-Type', '')}")


def wrong_method(course_number: int, number: int) -> Response:
    """A method that the score endpoint does not know: 405."""
    raise refusal(405)


def post_score(course_number: int, number: int) -> Response:
    """POST a score (AGS 3.4): 200 with an empty body."""
    here = desk()
    tool = tool_of_token(here, {v.SCORE})
    must_send(v.SCORE_TYPE)
    item = item_of(here, tool, course_of(here, course_number), number)
    body = _body()
    outcome = score_rules.read(body, item.score_maximum)
    learner = here.person_by_sub(body.get("userId")) if isinstance(body, dict) else None
    if outcome is None or learner is None or not learner.takes_grades:
        raise score_refusal(400, f"Incorrect score received{request.get_data(as_text=True)}")
    grade = grade_of(here, item, learner)
    if grade is not None and score_rules.too_early(outcome.moment, grade.posted_at):
        told = f"Refusing score with an earlier timestamp for item {item.number} and user {learner.sub}"
        raise score_refusal(409, told)
    gradebook.post(here, item, learner, outcome, body)
    return answer(None, media_type=v.SCORE_TYPE)


def get_results(course_number: int, number: int) -> Response:
    """GET results; with ``limit`` Moodle 4.5 crashes into an HTML 404 page."""
    here = desk()
    tool = tool_of_token(here, {v.RESULT_READONLY})
    must_accept(v.RESULTS_TYPE)
    item = item_of(here, tool, course_of(here, course_number), number)
    if "limit" in request.args:
        page = render_template("refused.html", message="Exception - Call to a member function out() on null")
        raise Refusal(Response(page, 404, content_type="text/html; charset=utf-8"))
    user = request.args.get("user_id")
    grades = [grade for grade in item.grades if user in (None, grade.person.sub)]
    return answer([gradebook.result(here, item, grade, url_of) for grade in grades], media_type=v.RESULTS_TYPE)


def _body() -> Any:
    try:
        return json.loads(request.get_data())
    except ValueError:
        return None
