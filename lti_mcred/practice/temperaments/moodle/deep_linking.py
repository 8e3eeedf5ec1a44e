"""Moodle's side of Deep Linking: items are only listed; activities exist once the teacher presses Save.

As observed on Moodle 4.5.6.
"""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select

from lti_mcred.practice.campus.activities import NewActivity, NewLineItem, create_activity
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.picker_return import Fault, examine
from lti_mcred.practice.campus.web import desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.body import custom_in, object_in, text_in
from lti_mcred.practice.ground.models import Activity, Selection, Tool
from lti_mcred.practice.ground.refusal import Refusal

Json = dict[str, Any]
WORDS = {
    "not_a_jwt": "Wrong number of segments",
    "unknown_client": "Consumer key is incorrect",
    "alg": "Algorithm not allowed",
    "no_kid": "kid must be provided in JWT header",
    "unknown_kid": '"kid" invalid, unable to lookup correct key',
    "signature": "Signature verification failed",
    "unreachable": "The tool's key set could not be read",
    "not_json": "The tool's key set could not be read",
    "aud": "The audience is not this site",
    "expired": "Expired token",
    "iat_future": "Cannot handle token prior to its iat",
    "iat_old": "The token is older than five minutes",
    "not_a_time": "exp and iat must be numbers",
    "missing": "Missing: {}",
    "claim": "Wrong claim: {}",
    "nonce_used": "The nonce was used already",
}


def returned() -> Response:
    """POST of the tool's JWT to the return URL, in the teacher's frame; the sesskey in the query must be theirs."""
    here = desk()
    person = here.person
    if person is None or here.browser is None:
        raise Refusal(_page(_("Your session has ended. Sign in again and add the activity once more."), 401))
    if not secrets.compare_digest(request.args.get("sesskey", ""), here.browser.sesskey):
        raise Refusal(_page(_("The session key is not yours. Add the activity once more."), 403))
    reading = examine(here, request.form.get("JWT", ""))
    if reading.faults:
        raise Refusal(_page(_told(reading.faults), 400))
    tool = reading.tool
    if tool is None or not tool.active or str(tool.number) != request.args.get("id"):
        raise Refusal(_page(WORDS["unknown_client"], 400))
    if not person.teaches:
        raise Refusal(_page(_("You may not add activities to this course."), 403))
    selection = _open_selection(here, tool)
    selection.items = list(reading.claims[v.DL + "content_items"])
    selection.message = reading.claims.get(v.DL + "msg")
    selection.error = reading.claims.get(v.DL + "errormsg")
    selection.state = "returned" if selection.items and not selection.error else "cancelled"
    return _close(here, selection)


def save(here: Desk, selection: Selection) -> list[Activity]:
    """The teacher pressed Save: every item becomes an activity, whatever its type says."""
    made = [_make(here, selection, item) for item in selection.items]
    selection.state = "saved"
    return made


def _make(here: Desk, selection: Selection, item: Json) -> Activity:
    """Dates and window settings are ignored; no lineItem means no grade column; its label is ignored too."""
    tool, line_item = selection.tool, object_in(item, "lineItem")
    title = (text_in(item, "title") or tool.name)[:255]
    columns = (_column(line_item, title),) if line_item else ()
    return create_activity(
        here,
        NewActivity(
            course=selection.course,
            tool=tool,
            title=title,
            text=text_in(item, "text") or "",
            url=text_in(item, "url") or tool.target_link_uri,
            custom={name: str(value) for name, value in custom_in(item).items()},
            line_items=columns,
        ),
    )


def _column(line_item: Json, title: str) -> NewLineItem:
    maximum = line_item.get("scoreMaximum")
    known = isinstance(maximum, int | float) and not isinstance(maximum, bool)
    review = line_item.get("submissionReview")
    return NewLineItem(
        label=title,
        score_maximum=float(maximum) if known and maximum is not None else 100.0,
        resource_id=text_in(line_item, "resourceId"),
        tag=text_in(line_item, "tag"),
        submission_review=review if isinstance(review, dict) else None,
    )


def _open_selection(here: Desk, tool: Tool) -> Selection:
    statement = (
        select(Selection)
        .where(Selection.tool_id == tool.id, Selection.state == "open")
        .where(Selection.person_id == (here.person.id if here.person else 0))
        .order_by(Selection.id.desc())
    )
    for selection in here.db.scalars(statement):
        if str(selection.course.number) == request.args.get("course"):
            return selection
    raise Refusal(_page(_("This choice was returned already. Add the activity once more."), 400))


def _close(here: Desk, selection: Selection) -> Response:
    course = f"/{here.campus.slug}/courses/{selection.course.number}"
    returned_items = selection.state == "returned"
    target = f"{course}/selections/{selection.id}" if returned_items else course
    message = selection.error or selection.message or ""
    made = [str(item.get("title", "")) for item in selection.items] if returned_items else []
    return make_response(render_template("picker_done.html", message=message, made=made, target=target))


def _told(faults: tuple[Fault, ...]) -> str:
    return ". ".join(WORDS[fault.kind].format(fault.detail) for fault in faults)


def _page(message: str, status: int) -> Response:
    return make_response(render_template("refused.html", message=message), status)
