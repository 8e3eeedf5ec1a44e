"""What one running application keeps, each thing under its own type: settings, clients, memories, agreements of rooms.

    service(Keyring).find(…)

It is made once, of what the rooms hand over (room.py), and is the only thing that this program keeps in Flask's
`extensions`. Nothing is added to it later: what an upper room does for a lower one is a field of a type that the lower
room defines. What a process remembers of its installation is in here, so with new `Services` it is forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app

from lti_mcred.settings import Settings

T = TypeVar("T")
_KEY = "lti_mcred"


@dataclass(frozen=True)
class Services:
    """One thing of each type: `kept` maps a type to its thing. Look up with `service`."""

    kept: Mapping[type[Any], Any]

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

    A launch asks some dozens of times, so this is one look into a dictionary. Raises KeyError where nothing is kept as
    `kind`: an application whose rooms say what they need does not start then.
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
