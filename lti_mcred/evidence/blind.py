"""An attempt as an assessor sees it: each part in order, neutral names, clean copies, what changed since the last try.

The learner's review before handing in shows the same, made by the same functions.
"""

from dataclasses import dataclass

from sqlalchemy import select

from lti_mcred.catalog.library import definition_of
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt
from lti_mcred.evidence.show import PartView, part_views
from lti_mcred.evidence.unchanged import shown_of
from lti_mcred.web.models import Visit


@dataclass(frozen=True)
class ShownPart:
    """One part; `changed` is whether it differs from the try before (always False on a first try)."""

    view: PartView
    changed: bool


def parts_of(attempt: Attempt, visit: Visit) -> list[ShownPart]:
    """Return the parts of an attempt in the order of the definition, blind: files lose their names.

    The caller has checked that the visit's person wrote this attempt, or is scoring it.
    """
    definition = definition_of(attempt.enrolment.version)
    changed = changed_parts(attempt)
    return [ShownPart(view, view.id in changed) for view in part_views(attempt, definition, visit, blind=True)]


def changed_parts(attempt: Attempt) -> frozenset[str]:
    """Return the ids of the parts that differ from the try before; none on a first try."""
    earlier: Attempt | None = db.session.scalar(
        select(Attempt).where(Attempt.enrolment_id == attempt.enrolment_id, Attempt.number == attempt.number - 1)
    )
    if earlier is None:
        return frozenset()
    before = {part.part_id: shown_of(part) for part in earlier.parts}
    return frozenset(part.part_id for part in attempt.parts if before.get(part.part_id) != shown_of(part))
