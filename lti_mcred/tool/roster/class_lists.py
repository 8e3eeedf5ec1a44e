"""Class lists for operators: read now, shown as the LMS gives them."""

from collections.abc import Iterator

from flask_babel import gettext as _

from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Roster
from lti_mcred.tool.roster import reading
from lti_mcred.tool.roster.plan import opened_lately
from lti_mcred.tool.wire import nrps


def read_all(course_id: str = "") -> Iterator[tuple[str, bool]]:
    """Read the class list of one course, or of all that were opened lately.

    Yields a line for each course, and whether its list was applied.
    """
    wanted = [course_id] if course_id else list(db.session.scalars(opened_lately(utcnow())))
    for wanted_id in wanted:
        course = db.session.get(Course, wanted_id)
        if course is None:
            yield _("There is no course %(id)s.", id=wanted_id), False
            continue
        found = reading.read_now(course)
        title = course.title or course.label or course.context_id
        yield f"{course.id}  {title}: {_result_words(found)}", found.state == "read"
        db.session.remove()
    if not wanted:
        yield _("No course was opened within a week."), True


def listed_lines(course_id: str, resource_link_id: str = "") -> Iterator[str]:
    """Yield a line for each entry of the class list as the LMS gives it now.

    Raises LookupError for an unknown course and RosterRefused when the list cannot be had.
    """
    course = db.session.get(Course, course_id)
    if course is None:
        raise LookupError(_("There is no course %(id)s.", id=course_id))
    for one in nrps.members(course, resource_link_id):
        yield f"{one.user_id}  {one.status:8}  {', '.join(one.roles) or '-'}"


def _result_words(found: Roster) -> str:
    if found.state == "read":
        return reading.result_words(found)
    if found.state == "held":
        missing = _("%(missing)s of %(known)s are missing", missing=found.missing, known=found.known)
        return str(_("not applied, %(missing)s; a teacher confirms it on the course page", missing=missing))
    return f"{found.reason} ({found.who})" if found.who else found.reason
