"""The id_token of the Moodle temperament: one-minute tokens, short roles, everything a string.

As sent by a Moodle 4.5.6.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from datetime import datetime
from html import unescape
from typing import Any

from lti_mcred.practice.campus.course_copy import earlier_contexts
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.faults import granted
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import seconds
from lti_mcred.practice.ground.models import Activity, Course, Launch, Person, Tool

Json = dict[str, Any]
ROLES = {
    "teacher": [v.MEMBERSHIP_ROLE + "Instructor"],
    "assistant": [v.MEMBERSHIP_ROLE + "Instructor"],  # non-editing teachers are not told apart
    "learner": [v.MEMBERSHIP_ROLE + "Learner"],
    "admin": [
        v.INSTITUTION_ROLE + "Administrator",
        v.MEMBERSHIP_ROLE + "Instructor",
        v.SYSTEM_ROLE + "Administrator",
    ],
}
SENDS_NAME = {"public", "name_only"}
SENDS_EMAIL = {"public", "email_only"}


def service_url(desk: Desk, path: str) -> str:
    """The address of a path below ``services.php``, where all of Moodle's LTI services live."""
    return desk.campus.url(f"/mod/lti/services.php{path}")


def members_url(desk: Desk, course: Course) -> str:
    """The class list of a course; the binding's number is the course's again."""
    return service_url(desk, f"/CourseSection/{course.number}/bindings/{course.number}/memberships")


def id_token_claims(desk: Desk, launch: Launch, nonce: str) -> Json:
    """The whole payload for a launch; ``nonce`` is the tool's."""
    tool, person, course = launch.tool, launch.person, launch.course
    if course is None:
        raise LookupError("every launch of this temperament is in a course")
    now = seconds(desk.now())
    claims: Json = {
        "nonce": nonce,
        "iat": now,
        "exp": now + 60,
        "iss": desk.campus.issuer,
        "aud": tool.client_id,
        v.LTI + "deployment_id": tool.deployment_id,
        v.LTI + "target_link_uri": launch.target_link_uri,
        "sub": person.sub,
        v.LTI + "lis": {
            "person_sourcedid": person.sourced_id or "",
            "course_section_sourcedid": course.sourced_id,
        },
        v.LTI + "roles": ROLES[person.role],
        v.LTI + "context": {
            "id": course.context_id,
            "label": course.label,
            "title": course.title,
            "type": ["CourseSection"],
        },
        v.LTI + "message_type": launch.message_type,
        **_personal(person, tool),
        v.LTI + "launch_presentation": _presentation(desk, launch, course),
        v.LTI + "tool_platform": _platform(desk),
        v.LTI + "version": "1.3.0",
        v.LTI + "custom": _custom(desk, launch, course),
        **_services(desk, launch, course),
    }
    return claims | _about(desk, launch, course)


def _about(desk: Desk, launch: Launch, course: Course) -> Json:
    """What the message is about: a link, a learner's work, or a choice to make."""
    if launch.message_type == v.DEEP_LINKING:
        return {v.DL + "deep_linking_settings": _deep_linking(desk, launch, course)}
    found: Json = {}
    if launch.activity is not None:
        found[v.LTI + "resource_link"] = {
            "title": launch.activity.title,
            "description": plain_text(launch.activity.text),
            "id": launch.activity.link_id,
        }
        if launch.activity.graded:
            found[v.BO_CLAIM] = basic_outcome(desk, launch.activity, launch.person, launch.tool)
    if launch.for_user is not None:
        found[v.LTI + "for_user"] = {"user_id": launch.for_user.sub}
    return found


def _personal(person: Person, tool: Tool) -> Json:
    found: Json = {}
    ext: Json = {"lms": "moodle-2"}
    if tool.privacy in SENDS_NAME:
        found |= {"given_name": person.given_name, "family_name": person.family_name, "name": person.name}
        ext = {"user_username": person.username, **ext}
    if tool.privacy in SENDS_EMAIL and person.email:
        found["email"] = person.email
    return found | {v.LTI + "ext": ext}


def _presentation(desk: Desk, launch: Launch, course: Course) -> Json:
    if launch.message_type == v.DEEP_LINKING:
        return {"locale": "en"}
    instance = launch.activity.number if launch.activity else 0
    query = f"course={course.number}&launch_container=3&instanceid={instance}"
    url = desk.campus.url(f"/mod/lti/return.php?{query}&sesskey={sesskey(desk)}")
    return {"locale": "en", "document_target": "iframe", "return_url": url}


def sesskey(desk: Desk) -> str:
    """The session key of the signed-in browser, 10 characters; "" when nobody is signed in."""
    return desk.browser.sesskey if desk.browser else ""


def _platform(desk: Desk) -> Json:
    return {
        "product_family_code": "moodle",
        "version": "2024100706",
        "guid": hashlib.md5(desk.campus.root.encode(), usedforsecurity=False).hexdigest(),
        "name": "harbor",
        "description": desk.temperament.college,
    }


