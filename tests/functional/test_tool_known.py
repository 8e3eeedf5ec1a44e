"""A launch that brings nothing new writes nothing but itself; whatever differs from what is stored is written."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from lti_mcred.engine.db import db
from lti_mcred.people.models import Course, Grant, Membership, Person
from lti_mcred.tool.known.models import ResourceLink, Roster
from lti_mcred.tool.known.powers import find_visit
from lti_mcred.web.models import Visit
from tests.conformance.lms import INSTRUCTOR, Lms
from tests.statements import statements

NOON = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)


@pytest.fixture
def visited_lms(lms: Lms) -> Iterator[Lms]:
    """An LMS whose link was opened once, at noon."""
    with time_machine.travel(NOON, tick=False):
        lms.launch()
        yield lms


@contextmanager
def written() -> Iterator[list[str]]:
    """Collect the tables that are written to."""
    tables: list[str] = []
    with statements() as asked:
        yield tables
    found = (re.match(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)", one) for one in asked)
    tables += [match.group(1) for match in found if match]


def membership() -> Membership:
    return db.session.scalars(select(Membership).execution_options(populate_existing=True)).one()


def test_a_launch_that_brings_nothing_new_writes_its_login_and_its_visit_alone(visited_lms: Lms) -> None:
    with written() as tables:
        visited_lms.launch()
    assert tables == ["login_attempt", "login_attempt", "visit"]


@pytest.mark.parametrize(
    ("changes", "column", "value"),
    [
        ({"context": {"id": "course-1", "title": "Safety 2", "label": "SAF1"}}, Course.title, "Safety 2"),
        ({"family_name": "Okafor-Lindqvist"}, Person.family_name, "Okafor-Lindqvist"),
        ({"resource_link": {"id": "link-1", "title": "Renamed"}}, ResourceLink.title, "Renamed"),
        ({"custom": {"activity": "0" * 32}}, ResourceLink.named, "0" * 32),
        ({"roles": [INSTRUCTOR]}, Membership.roles, ["teacher"]),
    ],
    ids=["course", "person", "link", "name of a link", "roles"],
)
def test_whatever_differs_is_written(
    visited_lms: Lms, changes: dict[str, object], column: object, value: object
) -> None:
    visited_lms.launch(**changes)
    assert db.session.scalars(select(column)).all() == [value]


def test_the_time_of_the_last_launch_is_true_to_a_minute(visited_lms: Lms) -> None:
    with time_machine.travel(NOON + timedelta(seconds=59), tick=False):
        visited_lms.launch()
    assert membership().seen_at == NOON
    with time_machine.travel(NOON + timedelta(seconds=60), tick=False):
        visited_lms.launch()
    assert membership().seen_at == NOON + timedelta(seconds=60)


def test_a_launch_while_the_class_list_is_read_is_written_at_once(visited_lms: Lms) -> None:
    began = NOON + timedelta(seconds=10)
    db.session.add(Roster(course_id=membership().course_id, state="reading", reading_id="r", started_at=began))
    db.session.commit()
    with time_machine.travel(NOON + timedelta(seconds=20), tick=False):
        visited_lms.launch()
    assert membership().seen_at == NOON + timedelta(seconds=20)


def test_the_first_launch_of_somebody_on_the_class_list_is_written(visited_lms: Lms) -> None:
    db.session.execute(update(Membership).values(seen_at=None))
    db.session.commit()
    visited_lms.launch()
    assert membership().seen_at == NOON


def test_who_was_taken_off_the_class_list_is_in_the_course_again(visited_lms: Lms) -> None:
    db.session.execute(update(Membership).values(state="gone"))
    db.session.commit()
    visited_lms.launch()
    assert membership().state == "active"


def test_a_role_of_ours_counts_in_every_visit(visited_lms: Lms) -> None:
    db.session.add(Grant(person_id=membership().person_id, role="assessor"))
    db.session.commit()
    visited_lms.launch()
    first, second = db.session.scalars(select(Visit.id).order_by(Visit.id))
    assert [find_visit(one).granted for one in (first, second)] == [("assessor",), ("assessor",)]


def test_in_a_shared_browser_nobody_finds_the_visits_of_those_before_her(visited_lms: Lms) -> None:
    for sub in ("user-0", "user-9", "user-5", "user-5"):
        visited_lms.launch(sub=sub)
    visits = db.session.execute(select(Person.sub, Visit.browser_hash).join(Visit).order_by(Visit.id)).all()
    assert len(visits) == 5
    assert {sub for sub, browser in visits if browser} == {"user-5"}
    assert sum(browser is not None for _sub, browser in visits) == 2
