"""Pages of the assessor: desk, scoring, finish, giving back. HTTP only."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.words import pass_rule_words
from lti_mcred.engine.db import db, utcnow
from lti_mcred.errors import Problem
from lti_mcred.evidence.blind import parts_of
from lti_mcred.grading import claim, decide, giveback, marks, queue
from lti_mcred.grading.feedback import preview_feedback
from lti_mcred.grading.models import Assessment
from lti_mcred.grading.problems import problem
from lti_mcred.grading.queue import Desk
from lti_mcred.grading.rubric import Given, Judgement, locked_ids
from lti_mcred.grading.words import profile_sentence
from lti_mcred.web.in_person import in_person
from lti_mcred.web.references import referred
from lti_mcred.web.typed import plain, save_of
from lti_mcred.web.visits import current_visit, require_role, visit_url

bp = Blueprint("grading", __name__, url_prefix="/v/<visit_id>")
assessor = require_role(granted=("assessor",))
Page = str | tuple[str, int] | AnyResponse


@bp.get("/assess")
@assessor
def desk() -> str:
    """Show what waits, oldest due first."""
    mine = Desk.of(current_visit())
    rows, following = queue.page(mine, request.args.get("after", "")[:32] or None)
    return render_template(
        "grading/desk.html",
        counts=queue.counts(mine),
        open_rows=queue.claimed_rows(mine),
        rows=rows,
        following=following,
    )


@bp.post("/assess/take")
@assessor
def take() -> AnyResponse:
    """Claim the next attempt, or the one that was chosen, and open it."""
    mine = Desk.of(current_visit())
    wanted = referred("assessor", plain(request.form.get("attempt", "")))
    assessment = claim.claim_attempt(mine, wanted) if wanted else claim.take_next(mine)
    if assessment is None:
        return redirect(visit_url("grading.desk"), 303)
    return redirect(visit_url("grading.scoring", assessment_id=assessment.id), 303)


@bp.get("/assess/<assessment_id>")
@assessor
def scoring(assessment_id: str) -> Page:
    """Show evidence and rubric side by side."""
    assessment = _mine(assessment_id)
    if assessment.state in ("submitted", "returned"):
        return redirect(visit_url("grading.done", assessment_id=assessment.id), 303)
    _hold(assessment)
    return _scoring_page(assessment, marks.stored(assessment))


@bp.post("/assess/<assessment_id>")
@assessor
def save(assessment_id: str) -> Page:
    """Keep the draft; go on to the outcome when asked and nothing is missing."""
    assessment = _open_assessment(assessment_id)
    given = _marks_given(assessment)
    try:
        marks.save(assessment, given, marks.revision_of(request.form), save_of(request.form))
    except marks.DraftConflict as conflict:
        return _scoring_page(assessment, given, other=conflict.stored), 409
    _hold(assessment)
    if request.form.get("then") != "finish":
        return redirect(visit_url("grading.scoring", assessment_id=assessment.id, saved=1), 303)
    judgement = marks.judged(assessment)
    if not judgement.complete:
        return _scoring_page(assessment, given, judgement=judgement), 422
    return redirect(visit_url("grading.finish", assessment_id=assessment.id), 303)


@bp.post("/assess/<assessment_id>/draft")
@assessor
def autosave(assessment_id: str) -> tuple[Response, int]:
    """Keep the draft for the page's script: 200 {saved_at, revision}, 409 {revision, theirs: field -> text}."""
    assessment = _open_assessment(assessment_id)
    given = _marks_given(assessment)
    try:
        revision = marks.save(assessment, given, marks.revision_of(request.form), save_of(request.form))
    except marks.DraftConflict as conflict:
        return jsonify(revision=conflict.revision, theirs=_texts(given, conflict.stored)), 409
    if not claim.hold(assessment, Desk.of(current_visit())):
        return jsonify({**problem("not-yours-any-more").as_json(""), "revision": revision}), 423
    return jsonify(saved_at=utcnow().isoformat(), revision=revision), 200


@bp.get("/assess/<assessment_id>/finish")
@assessor
def finish(assessment_id: str) -> Page:
    """Show the outcome by rule and the message as the learner will read it."""
    assessment = _mine(assessment_id)
    if assessment.state in ("submitted", "returned"):
        return redirect(visit_url("grading.done", assessment_id=assessment.id), 303)
    _hold(assessment)
    return _finish_page(assessment)


@bp.post("/assess/<assessment_id>/submit")
@assessor
@in_person
def submit(assessment_id: str) -> Page:
    """Decide."""
    assessment = _mine(assessment_id)
    if assessment.state == "submitted":  # the button was pressed twice
        return redirect(visit_url("grading.done", assessment_id=assessment.id), 303)
    try:
        decide.submit(assessment, marks.revision_of(request.form))
    except decide.Incomplete as incomplete:
        return _scoring_page(assessment, marks.stored(assessment), judgement=incomplete.judgement), 422
    except marks.DraftConflict:
        return redirect(visit_url("grading.finish", assessment_id=assessment_id, changed=1), 303)
    return redirect(visit_url("grading.done", assessment_id=assessment_id), 303)


@bp.get("/assess/<assessment_id>/done")
@assessor
def done(assessment_id: str) -> Page:
    """Say what became of it, and offer the next one."""
    assessment = _mine(assessment_id)
    if assessment.state == "claimed":
        return redirect(visit_url("grading.scoring", assessment_id=assessment.id), 303)
    mine = Desk.of(current_visit())
    row = queue.waiting_row(assessment.attempt)
    return render_template("grading/done.html", assessment=assessment, row=row, counts=queue.counts(mine))


