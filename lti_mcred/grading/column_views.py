"""What a teacher does about a link's grade column: have the LMS asked again, let earlier work go on here. HTTP only."""

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.engine.db import db
from lti_mcred.grading import column, course, succession
from lti_mcred.grading.course_views import staff
from lti_mcred.grading.problems import problem
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.web.visits import current_visit, visit_url

bp = Blueprint("column", __name__, url_prefix="/v/<visit_id>/course/column")


@bp.post("/ask")
@staff
def ask() -> AnyResponse:
    """Have the LMS asked once more which column the link has; the course page says how it goes."""
    link, _person = _link_and_person()
    column.seek(link, at_once=True)
    return _back(link)


@bp.post("/move")
@staff
def move() -> AnyResponse:
    """Let the work of the earlier links go on under this one, scores included."""
    link, person = _link_and_person()
    succession.move(link, person)
    return _back(link, "moved")


@bp.post("/apart")
@staff
def apart() -> AnyResponse:
    """Leave each link its own work and scores, and ask no more."""
    link, person = _link_and_person()
    succession.keep_apart(link, person)
    return _back(link, "apart")


def _link_and_person() -> tuple[ResourceLink, Person]:
    visit = current_visit()
    wanted = request.form.get("link", "")
    link = next((link for link, _activity in course.links_of(visit) if link.id == wanted), None)
    person = db.session.get(Person, visit.person_id)
    if link is None or person is None:
        raise problem("nothing-decided-here")
    return link, person


def _back(link: ResourceLink, said: str | None = None) -> AnyResponse:
    return redirect(visit_url("course.overview", link=link.id, said=said) + "#gradebook", 303)
