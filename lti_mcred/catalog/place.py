"""Placing versions in a course: the activities that a teacher picked, before the LMS has made its links."""

from collections.abc import Iterable

from lti_mcred.catalog.models import Activity, Version
from lti_mcred.db import db
from lti_mcred.web.models import Visit


def place(visit: Visit, versions: Iterable[Version]) -> list[Activity]:
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


def find_activity(name: str, _course_id: str, deployment_id: str) -> str | None:
    """Return the id of the activity that a link names, None unless it was placed in this very deployment.

    Tenants never meet: an id copied into another school's course opens nothing there.
    """
    activity = db.session.get(Activity, name[:32])
    return activity.id if activity and activity.deployment_id == deployment_id else None
