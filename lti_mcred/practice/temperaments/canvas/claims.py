"""The id_token of the Canvas temperament, claim by claim.

As read in Canvas's lib/lti/messages/jwt_message.rb, resource_link_request.rb and deep_linking_request.rb.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lti_mcred.practice.campus.course_copy import earlier_contexts
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.faults import granted
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.jose import seconds, sign_hs256
from lti_mcred.practice.ground.models import Activity, Course, Launch, Person, Selection

Json = dict[str, Any]
NOTICE_TYPES = ["LtiHelloWorldNotice", "LtiAssetProcessorSubmissionNotice", "LtiContextCopyNotice"]
TIMEZONE = "America/Chicago"
ACCEPT_TYPES: Json = {
    "assignment_selection": {"accept_multiple": False, "auto_create": False},
    "link_selection": {"accept_multiple": True, "auto_create": False},
    "course_assignments_menu": {"accept_multiple": True, "auto_create": False},
    "module_index_menu_modal": {"accept_multiple": True, "auto_create": True},
}

CONTEXT_ROLES = {
    "teacher": [v.MEMBERSHIP_ROLE + "Instructor"],
    "assistant": [v.MEMBERSHIP_ROLE + "Instructor", v.ASSISTANT_ROLE],
    "learner": [v.MEMBERSHIP_ROLE + "Learner"],
    "test": [v.MEMBERSHIP_ROLE + "Learner"],
    "admin": [],
}
INSTITUTION = {
    "teacher": "Instructor",
    "assistant": "Instructor",
    "learner": "Student",
    "test": "Student",
    "admin": "Administrator",
}


def hex_id(root: str, what: str) -> str:
    """A 40-hex id as Canvas's LTI 1.1 ids are."""
    return hashlib.sha1(f"{root}/{what}".encode(), usedforsecurity=False).hexdigest()


def iso(moment: datetime | None) -> str | None:
    """A moment as Canvas writes it, in UTC and to the second, with a Z; None stays None."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def roles(person: Person) -> list[str]:
    """All roles of a person, institution and system included, as the launch claim has them."""
    found = [
        v.INSTITUTION_ROLE + INSTITUTION[person.role],
        *CONTEXT_ROLES[person.role],
        v.SYSTEM_ROLE + "User",
    ]
    return [*found, v.TEST_USER_ROLE] if person.role == "test" else found


def personal(person: Person, privacy: str, avatar: str) -> Json:
    """Names, e-mail and picture as far as the privacy level lets them through."""
    found: Json = {}
    if privacy == "public":
        found["picture"] = avatar
    if privacy in {"public", "email_only"} and person.email:
        found["email"] = person.email
    if privacy in {"public", "name_only"}:
        found |= {"name": person.name, "given_name": person.given_name, "family_name": person.family_name}
    return found


def id_token_claims(desk: Desk, launch: Launch, nonce: str) -> Json:
    """The whole payload for a launch; ``nonce`` is the tool's."""
    tool, person = launch.tool, launch.person
    now = seconds(desk.now())
    claims: Json = {
        v.LTI + "message_type": launch.message_type,
        v.LTI + "version": "1.3.0",
        "aud": tool.client_id,
        "azp": tool.client_id,
        v.LTI + "deployment_id": tool.deployment_id,
        "exp": now + 3600,
        "iat": now,
        "iss": desk.campus.issuer,
        "nonce": nonce,
        "sub": person.sub,
        v.LTI + "target_link_uri": launch.target_link_uri,
        **personal(person, tool.privacy, desk.campus.url("/images/messages/avatar-50.png")),
        **_lis(launch),
        v.LTI + "context": _context(desk, launch),
        v.LTI + "tool_platform": _platform(desk),
        v.LTI + "launch_presentation": _presentation(desk, launch),
        v.LTI + "platformnotificationservice": _notices(desk, launch),
        "locale": "en",
        v.LTI + "roles": roles(person),
        v.LTI + "custom": custom(desk, launch),
        v.LTI + "lti11_legacy_user_id": person.legacy_id,
        v.LTI + "lti1p1": _lti1p1(launch),
        "https://www.instructure.com/placement": launch.placement,
        **_services(desk, launch),
    }
    if launch.message_type == v.DEEP_LINKING:
        claims[v.DL + "deep_linking_settings"] = _deep_linking(desk, launch)
    else:
        claims[v.LTI + "resource_link"] = _resource_link(desk, launch)
    return claims


