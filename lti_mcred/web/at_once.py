"""The first page of a visit, shown where the launch arrives: one journey less for the browser.

The page is what its address would show, asked for inside this process; a script puts that address into the browser's
bar, so that reload and back find it (static/js/address.js). Whoever names no `Sec-Fetch-Mode`, as browsers do, is sent
to the address instead.
"""

from io import BytesIO
from urllib.parse import urlsplit

import flask_babel
from flask import Flask, current_app, g, redirect, request
from werkzeug.wrappers import Response

from lti_mcred.engine.db import db
from lti_mcred.engine.quick import attach
from lti_mcred.web.logs import INSIDE
from lti_mcred.web.models import Visit

_MOST_REDIRECTS = 3
# What belongs to the launch and not to the page: its form, and what has been read of it.
_OF_THE_FORM = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_AUTHORIZATION", "werkzeug.request")


def show(visit: Visit, address: str) -> Response:
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


def _answer_of(address: str) -> Response:
    parts = urlsplit(address)
    environ = {name: value for name, value in request.environ.items() if name not in _OF_THE_FORM}
    environ |= {
        "REQUEST_METHOD": "GET", "PATH_INFO": parts.path, "QUERY_STRING": parts.query,
        "wsgi.input": BytesIO(), INSIDE: True,
    }  # fmt: skip
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy has no answer to give
    with app.request_context(environ):
        flask_babel.refresh()  # the visit knows the reader's language
        return app.full_dispatch_request()
