"""The page where anybody can check a badge: a file, a picture, pasted text, or a link. HTTP only."""

import base64
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, jsonify, make_response, render_template, request

from lti_mcred.badges.linked import badge_of
from lti_mcred.badges.resolve import resolver
from lti_mcred.badges.verifier.reading import LARGEST_BADGE, UnreadableBadgeError, read_given
from lti_mcred.badges.verifier.verification import as_dict
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.badges.wording import banner_of, check_words, unreadable_words
from lti_mcred.engine.db import utcnow
from lti_mcred.web.guards import public
from lti_mcred.web.limits import limited

bp = Blueprint("badge_check", __name__)
_OF_ADDRESSES = {"not_found", "no_https", "social", "no_badge_there", "page_there", "unreachable", "private"}
_SHOWN_PICTURE = 600 * 1024  # bytes; a larger picture is checked but not shown


@dataclass(frozen=True)
class _Given:
    """What was handed over: the bytes to check, and which field to show an error at."""

    data: bytes
    field: str


@bp.get("/verify")
@public
def form() -> Response:
    """Show the form."""
    return make_response(render_template("badges/verify.html", text="", address="", error="", field=""))


@bp.post("/verify")
@public
@limited("checks")
def check() -> Response:
    """Check what was given and show the verdict, as a page or, when asked for, as JSON."""
    request.max_content_length = LARGEST_BADGE + 64 * 1024
    request.max_form_memory_size = LARGEST_BADGE
    given = _Given(b"", "file")
    try:
        given = _badge_given()
        read = read_given(given.data)
        verification = verify(read.document, resolver(), utcnow(), read.remarks)
    except UnreadableBadgeError as error:
        return _refused(error.code, given.field)
    if _wants_json():
        return _not_kept(jsonify(as_dict(verification, partial(check_words, short=False))))
    shown = read.picture == "image/png" and len(given.data) <= _SHOWN_PICTURE
    picture = "data:image/png;base64," + base64.b64encode(given.data).decode() if shown else ""
    page = render_template(
        "badges/result.html",
        verification=verification,
        banner=banner_of(verification),
        badge=verification.badge,
        picture=picture,
    )
    return _not_kept(make_response(page))


def _badge_given() -> _Given:
    """Return the badge from the upload, the pasted text, the address, or a raw body. Raises UnreadableBadgeError."""
    upload = request.files.get("file")
    if upload and upload.filename:
        return _Given(upload.read(LARGEST_BADGE + 1), "file")
    text, address = request.form.get("text", "").strip(), request.form.get("address", "").strip()
    if not text and not address and not request.form and not request.files:
        return _Given(request.get_data(), "file")
    if text.startswith(("http://", "https://")):
        text, address = "", text
    return (
        _Given(text.encode("utf-8", "replace"), "text")
        if text
        else _Given(badge_of(address) if address else b"", "address")
    )


def _refused(code: str, field: str) -> Response:
    words = unreadable_words(code)
    if _wants_json():
        answer = jsonify(error=code, message=words)
    else:
        field = "address" if code in _OF_ADDRESSES else field
        text, address = request.form.get("text", ""), request.form.get("address", "")
        answer = make_response(
            render_template("badges/verify.html", text=text, address=address, error=words, field=field)
        )
    answer.status_code = 413 if code == "too_large" else 422
    return _not_kept(answer)


def _wants_json() -> bool:
    return request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html") != "text/html"


def _not_kept(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