def _lis(launch: Launch) -> Json:
    if launch.tool.privacy not in {"public", "name_only"}:
        return {}
    course = launch.course.sourced_id if launch.course else "$CourseSection.sourcedId"
    return {
        v.LTI + "lis": {
            "person_sourcedid": launch.person.sourced_id or "$Person.sourcedId",
            "course_offering_sourcedid": course,
        }
    }


def account_context_id(desk: Desk) -> str:
    """The context id of launches outside every course: the account's."""
    return hex_id(desk.campus.root, "account")


def _context(desk: Desk, launch: Launch) -> Json:
    if launch.course is None:
        return {"id": account_context_id(desk), "title": desk.temperament.college, "type": ["Account"]}
    return context_claim(launch.course)


def context_claim(course: Course) -> Json:
    """A course as launches and notices name it."""
    return {
        "id": course.context_id,
        "label": course.label,
        "title": course.title,
        "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
    }


def _platform(desk: Desk) -> Json:
    return {
        "guid": platform_guid(desk),
        "name": desk.temperament.college,
        "version": "cloud",
        "product_family_code": "canvas",
    }


def platform_guid(desk: Desk) -> str:
    """The ``guid`` of the platform, in launches and as ``account_lti_guid`` at registration."""
    return f"{hex_id(desk.campus.root, 'guid')}:canvas-lms"


def _presentation(desk: Desk, launch: Launch) -> Json:
    found: Json = {"document_target": "iframe", "return_url": _return_url(desk, launch), "locale": "en"}
    if launch.message_type == v.DEEP_LINKING:
        found |= {"height": 700, "width": 900}
    return found


def _return_url(desk: Desk, launch: Launch) -> str:
    if launch.course is None:
        return desk.campus.url("/account")
    if launch.message_type == v.DEEP_LINKING:
        return desk.campus.url(f"/deep_linking_cancel?placement={launch.placement}")
    return desk.campus.url(f"/courses/{launch.course.number}")


def _notices(desk: Desk, launch: Launch) -> Json:
    return {
        "service_versions": ["1.0"],
        "platform_notification_service_url": desk.campus.url(f"/api/lti/notice-handlers/{launch.tool.number}"),
        "scope": [v.NOTICE_HANDLERS],
        "notice_types_supported": NOTICE_TYPES,
    }


def _lti1p1(launch: Launch) -> Json:
    found = {"user_id": launch.person.legacy_id}
    if launch.activity is not None and launch.activity.graded:
        found = {"resource_link_id": launch.activity.legacy_link_id, **found}
    return found


def _resource_link(desk: Desk, launch: Launch) -> Json:
    if launch.activity is not None:
        text = launch.activity.text or None
        return {"id": launch.activity.link_id, "description": text, "title": launch.activity.title}
    context = _context(desk, launch)  # no link of its own: the context's id stands in
    return {"id": context["id"], "description": None, "title": context["title"]}


def _services(desk: Desk, launch: Launch) -> Json:
    """AGS and NRPS claims: in courses only, and only for scopes that the key has."""
    if launch.course is None:
        return {}
    found: Json = {}
    grading = [scope for scope in granted(desk, launch.tool) if "lti-ags" in scope]
    if grading:
        base = desk.campus.url(f"/api/lti/courses/{launch.course.number}/line_items")
        endpoint: Json = {"scope": grading, "lineitems": base}
        item = launch.activity.main_item if launch.activity and launch.activity.graded else None
        if item is not None and launch.message_type == v.RESOURCE_LINK:
            endpoint = {"lineitem": f"{base}/{item.number}", **endpoint}
        found[v.AGS_CLAIM] = endpoint
    if v.MEMBERSHIP in granted(desk, launch.tool):
        url = desk.campus.url(f"/api/lti/courses/{launch.course.number}/names_and_roles")
        found[v.NRPS_CLAIM] = {"context_memberships_url": url, "service_versions": ["2.0"]}
    return found


