"""Visits with and without cookies: opening one, proving that a request belongs to it, addresses inside it.

A visit ends after an hour left alone, after twelve in all, or with its installation (`is_alive`; both are settings).

GET: the `__Host-` Partitioned cookie bound to the visit, or the bearer in `Authorization: Visit …`. A page asked for
with neither gets a shell whose script reads the bearer from sessionStorage and asks again. POST: always the bearer, in
the header or in the hidden field, which is also what protects against forged requests.
"""

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Flask, Response, g, make_response, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import Table, delete, insert, update
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.engine.quick import Quick, columns_of, plain
from lti_mcred.errors import Problem
from lti_mcred.services import service, site
from lti_mcred.web.guards import Guard
from lti_mcred.web.models import Powers, Visit
from lti_mcred.web.problems import problem

FIELD = "visit_bearer"
_VISIT = columns_of(Visit)
_INSERT = Quick(insert(cast("Table", Visit.__table__)))
_SEEN_EVERY = timedelta(minutes=1)
_KEPT_AFTER_END = timedelta(days=7)


@dataclass(frozen=True)
class Visits:
    """What the tool does for visits. `find`: id -> the visit with what its person may do now, None if there is none."""

    find: Callable[[str], Visit | None]


@dataclass(frozen=True)
class VisitFacts:
    """What a verified launch says, as a visit needs it (see web.models.Visit for each meaning)."""

    platform_id: str
    deployment_id: str
    person_id: str
    course_id: str | None
    resource_link_id: str | None
    activity_id: str | None
    roles: list[str]
    message_type: str
    launch: dict[str, Any]
    frame_ancestors: str
    browser_hash: str | None = None
    opened_at: datetime = field(default_factory=utcnow)


def new_visit(facts: VisitFacts, powers: Powers) -> Visit:
    """Return a visit that is stored nowhere yet: `open_visit` does that.

    `powers`: what its person may do on the first page.
    """
    ends_at = facts.opened_at + timedelta(seconds=site().visit_total_seconds)
    begins = {"id": new_id(), "secret": secrets.token_hex(32), "seen_at": facts.opened_at}
    visit = plain(Visit, {**vars(facts), **begins, "ends_at": ends_at, "ended_at": None})
    visit.powers = powers
    return visit


def open_visit(visit: Visit) -> None:
    """Store a new visit, after everything that it points to. Commits that as well."""
    if db.session().in_transaction():
        db.session.commit()
    _INSERT.all({column.key: getattr(visit, column.key) for column in _VISIT})


def unbind_others(browser_hash: str, platform_id: str, person_id: str) -> None:
    """Unbind a browser from the visits of everybody but this person. Does not commit.

    A tab that is still open saves by its bearer. A teacher in the LMS's student view keeps her own pages.
    """
    same = (Visit.browser_hash == browser_hash, Visit.platform_id == platform_id, Visit.person_id != person_id)
    unbind = update(Visit).where(*same).values(browser_hash=None)
    db.session.execute(unbind.execution_options(synchronize_session=False))


def bearer_of(visit: Visit) -> str:
    """Return the visit's bearer: 43 characters that only this server can make."""
    digest = hmac.new(site().secret_key.encode(), b"visit-bearer:" + visit.secret.encode(), hashlib.sha256)
    return urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()


def cookie_name() -> str:
    """Return the browser cookie's name; the prefix makes browsers refuse it from other hosts or without Secure."""
    return "__Host-lti_mcred" if site().secure else "lti_mcred"


def browser_token() -> str | None:
    """Return the token of the browser cookie that came with this request."""
    return cookie(cookie_name())


def cookie(name: str) -> str | None:
    """Return a cookie of ours. One that the campus's other sites set may hold anything: it does not hide ours."""
    try:
        return request.cookies.get(name)
    except UnicodeDecodeError:
        pairs = (pair.strip().partition("=") for pair in request.headers.get("Cookie", "").split(";"))
        return next((value for found, _equals, value in pairs if found == name), None)


def set_browser_cookie(response: AnyResponse, token: str) -> None:
    """Give the browser its token, for as long as a visit that this login leads to.

    Partitioned survives where third-party cookies are blocked (CHIPS).
    """
    response.set_cookie(
        cookie_name(), token, max_age=site().login_seconds + site().visit_total_seconds, path="/",
        secure=True, httponly=True, samesite="None", partitioned=True,
    )  # fmt: skip


def token_hash(token: str) -> str:
    """Return the SHA-256 of a random token, as it is stored."""
    return hashlib.sha256(token.encode()).hexdigest()


