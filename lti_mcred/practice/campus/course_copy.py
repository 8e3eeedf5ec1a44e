"""Copying a course for the next term: what each platform keeps, and what it makes anew.

Both keep the links with their address and custom fields, word for word. Both make new contexts, new resource links and
new grade columns, and take no work, grades or comments along.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from lti_mcred.practice.campus.activities import NewActivity, NewLineItem, create_activity
from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Activity, Course, LineItem
from lti_mcred.practice.ground.people import CourseSeed
from lti_mcred.practice.ground.store import next_number

TERM = timedelta(weeks=20)


def copy_course(desk: Desk, course: Course) -> Course:
    """Store the copy and return it; everybody of the campus is enrolled in it, as in the first course."""
    number = next_number(desk.db, Course, desk.campus.slug, course.number)
    title, label = _("%(title)s (next term)", title=course.title), f"{course.label}-{number}"
    seed = CourseSeed(number, label, str(title), f"{course.sourced_id}-{number}", course.starts_at + TERM)
    made = Course(
        campus=desk.campus.slug,
        number=number,
        context_id=desk.temperament.context_id(desk.campus.root, seed),
        label=label,
        title=seed.title,
        sourced_id=seed.sourced_id,
        starts_at=seed.starts_at,
        copied_from_id=course.id,
    )
    desk.db.add(made)
    desk.db.flush()
    statement = select(Activity).where(Activity.course_id == course.id, Activity.url.is_not(None))
    for activity in desk.db.scalars(statement.order_by(Activity.id)).all():
        _copy_activity(desk, activity, made)
    return made


def earlier_contexts(desk: Desk, course: Course) -> list[str]:
    """The context ids that ``$Context.id.history`` stands for: the nearest first."""
    found = []
    while course.copied_from_id is not None:
        course = desk.db.get_one(Course, course.copied_from_id)
        found.append(course.context_id)
    return found


def _copy_activity(desk: Desk, activity: Activity, course: Course) -> None:
    copied = create_activity(
        desk,
        NewActivity(
            course=course,
            tool=activity.tool,
            title=activity.title,
            text=activity.text,
            url=activity.url,
            custom=dict(activity.custom),
            new_window=activity.new_window,
            published=activity.published,
            in_menu=activity.in_menu,
            opens_at=activity.opens_at,
            due_at=activity.due_at,
            closes_at=activity.closes_at,
            line_items=tuple(_column(item) for item in activity.line_items if item.coupled),
        ),
    )
    copied.allowed_attempts = activity.allowed_attempts


def _column(item: LineItem) -> NewLineItem:
    return NewLineItem(item.label, item.score_maximum, item.resource_id, item.tag, item.submission_review)
