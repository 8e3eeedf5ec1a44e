"""Canvas's gradebook: submissions and result rows, and a grade that a teacher types."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from lti_mcred.practice.campus.cells import grade_of, keep_grade
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Grade, LineItem, Person, Result
from lti_mcred.practice.ground.shapes import Cell as PageCell
from lti_mcred.practice.temperaments.canvas import score_rules

Json = dict[str, Any]
FIRST_RESULT = 91001


def result_of(here: Desk, item: LineItem, learner: Person) -> Result | None:
    """The AGS result row of a learner; None before the first score post."""
    return here.db.scalar(select(Result).where(Result.line_item_id == item.id, Result.person_id == learner.id))


def keep_result(here: Desk, item: LineItem, learner: Person, moment: datetime) -> Result:
    """The result row, made if need be; ``moment`` is the time of the post that makes it."""
    result = result_of(here, item, learner)
    if result is None:
        number = (here.db.scalar(select(func.max(Result.number))) or FIRST_RESULT - 1) + 1
        result = Result(line_item=item, person_id=learner.id, number=number, updated_at=moment)
        here.db.add(result)
        here.db.flush()
    return result


def cell_of(grade: Grade | None) -> score_rules.Cell:
    """The stored submission as the rules see it; None is one that was never begun."""
    if grade is None:
        return score_rules.Cell()
    names = score_rules.Cell.__dataclass_fields__
    return score_rules.Cell(**{name: getattr(grade, name) for name in names})


def type_grade(here: Desk, item: LineItem, learner: Person, score: float | None) -> Grade:
    """A person grades in Canvas: the result row follows, kept on its own scale (rule E2)."""
    grade = keep_grade(here, item, learner)
    grade.score, grade.grader, grade.graded_at = score, "teacher", here.now()
    grade.state = "ungraded" if score is None else "graded"
    grade.graded_attempt = grade.attempt
    grade.overridden = True
    result = result_of(here, item, learner)
    if result is not None and not result.maximum:
        result.maximum = item.score_maximum
    if result is not None:
        scale = (result.maximum or 0) / item.score_maximum if item.score_maximum else 1.0
        result.score = None if score is None else score * scale
    return grade


def cell(here: Desk, item: LineItem, learner: Person) -> PageCell:
    """What the gradebook page shows. A further line item has only results."""
    grade, result = grade_of(here, item, learner), result_of(here, item, learner)
    main = item.activity is not None and item.activity.main_item is item
    shown = grade.score if grade and main else None
    if not main and result is not None and result.score is not None:
        shown = score_rules.scaled(result.score, result.maximum, item.score_maximum)
    return PageCell(
        person=learner,
        score=shown,
        state=grade.state if grade else "unsubmitted",
        attempt=grade.attempt if grade else 0,
        comments=tuple(comment.text for comment in grade.comments) if grade else (),
        grade=grade,
        result=result_json(result),
        can_review=bool(main and grade and grade.submission_type == "basic_lti_launch" and grade.submission_data),
    )


def result_json(result: Result | None) -> Json | None:
    """The result row under the names of AGS 2.0, for the control JSON; None before the first post."""
    if result is None:
        return None
    return {
        "resultScore": result.score,
        "resultMaximum": result.maximum,
        "comment": result.comment,
        "activityProgress": result.activity_progress,
        "gradingProgress": result.grading_progress,
        "timestamp": result.updated_at.isoformat(),
    }
