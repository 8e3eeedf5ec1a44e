"""Which page a launch opens: the one place where message types and roles meet the rooms that serve them."""

from typing import Any

from flask import url_for
from sqlalchemy import select

from lti_mcred.catalog.copies import follow_link
from lti_mcred.catalog.place import find_activity
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.evidence.problems import problem
from lti_mcred.people.models import Person
from lti_mcred.tool.admin.reach import no_administrator
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.launch.openings import COURSE_NAVIGATION, Openings
from lti_mcred.tool.protocol.claims import (
    DEEP_LINKING_REQUEST,
    RESOURCE_LINK_REQUEST,
    SUBMISSION_REVIEW_REQUEST,
    Launch,
)
from lti_mcred.web.models import Visit

STAFF = ("teacher", "assistant", "admin")


def openings() -> Openings:
    """Return what launches open in this application."""
    landings = {
        RESOURCE_LINK_REQUEST: open_activity,
        DEEP_LINKING_REQUEST: open_picker,
        SUBMISSION_REVIEW_REQUEST: open_review,
        COURSE_NAVIGATION: open_course,
    }
    return Openings(landings, find_activity, follow_link)


def open_activity(visit: Visit, launch: Launch) -> str:
    """A link to one micro-credential: learners get their work, staff get their course view."""
    if attempt_id := launch.query.get("attempt"):
        return _open_attempt(visit, attempt_id)
    if visit.reads_blind and visit.has_role(*STAFF):
        return _at("grading.desk", visit)
    if visit.has_role(*STAFF):
        return _at("course.overview", visit)
    return _at("evidence.home", visit)


def open_picker(visit: Visit, _launch: Launch) -> str:
    """Deep linking: staff choose what to add; a learner (Canvas lets her ask) is told where to hand in instead."""
    return _at("catalog.picker" if visit.has_role(*STAFF, "designer") else "catalog.no_picker", visit)


def open_course(visit: Visit, launch: Launch) -> str:
    """A link without an activity (course menu): the assessor's desk, the teacher's view, the learner's record.

    The account menu of an LMS leads here too: to the administration.
    """
    if launch.context is not None and visit.course_id is None:
        if not visit.administers:
            raise no_administrator()
        return _at("visit_admin.home", visit)
    if attempt_id := launch.query.get("attempt"):
        return _open_attempt(visit, attempt_id)
    if launch.message_type == RESOURCE_LINK_REQUEST and _waits(visit, launch):
        return _at("copies.home", visit)
    return _at(_own_place(visit), visit)


def _own_place(visit: Visit) -> str:
    """The page where somebody who opens no activity in particular is at home."""
    if "assessor" in visit.granted:
        return "grading.desk"
    if visit.has_role(*STAFF):
        return "course.overview"
    return "visit_admin.home" if visit.administers else "record.mine"


def _waits(visit: Visit, launch: Launch) -> bool:
    """Whether the link stands for a micro-credential of another course, because it was copied."""
    if launch.activity:
        return True
    link = db.session.get(ResourceLink, visit.resource_link_id) if visit.resource_link_id else None
    return link is not None and link.named is not None


def open_review(visit: Visit, launch: Launch) -> str:
    """Submission Review: one learner's work, for staff of the course or for the learner herself (LTI-SR 1.0).

    Staff who name no learner (a Moodle column's menu asks so) see everybody.
    """
    if not visit.has_role(*STAFF):
        return _at("evidence.home" if visit.activity_id else "record.mine", visit)
    if visit.reads_blind:
        return _at("grading.desk", visit)
    whose = launch.for_user_id and db.session.scalar(
        select(Person).filter_by(deployment_id=visit.deployment_id, sub=launch.for_user_id)
    )
    if not whose:
        return _at("course.overview", visit)
    latest = (
        select(Attempt)
        .join(Enrolment, Attempt.enrolment_id == Enrolment.id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == whose.id, Placement.resource_link_id == visit.resource_link_id)
        .where(Attempt.state == "decided")
        .order_by(Attempt.number.desc())
    )
    attempt = db.session.scalars(latest).first()
    return _at("course.released", visit, attempt_id=attempt.id) if attempt else _at("course.overview", visit)


def _open_attempt(visit: Visit, attempt_id: str) -> str:
    """A review address that we gave to Canvas with a submission. It names an attempt but proves nothing."""
    found = db.session.execute(
        select(Attempt, ResourceLink)
        .join(Placement, Placement.enrolment_id == Attempt.enrolment_id)
        .join(ResourceLink, ResourceLink.id == Placement.resource_link_id)
        .where(Attempt.id == attempt_id, ResourceLink.course_id == visit.course_id)
    ).first()
    if found is None:
        raise problem("no-such-attempt/of-course")
    attempt, link = found
    visit.activity_id, visit.resource_link_id = link.activity_id, link.id
    if visit.reads_blind and visit.has_role(*STAFF):
        return _at("grading.desk", visit)
    if visit.has_role(*STAFF):
        if attempt.state == "decided":
            return _at("course.released", visit, attempt_id=attempt.id)
        return _at("course.overview", visit)
    return _at("evidence.home", visit)


def _at(endpoint: str, visit: Visit, **values: Any) -> str:
    return url_for(endpoint, visit_id=visit.id, **values)
