"""Serving evidence: addresses sealed to one visit, which end with it, and headers that let nothing run."""

import hashlib
import json
from pathlib import Path

from flask import Blueprint, Response, send_file

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.copies import path_for_assessors
from lti_mcred.evidence.decision import Judging
from lti_mcred.evidence.endings import fitting
from lti_mcred.evidence.formats.filetypes import TAKEN, UNKNOWN
from lti_mcred.evidence.kept import kind_of
from lti_mcred.evidence.models import Artefact, Attempt
from lti_mcred.evidence.naming import neutral_name
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.storage import storage
from lti_mcred.secretbox import SealBroken, seal, unseal
from lti_mcred.services import service, site
from lti_mcred.web.guards import public
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import find_visit, is_alive, is_here

bp = Blueprint("evidence_files", __name__, url_prefix="/evidence-files")
SECONDS = 3600
_PURPOSE = "evidence-file"

# Shown in the page; everything else is handed over as a download, web pages and drawings above all.
INLINE = frozenset(kind.media_type for kind in TAKEN if kind.inline)


def file_address(artefact: Artefact, visit: Visit, *, blind: bool = False, download: bool = False) -> str:
    """Return the path of a file inside this visit; `blind`: under a neutral name. It tells nothing of the file.

    The caller has checked that the visit may see the artefact now; whether it still may is asked when it is opened.
    """
    made = int(utcnow().timestamp())
    values = json.dumps([artefact.id, visit.id, int(blind), int(download), made])
    return f"/evidence-files/{seal(site().secret_key, _PURPOSE, values)}"


@bp.get("/<token>")
@public
def serve(token: str) -> Response:
    """Send a file, or the range of it that a player asks for."""
    try:
        artefact_id, visit_id, blind, download, made = json.loads(unseal(site().secret_key, _PURPOSE, token))
    except SealBroken:
        raise problem("file-address-ended") from None
    visit, artefact = find_visit(visit_id), db.session.get(Artefact, artefact_id)
    if visit is None or artefact is None or artefact.sha256 is None or utcnow().timestamp() - made > SECONDS:
        raise problem("file-address-ended")
    if not (is_alive(visit) and is_here(visit) and _may_read(visit, artefact.part.attempt, blind=bool(blind))):
        raise problem("file-address-ended")
    try:
        path = path_for_assessors(artefact.blob) if blind and artefact.blob else storage().path(artefact.sha256)
    except FileNotFoundError:
        raise problem("file-lost") from None
    return _file_answer(artefact, path, visit, blind=bool(blind), download=bool(download))


def _may_read(visit: Visit, attempt: Attempt, *, blind: bool) -> bool:
    """A learner reads her own; whoever reads without names, only what is shown so."""
    if attempt.enrolment.person_id == visit.person_id:
        return True
    return blind and service(Judging).reads_blind(visit, attempt)


def _file_answer(artefact: Artefact, path: Path, visit: Visit, *, blind: bool, download: bool) -> Response:
    media_type = kind_of(artefact.blob).media_type if artefact.blob else UNKNOWN.media_type
    inline = media_type in INLINE and not download
    answer = send_file(
        path,
        # A type that could run in a browser never leaves under its own name.
        mimetype=media_type if inline else "application/octet-stream",
        as_attachment=not inline,
        download_name=neutral_name(artefact) if blind else fitting(artefact.filename or "file", media_type),
        conditional=True,
        etag=hashlib.sha256(f"{blind}|{artefact.id}|{artefact.sha256}".encode()).hexdigest()[:32],
    )
    del answer.headers["Last-Modified"]  # when somebody worked on it is nobody's business
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
    return answer
