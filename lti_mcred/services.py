"""What one running application keeps, each thing under its own type: settings, clients, caches, the rooms' agreements.

    service(Keyring).find(…)

It is made once, when the application is put together (app.py), and is the only thing that this program keeps in Flask's
`extensions`. Nothing is added to it later: what an upper room does for a lower one is a field of a type that the lower
room defines. A process's memory of anything that belongs to an installation is in here, so a new `Services` forgets it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from flask import Flask, current_app

from lti_mcred.settings import Settings

T = TypeVar("T")
_KEY = "lti_mcred"


class ServicesError(RuntimeError):
    """The application is put together wrongly: a thing is given twice, or is missing. The text names it."""


@dataclass(frozen=True)
class Services:
    """Things by their type, one of each. Look up with `service`."""

    kept: Mapping[type[Any], Any]

    @classmethod
    def of(cls, things: Iterable[object]) -> "Services":
        """Keep each of these under its type. Raises ServicesError where two are of one type."""
        kept: dict[type[Any], Any] = {}
        for thing in things:
            if type(thing) in kept:
                message = f"two things of the type {type(thing).__name__} are kept"
                raise ServicesError(message)
            kept[type(thing)] = thing
        return cls(MappingProxyType(kept))

    def with_another(self, kind: type[T], thing: T) -> "Services":
        """Return the same with `thing` in the place of what is kept as `kind`. Raises ServicesError where none is."""
        if kind not in self.kept:
            message = f"no {kind.__name__} is kept"
            raise ServicesError(message)
        return Services(MappingProxyType({**self.kept, kind: thing}))

    def install(self, app: Flask) -> None:
        """Let `app` use these from now on, and none of those before."""
        app.extensions[_KEY] = self

    @classmethod
    def installed(cls, app: Flask) -> "Services":
        """Return what `app` uses."""
        found: Services = app.extensions[_KEY]
        return found


def service(kind: type[T]) -> T:
    """Return what the running application keeps as `kind`. Raises RuntimeError outside an application context.

    Each launch asks some dozens of times, so this is a look into one dictionary. Raises KeyError where nothing is kept
    as `kind`, which no application does that has started (room.py).
    """
    found: T = current_app.extensions[_KEY].kept[kind]
    return found


def service_of(app: Flask, kind: type[T]) -> T:
    """Return what `app` keeps as `kind`, for whoever holds an application and stands outside its context."""
    found: T = Services.installed(app).kept[kind]
    return found


def site() -> Settings:
    """Return what the operator decided for this installation. Raises RuntimeError outside an application context."""
    return service(Settings)
