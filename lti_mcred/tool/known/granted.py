"""What the LMS really lets us do, as its launches said: scopes, the class list, deep linking, notices, placements.

A launch reads and writes nothing here as long as it brings what was seen today already.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.services import service
from lti_mcred.tool.known.models import SeenService
from lti_mcred.tool.protocol.claims import RESOURCE_LINK_REQUEST, Launch

FAMILIES: dict[str, Any] = {
    "grades": _l("Grades"),
    "roster": _l("The class list"),
    "notices": _l("Notices"),
    "messages": _l("Messages"),
    "placements": _l("Places in the LMS"),
}
# What comes with every launch from a course as long as it is granted. A message or a place comes when it is used.
_RIGHTS = ("grades", "roster", "notices")
# Noted beside them: the tool was opened from a course, so whatever right did not come along was not granted.
_COURSE = ("courses", "opened")
_MOST_OF_A_LAUNCH, _MOST_OF_A_DEPLOYMENT, _LONGEST = 40, 200, 255


class SeenToday(dict[str, dict[tuple[str, str], date]]):
    """What this process has noted: deployment -> (family, name) -> the day."""


@dataclass(frozen=True)
class News:
    """What a launch brought that was not seen today: (family, name) pairs."""

    deployment_id: str
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Seen:
    """One thing that the LMS gave. `still`: it is no right that was missing on the last day with launches."""

    family: str
    name: str
    last_seen_at: datetime
    still: bool

    @property
    def title(self) -> str:
        """What it belongs to, for people."""
        return str(FAMILIES[self.family])


@dataclass(frozen=True)
class Brought:
    """What the launches of one deployment brought. `from_course`: the tool was opened from a course there."""

    seen: tuple[Seen, ...] = ()
    from_course: bool = False

    def find(self, family: str, name: str) -> Seen | None:
        """Return this one thing, None when it never came."""
        return next((one for one in self.seen if (one.family, one.name) == (family, name)), None)


def news(deployment_id: str, launch: Launch, *, in_course: bool) -> News:
    """Return what has to be noted of this launch. Asks only this process's memory."""
    known = service(SeenToday).get(deployment_id, {})
    today = utcnow().date()
    fresh = [pair for pair in _brought(launch, in_course=in_course) if known.get(pair) != today]
    return News(deployment_id, tuple(fresh[: max(0, _MOST_OF_A_DEPLOYMENT - len(known.keys() - set(fresh)))]))


def note(found: News) -> None:
    """Note it. Commits when there is something to note, and otherwise does nothing at all."""
    if not found.pairs:
        return
    now = utcnow()
    for family, name in found.pairs:
        key = {"deployment_id": found.deployment_id, "family": family, "name": name}
        upsert(SeenService, key, {"id": new_id(), "first_seen_at": now, "last_seen_at": now}, {"last_seen_at": now})
    db.session.commit()
    known = service(SeenToday).setdefault(found.deployment_id, {})
    known.update(dict.fromkeys(found.pairs, now.date()))


def brought(deployment_id: str) -> Brought:
    """Return what this deployment (an id of ours) was given, by family and name."""
    return brought_to([deployment_id])[deployment_id]


def brought_to(deployment_ids: Iterable[str]) -> dict[str, Brought]:
    """Return what each of these deployments was given."""
    rows: dict[str, list[SeenService]] = {one: [] for one in deployment_ids}
    for row in db.session.scalars(select(SeenService).where(SeenService.deployment_id.in_(list(rows)))):
        rows[row.deployment_id].append(row)
    return {one: _from_rows(found) for one, found in rows.items()}


def _from_rows(rows: Sequence[SeenService]) -> Brought:
    order = list(FAMILIES)
    shown = sorted((row for row in rows if row.family in FAMILIES), key=lambda row: (order.index(row.family), row.name))
    opened = [row.last_seen_at for row in rows if (row.family, row.name) == _COURSE]
    last = {
        family: max(opened + [row.last_seen_at for row in rows if row.family == family], default=None)
        for family in _RIGHTS
    }
    return Brought(
        tuple(Seen(row.family, row.name, row.last_seen_at, _still(row, last.get(row.family))) for row in shown),
        bool(opened),
    )


def _still(row: SeenService, last: datetime | None) -> bool:
    """Whether it came along on the last day on which it could. Times are noted once a day, so days are compared."""
    return last is None or row.last_seen_at.date() >= last.date()


def _brought(launch: Launch, *, in_course: bool) -> list[tuple[str, str]]:
    found = [_COURSE] if in_course and launch.message_type == RESOURCE_LINK_REQUEST else []
    found += [("grades", scope) for scope in (launch.grades.scopes if launch.grades else ())]
    if launch.memberships_url:
        found.append(("roster", "2.0"))
    found += [("notices", kind) for kind in launch.notices]
    found.append(("messages", launch.message_type))
    if launch.placement:
        found.append(("placements", launch.placement))
    return [(family, name[:_LONGEST]) for family, name in dict.fromkeys(found)][:_MOST_OF_A_LAUNCH]
