"""Returning work as incomplete: something is missing or cannot be read, so nothing is judged and no try is used.

The learner gets a list of what is missing and no word on the competency (that would be a judgement without evidence).
"""

from collections.abc import Mapping

from sqlalchemy import update

from lti_mcred.catalog.library import definition_of
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment
from lti_mcred.grading.marks import as_stored
from lti_mcred.grading.models import Assessment
from lti_mcred.grading.problems import problem


def missing_from_form(assessment: Assessment, form: Mapping[str, str]) -> dict[str, str]:
    """Return part id -> what is missing there, for the parts that were ticked or written about."""
    definition = definition_of(assessment.attempt.enrolment.version)
    found = {}
    for spec in definition.all_parts():
        text = as_stored(form.get(f"missing_{spec.id}", ""))
        if text or form.get(f"part_{spec.id}"):
            found[spec.id] = text
    return found


def return_incomplete(assessment: Assessment, parts: Mapping[str, str], note: str) -> None:
    """Send the attempt back and commit. Raises Problem 422 for an empty list, 409 when it is not open any more."""
    if not any(parts.values()):
        raise problem("nothing-missing")
    mine = changed(
        update(Assessment)
        .where(Assessment.id == assessment.id, Assessment.state == "claimed")
        .values(state="returned", submitted_at=utcnow(), missing={"parts": dict(parts), "note": note})
    )
    theirs = changed(
        update(Attempt)
        .where(Attempt.id == assessment.attempt_id, Attempt.state == "submitted")
        .values(state="returned")
    )
    if not (mine and theirs):
        db.session.rollback()
        raise problem("not-yours-any-more")
    changed(update(Enrolment).where(Enrolment.id == assessment.attempt.enrolment_id).values(state="in_progress"))
    db.session.commit()
    db.session.expire_all()
