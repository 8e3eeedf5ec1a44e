"""Ids in the addresses of teachers and assessors: not the same for the same work, and none tells a time."""

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db, new_id, random_id, utcnow
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.people.models import Membership
from lti_mcred.web.references import reference, referred
from tests import factories
from tests.doubling import assert_linear
from tests.grading_helpers import Browser, decided, taken, world

calm = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
ID = re.compile(r"[0-9a-f]{32}|(?<=[/=\"])[A-Za-z0-9_-]{22}(?=[/\"&?])")


@calm
@given(number=st.uuids(), audience=st.sampled_from(["assessor", "ledger"]))
def test_a_reference_stands_for_its_id_for_its_audience_alone(app: Flask, number: uuid.UUID, audience: str) -> None:
    made = reference(audience, number.hex)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", made)
    assert referred(audience, made) == number.hex
    assert referred("somebody else", made) != number.hex


@calm
@given(text=st.text(max_size=80))
def test_whatever_comes_instead_is_no_fault(app: Flask, text: str) -> None:
    assert len(referred("assessor", text)) <= 32


def test_a_long_text_instead_is_read_in_linear_time(app: Flask) -> None:
    assert_linear(lambda text: referred("assessor", text), lambda size: "A" * size)


def test_an_id_of_a_page_that_was_open_before_is_still_understood(app: Flask) -> None:
    old = new_id()
    assert referred("assessor", old) == old


def test_a_random_id_tells_no_time(app: Flask) -> None:
    ids = [random_id() for _turn in range(200)]
    assert len({one[:4] for one in ids}) > 100
    assert ids != sorted(ids)


def ids(answer: TestResponse, visit_id: str) -> set[str]:
    """Return what stands for a row in the links and forms of a page, but the visit that they all lie in."""
    named = [*re.findall(r'(?:href|action|value|data-[a-z-]+|id)="([^"]*)"', answer.text), answer.location or ""]
    found = {one for address in named for one in ID.findall(f'"{address}"')}
    bearer = set(re.findall(r'name="visit_bearer" value="([^"]+)"', answer.text))
    return {one for one in found if one != visit_id and one not in bearer and "evidence-files" not in one}


def tells_time(row_id: str) -> bool:
    """Whether an id holds a moment of these days, as a UUID of version 7 does."""
    if len(row_id) != 32:
        return False
    written = int(row_id[:12], 16) / 1000
    return abs(utcnow().timestamp() - written) < timedelta(days=3650).total_seconds()


def test_an_assessor_and_a_teacher_meet_no_id_that_the_other_meets_and_none_tells_a_time(client: FlaskClient) -> None:
    here = world()
    for number in range(30):
        here.attempt(factories.person(here.course, name=f"Person {number}") if number else None)
    for row in db.session.query(LedgerEntry).all():
        row.state = "held"
    assessor, teacher = Browser(client, here.desk()), Browser(client, here.teaching())
    desk = ids(assessor.get("/assess"), assessor.visit_id)
    assert len(desk) > 20, "what can be taken, and the next page"
    assessment = taken(assessor)
    for page in ("", "/finish", "/release", "/incomplete", "/done"):
        desk |= ids(assessor.get(f"/assess/{assessment.id}{page}"), assessor.visit_id)
    done = decided_all(here, client)
    course = ids(teacher.get("/course"), teacher.visit_id) | ids(teacher.get("/course/scores"), teacher.visit_id)
    course |= ids(teacher.get(f"/course/feedback/{done}"), teacher.visit_id)
    assert done in course
    assert desk & course == set()
    assert [one for one in desk | course if tells_time(one) and one not in {here.version.id, here.activity.id}] == []


def decided_all(here, client: FlaskClient) -> str:
    """Let one attempt be decided; return its id, which the teacher's feedback page bears."""
    other = factories.person(here.course, name="Deciding Person")
    db.session.add(Membership(person_id=other.id, course_id=here.course.id, roles=["learner"]))
    here.attempt(other, due_at=utcnow() - timedelta(days=9))
    row = db.session.query(LedgerEntry).first()
    attempt = decided(here, client)
    if row is not None:
        row.state = "held"
    db.session.commit()
    return attempt.id


@pytest.mark.parametrize("wanted", ["reference", "id"])
def test_work_is_taken_by_the_reference_of_the_desk(client: FlaskClient, wanted: str) -> None:
    here = world()
    attempt = here.attempt()
    browser = Browser(client, here.desk())
    form = {"attempt": reference("assessor", attempt.id) if wanted == "reference" else attempt.id}
    taken_at = browser.post("/assess/take", form)
    assert (taken_at.status_code, "/assess/" in taken_at.location) == (303, True)
    assert attempt.id not in taken_at.location


def test_the_reference_of_another_audience_takes_nothing(client: FlaskClient) -> None:
    here = world()
    attempt = here.attempt()
    answer = Browser(client, here.desk()).post("/assess/take", {"attempt": reference("ledger", attempt.id)})
    assert answer.status_code == 409
