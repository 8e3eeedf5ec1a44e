"""Who imports whom, by room: cycles, floors, and the arrows that would have to be turned.

The modules that lie in a room's own folder are one room, each folder inside it another: an import from one to the
other is an arrow like any other. A file of the hall stands for itself: `app.py` belongs above all rooms, `settings.py`
below them. Imports inside functions and those for type checkers count.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cache

import grimp

Arrow = tuple[str, str]  # who imports, who is imported
Arrows = Mapping[Arrow, list[Arrow]]  # between rooms -> between their modules


def imports(package: str) -> tuple[list[str], list[Arrow]]:
    """Return the modules of an importable package and who of them imports whom, sorted."""
    graph = grimp.build_graph(package, cache_dir=None)
    arrows = {(one, other) for one in graph.modules for other in graph.find_modules_directly_imported_by(one)}
    return sorted(graph.modules), sorted(arrows)


def room_of(module: str, packages: Collection[str]) -> str:
    """Return the room of a module as a path from the package's folder on; `a.py` for one of the hall."""
    _root, _dot, inside = module.partition(".")
    if not inside:
        return "__init__.py"
    if module in packages:
        return inside.replace(".", "/")
    room, _dot, name = inside.rpartition(".")
    return room.replace(".", "/") or f"{name}.py"


def between_rooms(arrows: Iterable[Arrow], packages: Collection[str]) -> dict[Arrow, list[Arrow]]:
    """Return the arrows from one room to another, with the imports that they are made of."""
    found: dict[Arrow, list[Arrow]] = {}
    for one, other in arrows:
        rooms = room_of(one, packages), room_of(other, packages)
        if rooms[0] != rooms[1]:
            found.setdefault(rooms, []).append((one, other))
    return found


def cycles(arrows: Collection[Arrow]) -> list[list[str]]:
    """Return the strongly connected components of two and more, the largest first: each reaches all of its others."""
    further: dict[str, set[str]] = {}
    for one, other in arrows:
        further.setdefault(one, set()).add(other)
    reached = {one: _reached(one, further) for one in further}
    found = {tuple(sorted(other for other in reached[one] if one in reached.get(other, ()))) for one in reached}
    return sorted((list(one) for one in found if len(one) > 1), key=lambda one: (-len(one), one))


def _reached(start: str, further: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [start]
    while waiting:
        for other in further.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def upward(arrows: Arrows) -> list[Arrow]:
    """Return the arrows that run up: few that, turned, leave no cycle. None where there is no cycle.

    The rooms of a cycle are put in an order that leaves few imports against it (Eades, Lin and Smyth 1993).
    """
    found = []
    for cycle in cycles(list(arrows)):
        inside = {arrow: len(made_of) for arrow, made_of in arrows.items() if set(arrow) <= set(cycle)}
        rank = {name: number for number, name in enumerate(_order(cycle, inside))}
        found += [arrow for arrow in inside if rank[arrow[0]] > rank[arrow[1]]]
    return sorted(found)


def _order(names: Iterable[str], weights: Mapping[Arrow, int]) -> list[str]:
    """Return the names from the top down: first whom nobody left imports, else who imports most beside that."""
    left, order = sorted(names), []
    while left:
        here = {arrow: weight for arrow, weight in weights.items() if set(arrow) <= set(left)}
        into = {name: sum(weight for arrow, weight in here.items() if arrow[1] == name) for name in left}
        out = {name: sum(weight for arrow, weight in here.items() if arrow[0] == name) for name in left}
        following = max(left, key=lambda name: (into[name] == 0, out[name] - into[name]))
        order.append(following)
        left.remove(following)
    return order


def floors(names: Iterable[str], arrows: Collection[Arrow]) -> list[list[str]]:
    """Return the names floor by floor, the ground first: each stands one above the highest of those it imports.

    `arrows` without those that run up: there must be no cycle.
    """
    below: dict[str, list[str]] = {name: [] for name in names}
    for one, other in arrows:
        below[one].append(other)

    @cache
    def floor(name: str) -> int:
        return 1 + max((floor(other) for other in below[name]), default=-1)

    found: list[list[str]] = [[] for _ in range(1 + max(map(floor, below), default=-1))]
    for name in sorted(below):
        found[floor(name)].append(name)
    return found
