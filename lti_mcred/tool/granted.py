"""What the LMS really lets us do, as its launches said: scopes, the class list, deep linking, notices, placements.

A launch reads and writes nothing here as long as it brings what was seen today already.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from lti_mcred.db import db, new_id, utcnow
from lti_mcred.tool.claims import Launch
from lti_mcred.tool.models import SeenService
from lti_mcred.tool.upsert import upsert

FAMILIES: dict[str, Any] = {
    "grades": _l("Grades"),
    "roster": _l("The class list"),
    "notices": _l("Notices"),
    "messages": _l("Messages"),
    "placements": _l("Places in the LMS"),
}
_MOST_OF_A_LAUNCH, _MOST_OF_A_DEPLOYMENT, _LONGEST = 40, 200, 255
_STILL = timedelta(days=2)


@dataclass(frozen=True)
class News:
    """What a launch brought that was not seen today: (family, name) pairs."""

    deployment_id: str
    pairs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Seen:
    """One thing that the LMS gave. `still`: the newest launches that could bring it did."""

    family: Any
    name: str
    last_seen_at: datetime
    still: bool


def news(deployment_id: str, launch: Launch) -> News:
    """Return what has to be noted of this launch. Asks only this process's memory."""
    known = _memory().get(deployment_id, {})
    today = utcnow().date()
    fresh = [pair for pair in _brought(launch) if known.get(pair) != today]
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
    known = _memory().setdefault(found.deployment_id, {})
    known.update(dict.fromkeys(found.pairs, now.date()))


def seen(deployment_id: str) -> list[Seen]:
    """Return what this deployment (an id of ours) was given, by family and name."""
    rows = db.session.scalars(select(SeenService).where(SeenService.deployment_id == deployment_id)).all()
    newest = {
        family: max((row.last_seen_at for row in rows if row.family == family), default=None) for family in FAMILIES
    }
    order = list(FAMILIES)
    found = []
    for row in sorted(rows, key=lambda row: (order.index(row.family), row.name)):
        last = newest[row.family] or row.last_seen_at
        found.append(Seen(FAMILIES[row.family], row.name, row.last_seen_at, last - row.last_seen_at < _STILL))
    return found


def _brought(launch: Launch) -> list[tuple[str, str]]:
    found = [("grades", scope) for scope in (launch.grades.scopes if launch.grades else ())]
    if launch.memberships_url:
        found.append(("roster", "2.0"))
    found += [("notices", kind) for kind in launch.notices]
    found.append(("messages", launch.message_type))
    if launch.placement:
        found.append(("placements", launch.placement))
    return [(family, name[:_LONGEST]) for family, name in dict.fromkeys(found)][:_MOST_OF_A_LAUNCH]


def _memory() -> dict[str, dict[tuple[str, str], date]]:
    """Return what this process has noted: deployment -> (family, name) -> the day."""
    kept: dict[str, dict[tuple[str, str], date]] = current_app.extensions.setdefault("seen_services", {})
    return kept
