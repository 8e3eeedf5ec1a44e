"""The front doors: what this is, and continuing as somebody."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as WerkzeugResponse

from lti_mcred.practice.campus.web import cookie_names, desk, practice, same_origin_only, set_session_cookies
from lti_mcred.practice.ground.models import Session

pages = Blueprint("home", __name__)
pages.before_request(same_origin_only)


@pages.get("/")
def front() -> str:
    """The front door of the whole practice LMS: the two campuses."""
    return render_template("home.html", campuses=practice().campuses.values())


@pages.get("/<any(canvas, moodle):slug>/")
def campus(slug: str) -> str:
    """The front door of one campus: whom to continue as."""
    here = desk()
    return render_template("campus.html", people=_named(), courses=here.courses())


def _named() -> list[object]:
    """The people with parts to play; the made-up crowd stays out of the switcher."""
    return [person for person in desk().people() if not person.key.startswith("extra-")]


@pages.post("/<any(canvas, moodle):slug>/sign-in")
def sign_in(slug: str) -> WerkzeugResponse:
    """Continue as ``person`` (a key such as "teacher" or "learner-1"); ``next`` is a path on this campus."""
    here = desk()
    person = here.person_by_key(request.form.get("person", ""))
    if person is None:
        abort(404, _("There is nobody of that name here."))
    session = Session(
        token=secrets.token_urlsafe(32),
        campus=slug,
        person_id=person.id,
        sesskey=secrets.token_urlsafe(8).replace("-", "a").replace("_", "b")[:10],
        created_at=here.now(),
    )
    if here.browser is not None:
        here.db.delete(here.browser)
    here.db.add(session)
    here.db.flush()
    response = redirect(_next_path(slug), 303)
    set_session_cookies(response, here, session)
    return response


def _next_path(slug: str) -> str:
    """Only paths of this campus; anything else leads to its course."""
    wanted = request.form.get("next", "")
    parts = urlsplit(wanted)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith(f"/{slug}/") and "\\" not in wanted
    return wanted if inside else f"/{slug}/courses/{desk().courses()[0].number}"


@pages.post("/<any(canvas, moodle):slug>/sign-out")
def sign_out(slug: str) -> WerkzeugResponse:
    """Forget this browser's session and both its cookies."""
    here = desk()
    if here.browser is not None:
        here.db.delete(here.browser)
    response = redirect(f"/{slug}/", 303)
    for name in cookie_names(slug):
        response.delete_cookie(name, path=f"/{slug}")
    return response


@pages.get("/<any(canvas, moodle):slug>/images/messages/avatar-50.png")
def avatar(slug: str) -> Response:
    """The one picture that everybody of Canvas's campus has; its address stands in the ``picture`` claim."""
    return current_app.send_static_file("avatar-50.png")


@pages.get("/healthz")
def health() -> Response:
    """200 as soon as requests are answered; no campus and no database is asked."""
    return make_response({"status": "ok"})
