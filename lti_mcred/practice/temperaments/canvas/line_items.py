"""AGS line items as Canvas has them: every one belongs to an assignment; PUT is partial; coupled ones stay.

As read in Canvas's app/controllers/lti/ims/line_items_controller.rb and app/models/lti/line_item.rb.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy import select

from lti_mcred.practice.campus.activities import NewActivity, NewLineItem, add_line_item, create_activity
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import finite, object_in, text_in, utc_moment
from lti_mcred.practice.ground.models import Activity, Course, LineItem, Tool
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.temperaments.canvas.answers import (
    answer,
    body_object,
    empty_refusal,
    field_refusal,
    not_found,
    page_of,
    refusal,
)
from lti_mcred.practice.temperaments.canvas.claims import iso
from lti_mcred.practice.temperaments.canvas.guard import (
    course_for,
    items_in,
    line_item_for,
    refuse_concluded,
    tool_of_token,
)

Json = dict[str, Any]
READ = {v.LINEITEM, v.LINEITEM_READONLY}
OFFLINE_TYPES = {"none", "on_paper"}


def routes(blueprint: Blueprint) -> None:
    """Add the line item endpoints (Canvas: line_items_controller.rb)."""
    base = "/api/lti/courses/<int:course_number>/line_items"
    one = base + "/<int:number>"
    blueprint.add_url_rule(base, service("line_items"), get_line_items, methods=["GET"])
    blueprint.add_url_rule(base, service("line_item_create"), post_line_item, methods=["POST"])
    blueprint.add_url_rule(one, service("line_item"), get_line_item, methods=["GET"])
    blueprint.add_url_rule(one, service("line_item_update"), put_line_item, methods=["PUT"])
    blueprint.add_url_rule(one, service("line_item_delete"), delete_line_item, methods=["DELETE"])


def url_of(here: Desk, item: LineItem) -> str:
    """The line item's address below its course; Canvas puts nothing into its query."""
    return here.campus.url(f"/api/lti/courses/{item.course.number}/line_items/{item.number}")


def serialize(here: Desk, item: LineItem, *, launch_url: bool = False) -> Json:
    """Members without a value are absent, never null; the maximum is a float."""
    activity = item.activity
    optional: Json = {"resourceId": item.resource_id, "tag": item.tag}
    if activity is not None:
        optional["resourceLinkId"] = activity.link_id if activity.url else None
        optional["startDateTime"] = iso(activity.opens_at)
        optional["endDateTime"] = iso(activity.due_at)
    optional[v.CANVAS_SUBMISSION_TYPE] = item.submission_type
    if launch_url and activity is not None:
        optional[v.CANVAS + "launch_url"] = activity.url
    found: Json = {"id": url_of(here, item), "scoreMaximum": float(item.score_maximum), "label": item.label}
    return found | {name: value for name, value in optional.items() if value is not None}


def get_line_items(course_number: int) -> Response:
    """GET the caller's own line items of a course, filtered; 10 a page, up to 100 with ``per_page`` or ``limit``."""
    here = desk()
    tool = tool_of_token(here, READ)
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    items = [item for item in items_in(here, course) if item.tool_id == tool.id and _wanted(item)]
    rows, links = page_of(items, f"/api/lti/courses/{course_number}/line_items", default=10, largest=100)
    wants_url = "launch_url" in request.args.getlist("include[]")
    body = [serialize(here, item, launch_url=wants_url) for item in rows]
    response = answer(body, media_type=v.LINEITEMS_TYPE)
    response.headers["Link"] = links
    return response


def _wanted(item: LineItem) -> bool:
    """Filters; resource_link_id picks assignments by their link, then all line items of those."""
    link = request.args.get("resource_link_id")
    mine = item.activity.link_id if item.activity and item.activity.url else None
    return (
        request.args.get("tag") in (None, item.tag)
        and request.args.get("resource_id") in (None, item.resource_id)
        and link in (None, mine)
    )


def get_line_item(course_number: int, number: int) -> Response:
    """GET one line item; another tool's is a 412, one that is gone a 404."""
    here = desk()
    tool = tool_of_token(here, READ)
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    item = line_item_for(here, tool, course, number)
    wants_url = "launch_url" in request.args.getlist("include[]")
    return answer(serialize(here, item, launch_url=wants_url), media_type=v.LINEITEM_TYPE)


