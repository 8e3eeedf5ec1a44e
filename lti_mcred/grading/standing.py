"""Who of a course has opened an activity, who has not, who has left: counted and narrowed by the database."""

from dataclasses import dataclass

from sqlalchemy import String, and_, cast, func, or_, select
from sqlalchemy.sql import ColumnElement

from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt, Enrolment, Opening, Placement
from lti_mcred.people.models import Membership, Person
from lti_mcred.people.roles import LEARNER
from lti_mcred.tool.known.models import ResourceLink

NOT_OPENED, OPENED, GONE = "not-opened", "opened", "left"
WAITING, NOT_YET, EARNED = "waiting", "not-yet", "earned"
# What the list may be narrowed to.
SHOWN = (NOT_OPENED, OPENED, GONE, WAITING, NOT_YET, EARNED)


@dataclass(frozen=True)
class Counts:
    """Learners of a course: in it now, of these who have not opened the activity, and who have left.

    Of all: whose work waits for a decision, who was told "not yet" and has not handed in again, who has earned it.
    """

    learners: int
    not_opened: int
    gone: int
    waiting: int
    not_yet: int
    earned: int


def counts(link: ResourceLink) -> Counts:
    """Count the learners of a link's course, all of it in one statement."""
    shown = (NOT_OPENED, GONE, WAITING, NOT_YET, EARNED)
    wanted = [Membership.state != "gone", *(and_(*narrowed(link, show, "")) for show in shown)]
    query = select(*(func.count().filter(one) for one in wanted)).select_from(Membership).where(*learners_of(link))
    return Counts(*map(int, db.session.execute(query).one()))


def learners_of(link: ResourceLink) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the learners of a link's course, whoever has left included."""
    return Membership.course_id == link.course_id, cast(Membership.roles, String).like(f'%"{LEARNER}"%')


def narrowed(link: ResourceLink, show: str, search: str) -> list[ColumnElement[bool]]:
    """Return the conditions for one of SHOWN and a part of a name; the query joins Person."""
    found: list[ColumnElement[bool]] = []
    if show == GONE:
        found.append(Membership.state == "gone")
    elif show == OPENED:
        found.append(_has_opened(link))
    elif show == NOT_OPENED:
        found += [Membership.state != "gone", ~_has_opened(link)]
    elif show in (WAITING, NOT_YET, EARNED):
        found.append(_stands(link, show))
    if search:
        found.append(Person.name.icontains(search, autoescape=True))
    return found


def opened_by(link: ResourceLink, people: list[str]) -> set[str]:
    """Return which of these people have opened a link without beginning."""
    query = select(Opening.person_id).where(Opening.resource_link_id == link.id, Opening.person_id.in_(people))
    return set(db.session.scalars(query))


def _stands(link: ResourceLink, show: str) -> ColumnElement[bool]:
    """Return the condition for one of WAITING, NOT_YET and EARNED, by the last try as the list shows it."""
    people = (
        select(Enrolment.person_id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .where(Placement.resource_link_id == link.id)
    )
    if show == EARNED:
        return Membership.person_id.in_(people.where(Enrolment.state == "earned"))
    last = select(func.max(Attempt.number)).where(Attempt.enrolment_id == Enrolment.id).correlate(Enrolment)
    people = people.join(Attempt, Attempt.enrolment_id == Enrolment.id).where(
        Enrolment.state.not_in(("earned", "withdrawn")), Attempt.number == last.scalar_subquery()
    )
    if show == WAITING:
        return Membership.person_id.in_(people.where(Attempt.state == "submitted"))
    answered = or_(Attempt.state.in_(("decided", "returned")), and_(Attempt.state == "draft", Attempt.number > 1))
    return Membership.person_id.in_(people.where(answered))


def _has_opened(link: ResourceLink) -> ColumnElement[bool]:
    opened = select(Opening.person_id).where(Opening.resource_link_id == link.id)
    begun = (
        select(Enrolment.person_id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .where(Placement.resource_link_id == link.id)
    )
    return or_(Membership.person_id.in_(opened), Membership.person_id.in_(begun))
