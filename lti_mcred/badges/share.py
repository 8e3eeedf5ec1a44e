"""The earner's choice: a badge without a name (the default), or with it.

The badge is signed again either way.
"""

from lti_mcred.badges.award import signed_text
from lti_mcred.badges.models import Award
from lti_mcred.catalog.models import Version
from lti_mcred.db import db, utcnow
from lti_mcred.grading.models import Decision
from lti_mcred.tool.models import Person


def show_name(row: Award, *, show: bool) -> Award:
    """Put the holder's name into the badge, or take it out, and commit. Id, place in the list and dates stay.

    Copies that were given away before remain valid, because they say what was true. Raises ValueError when
    the badge
    is withdrawn, or when the LMS never told us a name.
    """
    person = db.session.get_one(Person, row.person_id)
    name = (person.name or "").strip() if show else ""
    if row.revoked_at or (show and not name):
        message = "this badge cannot show a name"
        raise ValueError(message)
    if name == (row.shown_name or ""):
        return row
    version = db.session.get_one(Version, row.version_id)
    decision = db.session.get_one(Decision, row.decision_id)
    text = signed_text(row, version, decision, utcnow().replace(microsecond=0), name)
    row.shown_name, row.credential = name or None, text
    db.session.commit()
    return row
