"""Moodle: only final grades are sent, the comment goes along every time, one second between two posts.

Observed on Moodle 4.5: a post that is not FullyGraded wipes the grade that is there, with its comment.
"""

import html
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TEACHER, LmsProfile, Rule, Score, plain_body


class MoodleProfile(LmsProfile):
    """Moodle 4 and 5."""

    name = "moodle"
    title = called = "Moodle"
    places = ("link", "ContentArea", "submission_review")
    page_limit = None
    column_advice = _l(
        "In Moodle, open the settings of this activity: under Privacy, let the tool add grades in the gradebook, and "
        "under Grade, choose the type “Point”. Where grades were switched off and on again, Moodle names the new "
        "column only after its daily task has run: open the activity from the course again the day after."
    )
    # Without a limit Moodle answers with everybody at once.
    roster_limit = 50
    roster_by_link = True
    roster_rules = (
        Rule(range(401, 404, 2), "", "held", _l("Moodle does not let this tool read the class list. Its setting “IMS "
             "LTI Names and Role Provisioning” must be on for this tool."), LMS_ADMIN),
    )  # fmt: skip
    rules = (
        Rule(400, "incorrect score received", "held", _l("Moodle does not take a grade for this person. Look whether "
             "they are still enrolled as a student in the course."), TEACHER),
        Rule(400, "no handler found", "held", _l("Moodle does not offer grades at this address any more."), LMS_ADMIN),
        Rule(401, "", "held", _l("Moodle does not let this tool write grades. Its setting “IMS LTI Assignment and "
             "Grade Services” must allow grade sync."), LMS_ADMIN),
        Rule(403, "", "dead", _l("The grade column is not ours in Moodle any more."), TEACHER),
        Rule(409, "", "superseded", _l("Moodle already holds a newer grade for this learner.")),
        Rule(500, "", "later", _l("Moodle could not store the grade. If the grade is locked, unlock it."), TEACHER),
        Rule(502, "", "later", _l("Moodle does not answer at the moment."), NOBODY),
    )  # fmt: skip

    def listed_name(self, text: str) -> str:
        """Moodle writes the ampersand of a name as HTML into the class list, and into nothing else."""
        return text.replace("&amp;", "&")

    def item_text(self, text: str) -> str:
        """Moodle takes the text as HTML, as the description of the activity."""
        return html.escape(text, quote=False)

    def score_body(self, score: Score) -> dict[str, Any] | None:
        """Return the body of a final grade; None for everything else, because it would wipe the grade that is there."""
        if score.grading_progress != "FullyGraded":
            return None
        body = plain_body(score)
        body.pop("submission", None)
        # A post without a comment erases the earlier one.
        return {**body, "comment": score.comment}
