"""Keys of the tool are made a few times a test process and then used again: making one takes longer than most tests."""

from collections.abc import Callable
from typing import Any

_DIFFERENT = 12  # in one installation, no test has more


def a_few(make: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that makes a dozen keys, and then begins again with the first."""
    made: list[Any] = []

    def ready(**kind: Any) -> Any:
        made.append(make(**kind) if len(made) < _DIFFERENT else made.pop(0))
        return made[-1]

    return ready
