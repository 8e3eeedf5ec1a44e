"""How the operator gets in: a one-time link from the command line, then a session of this browser.

The link is opened by GET and taken by POST, so that programs that look at links ahead of people do not use it up. Any
other way to sign in (OpenID Connect) ends in `open_session` too.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from flask import request
from markupsafe import Markup
from sqlalchemy import delete, or_, update
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.engine.db import db, utcnow
from lti_mcred.services import site
from lti_mcred.tool.admin.models import OperatorLink, OperatorSession
from lti_mcred.tool.admin.problems import problem
from lti_mcred.web.visits import cookie, token_hash

FIELD = "operator_form"
BY_LINK = "link"
LINK_MINUTES = 15
_LONGEST_COOKIE = 100
_SEEN_EVERY = timedelta(minutes=1)


def make_link(minutes: int = LINK_MINUTES) -> str:
    """Return an address that opens the administration once, within `minutes`. Commits.

    The code is its fragment: browsers send none, so it stands in no log of a server or a proxy (RFC 3986, 3.5).
    """
    code = secrets.token_urlsafe(32)
    db.session.add(OperatorLink(code_hash=token_hash(code), expires_at=utcnow() + timedelta(minutes=minutes)))
    db.session.commit()
    return f"{site().public_url.rstrip('/')}/admin/enter#{code}"


def take_link(code: str) -> str:
    """Return the token of a new session for a link that is taken here, and by nobody else. Commits. Raises Problem.

    One conditional UPDATE decides between two posts of the same link.
    """
    now = utcnow()
    free = (OperatorLink.code_hash == token_hash(code), OperatorLink.used_at.is_(None), OperatorLink.expires_at > now)
    taken = update(OperatorLink).where(*free).values(used_at=now).returning(OperatorLink.code_hash)
    if db.session.execute(taken).scalar_one_or_none() is None:
        db.session.rollback()
        link = db.session.get(OperatorLink, token_hash(code))
        raise problem("admin-link-used" if link is not None and link.used_at is not None else "admin-link-over")
    return open_session(BY_LINK)


def open_session(identity: str) -> str:
    """Open a session of the operator for somebody whose identity is proved; return its token. Commits."""
    token, now = secrets.token_urlsafe(32), utcnow()
    ends = now + timedelta(seconds=site().admin_total_seconds)
    db.session.add(OperatorSession(token_hash=token_hash(token), identity=identity[:255], seen_at=now, ends_at=ends))
    db.session.commit()
    return token


def current_session() -> OperatorSession | None:
    """Return the living session of this request's cookie, and note that it was seen. None when there is none."""
    token = _token()
    session = db.session.get(OperatorSession, token_hash(token)) if token else None
    now = utcnow()
    if session is None or session.ends_at <= now:
        return None
    if now - session.seen_at >= timedelta(seconds=site().admin_idle_seconds):
        return None
    if now - session.seen_at > _SEEN_EVERY:
        session.seen_at = now
        db.session.commit()
    return session


def close_session() -> None:
    """End the session of this request, on the server too. Commits."""
    if token := _token():
        db.session.execute(delete(OperatorSession).where(OperatorSession.token_hash == token_hash(token)))
        db.session.commit()


def cookie_name() -> str:
    """Return the cookie's name; the prefix makes browsers refuse it from other hosts or without Secure."""
    return "__Host-lti_mcred_admin" if site().secure else "lti_mcred_admin"


def set_cookie(response: AnyResponse, token: str) -> None:
    """Give the browser its session: first party, for this host alone, never sent from another site."""
    response.set_cookie(
        cookie_name(), token, max_age=site().admin_total_seconds, path="/",
        secure=site().secure, httponly=True, samesite="Strict",
    )  # fmt: skip


def drop_cookie(response: AnyResponse) -> None:
    """Take the cookie away."""
    response.delete_cookie(cookie_name(), path="/", secure=site().secure, httponly=True, samesite="Strict")


def form_field() -> Markup:
    """Return the hidden field that every form of a session needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, _form_key(_token() or ""))


def check_form() -> None:
    """Raise Problem 403 when a form of this session did not come from a page of this session."""
    given = request.form.get(FIELD, "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), _form_key(_token() or "").encode()):
        raise problem("admin-form-foreign")


def forget_access(now: datetime) -> None:
    """Delete links and sessions that are over."""
    idle = now - timedelta(seconds=site().admin_idle_seconds)
    ended = or_(OperatorSession.ends_at < now, OperatorSession.seen_at < idle)
    kept_for_a_fitting_page = timedelta(days=1)
    for old in (
        delete(OperatorSession).where(ended),
        delete(OperatorLink).where(OperatorLink.expires_at < now - kept_for_a_fitting_page),
    ):
        db.session.execute(old.execution_options(synchronize_session=False))


def _token() -> str | None:
    """Return the token of our cookie; one that we cannot have made counts as none."""
    token = cookie(cookie_name())
    return token if token and 20 <= len(token) <= _LONGEST_COOKIE and token.isascii() else None


def _form_key(token: str) -> str:
    return hmac.new(site().secret_key.encode(), b"operator-form:" + token.encode(), hashlib.sha256).hexdigest()
