"""Which messages each LMS sends from where, and what they open: one table, for registration and for the guide. Pure.

Sources: LTI Core 1.3, Deep Linking 2.0, Submission Review 1.0; Canvas's documentation of placements; Moodle 4.5 as
observed; the integration guides of Brightspace, Blackboard, Sakai and Open edX.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

LINK, PICK, REVIEW = "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"


@dataclass(frozen=True)
class Place:
    """One place of an LMS from which it launches us.

    `placement`: the name under which we ask for the place at registration, "" where the LMS has it by itself.
    `asked` False: the LMS may send it, we answer it, but we do not ask for it. `link_is_course`: the resource link id
    is the course's there, so it names no placement of its own; `link_of`: it is of something else.
    """

    where: Any
    message: str
    opens: Any
    placement: str = ""
    asked: bool = True
    link_is_course: bool = False
    link_of: Any = ""


_ACTIVITY = _l("the micro-credential: learners their work, teachers their course")
_COURSE = _l("learners their record, teachers their course, assessors their desk")
_ADMINISTRATION = _l("the state of the connection, for administrators of the LMS")
_PICKER = _l("the picker, for teachers and course designers")
_DECISION = _l("one learner's work, for teachers; a learner sees her own")

_USUAL = (
    Place(_l("a link in the course"), LINK, _ACTIVITY),
    Place(_l("where a teacher adds content"), PICK, _PICKER, "ContentArea"),
)
_GRADEBOOK = Place(_l("the gradebook, beside a score of ours"), REVIEW, _DECISION)

PLACES: dict[str, tuple[Place, ...]] = {
    "Canvas": (
        Place(_l("an assignment or module item"), LINK, _ACTIVITY),
        Place(_l("a link in a page or text"), LINK, _ACTIVITY, link_is_course=True),
        Place(_l("the course menu"), LINK, _COURSE, "course_navigation", link_is_course=True),
        Place(_l("the account menu"), LINK, _ADMINISTRATION, "account_navigation", link_of=_l("the account's")),
        Place(_l("SpeedGrader and the learner's submission"), LINK, _DECISION, link_is_course=True),
        Place(_l("a new assignment"), PICK, _PICKER, "assignment_selection"),
        Place(_l("a module, one item"), PICK, _PICKER, "link_selection"),
        Place(_l("the menu of the assignments page"), PICK, _PICKER, "course_assignments_menu"),
        Place(_l("the menu of the modules page"), PICK, _PICKER, "module_index_menu_modal"),
        Place(_l("the submission box of a learner"), PICK, _l("a page that says where to hand in"),
              "homework_submission", asked=False),
    ),
    "Moodle": (*_USUAL, _GRADEBOOK),
    "Brightspace": (*_USUAL, _GRADEBOOK),
    "Blackboard": _USUAL,
    "Sakai": (*_USUAL, _GRADEBOOK),
    "Open edX": _USUAL,
}  # fmt: skip


def canvas_placements() -> tuple[tuple[str, str], ...]:
    """Return (placement, message type) of what we ask Canvas for.

    submission_type_selection is left out: Instructure allows it for chosen tools only.
    """
    return tuple((place.placement, place.message) for place in PLACES["Canvas"] if place.placement and place.asked)


def wanted_messages(offered: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Return (message type, placements) of what we ask any other LMS for; `offered` are the types that it lists.

    Links and picking are asked for always, because some LMSs list nothing; the rest only where it is offered.
    """
    found: dict[str, list[str]] = {}
    for place in (*_USUAL, _GRADEBOOK):
        if place.message in (LINK, PICK) or place.message in offered:
            found.setdefault(place.message, []).extend([place.placement] if place.placement else [])
    return list(found.items())


def as_markdown() -> str:
    """Return the table for the guide (docs/lms-setup.md), one row for each place."""
    rows = ["| LMS | from | message | resource link id | opens |", "|---|---|---|---|---|"]
    for lms, places in PLACES.items():
        rows += [
            f"| {lms} | {_from(place)} | `{place.message}` | {_link_id(place)} | {place.opens} |" for place in places
        ]
    return "\n".join(rows)


def _from(place: Place) -> str:
    if not place.placement:
        return str(place.where)
    words = f"{place.where} (`{place.placement}`)"
    return words if place.asked else f"{words}, if somebody adds it"


def _link_id(place: Place) -> str:
    if place.message == PICK:
        return str(_l("none"))
    if place.link_of:
        return str(place.link_of)
    return str(_l("the course's")) if place.link_is_course else str(_l("its own"))
