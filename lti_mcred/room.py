"""What a room hands over to the application, and how rooms are put together: checked at once, before anything runs.

A room's `wiring.py` has one function, `room(…) -> Room`. What rooms above do for it are its arguments, which app.py
hands in. Making a room touches no application, so an application can be given new ones (`services_of`): with them
it has forgotten everything that it remembered.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from flask import Blueprint, Flask

from lti_mcred.outbox import Deliveries, Handler, Housekeeping
from lti_mcred.services import Services


class RoomError(RuntimeError):
    """Rooms do not fit together. The text names the thing and the rooms."""


@dataclass(frozen=True)
class At:
    """A blueprint at another address than its own, under a `name` of its own where it stands at several."""

    blueprint: Blueprint
    url_prefix: str
    name: str = ""


def _nothing(_app: Flask) -> None:
    """Prepare nothing."""


@dataclass(frozen=True)
class Room:
    """One room of the house. `name`: its folder.

    `keeps`: things that are looked up by their types (services.py). `needs`: types that it looks up and others keep.
    `words`, `filters`: what templates call, by name. `topics`: the news that it delivers, with the handler. `sends`:
    topics that it puts into the outbox. `housekeeping`: called every hour. `prepare`: what else Flask has to be told.
    """

    name: str
    keeps: tuple[object, ...] = ()
    needs: tuple[type[Any], ...] = ()
    blueprints: tuple[Blueprint | At, ...] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, Callable[..., Any]] = field(default_factory=dict)
    topics: Mapping[str, Handler] = field(default_factory=dict)
    sends: tuple[str, ...] = ()
    housekeeping: tuple[Housekeeping, ...] = ()
    prepare: Callable[[Flask], None] = _nothing


def put_together(app: Flask, rooms: Iterable[Room]) -> None:
    """Register everything of these rooms, from the ground to the roof. Raises RoomError."""
    rooms = tuple(rooms)
    services_of(rooms).install(app)
    app.jinja_env.globals.update(_merged("template word", ((room.name, room.words) for room in rooms)))
    app.jinja_env.filters.update(_merged("template filter", ((room.name, room.filters) for room in rooms)))
    for room in rooms:
        room.prepare(app)
        for one in room.blueprints:
            if isinstance(one, At):
                app.register_blueprint(one.blueprint, url_prefix=one.url_prefix, name=one.name or one.blueprint.name)
            else:
                app.register_blueprint(one)


def services_of(rooms: Iterable[Room]) -> Services:
    """Return what these rooms keep, and their deliveries. Raises RoomError for a thing given twice, or missing."""
    rooms = tuple(rooms)
    topics = _merged("topic", ((room.name, room.topics) for room in rooms))
    deliveries = Deliveries(topics, tuple(tidy for room in rooms for tidy in room.housekeeping))
    outbox = Room("outbox", keeps=(deliveries,))
    things = ((room.name, {type(one): one}) for room in (*rooms, outbox) for one in room.keeps)
    kept = _merged("thing of the type", things)
    for room in rooms:
        _complete(f"{room.name} needs", room.needs, kept)
        _complete(f"{room.name} sends to", room.sends, topics)
    return Services(MappingProxyType(kept))


def _merged(what: str, parts: Iterable[tuple[str, Mapping[Any, Any]]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    givers: dict[Any, str] = {}
    for giver, part in parts:
        for key, value in part.items():
            if key in found:
                message = f"{givers[key]} and {giver} both give the {what} {_named(key)}"
                raise RoomError(message)
            found[key], givers[key] = value, giver
    return found


def _complete(who: str, wanted: Iterable[Any], given: Mapping[Any, Any]) -> None:
    missing = [_named(one) for one in wanted if one not in given]
    if missing:
        message = f"{who} {', '.join(missing)}, which no room gives"
        raise RoomError(message)


def _named(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(key)
