"""What a temperament must answer: the questions on which Canvas and Moodle differ."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint
from flask_babel import lazy_gettext as _l

from lti_mcred.practice.desk import Desk
from lti_mcred.practice.installs import NewTool
from lti_mcred.practice.models import Activity, Course, Grade, Launch, LineItem, Person, Selection, Tool
from lti_mcred.practice.notices import Notice
from lti_mcred.practice.people import CourseSeed, PersonSeed
from lti_mcred.practice.web import Refusal

Json = dict[str, Any]


@dataclass(frozen=True)
class Paths:
    """Where the protocol lives below the campus root."""

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


def storage_switches(default: str) -> tuple[Switch, Switch]:
    """The two switches of platform storage: whether and where it is offered, and how it answers."""
    return (
        Switch(
            "storage",
            _l("Platform storage"),
            _l("Where a tool may keep a note when the browser blocks its cookies."),
            default,
            (
                ("post_message_forwarding", _l("in a frame beside the tool")),
                ("_parent", _l("in the page around the tool")),
                ("", _l("not offered (as in Moodle and in the mobile apps)")),
            ),
        ),
        Switch(
            "storage_answers",
            _l("Platform storage answers"),
            _l("A tool must get in, or say what to do, whatever becomes of its note."),
            "at once",
            (
                ("at once", _l("at once")),
                ("late", _l("after three seconds")),
                ("refuses", _l("that it has no room")),
                ("forgets", _l("that there is no such note")),
                ("never", _l("never")),
            ),
        ),
    )


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
    """A way to add an activity with the tool's picker."""

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


class Temperament(ABC):
    """One platform's way of doing things. Instances hold no state; everything is in the desk."""

    slug: str
    college: str
    platform: str  # the product this behaves like, for the pages
    paths: Paths
    switches: tuple[Switch, ...]
    course_switches: tuple[CourseSwitch, ...] = ()
    privacy_default: str
    first_tool: int
    first_activity: int
    first_line_item: int
    takes_key_by_url = False

    # --- the campus and its people -----------------------------------------------------------------------------

    @abstractmethod
    def people(self) -> tuple[PersonSeed, ...]: ...

    @abstractmethod
    def extra_person(self, index: int) -> PersonSeed: ...

    @abstractmethod
    def course(self) -> CourseSeed: ...

    @abstractmethod
    def person_ids(self, root: str, seed: PersonSeed) -> tuple[str, str]:
        """The ``sub`` and the older (LTI 1.1) user id of a person."""

    @abstractmethod
    def context_id(self, root: str, seed: CourseSeed) -> str: ...

    @abstractmethod
    def link_ids(self, root: str, number: int) -> tuple[str, str]:
        """The resource link id of an activity and its LTI 1.1 twin."""

    @abstractmethod
    def key_id(self, now: datetime, unique: uuid.UUID) -> str: ...

    # --- refusing on purpose -----------------------------------------------------------------------------------

    @abstractmethod
    def on_purpose(self, fault: str, value: str) -> Refusal:
        """How this product refuses a service: ``fault`` and ``value`` are those of faults.REFUSALS."""

    # --- tools -------------------------------------------------------------------------------------------------

    @abstractmethod
    def client_ids(self, root: str, number: int) -> tuple[str, str]:
        """A new client id and its deployment id."""

    @abstractmethod
    def placements_by_hand(self, name: str, target_link_uri: str) -> list[Json]: ...

    @abstractmethod
    def registration_link(self, desk: Desk, updates: Tool | None = None) -> tuple[str, str]:
        """A fresh (openid configuration URL, registration token) pair; ``updates``: a tool that is installed."""

    @abstractmethod
    def read_key(self, document: bytes, redirect_uris: list[str]) -> NewTool | None:
        """The tool that a configuration document describes; None where tools are not installed that way."""

    @abstractmethod
    def activated(self, desk: Desk, tool: Tool) -> None:
        """What happens in courses when the admin switches the tool on."""

    # --- launches ----------------------------------------------------------------------------------------------

    @abstractmethod
    def login_fields(self, desk: Desk, launch: Launch) -> dict[str, str]: ...

    def storage_target(self, desk: Desk) -> str:
        """``post_message_forwarding``, ``_parent`` or "" when no platform storage is offered."""
        return str(desk.switch("storage"))

    @abstractmethod
    def plan_menu(self, desk: Desk, course: Course, tool: Tool) -> LaunchPlan | None: ...

    @abstractmethod
    def plan_account(self, desk: Desk, tool: Tool) -> LaunchPlan | None: ...

    @abstractmethod
    def plan_review(self, desk: Desk, activity: Activity, learner: Person) -> LaunchPlan | None: ...

    # --- adding activities -------------------------------------------------------------------------------------

    @abstractmethod
    def picker_placements(self, tool: Tool) -> tuple[PickerPlacement, ...]: ...

    @abstractmethod
    def picker_target(self, tool: Tool, placement: str) -> str: ...

    @abstractmethod
    def save_selection(self, desk: Desk, selection: Selection) -> list[Activity]:
        """Make the returned items real (in Moodle: when the teacher presses Save)."""

    # --- copying a course --------------------------------------------------------------------------------------

    def copy_notices(self, desk: Desk, copy: Course) -> list[Notice]:
        """What tools are told when a course was copied; nothing, where the platform has no notices."""
        return []

    # --- grades ------------------------------------------------------------------------------------------------

    @abstractmethod
    def type_grade(self, desk: Desk, item: LineItem, learner: Person, score: float | None) -> Grade: ...

    @abstractmethod
    def cell(self, desk: Desk, item: LineItem, learner: Person) -> Cell: ...

    @abstractmethod
    def line_item_url(self, desk: Desk, item: LineItem) -> str: ...

    # --- the wire ----------------------------------------------------------------------------------------------

    @abstractmethod
    def routes(self, blueprint: Blueprint) -> None:
        """Add the protocol endpoints: authorisation, keys, token, services, registration, picker return."""

    def default_switches(self) -> Json:
        return {switch.name: switch.default for switch in self.switches}
