"""The outbox on both engines: one commit with the fact, one worker a row, order per key, nothing lost by a crash."""

import threading
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import select, text, update

from lti_mcred import outbox
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Deliveries, Done, GiveUp, Later, OutboxRow, Worker
from lti_mcred.services import service, site
from tests.services import replace_service


def _worker(app: Flask, handler, **changes) -> Worker:
    deliveries = service(Deliveries)
    replace_service(app, Deliveries, replace(deliveries, handlers={**deliveries.handlers, "news": handler}))
    return Worker(app, replace(site(), **changes))


def _rows() -> list[OutboxRow]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def test_a_row_is_delivered_once_and_marked_done(either):
    seen = []
    worker = _worker(either, lambda payload: seen.append(payload) or Done())
    outbox.put("news", "k", {"n": 1})
    db.session.commit()
    assert worker.run_once() == 1
    assert worker.run_once() == 0
    assert seen == [{"n": 1}]
    assert [(row.state, row.tries) for row in _rows()] == [("done", 1)]


def test_a_row_of_a_rolled_back_fact_does_not_exist(either):
    outbox.put("news", "k", {})
    db.session.rollback()
    assert _worker(either, lambda payload: Done()).run_once() == 0


def test_rows_of_one_key_keep_their_order_and_other_keys_do_not_wait(either):
    seen = []

    def handler(payload):
        seen.append(payload["n"])
        return Later("not now", 3600) if payload["n"] == "a1" else Done()

    worker = _worker(either, handler)
    for key, name in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        outbox.put("news", key, {"n": name})
    db.session.commit()
    for _turn in range(3):
        worker.run_once()
    assert sorted(seen) == ["a1", "b1"]


def test_a_failing_handler_is_tried_again_later_with_its_reason(either):
    def handler(payload):
        raise RuntimeError("no route")

    worker = _worker(either, handler)
    outbox.put("news", "k", {})
    db.session.commit()
    worker.run_once()
    (row,) = _rows()
    assert (row.state, row.tries, row.reason) == ("waiting", 1, "RuntimeError: no route")
    assert row.due_at > utcnow() + timedelta(seconds=2)


def test_what_cannot_be_delivered_is_given_up_with_its_reason(either):
    worker = _worker(either, lambda payload: GiveUp("the column is gone"))
    outbox.put("news", "k", {})
    db.session.commit()
    worker.run_once()
    assert [(row.state, row.reason) for row in _rows()] == [("given_up", "the column is gone")]


def test_retries_end_after_the_time_that_the_operator_set(either):
    worker = _worker(either, lambda payload: Later("still down"), outbox_give_up_hours=2)
    outbox.put("news", "k", {}).created_at = utcnow() - timedelta(hours=3)
    db.session.commit()
    worker.run_once()
    assert [(row.state, row.reason) for row in _rows()] == [("given_up", "still down")]


def test_a_claim_whose_lease_ran_out_is_taken_over_and_the_late_worker_changes_nothing(either):
    outbox.put("news", "k", {})
    db.session.commit()
    slow = _worker(either, lambda payload: Done())
    claimed = slow._claim()
    assert slow._claim() is None
    db.session.execute(update(OutboxRow).values(claimed_until=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert slow.run_once() == 1
    slow._settle(claimed, GiveUp("too late"))
    assert [row.state for row in _rows()] == ["done"]


def test_rows_that_wait_behind_a_slow_one_are_free_for_another_worker(either):
    seen = []

    def handler(payload):
        seen.append(payload["n"])
        if payload["n"] == 0:
            other.run_once()  # comes while the first delivery is still at work
        return Done()

    worker = other = _worker(either, handler)
    for number in range(6):
        outbox.put("news", f"k{number}", {"n": number})
    db.session.commit()
    assert worker.run_once() == 1
    assert seen == [0, 1, 2, 3, 4, 5]


def test_stop_ends_after_the_delivery_at_hand_and_leaves_the_rest_free(either):
    worker = _worker(either, lambda payload: worker.stop() or Done())
    for number in range(3):
        outbox.put("news", f"k{number}", {})
    db.session.commit()
    assert worker.run_once() == 1
    assert [(row.state, row.claimed_until) for row in _rows()][1:] == [("waiting", None)] * 2


def test_claims_left_by_a_killed_process_are_freed_at_start(either):
    outbox.put("news", "k", {})
    db.session.commit()
    worker = _worker(either, lambda payload: Done())
    worker._claim()
    worker.release_all()
    assert worker.run_once() == 1


def test_many_workers_deliver_each_row_once(either):
    seen, lock = [], threading.Lock()

    def handler(payload):
        with lock:
            seen.append(payload["n"])
        return Done()

    worker = _worker(either, handler)
    for number in range(40):
        outbox.put("news", f"k{number}", {"n": number})
    db.session.commit()

    def work():
        while worker.run_once(most=3):
            pass
        with either.app_context():
            db.session.remove()

    threads = [threading.Thread(target=work) for _n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for _turn in range(20):
        worker.run_once()
    assert sorted(seen) == list(range(40))


def test_the_loop_survives_a_lost_database_and_stops_when_asked(either):
    done = threading.Event()
    worker = _worker(either, lambda payload: done.set() or Done(), outbox_poll_seconds=0.02)
    db.session.execute(text("ALTER TABLE outbox RENAME TO outbox_away"))
    db.session.commit()
    thread = threading.Thread(target=worker.run)
    thread.start()
    db.session.execute(text("ALTER TABLE outbox_away RENAME TO outbox"))
    outbox.put("news", "k", {})
    db.session.commit()
    outbox.wake()
    assert done.wait(20)
    worker.stop()
    thread.join(20)
    assert not thread.is_alive()


def test_pauses_grow_to_an_hour():
    assert timedelta(seconds=3) < outbox.pause(1) < timedelta(seconds=7)
    assert timedelta(minutes=44) < outbox.pause(50) < timedelta(minutes=76)
