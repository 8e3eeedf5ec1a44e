"""Moodle's gradebook: one grade a column and person; a grade typed by a teacher is overridden and stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lti_mcred.practice.campus.cells import grade_of, keep_grade
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Comment, Grade, LineItem, Person, ScorePost
from lti_mcred.practice.ground.shapes import Cell
from lti_mcred.practice.temperaments.moodle.score_rules import Outcome

Json = dict[str, Any]


def post(here: Desk, item: LineItem, learner: Person, outcome: Outcome, body: Json) -> None:
    """Store a post. An overridden grade keeps its score, and the answer is 200 all the same."""
    grade = keep_grade(here, item, learner)
    grade.posted_at = outcome.moment
    step = "kept" if grade.overridden else "wiped" if outcome.score is None else "written"
    if not grade.overridden:
        grade.score, grade.grader = outcome.score, "tool" if outcome.score is not None else None
        grade.state = "graded" if outcome.score is not None else "ungraded"
        grade.graded_at = outcome.moment if outcome.score is not None else None
        grade.comments = [Comment(author="", text=outcome.comment, created_at=here.now())] if outcome.comment else []
    effect = {"score": step, "new_attempt": False, "state": grade.state}
    here.db.add(ScorePost(line_item=item, person_id=learner.id, at=here.now(), body=body, effect=effect))
    here.db.flush()


def type_grade(here: Desk, item: LineItem, learner: Person, score: float | None) -> Grade:
    """A teacher types a grade: it is overridden from then on, until it is taken away again."""
    grade = keep_grade(here, item, learner)
    grade.score, grade.overridden = score, score is not None
    grade.grader = "teacher" if score is not None else None
    grade.state = "ungraded" if score is None else "graded"
    grade.graded_at = here.now()
    return grade


def result(here: Desk, item: LineItem, grade: Grade, url_of: Callable[..., str]) -> Json:
    """One result; without a grade only id and userId are there."""
    found: Json = {
        "id": url_of(here, item, "/results", f"&user_id={grade.person.sub}"),
        "userId": grade.person.sub,
    }
    if grade.score is None:
        return found
    found["resultScore"] = int(grade.score) if grade.score == int(grade.score) else grade.score
    maximum = item.score_maximum
    found["resultMaximum"] = int(maximum) if maximum == int(maximum) else maximum
    if grade.comments:
        found["comment"] = grade.comments[0].text
    found["scoreOf"] = url_of(here, item)
    stamp = grade.posted_at or grade.graded_at
    if stamp is not None:
        found["timestamp"] = stamp.strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return found


def cell(here: Desk, item: LineItem, learner: Person) -> Cell:
    """What the gradebook page shows; review is offered for every graded link, as Moodle does."""
    grade = grade_of(here, item, learner)
    return Cell(
        person=learner,
        score=grade.score if grade else None,
        state=grade.state if grade else "unsubmitted",
        attempt=0,
        comments=tuple(comment.text for comment in grade.comments) if grade else (),
        grade=grade,
        result=None,
        can_review=item.activity is not None and item.coupled,
    )
