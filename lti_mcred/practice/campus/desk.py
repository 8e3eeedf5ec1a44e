"""A campus, and the desk where one request to it is served: its data, its clock, its switches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as DbSession

from lti_mcred.practice.campus.temperament import Temperament
from lti_mcred.practice.ground.config import PracticeConfig
from lti_mcred.practice.ground.models import Course, Person, Session, Tool
from lti_mcred.practice.ground.store import Store
from lti_mcred.practice.ground.tables import CampusState
from lti_mcred.practice.ground.tool_keys import ToolKeys


@dataclass(frozen=True)
class Practice:
    """The whole process: settings, data, and what is known of tools' keys."""

    config: PracticeConfig
    store: Store
    tool_keys: ToolKeys
    campuses: dict[str, Campus]


@dataclass(frozen=True)
class Campus:
    """One complete platform: an issuer with a temperament. ``root`` is its address, without a slash at the end."""

    slug: str
    temperament: Temperament[Desk]
    root: str

    @property
    def issuer(self) -> str:
        """The ``iss`` of its tokens: its root address, without a slash at the end."""
        return self.root

    def url(self, path: str) -> str:
        """The absolute URL of a path below the campus, e.g. ``/login/oauth2/token``."""
        return self.root + path


class Desk:
    """Everything that serving one request on one campus needs. ``browser`` is the signed-in session, if any."""

    def __init__(self, practice: Practice, campus: Campus, db: DbSession) -> None:
        self.practice = practice
        self.campus = campus
        self.temperament = campus.temperament
        self.db = db
        self.browser: Session | None = None

    @property
    def state(self) -> CampusState:
        """The row with this campus's switches, faults and secret; planted with the campus, so always there."""
        return self.db.get_one(CampusState, self.campus.slug)

    @property
    def person(self) -> Person | None:
        """Who is signed in with this browser, or None: a tool's request for a service has nobody."""
        return self.browser.person if self.browser else None

    def now(self) -> datetime:
        """The campus's own time: the machine's, off by the clock fault."""
        return self.practice.config.now() + timedelta(seconds=int(self.state.faults.get("clock_offset_s", 0)))

    def switch(self, name: str) -> Any:
        """The value of a switch; a name that the temperament does not have is a programming error."""
        return self.switches()[name]

    def switches(self) -> dict[str, Any]:
        """All switches; those that are newer than the campus's data stand at their default."""
        return self.temperament.default_switches() | self.state.switches

    def tool(self, client_id: object) -> Tool | None:
        """The tool of that client id on this campus, switched on or not; whatever is no client id of one is None."""
        statement = select(Tool).where(Tool.campus == self.campus.slug, Tool.client_id == str(client_id))
        return self.db.scalar(statement)

    def tools(self) -> list[Tool]:
        """The tools of this campus, the first installed first; those that are off are among them."""
        return list(self.db.scalars(select(Tool).where(Tool.campus == self.campus.slug).order_by(Tool.id)))

    def course(self, number: int) -> Course | None:
        """The course of that number, as it stands in its address; None where this campus has no such course."""
        return self.db.scalar(select(Course).where(Course.campus == self.campus.slug, Course.number == number))

    def courses(self) -> list[Course]:
        """The courses of this campus, copies included."""
        return list(self.db.scalars(select(Course).where(Course.campus == self.campus.slug)))

    def person_by_key(self, key: str) -> Person | None:
        """The person whom scripts call by that name ("teacher", "learner-1"), or None."""
        return self.db.scalar(select(Person).where(Person.campus == self.campus.slug, Person.key == key))

    def person_by_sub(self, sub: object) -> Person | None:
        """The person of that ``sub``, or None; a JSON number counts as its digits."""
        return self.db.scalar(select(Person).where(Person.campus == self.campus.slug, Person.sub == str(sub)))

    def people(self) -> list[Person]:
        """Everybody of this campus by id, suspended and removed people and the test student included."""
        return list(self.db.scalars(select(Person).where(Person.campus == self.campus.slug).order_by(Person.id)))
