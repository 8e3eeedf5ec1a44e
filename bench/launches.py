"""Launches per second and latency at 1, 8 and 32 in flight, from the login request to the rendered page."""

import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.lms import BenchLms, LaunchingBrowser

IN_FLIGHT = (1, 8, 32)
WARM_UP = 40


@dataclass(frozen=True)
class LaunchRow:
    """One line of the table; times in milliseconds, the LMS's signing left out."""

    in_flight: int
    rate: float
    median: float
    p95: float
    launches: int


def measure(lms: BenchLms, tool: str, activity: str, seconds: float) -> list[LaunchRow]:
    """Launch for `seconds` at each number in flight, after a warm-up."""
    warm = LaunchingBrowser(lms, tool, activity, "warm")
    for _turn in range(WARM_UP):
        warm.launch()
    return [_at(number, seconds, lambda n: LaunchingBrowser(lms, tool, activity, f"user-{n}")) for number in IN_FLIGHT]


def _at(number: int, seconds: float, browser: Callable[[int], LaunchingBrowser]) -> LaunchRow:
    browsers = [browser(n) for n in range(number)]
    errors: list[Exception] = []
    ends = time.perf_counter() + seconds

    def work(one: LaunchingBrowser) -> None:
        try:
            while time.perf_counter() < ends:
                one.launch()
        except Exception as error:
            errors.append(error)

    started = time.perf_counter()
    threads = [threading.Thread(target=work, args=(one,)) for one in browsers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - started
    if errors:
        raise errors[0]
    times = sorted(one * 1000 for each in browsers for one in each.seconds)
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    return LaunchRow(number, len(times) / took, statistics.median(times), p95, len(times))
