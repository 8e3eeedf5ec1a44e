"""From marks to a decision: one commit for the assessment, the decision, the enrolment, and every piece of news.

A decision is never changed in place. A later one would be a row with a higher `sequence`.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from sqlalchemy import func, select, update

from lti_mcred import outbox
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment
from lti_mcred.grading import ledger
from lti_mcred.grading.marks import DraftConflict, judged, stored
from lti_mcred.grading.models import Assessment, Decision
from lti_mcred.grading.problems import problem
from lti_mcred.grading.rubric import Judgement, Points, points_of
from lti_mcred.grading.words import gradebook_comment


class Incomplete(Exception):
    """A level or a needed comment is missing; `judgement` says where."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__("the scoring is not complete")
        self.judgement = judgement


@dataclass(frozen=True)
class Preview:
    """What would be decided now: the judgement, the points and the words for the gradebook."""

    judgement: Judgement
    points: Points
    comment: str
    revision: int


def preview(assessment: Assessment) -> Preview:
    """Return what a submit would decide. The message is in the language of the micro-credential."""
    judgement = judged(assessment)
    comment = gradebook_words(assessment.attempt, judgement)
    return Preview(judgement, points_of(judgement), comment, assessment.revision)


def gradebook_words(attempt: Attempt, judgement: Judgement) -> str:
    """Return the comment for the gradebook in the language of the micro-credential, whoever's page asks for it."""
    language = str(attempt.enrolment.version.document.get("language", "en")).replace("-", "_")
    with force_locale(language):
        return gradebook_comment(judgement)


def submit(assessment: Assessment, revision: int) -> Decision:
    """Decide by the rule and commit. Raises Incomplete, DraftConflict, or Problem 409 when it is decided already."""
    seen = preview(assessment)
    if seen.revision != revision:
        raise DraftConflict(seen.revision, stored(assessment))
    if not seen.judgement.complete or seen.judgement.outcome is None:
        raise Incomplete(seen.judgement)
    attempt = assessment.attempt
    _move_on(assessment, revision)
    decision = Decision(
        attempt=attempt, sequence=_next_sequence(attempt), outcome=seen.judgement.outcome,
        criteria=_criteria(seen.judgement), decided_by=assessment.assessor_id,
    )  # fmt: skip
    db.session.add(decision)
    db.session.flush()
    changed(update(Enrolment).where(Enrolment.id == attempt.enrolment_id).values(state=decision.outcome))
    ledger.owe_decision(decision, seen.points, seen.comment)
    outbox.put("decision.final", attempt.id, {"decision_id": decision.id})
    db.session.commit()
    db.session.expire_all()
    outbox.wake()
    return decision


def _move_on(assessment: Assessment, revision: int) -> None:
    """Move assessment and attempt on, if both still wait for it. Raises Problem 409 after undoing everything."""
    mine = changed(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.state == "claimed", Assessment.revision == revision)
        .values(state="submitted", submitted_at=utcnow())
    )
    theirs = changed(
        update(Attempt).where(Attempt.id == assessment.attempt_id, Attempt.state == "submitted").values(state="decided")
    )
    if not (mine and theirs):
        db.session.rollback()
        raise problem("not-yours-any-more")


def _criteria(judgement: Judgement) -> dict[str, Any]:
    return {
        one.criterion.id: {
            "level": one.level.id if one.level else None,
            "met": one.met,
            "comment": one.comment,
            "pointer": one.pointer,
            "locked": one.locked,
        }
        for one in judgement.criteria
    }


def _next_sequence(attempt: Attempt) -> int:
    highest = db.session.scalar(select(func.max(Decision.sequence)).where(Decision.attempt_id == attempt.id))
    return (highest or 0) + 1
