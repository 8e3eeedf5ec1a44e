"""Granting roles of ours to people of an LMS, by their user id there, also before their first launch."""

from sqlalchemy import select

from lti_mcred.db import db
from lti_mcred.tool.models import Grant, Person, Platform

ROLES = ("assessor", "lead", "author", "admin")


class UnknownPlatform(ValueError):
    """There is no such LMS."""


def grant(platform_id: str, sub: str, role: str) -> str:
    """Give the person `sub` of that LMS the role, commit, and return a sentence about it. Raises UnknownPlatform."""
    platform = db.session.get(Platform, platform_id)
    if platform is None:
        message = f"There is no LMS with id {platform_id!r}. See: lti-mcred platforms list"
        raise UnknownPlatform(message)
    person = db.session.scalar(select(Person).filter_by(platform_id=platform.id, sub=sub))
    if person is None:
        person = Person(platform_id=platform.id, sub=sub)
        db.session.add(person)
        db.session.flush()
    if db.session.scalar(select(Grant).filter_by(person_id=person.id, role=role)):
        return f"{person.name or sub} already has the role {role}."
    db.session.add(Grant(person_id=person.id, role=role))
    db.session.commit()
    return f"{person.name or sub} has the role {role} from the next launch on."
