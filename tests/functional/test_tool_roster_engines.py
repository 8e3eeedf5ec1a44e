"""Class lists on SQLite and on PostgreSQL: what the statements of both engines must agree on."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from lti_mcred.engine.db import db
from lti_mcred.outbox import OutboxRow
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.roster import reading
from lti_mcred.tool.roster.plan import plan_night
from tests import factories
from tests.roster_helpers import ONE, TEACH, Class, canvas_course, learner, listen, read, standing, words

NIGHT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # half past one in New York


@pytest.fixture
def course(either: Flask) -> Iterator[Course]:
    """A course in Canvas; a worker says in which language it speaks."""
    with force_locale("en"):
        yield canvas_course()


@pytest.fixture
def class_list(either: Flask, course: Course) -> Class:
    return listen(either, Class(course))


def test_one_who_left_keeps_the_row_and_comes_back_with_it(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c")
    read(course)
    before = db.session.scalars(select(Membership.id).join(Person).where(Person.sub == "b")).one()
    class_list.lacks("b")
    assert words(course) == "2 people; 1 left"
    assert standing(course) == {"a": "active", "b": "gone", "c": "active"}
    class_list.has("b")
    assert words(course) == "3 people; 1 came back"
    assert standing(course)["b"] == "active"
    assert db.session.scalars(select(Membership.id).join(Person).where(Person.sub == "b")).one() == before


def test_two_deployments_with_the_same_people_and_course_never_meet(either: Flask, course: Course) -> None:
    other = factories.course(factories.deployment(platform_of(course)), context_id=course.context_id)
    other.memberships_url = "https://lms.example.edu/other/memberships"
    db.session.commit()
    here = listen(either, Class(course))
    here.has("1", "2", name="Ours")
    read(course)
    there = listen(either, Class(other))
    there.has("1", name="Theirs")
    there.has("3", role=TEACH)
    read(other)
    named = {(one.deployment_id, one.sub): one.name for one in db.session.scalars(select(Person))}
    ours, theirs = course.deployment_id, other.deployment_id
    assert named == {(ours, "1"): "Ours", (ours, "2"): "Ours", (theirs, "1"): "Theirs", (theirs, "3"): None}
    there.people = [{"user_id": "3", "roles": [ONE]}]
    read(other)
    assert standing(course) == {"1": "active", "2": "active"}
    assert standing(other) == {"1": "gone", "3": "active"}


def test_names_are_kept_as_the_platform_sends_them(course: Course, class_list: Class) -> None:
    learner(course, "a")
    class_list.has("a", name="Nadia Vidal", family_name="Vidal", email="n@example.edu")
    class_list.has("b")
    read(course)
    found = {one.sub: (one.name, one.email) for one in db.session.scalars(select(Person))}
    assert found == {"a": ("Nadia Vidal", "n@example.edu"), "b": (None, None)}
    class_list.people = [{"user_id": "a", "roles": [ONE]}, {"user_id": "b", "roles": [ONE], "name": "B\0eth"}]
    read(course)
    db.session.expire_all()
    found = {one.sub: (one.name, one.email) for one in db.session.scalars(select(Person))}
    assert found == {"a": ("Nadia Vidal", "n@example.edu"), "b": ("Beth", None)}


def test_a_list_is_held_and_applied(course: Course, class_list: Class) -> None:
    for sub in ("s0", "s1", "not-listed"):
        learner(course, sub)
    class_list.has(*(f"s{number}" for number in range(250)))
    assert words(course) == "250 people; 248 new; 1 left"
    class_list.people = class_list.people[:5]
    held = read(course)
    assert (held.state, held.missing, held.known) == ("held", 245, 250)
    assert reading.apply_held(course.id, held.reading_id)
    assert sorted(sub for sub, state in standing(course).items() if state == "active") == [f"s{n}" for n in range(5)]


def test_the_night_is_planned_once(course: Course) -> None:
    visit = factories.visit(factories.person(course), course, "teacher")
    visit.opened_at = NIGHT - timedelta(days=1)
    db.session.commit()
    plan_night(NIGHT)
    plan_night(NIGHT + timedelta(minutes=1))
    assert db.session.scalar(select(func.count()).select_from(OutboxRow)) == 1
