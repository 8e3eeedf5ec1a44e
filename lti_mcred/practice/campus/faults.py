"""Things that go wrong on purpose, and the switches of a temperament: reading and checking both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.campus.signing import rotate
from lti_mcred.practice.ground.models import Course, Session, Tool

Json = dict[str, Any]
NUMBERS = {"slow_ms": 60_000, "rate_limit": 10_000, "server_error": 10_000, "drop": 10_000, "retry_after_s": 3600}
CLOCK_LIMIT_S = 30 * 86_400
KINDS = ("429", "canvas")
# What the campus refuses until it is switched back, by fault: "" is nothing.
REFUSALS: dict[str, tuple[str, ...]] = {
    "refuse_keys": ("", "gone", "empty"),
    "refuse_token": ("", "client"),
    "withhold": ("", "roster", "grades", "all"),
    "refuse_roster": ("", "403"),
    "refuse_columns": ("", "403", "404", "removal"),
    "refuse_scores": ("", "yes"),
}
WITHHELD = {"roster": "lti-nrps", "grades": "lti-ags", "all": "/scope/"}


class BadFault(ValueError):
    """A fault or switch of that name or value does not exist; the text says which."""


def set_faults(desk: Desk, wanted: Json) -> Json:
    """Change the named faults and switches, keep the others; return everything as it stands now.

    ``concluded`` concludes every course of the campus; ``switches`` holds switches of the temperament. A switch that
    is meant for one course at a time has the numbers of the courses for which it is on.
    """
    faults = dict(desk.state.faults)
    for name, value in wanted.items():
        if name == "switches":
            set_switches(desk, value)
        elif name == "concluded":
            _conclude(desk, bool(value))
        elif name in course_switch_names(desk):
            faults[name] = _courses(desk, name, value)
        else:
            faults[name] = _checked(name, value)
    desk.state.faults = faults
    return current(desk)


def clear_faults(desk: Desk) -> Json:
    """No faults, default switches, courses running; grades and tools stay."""
    desk.state.faults = {}
    desk.state.switches = desk.temperament.default_switches()
    _conclude(desk, False)
    return current(desk)


def set_switches(desk: Desk, wanted: Any) -> None:
    """Change the named switches, keep the others.

    Raises :class:`BadFault` on what is no object, on an unknown name and on a value that is no choice of the switch;
    nothing is changed then.
    """
    known = {switch.name: switch for switch in desk.temperament.switches}
    if not isinstance(wanted, dict):
        raise BadFault("switches must be an object")
    for name, value in wanted.items():
        if name not in known or value not in [choice for choice, _words in known[name].choices]:
            raise BadFault(f"no switch {name} with value {value!r}")
    desk.state.switches = {**desk.state.switches, **wanted}


def current(desk: Desk) -> Json:
    """Every fault and switch as it stands, under the names that :func:`set_faults` takes.

    Numbers are counts, milliseconds (``_ms``) or seconds (``_s``); 0, "" and [] stand for none.
    """
    return {
        **{name: desk.state.faults.get(name, 0) for name in NUMBERS},
        "rate_limit_kind": desk.state.faults.get("rate_limit_kind", "429"),
        "clock_offset_s": desk.state.faults.get("clock_offset_s", 0),
        "match": desk.state.faults.get("match", ""),
        **{name: desk.state.faults.get(name, "") for name in REFUSALS},
        **{name: desk.state.faults.get(name, []) for name in course_switch_names(desk)},
        "concluded": any(course.concluded for course in desk.courses()),
        "switches": desk.switches(),
    }


def granted(desk: Desk, tool: Tool) -> list[str]:
    """The scopes that the tool has today: those of its installation, without what is withheld on purpose."""
    part = WITHHELD.get(str(desk.state.faults.get("withhold", "")))
    return [scope for scope in tool.scopes if part is None or part not in scope]


def course_switch_names(desk: Desk) -> list[str]:
    """The switches of this temperament that are meant for one course at a time."""
    return [switch.name for switch in desk.temperament.course_switches]


def is_on(desk: Desk, name: str, course: Course) -> bool:
    """Whether a switch for one course at a time is on for this one."""
    return course.number in desk.state.faults.get(name, [])


def lose_sessions(desk: Desk) -> None:
    """Forget every session of the campus: cookies that browsers still hold open nothing from now on."""
    desk.db.execute(delete(Session).where(Session.campus == desk.campus.slug))
    desk.browser = None


def rotate_key(desk: Desk) -> str:
    """A new signing key now; return its ``kid``. The earlier ones stay in the key set, so old tokens still verify."""
    return rotate(desk)


def _conclude(desk: Desk, concluded: bool) -> None:
    for course in desk.courses():
        course.concluded = concluded


def _courses(desk: Desk, name: str, value: Any) -> list[int]:
    known = [course.number for course in desk.courses()]
    if not isinstance(value, list) or any(number not in known for number in value):
        raise BadFault(f"{name} is a list of course numbers")
    return value


def _checked(name: str, value: Any) -> Any:
    if name == "rate_limit_kind" and value in KINDS:
        return value
    if name in REFUSALS and value in REFUSALS[name]:
        return value
    if name == "match" and isinstance(value, str):
        return value
    whole = isinstance(value, int) and not isinstance(value, bool)
    if name == "clock_offset_s" and whole and abs(value) <= CLOCK_LIMIT_S:
        return value
    if name in NUMBERS and whole and 0 <= value <= NUMBERS[name]:
        return value
    raise BadFault(f"no fault {name} with value {value!r}")