def post_line_item(course_number: int) -> Response:
    """POST makes an assignment, or a further line item on the assignment of ``resourceLinkId``."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    body = body_object()
    _check_new(body)
    link = text_in(body, "resourceLinkId")
    item = _on_link(here, tool, course, body, link) if link else _on_new_assignment(here, tool, course, body)
    return answer(serialize(here, item), 201, v.LINEITEM_TYPE)


def _check_new(body: Json) -> None:
    kind = object_in(body, v.CANVAS_SUBMISSION_TYPE).get("type")
    if kind is not None and str(kind) not in {"external_tool", *OFFLINE_TYPES}:
        error = {"error": f"Invalid submission_type for new assignment: {kind}"}
        raise Refusal(answer(error, 400))
    if not text_in(body, "label"):
        raise field_refusal("label", "blank", "blank")
    if finite(body.get("scoreMaximum")) is None:
        raise field_refusal("score_maximum", "not_a_number", "not_a_number")


def _column(body: Json) -> NewLineItem:
    return NewLineItem(
        label=str(body["label"]),
        score_maximum=float(body["scoreMaximum"]),
        resource_id=text_in(body, "resourceId"),
        tag=text_in(body, "tag"),
    )


def _on_link(here: Desk, tool: Tool, course: Course, body: Json, link: str) -> LineItem:
    statement = select(Activity).where(Activity.campus == here.campus.slug, Activity.link_id == link)
    activity = here.db.scalar(statement)
    if activity is None:
        raise not_found()
    if activity.tool_id != tool.id:
        raise refusal(422, "Resource link id points to Tool not associated with this Context")
    if activity.course_id != course.id or not activity.line_items:
        raise empty_refusal(412)
    return add_line_item(here, _column(body), course=course, tool=tool, activity=activity)


def _on_new_assignment(here: Desk, tool: Tool, course: Course, body: Json) -> LineItem:
    given = object_in(body, v.CANVAS_SUBMISSION_TYPE)
    external = given.get("type") == "external_tool"
    url = str(given.get("external_tool_url") or tool.target_link_uri) if external else None
    activity = create_activity(
        here,
        NewActivity(
            course=course,
            tool=tool,
            title=str(body["label"]),
            url=url,
            opens_at=utc_moment(body.get("startDateTime")),
            due_at=utc_moment(body.get("endDateTime")),
        ),
    )
    activity.graded = True
    item = add_line_item(here, _column(body), course=course, tool=tool, activity=activity)
    item.submission_type = {"type": "external_tool", "external_tool_url": url} if external else None
    return item


def put_line_item(course_number: int, number: int) -> Response:
    """PUT changes only the members that came; the main line item takes its assignment along."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    item = line_item_for(here, tool, course, number)
    body = body_object()
    check_link(item, text_in(body, "resourceLinkId"))
    item.label = text_in(body, "label") or item.label
    maximum = finite(body.get("scoreMaximum"))
    item.score_maximum = item.score_maximum if maximum is None else maximum
    item.resource_id = text_in(body, "resourceId") if "resourceId" in body else item.resource_id
    item.tag = text_in(body, "tag") if "tag" in body else item.tag
    _take_assignment_along(item, body)
    return answer(serialize(here, item), media_type=v.LINEITEM_TYPE)


def check_link(item: LineItem, link: str | None) -> None:
    """Refuse with a 412 a link id that is not the one of the line item's assignment; None is not checked."""
    if link is not None and (item.activity is None or item.activity.link_id != link):
        raise refusal(412, "The specified LTI link ID is not associated with the line item.")


def _take_assignment_along(item: LineItem, body: Json) -> None:
    activity = item.activity
    if activity is None or activity.main_item is not item:
        return
    activity.title = item.label
    if "startDateTime" in body:
        activity.opens_at = utc_moment(body["startDateTime"])
    if "endDateTime" in body:
        activity.due_at = utc_moment(body["endDateTime"])


def delete_line_item(course_number: int, number: int) -> Response:
    """DELETE of a coupled item is a bare 401; of the main item of an own assignment, the assignment goes too."""
    here = desk()
    tool = tool_of_token(here, {v.LINEITEM})
    course = course_for(here, tool, course_number)
    refuse_concluded(here, course)
    item = line_item_for(here, tool, course, number)
    if item.coupled:
        raise empty_refusal(401)
    activity = item.activity
    if activity is not None and activity.main_item is item:
        here.db.delete(activity)
    else:
        here.db.delete(item)
    return Response("", 204)
