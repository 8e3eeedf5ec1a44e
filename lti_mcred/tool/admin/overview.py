"""What the pages show: the list of LMSs, and one LMS as far as the administrator may see it. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import func, select

from lti_mcred.engine.db import db
from lti_mcred.tool.admin.reach import Administrator
from lti_mcred.tool.admin.words import State, deployment_state, state_of
from lti_mcred.tool.health import connection
from lti_mcred.tool.health.connection import Report
from lti_mcred.tool.health.given import Place, Service, places, services
from lti_mcred.tool.known import granted, refused
from lti_mcred.tool.known.granted import Seen
from lti_mcred.tool.known.models import Deployment, Platform, PlatformKeys, RefusedLaunch, ToolKey
from lti_mcred.tool.wire import keys
from lti_mcred.tool.wire.jwks import readable_keys
from lti_mcred.web.models import Visit

PAGE = 50
_ORDER = {"pending": 0, "active": 1, "refused": 2}


@dataclass(frozen=True)
class Line:
    """One LMS in the list."""

    platform: Platform
    state: State


@dataclass(frozen=True)
class Installation:
    """One deployment, with its state in words."""

    row: Deployment
    state: State


@dataclass(frozen=True)
class Given:
    """What one installation gives us: `seen` is all that its launches brought, in technical words."""

    row: Deployment
    services: tuple[Service, ...]
    places: tuple[Place, ...]
    seen: tuple[Seen, ...]

    @property
    def lacking(self) -> int:
        """How many services it does not give."""
        return sum(one.given is False for one in self.services)


@dataclass(frozen=True)
class KeySet:
    """The public keys of an LMS, as they were last fetched."""

    fetched_at: datetime
    expires_at: datetime
    count: int


@dataclass(frozen=True)
class Overview:
    """One LMS, as far as the administrator may see it."""

    platform: Platform
    state: State
    installations: tuple[Installation, ...]
    given: tuple[Given, ...]
    last_launch_at: datetime | None
    # The newest that the LMS signed, then the newest that anybody may have sent.
    refused: tuple[RefusedLaunch, ...]
    reports: tuple[Report, ...]
    key_set: KeySet | None
    our_key: ToolKey | None

    @property
    def pending(self) -> tuple[Installation, ...]:
        """The installations that wait for approval."""
        return tuple(one for one in self.installations if one.row.state == "pending")


def list_platforms(after: str = "") -> tuple[list[Line], str]:
    """Return a page of all LMSs, the newest first, and the key of the next page ("" at the end)."""
    query = select(Platform).order_by(Platform.id.desc()).limit(PAGE + 1)
    if after:
        query = query.where(Platform.id < after)
    rows = list(db.session.scalars(query))
    shown, more = rows[:PAGE], len(rows) > PAGE
    waiting = _pending_counts([row.id for row in shown])
    refused_at = _last_refused([row.id for row in shown])
    lines = [Line(row, state_of(row, waiting.get(row.id, 0), refused_at.get(row.id))) for row in shown]
    return lines, shown[-1].id if more else ""


def show_platform(who: Administrator, platform: Platform) -> Overview:
    """Return what she may see of this LMS. An LMS's administrator sees her own installation and its launches alone."""
    mine = sorted((row for row in platform.deployments if who.sees(row)), key=lambda row: (_ORDER[row.state], row.id))
    only = None if who.operates else [row.id for row in mine]
    launched = platform.last_launch_at if who.operates else _last_launch(mine)
    last = refused.last(platform, only)
    refused_at = max((row.at for row in last), default=None)
    pending = sum(row.state == "pending" for row in mine)
    return Overview(
        platform=platform,
        state=state_of(platform, pending, refused_at) if who.operates else _own_state(launched, refused_at),
        installations=tuple(Installation(row, deployment_state(row.state)) for row in mine),
        given=_given_to_each(platform, [row for row in mine if row.state == "active"]),
        last_launch_at=launched,
        refused=tuple(last),
        reports=tuple(connection.latest(platform, only)),
        key_set=_key_set(platform),
        our_key=our_key(),
    )


def our_key() -> ToolKey | None:
    """Return the key that signs our messages now."""
    return db.session.get(ToolKey, keys.signing_key().kid)


def _own_state(launched: datetime | None, refused: datetime | None) -> State:
    if refused and (launched is None or refused > launched):
        return State("attention", _("The last launch was refused"))
    return State("met", _("Works"))


def _pending_counts(platform_ids: Sequence[str]) -> dict[str, int]:
    counted = (
        select(Deployment.platform_id, func.count().label("number"))
        .where(Deployment.platform_id.in_(platform_ids), Deployment.state == "pending")
        .group_by(Deployment.platform_id)
    )
    return {row.platform_id: row.number for row in db.session.execute(counted)}


def _last_refused(platform_ids: Sequence[str]) -> dict[str, datetime]:
    newest = (
        select(RefusedLaunch.platform_id, func.max(RefusedLaunch.at).label("at"))
        .where(RefusedLaunch.platform_id.in_(platform_ids))
        .group_by(RefusedLaunch.platform_id)
    )
    return {row.platform_id: row.at for row in db.session.execute(newest)}


def _last_launch(mine: Sequence[Deployment]) -> datetime | None:
    opened = select(func.max(Visit.opened_at)).where(Visit.deployment_id.in_([row.id for row in mine]))
    return db.session.scalar(opened)


def _given_to_each(platform: Platform, mine: Sequence[Deployment]) -> tuple[Given, ...]:
    brought = granted.brought_to(row.id for row in mine)
    return tuple(
        Given(
            row,
            tuple(services(platform, brought[row.id])),
            tuple(places(platform, brought[row.id])),
            brought[row.id].seen,
        )
        for row in mine
    )


def _key_set(platform: Platform) -> KeySet | None:
    row = db.session.get(PlatformKeys, platform.jwks_url)
    return KeySet(row.fetched_at, row.expires_at, len(readable_keys(row.document))) if row else None