def _deep_linking(desk: Desk, launch: Launch) -> Json:
    if launch.course is None or launch.selection_id is None:
        raise LookupError("a picker launch belongs to a course and a selection")
    selection = desk.db.get_one(Selection, launch.selection_id)
    exp = seconds(desk.now()) + 3600
    data = sign_hs256({"jti": selection.jti, "use": "deep_linking", "exp": exp}, desk.state.secret)
    path = f"/courses/{launch.course.number}/deep_linking_response?data={data}"
    return {
        "deep_link_return_url": desk.campus.url(path),
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_media_types": "application/vnd.ims.lti.v1.ltilink",
        **ACCEPT_TYPES[selection.placement],
    }


# --- custom: a field that is exactly one variable keeps the variable's own type; unknown ones stay literal ---------

USER_VARIABLES: dict[str, Callable[[Desk, Person], Any]] = {
    "$Canvas.user.id": lambda _desk, person: person.number,
    "$Canvas.user.globalId": lambda _desk, person: person.number,
    "$Canvas.user.loginId": lambda _desk, person: person.username,
    "$Canvas.user.sisSourceId": lambda _desk, person: person.sourced_id,
    "$User.id": lambda _desk, person: person.number,
    "$User.username": lambda _desk, person: person.username,
    "$Person.sourcedId": lambda _desk, person: person.sourced_id,
    "$Person.address.timezone": lambda _desk, _person: TIMEZONE,
    "$Person.name.full": lambda _desk, person: person.name,
    "$Person.email.primary": lambda _desk, person: person.email,
    "$Canvas.api.domain": lambda desk, _person: urlsplit(desk.campus.root).netloc,
}


def custom(desk: Desk, launch: Launch) -> Json:
    """The tool's custom fields, then the placement's, then the link's, with variables put in."""
    fields = dict(launch.tool.custom)
    for placement in launch.tool.placements:
        if placement["placement"] == launch.placement:
            fields |= placement.get("custom", {})
    if launch.activity is not None:
        fields |= launch.activity.custom
    course = _course_variables(desk, launch)
    return {name: _substitute(desk, launch.person, value, course) for name, value in fields.items()}


def roster_custom(desk: Desk, person: Person, fields: Json) -> Json:
    """Custom fields in a roster message: user-level variables only; those of assignments stay literal."""
    return {name: _substitute(desk, person, value, {}) for name, value in fields.items()}


def _substitute(desk: Desk, person: Person, value: Any, course: Json) -> Any:
    if isinstance(value, str) and value in USER_VARIABLES:
        found = USER_VARIABLES[value](desk, person)
    else:
        found = course.get(value) if isinstance(value, str) else None
    return value if found is None else found


def _course_variables(desk: Desk, launch: Launch) -> Json:
    found: Json = {}
    if launch.course is not None:
        found |= {
            "$Canvas.course.id": launch.course.number,
            "$Context.id": launch.course.context_id,
            "$Context.id.history": ",".join(earlier_contexts(desk, launch.course)),
            "$Context.title": launch.course.title,
            "$Canvas.course.sisSourceId": launch.course.sourced_id,
            "$Canvas.course.sectionIds": "9011",
            "$Canvas.term.name": "Default Term",
        }
    activity = launch.activity or launch.review_of
    return found | _assignment_variables(activity) if activity is not None and activity.graded else found


def _assignment_variables(activity: Activity) -> Json:
    """SpeedGrader links carry the assignment, so these are put in there too."""
    item = activity.main_item
    return {
        "$Canvas.assignment.id": activity.number,
        "$Canvas.assignment.title": activity.title,
        "$Canvas.assignment.pointsPossible": item.score_maximum if item else None,
        "$Canvas.assignment.published": activity.published,
        "$Canvas.assignment.allowedAttempts": activity.allowed_attempts or -1,
        "$Canvas.assignment.dueAt.iso8601": iso(activity.due_at),
        "$Canvas.assignment.unlockAt.iso8601": iso(activity.opens_at),
        "$Canvas.assignment.lockAt.iso8601": iso(activity.closes_at),
        "$ResourceLink.available.startDateTime": iso(activity.opens_at),
        "$ResourceLink.available.endDateTime": iso(activity.closes_at),
        "$ResourceLink.submission.endDateTime": iso(activity.due_at),
        "$com.instructure.Assignment.lti.id": str(uuid.uuid5(uuid.NAMESPACE_URL, activity.link_id)),
    }
