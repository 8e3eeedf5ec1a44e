"""The cell of a learner in a gradebook column, as both temperaments keep it."""

from sqlalchemy import select

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Grade, LineItem, Person


def grade_of(here: Desk, item: LineItem, learner: Person) -> Grade | None:
    """Return the cell; None while nothing was ever put there."""
    return here.db.scalar(select(Grade).where(Grade.line_item_id == item.id, Grade.person_id == learner.id))


def keep_grade(here: Desk, item: LineItem, learner: Person) -> Grade:
    """Return the cell; one that is made for this stands at attempt 0, not handed in."""
    grade = grade_of(here, item, learner)
    if grade is None:
        grade = Grade(line_item=item, person_id=learner.id, state="unsubmitted", attempt=0)
        here.db.add(grade)
        here.db.flush()
    return grade
