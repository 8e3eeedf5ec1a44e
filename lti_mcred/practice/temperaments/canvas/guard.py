"""Who may use a Canvas service: the checks before any line item or roster is looked at, in Canvas's order.

As read in Canvas's gradebook_services.rb.
"""

from __future__ import annotations

from typing import Any

from flask import request

from lti_mcred.practice.campus import faults
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.jose import NotAToken, read_hs256, read_unverified, seconds
from lti_mcred.practice.ground.models import Course, LineItem, Tool
from lti_mcred.practice.temperaments.canvas.answers import (
    body_object,
    empty_refusal,
    not_found,
    refusal,
)

Json = dict[str, Any]


def tool_of_token(here: Desk, scopes: set[str]) -> Tool:
    """The tool behind the bearer token, if the token holds one of ``scopes``. Raises the 401s of Canvas."""
    claims = _token_claims(here)
    tool = here.tool(claims.get("sub"))
    if tool is None:
        raise refusal(401, "Unknown or inactive Developer Key")
    if not scopes.intersection(str(claims.get("scopes", "")).split()):
        raise refusal(401, "Insufficient permissions")
    return tool


def course_for(here: Desk, tool: Tool, number: int) -> Course:
    """The course, if it exists and the tool is there; concluded courses are the caller's question.

    In Canvas's order: course id, key in the account, course deleted, tool in the course.
    """
    course = here.course(number)
    if course is None:
        raise not_found()
    if not tool.active:
        raise refusal(401, "Invalid Developer Key")
    if faults.is_on(here, "course_deleted", course):
        raise refusal(404, "Context is deleted or not found")
    if faults.is_on(here, "tool_removed", course):
        raise refusal(401, "Access Token not linked to a Tool associated with this Context")
    return course


def refuse_concluded(here: Desk, course: Course) -> None:
    """AGS in a concluded course: two texts, one when the learner is known; older trees answer 404."""
    if not course.concluded:
        return
    if here.switch("concluded_is_404"):
        raise not_found()
    known = here.person_by_sub(body_object().get("userId")) is not None
    whom = " for this student" if known else ""
    raise refusal(
        422,
        f"This course has concluded{whom}. AGS requests will no longer be accepted for this course.",
    )


def line_item_for(here: Desk, tool: Tool, course: Course, number: int) -> LineItem:
    """The line item of that number in this course and of this tool."""
    item = next((item for item in items_in(here, course) if item.number == number), None)
    if item is None:
        raise not_found()
    if item.tool_id != tool.id:
        raise refusal(412, "Tool does not have permission to view line_item")
    if item.activity is None:
        raise empty_refusal(404)
    return item


def items_in(here: Desk, course: Course) -> list[LineItem]:
    """The line items of a course by id, other tools' too."""
    return list(here.db.query(LineItem).filter(LineItem.course_id == course.id).order_by(LineItem.id))


def _token_claims(here: Desk) -> Json:
    scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not text.strip():
        raise refusal(401, "Missing access token")
    try:
        read_unverified(text.strip())
    except NotAToken:
        raise refusal(401, "Invalid access token format") from None
    claims = read_hs256(text.strip(), here.state.secret)
    if claims is None or "scopes" not in claims:
        raise refusal(401, "Access token invalid - signature likely incorrect")
    now = seconds(here.now())
    if int(claims.get("exp", 0)) <= now:
        raise refusal(401, "Access token expired")
    if claims.get("aud") != here.campus.url(here.temperament.paths.token):
        raise refusal(401, "Invalid access token field/s: the 'aud' is invalid")
    if int(claims.get("iat", 0)) < now - 3600:
        raise refusal(401, "Invalid access token field/s: the 'iat' must be less than 3600 seconds old")
    return claims
