"""The queue and the claim: who is offered what, and that no attempt is ever given to two assessors."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from lti_mcred.engine.db import db, utcnow
from lti_mcred.errors import Problem
from lti_mcred.evidence.models import Attempt, Enrolment
from lti_mcred.grading import claim, queue
from lti_mcred.grading.models import Assessment
from lti_mcred.grading.queue import Desk
from lti_mcred.tool.known.platforms import platform_of
from tests import factories
from tests.grading_helpers import Browser, World, decided, taken, world


@pytest.fixture
def in_request(app: Flask) -> Iterator[None]:
    """Problems speak the language of the request, so the services that raise them need one."""
    with app.test_request_context():
        yield


def _desk(here: World) -> Desk:
    return Desk(here.assessor.id, here.course.deployment_id)


def _people(here: World, number: int) -> list[Attempt]:
    """Return attempts of that many learners, due one day after another, the last one first."""
    found = []
    for day in range(number, 0, -1):
        who = factories.person(here.course, name=f"Learner {day}")
        found.append(here.attempt(who, due_at=utcnow() + timedelta(days=day)))
    return found


def test_the_oldest_due_comes_first(here: World) -> None:
    attempts = _people(here, 4)
    shown, following = queue.page(_desk(here))
    assert [row.attempt_id for row in shown] == [attempt.id for attempt in reversed(attempts)]
    assert following is None


def test_pages_by_key_show_everything_once(here: World) -> None:
    attempts = _people(here, 7)
    same_day = utcnow() + timedelta(days=2)
    db.session.execute(update(Attempt).values(due_at=same_day))
    db.session.commit()
    seen: list[str] = []
    after: str | None = None
    for _round in range(4):
        shown, after = queue.page(_desk(here), after, most=2)
        seen += [row.attempt_id for row in shown]
    assert after is None
    assert sorted(seen) == sorted(attempt.id for attempt in attempts)


def test_an_unknown_page_key_begins_at_the_start(here: World) -> None:
    here.attempt()
    assert len(queue.page(_desk(here), "no-such-attempt")[0]) == 1


def test_drafts_and_decided_attempts_are_not_in_the_queue(here: World, client: FlaskClient) -> None:
    here.attempt(state="draft")
    assert queue.page(_desk(here))[0] == []
    other = factories.person(here.course)
    here.attempt(other)
    decided(here, client)
    assert queue.page(_desk(here))[0] == []


@pytest.mark.usefixtures("in_request")
def test_her_own_work_is_never_offered_to_an_assessor(here: World) -> None:
    own = here.attempt(here.assessor)
    assert queue.page(_desk(here))[0] == []
    assert claim.take_next(_desk(here)) is None
    with pytest.raises(Problem, match="attempt-taken"):
        claim.claim_attempt(_desk(here), own.id)


@pytest.mark.usefixtures("in_request")
def test_another_platforms_work_is_never_offered(here: World) -> None:
    elsewhere = world()
    foreign = elsewhere.attempt()
    assert queue.page(_desk(here))[0] == []
    assert queue.counts(_desk(here)).total == 0
    with pytest.raises(Problem, match="attempt-taken"):
        claim.claim_attempt(_desk(here), foreign.id)


@pytest.mark.usefixtures("in_request")
def test_another_deployments_work_is_never_offered(here: World) -> None:
    neighbour = world(of=platform_of(here.course))
    foreign = neighbour.attempt()
    assert queue.page(_desk(here))[0] == []
    with pytest.raises(Problem, match="attempt-taken"):
        claim.claim_attempt(_desk(here), foreign.id)
    assert [row.attempt_id for row in queue.page(_desk(neighbour))[0]] == [foreign.id]


def test_the_counts_say_late_today_and_this_week(here: World) -> None:
    now = utcnow()
    for days in (-3, -1, 3, 6, 30):
        here.attempt(factories.person(here.course), due_at=now + timedelta(days=days))
    counts = queue.counts(_desk(here))
    assert (counts.late, counts.week, counts.total) == (2, 2, 5)


def test_taking_locks_for_two_hours(here: World) -> None:
    here.attempt()
    assessment = claim.take_next(_desk(here))
    assert assessment is not None
    assert timedelta(hours=1, minutes=59) < assessment.claimed_until - utcnow() <= timedelta(hours=2)
    other = factories.person(here.course)
    db.session.commit()
    assert queue.page(Desk(other.id, here.course.deployment_id))[0] == []


def test_a_lock_that_ran_out_frees_the_attempt_and_keeps_the_draft(here: World) -> None:
    attempt = here.attempt()
    first = claim.take_next(_desk(here))
    assert first is not None
    _expire(first)
    other = factories.person(here.course)
    db.session.commit()
    theirs = Desk(other.id, here.course.deployment_id)
    second = claim.take_next(theirs)
    assert second is not None
    assert second.attempt_id == attempt.id
    db.session.refresh(first)
    assert (first.state, first.release_reason) == ("released", "expired")
    assert not claim.hold(first, _desk(here))


def test_work_goes_on_when_the_lock_ran_out_and_nobody_else_came(here: World) -> None:
    here.attempt()
    assessment = claim.take_next(_desk(here))
    assert assessment is not None
    _expire(assessment)
    assert claim.hold(assessment, _desk(here))
    db.session.refresh(assessment)
    assert assessment.claimed_until > utcnow() + timedelta(hours=1)


def test_her_own_open_work_is_listed_apart_from_the_queue(here: World) -> None:
    here.attempt()
    assessment = claim.take_next(_desk(here))
    assert assessment is not None
    _expire(assessment)
    assert queue.page(_desk(here))[0] == []
    assert [found for found, _row in queue.claimed_rows(_desk(here))] == [assessment.id]


@pytest.mark.parametrize("reason", claim.REASONS)
def test_what_was_given_back_goes_to_others_and_not_to_her_again(here: World, reason: str) -> None:
    attempt = here.attempt()
    assessment = claim.take_next(_desk(here))
    assert assessment is not None
    claim.release(assessment, reason)
    assert claim.take_next(_desk(here)) is None
    other = factories.person(here.course)
    db.session.commit()
    again = claim.take_next(Desk(other.id, here.course.deployment_id))
    assert again is not None
    assert again.attempt_id == attempt.id


@pytest.mark.usefixtures("in_request")
def test_giving_back_needs_one_of_the_reasons(here: World) -> None:
    here.attempt()
    assessment = claim.take_next(_desk(here))
    assert assessment is not None
    with pytest.raises(Problem, match="release-reason"):
        claim.release(assessment, "bored")


def test_taking_the_same_one_twice_is_the_same_claim(here: World) -> None:
    attempt = here.attempt()
    first = claim.claim_attempt(_desk(here), attempt.id)
    assert claim.claim_attempt(_desk(here), attempt.id).id == first.id


def test_the_database_itself_refuses_a_second_claim(here: World) -> None:
    attempt = here.attempt()
    claim.claim_attempt(_desk(here), attempt.id)
    other = factories.person(here.course)
    db.session.commit()
    assert claim._claim(Desk(other.id, here.course.deployment_id), attempt.id) is None


def test_a_decided_attempt_cannot_be_claimed_even_by_one_who_saw_it_waiting(here: World) -> None:
    attempt = here.attempt()
    attempt.state = "decided"
    db.session.commit()
    assert claim._claim(_desk(here), attempt.id) is None
    assert db.session.scalar(select(func.count(Assessment.id))) == 0


def test_assessors_who_press_at_once_get_different_attempts(app: Flask, here: World) -> None:
    _people(here, 6)
    desks = []
    for _number in range(8):
        who = factories.person(here.course)
        factories.grant(who)
        desks.append(Desk(who.id, here.course.deployment_id))
    db.session.commit()
    start = threading.Barrier(len(desks))
    got: list[str | None] = []

    def press(desk: Desk) -> None:
        with app.app_context():
            start.wait()
            assessment = claim.take_next(desk)
            got.append(assessment.attempt_id if assessment else None)
            db.session.remove()

    threads = [threading.Thread(target=press, args=(desk,)) for desk in desks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [attempt_id for attempt_id in got if attempt_id]
    assert len(got) == 8
    assert len(found) == len(set(found)) == 6


def test_an_instructor_without_our_grant_does_not_see_the_desk(here: World, client: FlaskClient) -> None:
    here.attempt()
    browser = Browser(client, here.teaching())
    for path in ("/assess", "/assess/x", "/assess/x/finish", "/assess/x/done", "/assess/x/release"):
        assert browser.get(path).status_code == 403
    for path in ("/assess/take", "/assess/x", "/assess/x/draft", "/assess/x/submit", "/assess/x/incomplete"):
        assert browser.post(path).status_code == 403


def test_another_assessors_work_is_not_there(here: World, client: FlaskClient) -> None:
    here.attempt()
    assessment = taken(Browser(client, here.desk()))
    other = factories.person(here.course)
    visit = factories.visit(other, here.course, "learner", granted=("assessor",))
    db.session.commit()
    browser = Browser(client, visit)
    path = f"/assess/{assessment.id}"
    assert browser.get(path).status_code == 404
    assert browser.get(f"{path}/finish").status_code == 404
    assert browser.post(f"{path}/draft", {"revision": "0"}).status_code == 404
    assert browser.post(f"{path}/submit", {"revision": "0"}).status_code == 404


def test_take_next_on_an_empty_queue_returns_to_the_desk(here: World, client: FlaskClient) -> None:
    answer = Browser(client, here.desk()).post("/assess/take")
    assert answer.status_code == 303
    assert answer.location.endswith("/assess")


def test_taking_one_that_is_gone_says_so(here: World, client: FlaskClient) -> None:
    answer = Browser(client, here.desk()).post("/assess/take", {"attempt": "0" * 32})
    assert answer.status_code == 409
    assert "Somebody else is reading this one now" in answer.text


def test_enrolments_of_one_learner_in_two_courses_are_one_row(here: World) -> None:
    attempt = here.attempt()
    second = factories.resource_link(here.course, here.activity)
    enrolment = db.session.get(Enrolment, attempt.enrolment_id)
    assert enrolment is not None
    db.session.add(factories.Placement(enrolment_id=enrolment.id, resource_link_id=second.id))
    db.session.commit()
    assert len(queue.page(_desk(here))[0]) == 1
    assert queue.counts(_desk(here)).total == 1


def _expire(assessment: Assessment) -> None:
    assessment.claimed_until = utcnow() - timedelta(seconds=1)
    db.session.commit()
