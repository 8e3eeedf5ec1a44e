"""What an LMS profile answers, and the rules that all LMSs share.

Values here are pure: a score in, a body out; an answer in, a verdict out. Sources: LTI AGS 2.0 section 3.4; what
Canvas and Moodle do beyond it stands in their modules.
"""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from lti_mcred.outbound.http import Answer, without_echo
from lti_mcred.web.typed import plain

ActivityProgress = Literal["Initialized", "Started", "InProgress", "Submitted", "Completed"]
GradingProgress = Literal["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"]
DeliveryState = Literal["sent", "superseded", "later", "held", "dead", "skipped"]

TEACHER = _l("The teacher of the course")
LMS_ADMIN = _l("The administrator of the LMS")
TOOL_ADMIN = _l("The administrator of this tool")
NOBODY = _l("Nobody needs to do anything")
_WORDS_KEPT = 500


@dataclass(frozen=True)
class Score:
    """One score for one learner and one line item (AGS 3.4). Points are true points, never a percentage.

    `submitted_at`: when the learner handed in; a resend with the same value makes no new attempt. `review_url`:
    address on our host that shows this attempt to a grader. `new_submission`: whether the LMS counts a new attempt.
    `yields`: this column never took a score of ours, so a grade that stands there already is a person's and stays.
    Raises ValueError for numbers that no platform may be sent, or a time without a zone.
    """

    user_id: str
    timestamp: datetime
    activity_progress: ActivityProgress
    grading_progress: GradingProgress
    score_given: float | None = None
    score_maximum: float | None = None
    comment: str = ""
    submitted_at: datetime | None = None
    review_url: str = ""
    new_submission: bool = False
    yields: bool = False

    def __post_init__(self) -> None:
        if self.timestamp.tzinfo is None or (self.submitted_at and self.submitted_at.tzinfo is None):
            message = "a score needs times with a zone"
            raise ValueError(message)
        if self.score_given is None:
            return
        if self.score_maximum is None or not math.isfinite(self.score_maximum) or self.score_maximum <= 0:
            message = "scoreMaximum must be above zero when scoreGiven is sent (AGS 3.4.2)"
            raise ValueError(message)
        if not math.isfinite(self.score_given) or self.score_given < 0:
            message = "scoreGiven must be a number from zero upwards (AGS 3.4.1)"
            raise ValueError(message)


@dataclass(frozen=True)
class Delivery:
    """What became of a score.

    `state`: sent; superseded (the LMS already holds a later one); later (try again by itself); held (a person must
    act, then send again); dead (the grade column or the course is gone); skipped (this LMS is better not told).
    `reason` and `who` are plain words for the teacher; `words` is what the LMS itself said, for those who ask there.
    `wait`: seconds that the LMS asked to wait before the next try, 0 when it named none.
    """

    state: DeliveryState
    reason: str = ""
    who: str = ""
    words: str = ""
    wait: float = 0.0


@dataclass(frozen=True)
class Rule:
    """One row of a table of answers: `status` and, if given, a piece of the message (lower case) -> a verdict."""

    status: int | range
    text: str
    state: DeliveryState
    reason: Any
    who: Any = ""

    def fits(self, status: int, words: str) -> bool:
        """Whether this row is meant for the answer."""
        same = status in self.status if isinstance(self.status, range) else status == self.status
        return same and self.text in words.lower()


