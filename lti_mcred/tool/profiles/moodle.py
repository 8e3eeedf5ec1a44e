"""Moodle: only final grades are sent, the comment goes along every time, one second between two posts.

Source: Moodle, mod/lti. Observed on Moodle 4.5: a post that is not FullyGraded wipes the grade that is there, with its
comment.
"""

import html
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TEACHER, Rule, Score, plain_body
from lti_mcred.tool.profiles.endpoints import Endpoints
from lti_mcred.tool.profiles.guides import REVIEW, Guide
from lti_mcred.tool.profiles.messages import GRADEBOOK, USUAL
from lti_mcred.tool.profiles.profile import LmsProfile
from lti_mcred.tool.profiles.registering import Registration

ROSTER_RULES = (
    Rule(range(401, 404, 2), "", "held", _l("Moodle does not let this tool read the class list. Its setting “IMS "
         "LTI Names and Role Provisioning” must be on for this tool."), LMS_ADMIN),
)  # fmt: skip
RULES = (
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


def final_with_comment(score: Score) -> dict[str, Any] | None:
    """Return the body of a final grade; None for everything else, because it would wipe the grade that is there."""
    if score.grading_progress != "FullyGraded":
        return None
    body = plain_body(score)
    body.pop("submission", None)
    # A post without a comment erases the earlier one.
    return {**body, "comment": score.comment}


def with_ampersands(name: str) -> str:
    """Moodle writes the ampersand of a name as HTML into the class list, and into nothing else."""
    return name.replace("&amp;", "&")


def as_html(text: str) -> str:
    """Moodle takes the text of an item as HTML, as the description of the activity."""
    return html.escape(text, quote=False)


def at_address(base: str) -> Endpoints:
    """Return the endpoints of a Moodle at `base`."""
    return Endpoints(base, f"{base}/mod/lti/auth.php", f"{base}/mod/lti/token.php", f"{base}/mod/lti/certs.php")


GUIDE = Guide(
    key="moodle",
    title="Moodle",
    summary=_l("By a registration link (Moodle 3.10 and later), or by hand."),
    profile="moodle",
    by_link=(
        _l("In Moodle, open Site administration, Plugins, Activity modules, External tool, Manage tools."),
        _l("Paste the link as “Tool URL” and press “Add LTI Advantage”."),
        REVIEW,
        _l("Press “Finish”. The tool waits as “Pending”: press “Activate”."),
        _l("In a course, open More, LTI External tools, and switch it on. Now teachers find it where they add "
           "activities."),
    ),
    by_hand=(
        _l("In Moodle, open Site administration, Plugins, Activity modules, External tool, Manage tools, "
           "“Configure a tool manually”."),
        _l("Choose LTI version 1.3 and the public key type “Keyset URL”. Type in our values from below."),
        _l("Services: “Use this service for grade sync and column management”, and “Use this service to retrieve "
           "members' information”. Privacy: share name and e-mail always. Accept grades: delegate to teacher. "
           "Supports Deep Linking: on."),
        _l("Save. In the list, the magnifying glass shows the values for the form below."),
    ),
    paste_link=_l(
        "Site administration, Plugins, Activity modules, External tool, Manage tools. Paste the link as “Tool URL” and "
        "press “Add LTI Advantage”."
    ),
    renew=_l(
        "Site administration, Plugins, Activity modules, External tool, Manage tools. Paste the link as “Tool URL” and "
        "press “Add LTI Advantage”. Moodle finds the tool that is there: choose to update it."
    ),
    at_address=at_address,
)  # fmt: skip
MOODLE = LmsProfile(
    name="moodle",
    title="Moodle",
    called="Moodle",
    guide=GUIDE,
    practised=True,
    registration=Registration(
        families=frozenset({"moodle"}),
        next_step=_l(
            "In Moodle the tool waits as “Pending”. Press “Activate” there. Then switch it on for a course: More, LTI "
            "External tools."
        ),
        way_to_desk=_l(
            "Moodle has no course menu. For a way to the assessor's desk and the teacher's page, add an External tool "
            "to the course, choose this tool, and save it without pressing “Select content”."
        ),
    ),
    places=(*USUAL, GRADEBOOK),
    score_body=final_with_comment,
    rules=RULES,
    page_limit=None,
    column_advice=_l(
        "In Moodle, open the settings of this activity: under Privacy, let the tool add grades in the gradebook, and "
        "under Grade, choose the type “Point”. Where grades were switched off and on again, Moodle names the new "
        "column only after its daily task has run: open the activity from the course again the day after."
    ),
    # Without a limit Moodle answers with everybody at once.
    roster_limit=50,
    roster_by_link=True,
    roster_rules=ROSTER_RULES,
    listed_name=with_ampersands,
    item_text=as_html,
)
