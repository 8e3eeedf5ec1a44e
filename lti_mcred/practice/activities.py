"""Making activities and grade columns, the same for every road that leads there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any

from lti_mcred.practice.desk import Desk
from lti_mcred.practice.models import Activity, Course, LineItem, Tool
from lti_mcred.practice.store import next_number

Json = dict[str, Any]


@dataclass(frozen=True)
class NewLineItem:
    """A grade column to make with an activity."""

    label: str
    score_maximum: float
    resource_id: str | None = None
    tag: str | None = None
    submission_review: Json | None = None


@dataclass(frozen=True)
class NewActivity:
    """An activity to make; ``url`` None means there is nothing to open."""

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


def custom_of(item: Json) -> Json:
    """The ``custom`` object of a content item, or {}."""
    return dict(part(item, "custom"))


def part(item: Json, name: str) -> Json:
    """An object member of a content item or line item; anything else counts as absent."""
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def finite(value: Any) -> float | None:
    """A JSON number that is one; NaN, Infinity, booleans and texts are not."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    return None


def text_of(item: Json, name: str) -> str | None:
    """A text member, or None when absent or empty."""
    found = item.get(name)
    return str(found) if found not in (None, "") else None


def moment_of(value: Any) -> datetime | None:
    """An ISO 8601 moment in UTC; a text without a zone is taken as UTC; None when it is no moment."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
