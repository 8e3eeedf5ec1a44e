"""A page of the class list goes into the tables, a few statements for any number of people; and who is missing.

Statements only: no row becomes an object that the session would keep, so memory does not grow with the class.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from typing import cast as cast_type

from sqlalchemy import Insert, String, Table, and_, bindparam, cast, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement

from lti_mcred.engine.db import Base, changed, db, new_id, random_id
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.people.roles import LEARNER
from lti_mcred.tool.known.models import Roster
from lti_mcred.tool.wire.nrps import Member

T = TypeVar("T")
_BATCH = 200
_NAMES = ("name", "given_name", "family_name", "email")


@dataclass
class Counted:
    """What a page brought: people it names, of them not named before in this reading, new to us, and back again.

    `left`: people of ours whom it calls deleted.
    """

    named: int = 0
    people: int = 0
    added: int = 0
    returned: int = 0
    left: int = 0


@dataclass(frozen=True)
class _Known:
    id: str
    roles: list[str]
    state: str
    seen_at: Any
    listed_roles: list[str] | None
    listed_in: str | None


def take_in(course: Course, roster: Roster, members: Iterable[Member]) -> Counted:
    """Record who is on this page; whom the LMS calls deleted has gone by its word. The caller commits.

    A launch that came after the reading began knows better than the list. Names that the LMS does not send stay.
    """
    # In one order everywhere, so that two courses of a school cannot wait for each other's rows.
    listed = tuple(members)
    present = sorted({one.user_id: one for one in listed if one.status != "Deleted"}.values(), key=lambda m: m.user_id)
    deleted = {one.user_id for one in listed} - {one.user_id for one in present}
    counted = Counted(named=len(present), left=_delete(course, roster, sorted(deleted)))
    for batch in _batches(present):
        people = _people(course.deployment_id, batch)
        known = _known(course.id, list(people.values()))
        fresh = [one for one in batch if people[one.user_id] not in known]
        _insert(course.id, roster, fresh, people)
        _update(roster, [(one, known[people[one.user_id]]) for one in batch if people[one.user_id] in known], counted)
        counted.added += len(fresh)
        counted.people += len(fresh)
    return counted


def roles_now(known_roles: list[str], listed_before: list[str] | None, listed: Sequence[str]) -> list[str]:
    """Return the roles that count for somebody who has launched: those of the launch, unless the list has changed.

    Moodle lists a non-editing teacher as a learner from the first day to the last; a list that begins to say
    something else tells of a change in the LMS.
    """
    if listed_before is None or listed_before == list(listed):
        return known_roles
    return list(listed)


def missing(roster: Roster) -> ColumnElement[bool]:
    """Return the condition for memberships that this reading should have named and did not."""
    return and_(
        countable(roster),
        or_(Membership.listed_in.is_(None), Membership.listed_in != roster.reading_id),
        or_(Membership.seen_at.is_(None), Membership.seen_at < roster.started_at),
    )


def countable(roster: Roster) -> ColumnElement[bool]:
    """Return the condition for people of the course whom a class list names: once listed, or learning here.

    LMSs leave out administrators who are not enrolled, and test users.
    """
    test_user = exists().where(Person.id == Membership.person_id, Person.is_test_user)
    learns = and_(cast(Membership.roles, String).like(f'%"{LEARNER}"%'), ~test_user)
    return and_(
        Membership.course_id == roster.course_id,
        Membership.state != "gone",
        or_(Membership.listed_in.is_not(None), learns),
    )


def count(condition: ColumnElement[bool]) -> int:
    """Return how many memberships there are."""
    return db.session.scalar(select(func.count()).select_from(Membership).where(condition)) or 0


def let_go(roster: Roster) -> int:
    """Mark whom the reading did not name as gone; return how many. Their work stays as it is."""
    return changed(update(Membership).where(missing(roster)).values(state="gone"))


def _delete(course: Course, roster: Roster, subs: Sequence[str]) -> int:
    """Mark as gone whom the LMS calls deleted; return how many were here. Another page, or a launch since, wins."""
    gone = 0
    for batch in _batches(subs):
        people = select(Person.id).where(Person.deployment_id == course.deployment_id, Person.sub.in_(batch))
        named = update(Membership).where(missing(roster), Membership.person_id.in_(people)).values(state="gone")
        gone += changed(named)
    return gone


def _batches(members: Sequence[T]) -> Iterator[list[T]]:
    rest = iter(members)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _insert_into(model: type[Base]) -> Any:
    return (postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert)(model)


def _people(deployment_id: str, batch: list[Member]) -> dict[str, str]:
    """Record the people of a deployment and return sub -> person id. Unchanged rows are not written."""
    rows = [
        {"id": new_id(), "deployment_id": deployment_id, "sub": one.user_id, "is_test_user": one.is_test_user}
        | {name: getattr(one, name) for name in _NAMES}
        for one in batch
    ]
    statement: Any = _insert_into(Person).values(rows)
    told: dict[str, Any] = {name: func.coalesce(statement.excluded[name], getattr(Person, name)) for name in _NAMES} | {
        "is_test_user": or_(statement.excluded["is_test_user"], Person.is_test_user)
    }
    differs = or_(*(getattr(Person, name).is_distinct_from(value) for name, value in told.items()))
    merged: Insert = statement.on_conflict_do_update(index_elements=["deployment_id", "sub"], set_=told, where=differs)
    db.session.execute(merged)
    mine = Person.deployment_id == deployment_id, Person.sub.in_([one.user_id for one in batch])
    return {row.sub: row.id for row in db.session.execute(select(Person.sub, Person.id).where(*mine))}


def _known(course_id: str, people: list[str]) -> dict[str, _Known]:
    """Return person id -> what we know; locked on PostgreSQL, so that a launch waits instead of being overwritten."""
    columns = (
        Membership.person_id, Membership.id, Membership.roles, Membership.state, Membership.seen_at,
        Membership.listed_roles, Membership.listed_in,
    )  # fmt: skip
    mine = Membership.course_id == course_id, Membership.person_id.in_(people)
    rows = db.session.execute(select(*columns).where(*mine).order_by(Membership.id).with_for_update())
    return {row[0]: _Known(*row[1:]) for row in rows}


def _insert(course_id: str, roster: Roster, fresh: list[Member], people: dict[str, str]) -> None:
    if not fresh:
        return
    rows = [
        {
            "id": random_id(), "course_id": course_id, "person_id": people[one.user_id], "roles": list(one.roles),
            "state": _state_of(one), "seen_at": None, "listed_roles": list(one.roles), "listed_in": roster.reading_id,
        }
        for one in fresh
    ]  # fmt: skip
    statement: Any = _insert_into(Membership).values(rows)
    # A first launch may come between: its roles and its state stay.
    listed = {name: statement.excluded[name] for name in ("listed_roles", "listed_in")}
    db.session.execute(statement.on_conflict_do_update(index_elements=["course_id", "person_id"], set_=listed))


def _update(roster: Roster, pairs: list[tuple[Member, _Known]], counted: Counted) -> None:
    same: list[str] = []
    different: list[dict[str, Any]] = []
    for member, known in pairs:
        counted.people += known.listed_in != roster.reading_id
        now = _now(roster, member, known)
        counted.returned += known.state == "gone" and now["to_state"] != "gone"
        if (now["to_roles"], now["to_state"], now["to_listed"]) == (known.roles, known.state, known.listed_roles):
            same.append(known.id)
        else:
            different.append({"row": known.id, **now})
    if same:
        changed(update(Membership).where(Membership.id.in_(same)).values(listed_in=roster.reading_id))
    if different:
        table = cast_type("Table", Membership.__table__)
        statement = update(table).where(table.c.id == bindparam("row")).values(
            roles=bindparam("to_roles"), state=bindparam("to_state"), listed_roles=bindparam("to_listed"),
            listed_in=roster.reading_id,
        )  # fmt: skip
        db.session.connection().execute(statement, different)


def _now(roster: Roster, member: Member, known: _Known) -> dict[str, Any]:
    listed = list(member.roles)
    if known.seen_at is None:
        return {"to_roles": listed, "to_state": _state_of(member), "to_listed": listed}
    if known.seen_at >= roster.started_at:
        return {"to_roles": known.roles, "to_state": known.state, "to_listed": listed}
    roles = roles_now(known.roles, known.listed_roles, listed)
    return {"to_roles": roles, "to_state": _state_of(member), "to_listed": listed}


def _state_of(member: Member) -> str:
    return "inactive" if member.status == "Inactive" else "active"
