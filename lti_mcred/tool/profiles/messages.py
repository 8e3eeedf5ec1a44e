"""Which messages an LMS sends from where, and what they open: for registration and for the guide. Pure.

Sources: LTI Core 1.3, Deep Linking 2.0, Submission Review 1.0.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

LINK, PICK, REVIEW = "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest"


@dataclass(frozen=True)
class Place:
    """One place of an LMS from which it launches us.

    `placement`: the name under which we ask for the place at registration, "" where the LMS has it by itself.
    `asked` False: the LMS may send it, we answer it, but we do not ask for it. `link_is_course`: the resource link id
    is the course's there, so it names no placement of its own; `link_of`: it is of something else. `key`: what we call
    the place where it has no name there. `what`, `why`: the place in words for the administrator, and why it is wanted.
    """

    where: Any
    message: str
    opens: Any
    placement: str = ""
    asked: bool = True
    link_is_course: bool = False
    link_of: Any = ""
    key: str = ""
    what: Any = ""
    why: Any = ""

    @property
    def name(self) -> str:
        """What we call the place; "" when it is none that an administrator looks for."""
        return self.key or (self.placement if self.asked else "")


ACTIVITY: Any = _l("the micro-credential: learners their work, teachers their course")
PICKER: Any = _l("the picker, for teachers and course designers")
DECISION: Any = _l("one learner's work, for teachers; a learner sees her own")

USUAL = (
    Place(_l("a link in the course"), LINK, ACTIVITY, key="link",
          what=_l("Links in a course"), why=_l("A click on an activity of ours opens it inside the course.")),
    Place(_l("where a teacher adds content"), PICK, PICKER, "ContentArea",
          what=_l("Where teachers add activities"), why=_l("They choose one of our micro-credentials there.")),
)  # fmt: skip
GRADEBOOK = Place(
    _l("the gradebook, beside a score of ours"), REVIEW, DECISION, key="submission_review",
    what=_l("The gradebook"), why=_l("Teachers open a learner's decided work from the grade."),
)  # fmt: skip


def wanted_messages(offered: tuple[str, ...]) -> list[tuple[str, list[str]]]:
    """Return (message type, placements) of what we ask an LMS for; `offered` are the types that it lists.

    Links and picking are asked for always, because some LMSs list nothing; the rest only where it is offered.
    """
    found: dict[str, list[str]] = {}
    for place in (*USUAL, GRADEBOOK):
        if place.message in (LINK, PICK) or place.message in offered:
            found.setdefault(place.message, []).extend([place.placement] if place.placement else [])
    return list(found.items())


def as_markdown(table: Mapping[Any, tuple[Place, ...]]) -> str:
    """Return a table of LMSs and their places for the guide (docs/lms-setup.md), one row for each place."""
    rows = ["| LMS | from | message | resource link id | opens |", "|---|---|---|---|---|"]
    for lms, places in table.items():
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
