"""Roles of ours, given to a person and taken from her."""

from typing import Any

from sqlalchemy import delete, exists, select, update

from lti_mcred.engine.db import changed, db, new_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.people.models import Grant, Membership, Person, RoleRequest
from lti_mcred.people.roles import ASSESSOR, OUR_ROLES


def granted_to_person() -> list[Any]:
    """Return an expression for each of OUR_ROLES: whether a Person of the statement has it."""
    return [exists().where(Grant.person_id == Person.id, Grant.role == role) for role in OUR_ROLES]


def grant(person: Person, role: str) -> bool:
    """Give a person a role and answer her request for it; return whether she had it not. Commits."""
    had = db.session.scalar(select(Grant.id).filter_by(person_id=person.id, role=role)) is not None
    if not had:
        key = {"person_id": person.id, "role": role}
        upsert(Grant, key, {"id": new_id(), "granted_at": utcnow()}, {})
    open_still = (RoleRequest.person_id == person.id, RoleRequest.role == role, RoleRequest.state != "approved")
    changed(update(RoleRequest).where(*open_still).values(state="approved", decided_at=utcnow()))
    db.session.commit()
    return not had


def revoke(person: Person, role: str) -> bool:
    """Take a role from a person; return whether she had it. It ends in pages that are open, too. Commits."""
    had = db.session.scalar(select(Grant.id).filter_by(person_id=person.id, role=role)) is not None
    mine = delete(Grant).where(Grant.person_id == person.id, Grant.role == role)
    db.session.execute(mine.execution_options(synchronize_session=False))
    answered = (RoleRequest.person_id == person.id, RoleRequest.role == role, RoleRequest.state == "approved")
    changed(update(RoleRequest).where(*answered).values(state="ended", decided_at=utcnow()))
    if role == ASSESSOR:
        forget_teaching(person.id)
    db.session.commit()
    return had


def forget_teaching(person_id: str) -> None:
    """Forget what a person said of her courses, because she is no assessor any more. Does not commit."""
    mine = Membership.person_id == person_id, Membership.teaches_at.is_not(None)
    changed(update(Membership).where(*mine).values(teaches_at=None))
