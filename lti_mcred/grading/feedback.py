"""What a learner is told about an attempt: the latest decision by criterion, or what a return wants."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.words import pass_rule_words
from lti_mcred.engine.db import db
from lti_mcred.evidence.decision import CriterionTold, Told
from lti_mcred.evidence.models import Attempt
from lti_mcred.evidence.words import part_title
from lti_mcred.grading.models import Assessment, Decision
from lti_mcred.grading.rubric import Given, Judged, Judgement, judge
from lti_mcred.grading.words import outcome_sentence


@dataclass(frozen=True)
class Line:
    """One criterion as it is read. `wanted` is empty when it is met; `pointer` says where the assessor saw it."""

    title: str
    level: str
    met: bool
    locked: bool
    required: bool
    descriptor: str
    wanted: str
    wanted_level: str
    comment: str
    pointer: str


@dataclass(frozen=True)
class Feedback:
    """A released decision as it is read."""

    outcome: str
    sentence: str
    rule: str
    decided_at: datetime
    number: int
    lines: tuple[Line, ...]

    @property
    def met(self) -> tuple[Line, ...]:
        """The criteria that are met."""
        return tuple(line for line in self.lines if line.met)

    @property
    def unmet(self) -> tuple[Line, ...]:
        """The criteria that are not met yet."""
        return tuple(line for line in self.lines if not line.met)


@dataclass(frozen=True)
class Returned:
    """An attempt that came back as incomplete: (title of the part, what is missing), and a note for all of it."""

    at: datetime
    number: int
    missing: tuple[tuple[str, str], ...]
    note: str


def decision_of(attempt: Attempt) -> Decision | None:
    """Return the decision that counts: the one with the highest sequence."""
    found: Decision | None = db.session.scalar(
        select(Decision).where(Decision.attempt_id == attempt.id).order_by(Decision.sequence.desc()).limit(1)
    )
    return found


def judgement_of(decision: Decision) -> Judgement:
    """Return the judgement that a decision recorded."""
    definition = definition_of(decision.attempt.enrolment.version)
    marks = {
        key: Given(row["level"], row.get("comment", ""), row.get("pointer", ""))
        for key, row in decision.criteria.items()
    }
    locked = {key: row for key, row in decision.criteria.items() if row.get("locked")}
    return judge(definition.rubric, marks, locked)


def feedback_for(attempt: Attempt) -> Feedback | None:
    """Return what the learner reads about this attempt; None while nothing is decided."""
    decision = decision_of(attempt)
    return feedback_of(decision) if decision else None


def feedback_of(decision: Decision) -> Feedback:
    """Return a decision as the learner reads it."""
    definition = definition_of(decision.attempt.enrolment.version)
    return preview_feedback(definition, judgement_of(decision), decision.attempt.number, decision.decided_at)


def preview_feedback(definition: Definition, judgement: Judgement, number: int, at: datetime) -> Feedback:
    """Return a judgement as the learner would read it."""
    return Feedback(
        outcome=judgement.outcome or "not_yet",
        sentence=outcome_sentence(judgement),
        rule=pass_rule_words(definition),
        decided_at=at,
        number=number,
        lines=tuple(_criterion_line(judgement, one) for one in judgement.criteria),
    )


def returned_for(attempt: Attempt) -> Returned | None:
    """Return what is missing, when this attempt came back as incomplete."""
    row: Assessment | None = db.session.scalar(
        select(Assessment).where(Assessment.attempt_id == attempt.id, Assessment.state == "returned").limit(1)
    )
    if row is None or row.missing is None:
        return None
    definition = definition_of(attempt.enrolment.version)
    parts = row.missing.get("parts", {})
    missing = tuple(
        (part_title(definition, spec), parts[spec.id]) for spec in definition.all_parts() if spec.id in parts
    )
    return Returned(row.submitted_at or row.started_at, attempt.number, missing, row.missing.get("note", ""))


def told(attempt_id: str) -> Told | None:
    """Return the decision in the shape in which the evidence room asks for it (its `decision_reader`)."""
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None:
        return None
    if (decision := decision_of(attempt)) is not None:
        criteria = {
            key: CriterionTold(row["level"], row["met"], row.get("comment", ""), row.get("pointer", ""))
            for key, row in decision.criteria.items()
        }
        return Told(decision.outcome, decision.decided_at, criteria)
    if (returned := returned_for(attempt)) is not None:
        return Told("returned", returned.at, {}, "\n".join(_listed(returned)))
    return None


def _listed(returned: Returned) -> list[str]:
    lines = [f"{title}: {text}" if text else title for title, text in returned.missing]
    return [*lines, returned.note] if returned.note else lines


def _criterion_line(judgement: Judgement, one: Judged) -> Line:
    criterion = one.criterion
    return Line(
        title=criterion.title,
        level=one.level.label if one.level else "",
        met=one.met,
        locked=one.locked,
        required=criterion.required,
        descriptor=one.descriptor,
        wanted="" if one.met else judgement.wanted(one),
        wanted_level=judgement.passing.label,
        comment=one.comment,
        pointer=one.pointer,
    )
