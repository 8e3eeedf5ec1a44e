"""An assessor says that she teaches the course that she came from, or takes it back. HTTP only."""

from flask import Blueprint, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.people.models import Membership
from lti_mcred.tool.roster import teaching
from lti_mcred.web.guards import Guard
from lti_mcred.web.in_person import in_person
from lti_mcred.web.visits import current_visit, not_your_page, visit_url

bp = Blueprint("teaching", __name__, url_prefix="/v/<visit_id>/teaching")


def _check() -> None:
    if not may_say_so():
        raise not_your_page()


assessor_with_a_course = Guard("assessor who is teacher or admin of the course", _check)


def may_say_so() -> bool:
    """Whether the page is for her: an assessor whom the LMS calls a teacher of this course, or its administrator."""
    visit = current_visit()
    return "assessor" in visit.granted and visit.has_role("teacher", "admin") and visit.course_id is not None


@bp.get("")
@assessor_with_a_course
def home() -> str:
    """Say what it means, and ask."""
    return _page(_member())


@bp.post("")
@assessor_with_a_course
@in_person
def say() -> AnyResponse | tuple[str, int]:
    """Take her word, unless the class list says otherwise."""
    member = _member()
    if not teaching.declare_teacher(current_visit(), member):
        return _page(member), 409
    return redirect(visit_url("course.overview"), 303)


@bp.post("/back")
@assessor_with_a_course
@in_person
def take_back() -> AnyResponse:
    """Let her read blind again."""
    teaching.take_back(_member())
    return redirect(visit_url("grading.desk"), 303)


def _member() -> Membership:
    member = teaching.of_visit(current_visit())
    if member is None:
        raise not_your_page()
    return member


def _page(member: Membership) -> str:
    believed = teaching.believed(current_visit(), member)
    return render_template("grading/teaching.html", member=member, believed=believed)
