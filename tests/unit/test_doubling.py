"""The helper that asks for linear work tells it from quadratic work."""

import pytest

from tests.doubling import assert_linear


def test_linear_work_passes() -> None:
    assert_linear(lambda text: sum(1 for _letter in text), lambda size: "a" * size)


def test_quadratic_work_is_found() -> None:
    def every_pair(text: str) -> int:
        return sum(1 for _first in text for _second in text)

    with pytest.raises(AssertionError, match="times as many"):
        assert_linear(every_pair, lambda size: "a" * size, start=1 << 9)
