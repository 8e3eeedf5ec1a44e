"""Trying again: a new draft with everything from before, where only what is not met yet is open."""

from sqlalchemy.exc import IntegrityError

from lti_mcred.engine.db import db
from lti_mcred.evidence.decision import Told, told_of
from lti_mcred.evidence.find import Work
from lti_mcred.evidence.models import Artefact, Attempt, Part
from lti_mcred.evidence.problems import problem


def may_revise(work: Work, told: Told | None) -> bool:
    """Return whether a new draft can be opened now: decided "not yet" with a try left, or returned as incomplete."""
    if work.attempt is None or told is None or told.outcome == "earned":
        return False
    return told.outcome == "returned" or tries_left(work) != 0


def tries_left(work: Work) -> int | None:
    """Return how many tries are left; None where trying goes on after coaching."""
    policy = work.definition.assessment.attempts
    return None if policy.coaching_then_continue else max(0, policy.before_coaching - work.tries())


def needs_coaching(work: Work) -> bool:
    """Return whether the tries before coaching are used up."""
    return work.tries() >= work.definition.assessment.attempts.before_coaching


def revise(work: Work) -> Attempt:
    """Open the next draft and commit; a second press finds the same draft. Raises Problem when none may be."""
    attempt = work.attempt
    if attempt is not None and attempt.state == "draft":
        return attempt
    told = told_of(attempt.id) if attempt else None
    if attempt is None or told is None or not may_revise(work, told):
        raise problem("no-new-try")
    number, enrolment_id = attempt.number + 1, attempt.enrolment_id
    try:
        draft = _next(attempt, told)
        attempt.enrolment.state = "in_progress"
        db.session.commit()
    except IntegrityError:  # the other tab opened it
        db.session.rollback()
        draft = db.session.scalars(db.select(Attempt).filter_by(enrolment_id=enrolment_id, number=number)).one()
    return draft


def _next(attempt: Attempt, told: Told) -> Attempt:
    """Copy by content: rows are new, file contents are the same; what was handed in before stays as it is."""
    locked = {
        criterion_id: {"level": one.level, "comment": one.comment}
        for criterion_id, one in told.criteria.items()
        if one.met
    }
    if told.outcome == "returned":  # nothing was judged yet: what was carried over before is still carried over
        locked = dict(attempt.locked)
    draft = Attempt(
        enrolment_id=attempt.enrolment_id,
        number=attempt.number + 1,
        locked=locked,
        parts=[_copy(part) for part in attempt.parts],
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def _copy(part: Part) -> Part:
    return Part(
        part_id=part.part_id,
        text=part.text,
        alternative=part.alternative,
        privacy=dict(part.privacy) if part.privacy else None,
        artefacts=[
            Artefact(
                kind=item.kind,
                url=item.url,
                sha256=item.sha256,
                filename=item.filename,
                position=item.position,
                arrival=item.arrival,
            )
            for item in part.artefacts
        ],
    )