# Asked after the rows of the LMS itself; the last rows catch every number.
COMMON_RULES: tuple[Rule, ...] = (
    Rule(range(200, 300), "", "sent", ""),
    Rule(401, "", "held", _l("The LMS no longer lets this tool write grades in this course."), LMS_ADMIN),
    Rule(403, "rate limit", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(403, "not enrolled", "held", _l("The LMS says that this learner is not enrolled in the course."), TEACHER),
    Rule(403, "", "held", _l("The LMS does not let this tool write to this grade column."), LMS_ADMIN),
    Rule(404, "user", "held", _l("The LMS does not know this learner any more."), TEACHER),
    Rule(404, "", "dead", _l("The grade column or the course is no longer there."), TEACHER),
    Rule(408, "", "later", _l("The LMS did not answer in time."), NOBODY),
    Rule(409, "", "superseded", _l("The LMS already holds a newer grade for this learner.")),
    Rule(410, "", "dead", _l("The grade column or the course is no longer there."), TEACHER),
    Rule(412, "", "dead", _l("The grade column belongs to another tool."), LMS_ADMIN),
    Rule(425, "", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(429, "", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(range(400, 500), "", "held", _l("The LMS did not take this grade."), TEACHER),
    Rule(range(500, 600), "", "later", _l("The LMS has a fault of its own at the moment."), NOBODY),
    Rule(range(-1, 100_000), "", "held", _l("The LMS gave an answer that we do not understand."), TOOL_ADMIN),
)

# The same for the class list (NRPS 2.0). Everything but "sent" and "later" needs a person.
ROSTER_RULES: tuple[Rule, ...] = (
    Rule(range(200, 300), "", "sent", ""),
    Rule(403, "rate limit", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(range(401, 404, 2), "", "held", _l("The LMS does not let this tool read the class list of this course. Names "
         "and roles (the service “Names and Role Provisioning”) must be allowed for this tool."), LMS_ADMIN),
    Rule(404, "", "held", _l("The LMS has no class list at the address that it gave us. Open the tool from the course "
         "once; if this stays, the course may be gone."), TEACHER),
    Rule(408, "", "later", _l("The LMS did not answer in time."), NOBODY),
    Rule(425, "", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(429, "", "later", _l("The LMS is busy and asked us to slow down."), NOBODY),
    Rule(range(500, 600), "", "later", _l("The LMS has a fault of its own at the moment."), NOBODY),
    Rule(range(-1, 100_000), "", "held", _l("The LMS gave an answer that we do not understand."), TOOL_ADMIN),
)  # fmt: skip


class LmsProfile(ABC):
    """What one LMS does in its own way. Stateless; one object a process."""

    name: str
    title: str
    # What people call an LMS of this kind, "" when its make is not known.
    called: str = ""
    # From where it opens us, by the names of services_asked.PLACES. An LMS may have fewer.
    places: tuple[str, ...] = ("link", "ContentArea")
    # Whether it can tell us unasked that a course was copied (Platform Notification Service 1.0).
    tells_of_copies: bool = False
    rules: tuple[Rule, ...] = ()
    # How many people of a class list one page is asked to hold, and whether `rlid` narrows it to a link's people.
    roster_limit: int = 100
    roster_by_link: bool = False
    roster_rules: tuple[Rule, ...] = ()
    # Whether lists may be asked for page by page with `limit`; Moodle's lineitems and results break on it.
    page_limit: int | None = 100
    # What gives a link a grade column in this LMS, in words for the teacher.
    column_advice: Any = _l(
        "In your LMS, open the settings of this activity and let it be graded with points. Then open it from the "
        "course once more."
    )
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
    # Variables of each link; what an LMS does not know comes back as it is and is passed over.
    link_custom: Mapping[str, str] = MappingProxyType(
        {"context_history": "$Context.id.history", "link_history": "$ResourceLink.id.history"}
    )

    @abstractmethod
    def score_body(self, score: Score) -> dict[str, Any] | None:
        """Return the JSON body of a score POST, or None when this LMS is better not told (it would lose a grade)."""

    def read_answer(self, answer: Answer) -> Delivery:
        """Return what an answer to a score POST means. Reads the number and the message, never the number alone."""
        words = said(answer)
        rule = next(rule for rule in (*self.rules, *COMMON_RULES) if rule.fits(answer.status, words))
        wait = answer.retry_after() if rule.state == "later" else 0.0
        return Delivery(rule.state, str(rule.reason), str(rule.who), "" if rule.state == "sent" else words, wait)

    def proviso(self, body: Mapping[str, Any]) -> str:
        """Return words for what a yes to this body leaves open; most LMSs write what they took."""
        return ""

    def read_roster_answer(self, answer: Answer) -> Delivery:
        """Return what an answer to a request for the class list means, in words for whoever can cure it."""
        words = said(answer)
        rule = next(rule for rule in (*self.roster_rules, *ROSTER_RULES) if rule.fits(answer.status, words))
        wait = answer.retry_after() if rule.state == "later" else 0.0
        return Delivery(rule.state, str(rule.reason), str(rule.who), "" if rule.state == "sent" else words, wait)

    def next_timestamp(self, now: datetime, last: datetime | None) -> datetime:
        """Return the timestamp for a new score: later than `last` by a whole second at least.

        Moodle compares whole seconds and refuses an equal one, so one second is the step everywhere.
        """
        return max(now, last + timedelta(seconds=1)) if last else now

    def may_name(self, issuer: str) -> bool:
        """Whether an LMS of this make, on any host, may register with this issuer (Dynamic Registration)."""
        return False

    def listed_name(self, text: str) -> str:
        """Return a person's name as it is meant, from how the class list has it."""
        return text

    def item_text(self, text: str) -> str:
        """Return the description of a content item; plain text by the specification (Deep Linking 2.0, 3.4.3)."""
        return text

    def takes_line_item(self, placement: str) -> bool:
        """Whether a content item at this placement may bring its grade column."""
        return True

    def line_item_extras(self) -> dict[str, Any]:
        """Return further members of a deep-linked lineItem: by default the wish for Submission Review."""
        return {"submissionReview": {"reviewableStatus": ["Submitted", "Completed"]}}

    def deep_linking_extras(self, placement: str, tool_name: str) -> dict[str, Any]:
        """Return further claims of a deep linking response that has items."""
        return {}


def wire_time(moment: datetime) -> str:
    """Return ISO 8601 in UTC with milliseconds and zone (AGS 3.4.9): 2026-11-23T10:15:20.113Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def plain_body(score: Score) -> dict[str, Any]:
    """Return the members that every LMS understands."""
    body: dict[str, Any] = {
        "userId": score.user_id,
        "timestamp": wire_time(score.timestamp),
        "activityProgress": score.activity_progress,
        "gradingProgress": score.grading_progress,
    }
    if score.score_given is not None:
        body |= {
            "scoreGiven": _without_fraction(score.score_given),
            "scoreMaximum": _without_fraction(score.score_maximum or 0),
        }
    if score.comment:
        body["comment"] = score.comment
    if score.submitted_at:
        body["submission"] = {"submittedAt": wire_time(score.submitted_at)}
    return body


def _without_fraction(value: float) -> float | int:
    return int(value) if value == int(value) else value


def said(answer: Answer, *, whole: bool = False) -> str:
    """Return what the LMS said in words: the message of its JSON in any of the known shapes, else its text.

    Canvas answers `errors` as an object or as a list; token endpoints `error_description`; Moodle puts the reason
    into the status line and `[]` into the body. Where it repeats a request of ours its words end, since people's names
    and scores may follow; `whole`: the request was about nobody, and what it repeats says what is wrong.
    """
    try:
        found = _message(json.loads(answer.body or b"null"))
    except ValueError:
        found = "" if "<html" in answer.text[:500].lower() else answer.text.strip()
    except RecursionError:
        found = ""
    words = found if whole else without_echo(found)
    return plain(words or answer.phrase)[:_WORDS_KEPT]


def _message(value: Any, depth: int = 0) -> str:
    if isinstance(value, str):
        return value
    if depth > 4:
        return ""
    if isinstance(value, list):
        return " ".join(filter(None, (_message(part, depth + 1) for part in value)))
    if isinstance(value, Mapping):
        for key in ("error_description", "errorMessage", "message", "errors", "reason", "error", "detail", "title"):
            if key in value and (found := _message(value[key], depth + 1)):
                return found
    return ""
