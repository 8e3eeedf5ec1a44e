"""An activity that was deleted in the LMS and added anew: the teacher says once that its work and scores go on there.

The LMS tells nobody that a link is gone, and two links to one micro-credential may both be meant. So nothing moves by
itself: the page of the newer link asks, and keeps the answer.
"""

from dataclasses import dataclass

from sqlalchemy import Select, func, select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred import outbox
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import changed, db
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.grading.models import Succession
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink

MOVED, APART = "moved", "apart"
_TOLD = ("submitted", "decided")


@dataclass(frozen=True)
class Forerunner:
    """Earlier links of the course to the same micro-credential, and who worked there only.

    `decided`: how many of the `learners` have a decision already, whose score the newer column is not owed yet.
    """

    titles: tuple[str, ...]
    learners: int
    decided: int


def forerunner_of(link: ResourceLink) -> Forerunner | None:
    """Return what a teacher is asked about on the page of `link`; None when there is nothing to ask, or it was."""
    if db.session.get(Succession, link.id) is not None:
        return None
    earlier = _earlier(link)
    if not earlier:
        return None
    left_behind = _left_behind(link, [one.id for one in earlier]).subquery()
    learners = db.session.scalar(select(func.count()).select_from(left_behind)) or 0
    if not learners:
        return None
    decided = select(func.count(func.distinct(Attempt.enrolment_id))).where(
        Attempt.enrolment_id.in_(select(left_behind.c.enrolment_id)), Attempt.state == "decided"
    )
    return Forerunner(tuple(dict.fromkeys(one.title for one in earlier)), learners, db.session.scalar(decided) or 0)


def move(link: ResourceLink, asked_by: Person) -> int:
    """Let the work of the earlier links go on under `link`, and owe its column their scores; commit.

    Returns how many learners came along. The earlier columns are owed nothing any more. Safe to press twice, and while
    learners open the new link.
    """
    link_id, person_id = link.id, asked_by.id
    try:
        return _move(link, person_id)
    except IntegrityError:  # a learner, or a second press, was in between: what is there now counts
        db.session.rollback()
        return _move(db.session.get_one(ResourceLink, link_id), person_id)


def keep_apart(link: ResourceLink, asked_by: Person) -> None:
    """Note that both links are meant: nothing moves, and nobody is asked again; commit."""
    _note_answer(link, APART, asked_by.id)
    db.session.commit()


def _move(link: ResourceLink, person_id: str) -> int:
    before = [one.id for one in _earlier(link)]
    coming = list(db.session.scalars(_left_behind(link, before)))
    db.session.add_all(Placement(enrolment_id=one, resource_link_id=link.id) for one in coming)
    db.session.flush()
    theirs = (Placement.resource_link_id.in_(before), Placement.replaced_by.is_(None))
    changed(update(Placement).where(*theirs).values(replaced_by=link.id))
    told = select(Attempt.enrolment_id).where(Attempt.state.in_(_TOLD))
    here = select(Placement.id).where(Placement.resource_link_id == link.id)
    for placement_id in db.session.scalars(here.where(Placement.enrolment_id.in_(told)).order_by(Placement.id)).all():
        outbox.put("placement.added", placement_id, {"placement_id": placement_id})
    _note_answer(link, MOVED, person_id)
    db.session.commit()
    outbox.wake()
    return len(coming)


def _note_answer(link: ResourceLink, answer: str, person_id: str) -> None:
    db.session.merge(Succession(resource_link_id=link.id, answer=answer, answered_by=person_id))


def _earlier(link: ResourceLink) -> list[ResourceLink]:
    """Return the links of the same course that opened the same micro-credential before this one, oldest first."""
    slug = select(Version.slug).join(Activity, Activity.version_id == Version.id).where(Activity.id == link.activity_id)
    query = (
        select(ResourceLink)
        .join(Activity, Activity.id == ResourceLink.activity_id)
        .join(Version, Version.id == Activity.version_id)
        .where(ResourceLink.course_id == link.course_id, ResourceLink.id != link.id)
        .where(ResourceLink.created_at <= link.created_at, Version.slug == slug.scalar_subquery())
        .order_by(ResourceLink.created_at, ResourceLink.id)
    )
    return list(db.session.scalars(query)) if link.activity_id else []


def _left_behind(link: ResourceLink, before: list[str]) -> Select[str]:
    """Select the enrolments that were opened through one of these links and not through `link`."""
    here = select(Placement.enrolment_id).where(Placement.resource_link_id == link.id)
    return (
        select(Placement.enrolment_id)
        .join(Enrolment, Enrolment.id == Placement.enrolment_id)
        .where(Placement.resource_link_id.in_(before), Placement.replaced_by.is_(None))
        .where(Enrolment.state != "withdrawn", Placement.enrolment_id.not_in(here))
        .distinct()
    )
