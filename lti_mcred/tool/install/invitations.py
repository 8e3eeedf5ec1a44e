"""Invitations: links with which the administrator of an LMS registers the tool, or renews its registration."""

import secrets
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update

from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.services import site
from lti_mcred.tool.install.problems import refusal
from lti_mcred.tool.known.models import RegistrationInvite
from lti_mcred.web.typed import plain
from lti_mcred.web.visits import token_hash

DAYS = 7


def invite(
    days: int = DAYS, *, reusable: bool = False, note: str = "", renews_id: str | None = None, may_move: bool = False
) -> str:
    """Return a link to registration that ends after `days`. Commits.

    It works once unless `reusable`. `renews_id`: it renews this registration and makes no new one; `may_move`: the LMS
    may have other addresses by now. `note`: whom it is for.
    """
    code = secrets.token_urlsafe(32)
    invitation = RegistrationInvite(
        code_hash=token_hash(code), expires_at=utcnow() + timedelta(days=days), reusable=reusable,
        note=plain(note).strip()[:255], renews_id=renews_id, may_move=may_move,
    )  # fmt: skip
    db.session.add(invitation)
    db.session.commit()
    return registration_link(code)


def registration_link(code: str) -> str:
    """Return the address that an LMS is given."""
    return f"{site().public_url.rstrip('/')}/lti/register?invite={code}"


def open_invitations() -> list[RegistrationInvite]:
    """Return the invitations that can still be used, the ones that end first at the top."""
    return list(db.session.scalars(select(RegistrationInvite).where(*_free()).order_by(RegistrationInvite.expires_at)))


def revoke(code_hash: str) -> bool:
    """Withdraw an invitation; return whether it was open. Commits."""
    mine = update(RegistrationInvite).where(RegistrationInvite.code_hash == code_hash, *_free())
    done = changed(mine.values(revoked_at=utcnow()))
    db.session.commit()
    return done == 1


def check_invite(code: str) -> RegistrationInvite:
    """Return the invitation. Raises Problem 403 unless it can still be used."""
    if not code:
        raise refusal("registration-without-invitation")
    found = db.session.get(RegistrationInvite, token_hash(code), populate_existing=True)
    if found is None or found.revoked_at is not None or found.expires_at <= utcnow():
        raise refusal("registration-not-invited")
    if found.used_at is not None and not found.reusable:
        raise refusal("registration-not-invited/used")
    return found


def redeem(code: str) -> RegistrationInvite:
    """Return the invitation, taken by one UPDATE, so that two at once never both use it. Commits. Raises Problem."""
    taken = update(RegistrationInvite).where(RegistrationInvite.code_hash == token_hash(code), *_free())
    done = changed(taken.values(used_at=utcnow()))
    db.session.commit()
    if not done:
        check_invite(code)
        raise refusal("registration-not-invited/used")
    return db.session.get_one(RegistrationInvite, token_hash(code), populate_existing=True)


def give_back(code: str) -> None:
    """Make an invitation usable again when nothing came of it. Commits."""
    mine = (RegistrationInvite.code_hash == token_hash(code), RegistrationInvite.reusable.is_(False))
    db.session.execute(update(RegistrationInvite).where(*mine).values(used_at=None))
    db.session.commit()


def led_to(code: str, platform_id: str) -> None:
    """Note which registration came of an invitation. Commits."""
    mine = update(RegistrationInvite).where(RegistrationInvite.code_hash == token_hash(code))
    db.session.execute(mine.values(platform_id=platform_id))
    db.session.commit()


def _free() -> tuple[ColumnElement[bool], ...]:
    return (
        or_(RegistrationInvite.used_at.is_(None), RegistrationInvite.reusable.is_(True)),
        RegistrationInvite.revoked_at.is_(None),
        RegistrationInvite.expires_at > utcnow(),
    )
