"""Names and Role Provisioning as Canvas does it: 50 a page whatever the limit, full role URIs only.

As read in Canvas's app/controllers/lti/ims/names_and_roles_controller.rb.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Activity, Course, Person, Tool
from lti_mcred.practice.temperaments.canvas.answers import answer, page_of, refusal
from lti_mcred.practice.temperaments.canvas.claims import CONTEXT_ROLES, personal, roster_custom
from lti_mcred.practice.temperaments.canvas.guard import course_for, tool_of_token

Json = dict[str, Any]


def routes(blueprint: Blueprint) -> None:
    """Add the class list's endpoint (Canvas: names_and_roles_controller.rb)."""
    path = "/api/lti/courses/<int:course_number>/names_and_roles"
    blueprint.add_url_rule(path, service("names_and_roles"), get_members, methods=["GET"])


def get_members(course_number: int) -> Response:
    """GET the members (NRPS 2.2): active, enrolled people; context roles only."""
    here = desk()
    tool = tool_of_token(here, {v.MEMBERSHIP})
    course = course_for(here, tool, course_number)
    activity = _linked(here, tool, course)
    role = request.args.get("role")
    people = [
        person
        for person in here.people()
        if person.enrolled == "active"
        and person.role not in {"admin", "test"}
        and (role is None or role in CONTEXT_ROLES[person.role])
    ]
    path = f"/api/lti/courses/{course_number}/names_and_roles"
    rows, links = page_of(people, path, default=50, largest=50, obey_limit=False)
    messages = "rlid" in request.args
    members = [_member(here, tool, person, activity, messages) for person in rows]
    query = urlencode(list(request.args.items(multi=True)))
    body = {
        "id": here.campus.url(path) + (f"?{query}" if query else ""),
        "context": {"id": course.context_id, "label": course.label, "title": course.title},
        "members": members,
    }
    response = answer(body, media_type=v.MEMBERS_TYPE)
    response.headers["Link"] = links
    return response


def _linked(here: Desk, tool: Tool, course: Course) -> Activity | None:
    """The link of ``rlid``; the context's own id is legal and stands for the whole course."""
    rlid = request.args.get("rlid")
    if rlid is None or rlid == course.context_id:
        return None
    activity = here.db.scalar(select(Activity).where(Activity.course_id == course.id, Activity.link_id == rlid))
    if activity is None:
        raise refusal(400, "Invalid 'rlid' parameter")
    if activity.tool_id != tool.id:
        raise refusal(400, "Tool does not have access to rlid or rlid does not exist")
    if activity.url is None:
        raise refusal(400, "Requested assignment not configured for external tool launches")
    return activity


def _member(here: Desk, tool: Tool, person: Person, activity: Activity | None, messages: bool) -> Json:
    avatar = here.campus.url("/images/messages/avatar-50.png")
    member: Json = {"status": "Active", **personal(person, tool.privacy, avatar)}
    if tool.privacy in {"public", "name_only"} and person.sourced_id:
        member["lis_person_sourcedid"] = person.sourced_id
    member |= {
        "user_id": person.sub,
        "lti11_legacy_user_id": person.legacy_id,
        "roles": list(reversed(CONTEXT_ROLES[person.role])),
    }
    if messages:
        member["message"] = [_message(here, tool, person, activity)]
    return member


def _message(here: Desk, tool: Tool, person: Person, activity: Activity | None) -> Json:
    fields = tool.custom | (activity.custom if activity else {})
    return {
        v.LTI + "message_type": v.RESOURCE_LINK,
        "locale": "en",
        v.LTI + "custom": roster_custom(here, person, fields),
        v.LTI + "lti1p1": {"user_id": person.legacy_id},
    }
