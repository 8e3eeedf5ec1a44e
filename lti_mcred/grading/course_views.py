"""Pages of the teacher: roster, gradebook panel, released feedback. HTTP only."""

from flask import Blueprint, Response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import db
from lti_mcred.grading import column, course, ledger, send_list, standing, succession
from lti_mcred.grading.feedback import feedback_for
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.grading.problems import problem
from lti_mcred.grading.send_list import Narrowed
from lti_mcred.grading.words import state_words
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.roster import reading
from lti_mcred.web.typed import plain
from lti_mcred.web.visits import current_visit, require_role, visit_url

bp = Blueprint("course", __name__, url_prefix="/v/<visit_id>")
STAFF = ("teacher", "assistant", "admin")
staff = require_role(*STAFF, names=True)


@bp.get("/course")
@staff
def overview() -> str:
    """Show the roster of one activity and the last sends to its grade column."""
    link, activity, links = _chosen_link()
    unopened = course.unopened_of(current_visit(), links)
    chosen = next((one for one in unopened if one.id == request.args.get("activity")), None)
    if chosen is not None or link is None or activity is None:
        chosen = chosen or next(iter(unopened), None)
        return render_template("grading/course_empty.html", links=links, unopened=unopened, chosen=chosen,
                               titles=course.titles_of(links))  # fmt: skip
    show, search = request.args.get("show", ""), request.args.get("search", "").strip()[:100]
    after = request.args.get("after", "")[:32] or None
    learners, following = course.page_of_learners(link, after, show=show, search=search)
    sends, older = course.sends(link)
    return render_template(
        "grading/course.html", link=link, activity=activity, links=links, unopened=unopened,
        titles=course.titles_of(links),
        learners=learners, following=following, search=search, show=show if show in standing.SHOWN else "",
        counts=standing.counts(link),
        list_state=reading.standing_of(link.course_id), sends=sends, older=older, column=course.column_of(link),
        asked=column.seek(link), forerunner=succession.forerunner_of(link), notices=_notices(),
    )  # fmt: skip


@bp.get("/course/scores")
@staff
def scores() -> str:
    """Show every send to the grade column, newest first."""
    link, activity, links = _chosen_link()
    if link is None or activity is None:
        return render_template("grading/course_empty.html", links=links, unopened=[], chosen=None)
    before, narrowed = request.args.get("before", "")[:32] or None, _narrowed()
    sends, older = course.sends(link, before, send_list.PAGE, narrowed)
    return render_template(
        "grading/scores.html", link=link, activity=activity, links=links, sends=sends, older=older, before=before,
        narrowed=narrowed, titles=course.titles_of(links),
        column=course.column_of(link), asked=column.search_of(link), notices=_notices(),
    )  # fmt: skip


@bp.get("/course/scores.csv")
@staff
def scores_csv() -> Response:
    """Download the scores that the list shows, of one activity or (`link=all`) of every one of the course."""
    link, _activity, links = _chosen_link()
    wanted = [(one, opens) for one, opens in links if request.args.get("link") == "all" or one is link]
    titles = {one: opens.version.title for one, opens in wanted}
    table = send_list.as_csv(titles, _narrowed(), state_words())
    answer = Response(table, mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="scores.csv"'
    return answer


@bp.post("/course/scores/<ledger_id>/again")
@staff
def send_again(ledger_id: str) -> AnyResponse:
    """Send a score that did not arrive, or put ours in the place of the grade that was kept."""
    entry, person = _entry(ledger_id)
    sent = course.asks(entry) and ledger.send_again(entry, person) is not None
    return _back(entry, "again" if sent else "newer")


@bp.post("/course/scores/<ledger_id>/keep")
@staff
def keep(ledger_id: str) -> AnyResponse:
    """Keep the grade that the teacher typed in the LMS."""
    entry, person = _entry(ledger_id)
    return _back(entry, "keep" if ledger.keep_typed_grade(entry, person) else "newer")


@bp.get("/course/feedback/<attempt_id>")
@staff
def released(attempt_id: str) -> str:
    """Show a teacher the released feedback of a learner of her own course."""
    attempt = course.attempt_of(current_visit(), attempt_id)
    feedback = feedback_for(attempt) if attempt else None
    if attempt is None or feedback is None:
        raise problem("nothing-decided-here")
    return render_template("grading/released.html", feedback=feedback, name=attempt.enrolment.person.name or "",
                           version=attempt.enrolment.version)  # fmt: skip


def _chosen_link() -> tuple[ResourceLink | None, Activity | None, list[tuple[ResourceLink, Activity]]]:
    """Return the link that is looked at, what it opens, and all links of the course."""
    visit = current_visit()
    links = course.links_of(visit)
    for wanted in (request.args.get("link"), visit.resource_link_id):
        for link, activity in links:
            if link.id == wanted:
                return link, activity, links
    return (*links[0], links) if links else (None, None, links)


def _narrowed() -> Narrowed:
    show = request.args.get("state", "")
    search = plain(request.args.get("search", "")).strip()[:100]
    return Narrowed(show if show in send_list.SHOWN else "", search)


def _entry(ledger_id: str) -> tuple[LedgerEntry, Person]:
    visit = current_visit()
    entry = course.entry_of(visit, ledger_id)
    person = db.session.get(Person, visit.person_id)
    if entry is None or person is None:
        raise problem("nothing-decided-here")
    return entry, person


def _back(entry: LedgerEntry, said: str) -> AnyResponse:
    link_id = course.link_id_of(entry)
    return redirect(visit_url("course.overview", link=link_id, said=said) + "#gradebook", 303)


def _notices() -> list[dict[str, str]]:
    words = {
        "again": str(_("The score is on its way. It shows here as sent when the LMS has taken it.")),
        "keep": str(_("The grade in the gradebook stays as you set it.")),
        "newer": str(_("Nothing was changed: a newer score for this learner is there already.")),
        "applied": str(_("The class list was applied. Whoever left keeps their work and comes back with it.")),
        "moved": str(_("The work of the earlier link goes on here. Scores that are decided are on their way.")),
        "apart": str(_("Each link keeps its own work and its own scores.")),
        "newer-list": str(_("Nothing was changed: the class list was read again meanwhile. Look at it once more.")),
    }
    said = request.args.get("said", "")
    kind = "plain" if said.startswith("newer") else "met"
    return [{"kind": kind, "text": words[said]}] if said in words else []
