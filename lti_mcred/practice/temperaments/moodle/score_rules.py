"""What a score post does in Moodle: pure rules. A post replaces the grade and its comment, or wipes both.

As read in Moodle's scores.php and gradebookservices.php, and observed on Moodle 4.5.6.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_mcred.practice.ground.body import lenient_number, utc_moment

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What the grade becomes. ``score`` None: the grade is wiped, its comment with it."""

    score: float | None
    comment: str | None
    moment: datetime


def read(body: Any, item_maximum: float) -> Outcome | None:
    """The outcome of a score body, or None when Moodle would call it incorrect.

    ``item_maximum`` is the column's maximum: scores are rescaled to it and clamped into 0…maximum. Anything but
    FullyGraded, and a post without ``scoreGiven``, wipes. ``activityProgress`` must be there but means nothing.
    """
    if not isinstance(body, dict) or not _complete(body):
        return None
    moment = utc_moment(body.get("timestamp"))
    given, maximum = lenient_number(body.get("scoreGiven")), lenient_number(body.get("scoreMaximum"))
    if moment is None or (body.get("scoreGiven") is not None and (given is None or maximum is None)):
        return None
    if body["gradingProgress"] != "FullyGraded" or given is None or maximum is None:
        return Outcome(None, None, moment)
    scaled = given * item_maximum / maximum if maximum else given
    comment = body.get("comment")
    return Outcome(min(max(scaled, 0.0), max(item_maximum, 0.0)), str(comment) if comment else None, moment)


def too_early(moment: datetime, stored: datetime | None) -> bool:
    """Compared in whole seconds: a second score within one second is refused too."""
    return stored is not None and int(moment.timestamp()) <= int(stored.timestamp())


def _complete(body: Json) -> bool:
    return all(body.get(name) not in (None, "") for name in ("userId", "activityProgress", "gradingProgress"))
