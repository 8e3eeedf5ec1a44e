"""Placing versions in a course: the activities that a teacher picked, before the LMS has made its links."""

from collections.abc import Iterable

from sqlalchemy import and_, or_, select

from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db
from lti_mcred.services import service
from lti_mcred.web.models import Visit

_MOST_KEPT = 10_000


class Placed(dict[tuple[str, str, str], str]):
    """What this process has found links to open: by name, course id and deployment id.

    Activities are never deleted and never change their course.
    """


def add_activities(visit: Visit, versions: Iterable[Version]) -> list[Activity]:
    """Add one activity for each version to the current transaction, in the visit's course and deployment.

    The LMS may still drop the items (Moodle waits for "Save and return"), so an activity alone means nothing yet.
    """
    activities = [
        Activity(
            version=version,
            version_id=version.id,
            platform_id=visit.platform_id,
            deployment_id=visit.deployment_id,
            course_id=visit.course_id,
            created_by=visit.person_id,
        )
        for version in versions
    ]
    db.session.add_all(activities)
    db.session.flush()
    return activities


def find_activity(name: str, course_id: str, deployment_id: str) -> str | None:
    """Return the id of the activity that a link of this course names; None when there is none to open here.

    A copied link names the activity of another course: it opens the one that a teacher took over from it, and nothing
    before she did (copies.py). Tenants never meet: an id copied into another school's course opens nothing there.
    """
    name = name[:32]
    key, placed = (name, course_id, deployment_id), service(Placed)
    if known := placed.get(key):
        return known
    taken_over = and_(Activity.course_id == course_id, Activity.named == name)
    picked_here = and_(Activity.id == name, or_(Activity.course_id == course_id, Activity.course_id.is_(None)))
    query = select(Activity.id).where(or_(picked_here, taken_over), Activity.deployment_id == deployment_id)
    found: str | None = db.session.scalar(query.limit(1))
    if found:
        if len(placed) >= _MOST_KEPT:
            placed.clear()
        placed[key] = found
    return found
