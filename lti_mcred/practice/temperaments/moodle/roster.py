"""Names and Role Provisioning as Moodle does it: short roles, pages only when asked for.

As observed on Moodle 4.5.6.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.service_log import service
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Activity, Course, Person, Tool
from lti_mcred.practice.temperaments.moodle.answers import answer, asked_number, course_of, refusal, tool_of_token
from lti_mcred.practice.temperaments.moodle.claims import (
    SENDS_EMAIL,
    SENDS_NAME,
    basic_outcome,
    members_url,
)

Json = dict[str, Any]
# A non-editing teacher launches as Instructor but is a Learner here: everybody without "manage activities" is.
SHORT_ROLES = {"teacher": "Instructor", "assistant": "Learner", "learner": "Learner"}


def routes(blueprint: Blueprint) -> None:
    """Add the class list's endpoint, the memberships service of ``services.php``."""
    path = "/mod/lti/services.php/CourseSection/<int:course_number>/bindings/<int:binding>/memberships"
    blueprint.add_url_rule(path, service("memberships"), get_members, methods=["GET"])


def get_members(course_number: int, binding: int) -> Response:
    """GET the members (NRPS 2.2): enrolled people by family name, in pages only with ``limit``."""
    here = desk()
    tool = tool_of_token(here, {v.MEMBERSHIP})
    course = course_of(here, course_number)
    activity = _linked(here, tool, course)
    wanted = request.args.get("role", "").rpartition("#")[2]
    # Moodle leaves suspended people out; "status" is always Active.
    enrolled = [p for p in here.people() if p.role in SHORT_ROLES and p.enrolled == "active"]
    people = [p for p in enrolled if wanted in ("", SHORT_ROLES[p.role])]
    people.sort(key=lambda p: (p.family_name, p.given_name, p.id))
    limit, start = asked_number("limit"), asked_number("from")
    page = people[start : start + limit] if limit else people
    body = {
        "id": members_url(here, course),
        "context": {"id": course.context_id, "label": course.label, "title": course.title},
        "members": [_member(here, tool, person, activity) for person in page],
    }
    response = answer(body, media_type=v.MEMBERS_TYPE)
    if limit and start + limit < len(people):
        response.headers["Link"] = f'<{members_url(here, course)}?{_next_query(limit, start)}>; rel="next"'
    return response


def _next_query(limit: int, start: int) -> str:
    kept = [f"{name}={value}" for name in ("rlid", "role") if (value := request.args.get(name, "").replace("#", "%23"))]
    return "&".join([f"limit={limit}", f"from={start + limit}", *kept])


def _linked(here: Desk, tool: Tool, course: Course) -> Activity | None:
    rlid = request.args.get("rlid")
    if rlid is None:
        return None
    activity = here.db.query(Activity).filter_by(course_id=course.id, link_id=rlid).one_or_none()
    if activity is None or activity.tool_id != tool.id:
        raise refusal(404)
    return activity


def _member(here: Desk, tool: Tool, person: Person, activity: Activity | None) -> Json:
    found: Json = {"status": "Active", "roles": [SHORT_ROLES[person.role]]}
    if activity is not None:
        message: Json = {v.LTI + "message_type": v.RESOURCE_LINK}
        if activity.graded:
            message[v.BO_CLAIM] = basic_outcome(here, activity, person, tool)
        found["message"] = [message]
    found |= {"user_id": person.sub, "lis_person_sourcedid": person.sourced_id or ""}
    if tool.privacy in SENDS_NAME:
        found |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    if tool.privacy in SENDS_EMAIL and person.email:
        found["email"] = person.email
    if tool.privacy in SENDS_NAME:
        found["ext_user_username"] = person.username
    return found
