"""The class list on the teacher's course page: read it now, apply one that was held. HTTP only."""

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.errors import Problem
from lti_mcred.grading.course_views import staff
from lti_mcred.tool.roster import reading
from lti_mcred.web.visits import current_visit, visit_url

bp = Blueprint("roster", __name__, url_prefix="/v/<visit_id>/course/people")


@bp.post("/read")
@staff
def read() -> AnyResponse:
    """Have the class list read; the course page says how it goes."""
    reading.ask(_course_id())
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
        raise Problem(
            "no-course",
            _("There is no class list here"),
            _("This page was not opened from a course."),
            _("Open the tool from one of your courses."),
            _("You can do this yourself"),
            404,
        )
    return course_id


def _back(said: str) -> AnyResponse:
    here = visit_url("course.overview", link=request.form.get("link", "")[:32], said=said)
    return redirect(f"{here}#class-list", 303)
