"""A course: its activities, the picker, the frame around the tool, the roster, the gradebook."""

from __future__ import annotations

from math import isfinite
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus import gradebook_view, plans, seed
from lti_mcred.practice.campus.course_copy import copy_course
from lti_mcred.practice.campus.launches import begin, login_page, origin_of
from lti_mcred.practice.campus.notices import deliver
from lti_mcred.practice.campus.web import allow_frames_of, desk, must_teach, same_origin_only, signed_in
from lti_mcred.practice.ground.models import ENROLMENTS, Activity, Course, LineItem, Person, Selection, Tool

pages = Blueprint("course", __name__, url_prefix="/<any(canvas, moodle):slug>")
pages.before_request(same_origin_only)


def course_or_404(number: int) -> Course:
    """The course of that number on this campus, else a 404 page."""
    course = desk().course(number)
    if course is None:
        abort(404, _("There is no such course."))
    return course


def activity_or_404(course: Course, number: int) -> Activity:
    """The activity of that number in this course, else a 404 page."""
    statement = select(Activity).where(Activity.course_id == course.id, Activity.number == number)
    activity = desk().db.scalar(statement)
    if activity is None:
        abort(404, _("There is no such activity."))
    return activity


def _active_tools() -> list[Tool]:
    return [tool for tool in desk().tools() if tool.active]


@pages.get("/courses/<int:number>")
def overview(slug: str, number: int) -> str:
    """The course's first page: a learner sees what is published and her own grades, a teacher everything."""
    here, me = desk(), signed_in()
    course = course_or_404(number)
    shown = [one for one in gradebook_view.activities(here, course) if one.published or not me.learns]
    own = gradebook_view.columns(here, course, only=me) if me.learns else []
    pickers = [(tool, placement) for tool in _active_tools() for placement in here.temperament.picker_placements(tool)]
    return render_template(
        "course.html", course=course, activities=shown, own=own, pickers=pickers, menus=_menus(course)
    )


def _menus(course: Course) -> list[Tool]:
    here = desk()
    return [tool for tool in _active_tools() if here.temperament.plan_menu(here, course, tool)]


@pages.get("/courses/<int:number>/roster")
def roster(slug: str, number: int) -> str:
    """The people of the course with their enrolment; suspended and removed people stay on the page."""
    signed_in()
    course = course_or_404(number)
    people = [person for person in desk().people() if person.role != "admin"]
    return render_template("roster.html", course=course, people=people, menus=_menus(course))


@pages.post("/courses/<int:number>/roster")
def change_enrolment(slug: str, number: int) -> WerkzeugResponse:
    """Suspend, remove or enrol somebody again; what they have done is kept."""
    me = must_teach()
    course_or_404(number)
    person, wanted = desk().person_by_key(request.form.get("person", "")), request.form.get("enrolled")
    if person is None or person.role == "admin" or person.id == me.id or wanted not in ENROLMENTS:
        abort(404, _("There is no such person to change."))
    person.enrolled = wanted
    return redirect(f"/{slug}/courses/{number}/roster#person-{person.key}", 303)


@pages.post("/courses/<int:number>/roster/add")
def add_learner(slug: str, number: int) -> WerkzeugResponse:
    """Enrol one more learner by name."""
    must_teach()
    course_or_404(number)
    given, family = (request.form.get(name, "").strip()[:100] for name in ("given_name", "family_name"))
    if not given or not family:
        abort(400, _("Type a first name and a family name. Go back and type both."))
    person = seed.enrol_named(desk(), given, family)
    return redirect(f"/{slug}/courses/{number}/roster#person-{person.key}", 303)


@pages.get("/courses/<int:number>/gradebook")
def gradebook(slug: str, number: int) -> str:
    """Every column with its cells and the history of posts behind each; a learner sees her own cells."""
    here, me = desk(), signed_in()
    course = course_or_404(number)
    columns = gradebook_view.columns(here, course, only=me if me.learns else None)
    histories = {
        (column.item.id, cell.person.id): gradebook_view.posts_of(here, column.item, cell.person)
        for column in columns
        for cell in column.cells
        if cell.grade is not None
    }
    return render_template("gradebook.html", course=course, columns=columns, histories=histories, menus=_menus(course))


@pages.post("/courses/<int:number>/gradebook")
def type_grade(slug: str, number: int) -> WerkzeugResponse:
    """A teacher types a grade by hand; an empty field takes the grade away."""
    here = desk()
    must_teach()
    course = course_or_404(number)
    statement = select(LineItem).where(
        LineItem.course_id == course.id, LineItem.number == request.form.get("line_item", type=int)
    )
    item = here.db.scalar(statement)
    learner = here.person_by_key(request.form.get("person", ""))
    if item is None or learner is None or not learner.learns:
        abort(404, _("There is no such column or learner."))
    text = request.form.get("score", "").strip().replace(",", ".")
    try:
        score = float(text) if text else None
    except ValueError:
        score = float("nan")
    if score is not None and not isfinite(score):
        abort(400, _("A grade is a number, such as 17 or 16.5. Go back and type it again."))
    here.temperament.type_grade(here, item, learner, score)
    return redirect(f"/{slug}/courses/{number}/gradebook", 303)


@pages.post("/courses/<int:number>/activities/<int:activity_number>/publish")
def publish(slug: str, number: int, activity_number: int) -> WerkzeugResponse:
    """Show an activity to learners, or hide it; Canvas refuses scores for a hidden one."""
    must_teach()
    activity = activity_or_404(course_or_404(number), activity_number)
    activity.published = request.form.get("published") == "yes"
    return redirect(f"/{slug}/courses/{number}", 303)


