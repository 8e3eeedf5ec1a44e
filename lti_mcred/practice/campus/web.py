"""What every page and endpoint needs: the desk of this request, sign-in, refusals, security headers."""

from __future__ import annotations

from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus.desk import Desk, Practice
from lti_mcred.practice.ground.models import Person, Session
from lti_mcred.practice.ground.refusal import Refusal

LOOPBACK = ("127.", "::1", "::ffff:127.")
UNSAFE = {"POST", "PUT", "PATCH", "DELETE"}


def practice() -> Practice:
    """The practice LMS of the current app. RuntimeError outside a request or an application context."""
    return cast("Practice", current_app.extensions["practice"])


def desk() -> Desk:
    """The desk of this request's campus; 404 on an address that belongs to no campus."""
    here = g.get("desk")
    if here is None:
        abort(404)
    return cast("Desk", here)


def signed_in() -> Person:
    """The signed-in person, or a redirect to the front door of the campus."""
    person = desk().person
    if person is None:
        raise Refusal(cast("Response", redirect(f"/{desk().campus.slug}/")))
    return person


def must_teach() -> Person:
    """The signed-in person if they teach here, else a 403 page."""
    person = signed_in()
    if not person.teaches:
        abort(403, _("Only a teacher of this course can do that. Switch to the teacher to try it."))
    return person


def must_administer() -> Person:
    """The signed-in person if they administer the campus, else a 403 page."""
    person = signed_in()
    if person.role != "admin":
        abort(403, _("Only the admin can do that. Switch to the admin to try it."))
    return person


def from_this_machine() -> None:
    """Refuse clients that are not on this machine, and requests that another site's page sent."""
    address = request.remote_addr or ""
    relayed = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    if relayed or not address.startswith(LOOPBACK):
        abort(403, _("The control addresses answer programs on this machine only."))
    if request.headers.get("Sec-Fetch-Site", "none") not in {"none", "same-origin"}:
        abort(403, _("The control addresses do not answer pages of other sites."))


def same_origin_only() -> None:
    """Refuse a form that another site's page sent; scripts without an Origin header pass."""
    origin = request.headers.get("Origin")
    own = {_origin(request.host_url), _origin(practice().config.public_url)}
    if request.method in UNSAFE and origin is not None and origin not in own:
        abort(403, _("This form was sent from another site. Open the page here and send it again."))


def allow_forms_to(*urls: str) -> None:
    """Let the page of this request send its form to these addresses."""
    g.setdefault("form_targets", set()).update(_origin(url) for url in urls)


def allow_frames_of(*urls: str) -> None:
    """Let the page of this request show these addresses in a frame."""
    g.setdefault("frame_sources", set()).update(_origin(url) for url in urls if url)


def set_headers(response: WerkzeugResponse) -> WerkzeugResponse:
    """Security headers; the protocol endpoints carry them too, it does no harm."""
    forms = " ".join(sorted({"'self'", *g.get("form_targets", set())}))
    frames = " ".join(sorted({"'self'", *g.get("frame_sources", set())}))
    response.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action {forms}; frame-src {frames}; frame-ancestors 'self'; base-uri 'none'",
    )
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def cookie_names(slug: str) -> tuple[str, str]:
    """The Lax cookie and its cross-site twin; either will do."""
    return f"practice_{slug}", f"practice_{slug}_frame"


def set_session_cookies(response: WerkzeugResponse, here: Desk, session: Session) -> None:
    """Two cookies of one value: Lax for our pages, None+Secure for returns through the tool's frame."""
    lax, framed = cookie_names(here.campus.slug)
    path = f"/{here.campus.slug}"
    response.set_cookie(lax, session.token, path=path, httponly=True, samesite="Lax")
    response.set_cookie(framed, session.token, path=path, httponly=True, samesite="None", secure=True)


def browser_session(here: Desk) -> Session | None:
    """The session of this browser on this campus, by either cookie."""
    for name in cookie_names(here.campus.slug):
        token = request.cookies.get(name)
        found = here.db.get(Session, token) if token else None
        if found is not None and found.campus == here.campus.slug:
            return found
    return None


def open_desk() -> None:
    """Before each request: find the campus by the first path segment and open its desk."""
    slug = request.path.lstrip("/").partition("/")[0]
    house = practice()
    campus = house.campuses.get(slug)
    if campus is None:
        return
    here = Desk(house, campus, house.store.session())
    g.desk = here
    here.browser = browser_session(here)


def close_desk(response: WerkzeugResponse) -> WerkzeugResponse:
    """After each request: keep what was done, refusals included; a crash was undone before."""
    here = g.get("desk")
    if here is not None:
        here.db.commit()
    return response


def undo() -> None:
    """After a crash: forget what this request did, so that a page can still be drawn."""
    here = g.get("desk")
    if here is not None:
        here.db.rollback()


def drop_desk(_problem: BaseException | None) -> None:
    """At the end of each request, a crashed one too: close the session, dropping what was not committed."""
    here = g.pop("desk", None)
    if here is not None:
        here.db.close()


def install(app: Flask) -> None:
    """Open a desk before each request of an app, keep what was done after it, and close it in any case."""
    app.before_request(open_desk)
    app.after_request(close_desk)
    app.after_request(set_headers)
    app.teardown_request(drop_desk)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
