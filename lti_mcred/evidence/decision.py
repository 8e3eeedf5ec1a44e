"""What a learner is told about an attempt. Judging is another room's; what it answers is asked here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lti_mcred.evidence.models import Attempt
from lti_mcred.services import service
from lti_mcred.web.models import Visit


@dataclass(frozen=True)
class CriterionTold:
    """One criterion as the learner reads it; `pointer` says where in the evidence the assessor saw it."""

    level: str
    met: bool
    comment: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class Told:
    """A released decision. `outcome`: earned, not_yet or returned (incomplete); `message` says what a return wants."""

    outcome: str
    decided_at: datetime
    criteria: Mapping[str, CriterionTold]
    message: str = ""

    @property
    def met(self) -> tuple[str, ...]:
        """Criteria that are met, in the order of the decision."""
        return tuple(criterion_id for criterion_id, told in self.criteria.items() if told.met)


@dataclass(frozen=True)
class Judging:
    """What the judging room answers. `told`: attempt id -> the latest released decision, None while there is none.

    `reads_blind`: whether a visit reads an attempt without names now.
    """

    told: Callable[[str], Told | None]
    reads_blind: Callable[[Visit, Attempt], bool]


def told_of(attempt_id: str) -> Told | None:
    """Return the latest released decision about an attempt."""
    return service(Judging).told(attempt_id)
