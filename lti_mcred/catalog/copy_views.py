"""Pages of a copied course: the teacher confirms once, learners wait until she did. HTTP only."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.catalog import copies
from lti_mcred.engine.db import db
from lti_mcred.web.visits import any_visit, current_visit, require_role, visit_url

bp = Blueprint("copies", __name__, url_prefix="/v/<visit_id>/copied")
STAFF = ("teacher", "assistant", "admin", "designer")


def copies_offered() -> int:
    """Return how many micro-credentials of earlier courses wait for a word of this visit's course. For templates."""
    return sum(len(offer.shown) for offer in copies.offers(current_visit()))


@bp.get("")
@any_visit
def home() -> str | AnyResponse:
    """Ask whoever may add activities; tell anyone else what is missing and who can do it."""
    visit = current_visit()
    if visit.course_id is None:  # then nothing was copied: the LMS named no course
        return render_template("catalog/no_course.html", visit_is_staff=visit.has_role(*STAFF))
    if not visit.has_role(*STAFF):
        return _wait()
    offered = copies.offers(visit)
    if offered:
        return render_template("catalog/copied.html", offers=offered)
    if copies.look_again(visit):
        db.session.commit()
        return redirect(visit_url("course.overview"), 303)
    return render_template("catalog/copied_unknown.html")


@bp.post("")
@require_role(*STAFF)
def take_over() -> AnyResponse:
    """Use what the earlier course had; each item at the same version, or at the newest where that was chosen."""
    visit = current_visit()
    offered = copies.offers(visit)
    newer = [item.name for offer in offered for item in offer.items if request.form.get(f"use-{item.name}") == "newest"]
    copies.take_over(visit, offered, newer)
    return redirect(visit_url("copies.done"), 303)


@bp.get("/done")
@require_role(*STAFF)
def done() -> str:
    """Show what the course has now."""
    visit = current_visit()
    return render_template("catalog/copied_done.html", activities=copies.taken_over(visit))


def _wait() -> str | AnyResponse:
    visit = current_visit()
    if copies.look_again(visit):
        db.session.commit()
        return redirect(visit_url("evidence.home"), 303)
    return render_template("catalog/copied_wait.html", version=copies.asked_version(visit))
