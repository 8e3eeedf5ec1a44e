"""Who may use a route, said where the route is made: every view of ours bears one guard, checked before it runs.

    @bp.get("/course")
    @require_role("teacher")          # a guard
    def overview(): ...

`check_routes` refuses to start an application with a route that says nothing, so none is open by oversight.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

V = TypeVar("V", bound=Callable[..., Any])
# Of Flask itself: files that anybody may have.
_FLASKS_OWN = ("static",)


@dataclass(frozen=True)
class Guard:
    """`name`: for whom, in words. `check` raises Problem for everybody else. `visit`: it stands inside a visit.

    around.py asks it before each request; None asks nothing.
    """

    name: str
    check: Callable[[], None] | None = None
    visit: bool = True

    def __call__(self, view: V) -> V:
        """Put this guard before a view, in the place of one that it bears already."""
        view.__dict__["guard"] = self
        return view


# No visit and no session: pages and documents for everybody, and doors that look at a proof of their own.
public = Guard("everybody", visit=False)


def guard_of(app: Flask, endpoint: str) -> Guard | None:
    """Return the guard of a route, None where it has none."""
    if endpoint in _FLASKS_OWN:
        return public
    found: Guard | None = getattr(app.view_functions.get(endpoint), "guard", None)
    return found


def check_routes(app: Flask) -> None:
    """Raise RuntimeError unless every route of `app` has a guard that fits its place: inside a visit, or outside."""
    for rule in app.url_map.iter_rules():
        guard = guard_of(app, rule.endpoint)
        if guard is None:
            message = f"{rule.rule} ({rule.endpoint}) does not say who may use it: put a guard before its view"
            raise RuntimeError(message)
        if guard.visit and "visit_id" not in rule.arguments:
            message = f"{rule.rule} is for {guard.name}, who come with a visit, but stands outside of visits"
            raise RuntimeError(message)
        if guard is public and "visit_id" in rule.arguments:
            message = f"{rule.rule} stands inside a visit and is open to everybody: say any_visit, or name a role"
            raise RuntimeError(message)
