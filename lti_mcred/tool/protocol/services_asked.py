"""What this tool asks of an LMS, and why: one table for the registration page and for both ways to register."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.protocol.claims import NOTICE_SCOPE

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
LINEITEM, LINEITEM_READ = f"{AGS}lineitem", f"{AGS}lineitem.readonly"
RESULT_READ, SCORE = f"{AGS}result.readonly", f"{AGS}score"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
# Moodle wants lineitem.readonly for reading even where lineitem is granted.
SCOPES = (LINEITEM, LINEITEM_READ, RESULT_READ, SCORE, ROSTER, NOTICE_SCOPE)

CLAIMS = ("sub", "iss", "name", "given_name", "family_name", "email", "locale")


@dataclass(frozen=True)
class Asked:
    """One thing that the LMS will give, in words for its administrator."""

    what: Any
    why: Any
    technical: str


ASKED: tuple[Asked, ...] = (
    Asked(
        _l("Names and e-mail addresses"),
        _l("So that assessors and teachers see whose work it is, and a badge names its earner. Without them the tool "
           "works with anonymous ids."),
        " ".join(CLAIMS),
    ),
    Asked(
        _l("Grade columns"),
        _l("So that an activity that a teacher adds has its own column in the gradebook."),
        f"{LINEITEM} {LINEITEM_READ}",
    ),
    Asked(_l("Writing grades"), _l("So that a decision arrives in the gradebook."), SCORE),
    Asked(
        _l("Reading grades of its own columns"),
        _l("So that a grade that a teacher typed is not overwritten."),
        RESULT_READ,
    ),
    Asked(
        _l("The class list"),
        _l("So that teachers see who has not opened an activity yet, and who has left the course."),
        ROSTER,
    ),
    Asked(
        _l("Notices of copied courses"),
        _l("So that a teacher who copies a course is asked once, and all its activities work there. Without them the "
           "tool asks when the first copied link is opened."),
        NOTICE_SCOPE,
    ),
)  # fmt: skip
