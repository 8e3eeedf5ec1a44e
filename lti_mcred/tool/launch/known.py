"""What a launch meets here already, read in one statement: most launches bring nothing new and need no writing.

Rows that differ, or are missing, are written by arrive.py, where two first launches at once meet safely.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import compress
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, or_, select

from lti_mcred.engine.db import Base, db, utcnow
from lti_mcred.engine.quick import Quick, adopt, columns_of
from lti_mcred.people.grants import granted_to_person
from lti_mcred.people.models import Course, Grant, Membership, Person
from lti_mcred.people.roles import OUR_ROLES, may_teach
from lti_mcred.tool.known.models import Deployment, Platform, ResourceLink, Roster
from lti_mcred.tool.protocol.claims import Launch
from lti_mcred.web.models import Powers, Visit

Row = Mapping[str, Any]
_COLUMNS: dict[type[Base], tuple[str, ...]] = {
    Course: ("id", "title", "label", "lineitems_url", "memberships_url", "scopes"),
    Person: ("id", "name", "given_name", "family_name", "email", "lti11_user_id", "is_test_user", "administers"),
    Membership: ("id", "roles", "state", "seen_at", "listed_roles", "teaches_at"),
    ResourceLink: ("id", "title", "named", "lineitem_url", "activity_id"),
}
_PLATFORM = columns_of(Platform, "registration", "registration_token_sealed")
_DEPLOYMENT = columns_of(Deployment)
_SEEN_EVERY = timedelta(minutes=1)


def _statement() -> Select[Any]:
    """One statement for every launch: a value that a launch does not have is NULL and finds nothing."""
    columns = [getattr(model, name) for model, names in _COLUMNS.items() for name in names]
    # Before and after hers in the index of browsers and people: looking for "not hers" would read all of her own first.
    browser = (Visit.browser_hash == bindparam("browser"), Visit.platform_id == Deployment.platform_id)
    shared = or_(
        exists().where(*browser, Visit.person_id < Person.id), exists().where(*browser, Visit.person_id > Person.id)
    )
    course = and_(Course.deployment_id == Deployment.id, Course.context_id == bindparam("context"))
    link = and_(ResourceLink.course_id == Course.id, ResourceLink.resource_link_id == bindparam("link"))
    return (
        select(*_PLATFORM, *_DEPLOYMENT, *columns, *granted_to_person(), shared, Roster.started_at)
        .select_from(Deployment)
        .join(Platform)
        .outerjoin(Course, course)
        .outerjoin(Person, and_(Person.deployment_id == Deployment.id, Person.sub == bindparam("sub")))
        .outerjoin(Membership, and_(Membership.course_id == Course.id, Membership.person_id == Person.id))
        .outerjoin(ResourceLink, link)
        .outerjoin(Roster, Roster.course_id == Course.id)
        .where(Deployment.platform_id == bindparam("platform"), Deployment.deployment_id == bindparam("deployment"))
    )


_KNOWN = Quick(_statement())


@dataclass(frozen=True)
class Known:
    """What is stored of a launch; None: not yet. Values by column name.

    `granted`: the person's roles of ours, None when they have to be looked up. `shared_browser`: the browser holds
    visits of somebody else. `listed_from`: when the last reading of the course's class list began.
    """

    platform: Platform
    deployment: Deployment | None = None
    course: Row | None = None
    person: Row | None = None
    membership: Row | None = None
    link: Row | None = None
    granted: tuple[str, ...] | None = None
    shared_browser: bool = True
    listed_from: datetime | None = None

    def seen_lately(self) -> bool:
        """Whether she came within the last minute, and not before a reading of the class list that is still going on.

        A reading takes nobody off the list who came while it went on (roster/rows.py), so that has to be written down.
        """
        seen = self.membership["seen_at"] if self.membership else None
        if seen is None or utcnow() - seen >= _SEEN_EVERY:
            return False
        return self.listed_from is None or bool(self.listed_from <= seen)

    def powers(self, launch: Launch, person_id: str) -> Powers:
        """Return what she may do on the first page; each later one reads it anew (known/powers.py)."""
        granted, member = self.granted, self.membership
        if granted is None:
            stored = set(db.session.scalars(select(Grant.role).where(Grant.person_id == person_id)))
            granted = tuple(role for role in OUR_ROLES if role in stored)
        teaches = member is not None and member["teaches_at"] is not None
        teaches = teaches and may_teach(launch.roles, member["listed_roles"] if member else None)
        return Powers(launch.roles, granted, teaches=teaches, administers=launch.administers)


def known(platform_id: str, launch: Launch, browser_hash: str | None) -> Known:
    """Return what is stored of this launch. `platform_id` is a registration of ours."""
    values = {
        "platform": platform_id,
        "deployment": launch.deployment_id,
        "context": launch.context.id if launch.context else None,
        "sub": launch.sub,
        "link": launch.link.id if launch.link else None,
        "browser": browser_hash,
    }
    found = _KNOWN.first(values)
    if found is None:
        return Known(db.session.get_one(Platform, platform_id))
    platform = adopt(Platform, _PLATFORM, found[: len(_PLATFORM)])
    start = len(_PLATFORM) + len(_DEPLOYMENT)
    deployment, rows = adopt(Deployment, _DEPLOYMENT, found[len(_PLATFORM) : start]), []
    for names in _COLUMNS.values():
        row = dict(zip(names, found[start : start + len(names)], strict=True))
        rows.append(row if row["id"] is not None else None)
        start += len(names)
    course, person, membership, link = rows
    met = person is not None
    *granted, shared, listed_from = found[start:]
    roles = tuple(compress(OUR_ROLES, granted)) if met else None
    return Known(platform, deployment, course, person, membership, link, roles, shared or not met, listed_from)


def unchanged(row: Row | None, values: Row) -> bool:
    """Whether `row` is there and holds `values` already."""
    return row is not None and all(row[name] == value for name, value in values.items())
