"""Which values of a module can be changed after they were made."""

from dataclasses import is_dataclass
from types import ModuleType


def loose(module: ModuleType) -> list[str]:
    """Return the names of the dataclasses of a module that are not frozen; errors, which Python changes, aside."""
    return [
        name
        for name, made in vars(module).items()
        if is_dataclass(made) and isinstance(made, type) and made.__module__ == module.__name__
        if not issubclass(made, Exception) and not made.__dataclass_params__.frozen
    ]
