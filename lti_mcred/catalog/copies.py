"""Copied courses: an LMS copies its links, and they name the activities of the course that they came from.

Nothing is taken over before somebody who may add activities has said so, once for the whole course. What is taken over
is what can be earned: attempts, drafts, scores and columns stay where they were (docs/decisions/0010-course-copies.md).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Select, or_, select, update

from lti_mcred.catalog.definition import version_key
from lti_mcred.catalog.library import published
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db, random_id
from lti_mcred.engine.upsert import upsert
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import CourseCopy, ResourceLink
from lti_mcred.tool.protocol.claims import history
from lti_mcred.web.models import Visit


@dataclass(frozen=True)
class Item:
    """An activity to take over. `newest`: a higher published version, None when there is none.

    `used`: a link opened it in the course before, or waits for it here; Moodle may have dropped it otherwise.
    """

    origin: Activity
    newest: Version | None
    used: bool

    @property
    def name(self) -> str:
        """What links call it."""
        return self.origin.name_in_links


@dataclass(frozen=True)
class Offer:
    """What one earlier course has that this one does not have yet."""

    course: Course
    items: tuple[Item, ...]

    @property
    def shown(self) -> tuple[Item, ...]:
        """What a teacher is asked about."""
        return tuple(item for item in self.items if item.used)

    @property
    def unopened(self) -> tuple[str, ...]:
        """Titles that come along although no link to them was ever opened."""
        shown = {item.origin.version.title for item in self.shown}
        titles = dict.fromkeys(item.origin.version.title for item in self.items if not item.used)
        return tuple(title for title in titles if title not in shown)


def offers(visit: Visit) -> list[Offer]:
    """Return what can be taken over into the visit's course, by earlier course; [] when nothing waits."""
    course = db.session.get(Course, visit.course_id) if visit.course_id else None
    if course is None:
        return []
    names = _waiting(course, visit)
    before = _before(course, visit)
    asked = _origins_of(course, names, before)
    origins = list(dict.fromkeys([*(one.course_id for one in asked.values()), *_noticed_courses(course)]))
    here = set(db.session.scalars(_names_of(course.id)))
    newest: dict[str, Version] = {}
    found: list[Offer] = []
    for origin_id in origins:
        rows = [row for row in _activities(str(origin_id)) if row.name_in_links not in here]
        if rows and not newest:
            newest = {row.slug: row for row in published()}
        here |= {row.name_in_links for row in rows}
        offer = Offer(db.session.get_one(Course, origin_id), tuple(_item(row, names, newest) for row in rows))
        if offer.shown:
            found.append(offer)
    return found


def take_over(visit: Visit, offered: Iterable[Offer], newer: Collection[str] = ()) -> list[Activity]:
    """Make the activities of the offers activities of the visit's course, and let its waiting links open them; commit.

    `newer`: names of items of which the newest version is wanted. Safe to repeat, and for two teachers at once.
    """
    made: dict[str, str] = {}
    for item in (item for offer in offered for item in offer.items):
        version = item.newest if item.newest and item.name in newer else item.origin.version
        values = {
            "id": random_id(), "version_id": version.id, "platform_id": visit.platform_id,
            "deployment_id": visit.deployment_id, "created_by": visit.person_id, "copied_from": item.origin.id,
        }  # fmt: skip
        made[item.name] = str(upsert(Activity, {"course_id": visit.course_id, "named": item.name}, values, {}))
    for name, activity_id in made.items():
        waits = (
            ResourceLink.course_id == visit.course_id,
            ResourceLink.named == name,
            ResourceLink.activity_id.is_(None),
        )
        opened = update(ResourceLink).where(*waits).values(activity_id=activity_id, named=None)
        db.session.execute(opened.execution_options(synchronize_session=False))
    db.session.expire_all()
    look_again(visit)
    db.session.commit()
    return taken_over(visit)


def taken_over(visit: Visit) -> list[Activity]:
    """Return the activities of this course that came from another one and are in use, by title."""
    query = select(Activity).where(Activity.course_id == visit.course_id, Activity.copied_from.is_not(None))
    rows = [row for row in db.session.scalars(query) if _in_use(row)]
    return sorted(rows, key=lambda row: row.version.title.lower())


def look_again(visit: Visit) -> str | None:
    """Return what the visit's link opens by now, and let the visit open it. Does not commit."""
    if visit.activity_id is None and visit.resource_link_id:
        visit.activity_id = db.session.scalar(
            select(ResourceLink.activity_id).where(ResourceLink.id == visit.resource_link_id)
        )
    return visit.activity_id


