"""JSON for tests and for the story of the demo. Answers programs on this machine only."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import delete, select

from lti_mcred.practice.campus import faults, gradebook_view, installs, seed
from lti_mcred.practice.campus.course_copy import copy_course
from lti_mcred.practice.campus.notices import deliver
from lti_mcred.practice.campus.plans import tool_or_404
from lti_mcred.practice.campus.web import desk, from_this_machine, practice
from lti_mcred.practice.ground.body import finite
from lti_mcred.practice.ground.models import ENROLMENTS, Activity, LineItem
from lti_mcred.practice.ground.tables import ServiceRequest
from lti_mcred.practice.pages.control_json import (
    activity_json,
    campus_json,
    course_json,
    person_json,
    request_json,
    tool_json,
)

Json = dict[str, Any]
pages = Blueprint("control", __name__)
pages.before_request(from_this_machine)
CAMPUS = "/<any(canvas, moodle):slug>/control"
ROLES = ("teacher", "assistant", "learner")


@pages.get("/control/campuses")
def campuses() -> Response:
    """Both campuses with their issuer and endpoints, as a tool needs them to be registered by hand."""
    return jsonify([campus_json(campus) for campus in practice().campuses.values()])


@pages.post("/control/reset")
def reset() -> Response:
    """Start over with fresh campuses: people, tools, courses and grades are those of the first day."""
    seed.replant(practice())
    return jsonify({"reset": True})


@pages.post(f"{CAMPUS}/registrations")
def registration(slug: str) -> Response:
    """A fresh pair for the tool's registration address, good for an hour: the configuration's URL and a token."""
    configuration, token = desk().temperament.registration_link(desk())
    return jsonify({"openid_configuration": configuration, "registration_token": token})


@pages.get(f"{CAMPUS}/tools")
def tools(slug: str) -> Response:
    """The installed tools with their ids, scopes and placements."""
    return jsonify([tool_json(desk(), tool) for tool in desk().tools()])


@pages.post(f"{CAMPUS}/tools")
def add_tool(slug: str) -> Response | tuple[Response, int]:
    """By hand. ``activate`` false leaves it off; the other members are strings, ``redirect_uris`` a list."""
    body = _body()
    names = ("name", "login_url", "jwks_uri", "target_link_uri")
    uris = body.get("redirect_uris")
    missing = [name for name in names if not isinstance(body.get(name), str)]
    if missing or not isinstance(uris, list) or not uris:
        return jsonify({"error": f"needed: {', '.join([*names, 'redirect_uris (a list)'])}"}), 400
    tool = installs.by_hand(
        desk(),
        name=body["name"],
        login_url=body["login_url"],
        redirect_uris=[str(uri) for uri in uris],
        jwks_uri=body["jwks_uri"],
        target=body["target_link_uri"],
    )
    if body.get("privacy") in installs.PRIVACY_LEVELS:
        tool.privacy = body["privacy"]
    if isinstance(body.get("custom"), dict):
        tool.custom = body["custom"]
    if body.get("activate", True):
        installs.activate(desk(), tool)
    return jsonify(tool_json(desk(), tool)), 201


@pages.post(f"{CAMPUS}/tools/<client_id>/activate")
def activate(slug: str, client_id: str) -> Response:
    """Switch a tool on; the answer is the tool."""
    tool = tool_or_404(desk(), client_id)
    installs.activate(desk(), tool)
    return jsonify(tool_json(desk(), tool))


@pages.put(f"{CAMPUS}/tools/<client_id>/privacy")
def set_privacy(slug: str, client_id: str) -> Response | tuple[Response, int]:
    """Change a tool's ``privacy``; 400 for a level that there is not."""
    tool = tool_or_404(desk(), client_id)
    level = _body().get("privacy")
    if level not in installs.PRIVACY_LEVELS:
        return jsonify({"error": f"privacy is one of {', '.join(installs.PRIVACY_LEVELS)}"}), 400
    tool.privacy = str(level)
    return jsonify(tool_json(desk(), tool))


@pages.get(f"{CAMPUS}/people")
def people(slug: str) -> Response:
    """Everybody of the campus, with the ids that tools see."""
    return jsonify([person_json(person) for person in desk().people()])


@pages.put(f"{CAMPUS}/people/<key>")
def change_person(slug: str, key: str) -> Response | tuple[Response, int]:
    """Change `enrolled` (active, suspended, removed) or `role` (teacher, assistant, learner)."""
    person, body = desk().person_by_key(key), _body()
    enrolled, role = body.get("enrolled", "active"), body.get("role", "learner")
    if person is None or person.role == "admin":
        return jsonify({"error": "there is no such person"}), 404
    if enrolled not in ENROLMENTS or role not in ROLES:
        return jsonify({"error": f"enrolled is one of {', '.join(ENROLMENTS)}; role one of {', '.join(ROLES)}"}), 400
    person.enrolled = str(body.get("enrolled", person.enrolled))
    person.role = str(body.get("role", person.role))
    return jsonify(person_json(person))


