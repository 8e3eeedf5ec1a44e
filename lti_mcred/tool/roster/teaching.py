"""An assessor says that she teaches this course, and reads its pages with names from then on; she can take it back.

The LMS cannot be asked: Moodle launches its non-editing teachers, who often assess, as Instructor, like teachers.
So whoever has the role of an assessor reads blind everywhere, until she has said of one course that she teaches it.
The class list knows better: where it calls her something else, her word does not count.
"""

import logging

from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Course, Membership
from lti_mcred.people.roles import may_teach
from lti_mcred.tool.roster import reading
from lti_mcred.web.models import Visit

log = logging.getLogger(__name__)


def of_visit(visit: Visit) -> Membership | None:
    """Return the membership of this visit's person in its course."""
    same = {"course_id": visit.course_id, "person_id": visit.person_id}
    return db.session.query(Membership).filter_by(**same).first() if visit.course_id else None


def believed(visit: Visit, member: Membership) -> bool:
    """Whether her word would count, as far as is known."""
    return may_teach(visit.powers.roles if visit.powers else (), member.listed_roles)


def declare_teacher(visit: Visit, member: Membership) -> bool:
    """Note that she teaches this course; False where the class list calls her something else. Commits.

    The class list is read anew where it can be, so that it can contradict.
    """
    if not believed(visit, member):
        return False
    member.teaches_at = utcnow()
    log.info("person %s says that she teaches course %s", visit.person_id, visit.course_id)
    db.session.commit()
    if db.session.get_one(Course, member.course_id).memberships_url:
        reading.ask_for_reading(member.course_id)
    return True


def take_back(member: Membership) -> None:
    """She reads blind here again. Commits."""
    member.teaches_at = None
    log.info("person %s takes back that she teaches course %s", member.person_id, member.course_id)
    db.session.commit()
