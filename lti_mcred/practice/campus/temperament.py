"""What a temperament must answer: the questions on which Canvas and Moodle differ."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from flask import Blueprint

from lti_mcred.practice.ground.models import Activity, Course, Grade, Launch, LineItem, Person, Selection, Tool
from lti_mcred.practice.ground.people import CourseSeed, PersonSeed
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.shapes import (
    Cell,
    CourseSwitch,
    LaunchPlan,
    NewTool,
    Notice,
    Paths,
    PickerPlacement,
    Switch,
)

Json = dict[str, Any]
# The desk of the request. It holds a temperament and so stands above it; here it is known by its switches alone.
DeskT_contra = TypeVar("DeskT_contra", bound="Switchboard", contravariant=True)


class Switchboard(Protocol):
    """What a temperament uses of the desk by itself."""

    def switch(self, name: str) -> Any:
        """The value of a switch of this campus; KeyError on a name that the temperament does not have."""


class Temperament(ABC, Generic[DeskT_contra]):
    """One platform's way of doing things. Instances hold no state; everything is in the desk."""

    slug: str
    college: str
    platform: str  # the product this behaves like, for the pages
    paths: Paths
    switches: tuple[Switch, ...]
    course_switches: tuple[CourseSwitch, ...] = ()
    privacy_default: str
    # The numbers that the first of each gets; the next are one higher each.
    first_tool: int
    first_activity: int
    first_line_item: int
    # Whether the admin may install a tool from the address of a configuration document.
    takes_key_by_url = False

    # --- the campus and its people -----------------------------------------------------------------------------

    @abstractmethod
    def people(self) -> tuple[PersonSeed, ...]:
        """The people with parts to play, under keys that scripts rely on: teacher, admin, assessor, learner-1 to -3."""

    @abstractmethod
    def extra_person(self, index: int) -> PersonSeed:
        """The made-up learner of that index, from 0; the same index gives the same person."""

    @abstractmethod
    def course(self) -> CourseSeed:
        """The one course that a campus starts with."""

    @abstractmethod
    def person_ids(self, root: str, seed: PersonSeed) -> tuple[str, str]:
        """The ``sub`` and the older (LTI 1.1) user id of a person."""

    @abstractmethod
    def context_id(self, root: str, seed: CourseSeed) -> str:
        """The ``id`` of the context claim for a course (Core 5.4.1), unlike that of any other on this campus."""

    @abstractmethod
    def link_ids(self, root: str, number: int) -> tuple[str, str]:
        """The resource link id of an activity and its LTI 1.1 twin."""

    @abstractmethod
    def key_id(self, now: datetime, unique: uuid.UUID) -> str:
        """A new ``kid`` in this product's own shape; ``unique`` makes it one of its own."""

    # --- refusing on purpose -----------------------------------------------------------------------------------

    @abstractmethod
    def on_purpose(self, fault: str, value: str) -> Refusal:
        """How this product refuses a service: ``fault`` and ``value`` are those of faults.REFUSALS."""

    # --- tools -------------------------------------------------------------------------------------------------

    @abstractmethod
    def client_ids(self, root: str, number: int) -> tuple[str, str]:
        """A new client id and its deployment id; ``number`` is the tool's, unlike that of any other on the campus."""

    @abstractmethod
    def placements_by_hand(self, name: str, target_link_uri: str) -> list[Json]:
        """Every placement that the product has, for a tool that an admin types in: entries of ``Tool.placements``."""

    @abstractmethod
    def registration_link(self, desk: DeskT_contra, updates: Tool | None = None) -> tuple[str, str]:
        """A fresh (openid configuration URL, registration token) pair; ``updates``: a tool that is installed."""

    @abstractmethod
    def read_key(self, document: bytes, redirect_uris: list[str]) -> NewTool | None:
        """The tool that a configuration document describes; None where tools are not installed that way."""

    @abstractmethod
    def activated(self, desk: DeskT_contra, tool: Tool) -> None:
        """What happens in courses when the admin switches the tool on."""

    # --- launches ----------------------------------------------------------------------------------------------

    @abstractmethod
    def login_fields(self, desk: DeskT_contra, launch: Launch) -> dict[str, str]:
        """The fields of the login request to the tool (Security Framework 5.1.1.1), optional ones included."""

    def storage_target(self, desk: DeskT_contra) -> str:
        """``post_message_forwarding``, ``_parent`` or "" when no platform storage is offered."""
        return str(desk.switch("storage"))

    @abstractmethod
    def plan_menu(self, desk: DeskT_contra, course: Course, tool: Tool) -> LaunchPlan | None:
        """What the course's menu opens for a tool; None where the tool has no entry there."""

    @abstractmethod
    def plan_account(self, desk: DeskT_contra, tool: Tool) -> LaunchPlan | None:
        """What the account page opens for a tool, outside every course; None where there is nothing."""

    @abstractmethod
    def plan_review(self, desk: DeskT_contra, activity: Activity, learner: Person) -> LaunchPlan | None:
        """What opens a learner's work from the gradebook; None where there is nothing to look at."""

    # --- adding activities -------------------------------------------------------------------------------------

    @abstractmethod
    def picker_placements(self, tool: Tool) -> tuple[PickerPlacement, ...]:
        """The ways of adding activities that this tool offers, in the order of the page's buttons."""

    @abstractmethod
    def picker_target(self, tool: Tool, placement: str) -> str:
        """The ``target_link_uri`` of a picker. LookupError where the tool does not offer that way."""

    @abstractmethod
    def save_selection(self, desk: DeskT_contra, selection: Selection) -> list[Activity]:
        """Make the returned items real (in Moodle: when the teacher presses Save)."""

    # --- copying a course --------------------------------------------------------------------------------------

    def copy_notices(self, desk: DeskT_contra, copy: Course) -> list[Notice]:
        """What tools are told when a course was copied; nothing, where the platform has no notices."""
        return []

    # --- grades ------------------------------------------------------------------------------------------------

    @abstractmethod
    def type_grade(self, desk: DeskT_contra, item: LineItem, learner: Person, score: float | None) -> Grade:
        """Store a grade that a teacher typed, on the column's scale; ``score`` None takes the grade away."""

    @abstractmethod
    def cell(self, desk: DeskT_contra, item: LineItem, learner: Person) -> Cell:
        """One cell for the gradebook; there is one for every learner, also before anything is in it."""

    @abstractmethod
    def line_item_url(self, desk: DeskT_contra, item: LineItem) -> str:
        """The ``id`` of a line item on the wire (AGS 2.0, 3.2), which is its address too."""

    # --- the wire ----------------------------------------------------------------------------------------------

    @abstractmethod
    def routes(self, blueprint: Blueprint) -> None:
        """Add the protocol endpoints: authorisation, keys, token, services, registration, picker return."""

    def default_switches(self) -> Json:
        """The value that each switch has on a fresh campus, by its name."""
        return {switch.name: switch.default for switch in self.switches}
