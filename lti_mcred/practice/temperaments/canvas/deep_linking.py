"""Canvas's side of Deep Linking: the return endpoint, its 400 bodies, and what it makes of the items.

As read in Canvas's deep_linking_controller.rb, deep_linking_services.rb and deep_linking_modules.rb.
"""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from lti_mcred.practice.campus.activities import NewActivity, NewLineItem, create_activity
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.picker_return import Fault, Reading, examine
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import custom_in, object_in, text_in, utc_moment
from lti_mcred.practice.ground.jose import read_hs256, seconds
from lti_mcred.practice.ground.models import Activity, Selection
from lti_mcred.practice.ground.refusal import Refusal

Json = dict[str, Any]
JWT_FAULTS = {
    "not_a_jwt": "JWT format is invalid",
    "alg": "JWT has unexpected alg",
    "no_kid": "JWT verification failure",
    "unknown_kid": "JWT verification failure",
    "signature": "JWT verification failure",
    "unreachable": "JWT exception",
    "not_json": "JWT exception",
    "unknown_client": "Client not found",
}
BASE_FAULTS = {
    "aud": "the 'aud' is invalid",
    "expired": "the JWT has expired",
    "iat_future": "the 'iat' must not be in the future",
    "iat_old": "the 'iat' must be less than 300 seconds old",
    "not_a_time": "the 'exp' and 'iat' must be numbers",
    "missing": "the following assertions are missing: {}",
    "claim": "the '{}' claim is invalid",
    "nonce_used": "the 'nonce' has already been used",
}


def returned(course_number: int) -> Response:
    """POST of the tool's JWT to the return URL, in the teacher's frame."""
    here = desk()
    reading = examine(here, request.form.get("JWT", ""))
    if reading.faults:
        raise Refusal(_faults(reading.faults))
    _require_active(reading)
    selection = _selection(here, course_number, reading)
    person = here.person
    if person is None or not person.teaches or person.id != selection.person_id:
        page = render_template("refused.html", message=_("You may not add content to this course."))
        raise Refusal(make_response(page, 401))
    items = list(reading.claims[v.DL + "content_items"])
    selection.items = items if _multiple(selection) else items[:1]
    selection.message = reading.claims.get(v.DL + "msg")
    selection.error = reading.claims.get(v.DL + "errormsg")
    if selection.items and not _multiple(selection):
        selection.state = "returned"  # Canvas only fills its form; the assignment exists once the teacher saves it
    else:
        save(here, selection)
    return _close(here, selection)


def cancelled() -> Response:
    """GET of the cancel page: behaves as a response without items; no JWT and no sign-in check."""
    message = request.args.get("lti_errormsg") or request.args.get("lti_msg") or ""
    return make_response(render_template("picker_done.html", message=message, made=[], target=_course_url()))


def save(here: Desk, selection: Selection) -> list[Activity]:
    """Make the items real: at once for links in a module, on Save for an assignment."""
    made = [_make(here, selection, item) for item in selection.items if item.get("type") == "ltiResourceLink"]
    selection.state = "saved" if made else "cancelled"
    return made


def item_errors(item: Json) -> dict[str, str]:
    """An item without ``lineItem.scoreMaximum`` is no 400: it is made without a grade, and carries an error."""
    line_item = item.get("lineItem")
    if isinstance(line_item, dict) and not _positive(line_item.get("scoreMaximum")):
        return {"lineItem.scoreMaximum": "lineItem.scoreMaximum is a required field"}
    return {}


def _make(here: Desk, selection: Selection, item: Json) -> Activity:
    line_item = {} if item_errors(item) else object_in(item, "lineItem")
    graded = bool(line_item) or selection.placement == "assignment_selection"
    columns = (_column(line_item, item),) if graded else ()
    title = line_item.get("label") or item.get("title") or selection.tool.name
    available, submission = object_in(item, "available"), object_in(item, "submission")
    return create_activity(
        here,
        NewActivity(
            course=selection.course,
            tool=selection.tool,
            title=str(title)[:255],
            text=str(item.get("text") or ""),
            url=str(item.get("url") or selection.tool.target_link_uri),
            custom=custom_in(item),
            new_window=object_in(item, "window").get("targetName") == "_blank",
            published=not here.switch("new_unpublished"),
            opens_at=utc_moment(available.get("startDateTime")),
            closes_at=utc_moment(available.get("endDateTime")),
            due_at=utc_moment(submission.get("endDateTime")),
            line_items=columns,
        ),
    )


def _column(line_item: Json, item: Json) -> NewLineItem:
    maximum = line_item.get("scoreMaximum") or 0
    return NewLineItem(
        label=str(line_item.get("label") or item.get("title") or ""),
        score_maximum=float(maximum) if _positive(maximum) else 100.0,
        resource_id=text_in(line_item, "resourceId"),
        tag=text_in(line_item, "tag"),
    )


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _multiple(selection: Selection) -> bool:
    return selection.placement != "assignment_selection"


def _require_active(reading: Reading) -> None:
    if reading.tool is not None and not reading.tool.active:
        raise Refusal(_errors("developer_key", ["Developer key inactive in context"]))


def _selection(here: Desk, course_number: int, reading: Reading) -> Selection:
    """The selection named by the return URL's ``data``: it must be ours, whole, in time and unused."""
    data = request.args.get("data", "")
    if not data:
        raise Refusal(_data_error("presence_required", UNCHANGED))
    claims = read_hs256(data, here.state.secret) or {}
    statement = select(Selection).where(Selection.jti == str(claims.get("jti")))
    selection = here.db.scalar(statement) if claims.get("use") == "deep_linking" else None
    if selection is None or int(claims.get("exp", 0)) < seconds(here.now()):
        raise Refusal(_data_error("invalid_or_malformed", UNCHANGED))
    if selection.course.number != course_number or selection.tool != reading.tool:
        raise Refusal(_data_error("invalid_or_malformed", UNCHANGED))
    if selection.state != "open":
        raise Refusal(_data_error("already_used", "Do not attempt to submit content items multiple times."))
    return selection


UNCHANGED = "Do not modify the deep_link_return_url in any way."


def _close(here: Desk, selection: Selection) -> Response:
    errors = [text for item in selection.items for text in item_errors(item).values()]
    message = " ".join([selection.error or selection.message or "", *errors]).strip()
    course = f"/{here.campus.slug}/courses/{selection.course.number}"
    target = f"{course}/selections/{selection.id}" if selection.state == "returned" else course
    made = [str(item.get("title", "")) for item in selection.items]
    return make_response(render_template("picker_done.html", message=message, made=made, target=target))


def _course_url() -> str:
    here = desk()
    return f"/{here.campus.slug}/courses/{here.courses()[0].number}"


def _faults(faults: tuple[Fault, ...]) -> Response:
    first = faults[0]
    if first.kind in JWT_FAULTS:
        return _errors("jwt", [JWT_FAULTS[first.kind]])
    return _errors("base", [BASE_FAULTS[fault.kind].format(fault.detail) for fault in faults])


def _errors(attribute: str, texts: list[str]) -> Response:
    rows = [{"attribute": attribute, "type": text, "message": text} for text in texts]
    return make_response(jsonify({"errors": {attribute: rows}}), 400)


def _data_error(kind: str, message: str) -> Response:
    row = {"attribute": "?data=JWT", "type": kind, "message": message}
    return make_response(jsonify({"errors": {"data_jwt": [row]}}), 400)
