"""What a learner is told about an attempt. Judging is another room's; it registers a reader that answers so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app


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


# attempt id -> the latest released decision, None while there is none.
Reader = Callable[[str], Told | None]


def told_of(attempt_id: str) -> Told | None:
    """Return the latest released decision about an attempt. The reader is `app.extensions["decision_reader"]`."""
    reader: Reader | None = current_app.extensions.get("decision_reader")
    return reader(attempt_id) if reader else None
