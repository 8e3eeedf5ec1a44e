"""The class list on the teacher's course page: read it now, apply one that was held. HTTP only."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.grading.course_views import staff
from lti_mcred.grading.problems import problem
from lti_mcred.tool.roster import reading
from lti_mcred.web.visits import current_visit, visit_url

bp = Blueprint("roster", __name__, url_prefix="/v/<visit_id>/course/people")


@bp.post("/read")
@staff
def read() -> AnyResponse:
    """Have the class list read; the course page says how it goes."""
    reading.ask_for_reading(_course_id())
    return _back("reading")


@bp.post("/apply")
@staff
def apply() -> AnyResponse:
    """Apply the held list that the teacher has looked at."""
    applied = reading.apply_held(_course_id(), request.form.get("reading", "")[:32])
    return _back("applied" if applied else "newer-list")


def _course_id() -> str:
    course_id = current_visit().course_id
    if course_id is None:
        raise problem("no-course")
    return course_id


def _back(said: str) -> AnyResponse:
    here = visit_url("course.overview", link=request.form.get("link", "")[:32], said=said)
    return redirect(f"{here}#class-list", 303)
