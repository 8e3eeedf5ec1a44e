"""Pages that say no: what happened, what to do, and the exact values that an administrator needs.

They open no session and show nothing private, so any LMS may hold them in its frame: the school's own host is often
not known yet when something is wrong.
"""

import logging

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from lti_mcred.engine.db import db
from lti_mcred.errors import Who
from lti_mcred.services import site
from lti_mcred.tool.protocol.checks import Kind, Refused
from lti_mcred.tool.refusals.problems import PROBLEMS, refusal
from lti_mcred.tool.refusals.reasons import REASONS, name_of
from lti_mcred.tool.refusals.table import LaunchProblem
from lti_mcred.web.around import logged_address

log = logging.getLogger(__name__)
CODES: dict[Kind, str] = {
    "registration": "launch-not-trusted",
    "moment": "launch-in-a-moment",
    "late": "launch-too-late",
    "early": "launch-too-early",
    "other-login": "launch-other-login",
    "message": "launch-incomplete",
    "anonymous": "launch-anonymous",
}


def init_refusals(app: Flask) -> None:
    """Let the application show LaunchProblems with their facts."""
    app.register_error_handler(LaunchProblem, _show)


def _show(problem: LaunchProblem) -> Response:
    db.session.rollback()
    log.info("%s %s %s", request.method, logged_address(), problem)
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    if best == "text/html":
        answer = make_response(render_template("tool/problem.html", problem=problem, facts=problem.facts))
    else:
        answer = jsonify({**problem.as_json(g.get("request_id", "")), "facts": dict(problem.facts)})
        answer.mimetype = "application/problem+json"
    answer.status_code = problem.status
    answer.headers["Cache-Control"] = "no-store"
    return answer


def registration_facts(issuer: str, client_id: str = "", deployment_id: str = "") -> dict[str, str]:
    """Return what an administrator has to copy, labelled as LMSs label it."""
    facts = {_("Issuer (platform ID)"): issuer, _("Client ID"): client_id, _("Deployment ID"): deployment_id}
    shown = {label: value for label, value in facts.items() if value}
    return {**shown, _("This tool"): site().public_url}


def unknown_registration(issuer: str, client_id: str = "") -> Exception:
    """Return the page for an LMS that may not launch, with what its administrator has to send."""
    return refusal("login-unknown-platform", facts=registration_facts(issuer, client_id))


def token_refused(refused: Refused, issuer: str, client_id: str) -> LaunchProblem:
    """Return the page for a token of this registration that failed a check."""
    code = CODES[refused.kind]
    facts = registration_facts(issuer, client_id) if PROBLEMS[code].who == Who.YOUR_LMS_ADMIN else {}
    if facts:
        facts[_("What did not match")] = name_of(refused.check)
    fact = f"{refused.check}: {refused.fact}"
    return refusal(code, log=fact, status=refused.status, facts=facts, reason=REASONS[refused.check])
