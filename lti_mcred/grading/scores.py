"""What an LMS is told, as a score of the tool room: that work was handed in, or what was decided."""

from datetime import datetime

from lti_mcred.evidence.models import Attempt
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.tool.profiles import Score


def handed_in(attempt: Attempt, stamp: datetime, public_url: str) -> Score:
    """Return the news that work waits for a decision, with the address that shows it to a grader."""
    return Score(
        user_id=attempt.enrolment.person.sub,
        timestamp=stamp,
        activity_progress="Submitted",
        grading_progress="PendingManual",
        submitted_at=attempt.submitted_at,
        review_url=f"{public_url.rstrip('/')}/lti/launch?attempt={attempt.id}",
        new_submission=True,
    )


def decided(entry: LedgerEntry, stamp: datetime, *, yields: bool) -> Score:
    """Return what was decided. `yields`: see Score."""
    return Score(
        user_id=entry.person.sub,
        timestamp=stamp,
        activity_progress="Completed",
        grading_progress="FullyGraded",
        score_given=entry.score_given,
        score_maximum=entry.score_maximum,
        comment=entry.comment,
        submitted_at=entry.attempt.submitted_at,
        yields=yields,
    )
