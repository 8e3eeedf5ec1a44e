"""From a click to a launch plan: what may be opened by whom. Shared by pages and scripts."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.models import Activity, Course, Person, Selection, Tool
from lti_mcred.practice.ground.shapes import LaunchPlan


def tool_or_404(desk: Desk, client_id: str) -> Tool:
    """The tool of that client id on this campus, switched on or not; else a 404 page."""
    tool = desk.tool(client_id)
    if tool is None:
        abort(404, _("There is no such tool."))
    return tool


def may_open(person: Person, activity: Activity) -> None:
    """End the request where the activity stays shut: 403 before it is published, 404 for a grade column alone."""
    must_be_enrolled(person)
    if activity.url is None:
        abort(404, _("This column was made by the tool; there is nothing to open."))
    if person.learns and not activity.published:
        abort(403, _("Your teacher has not published this activity yet."))


def must_be_enrolled(person: Person) -> None:
    """End the request with a 403 page for whoever was suspended or removed."""
    if person.enrolled != "active":
        abort(403, _("You are not enrolled in this course at the moment. A teacher can enrol you again."))


def reviewed_person(desk: Desk, me: Person, key: str) -> Person:
    """The learner whose work is looked at; learners may look at their own only (Moodle answers 404 otherwise)."""
    learner = desk.person_by_key(key)
    if learner is None or not learner.learns or (me.learns and learner.id != me.id):
        abort(404, _("There is no such work."))
    return learner


def plan(desk: Desk, me: Person, args: Mapping[str, str]) -> LaunchPlan:
    """The plan for the query of a launch address; ends the request with 403 or 404 when it may not be.

    The query has ``course`` with ``activity`` (and ``review``), ``menu``, or ``pick`` and ``tool``; or ``account``.
    """
    if "account" in args:
        return _account_plan(desk, me, args["account"])
    course = _course_or_404(desk, args.get("course", ""))
    must_be_enrolled(me)
    if "menu" in args:
        found = desk.temperament.plan_menu(desk, course, tool_or_404(desk, args["menu"]))
        return _or_404(found)
    if "pick" in args:
        return _picker_plan(desk, me, course, args)
    activity = _activity_or_404(desk, course, args.get("activity", ""))
    if "review" in args:
        learner = reviewed_person(desk, me, args["review"])
        return _or_404(desk.temperament.plan_review(desk, activity, learner))
    may_open(me, activity)
    return LaunchPlan(activity.tool, v.RESOURCE_LINK, activity.url or "", course=course, activity=activity)


def _or_404(found: LaunchPlan | None) -> LaunchPlan:
    if found is None:
        abort(404, _("The tool has nothing to open here."))
    return found


def _account_plan(desk: Desk, me: Person, client_id: str) -> LaunchPlan:
    if me.role != "admin":
        abort(403, _("Only the admin can do that. Switch to the admin to try it."))
    return _or_404(desk.temperament.plan_account(desk, tool_or_404(desk, client_id)))


def _picker_plan(desk: Desk, me: Person, course: Course, args: Mapping[str, str]) -> LaunchPlan:
    if not me.teaches:
        abort(403, _("Only a teacher of this course can do that. Switch to the teacher to try it."))
    tool = tool_or_404(desk, args.get("tool", ""))
    try:
        target = desk.temperament.picker_target(tool, args["pick"])
    except LookupError:
        abort(404, _("The tool does not offer that way of adding."))
    selection = Selection(
        campus=desk.campus.slug,
        jti=secrets.token_urlsafe(18),
        course=course,
        tool=tool,
        person_id=me.id,
        placement=args["pick"],
        state="open",
        items=[],
        created_at=desk.now(),
    )
    desk.db.add(selection)
    desk.db.flush()
    return LaunchPlan(tool, v.DEEP_LINKING, target, course=course, placement=args["pick"], selection=selection)


def _course_or_404(desk: Desk, text: str) -> Course:
    course = desk.course(int(text)) if text.isdecimal() else None
    if course is None:
        abort(404, _("There is no such course."))
    return course


def _activity_or_404(desk: Desk, course: Course, text: str) -> Activity:
    number = int(text) if text.isdecimal() else -1
    statement = select(Activity).where(Activity.course_id == course.id, Activity.number == number)
    activity = desk.db.scalar(statement)
    if activity is None:
        abort(404, _("There is no such activity."))
    return activity
