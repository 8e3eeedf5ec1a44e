"""Draft marks: reading them from a form, storing them, telling an older page about a newer one."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, update

from lti_mcred.catalog.definition import Rubric
from lti_mcred.catalog.library import definition_of
from lti_mcred.engine.db import changed, db
from lti_mcred.grading.models import Assessment, Mark
from lti_mcred.grading.problems import problem
from lti_mcred.grading.rubric import Given, Judgement, judge, locked_ids
from lti_mcred.web import typed


class DraftConflict(Exception):
    """The draft was saved from another page meanwhile. `stored` is what it holds now, at `revision`."""

    def __init__(self, revision: int, stored: dict[str, Given]) -> None:
        super().__init__("the draft has a newer revision")
        self.revision = revision
        self.stored = stored


def as_stored(text: str) -> str:
    """Return typed text as it is stored, without blanks around it."""
    return typed.plain(text).strip()


def from_form(form: Mapping[str, str], rubric: Rubric, locked: Mapping[str, Any]) -> dict[str, Given]:
    """Return the marks of a scoring form. A level that the rubric does not know counts as none; locks are left out."""
    closed = locked_ids(rubric, locked)
    known = {level.id for level in rubric.levels}
    given = {}
    for criterion in rubric.criteria:
        if criterion.id in closed:
            continue
        level = form.get(f"level_{criterion.id}", "")
        given[criterion.id] = Given(
            level if level in known else None,
            as_stored(form.get(f"comment_{criterion.id}", "")),
            as_stored(form.get(f"pointer_{criterion.id}", ""))[:500],
        )
    return given


def revision_of(form: Mapping[str, str]) -> int:
    """Return the revision that a form was made from; -1 (older than any) when it is no number."""
    return typed.revision_of(form.get("revision", ""))


def stored(assessment: Assessment) -> dict[str, Given]:
    """Return the marks as they are kept."""
    return {mark.criterion_id: Given(mark.level_id, mark.comment, mark.evidence_note) for mark in assessment.marks}


def judged(assessment: Assessment, given: Mapping[str, Given] | None = None) -> Judgement:
    """Return what the rule makes of `given` (default: of the kept marks), locked criteria included."""
    attempt = assessment.attempt
    rubric = definition_of(attempt.enrolment.version).rubric
    return judge(rubric, stored(assessment) if given is None else given, attempt.locked)


def save(assessment: Assessment, given: Mapping[str, Given], revision: int, page: typed.Save | None = None) -> int:
    """Keep the marks and return the new revision. Commits. Raises DraftConflict when another page saved meanwhile.

    A save that repeats what is kept, or follows one of this `page` whose answer was lost, is no conflict. Raises
    Problem 409 when it was on its way while the work was decided or sent back: what was judged by stays as it was.
    """
    page = page or typed.Save()
    seen = or_(Assessment.revision == revision, Assessment.saved_by.in_(page.unheard))
    newest = update(Assessment).where(
        Assessment.id == assessment.id, seen, Assessment.state.in_(("claimed", "released"))
    )
    if not changed(newest.values(revision=Assessment.revision + 1, saved_by=page.id)):
        db.session.rollback()
        db.session.refresh(assessment)
        if assessment.state not in ("claimed", "released"):
            raise problem("not-yours-any-more")
        held = stored(assessment)
        if all(held.get(key, Given()) == value for key, value in given.items()):
            return assessment.revision
        raise DraftConflict(assessment.revision, held)
    rows = {mark.criterion_id: mark for mark in assessment.marks}
    for key, value in given.items():
        row = rows.get(key)
        if row is None:
            row = Mark(assessment_id=assessment.id, criterion_id=key)
            db.session.add(row)
        row.level_id, row.comment, row.evidence_note = value.level, value.comment, value.pointer
    db.session.commit()
    db.session.refresh(assessment)
    return assessment.revision