@pages.post(f"{CAMPUS}/enrol")
def enrol(slug: str) -> Response:
    """Enrol ``count`` more made-up learners, 20,000 at most; any other number enrols nobody."""
    count = _body().get("count")
    added = seed.enrol_extra(desk(), count if isinstance(count, int) and 0 <= count <= 20_000 else 0)
    return jsonify({"added": len(added)})


@pages.get(f"{CAMPUS}/courses")
def courses(slug: str) -> Response:
    """The courses with their activities and columns, and the address of every launch that can be begun there."""
    here = desk()
    return jsonify([course_json(here, course) for course in here.courses()])


@pages.post(f"{CAMPUS}/courses/<int:number>/copy")
def copy(slug: str, number: int) -> Response | tuple[Response, int]:
    """Copy a course for the next term; ``notices`` are the answers of the tools that were told, 0 for none."""
    here = desk()
    course = here.course(number)
    if course is None:
        abort(404)
    made = copy_course(here, course)
    told = deliver(here, here.temperament.copy_notices(here, made))
    return jsonify({**course_json(here, made), "notices": told}), 201


@pages.put(f"{CAMPUS}/activities/<int:number>")
def change_activity(slug: str, number: int) -> Response:
    """``published`` (true/false) and ``allowed_attempts`` (number or null) of one activity."""
    here = desk()
    statement = select(Activity).where(Activity.campus == slug, Activity.number == number)
    activity = here.db.scalar(statement)
    if activity is None:
        abort(404)
    body = _body()
    if isinstance(body.get("published"), bool):
        activity.published = body["published"]
    if "allowed_attempts" in body:
        activity.allowed_attempts = body["allowed_attempts"] if isinstance(body["allowed_attempts"], int) else None
    return jsonify(activity_json(here, activity))


@pages.get(f"{CAMPUS}/gradebook")
def gradebook(slug: str) -> Response:
    """One row for each cell that holds anything, with every score post that was accepted for it."""
    here = desk()
    return jsonify([row for course in here.courses() for row in gradebook_view.as_json(here, course)])


@pages.post(f"{CAMPUS}/grades")
def grades(slug: str) -> Response | tuple[Response, int]:
    """A teacher types a grade: ``person`` (key), ``line_item`` (number), ``score`` (number, or null to take away)."""
    here, body = desk(), _body()
    number = body.get("line_item")
    number = number if isinstance(number, int) else -1
    statement = select(LineItem).where(LineItem.campus == slug, LineItem.number == number)
    item, learner = here.db.scalar(statement), here.person_by_key(str(body.get("person")))
    score = body.get("score")
    value = finite(score)
    if item is None or learner is None or not learner.learns or (value is None and score is not None):
        return jsonify({"error": "needed: line_item (number), person (key of a learner), score"}), 400
    here.temperament.type_grade(here, item, learner, value)
    return jsonify([row for row in gradebook_view.as_json(here, item.course) if row["person"] == learner.key])


@pages.get(f"{CAMPUS}/requests")
def requests(slug: str) -> Response:
    """Every request to a service, oldest first; ``path`` keeps those whose path contains it."""
    part = request.args.get("path", "")
    statement = select(ServiceRequest).where(ServiceRequest.campus == slug).order_by(ServiceRequest.id)
    rows = [row for row in desk().db.scalars(statement) if part in row.path]
    return jsonify([request_json(row) for row in rows])


@pages.delete(f"{CAMPUS}/requests")
def forget_requests(slug: str) -> Response:
    """Empty the request log of this campus."""
    desk().db.execute(delete(ServiceRequest).where(ServiceRequest.campus == slug))
    return jsonify([])


@pages.get(f"{CAMPUS}/faults")
def show_faults(slug: str) -> Response:
    """What goes wrong at present, and the switches."""
    return jsonify(faults.current(desk()))


@pages.put(f"{CAMPUS}/faults")
def put_faults(slug: str) -> Response | tuple[Response, int]:
    """Change the named faults and switches, keep the others; a 400 says which is unknown, and nothing is changed."""
    try:
        return jsonify(faults.set_faults(desk(), _body()))
    except faults.BadFault as problem:
        desk().db.rollback()
        return jsonify({"error": str(problem)}), 400


@pages.delete(f"{CAMPUS}/faults")
def delete_faults(slug: str) -> Response:
    """Let nothing go wrong any more; switches back to their defaults, courses running."""
    return jsonify(faults.clear_faults(desk()))


@pages.post(f"{CAMPUS}/keys/rotate")
def rotate(slug: str) -> Response:
    """Sign with a brand-new key from now on; the answer names its ``kid``."""
    return jsonify({"kid": faults.rotate_key(desk())})


@pages.post(f"{CAMPUS}/sessions/lose")
def lose(slug: str) -> Response:
    """Make everybody's cookies worthless, as if every session had ended."""
    faults.lose_sessions(desk())
    return jsonify({"lost": True})


def _body() -> Json:
    found = request.get_json(silent=True)
    return found if isinstance(found, dict) else {}
