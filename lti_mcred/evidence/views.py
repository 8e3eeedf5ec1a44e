"""The learner's pages: about, checklist, parts, review, waiting, decision. HTTP only."""

from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, jsonify, render_template, request
from flask_babel import get_timezone
from werkzeug.wrappers import Response as BaseResponse

from lti_mcred.catalog.shown import described
from lti_mcred.errors import Problem
from lti_mcred.evidence import pages
from lti_mcred.evidence.blind import parts_of
from lti_mcred.evidence.completeness import Gap, Statement
from lti_mcred.evidence.decision import Told, told_of
from lti_mcred.evidence.draft import Conflict, Saved, Typed, save_part
from lti_mcred.evidence.find import Work, draft_of, earlier_of, work_of
from lti_mcred.evidence.models import Attempt
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.respond import render_part, see, site_max_mb, wants_json
from lti_mcred.evidence.revise import may_revise, needs_coaching, revise, tries_left
from lti_mcred.evidence.show import part_views
from lti_mcred.evidence.start import is_placed, note_opening, start
from lti_mcred.evidence.stating import Stated, save_statement, stated_of
from lti_mcred.evidence.submit import gaps_of, stands_still, submit
from lti_mcred.web.in_person import in_person
from lti_mcred.web.typed import plain, revision_of, save_of
from lti_mcred.web.visits import any_visit, current_visit, require_role

bp = Blueprint("evidence", __name__, url_prefix="/v/<visit_id>/work")


@bp.get("")
@any_visit
def home() -> str | BaseResponse:
    """Send the learner to where her work stands; anyone else is shown the description here and now."""
    work = work_of(current_visit())
    note_opening(work)
    if not work.visit.has_role("learner") or work.attempt is None or not is_placed(work):
        return _about(work)
    page = {"draft": "checklist", "submitted": "waiting"}.get(work.attempt.state, "decision")
    return see(f"evidence.{page}")


@bp.get("/about")
@any_visit
def about() -> str:
    """Show what is to be shown, how it is judged, and what becomes of it."""
    return _about(work_of(current_visit()))


def _about(work: Work) -> str:
    return render_template(
        "evidence/about.html",
        work=work,
        definition=work.definition,
        described=described,
        is_learner=work.visit.has_role("learner"),
        placed=is_placed(work),
        earlier=earlier_of(work) if work.enrolment is None else None,
    )


@bp.post("/start")
@require_role("learner")
def begin() -> BaseResponse:
    """Start, or go on here with what was started in another course."""
    start(work_of(current_visit()))
    return see("evidence.home")


@bp.get("/checklist")
@require_role("learner")
def checklist() -> str | BaseResponse:
    """Show the parts and how far each one is."""
    work = work_of(current_visit())
    if work.attempt is None or work.attempt.state != "draft":
        return see("evidence.home")
    rows = pages.checklist_rows(work, site_max_mb())
    ready = all(row["state"] in ("ready", "locked") for row in rows)
    return render_template(
        "evidence/checklist.html",
        work=work,
        definition=work.definition,
        rows=rows,
        ready=ready,
        window=pages.window(work),
        told=_told_before(work),
    )


