"""Adding and removing files and links: whole files from plain forms, pieces from the script. HTTP only."""

from flask import Blueprint, Response, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from lti_mcred.errors import Problem
from lti_mcred.evidence.arrivals import Piece, sent_by, was_here
from lti_mcred.evidence.find import work_of
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.respond import render_part, see, site_max_mb, wants_json
from lti_mcred.evidence.storage import OutOfStep, storage
from lti_mcred.evidence.upload import PIECE_BYTES, add_file, add_link, add_piece, begin_pieces, remove
from lti_mcred.web.visits import current_visit, require_role

bp = Blueprint("evidence_uploads", __name__, url_prefix="/v/<visit_id>/work")


@bp.post("/parts/<part_id>/files")
@require_role("learner")
def upload(part_id: str) -> BaseResponse | tuple[str, int]:
    """Take the files of a plain form, as many as it holds."""
    work = work_of(current_visit())
    sent = [file for file in request.files.getlist("file") if file.filename]
    if not sent:
        error = _("Choose a file first, then press Upload.")
        return render_part(work, part_id, upload_error=error), 422
    again = None
    for file in sent:
        given = {"name": file.filename or "", "form": request.form.get("form", "")[:64]}
        try:
            artefact, known = add_file(work, part_id, file.stream, **given, store=storage(), site_max_mb=site_max_mb())
        except Problem as problem:
            if wants_json() or problem.status in (403, 404):
                raise
            error = f"{problem.title}. {problem.detail} {problem.action}"
            return render_part(work_of(current_visit()), part_id, upload_error=error), problem.status
        if known and not sent_by(artefact, given["form"]):
            again = artefact.id
    return see("evidence.part", part_id=part_id, again=again, _anchor="files")


@bp.post("/parts/<part_id>/pieces")
@require_role("learner")
def pieces(part_id: str) -> Response | tuple[Response, int]:
    """Begin, go on with or finish an upload in pieces. Answers JSON; `received` says where to go on."""
    work = work_of(current_visit())
    name, mark = request.form.get("name", "")[:500], request.form.get("mark", "")[:100]
    store, limit = storage(), site_max_mb()
    sent = request.files.get("piece")
    if sent is None:
        begun = begin_pieces(
            work, part_id, Piece(name, _whole_number_field("size"), 0, mark), store=store, site_max_mb=limit
        )
        done = {"done": True, "id": begun.artefact.id} if begun.artefact else {}
        return jsonify(received=begun.received, piece=PIECE_BYTES, **done)
    piece = Piece(name, _whole_number_field("size"), _whole_number_field("offset"), mark)
    try:
        received, artefact = add_piece(work, part_id, piece, sent.stream, store=store, site_max_mb=limit)
    except OutOfStep as step:
        return jsonify(received=step.received), 409
    again = {"id": artefact.id} if artefact is not None and was_here(artefact, piece) else {}
    return jsonify(received=received, done=artefact is not None, **again)


@bp.post("/parts/<part_id>/links")
@require_role("learner")
def link(part_id: str) -> BaseResponse | tuple[str, int]:
    """Add a web address."""
    work = work_of(current_visit())
    url = request.form.get("url", "")
    try:
        added, known = add_link(work, part_id, url, site_max_mb())
    except Problem as problem:
        if problem.status != 422:
            raise
        error = f"{problem.title}. {problem.detail} {problem.action}"
        return render_part(work_of(current_visit()), part_id, link_error=error, link_value=url), 422
    return see("evidence.part", part_id=part_id, again=added.id if known else None, _anchor="files")


@bp.post("/parts/<part_id>/artefacts/<artefact_id>/remove")
@require_role("learner")
def take_out(part_id: str, artefact_id: str) -> BaseResponse:
    """Remove a file or link from the draft."""
    remove(work_of(current_visit()), part_id, artefact_id, store=storage())
    return see("evidence.part", part_id=part_id, _anchor="files")


def _whole_number_field(field: str) -> int:
    raw = request.form.get(field, "")
    if raw.isascii() and raw.isdigit() and len(raw) < 16:
        return int(raw)
    raise problem("upload-unclear")