@bp.get("/assess/<assessment_id>/release")
@assessor
def release_form(assessment_id: str) -> str:
    """Ask why it is given back."""
    assessment = _mine(assessment_id)
    _hold(assessment)
    return render_template("grading/release.html", assessment=assessment, row=queue.waiting_row(assessment.attempt))


@bp.post("/assess/<assessment_id>/release")
@assessor
def release(assessment_id: str) -> Page:
    """Give it back to the queue."""
    assessment = _mine(assessment_id)
    reason = request.form.get("reason", "")
    if reason not in claim.REASONS:
        row = queue.waiting_row(assessment.attempt)
        error = _("Choose why you give it back.")
        return render_template("grading/release.html", assessment=assessment, row=row, error=error), 422
    claim.release(assessment, reason)
    return redirect(visit_url("grading.desk"), 303)


@bp.get("/assess/<assessment_id>/incomplete")
@assessor
def incomplete_form(assessment_id: str) -> str:
    """Ask what is missing."""
    assessment = _mine(assessment_id)
    _hold(assessment)
    return _incomplete_page(assessment, {}, "")


@bp.post("/assess/<assessment_id>/incomplete")
@assessor
@in_person
def incomplete(assessment_id: str) -> Page:
    """Send it back to the learner, who loses no try."""
    assessment = _mine(assessment_id)
    missing = giveback.missing_from_form(assessment, request.form)
    note = marks.as_stored(request.form.get("note", ""))
    try:
        giveback.return_incomplete(assessment, missing, note)
    except Problem as problem:
        if problem.status != 422:
            raise
        return _incomplete_page(assessment, missing, note, error=problem.action), 422
    return redirect(visit_url("grading.done", assessment_id=assessment_id), 303)


def _mine(assessment_id: str) -> Assessment:
    """Return this assessor's own assessment. Raises Problem 404 for anybody else's, as if it were not there."""
    visit = current_visit()
    found = db.session.get(Assessment, assessment_id)
    if found is None or found.assessor_id != visit.person_id or not queue.contains(Desk.of(visit), found.attempt_id):
        raise problem("no-such-assessment")
    return found


def _open_assessment(assessment_id: str) -> Assessment:
    """Return her assessment while its draft may change. Raises Problem 409 once it is submitted or returned."""
    found = _mine(assessment_id)
    if found.state in ("submitted", "returned"):
        raise problem("not-yours-any-more")
    return found


def _hold(assessment: Assessment) -> None:
    if not claim.hold(assessment, Desk.of(current_visit())):
        raise problem("not-yours-any-more")


def _marks_given(assessment: Assessment) -> dict[str, Given]:
    rubric = definition_of(assessment.attempt.enrolment.version).rubric
    return marks.from_form(request.form, rubric, assessment.attempt.locked)


def _texts(given: dict[str, Given], stored: dict[str, Given]) -> dict[str, str]:
    """Return the typed texts that differ, by the names of their fields."""
    found = {}
    for key, mine in given.items():
        theirs = stored.get(key, Given())
        if theirs.comment != mine.comment:
            found[f"comment_{key}"] = theirs.comment
        if theirs.pointer != mine.pointer:
            found[f"pointer_{key}"] = theirs.pointer
    return found


def _scoring_page(
    assessment: Assessment,
    given: dict[str, Given],
    judgement: Judgement | None = None,
    other: dict[str, Given] | None = None,
) -> str:
    attempt = assessment.attempt
    definition = definition_of(attempt.enrolment.version)
    return render_template(
        "grading/scoring.html",
        assessment=assessment,
        row=queue.waiting_row(attempt),
        definition=definition,
        parts=parts_of(attempt, current_visit()),
        locked=locked_ids(definition.rubric, attempt.locked),
        given=given,
        errors=_errors(judgement) if judgement else {},
        other=other,
        saved="saved" in request.args,
    )


def _errors(judgement: Judgement) -> dict[str, str]:
    """Return criterion id -> what is missing there."""
    errors = {one.criterion.id: str(_("Choose a level.")) for one in judgement.without_level}
    for one in judgement.without_comment:
        errors[one.criterion.id] = str(
            _("Write a comment: this criterion is not met yet, and the learner needs to know why.")
        )
    return errors


def _finish_page(assessment: Assessment) -> Page:
    seen = decide.preview(assessment)
    if not seen.judgement.complete:
        return _scoring_page(assessment, marks.stored(assessment), judgement=seen.judgement), 422
    definition = definition_of(assessment.attempt.enrolment.version)
    return render_template(
        "grading/finish.html",
        assessment=assessment,
        row=queue.waiting_row(assessment.attempt),
        rule=pass_rule_words(definition),
        profile=profile_sentence(seen.judgement),
        feedback=preview_feedback(definition, seen.judgement, assessment.attempt.number, utcnow()),
        seen=seen,
        changed="changed" in request.args,
    )


def _incomplete_page(assessment: Assessment, missing: dict[str, str], note: str, error: str = "") -> str:
    parts = parts_of(assessment.attempt, current_visit())
    row = queue.waiting_row(assessment.attempt)
    return render_template(
        "grading/incomplete.html", assessment=assessment, row=row, parts=parts, missing=missing, note=note, error=error
    )
