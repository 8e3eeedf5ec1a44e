"""Pages of the catalogue: the picker that an LMS opens by deep linking, and the preview. HTTP only."""

from collections.abc import Set
from dataclasses import replace

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.picking import Asked, chosen_rows, in_course, offers
from lti_mcred.catalog.place import add_activities
from lti_mcred.catalog.problems import problem
from lti_mcred.engine.db import db
from lti_mcred.tool.wire.deep_linking import ContentItem, cancel, respond
from lti_mcred.web.models import Visit
from lti_mcred.web.typed import plain
from lti_mcred.web.visits import any_visit, current_visit, require_role, visit_url

bp = Blueprint("catalog", __name__, url_prefix="/v/<visit_id>")
STAFF = ("teacher", "assistant", "admin", "designer")


@bp.get("/picker")
@require_role(*STAFF)
def picker() -> str:
    """Show what can be added to the course."""
    _deep_linking_settings(current_visit())
    return _picker_page(Asked.of(request.args))


@bp.post("/picker")
@require_role(*STAFF)
def confirm() -> str | tuple[str, int] | AnyResponse:
    """Search, turn a page or preview with what is chosen; else show exactly what the LMS will make of the choice."""
    asked = Asked.of(request.form)
    then, _colon, target = plain(request.form.get("then", "")).partition(":")
    if then in ("search", "page", "all"):
        asked = Asked(chosen=asked.chosen) if then == "all" else replace(asked, after=target[:32])
        return redirect(visit_url("catalog.picker", **asked.address()), 303)
    if then == "preview":
        return redirect(visit_url("catalog.preview", version_id=target[:32], **asked.address()), 303)
    chosen = chosen_rows(asked.chosen)
    if error := _choice_error(chosen):
        return _picker_page(asked, error), 422
    return _confirm_page(chosen)


@bp.post("/picker/add")
@require_role(*STAFF)
def add() -> Response | tuple[str, int]:
    """Place the activities and send the browser back to the LMS with them."""
    visit = current_visit()
    _deep_linking_settings(visit)
    asked = Asked.of(request.form)
    chosen = chosen_rows(asked.chosen)
    if error := _choice_error(chosen):
        return _picker_page(asked, error), 422
    here, again = in_course(visit.course_id), request.form.getlist("again")
    if unsaid := [row.id for row in chosen if row.slug in here and row.id not in again]:
        return _confirm_page(chosen, set(unsaid), set(again)), 422
    activities = add_activities(visit, chosen)
    answer = respond(
        visit,
        [
            ContentItem(
                activity_id=activity.id,
                title=activity.version.title,
                text=activity.version.document["summary"],
                score_maximum=float(len(activity.version.document["rubric"]["criteria"])),
            )
            for activity in activities
        ],
    )
    db.session.commit()  # only now: nothing is placed when the LMS does not wait for it
    return answer


@bp.get("/picker/none")
@any_visit
def no_picker() -> str:
    """Tell a learner who came to choose something where to hand in, with the way back to her LMS."""
    _deep_linking_settings(current_visit())
    return render_template("catalog/no_picker.html")


@bp.post("/picker/cancel")
@any_visit
def cancel_picking() -> Response:
    """Send the browser back to the LMS with nothing."""
    return cancel(current_visit())


@bp.get("/library/<version_id>")
@require_role(*STAFF, granted=("assessor",))
def preview(version_id: str) -> str:
    """Show a published version as a learner sees it before she starts."""
    row = db.session.get(Version, version_id)
    if row is None or row.state == "draft":
        raise problem("no-such-version")
    picking = current_visit().message_type == "LtiDeepLinkingRequest"
    return render_template(
        "catalog/preview.html", row=row, definition=definition_of(row), picking=picking,
        asked=Asked.of(request.args), several=picking and _several(current_visit()),
        here=in_course(current_visit().course_id).get(row.slug) if picking else None,
    )  # fmt: skip


def _picker_page(asked: Asked, error: str = "") -> str:
    visit = current_visit()
    found = offers(asked, visit.course_id)
    return render_template("catalog/picker.html", asked=asked, offers=found, error=error, several=_several(visit))


def _confirm_page(chosen: list[Version], unsaid: Set[str] = frozenset(), again: Set[str] = frozenset()) -> str:
    """`again`: ids of what is wanted once more; `unsaid`: where the course has it already and nobody has said so."""
    visit = current_visit()
    asked = Asked(chosen=tuple(row.id for row in chosen))
    return render_template(
        "catalog/confirm.html",
        items=[(row, definition_of(row)) for row in chosen],
        columns=visit.launch.get("deep_linking", {}).get("accept_lineitem") is not False,
        here=in_course(visit.course_id), unsaid=unsaid, again=again, asked=asked,
    )  # fmt: skip


def _several(visit: Visit) -> bool:
    return bool(visit.launch.get("deep_linking", {}).get("accept_multiple"))


def _choice_error(chosen: list[Version]) -> str:
    if not chosen:
        return str(_("Choose at least one micro-credential, then go on."))
    if len(chosen) > 1 and not _several(current_visit()):
        return str(_("Your course takes one at a time here. Choose one; you can come back for the next."))
    return ""


def _deep_linking_settings(visit: Visit) -> None:
    if "deep_linking" not in visit.launch:
        raise problem("not-picking")
