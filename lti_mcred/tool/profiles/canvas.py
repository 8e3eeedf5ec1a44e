"""Canvas: attempts, preserve_score and its own words for refusals.

Source: Canvas LMS, lti/ims scores controller and its documentation of the submission extension.
"""

import html
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TEACHER, TOOL_ADMIN, Rule, Score, plain_body
from lti_mcred.tool.profiles.canvas_guide import GUIDE
from lti_mcred.tool.profiles.canvas_places import PLACES
from lti_mcred.tool.profiles.canvas_registration import REGISTRATION
from lti_mcred.tool.profiles.profile import LmsProfile

SUBMISSION = "https://canvas.instructure.com/lti/submission"
_MODULE_NAME = "https://canvas.instructure.com/lti/module_name"
_LINE_ITEM_PLACEMENTS = frozenset(
    {
        "assignment_selection",
        "course_assignments_menu",
        "link_selection",
        "module_index_menu_modal",
        "module_menu_modal",
    }
)
_CONCLUDED = _l("The course has ended, so Canvas takes no more grades for it.")
_UNPUBLISHED = _l("The assignment is not published in Canvas yet. Publish it, then send the grade again.")
_COURSE_GONE = _l("The course was deleted in Canvas. The decision is kept here.")
_TOOL_OFF = _l(
    "This tool was removed or switched off in Canvas for this course. Ask the administrator of Canvas to add "
    "it again, then send the grade again."
)
_TYPED_FIRST = _l("If somebody had typed a grade in Canvas before, Canvas keeps that grade.")
ROSTER_RULES = (
    Rule(401, "invalid developer key", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "inactive developer key", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "not linked to a tool", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "insufficient permissions", "held", _l("Canvas does not let this tool read the class list. Its "
         "developer key needs “Can retrieve user data associated with the context the tool is installed in”."),
         LMS_ADMIN),
)  # fmt: skip
RULES = (
    Rule(400, "before last updated timestamp", "superseded", _l("Canvas already holds a newer grade.")),
    Rule(400, "file url timed out", "later", _l("Canvas could not fetch a file in time."), NOBODY),
    Rule(401, "invalid developer key", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "inactive developer key", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "not linked to a tool", "held", _TOOL_OFF, LMS_ADMIN),
    Rule(401, "insufficient permissions", "held", _l("Canvas has not given this tool the right to write grades."),
         LMS_ADMIN),
    Rule(404, "context is deleted", "dead", _COURSE_GONE, TEACHER),
    Rule(404, "", "dead", _l("The assignment was deleted in Canvas, or the course is not open."), TEACHER),
    Rule(422, "concluded", "held", _CONCLUDED, TEACHER),
    Rule(422, "unpublished", "held", _UNPUBLISHED, TEACHER),
    Rule(422, "not a student", "held", _l("Canvas does not know this person as a student of the course."), TEACHER),
    Rule(422, "allowed attempts", "held", _l("All attempts that the assignment allows in Canvas are used. Allow "
                                             "another attempt, then send again."), TEACHER),
    Rule(422, "scoremaximum", "held", _l("The assignment in Canvas has a maximum that does not fit."), TEACHER),
    Rule(422, "cannot be zero", "held", _l("The assignment in Canvas is worth no points, so it takes no grade."),
         TEACHER),
    Rule(422, "", "held", _l("Canvas did not take this grade."), TEACHER),
    Rule(400, "", "held", _l("Canvas could not read this grade."), TOOL_ADMIN),
)  # fmt: skip


def without_loss(score: Score) -> dict[str, Any] | None:
    """Return the body with Canvas's extension, so that no grade is cleared and no attempt is added unasked.

    A post without a final grade clears the grade that is there unless `preserve_score` is sent; with it no
    scoreGiven is written, so it never accompanies one. `prioritize_non_tool_grade` keeps any grade that is
    there, our own too, so it goes with a first score only: a grade that was typed before it is not in the results.
    """
    body = plain_body(score)
    final = score.grading_progress == "FullyGraded"
    extension: dict[str, Any] = {"new_submission": score.new_submission and not final}
    if final and score.yields:
        extension["prioritize_non_tool_grade"] = True
    if not final:
        extension["preserve_score"] = True
        body.pop("scoreGiven", None)
        body.pop("scoreMaximum", None)
    if score.activity_progress == "Submitted" and score.review_url:
        extension |= {"submission_type": "basic_lti_launch", "submission_data": score.review_url}
    return {**body, SUBMISSION: extension}


def typed_first(body: Mapping[str, Any]) -> str:
    """A first score gets a 200 and a result row, also where a typed grade stays in the gradebook."""
    return str(_TYPED_FIRST) if body.get(SUBMISSION, {}).get("prioritize_non_tool_grade") else ""


def as_html(text: str) -> str:
    """Canvas shows the text of an item as HTML, as the description of the assignment."""
    return html.escape(text, quote=False)


CANVAS = LmsProfile(
    name="canvas",
    title="Canvas",
    called="Canvas",
    guide=GUIDE,
    registration=REGISTRATION,
    practised=True,
    places=PLACES,
    # Canvas documents it as not required, and self-hosted versions name the place's address instead of the link's.
    names_target_at_login=False,
    # A school's vanity host and its instructure.com host hold the same course.
    frame_sources=("https://*.instructure.com", "https://*.canvaslms.com"),
    # An account launches too (account navigation), with this bare word as its type.
    no_courses=frozenset({"Account"}),
    # In course navigation, SpeedGrader, links in texts.
    repeats_context_id=True,
    score_body=without_loss,
    rules=RULES,
    proviso=typed_first,
    column_advice=_l(
        "In Canvas only an assignment has a grade column; a link in a module or on a page has none. Add an assignment "
        "whose submission type is “External tool”, and choose this micro-credential there."
    ),
    # Canvas never gives more, whatever is asked.
    roster_limit=50,
    roster_by_link=True,
    roster_rules=ROSTER_RULES,
    item_text=as_html,
    # It honours a lineItem at these placements and marks others as faulty.
    line_item_placements=_LINE_ITEM_PLACEMENTS,
    # It has no Submission Review: SpeedGrader opens the address that the hand-in named.
    line_item_extras={},
    # The module that Canvas makes is called "New Content From App" otherwise.
    group_name_claims=dict.fromkeys(("module_index_menu_modal", "course_assignments_menu"), _MODULE_NAME),
    # Each launch has the history already (canvas_places.py), and Canvas has none of links.
    link_custom={},
    tells_of_copies=True,
)
