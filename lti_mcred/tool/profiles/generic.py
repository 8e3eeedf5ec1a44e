"""An LMS of which nothing special is known: whoever follows LTI 1.3 and AGS 2.0 as written."""

from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import TEACHER, Rule, Score, plain_body
from lti_mcred.tool.profiles.guides import REVIEW, Guide
from lti_mcred.tool.profiles.profile import LmsProfile

RULES = (
    # Blackboard Learn and Brightspace, in their words.
    Rule(400, "user could not be found", "held", _l("The LMS does not know this learner any more."), TEACHER),
    Rule(400, "timestamp", "superseded", _l("The LMS already holds a newer grade for this learner.")),
)


def final_or_handed_in(score: Score) -> dict[str, Any] | None:
    """Return the body for a hand-in or a final grade; None for mere progress, which some LMSs take as a reset."""
    if score.grading_progress != "FullyGraded" and score.activity_progress != "Submitted":
        return None
    body = plain_body(score)
    if score.grading_progress != "FullyGraded":
        body.pop("scoreGiven", None)
        body.pop("scoreMaximum", None)
    return body


GUIDE = Guide(
    key="other",
    title=_l("Another LMS"),
    summary=_l("Every LMS that speaks LTI 1.3 can be connected by hand; some also by a registration link."),
    by_link=(
        _l("In your LMS, look where tools are added for “Dynamic Registration” or “registration URL”, and paste "
           "the link."),
        REVIEW,
        _l("Some LMSs keep a new tool switched off. Look in the list of tools and switch it on for your courses."),
    ),
    by_hand=(
        _l("In your LMS, add an external tool of LTI version 1.3 (LTI Advantage). Type in our values from below."),
        _l("Allow name and e-mail, Assignment and Grade Services, Names and Role Provisioning, and Deep Linking."),
        _l("Copy the values of your LMS into the form below."),
    ),
)  # fmt: skip
GENERIC = LmsProfile(
    name="generic",
    title="LTI 1.3",
    manner=_l("LTI 1.3 as it is written"),
    guide=GUIDE,
    score_body=final_or_handed_in,
    rules=RULES,
)