@pages.post("/courses/<int:number>/copy")
def copy(slug: str, number: int) -> WerkzeugResponse:
    """Copy this course for the next term, as its teacher or the admin may; tools that asked for it are told."""
    here = desk()
    must_teach()
    made = copy_course(here, course_or_404(number))
    deliver(here, here.temperament.copy_notices(here, made))
    return redirect(f"/{slug}/courses/{made.number}", 303)


# --- pages with the tool in a frame --------------------------------------------------------------------------------


def framed(tool: Tool, heading: str, query: dict[str, object], back: str, course: Course | None) -> str:
    """The page around the tool: its frame, the storage frame beside it, and a way out."""
    here = desk()
    allow_frames_of(tool.login_url, *tool.redirect_uris, tool.target_link_uri)
    source = f"/{here.campus.slug}/launch?{urlencode(query)}"
    return render_template(
        "tool_frame.html",
        tool=tool,
        heading=heading,
        source=source,
        back=back,
        course=course,
        storage=here.temperament.storage_target(here),
        storage_answers=here.switch("storage_answers"),
        origins=sorted({origin_of(str(uri)) for uri in (tool.login_url, *tool.redirect_uris)}),
        menus=_menus(course) if course else [],
    )


@pages.get("/courses/<int:number>/activities/<int:activity_number>")
def activity(slug: str, number: int, activity_number: int) -> str:
    """The page around the tool for one activity; 403 for a learner while it is not published."""
    course = course_or_404(number)
    me = signed_in()
    found = activity_or_404(course, activity_number)
    plans.may_open(me, found)
    query: dict[str, object] = {"course": number, "activity": activity_number}
    return framed(found.tool, found.title, query, f"/{slug}/courses/{number}", course)


@pages.get("/courses/<int:number>/menu/<client_id>")
def menu(slug: str, number: int, client_id: str) -> str:
    """The page around the tool that the course's menu opens."""
    signed_in()
    course = course_or_404(number)
    tool = plans.tool_or_404(desk(), client_id)
    return framed(tool, tool.name, {"course": number, "menu": client_id}, f"/{slug}/courses/{number}", course)


@pages.get("/courses/<int:number>/add")
def add(slug: str, number: int) -> str | WerkzeugResponse:
    """The tool's picker; without a choice in the query the first tool and its first way are taken."""
    must_teach()
    course = course_or_404(number)
    tools = [tool for tool in _active_tools() if desk().temperament.picker_placements(tool)]
    if not tools:
        return render_template("no_tool.html", course=course, menus=_menus(course))
    wanted = request.args.get("tool")
    tool = next((tool for tool in tools if tool.client_id == wanted), tools[0])
    offered = [placement.name for placement in desk().temperament.picker_placements(tool)]
    placement = request.args.get("placement", offered[0])
    if placement not in offered:
        abort(404, _("The tool does not offer that way of adding."))
    query: dict[str, object] = {"course": number, "pick": placement, "tool": tool.client_id}
    heading = _("Add activities from %(tool)s", tool=tool.name)
    return framed(tool, heading, query, f"/{slug}/courses/{number}", course)


@pages.get("/courses/<int:number>/activities/<int:activity_number>/review/<person_key>")
def review(slug: str, number: int, activity_number: int, person_key: str) -> str:
    """A teacher looks at a learner's work, or a learner at their own, through the tool."""
    me = signed_in()
    course = course_or_404(number)
    found = activity_or_404(course, activity_number)
    learner = plans.reviewed_person(desk(), me, person_key)
    query: dict[str, object] = {"course": number, "activity": activity_number, "review": learner.key}
    heading = _("Work of %(name)s: %(title)s", name=learner.name, title=found.title)
    return framed(found.tool, heading, query, f"/{slug}/courses/{number}/gradebook", course)


@pages.get("/launch")
def launch(slug: str) -> Response:
    """What the frame loads first: begins a launch and hands over to the tool's login."""
    here = desk()
    me: Person = signed_in()
    return login_page(here, begin(here, plans.plan(here, me, request.args)))


# --- a choice that waits for the teacher's Save --------------------------------------------------------------------


def _selection_or_404(course: Course, selection_id: int) -> Selection:
    selection = desk().db.get(Selection, selection_id)
    me = must_teach()
    if selection is None or selection.course_id != course.id or selection.person_id != me.id:
        abort(404, _("There is no such choice."))
    return selection


@pages.get("/courses/<int:number>/selections/<int:selection_id>")
def selection(slug: str, number: int, selection_id: int) -> str:
    """What the tool's picker returned, waiting for the teacher's Save; 404 for another teacher's."""
    course = course_or_404(number)
    found = _selection_or_404(course, selection_id)
    return render_template("selection.html", course=course, selection=found, menus=_menus(course))


@pages.post("/courses/<int:number>/selections/<int:selection_id>")
def save_selection(slug: str, number: int, selection_id: int) -> WerkzeugResponse:
    """Save (once) or throw away what the tool returned."""
    course = course_or_404(number)
    found = _selection_or_404(course, selection_id)
    if found.state == "returned":
        if request.form.get("do") == "cancel":
            found.state = "cancelled"
        else:
            desk().temperament.save_selection(desk(), found)
    return redirect(f"/{slug}/courses/{course.number}", 303)
