"""Starting, or going on from another course: one enrolment, one placement for each link, one draft."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from lti_mcred import outbox
from lti_mcred.catalog.definition import Definition
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.evidence.find import Work, work_of
from lti_mcred.evidence.models import Attempt, Enrolment, Opening, Part, Placement
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.protocol.claims import history
from lti_mcred.web.models import Visit


def start(work: Work) -> Work:
    """Open the enrolment, its first draft and the placement of this link; commit; return the work as it is now.

    Safe to repeat: a second press, or a second tab, changes nothing.
    """
    visit = work.visit
    try:
        enrolment = work.enrolment or _enrol(work)
        owe_score_to(enrolment, visit.resource_link_id, _links_before(visit))
        db.session.commit()
    except IntegrityError:  # the other tab was faster; what it made is what was wanted
        db.session.rollback()
        now = work_of(visit)
        if now.enrolment is None:
            raise
        owe_score_to(now.enrolment, visit.resource_link_id, _links_before(visit))
        db.session.commit()
    return work_of(visit)


def is_placed(work: Work) -> bool:
    """Return whether the link of this visit is already one that her score is owed to."""
    if work.enrolment is None or work.visit.resource_link_id is None:
        return work.enrolment is not None
    return _owed_already(work.enrolment, work.visit.resource_link_id) is not None


def note_opening(work: Work) -> None:
    """Remember that a learner has opened this link, once, until her placement says so; commit.

    An administrator who acts as the learner opens nothing for her.
    """
    visit, link_id = work.visit, work.visit.resource_link_id
    if link_id is None or work.opened or not visit.has_role("learner"):
        return
    if visit.launch.get("masquerading") or is_placed(work):
        return
    key = {"resource_link_id": link_id, "person_id": work.person.id}
    upsert(Opening, key, {"opened_at": utcnow()}, {})
    db.session.commit()


def owe_score_to(enrolment: Enrolment, resource_link_id: str | None, before: tuple[str, ...] = ()) -> None:
    """Note that this link is owed the score; news goes out when there is already something to tell its column.

    `before`: the LMS's ids of the links that it was made from. Columns of those in the same course are owed no more.
    """
    if resource_link_id is None or _owed_already(enrolment, resource_link_id):
        return
    placement = Placement(enrolment_id=enrolment.id, resource_link_id=resource_link_id)
    db.session.add(placement)
    db.session.flush()
    if before:
        _replace(enrolment, resource_link_id, before)
    if any(attempt.state != "draft" for attempt in enrolment.attempts):
        outbox.put("placement.added", placement.id, {"placement_id": placement.id})


def new_parts(definition: Definition) -> list[Part]:
    """Return an empty answer to each part."""
    return [Part(part_id=spec.id) for spec in definition.all_parts()]


def _enrol(work: Work) -> Enrolment:
    enrolment = Enrolment(person_id=work.person.id, version_id=work.version.id, copy_id=work.copy_id)
    db.session.add(enrolment)
    db.session.flush()
    draft = Attempt(enrolment_id=enrolment.id, number=1, parts=new_parts(work.definition))
    db.session.add(draft)
    db.session.flush()
    return enrolment


def _links_before(visit: Visit) -> tuple[str, ...]:
    return history(str(visit.launch.get("custom", {}).get("link_history", "")))


def _replace(enrolment: Enrolment, resource_link_id: str, before: tuple[str, ...]) -> None:
    course_id = select(ResourceLink.course_id).where(ResourceLink.id == resource_link_id).scalar_subquery()
    older = select(ResourceLink.id).where(
        ResourceLink.course_id == course_id,
        ResourceLink.resource_link_id.in_(before),
        ResourceLink.id != resource_link_id,
    )
    mine = Placement.enrolment_id == enrolment.id, Placement.resource_link_id.in_(older)
    changed(update(Placement).where(*mine).values(replaced_by=resource_link_id))
    for placement in enrolment.placements:
        db.session.refresh(placement)


def _owed_already(enrolment: Enrolment, resource_link_id: str) -> Placement | None:
    return db.session.scalar(select(Placement).filter_by(enrolment_id=enrolment.id, resource_link_id=resource_link_id))
