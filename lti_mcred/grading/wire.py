"""What the ledger needs of an LMS: build a score, post it, read what the column holds. Tests put a fake here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles import Delivery, Score


@dataclass(frozen=True)
class Result:
    """What a grade column holds for one learner (AGS 3.3). `given` is None while the LMS shows no score."""

    given: float | None
    maximum: float | None
    comment: str = ""

    def same_as(self, given: float, maximum: float) -> bool:
        """Whether it is that score. LMSs scale to the column and round to cents, so half a cent is no difference."""
        if self.given is None or not maximum:
            return False
        of = self.maximum or 1.0  # resultMaximum defaults to 1 (AGS 3.3.3)
        return abs(self.given / of - given / maximum) <= 0.0051 / of


@dataclass(frozen=True)
class Posted:
    """What became of a POST. `status` is None when no answer came."""

    delivery: Delivery
    status: int | None
    body: str = ""


@dataclass(frozen=True)
class FoundColumn:
    """A grade column of a link in the LMS's list (AGS 3.2). `resource_id` is ours, where it was made with one."""

    url: str
    resource_id: str = ""


class NotNow(Exception):
    """The LMS cannot be asked at the moment; `delivery` says why, as for a score that has to wait."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__(delivery.reason)
        self.delivery = delivery


class Wire(Protocol):
    """One way to the grade columns of any platform."""

    def body(self, platform: Platform, score: Score) -> dict[str, Any] | None:
        """Return the body for this LMS, None when it is better not told."""

    def next_timestamp(self, platform: Platform, now: datetime, last: datetime | None) -> datetime:
        """Return a timestamp later than `last` by a whole second at least."""

    def proviso(self, platform: Platform, body: dict[str, Any]) -> str:
        """Return words for what a yes to this body leaves open, "" when it means that the score is in the gradebook."""

    def post(self, course: Course, lineitem_url: str, body: dict[str, Any]) -> Posted:
        """Send `body` to the column. Never raises for what the network or the LMS does."""

    def result(self, course: Course, lineitem_url: str, user_id: str) -> Result | None:
        """Return what the column holds for this learner; None when this tool may not read it. Raises NotNow."""

    def columns(self, course: Course, resource_link_id: str) -> list[FoundColumn]:
        """Return the grade columns that the LMS lists for a link of the course. Raises NotNow, also for a refusal."""
