"""Serving evidence: signed addresses that last an hour and die with the visit, and headers that let nothing run."""

from flask import Blueprint, Response, send_file
from flask_babel import gettext as _
from itsdangerous import BadSignature, URLSafeTimedSerializer

from lti_mcred.db import db, utcnow
from lti_mcred.errors import Problem
from lti_mcred.evidence.endings import fitting
from lti_mcred.evidence.models import Artefact
from lti_mcred.evidence.storage import storage
from lti_mcred.web.guards import public
from lti_mcred.web.models import Visit
from lti_mcred.web.site import site

bp = Blueprint("evidence_files", __name__, url_prefix="/evidence-files")
SECONDS = 3600

# Shown in the page; everything else is handed over as a download, web pages and drawings above all.
INLINE = frozenset(
    {
        "application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp",
        "audio/mpeg", "audio/wav", "audio/ogg", "audio/mp4", "audio/webm", "audio/flac", "audio/aac",
        "video/mp4", "video/webm", "video/quicktime",
    }
)  # fmt: skip


def file_address(artefact: Artefact, visit: Visit, *, name: str | None = None, download: bool = False) -> str:
    """Return the path of a file for whoever holds this visit. `name` replaces the file's own (blind scoring).

    The caller has checked that the visit may see the artefact.
    """
    media_type = _media_type(artefact)
    shown = fitting(name or artefact.filename or "file", media_type)
    values = [artefact.sha256, shown, media_type, int(download), visit.id]
    return f"/evidence-files/{_signer().dumps(values)}"


@bp.get("/<token>")
@public
def serve(token: str) -> Response:
    """Send a file, or the range of it that a player asks for."""
    try:
        sha256, name, media_type, download, visit_id = _signer().loads(token, max_age=SECONDS)
    except BadSignature:
        raise _gone() from None
    visit = db.session.get(Visit, visit_id)
    if visit is None or visit.ended_at is not None or visit.ends_at <= utcnow():
        raise _gone()
    inline = media_type in INLINE and not download
    try:
        path = storage().path(sha256)
    except FileNotFoundError:
        raise _lost() from None
    answer = send_file(
        path,
        # A type that could run in a browser never leaves under its own name.
        mimetype=media_type if inline else "application/octet-stream",
        as_attachment=not inline,
        download_name=name,
        conditional=True,
        etag=sha256,
    )
    _harden(answer, media_type, visit, inline=inline)
    return answer


def _harden(answer: Response, media_type: str, visit: Visit, *, inline: bool) -> None:
    # Chromium's PDF viewer refuses to start inside a sandbox; a PDF runs nothing outside that viewer.
    sandbox = "" if inline and media_type == "application/pdf" else "sandbox; "
    ancestors = f"'self' {visit.frame_ancestors}".strip() if inline else "'none'"
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; {sandbox}style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
        f"object-src 'self'; frame-ancestors {ancestors}"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "private, no-store"


def _media_type(artefact: Artefact) -> str:
    return artefact.blob.media_type if artefact.blob else "application/octet-stream"


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(site().secret_key, salt="evidence-file")


def _gone() -> Problem:
    return Problem(
        "file-address-ended",
        _("The address of this file has run out"),
        _("Addresses of evidence work for an hour, so that they are of no use to others."),
        _("Go back to the page and load it again; the file opens from there."),
        _("You can do this yourself"),
        403,
    )


def _lost() -> Problem:
    return Problem(
        "file-lost",
        _("This file cannot be read at the moment"),
        _("It is listed here, but the place where files are kept does not give it."),
        _("Tell your administrator the reference below."),
        _("The administrator of this tool"),
        500,
    )
