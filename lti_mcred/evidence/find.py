"""Finding the work that a visit is about. A learner finds her own: every look-up starts at the visit."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, case, or_, select
from sqlalchemy.orm import aliased

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db
from lti_mcred.engine.quick import Quick, adopt, columns_of
from lti_mcred.evidence.completeness import open_parts_of
from lti_mcred.evidence.models import Attempt, Enrolment, Opening, Part, Placement
from lti_mcred.evidence.problems import problem
from lti_mcred.people.models import Person
from lti_mcred.web.models import Visit

_PERSON, _VERSION = columns_of(Person), columns_of(Version, "document")
_HERE = and_(Placement.enrolment_id == Enrolment.id, Placement.resource_link_id == bindparam("link"))


def _opened() -> Select[Any]:
    """Return the query for what a link opens, and for the enrolment that goes on there.

    One person earns one micro-credential once, so it is the one of this very link, else the newest anywhere: a newer
    version in another course does not start her anew. A copied course does: last term's work is not this term's, and
    its score is not owed to this term's column. Work that a teacher let go on under this link is of this link, wherever
    it began.
    """
    earned = aliased(Version)
    copy = case((Activity.copied_from.is_(None), ""), else_=Activity.id)
    goes_on = (
        select(Enrolment.id)
        .join(earned, earned.id == Enrolment.version_id)
        .outerjoin(Placement, _HERE)
        .where(Enrolment.person_id == bindparam("person"), Enrolment.state != "withdrawn")
        .where(earned.slug == Version.slug, or_(Enrolment.copy_id == copy, Placement.id.is_not(None)))
        .order_by(Placement.id.is_(None), Enrolment.started_at.desc(), Enrolment.id.desc())
        .limit(1)
        .correlate(Activity, Version)
    )
    return (
        select(*_PERSON, *_VERSION, Activity.id, Activity.copied_from, Opening.opened_at, goes_on.scalar_subquery())
        .select_from(Activity)
        .join(Version, Version.id == Activity.version_id)
        .join(Person, Person.id == bindparam("person"))
        .outerjoin(Opening, and_(Opening.person_id == Person.id, Opening.resource_link_id == bindparam("link")))
        .where(Activity.id == bindparam("activity"))
    )


_OPENED = Quick(_opened())  # each page of a learner begins with it


@dataclass(frozen=True)
class Work:
    """Whose work on what. `enrolment` and `attempt` (the latest) are None before she starts."""

    visit: Visit
    person: Person
    version: Version
    definition: Definition
    enrolment: Enrolment | None
    attempt: Attempt | None
    # See Enrolment.copy_id: where new work would belong.
    copy_id: str = ""
    # Whether she has opened this link before (models.Opening).
    opened: bool = False

    @property
    def open_parts(self) -> tuple[str, ...]:
        """Parts that may be changed in the latest attempt."""
        return open_parts_of(self.definition, self.attempt.locked if self.attempt else ())

    def part(self, part_id: str) -> Part | None:
        """Return the answer to a part in the latest attempt."""
        return next((part for part in self.attempt.parts if part.part_id == part_id), None) if self.attempt else None

    def tries(self) -> int:
        """Return how many attempts were handed in and count (a returned one does not)."""
        attempts = self.enrolment.attempts if self.enrolment else []
        return sum(attempt.state in ("submitted", "decided") for attempt in attempts)


def work_of(visit: Visit) -> Work:
    """Return the work that this visit's link opens. Raises Problem when the link opens no micro-credential."""
    ids = {"activity": visit.activity_id, "person": visit.person_id, "link": visit.resource_link_id}
    found = _OPENED.first(ids) if visit.activity_id else None
    if found is None:
        raise problem("nothing-here")
    person = adopt(Person, _PERSON, found[: len(_PERSON)])
    placed = adopt(Version, _VERSION, found[len(_PERSON) : -4])  # definition_of knows most documents by heart
    activity_id, copied_from, opened_at, goes_on = found[-4:]
    copy_id = activity_id if copied_from else ""
    enrolment = db.session.get(Enrolment, goes_on) if goes_on else None
    version = enrolment.version if enrolment else placed
    attempt = enrolment.attempts[-1] if enrolment and enrolment.attempts else None
    return Work(visit, person, version, definition_of(version), enrolment, attempt, copy_id, opened_at is not None)


def earlier_of(work: Work) -> Enrolment | None:
    """Return what she did for this outside this copied course; what she earned comes first."""
    if not work.copy_id:
        return None
    others = db.session.scalars(_of(work.person, work.version).where(Enrolment.copy_id != work.copy_id)).all()
    return next((one for one in others if one.state == "earned"), others[0] if others else None)


def _of(person: Person, version: Version) -> Select[Enrolment]:
    return (
        select(Enrolment)
        .join(Version)
        .where(Enrolment.person_id == person.id, Version.slug == version.slug, Enrolment.state != "withdrawn")
        .order_by(Enrolment.started_at.desc(), Enrolment.id.desc())
    )


def draft_of(work: Work) -> Attempt:
    """Return the draft that may be changed. Raises Problem when there is none."""
    if work.attempt is not None and work.attempt.state == "draft":
        return work.attempt
    raise problem("no-draft")


def open_part(work: Work, part_id: str) -> Part:
    """Return the answer to a part of the draft that may be changed. Raises Problem for any other part."""
    draft_of(work)
    part = work.part(part_id)
    if part is None:
        raise problem("no-such-part")
    if part_id not in work.open_parts:
        raise problem("part-met")
    return part
