"""The threads of a web process: a few compute, others join while those are held up."""

import threading
import time
from collections.abc import Callable

import pytest

from lti_mcred.server.pool import HELD_UP_SECONDS, USUAL, Pool

SOON = 5.0  # seconds; far more than anything here takes


def until(check: Callable[[], bool]) -> bool:
    """Wait until `check` holds; whether it did."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        if check():
            return True
        time.sleep(0.01)
    return False


def threads() -> int:
    """How many threads of pools there are."""
    return sum(one.name == "request" for one in threading.enumerate())


def test_results_and_errors_come_back() -> None:
    pool = Pool(most=4)
    assert pool.submit(lambda a, *, b: a + b, 1, b=2).result(SOON) == 3
    wrong = pool.submit(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        wrong.result(SOON)
    assert pool.submit(str, 5).result(SOON) == "5"  # the thread has survived it
    pool.shutdown()
    assert until(lambda: threads() == 0)


def test_a_cancelled_task_is_left_out() -> None:
    pool, go = Pool(most=1), threading.Event()
    first = pool.submit(go.wait, SOON)
    second, third = pool.submit(str, 2), pool.submit(str, 3)
    assert second.cancel()
    go.set()
    assert first.result(SOON)
    assert third.result(SOON) == "3"
    pool.shutdown()
    assert until(lambda: threads() == 0)


def test_many_short_tasks_are_done_by_the_usual_threads() -> None:
    pool = Pool(most=8)
    seen = {one.result(SOON) for one in [pool.submit(threading.get_ident) for _n in range(500)]}
    assert 1 <= len(seen) <= USUAL
    pool.shutdown()
    assert until(lambda: threads() == 0)


def test_others_join_while_the_usual_are_held_up_and_leave_again() -> None:
    pool, go = Pool(most=USUAL + 2), threading.Event()
    held = [pool.submit(go.wait, SOON) for _n in range(USUAL)]
    quick = pool.submit(str, 1)
    time.sleep(HELD_UP_SECONDS / 5)
    pool.staff()
    assert not quick.done(), "they have not been held up for long yet"
    time.sleep(HELD_UP_SECONDS)
    pool.staff()
    assert quick.result(SOON) == "1"
    assert threads() == USUAL + 1
    go.set()
    assert all(one.result(SOON) for one in held)
    assert until(lambda: pool.submit(str, 1).result(SOON) == "1" and threads() == USUAL)
    pool.shutdown()
    assert until(lambda: threads() == 0)


def test_there_are_never_more_threads_than_allowed() -> None:
    pool, go = Pool(most=USUAL + 1), threading.Event()
    waiting = [pool.submit(go.wait, SOON) for _n in range(10)]
    for _look in range(6):
        time.sleep(HELD_UP_SECONDS)
        pool.staff()
    assert threads() == USUAL + 1
    go.set()
    assert all(one.result(SOON) for one in waiting)
    pool.shutdown()
    assert until(lambda: threads() == 0)