def _services(desk: Desk, launch: Launch, course: Course) -> Json:
    """No claim at all for a service that the tool was not given."""
    tool = launch.tool
    found: Json = {}
    grading = [scope for scope in v.GRADE_SCOPES if scope in granted(desk, tool)]
    if grading:
        lineitems = service_url(desk, f"/{course.number}/lineitems?type_id={tool.number}")
        endpoint: Json = {"scope": grading, "lineitems": lineitems}
        found[v.AGS_CLAIM] = endpoint | _line_item_claim(desk, launch)
    if v.MEMBERSHIP in granted(desk, tool):
        url = members_url(desk, course)
        found[v.NRPS_CLAIM] = {"context_memberships_url": url, "service_versions": ["1.0", "2.0"]}
    return found


def _line_item_claim(desk: Desk, launch: Launch) -> Json:
    """Only with exactly one coupled item; a tool-made one on a link without its own column gives "" ."""
    items = launch.activity.line_items if launch.activity else []
    if launch.message_type == v.DEEP_LINKING or len(items) != 1:
        return {}
    return {"lineitem": desk.temperament.line_item_url(desk, items[0]) if items[0].coupled else ""}


def basic_outcome(desk: Desk, activity: Activity, person: Person, tool: Tool) -> Json:
    """The LTI 1.1 outcomes claim that comes along; ids as texts, sealed with a hash."""
    launch_id = int(hashlib.sha256(f"{activity.id}/{person.id}".encode()).hexdigest()[:8], 16)
    data: Json = {
        "instanceid": str(activity.number),
        "userid": person.sub,
        "typeid": str(tool.number),
        "launchid": launch_id,
    }
    seal = hashlib.sha256((json.dumps(data) + desk.state.secret).encode()).hexdigest()
    sourced = json.dumps({"data": data, "hash": seal}, separators=(",", ":"))
    return {
        "lis_result_sourcedid": sourced,
        "lis_outcome_service_url": desk.campus.url("/mod/lti/service.php"),
    }


def _deep_linking(desk: Desk, launch: Launch, course: Course) -> Json:
    query = f"course={course.number}&id={launch.tool.number}&sesskey={sesskey(desk)}"
    return {
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["frame", "iframe", "window"],
        "accept_copy_advice": False,
        "accept_multiple": True,
        "accept_unsigned": False,
        "auto_create": False,
        "can_confirm": False,
        "deep_link_return_url": desk.campus.url(f"/mod/lti/contentitem_return.php?{query}"),
        "title": launch.tool.name,
        "text": "",
    }


_TAG = re.compile(r"<[^>]*>")
_BOLD = re.compile(r"<(b|strong)>(.*?)</\1>", re.DOTALL | re.IGNORECASE)


def plain_text(html: str) -> str:
    """HTML as Moodle turns it into text: bold becomes capitals, tags go."""
    loud = _BOLD.sub(lambda found: found[2].upper(), html)
    return " ".join(unescape(_TAG.sub("", loud)).split())


VARIABLES: dict[str, Callable[[Desk, Person, Course], str]] = {
    "$User.id": lambda _desk, person, _course: person.sub,
    "$User.username": lambda _desk, person, _course: person.username,
    "$Person.name.full": lambda _desk, person, _course: person.name,
    "$Person.name.given": lambda _desk, person, _course: person.given_name,
    "$Person.name.family": lambda _desk, person, _course: person.family_name,
    "$Person.email.primary": lambda _desk, person, _course: person.email or "",
    "$Person.sourcedId": lambda _desk, person, _course: person.sourced_id or "",
    "$Person.address.timezone": lambda _desk, _person, _course: "99",
    "$Context.id": lambda _desk, _person, course: course.context_id,
    "$Context.title": lambda _desk, _person, course: course.title,
    "$Context.label": lambda _desk, _person, course: course.label,
    "$Context.id.history": lambda desk, _person, course: ",".join(earlier_contexts(desk, course)),
    "$CourseSection.sourcedId": lambda _desk, _person, course: course.sourced_id,
    "$CourseSection.timeFrame.begin": lambda _desk, _person, course: _atom(course.starts_at),
}


def _custom(desk: Desk, launch: Launch, course: Course) -> Json:
    """Link fields, then tool fields, as texts; unknown variables come back literally."""
    fields: Json = dict(launch.activity.custom) if launch.activity else {}
    fields |= launch.tool.custom
    if launch.message_type == v.SUBMISSION_REVIEW and launch.activity and launch.activity.main_item:
        fields |= (launch.activity.main_item.submission_review or {}).get("custom") or {}
    found: Json = {}
    for name, value in fields.items():
        text = str(value)
        found[name] = VARIABLES[text](desk, launch.person, course) if text in VARIABLES else text
    if v.MEMBERSHIP in granted(desk, launch.tool):
        found["context_memberships_url"] = members_url(desk, course)
    return found


def _atom(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")
