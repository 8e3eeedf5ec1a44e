"""What happens around every request: its reference, who may be here, its headers, its line in the log.

The first page of a visit is shown where the launch arrives, which saves the browser a journey: it is what its address
would show, asked for inside this process. A script puts that address into the browser's bar, so that reload and back
find it (static/js/address.js). Whoever names no `Sec-Fetch-Mode`, as browsers do, is sent to the address instead.
"""

import logging
import secrets
import time
from http import HTTPStatus
from io import BytesIO
from urllib.parse import quote, unquote_to_bytes, urlsplit, urlunsplit

import flask_babel
from flask import Flask, Request, Response, current_app, g, redirect, request
from flask.sessions import SessionInterface
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.engine.db import db
from lti_mcred.engine.quick import attach
from lti_mcred.settings import Settings
from lti_mcred.web.guards import Guard
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import check_visit

log = logging.getLogger("lti_mcred.requests")
_INSIDE = "lti_mcred.inside"  # in the WSGI environment of a page that is asked for inside another request
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letters that are read as digits
_MOST_REDIRECTS = 3
# What belongs to the launch and not to the page: its form, and what has been read of it.
_OF_THE_FORM = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_AUTHORIZATION", "werkzeug.request")


class NoSession(SessionInterface):
    """There is no session in a cookie: visits are rows, and the browser's token is a cookie of ours (visits.py)."""

    def open_session(self, app: Flask, request: Request) -> None:
        """Open none; Flask then refuses to write to it."""


def init_around(app: Flask, settings: Settings) -> None:
    """Put all of it around the requests of `app`."""
    app.session_interface = NoSession()
    secure = settings.secure

    @app.before_request
    def before() -> Response | None:
        _begin()
        _refuse_nul()
        if g.get("visit_id") and (shell := check_visit()) is not None:
            return shell
        guard: Guard | None = getattr(app.view_functions.get(request.endpoint or ""), "guard", None)
        if guard is not None and guard.check is not None:
            guard.check()
        return None

    @app.after_request
    def after(response: Response) -> Response:
        _name_no_host(response)
        if _INSIDE not in request.environ:  # the answer that holds that one gets the rest
            _add_headers(response, secure=secure)
            _write_line(response)
        return response


def never_stored(response: Response) -> Response:
    """Forbid caches to keep an answer (RFC 9111, 5.2.2.5), unless its view says otherwise; for `after_request`."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def show(visit: Visit, address: str) -> AnyResponse:
    """Answer a launch that has opened `visit` with its page at `address`, a path of ours."""
    if request.headers.get("Sec-Fetch-Mode") != "navigate":
        return redirect(address, 303)
    attach(visit, db.session())
    g.opened_visit = visit
    for _turn in range(_MOST_REDIRECTS):
        g.address = address
        answer = _answer_of(address)
        address = answer.headers.get("Location", "")
        if answer.status_code != 303 or not address.startswith(f"/v/{visit.id}/"):
            return answer
    return redirect(address, 303)


def logged_address() -> str:
    """Return the address for the log: in one line, without its query, and without a token that opens a file."""
    if request.url_rule and "token" in (request.view_args or {}):
        return request.url_rule.rule
    return quote(request.path, safe="/", errors="replace")[:500]


def _answer_of(address: str) -> Response:
    parts = urlsplit(address)
    environ = {name: value for name, value in request.environ.items() if name not in _OF_THE_FORM}
    environ |= {
        "REQUEST_METHOD": "GET", "PATH_INFO": parts.path, "QUERY_STRING": parts.query,
        "wsgi.input": BytesIO(), _INSIDE: True,
    }  # fmt: skip
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy has no answer to give
    with app.request_context(environ):
        flask_babel.refresh()  # the visit knows the reader's language
        return app.full_dispatch_request()


def _begin() -> None:
    if _INSIDE in request.environ:
        return
    drawn = secrets.randbelow(len(_ALPHABET) ** 8)
    raw = "".join(_ALPHABET[drawn // len(_ALPHABET) ** digit % len(_ALPHABET)] for digit in range(8))
    g.request_id = f"{raw[:4]}-{raw[4:]}"
    g.began = time.perf_counter()


def _refuse_nul() -> None:
    # No address of ours holds a NUL, and PostgreSQL refuses it wherever it would end up. Launches answer by themselves.
    if "\0" in request.path or (b"\0" in unquote_to_bytes(request.query_string) and request.blueprint != "tool"):
        raise NotFound


def _name_no_host(response: Response) -> None:
    """Name no host in a redirect of the router (to the address with its slash): it takes whatever host it was sent."""
    if response.status_code == HTTPStatus.PERMANENT_REDIRECT and response.location:
        target = urlsplit(response.location)
        # One slash: two would begin a host.
        response.location = urlunsplit(("", "", "/" + target.path.lstrip("/\\"), target.query, ""))
        response.set_data("")


def _add_headers(response: Response, *, secure: bool) -> None:
    """Add the headers of every answer; frames only where the visit's platform may hold them."""
    forms = " ".join(["'self'", *g.get("form_targets", ())])
    ancestors = g.get("frame_ancestors") or "'none'"
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "font-src 'self'; connect-src 'self'; frame-src 'self'; manifest-src 'self'; base-uri 'none'; "
        f"form-action {forms}; frame-ancestors {ancestors}"
    )
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy)
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Permissions-Policy", "geolocation=(), payment=(), usb=()")
    headers.setdefault("X-Request-Id", g.get("request_id", ""))
    if g.get("visit_id"):
        headers.setdefault("Cache-Control", "no-store")
    if secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")


def _write_line(response: Response) -> None:
    facts = {
        "method": request.method,
        "path": logged_address(),
        "status": response.status_code,
        "ms": round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
        "address": request.remote_addr or "",
    }
    log.info("%(method)s %(path)s %(status)s %(ms)s ms %(address)s", facts, extra=facts)
