"""Rows that the badge tests share: decisions that earn a badge, and awards."""

from typing import Any

from lti_mcred.badges.award import award
from lti_mcred.badges.models import Award
from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.grading.models import Decision
from lti_mcred.people.models import Course, Person
from tests import factories


def earned_decision(
    who: Person | None = None, of: Version | None = None, at: Course | None = None, **given: Any
) -> Decision:
    """Return a committed final decision in which every criterion is met at the highest level."""
    at = at or factories.course()
    who = who or factories.person(at)
    of = of or factories.version()
    enrolment = factories.enrolment(who, of)
    attempt = factories.submitted_attempt(enrolment)
    definition = Definition.model_validate(of.document)
    top = definition.rubric.levels[-1].id
    values = {
        "outcome": "earned",
        "criteria": {
            row.id: {"level": top, "met": True, "comment": "Well done."} for row in definition.rubric.criteria
        },
    }
    decision = Decision(attempt_id=attempt.id, **{**values, **given})
    db.session.add(decision)
    db.session.commit()
    return decision


def awarded(**given: Any) -> Award:
    """Return a committed award."""
    return award(earned_decision(**given))
