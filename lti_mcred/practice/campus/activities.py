"""Making activities and grade columns, the same for every road that leads there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.models import Activity, Course, LineItem, Tool
from lti_mcred.practice.ground.store import next_number

Json = dict[str, Any]


@dataclass(frozen=True)
class NewLineItem:
    """A grade column to make; ``score_maximum`` in points, ``submission_review`` as the deep linking item had it."""

    label: str
    score_maximum: float
    resource_id: str | None = None
    tag: str | None = None
    submission_review: Json | None = None


@dataclass(frozen=True)
class NewActivity:
    """An activity to make; ``url`` None means there is nothing to open, times are in UTC."""

    course: Course
    tool: Tool
    title: str
    text: str = ""
    url: str | None = None
    custom: Json | None = None
    new_window: bool = False
    published: bool = True
    in_menu: bool = False
    opens_at: datetime | None = None
    due_at: datetime | None = None
    closes_at: datetime | None = None
    line_items: tuple[NewLineItem, ...] = ()


def create_activity(desk: Desk, new: NewActivity) -> Activity:
    """Store an activity with its coupled columns and give it the campus's kind of ids."""
    number = next_number(desk.db, Activity, desk.campus.slug, desk.temperament.first_activity)
    link_id, legacy = desk.temperament.link_ids(desk.campus.root, number)
    activity = Activity(
        campus=desk.campus.slug,
        number=number,
        course=new.course,
        tool=new.tool,
        link_id=link_id,
        legacy_link_id=legacy,
        title=new.title,
        text=new.text,
        url=new.url,
        custom=new.custom or {},
        new_window=new.new_window,
        published=new.published,
        in_menu=new.in_menu,
        graded=bool(new.line_items),
        opens_at=new.opens_at,
        due_at=new.due_at,
        closes_at=new.closes_at,
    )
    desk.db.add(activity)
    desk.db.flush()
    for column in new.line_items:
        add_line_item(desk, column, course=new.course, tool=new.tool, activity=activity, coupled=True)
    return activity


def add_line_item(
    desk: Desk, new: NewLineItem, *, course: Course, tool: Tool, activity: Activity | None, coupled: bool = False
) -> LineItem:
    """Store one grade column; ``coupled`` tells a column that came with its activity."""
    item = LineItem(
        campus=desk.campus.slug,
        number=next_number(desk.db, LineItem, desk.campus.slug, desk.temperament.first_line_item),
        course=course,
        tool=tool,
        activity=activity,
        label=new.label,
        score_maximum=new.score_maximum,
        resource_id=new.resource_id,
        tag=new.tag,
        coupled=coupled,
        submission_review=new.submission_review,
    )
    desk.db.add(item)
    desk.db.flush()
    return item