def current_visit() -> Visit:
    """Return the visit of this request. Raises Problem 401 when the request belongs to none."""
    visit: Visit | None = g.get("visit")
    if visit is None:
        raise problem("visit-ended")
    return visit


def require_role(*roles: str, granted: tuple[str, ...] = (), names: bool = False) -> Guard:
    """Return the guard that lets in visits with one of these course roles, or one of these roles of ours.

    `names`: the page shows whose work it is, or changes the class list, so whoever reads blind stays out.
    """

    def check() -> None:
        visit = current_visit()
        if not (visit.has_role(*roles) or set(granted) & set(visit.granted)):
            raise not_your_page()
        if names and visit.reads_blind:
            raise problem("names-are-kept-from-assessors")

    return Guard(" or ".join((*roles, *granted)) + (", not blind" if names else ""), check)


def not_your_page() -> Problem:
    """Return the refusal (403) for whoever has a visit and not the role."""
    return problem("not-your-page")


def _check_proved() -> None:
    current_visit()


# Whoever has a visit; the view looks only at what is hers.
any_visit = Guard("everybody with a visit", _check_proved)


def visit_url(endpoint: str, **values: Any) -> str:
    """Return the address of a page inside the current visit."""
    return url_for(endpoint, visit_id=current_visit().id, **values)


def visit_field() -> Markup:
    """Return the hidden field that every form inside a visit needs."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, bearer_of(current_visit()))


def forget_visits(now: datetime) -> None:
    """Delete visits that ended a week ago: until then, a tab that was left open gets its words inside the LMS."""
    old = Visit.ends_at < now - _KEPT_AFTER_END
    db.session.execute(delete(Visit).where(old).execution_options(synchronize_session=False))


def init_visits(app: Flask) -> None:
    """Let every request under /v/<visit_id>/ name its visit; around.py has it checked before its view runs."""

    @app.url_value_preprocessor
    def take_visit_id(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.visit_id = values.pop("visit_id", None) if values else None

    app.jinja_env.globals.update(visit_url=visit_url, visit_field=visit_field, current_visit=lambda: g.get("visit"))


def check_visit() -> Response | None:
    """Find the visit that a request names, and let nobody in who does not prove to be in it. Raises Problem 401.

    Returns the shell of a page for a browser that has its bearer in a script's storage only.
    """
    opened: Visit | None = g.get("opened_visit")
    if opened is not None and opened.id == g.visit_id:  # by this very launch, which has proved its browser (around.py)
        g.frame_ancestors, g.visit = opened.frame_ancestors, opened
        return None
    visit = find_visit(g.visit_id)
    if visit is None:
        raise problem("visit-ended")
    # Even the shell and the error page of this visit stand in the platform's frame, also when it is over.
    g.frame_ancestors = visit.frame_ancestors
    if not is_alive(visit):
        raise problem("visit-ended")
    if not _proved(visit):
        if request.method == "GET" and "Authorization" not in request.headers and _wants_page():
            shell = make_response(render_template("visits/resume.html", visit_id=visit.id))
            shell.headers["Cache-Control"] = "no-store"
            return shell
        raise problem("visit-ended")
    if utcnow() - visit.seen_at > _SEEN_EVERY:
        visit.seen_at = utcnow()
        db.session.commit()
    g.visit = visit
    return None


def find_visit(visit_id: str) -> Visit | None:
    """Return a visit with what its person may do now; whether it goes on, and who asks, is not looked at here."""
    return service(Visits).find(visit_id)


def is_alive(visit: Visit) -> bool:
    """Whether a visit goes on: not ended, run out or left alone for too long, and its installation may be used."""
    now = utcnow()
    idle = timedelta(seconds=site().visit_idle_seconds)
    return visit.ended_at is None and not visit.closed and now < visit.ends_at and now - visit.seen_at < idle


def is_here(visit: Visit) -> bool:
    """Whether a GET for something on a page of this visit comes from its browser.

    A picture or a film brings no bearer. Where the launch had its cookie, so has the request. Where the browser keeps
    none, it still says whether one of our pages asked (Fetch Metadata): what was pasted or is linked elsewhere is not.
    """
    if visit.browser_hash:
        return _proved(visit)
    return request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def _proved(visit: Visit) -> bool:
    scheme, _space, given = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Visit":
        given = request.form.get(FIELD, "") if request.method == "POST" else ""
    if given:
        return hmac.compare_digest(given.encode(), bearer_of(visit).encode())
    token = browser_token()
    if request.method not in ("GET", "HEAD") or not token or not visit.browser_hash:
        return False
    return hmac.compare_digest(token_hash(token), visit.browser_hash)


def _wants_page() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") == "text/html"
