"""Pages of the catalogue: the picker that an LMS opens by deep linking, and the preview. HTTP only."""

from flask import Blueprint, Flask, Response, render_template, request
from flask_babel import gettext as _

from lti_mcred.catalog import copy_views
from lti_mcred.catalog.library import definition_of, published
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.place import place
from lti_mcred.catalog.words import pass_rule_words
from lti_mcred.db import db
from lti_mcred.errors import Problem
from lti_mcred.tool.deep_linking import ContentItem, cancel, respond
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import any_visit, current_visit, require_role

bp = Blueprint("catalog", __name__, url_prefix="/v/<visit_id>")
STAFF = ("teacher", "assistant", "admin", "designer")


def init_catalog(app: Flask) -> None:
    """Register the pages and what templates of other rooms use."""
    app.register_blueprint(bp)
    app.register_blueprint(copy_views.bp)
    app.jinja_env.globals.update(pass_rule_words=pass_rule_words, copies_offered=copy_views.copies_offered)


@bp.get("/picker")
@require_role(*STAFF)
def picker() -> str:
    """Show what can be added to the course."""
    _deep_linking_settings(current_visit())
    search = request.args.get("q", "")[:200]
    return _picker_page(search, published(search))


@bp.post("/picker")
@require_role(*STAFF)
def confirm() -> str | tuple[str, int]:
    """Show exactly what the LMS will make of the choice."""
    chosen = _chosen()
    error = _choice_error(chosen)
    if error:
        return _picker_page("", published(), error, {row.id for row in chosen}), 422
    items = [(row, definition_of(row)) for row in chosen]
    columns = current_visit().launch.get("deep_linking", {}).get("accept_lineitem") is not False
    return render_template("catalog/confirm.html", items=items, columns=columns)


@bp.post("/picker/add")
@require_role(*STAFF)
def add() -> Response | tuple[str, int]:
    """Place the activities and send the browser back to the LMS with them."""
    visit = current_visit()
    chosen = _chosen()
    if error := _choice_error(chosen):
        return _picker_page("", published(), error, {row.id for row in chosen}), 422
    activities = place(visit, chosen)
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
@require_role(*STAFF, granted=("assessor", "lead"))
def preview(version_id: str) -> str:
    """Show a published version as a learner sees it before she starts."""
    row = db.session.get(Version, version_id)
    if row is None or row.state == "draft":
        raise Problem(
            "no-such-version",
            _("This micro-credential is not in the library"),
            _("It may have been withdrawn."),
            _("Go back and choose another one."),
            _("You can do this yourself"),
            404,
        )
    picking = current_visit().message_type == "LtiDeepLinkingRequest"
    return render_template("catalog/preview.html", row=row, definition=definition_of(row), picking=picking)


def _picker_page(search: str, rows: list[Version], error: str = "", chosen: set[str] | None = None) -> str:
    return render_template(
        "catalog/picker.html",
        items=[(row, definition_of(row)) for row in rows],
        search=search,
        error=error,
        chosen=chosen or set(),
        several=_several(current_visit()),
    )


def _several(visit: Visit) -> bool:
    return bool(visit.launch.get("deep_linking", {}).get("accept_multiple"))


def _chosen() -> list[Version]:
    """Return the published versions named in the form, in the order of the library; unknown ids are left out."""
    wanted = request.form.getlist("version")
    return [row for row in published() if row.id in wanted]


def _choice_error(chosen: list[Version]) -> str:
    if not chosen:
        return str(_("Choose at least one micro-credential, then go on."))
    if len(chosen) > 1 and not _several(current_visit()):
        return str(_("Your course takes one at a time here. Choose one; you can come back for the next."))
    return ""


def _deep_linking_settings(visit: Visit) -> None:
    if "deep_linking" not in visit.launch:
        raise Problem(
            "not-picking",
            _("This page opens from “Add activity” in your course"),
            _("You came here by another link, so there is nowhere to put what you choose."),
            _("In your course, add an activity and choose this tool there."),
            _("You can do this yourself"),
            400,
        )
