"""What a temperament and the rest of the practice LMS hand to each other: plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lti_mcred.practice.ground.models import Activity, Course, Grade, Person, Selection, Tool

Json = dict[str, Any]


@dataclass(frozen=True)
class Paths:
    """Where the protocol lives below the campus root: paths that begin with a slash."""

    authorization: str
    token: str
    jwks: str
    configuration: str
    registration: str


@dataclass(frozen=True)
class Switch:
    """Something a trainee can flip. ``choices`` are (value, words); two boolean choices make a yes/no switch."""

    name: str
    label: Any
    help: Any
    default: Any
    choices: tuple[tuple[Any, Any], ...]


@dataclass(frozen=True)
class CourseSwitch:
    """Something that can be wrong with one course, for the tool's services: a list of course numbers in the faults."""

    name: str
    label: Any  # with %(course)s


@dataclass(frozen=True)
class LaunchPlan:
    """What a click opens: the message, where it goes and what it is about."""

    tool: Tool
    message_type: str
    target_link_uri: str
    course: Course | None = None
    activity: Activity | None = None
    placement: str | None = None
    selection: Selection | None = None
    for_user: Person | None = None
    review_of: Activity | None = None


@dataclass(frozen=True)
class PickerPlacement:
    """A way to add an activity with the tool's picker; ``name`` is the placement's in the tool's registration."""

    name: str
    label: Any


@dataclass(frozen=True)
class Cell:
    """One gradebook cell for the page and the control JSON. Scores are on the line item's scale."""

    person: Person
    score: float | None
    state: str
    attempt: int
    comments: tuple[str, ...]
    grade: Grade | None
    result: Json | None
    can_review: bool


@dataclass(frozen=True)
class NewTool:
    """What is known of a tool before the campus gives it a client id."""

    name: str
    login_url: str
    redirect_uris: list[str]
    jwks_uri: str
    target_link_uri: str
    scopes: list[str]
    placements: list[Json]
    privacy: str
    description: str = ""
    custom: Json = field(default_factory=dict)
    configuration: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Notice:
    """A signed notice and the handler that waits for it."""

    handler: str
    jwt: str
