"""Roles of ours, given to people of an LMS and taken from them: who is meant, and what changes.

People are those whom a launch or a class list has named. Whoever gives a role says which of them: by e-mail, by name,
or by the user id of the LMS. Somebody who was never seen gets none: a slip of the pen would make an assessor of nobody.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select

from lti_mcred.engine.db import db
from lti_mcred.people.models import Grant, Membership, Person
from lti_mcred.tool.known.models import Deployment, Platform

PAGE = 50
_Row = tuple[Person, Platform, Deployment]
_MOST_NAMED = 10


class PeopleError(ValueError):
    """Nobody is meant, or more than one, or there is no such LMS; the message says what to write instead."""


@dataclass(frozen=True)
class Known:
    """A person of an LMS. `roles`: of ours. `seen_at`: her last launch from a course, None when there was none."""

    person: Person
    platform: Platform
    deployment: Deployment
    roles: tuple[str, ...]
    seen_at: datetime | None

    def words(self) -> str:
        """Return who it is on one line, with the ids that name her alone."""
        who = f"{self.person.name or '(no name)'}  {self.person.email or '(no e-mail)'}  --sub {self.person.sub}"
        lms = f"{self.platform.name} (--platform {self.platform.id} --deployment {self.deployment.deployment_id})"
        return printable(f"{who}  {lms}")


@dataclass(frozen=True)
class Wanted:
    """Who is meant: exactly one of `email`, `name` and `sub`, in one LMS and deployment where those are given."""

    email: str = ""
    name: str = ""
    sub: str = ""
    platform_id: str = ""
    deployment_id: str = ""


def listed(
    *, platform_id: str = "", deployment: str = "", search: str = "", role: str = "", after: str = "", most: int = 0
) -> Iterator[Known]:
    """Yield people of LMSs that are connected, in the order of their ids after `after`; `most` 0 means all.

    `deployment`: our id of one. `search`: a part of a name, or of an e-mail. `role`: only whoever has it.
    """
    query = _people(platform_id).order_by(Person.id)
    if deployment:
        query = query.where(Deployment.id == deployment)
    if after:
        query = query.where(Person.id > after)
    if role:
        query = query.where(Person.id.in_(select(Grant.person_id).where(Grant.role == role)))
    if search:
        named = (column.icontains(search, autoescape=True) for column in (Person.name, Person.email))
        query = query.where(or_(*named))
    if most:
        query = query.limit(most)
    rows = _rows(query)
    for start in range(0, len(rows), PAGE):
        yield from _known(rows[start : start + PAGE])


def find(wanted: Wanted) -> Person:
    """Return the one person who is meant. Raises PeopleError, which names those who may be meant."""
    given = [value for value in (wanted.email, wanted.name, wanted.sub) if value]
    if len(given) != 1:
        message = "Say who is meant with one of --email, --name and --sub. See: lti-mcred people list"
        raise PeopleError(message)
    if wanted.platform_id and db.session.get(Platform, wanted.platform_id) is None:
        message = f"There is no LMS with id {wanted.platform_id!r}. See: lti-mcred platforms list"
        raise PeopleError(message)
    query = _people(wanted.platform_id)
    if wanted.deployment_id:
        query = query.where(Deployment.deployment_id == wanted.deployment_id)
    rows = _rows(query.where(Person.sub == wanted.sub)) if wanted.sub else _rows_by_name(query, wanted)
    if len(rows) == 1:
        return rows[0][0]
    if rows:
        message = f"More than one person is {given[0]!r}. Say which one:\n{_lines(rows)}"
        raise PeopleError(message)
    raise PeopleError(_nobody(query, wanted, given[0]))


def not_seen_yet(wanted: Wanted) -> Person:
    """Return the person with this user id, put down before anybody has seen her. Flushes. Raises PeopleError.

    For an id that is known for certain: of LTI 1.1 (tool/launch/lti11.py), or of the demo.
    """
    platform = db.session.get(Platform, wanted.platform_id) if wanted.platform_id else None
    if platform is None or not wanted.sub:
        message = "Somebody who was not seen yet is named by --platform and --sub."
        raise PeopleError(message)
    known = [one for one in platform.deployments if one.state == "active"]
    found = [one for one in known if wanted.deployment_id in ("", one.deployment_id)]
    if len(found) != 1:
        raise PeopleError(_which_deployment(platform, [one.deployment_id for one in known]))
    same = {"deployment_id": found[0].id, "sub": wanted.sub}
    person = db.session.scalar(select(Person).filter_by(**same))
    if person is None:
        person = Person(**same)
        db.session.add(person)
        db.session.flush()
    return person


def _which_deployment(platform: Platform, known: Sequence[str]) -> str:
    if known:
        names = ", ".join(known)
        return f"Say which deployment of {platform.name} is meant with --deployment. It has: {names}"
    return (
        f"{platform.name} has no deployment yet. Open the tool from the LMS once, or add its deployment with: "
        f"lti-mcred platforms approve {platform.id} DEPLOYMENT"
    )


def _people(platform_id: str) -> Any:
    """Return the query for people who may come: no test users, none of LMSs or installations that are stopped."""
    query: Any = (
        select(Person, Platform, Deployment)
        .join(Deployment, Deployment.id == Person.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(Platform.state == "active", Deployment.state == "active", ~Person.is_test_user)
    )
    return query.where(Platform.id == platform_id) if platform_id else query


def _rows(query: Select[Any]) -> list[_Row]:
    return [(row[0], row[1], row[2]) for row in db.session.execute(query)]


def _known(rows: Sequence[_Row]) -> Iterator[Known]:
    ids = [person.id for person, _platform, _deployment in rows]
    granted = db.session.execute(
        select(Grant.person_id, Grant.role).where(Grant.person_id.in_(ids)).order_by(Grant.role)
    )
    roles: dict[str, list[str]] = {}
    for person_id, role in granted:
        roles.setdefault(person_id, []).append(role)
    last = select(Membership.person_id, func.max(Membership.seen_at)).where(Membership.person_id.in_(ids))
    seen = {row[0]: row[1] for row in db.session.execute(last.group_by(Membership.person_id))}
    for person, platform, deployment in rows:
        yield Known(person, platform, deployment, tuple(roles.get(person.id, ())), seen.get(person.id))


def _rows_by_name(query: Select[Any], wanted: Wanted) -> list[_Row]:
    """Return people by e-mail or whole name, however it is written. Compared here: a database knows less of Unicode."""
    column, meant = (Person.email, wanted.email) if wanted.email else (Person.name, wanted.name)
    pairs = db.session.execute(query.with_only_columns(Person.id, column).where(column.is_not(None)))
    ids = [person_id for person_id, said in pairs if _as_compared(said or "") == _as_compared(meant)][: _MOST_NAMED + 1]
    return _rows(query.where(Person.id.in_(ids)).order_by(Person.id))


def _nobody(query: Select[Any], wanted: Wanted, given: str) -> str:
    said = f"Nobody who was seen here is {given!r}. A person is known from her first launch on, or when the class list "
    said += "of her course was read. See: lti-mcred people list"
    if not wanted.name:
        return said
    pairs = db.session.execute(query.with_only_columns(Person.id, Person.name).where(Person.name.is_not(None)))
    near = [person_id for person_id, name in pairs if _as_compared(given) in _as_compared(name or "")][:_MOST_NAMED]
    rows = _rows(query.where(Person.id.in_(near)).order_by(Person.id))
    return f"{said}\nWhose name has it in it:\n{_lines(rows)}" if rows else said


def _lines(rows: Iterable[_Row]) -> str:
    return "\n".join(f"  {one.words()}" for one in _known(list(rows)[:_MOST_NAMED]))


def printable(text: str) -> str:
    """Return text of an LMS as a terminal may show it: nothing that moves the cursor or turns the direction."""
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)


def _as_compared(text: str) -> str:
    """Return a name as it is compared: case, spaces, and how its letters are put together do not count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