def follow_link(link: ResourceLink, before: tuple[str, ...], deployment_id: str) -> str | None:
    """Return what a link opens that names nothing, but was copied from one of the links `before`; None: nothing yet.

    In the same course (new link ids for a new term) it opens what its forerunner opened. In another course it waits
    for the teacher, like a link that names its activity.
    """
    rows = db.session.execute(
        select(ResourceLink.resource_link_id, Activity)
        .join(Course, Course.id == ResourceLink.course_id)
        .join(Activity, Activity.id == ResourceLink.activity_id)
        .where(Course.deployment_id == deployment_id, ResourceLink.resource_link_id.in_(before))
        .where(Activity.deployment_id == deployment_id)
    )
    known: dict[str, Activity] = {row[0]: row[1] for row in rows}
    nearest = next((known[one] for one in before if one in known), None)
    if nearest is None:
        return None
    mine = select(Activity.id).where(
        Activity.course_id == link.course_id,
        or_(Activity.id == nearest.id, Activity.named == nearest.name_in_links),
    )
    link.activity_id = db.session.scalar(mine.limit(1))
    link.named = None if link.activity_id else nearest.name_in_links
    return link.activity_id


def asked_version(visit: Visit) -> Version | None:
    """Return the version that a waiting link of this visit stands for, None when it is not known here."""
    course = db.session.get(Course, visit.course_id) if visit.course_id else None
    if course is None:
        return None
    for origin in _origins_of(course, _own_names(visit), _before(course, visit)).values():
        return origin.version
    return None


def _waiting(course: Course, visit: Visit) -> list[str]:
    """Return what links of this course name that they cannot open yet, this visit's own first."""
    query = select(ResourceLink.named).where(
        ResourceLink.course_id == course.id, ResourceLink.activity_id.is_(None), ResourceLink.named.is_not(None)
    )
    return list(dict.fromkeys([*_own_names(visit), *(str(name) for name in db.session.scalars(query))]))


def _own_names(visit: Visit) -> list[str]:
    link = db.session.get(ResourceLink, visit.resource_link_id) if visit.resource_link_id else None
    custom = visit.launch.get("custom", {})
    said = custom.get("activity") or visit.launch.get("query", {}).get("activity")
    names = (link.named if link else None, None if visit.activity_id else said)
    return list(dict.fromkeys(str(name)[:32] for name in names if name))


def _before(course: Course, visit: Visit) -> list[str]:
    """Return the LMS's ids of earlier courses, the nearest first: from notices, then from the course's history."""
    return [*_noticed(course), *history(str(visit.launch.get("custom", {}).get("context_history", "")))]


def _noticed(course: Course) -> list[str]:
    query = (
        select(CourseCopy.origin_context_id)
        .where(CourseCopy.deployment_id == course.deployment_id, CourseCopy.context_id == course.context_id)
        .order_by(CourseCopy.noticed_at.desc(), CourseCopy.id.desc())
    )
    return list(db.session.scalars(query))


def _noticed_courses(course: Course) -> list[str]:
    query = (
        select(Course.id)
        .join(CourseCopy, CourseCopy.origin_context_id == Course.context_id)
        .where(CourseCopy.deployment_id == course.deployment_id, CourseCopy.context_id == course.context_id)
        .where(Course.deployment_id == course.deployment_id, Course.id != course.id)
        .order_by(CourseCopy.noticed_at.desc(), Course.id)
    )
    return list(db.session.scalars(query))


def _origins_of(course: Course, names: Collection[str], before: list[str]) -> dict[str, Activity]:
    """Return name -> the activity that it stood for in the nearest earlier course of this deployment."""
    if not names:
        return {}
    rows = db.session.execute(
        select(Activity, Course.context_id)
        .join(Course, Course.id == Activity.course_id)
        .where(or_(Activity.id.in_(names), Activity.named.in_(names)))
        .where(Activity.deployment_id == course.deployment_id, Activity.course_id != course.id)
    )

    def far(row: tuple[Activity, str]) -> tuple[int, int]:
        activity, context_id = row
        # Not in the history, or none given: the course where it was picked is the one that is sure.
        return (before.index(context_id) if context_id in before else len(before), int(activity.named is not None))

    nearest: dict[str, Activity] = {}
    for activity, _context in sorted(((row[0], row[1]) for row in rows), key=far):
        nearest.setdefault(activity.name_in_links, activity)
    return {name: nearest[name] for name in names if name in nearest}


def _activities(course_id: str) -> list[Activity]:
    rows = db.session.scalars(select(Activity).where(Activity.course_id == course_id))
    return sorted(rows, key=lambda one: (one.version.title.lower(), one.id))


def _item(row: Activity, waiting: Collection[str], newest: dict[str, Version]) -> Item:
    top = newest.get(row.version.slug)
    newer = top if top is not None and version_key(top.version) > version_key(row.version.version) else None
    return Item(row, newer, row.name_in_links in waiting or _in_use(row))


def _in_use(activity: Activity) -> bool:
    link = select(ResourceLink.id).where(
        ResourceLink.course_id == activity.course_id, ResourceLink.activity_id == activity.id
    )
    return db.session.scalar(link.limit(1)) is not None


def _names_of(course_id: str) -> Select[str | None]:
    return select(Activity.named).where(Activity.course_id == course_id, Activity.named.is_not(None))
