"""The gradebook as data: one shape for the page and for the control JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Activity, Course, LineItem, Person, ScorePost
from lti_mcred.practice.ground.shapes import Cell

Json = dict[str, Any]


@dataclass(frozen=True)
class Column:
    """A grade column with a cell for each learner."""

    item: LineItem
    cells: tuple[Cell, ...]


def line_items(desk: Desk, course: Course) -> list[LineItem]:
    """The columns of a course, the oldest first, whichever tool they belong to."""
    return list(desk.db.scalars(select(LineItem).where(LineItem.course_id == course.id).order_by(LineItem.id)))


def columns(desk: Desk, course: Course, only: Person | None = None) -> list[Column]:
    """Every column with a cell for each learner who is not removed; ``only`` keeps one learner's."""
    there = [person for person in desk.people() if person.learns and person.enrolled != "removed"]
    learners = [only] if only else there
    return [
        Column(item, tuple(desk.temperament.cell(desk, item, learner) for learner in learners))
        for item in line_items(desk, course)
    ]


def posts_of(desk: Desk, item: LineItem, learner: Person) -> list[ScorePost]:
    """Every accepted score post of one cell, oldest first."""
    statement = select(ScorePost).where(ScorePost.line_item_id == item.id, ScorePost.person_id == learner.id)
    return list(desk.db.scalars(statement.order_by(ScorePost.id)))


def activities(desk: Desk, course: Course, *, menu: bool = False) -> list[Activity]:
    """The activities of a course, the oldest first; ``menu`` asks for the links in its menu instead."""
    statement = select(Activity).where(Activity.course_id == course.id, Activity.in_menu == menu)
    return list(desk.db.scalars(statement.order_by(Activity.id)))


def as_json(desk: Desk, course: Course) -> list[Json]:
    """For the control address: one row per cell that holds anything."""
    return [
        _cell_json(desk, column.item, cell)
        for column in columns(desk, course)
        for cell in column.cells
        if cell.grade is not None or cell.result is not None
    ]


def _cell_json(desk: Desk, item: LineItem, cell: Cell) -> Json:
    grade = cell.grade
    return {
        "line_item": desk.temperament.line_item_url(desk, item),
        "line_item_number": item.number,
        "label": item.label,
        "activity": item.activity.number if item.activity else None,
        "person": cell.person.key,
        "sub": cell.person.sub,
        "name": cell.person.name,
        "score": cell.score,
        "maximum": item.score_maximum,
        "state": cell.state,
        "attempt": cell.attempt,
        "comments": list(cell.comments),
        "grader": grade.grader if grade else None,
        "overridden": bool(grade and grade.overridden),
        "submission_type": grade.submission_type if grade else None,
        "submission_data": grade.submission_data if grade else None,
        "submitted_at": grade.submitted_at.isoformat() if grade and grade.submitted_at else None,
        "posted_at": grade.posted_at.isoformat() if grade and grade.posted_at else None,
        "result": cell.result,
        "posts": [
            {"at": post.at.isoformat(), "body": post.body, "effect": post.effect}
            for post in posts_of(desk, item, cell.person)
        ],
    }
