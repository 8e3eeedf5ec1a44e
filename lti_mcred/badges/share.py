"""The holder's choice: a badge without a name (the default), or with it.

The badge is signed again either way.
"""

from sqlalchemy import update

from lti_mcred.badges.models import Award
from lti_mcred.badges.signing import signed_text, try_to_sign_again
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.grading.models import Decision
from lti_mcred.people.models import Person


def show_name(row: Award, *, show: bool) -> Award:
    """Put the holder's name into the badge, or take it out, and commit. Id, place in the list and dates stay.

    Copies that were given away before remain valid, because they say what was true. Taking it out always works, also
    from a badge that expired or was withdrawn, and when nothing can be signed at this moment. Raises ValueError for
    showing a name on a withdrawn badge, or one that the LMS never told us, and signing.UNSIGNABLE.
    """
    if not show:
        return hide_name(row)
    name = (db.session.get_one(Person, row.person_id).name or "").strip()
    if row.revoked_at or not name:
        message = "this badge cannot show a name"
        raise ValueError(message)
    if name == row.shown_name:
        return row
    version = db.session.get_one(Version, row.version_id)
    decision = db.session.get_one(Decision, row.decision_id)
    text = signed_text(row, version, decision, utcnow().replace(microsecond=0), name)
    standing = update(Award).where(Award.id == row.id, Award.revoked_at.is_(None))
    shown = changed(standing.values(shown_name=name, credential=text))
    db.session.commit()
    db.session.refresh(row)
    if not shown:  # withdrawn while it was being signed
        message = "this badge cannot show a name"
        raise ValueError(message)
    return row


def hide_name(row: Award) -> Award:
    """Take the holder's name out of a badge, whatever became of it, and commit: at once, and then sign it again."""
    if row.shown_name is None:
        return row
    row.shown_name, row.credential = None, ""
    db.session.commit()
    try_to_sign_again(row)
    return row
