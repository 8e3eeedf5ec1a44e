"""Pages about people: who has a role of ours, who asks for one, and giving and taking it. HTTP only."""

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from lti_mcred.engine.db import db
from lti_mcred.people.models import Person, RoleRequest
from lti_mcred.people.roles import OUR_ROLES
from lti_mcred.tool.admin import change
from lti_mcred.tool.admin.problems import problem
from lti_mcred.tool.admin.reach import admin_url, administrator, administrators
from lti_mcred.tool.admin.words import TOLD
from lti_mcred.tool.known import asking, people
from lti_mcred.tool.known.platforms import deployment_of


def add_to(bp: Blueprint) -> None:
    """Add these pages to the blueprint of the administration."""
    bp.add_url_rule("/people", "people", home)
    bp.add_url_rule("/people/<person_id>/<role>", "give_or_take", give_or_take, methods=["POST"])
    bp.add_url_rule("/people/requests/<request_id>/answer", "answer", answer, methods=["POST"])


@administrators
def home() -> str:
    """Show requests, whoever has a role, and people that a search finds."""
    who = administrator()
    search = request.args.get("search", "").strip()[:100]
    after = request.args.get("after", "")[:32]
    mine = who.deployment_id or ""
    granted = [one for role in OUR_ROLES for one in people.listed(deployment=mine, role=role)]
    found = list(people.listed(deployment=mine, search=search, after=after, most=people.PAGE + 1)) if search else []
    told = request.args.get("told", "")
    return render_template(
        "admin/people.html", waiting=asking.waiting(who.deployment_id), deployment_of=deployment_of, granted=granted,
        search=search,
        found=found[: people.PAGE], following=found[people.PAGE - 1].person.id if len(found) > people.PAGE else "",
        after=after, notices=[{"kind": "met", "text": str(TOLD[told])}] if told in TOLD else [],
    )  # fmt: skip


@administrators
def give_or_take(person_id: str, role: str) -> AnyResponse:
    """Give a role that has an effect, or take any."""
    person = _reachable(db.session.get(Person, person_id))
    if request.form.get("take"):
        told = "role-taken" if change.take_role(administrator(), person, role[:32]) else ""
    else:
        told = "role-given" if role in OUR_ROLES and change.give_role(administrator(), person, role) else ""
    return _back(told)


@administrators
def answer(request_id: str) -> AnyResponse:
    """Approve or decline a request that still waits."""
    asked = db.session.get(RoleRequest, request_id)
    _reachable(asked.person if asked else None)
    said = request.form.get("answer", "")
    if asked is None or said not in ("approve", "decline"):
        return _back("")
    done = change.answer_request(administrator(), asked, approve=said == "approve")
    return _back({"approve": "role-given", "decline": "role-declined"}[said] if done else "")


def _reachable(person: Person | None) -> Person:
    """Return somebody of an installation that is the administrator's. Raises Problem 404 for others as for nobody."""
    if person is None or not administrator().sees(deployment_of(person)):
        raise problem("no-such-person")
    return person


def _back(told: str) -> AnyResponse:
    return redirect(admin_url("people", **({"told": told} if told else {})), 303)
