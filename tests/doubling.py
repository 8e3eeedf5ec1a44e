"""Does work over bytes from outside grow with their number or with its square? Asked by doubling, in CPU time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
_ENOUGH = 0.02  # CPU seconds: long enough that the clock's own grain is no part of the answer
_LARGEST = 1 << 23
_DOUBLINGS = 2
_AT_MOST = 9  # times the CPU time for 4 times the size: linear work takes 4, quadratic work takes 16
_ROUNDS = 3  # work that grows with its square does so each time; a machine that was busy with memory does not


def assert_linear(
    run: Callable[[T], object], make: Callable[[int], T], *, start: int = 1 << 10,
    clock: Callable[[], float] = time.thread_time,
) -> None:  # fmt: skip
    """Assert that `run(make(size))` takes time in proportion to `size`.

    `make` builds a hostile input of about `size` bytes. The size grows from `start` until one run costs something, then
    by two doublings more. CPU time of this thread is counted, the quickest of three runs, so that other work on the
    machine does not matter; `clock` says how many seconds there were.
    """
    size = start
    while (once := _quickest(clock, run, make(size), _ENOUGH)) < _ENOUGH:
        if size >= _LARGEST:
            return  # 8 MiB within 20 ms: nothing here grows with its square
        size *= 2
    for _round in range(_ROUNDS):
        larger = _quickest(clock, run, make(size << _DOUBLINGS), once * _AT_MOST)
        if larger <= once * _AT_MOST:
            return
        once = _quickest(clock, run, make(size), 0)
    raise AssertionError(f"{size} bytes took {once:.3f} s, {1 << _DOUBLINGS} times as many {larger:.3f} s")


def _quickest(clock: Callable[[], float], run: Callable[[T], object], given: T, enough: float) -> float:
    """Return the quickest of three runs, or the first that took no longer than `enough`: then others change nothing."""
    taken = []
    for _time in range(3):
        start = clock()
        run(given)
        taken.append(clock() - start)
        if taken[-1] <= enough:
            break
    return min(taken)
