"""What all LMSs share: a score and its body, an answer and what it means. Pure.

Sources: LTI AGS 2.0 section 3.4, NRPS 2.0; what an LMS does beyond them stands in its module.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from flask_babel import lazy_gettext as _l

from lti_mcred.outbound.http import Answer, without_echo
from lti_mcred.web.typed import plain

ActivityProgress = Literal["Initialized", "Started", "InProgress", "Submitted", "Completed"]
GradingProgress = Literal["FullyGraded", "Pending", "PendingManual", "Failed", "NotReady"]
DeliveryState = Literal["sent", "superseded", "later", "held", "dead"]

TEACHER = _l("The teacher of the course")
LMS_ADMIN = _l("The administrator of the LMS")
TOOL_ADMIN = _l("The administrator of this tool")
NOBODY = _l("Nobody needs to do anything")
# Why a test of the connection sent no score.
NO_TEST_USER: Any = _l(
    "No test user has opened this tool yet. Where the LMS has one (in Canvas: Student View), open an activity as this "
    "user once. A learner is never used."
)
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
    act, then send again); dead (the grade column or the course is gone).
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


def meaning(answer: Answer, rules: Iterable[Rule]) -> Delivery:
    """Return what an answer means by the first row that fits: by the number and the message, never the number alone."""
    words = said(answer)
    rule = next(rule for rule in rules if rule.fits(answer.status, words))
    wait = answer.retry_after() if rule.state == "later" else 0.0
    return Delivery(rule.state, str(rule.reason), str(rule.who), "" if rule.state == "sent" else words, wait)


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
