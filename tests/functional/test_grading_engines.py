"""Judging on both engines: no attempt to two assessors, one decision, lists that page, scores that arrive once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from time import sleep

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.errors import Problem
from lti_mcred.grading import claim, course, decide, ledger, marks, queue
from lti_mcred.grading.models import Assessment, Decision
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.queue import Desk
from lti_mcred.grading.rubric import Given
from lti_mcred.outbox import Done, Later, Outcome
from lti_mcred.people.models import Person
from lti_mcred.services import site
from tests import factories
from tests.grading_helpers import FakeWire, World, decided, deliver, rows, world


@pytest.fixture
def here_on_each(either: Flask) -> World:
    return world()


def _desk(here: World, person: Person) -> Desk:
    return Desk(person.id, here.course.deployment_id)


def _learners(here: World, number: int) -> None:
    for day in range(number):
        here.attempt(factories.person(here.course), due_at=utcnow() + timedelta(days=day))


def test_assessors_who_press_at_once_never_share_an_attempt(either: Flask, here_on_each: World) -> None:
    _learners(here_on_each, 5)
    desks = [_desk(here_on_each, factories.person(here_on_each.course)) for _number in range(8)]
    db.session.commit()

    def press(desk: Desk) -> str | None:
        with either.app_context():
            try:
                found = claim.take_next(desk)
                return found.attempt_id if found else None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(8) as pool:
        got = [attempt for attempt in pool.map(press, desks) if attempt]
    assert len(got) == len(set(got)) == 5
    assert db.session.scalar(select(func.count(Assessment.id)).where(Assessment.state == "claimed")) == 5


def test_a_lock_that_ran_out_is_taken_over_by_one(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    first = claim.take_next(_desk(here_on_each, here_on_each.assessor))
    assert first is not None
    first.claimed_until = utcnow() - timedelta(seconds=1)
    desks = [_desk(here_on_each, factories.person(here_on_each.course)) for _number in range(6)]
    db.session.commit()

    def press(desk: Desk) -> bool:
        with either.app_context():
            try:
                return claim.take_next(desk) is not None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(press, desks)) == 1


def test_submitting_at_once_decides_once(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    assessment = claim.take_next(_desk(here_on_each, here_on_each.assessor))
    assert assessment is not None
    given = {criterion.id: Given("demonstrated", "Yes.") for criterion in here_on_each.definition.rubric.criteria}
    marks.save(assessment, given, 0)
    wanted = assessment.id
    db.session.commit()

    def press(_number: int) -> str:
        with either.app_context(), either.test_request_context():
            found = db.session.get(Assessment, wanted)
            assert found is not None
            try:
                return decide.submit(found, 1).outcome
            except Problem as problem:
                return problem.code
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        said = sorted(pool.map(press, range(4)))
    assert said == ["earned", *["not-yours-any-more"] * 3]
    assert db.session.scalar(select(func.count(Decision.id))) == 1
    assert len(rows()) == 1


def test_saving_at_once_from_two_tabs_keeps_one_and_tells_the_other(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    assessment = claim.take_next(_desk(here_on_each, here_on_each.assessor))
    assert assessment is not None
    wanted = assessment.id
    db.session.commit()

    def press(number: int) -> str:
        with either.app_context():
            found = db.session.get(Assessment, wanted)
            assert found is not None
            try:
                marks.save(found, {"C1": Given("demonstrated", f"From tab {number}.")}, 0)
            except marks.DraftConflict as conflict:
                return conflict.stored["C1"].comment
            finally:
                db.session.remove()
            return "saved"

    with ThreadPoolExecutor(4) as pool:
        said = list(pool.map(press, range(4)))
    winner = said.index("saved")
    assert said.count("saved") == 1
    assert set(said) == {"saved", f"From tab {winner}."}


def test_queue_and_roster_page_through_everyone_once(here_on_each: World) -> None:
    _learners(here_on_each, 5)
    for name in ("Zhou", "abbot", "Ölund", "ölund", None, "Zhou", "O'Neill"):
        who = factories.person(here_on_each.course, family_name=name, name=name)
        factories.membership(who, here_on_each.course, "learner")
    db.session.commit()
    waiting, after = queue.page(_desk(here_on_each, here_on_each.assessor), most=2)
    while after:
        more, after = queue.page(_desk(here_on_each, here_on_each.assessor), after, most=2)
        waiting += more
    assert len(waiting) == len({row.attempt_id for row in waiting}) == 5
    assert [row.due_at for row in waiting] == sorted(row.due_at for row in waiting)
    assert queue.counts(_desk(here_on_each, here_on_each.assessor)).total == 5
    shown, key = course.page_of_learners(here_on_each.link, None, most=2)
    while key:
        page, key = course.page_of_learners(here_on_each.link, key, most=2)
        shown += page
    assert len(shown) == len({row.membership_id for row in shown}) == 8


def test_a_save_that_was_on_its_way_changes_nothing_after_the_decision(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    assessment = claim.take_next(_desk(here_on_each, here_on_each.assessor))
    assert assessment is not None
    given = {criterion.id: Given("demonstrated", "Yes.") for criterion in here_on_each.definition.rubric.criteria}
    marks.save(assessment, given, 0)
    decide.submit(assessment, 1)
    with pytest.raises(Problem) as late:
        marks.save(assessment, {"C1": Given("developing", "Changed my mind.")}, 1)
    assert late.value.code == "not-yours-any-more"
    db.session.expire_all()
    assert marks.stored(assessment) == given


def test_two_workers_with_one_score_post_it_once(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    (entry,) = rows(decided(here_on_each, either.test_client()))
    wire, wanted, gate = FakeWire(), entry.id, Barrier(2)
    wire.after_post = lambda: sleep(0.3)
    run = handlers(wire, site())["score.send"]
    db.session.remove()

    def worker(_number: int) -> Outcome:
        with either.app_context():
            try:
                gate.wait(10)
                return run({"ledger_id": wanted})
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(worker, range(2)))
    assert len(wire.posts) == 1
    assert Done() in outcomes
    assert rows()[0].state == "sent"


def test_a_score_of_a_worker_that_died_is_sent_by_the_next_one_when_its_lease_ends(
    either: Flask, here_on_each: World
) -> None:
    here_on_each.attempt()
    (entry,) = rows(decided(here_on_each, either.test_client()))
    wire = FakeWire()
    assert ledger.take_off(entry, utcnow() + timedelta(minutes=1))
    assert isinstance(deliver(either, wire, entry), Later)
    assert wire.posts == []
    entry.in_flight_until = utcnow() - timedelta(seconds=1)
    db.session.commit()
    assert deliver(either, wire, entry) == Done()
    assert len(wire.posts) == 1


def test_the_one_process_that_delivers_waits_for_no_lease_after_a_restart(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    (entry,) = rows(decided(here_on_each, either.test_client()))
    assert ledger.take_off(entry, utcnow() + timedelta(minutes=1))
    ledger.land_all()
    assert deliver(either, FakeWire(), entry) == Done()


def test_a_worker_that_was_too_slow_does_not_post_beside_the_next_one(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    (entry,) = rows(decided(here_on_each, either.test_client()))
    wire = FakeWire()

    def taken_over(*_asked: object) -> None:
        entry.in_flight_until = utcnow() + timedelta(minutes=2)
        db.session.commit()

    wire.result = taken_over
    assert isinstance(deliver(either, wire, entry), Later)
    assert wire.posts == []


def test_a_score_goes_out_once_and_again_only_when_asked(either: Flask, here_on_each: World) -> None:
    here_on_each.attempt()
    attempt = decided(here_on_each, either.test_client(), C2="developing")
    wire, (entry,) = FakeWire(), rows(attempt)
    deliver(either, wire, entry)
    deliver(either, wire, entry)
    assert len(wire.posts) == 1
    assert ledger.send_again(entry, here_on_each.teacher) is None
    entry.state = "held"
    db.session.commit()
    assert ledger.send_again(entry, here_on_each.teacher) is not None
    assert ledger.send_again(entry, here_on_each.teacher) is None
