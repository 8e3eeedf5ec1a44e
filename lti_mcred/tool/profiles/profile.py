"""What differs between LMSs, as one frozen description for each: data, and a few pure functions. Pure.

A launch reads plain values here; functions are asked when a score, a class list or a content item is on its way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.outbound.http import Answer
from lti_mcred.tool.profiles.base import COMMON_RULES, ROSTER_RULES, Delivery, Rule, Score, meaning
from lti_mcred.tool.profiles.guides import Guide
from lti_mcred.tool.profiles.messages import USUAL, Place
from lti_mcred.tool.profiles.registering import Registration

_REGISTRATION = Registration()
_COLUMN: Any = _l(
    "In your LMS, open the settings of this activity and let it be graded with points. Then open it from the course "
    "once more."
)


def _no_proviso(body: Mapping[str, Any]) -> str:
    return ""


@dataclass(frozen=True, kw_only=True)
class LmsProfile:
    """How one make of LMS behaves. What is not said of it is as the specifications have it."""

    # platform.profile; how pages call this behaviour, and how for an operator where that is not enough ("": it is); how
    # they call an LMS of the make, "" when it is not known.
    name: str
    title: Any
    manner: Any = ""
    called: str = ""
    registration: Registration = _REGISTRATION
    guide: Guide
    # Whether the practice LMS has a campus that behaves like it, by this name.
    practised: bool = False

    # --- A launch
    # From where it opens us.
    places: tuple[Place, ...] = USUAL
    # Whether the login request names the very target that the token names afterwards (Core 5.3.4).
    names_target_at_login: bool = True
    # Hosts that may hold our pages beyond those that the launch names (CSP frame-ancestors).
    frame_sources: tuple[str, ...] = ()
    # The claim that names the place of the LMS from which it launched us. Canvas's; no other LMS has one.
    placement_claim: str = "https://www.instructure.com/placement"
    # Types of the contexts that are no course; one without types is a course.
    no_courses: frozenset[str] = frozenset()
    # Whether it repeats the context id where it knows no link; elsewhere equal numbers mean nothing (Moodle).
    repeats_context_id: bool = False

    # --- Grades (AGS 2.0). `score_body` returns None when this LMS is better not told: it would lose a grade.
    score_body: Callable[[Score], dict[str, Any] | None]
    rules: tuple[Rule, ...] = ()
    # Words for what a yes to a body leaves open; most LMSs write what they took.
    proviso: Callable[[Mapping[str, Any]], str] = _no_proviso
    # Whether lists may be asked for page by page with `limit`; Moodle's lineitems and results break on it.
    page_limit: int | None = 100
    # What gives a link a grade column in this LMS, in words for the teacher.
    column_advice: Any = _COLUMN

    # --- The class list (NRPS 2.0): how many people a page is asked to hold, and whether `rlid` narrows it to a link.
    roster_limit: int = 100
    roster_by_link: bool = False
    roster_rules: tuple[Rule, ...] = ()
    # A person's name as it is meant, from how the class list has it.
    listed_name: Callable[[str], str] = str

    # --- Deep Linking 2.0: the description of an item, plain text by the specification (3.4.3).
    item_text: Callable[[str], str] = str
    # The only placements at which an item may bring its grade column; None: it may everywhere.
    line_item_placements: frozenset[str] | None = None
    # Further members of a lineItem: by default the wish for Submission Review.
    line_item_extras: Mapping[str, Any] = field(
        default_factory=lambda: {"submissionReview": {"reviewableStatus": ["Submitted", "Completed"]}}
    )
    # By placement: the claim in which we name the group of items that the LMS makes.
    group_name_claims: Mapping[str, str] = field(default_factory=dict)
    # Variables of each link; what an LMS does not know comes back as it is and is passed over.
    link_custom: Mapping[str, str] = field(
        default_factory=lambda: {
            "context_history": "$Context.id.history",
            "link_history": "$ResourceLink.id.history",
        }
    )

    # --- Notices: whether it can tell us unasked that a course was copied (Platform Notification Service 1.0).
    tells_of_copies: bool = False

    @property
    def place_names(self) -> tuple[str, ...]:
        """The places from which it opens us, by the names that PLACE_WORDS says to people."""
        return tuple(dict.fromkeys(place.name for place in self.places if place.name))

    def read_answer(self, answer: Answer) -> Delivery:
        """Return what an answer to a score POST means."""
        return meaning(answer, (*self.rules, *COMMON_RULES))

    def read_roster_answer(self, answer: Answer) -> Delivery:
        """Return what an answer to a request for the class list means, in words for whoever can cure it."""
        return meaning(answer, (*self.roster_rules, *ROSTER_RULES))

    def next_timestamp(self, now: datetime, last: datetime | None) -> datetime:
        """Return the timestamp for a new score: later than `last` by a whole second at least.

        Moodle compares whole seconds and refuses an equal one, so one second is the step everywhere.
        """
        return max(now, last + timedelta(seconds=1)) if last else now

    def takes_line_item(self, placement: str) -> bool:
        """Whether a content item at this placement may bring its grade column."""
        return self.line_item_placements is None or placement in self.line_item_placements

    def deep_linking_extras(self, placement: str, tool_name: str) -> dict[str, Any]:
        """Return further claims of a deep linking response that has items."""
        claim = self.group_name_claims.get(placement)
        return {claim: tool_name} if claim else {}
