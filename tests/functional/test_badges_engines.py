"""Badges on both engines: many workers at one moment make one badge, and lose no withdrawal."""

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select

from lti_mcred.badges.award import consider
from lti_mcred.badges.models import Award, Issuer, StatusList
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.verifier.verify import verify_bytes
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Done, Later
from tests import factories
from tests.badges_rows import awarded, earned_decision


def count(model: type) -> int:
    """Return how many rows there are."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_same_news_at_the_same_moment_gives_one_badge(either: Flask) -> None:
    decision_id = earned_decision().id

    def deliver(_number: int) -> object:
        with either.app_context():
            try:
                return consider({"decision_id": decision_id})
            finally:
                db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(deliver, range(4)))
    assert outcomes == [Done()] * 4
    assert count(Award) == 1
    assert count(Issuer) == 1


def test_many_people_awarded_at_the_same_moment_each_have_a_place_of_their_own(either: Flask) -> None:
    course, version = factories.course(), factories.version()
    ids = [earned_decision(factories.person(course), version, course).id for _ in range(6)]

    def deliver(decision_id: str) -> object:
        with either.app_context():
            try:
                while isinstance(outcome := consider({"decision_id": decision_id}), Later):
                    pass
                return outcome
            finally:
                db.session.remove()

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(deliver, ids)) == [Done()] * 6
    rows = db.session.scalars(select(Award)).all()
    assert len({(row.status_list_id, row.status_index) for row in rows}) == 6
    assert all(verify_bytes(row.credential.encode(), LocalResolver(), utcnow()).valid for row in rows)


def test_withdrawals_at_the_same_moment_are_all_kept(either: Flask) -> None:
    course, version = factories.course(), factories.version()
    rows = [awarded(who=factories.person(course), of=version, at=course) for _ in range(4)]
    ids, list_id = [row.id for row in rows], rows[0].status_list_id
    db.session.rollback()

    def withdraw(award_id: str) -> None:
        with either.app_context():
            revoke(award_id, "mistake")
            db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(withdraw, ids))
    db.session.expire_all()
    bits = db.session.get_one(StatusList, list_id).bits
    assert sum(byte.bit_count() for byte in bits) == 4


def test_a_badge_is_made_shown_and_withdrawn_on_each_engine(either: Flask) -> None:
    row = awarded()
    client = either.test_client()
    assert "Valid today" in client.get(f"/credentials/{row.id}").get_data(as_text=True)
    revoke(row.id, "request")
    assert "The holder asked for it." in client.get(f"/credentials/{row.id}").get_data(as_text=True)
