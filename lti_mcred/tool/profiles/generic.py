"""Brightspace, Blackboard, Sakai, Open edX and whoever follows AGS 2.0 as written."""

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import TEACHER, LmsProfile, Rule, Score, plain_body


class GenericProfile(LmsProfile):
    """An LMS of which nothing special is known."""

    name = "generic"
    title = "LTI 1.3"
    rules = (
        # Blackboard Learn and Brightspace, in their words.
        Rule(400, "user could not be found", "held", _l("The LMS does not know this learner any more."), TEACHER),
        Rule(400, "timestamp", "superseded", _l("The LMS already holds a newer grade for this learner.")),
    )

    def score_body(self, score: Score) -> dict[str, Any] | None:
        """Return the body for a hand-in or a final grade; None for mere progress, which some LMSs take as a reset."""
        if score.grading_progress != "FullyGraded" and score.activity_progress != "Submitted":
            return None
        body = plain_body(score)
        if score.grading_progress != "FullyGraded":
            body.pop("scoreGiven", None)
            body.pop("scoreMaximum", None)
        return body
