"""Withdrawing a badge: one bit in the status list, and a reason.

The award stays on record; there is no way back.
"""

from sqlalchemy import update

from lti_mcred.badges.lists import set_bits
from lti_mcred.badges.models import Award
from lti_mcred.badges.signing import try_to_sign_again
from lti_mcred.engine.db import changed, db, utcnow

# What the public page may say; details stay with the people who decided.
REASONS = ("mistake", "integrity", "request", "replaced")


def revoke(award_id: str, reason: str) -> Award:
    """Withdraw a badge for one of REASONS and commit. Again changes nothing.

    The holder's name leaves it in the same commit: page, file and picture name nobody from now on.

    Raises LookupError or ValueError.
    """
    if reason not in REASONS:
        message = f"the reason must be one of {', '.join(REASONS)}"
        raise ValueError(message)
    # The award first: on SQLite this takes the write lock before the bits are read.
    withdrawn = changed(
        update(Award)
        .where(Award.id == award_id, Award.revoked_at.is_(None))
        .values(revoked_at=utcnow(), revoke_reason=reason)
    )
    row = db.session.get(Award, award_id, populate_existing=True)
    if row is None:
        db.session.rollback()
        message = "there is no such badge"
        raise LookupError(message)
    named = row.shown_name is not None
    if named:
        row.shown_name, row.credential = None, ""
    if withdrawn:
        set_bits(row.status_list_id)
    db.session.commit()
    if named:
        try_to_sign_again(row)
    return row
