"""Canvas: attempts, preserve_score and its own words for refusals.

Source: Canvas LMS, lti/ims scores controller and its documentation of the submission extension.
"""

import html
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TEACHER, TOOL_ADMIN, LmsProfile, Rule, Score, plain_body
from lti_mcred.tool.profiles.messages import canvas_placements
from lti_mcred.tool.profiles.presets import CANVAS_ISSUERS

SUBMISSION = "https://canvas.instructure.com/lti/submission"
_MODULE_NAME = "https://canvas.instructure.com/lti/module_name"
_NEW_MODULE = ("module_index_menu_modal", "course_assignments_menu")
_LINE_ITEM_PLACEMENTS = (
    "assignment_selection",
    "course_assignments_menu",
    "link_selection",
    "module_index_menu_modal",
    "module_menu_modal",
)
_CONCLUDED = _l("The course has ended, so Canvas takes no more grades for it.")
_UNPUBLISHED = _l("The assignment is not published in Canvas yet. Publish it, then send the grade again.")
_COURSE_GONE = _l("The course was deleted in Canvas. The decision is kept here.")
_TOOL_OFF = _l(
    "This tool was removed or switched off in Canvas for this course. Ask the administrator of Canvas to add "
    "it again, then send the grade again."
)
_TYPED_FIRST = _l("If somebody had typed a grade in Canvas before, Canvas keeps that grade.")


class CanvasProfile(LmsProfile):
    """Instructure Canvas, hosted or self-hosted."""

    name = "canvas"
    title = called = "Canvas"
    places = ("link", *(name for name, _kind in canvas_placements()))
    tells_of_copies = True
    # The developer key asks for the history already (protocol/services_asked.py), and Canvas has none of links.
    link_custom: Mapping[str, str] = MappingProxyType({})
    column_advice = _l(
        "In Canvas only an assignment has a grade column; a link in a module or on a page has none. Add an assignment "
        "whose submission type is “External tool”, and choose this micro-credential there."
    )
    # Canvas documents it as not required, and self-hosted versions name the place's address instead of the link's.
    names_target_at_login = False
    # An account launches too (account navigation), with this bare word as its type.
    no_courses = frozenset({"Account"})
    # In course navigation, SpeedGrader, links in texts.
    repeats_context_id = True
    # A school's vanity host and its instructure.com host hold the same course.
    frame_sources = ("https://*.instructure.com", "https://*.canvaslms.com")
    # Canvas never gives more, whatever is asked.
    roster_limit = 50
    roster_by_link = True
    roster_rules = (
        Rule(401, "invalid developer key", "held", _TOOL_OFF, LMS_ADMIN),
        Rule(401, "inactive developer key", "held", _TOOL_OFF, LMS_ADMIN),
        Rule(401, "not linked to a tool", "held", _TOOL_OFF, LMS_ADMIN),
        Rule(401, "insufficient permissions", "held", _l("Canvas does not let this tool read the class list. Its "
             "developer key needs “Can retrieve user data associated with the context the tool is installed in”."),
             LMS_ADMIN),
    )  # fmt: skip
    rules = (
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

    def score_body(self, score: Score) -> dict[str, Any] | None:
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

    def proviso(self, body: Mapping[str, Any]) -> str:
        """A first score gets a 200 and a result row, also where a typed grade stays in the gradebook."""
        return str(_TYPED_FIRST) if body.get(SUBMISSION, {}).get("prioritize_non_tool_grade") else ""

    def may_name(self, issuer: str) -> bool:
        """A school's Canvas, on whatever host, has the issuer of hosted Canvas; compared letter by letter."""
        return issuer in CANVAS_ISSUERS

    def item_text(self, text: str) -> str:
        """Canvas shows the text as HTML, as the description of the assignment."""
        return html.escape(text, quote=False)

    def takes_line_item(self, placement: str) -> bool:
        """Canvas honours a lineItem at these placements and marks others as faulty."""
        return placement in _LINE_ITEM_PLACEMENTS

    def line_item_extras(self) -> dict[str, Any]:
        """Canvas has no Submission Review: SpeedGrader opens the address that the hand-in named."""
        return {}

    def deep_linking_extras(self, placement: str, tool_name: str) -> dict[str, Any]:
        """Name the module that Canvas makes, else it is called "New Content From App"."""
        return {_MODULE_NAME: tool_name} if placement in _NEW_MODULE else {}