@bp.get("/outline.txt")
@require_role("learner")
def outline() -> Response:
    """Hand over everything that is asked for, to work on without a connection."""
    work = work_of(current_visit())
    answer = Response(pages.outline(work), mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{work.version.slug}.txt"'
    return answer


@bp.get("/parts/<part_id>")
@require_role("learner")
def part(part_id: str) -> str:
    """Show one part to work on."""
    return render_part(work_of(current_visit()), part_id, again=request.args.get("again", ""))


@bp.post("/parts/<part_id>")
@require_role("learner")
def save(part_id: str) -> BaseResponse | tuple[str | Response, int]:
    """Save one part: for the autosave script, or for a pressed button."""
    work = work_of(current_visit())
    typed = _typed()
    try:
        outcome = save_part(work, part_id, typed)
    except Problem as problem:
        if wants_json() or problem.status != 422:
            raise
        return render_part(work, part_id, typed=typed, error=f"{problem.title}. {problem.action}"), 422
    if isinstance(outcome, Conflict):
        if wants_json():
            return jsonify(revision=outcome.revision, theirs=_fields(outcome.theirs), whole=True), 409
        return render_part(work, part_id, typed=typed, conflict=outcome), 409
    if wants_json():
        return jsonify(revision=outcome.revision, saved_at=outcome.at.isoformat())
    here = {"stay": part_id, "next": request.form.get("next_id", "")}.get(request.form.get("go", ""))
    if here in work.open_parts:
        return see("evidence.part", part_id=here)
    return see("evidence.checklist")


@bp.get("/review")
@require_role("learner")
def review() -> str | BaseResponse:
    """Show everything as the assessor will see it."""
    work = work_of(current_visit())
    if work.attempt is None or work.attempt.state != "draft":
        return see("evidence.home")
    return _render_review(work, stated_of(work.attempt))


@bp.post("/review")
@require_role("learner")
def keep_statement() -> BaseResponse | tuple[Response, int]:
    """Keep the statement while it is being written."""
    outcome = save_statement(work_of(current_visit()), _stated(), save_of(request.form))
    if not isinstance(outcome, Saved):
        said = outcome.statement
        theirs = {"what_changed": outcome.what_changed, "ai_use": said.ai_use, "ai_note": said.ai_note}
        return jsonify(revision=outcome.revision, theirs=theirs, whole=True), 409
    if wants_json():
        return jsonify(saved_at=outcome.at.isoformat(), revision=outcome.revision)
    return see("evidence.review")


@bp.post("/submit")
@require_role("learner")
@in_person
def hand_in() -> BaseResponse | tuple[str, int]:
    """Hand the work in, or say everything that is still missing."""
    work = work_of(current_visit())
    if work.attempt is not None and work.attempt.state == "submitted":  # a second press
        return see("evidence.waiting")
    draft_of(work)
    stated = _stated()
    zone = get_timezone()
    if zone is None:
        raise RuntimeError("no time zone in this request")
    gaps = submit(work, stated.statement, stated.what_changed, zone=zone, site_max_mb=site_max_mb())
    if gaps:
        with suppress(Problem):  # too long to be kept: the page says so, with all of it in the box
            kept = save_statement(work, stated, save_of(request.form))
            stated = replace(stated, revision=kept.revision) if isinstance(kept, Saved) else stated
        return _render_review(work, stated, gaps), 422
    return see("evidence.waiting")


@bp.get("/waiting")
@require_role("learner")
def waiting() -> str | BaseResponse:
    """Show the receipt, the promised day and what happens next."""
    work = work_of(current_visit())
    if work.attempt is None or work.attempt.state != "submitted":
        return see("evidence.home")
    return render_template("evidence/waiting.html", work=work, definition=work.definition, attempt=work.attempt)


@bp.get("/decision")
@require_role("learner")
def decision() -> str | BaseResponse:
    """Show what was decided about the latest attempt that has been decided."""
    work = work_of(current_visit())
    attempt = _latest_handed_in(work)
    told = told_of(attempt.id) if attempt else None
    if attempt is None or told is None:
        if attempt is not None and attempt.state != "draft":
            return render_template("evidence/waiting.html", work=work, definition=work.definition, attempt=attempt)
        return see("evidence.home")
    return render_template(
        "evidence/decision.html",
        work=work,
        definition=work.definition,
        attempt=attempt,
        enrolment=work.enrolment,
        told=told,
        rows=pages.feedback(work, told),
        may_revise=may_revise(work, told),
        tries=work.tries(),
        tries_left=tries_left(work),
        needs_coaching=needs_coaching(work),
    )


@bp.post("/revise")
@require_role("learner")
def again() -> BaseResponse:
    """Open the next draft."""
    revise(work_of(current_visit()))
    return see("evidence.checklist")


@bp.get("/attempts/<int:number>")
@require_role("learner")
def handed_in(number: int) -> str:
    """Show an attempt as it was handed in."""
    work = work_of(current_visit())
    attempts = work.enrolment.attempts if work.enrolment else []
    attempt = next((one for one in attempts if one.number == number and one.state != "draft"), None)
    if attempt is None:
        raise problem("no-such-attempt")
    views = part_views(attempt, work.definition, work.visit)
    return render_template("evidence/attempt.html", work=work, attempt=attempt, views=views)


def _latest_handed_in(work: Work) -> Attempt | None:
    attempts = work.enrolment.attempts if work.enrolment else []
    return next((one for one in reversed(attempts) if one.state != "draft"), None)


def _told_before(work: Work) -> Told | None:
    earlier = _latest_handed_in(work)
    return told_of(earlier.id) if earlier else None


def _render_review(work: Work, stated: Stated, gaps: list[Gap] | None = None) -> str:
    attempt = draft_of(work)
    pressed = gaps is not None
    if gaps is None:
        gaps = gaps_of(work, None, site_max_mb())
    return render_template(
        "evidence/review.html",
        work=work,
        definition=work.definition,
        attempt=attempt,
        parts=parts_of(attempt, work.visit),
        stated=stated,
        gaps=pages.gap_links(work, gaps),
        gap_codes={gap.code for gap in gaps if gap.part_id is None},
        unfinished=any(gap.part_id is not None for gap in gaps),
        pressed=pressed,
        stands_still=stands_still(work),
        leaks=pages.leaks_of(work, stated.what_changed, stated.statement.ai_note),
        not_cleaned=pages.not_cleaned(work),
        own_names=pages.own_names(work),
    )


def _stated() -> Stated:
    form = request.form
    statement = Statement(
        "own_work" in form, plain(form.get("ai_use", ""))[:16], plain(form.get("ai_note", "")).strip()
    )
    return Stated(statement, plain(form.get("what_changed", "")), revision_of(form.get("revision", "0")))


def _fields(typed: Typed) -> dict[str, str]:
    """Return what a part's form would hold, field by field."""
    way = "" if typed.alternative is None else str(typed.alternative)
    return {"text": typed.text, "alternative": way, "others": typed.others or "", "others_note": typed.note}


def _typed() -> Typed:
    form = request.form
    try:
        alternative = int(form["alternative"]) if form.get("alternative") else None
    except ValueError:
        alternative = -1  # answered as "one of the choices is not there any more"
    # Browsers send line ends as CRLF; the word counter and the comparison of two texts want one sign.
    text, note = plain(form.get("text", "")), plain(form.get("others_note", "")).strip()
    revision = revision_of(form.get("revision", "0"))
    return Typed(text, alternative, form.get("others") or None, note, revision, save_of(form))
