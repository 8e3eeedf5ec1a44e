"""Planting the campuses: people, a course, default switches. The same data every time."""

from __future__ import annotations

import secrets

from sqlalchemy.orm import Session as DbSession

from lti_mcred.practice.campus.desk import Campus, Desk, Practice
from lti_mcred.practice.ground.models import Course, Person
from lti_mcred.practice.ground.people import PersonSeed
from lti_mcred.practice.ground.tables import CampusState


def plant(practice: Practice) -> None:
    """Give every campus that has none its people and its course."""
    with practice.store.session() as db:
        for campus in practice.campuses.values():
            if db.get(CampusState, campus.slug) is None:
                _plant_campus(db, campus)
        db.commit()


def replant(practice: Practice) -> None:
    """Start over: everything is forgotten, tools and grades included."""
    practice.store.reset()
    practice.tool_keys.forget()
    plant(practice)


def enrol_extra(desk: Desk, count: int) -> list[Person]:
    """Enrol ``count`` more made-up learners and return them; their keys go on from ``extra-N``, their names repeat."""
    first = sum(1 for person in desk.people() if person.key.startswith("extra-"))
    seeds = (desk.temperament.extra_person(first + offset) for offset in range(count))
    added = [_person(desk.campus, seed) for seed in seeds]
    desk.db.add_all(added)
    desk.db.flush()
    return added


def enrol_named(desk: Desk, given_name: str, family_name: str) -> Person:
    """Enrol one more learner under a name of her own and return her."""
    (added,) = enrol_extra(desk, 1)
    added.given_name, added.family_name = given_name, family_name
    return added


def _plant_campus(db: DbSession, campus: Campus) -> None:
    temperament = campus.temperament
    switches = temperament.default_switches()
    db.add(CampusState(campus=campus.slug, secret=secrets.token_hex(32), switches=switches, faults={}))
    db.add_all(_person(campus, seed) for seed in temperament.people())
    course = temperament.course()
    db.add(
        Course(
            campus=campus.slug,
            number=course.number,
            context_id=temperament.context_id(campus.root, course),
            label=course.label,
            title=course.title,
            sourced_id=course.sourced_id,
            starts_at=course.starts_at,
        )
    )


def _person(campus: Campus, seed: PersonSeed) -> Person:
    sub, legacy = campus.temperament.person_ids(campus.root, seed)
    return Person(
        campus=campus.slug,
        key=seed.key,
        number=seed.number,
        sub=sub,
        legacy_id=legacy,
        given_name=seed.given_name,
        family_name=seed.family_name,
        email=seed.email,
        sourced_id=seed.sourced_id,
        username=seed.username,
        role=seed.role,
    )
