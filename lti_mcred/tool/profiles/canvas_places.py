"""From where Canvas launches us, and with which variables: the same for both ways to register.

Sources: Canvas documentation, "Placements overview" and "Variable substitutions".
"""

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.messages import ACTIVITY, DECISION, LINK, PICK, PICKER, USUAL, Place

PLACES = (
    replace(USUAL[0], where=_l("an assignment or module item")),
    Place(_l("a link in a page or text"), LINK, ACTIVITY, link_is_course=True),
    Place(_l("the course menu"), LINK, _l("learners their record, teachers their course, assessors their desk"),
          "course_navigation", link_is_course=True, what=_l("The course menu"),
          why=_l("Learners find their badges there, teachers their learners, assessors their desk.")),
    Place(_l("the account menu"), LINK, _l("the state of the connection, for administrators of the LMS"),
          "account_navigation", link_of=_l("the account's"), what=_l("The account menu"),
          why=_l("Administrators see there whether the connection works.")),
    Place(_l("SpeedGrader and the learner's submission"), LINK, DECISION, link_is_course=True),
    Place(_l("a new assignment"), PICK, PICKER, "assignment_selection", what=_l("Assignments, “External Tool”"),
          why=_l("A teacher makes a graded assignment of a micro-credential.")),
    Place(_l("a module, one item"), PICK, PICKER, "link_selection", what=_l("Modules, “External Tool”"),
          why=_l("A teacher puts a micro-credential into a module.")),
    Place(_l("the menu of the assignments page"), PICK, PICKER, "course_assignments_menu",
          what=_l("The menu of the assignments page"),
          why=_l("A teacher adds several micro-credentials at once, each with its grade column.")),
    Place(_l("the menu of the modules page"), PICK, PICKER, "module_index_menu_modal",
          what=_l("The menu of the modules page"), why=_l("A teacher adds a whole module of micro-credentials.")),
    Place(_l("the submission box of a learner"), PICK, _l("a page that says where to hand in"),
          "homework_submission", asked=False),
)  # fmt: skip

# Who sees a menu entry; Canvas shows it to everybody unless told.
VISIBILITY = {"course_navigation": "members", "account_navigation": "admins"}

# Variables of every launch. "masquerade" stays unsubstituted unless an administrator acts as somebody.
CUSTOM = {
    "masquerade": "$Canvas.masqueradingUser.id",
    "canvas_assignment_id": "$Canvas.assignment.id",
    "context_history": "$Context.id.history",
    "due_at": "$Canvas.assignment.dueAt.iso8601",
    "allowed_attempts": "$Canvas.assignment.allowedAttempts",
    "tz": "$Person.address.timezone",
}


def placements() -> tuple[tuple[str, str], ...]:
    """Return (placement, message type) of what we ask Canvas for.

    submission_type_selection is left out: Instructure allows it for chosen tools only.
    """
    return tuple((place.placement, place.message) for place in PLACES if place.placement and place.asked)
