"""The helper that asks for linear work tells it from quadratic work."""

from collections.abc import Callable

import pytest

from tests.doubling import assert_linear


class Clock:
    """CPU seconds of a machine that nobody else uses: what the work says that it took."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def worker(self, power: int) -> Callable[[str], None]:
        """Return work whose seconds grow with that power of the size."""

        def work(text: str) -> None:
            self.seconds += len(text) ** power * 1e-7

        return work


def test_linear_work_passes() -> None:
    clock = Clock()
    assert_linear(clock.worker(1), lambda size: "a" * size, clock=lambda: clock.seconds)
    assert clock.seconds > 0


@pytest.mark.parametrize("power", [2, 3])
def test_work_that_grows_faster_is_found(power: int) -> None:
    clock = Clock()
    with pytest.raises(AssertionError, match="times as many"):
        assert_linear(clock.worker(power), lambda size: "a" * size, clock=lambda: clock.seconds)


def test_the_time_of_this_thread_is_what_counts_without_a_clock() -> None:
    assert_linear(lambda text: sum(1 for _letter in text), lambda size: "a" * size)
