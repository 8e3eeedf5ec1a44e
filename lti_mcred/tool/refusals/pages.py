"""Pages that say no: what happened, what to do, and the exact values that an administrator needs.

They open no session and show nothing private, so any LMS may hold them in its frame: the school's own host is often
not known yet when something is wrong.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.services import site
from lti_mcred.tool.protocol.checks import Kind, Refused
from lti_mcred.tool.refusals.reasons import REASONS, name_of
from lti_mcred.web.around import logged_address

log = logging.getLogger(__name__)
OPEN_AGAIN: Any = _l("Go back to your course and open the activity again from there.")
YOURSELF: Any = _l("You can do this yourself")
LMS_ADMIN: Any = _l("The administrator of your LMS")
ANY_FRAME = "*"


@dataclass(eq=False)
class LaunchProblem(Problem):
    """A Problem of the LMS's door. `facts`: label -> value to copy for the administrator."""

    facts: Mapping[str, str] = field(default_factory=dict)


def refusal(
    code: str, title: str, detail: str = "", action: Any = "", who: Any = "", *, status: int = 400, log: str = "",
    facts: Mapping[str, str] | None = None,
) -> LaunchProblem:  # fmt: skip
    """Return a LaunchProblem that any LMS's frame may show."""
    g.frame_ancestors = ANY_FRAME
    return LaunchProblem(code, title, detail, str(action), str(who or YOURSELF), status, log, facts=facts or {})


def init_refusals(app: Flask) -> None:
    """Let the application show LaunchProblems with their facts, and name checks in the reader's language."""
    app.jinja_env.filters["check_name"] = name_of
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
    return refusal(
        "login-unknown-platform",
        _("This LMS is not registered here yet"),
        _("The tool does not know this issuer together with this client ID."),
        _("Send these values to the administrator of your LMS. The tool has to be registered, or registered again."),
        LMS_ADMIN,
        status=403,
        facts=registration_facts(issuer, client_id),
    )


def token_refused(refused: Refused, issuer: str, client_id: str) -> LaunchProblem:
    """Return the page for a token of this registration that failed a check."""
    code, title, detail, action, who = _PAGES[refused.kind]
    facts = registration_facts(issuer, client_id) if who is LMS_ADMIN else {}
    if facts:
        facts[_("What did not match")] = name_of(refused.check)
    fact = f"{refused.check}: {refused.fact}"
    words = str(detail) if refused.kind == "moment" else f"{detail} {REASONS[refused.check]}"
    return refusal(code, str(title), words, action, who, status=refused.status, log=fact, facts=facts)


_PAGES: dict[Kind, tuple[str, Any, Any, Any, Any]] = {
    "registration": (
        "launch-not-trusted",
        _l("We could not make sure that this comes from your LMS"),
        _l("The registration in the LMS and the one in this tool differ, or the LMS has changed its keys."),
        _l("Send these values to the administrator of your LMS and ask to compare them with the registration."),
        LMS_ADMIN,
    ),
    "moment": (
        "launch-in-a-moment",
        _l("Please open this again in a moment"),
        _l("Your LMS may have changed its keys, and this tool was asked to look too often just now."),
        _l("Wait half a minute, then open the activity again from your course."),
        YOURSELF,
    ),
    "late": (
        "launch-too-late",
        _l("This launch took too long"),
        _l("A launch is good for some minutes only. If it happens every time, a clock is wrong."),
        OPEN_AGAIN,
        YOURSELF,
    ),
    "early": (
        "launch-too-early",
        _l("This launch is not good yet"),
        _l(
            "The LMS has made it out for a later time. The clock of the LMS and the one of this tool differ, or one of "
            "them is wrong."
        ),
        _l(
            "Open the activity again in some minutes. If it happens every time, send these values to the administrator "
            "of your LMS and ask to compare the clocks."
        ),
        LMS_ADMIN,
    ),
    "other-login": (
        "launch-other-login",
        _l("This launch belongs to another sign-in"),
        _l("That happens when two windows are opened at the same moment, or when a page is sent a second time."),
        OPEN_AGAIN,
        YOURSELF,
    ),
    "message": (
        "launch-incomplete",
        _l("The LMS left something out"),
        _l("The message of the LMS does not hold everything that an LTI 1.3 launch needs."),
        _l("Send these values to the administrator of your LMS."),
        LMS_ADMIN,
    ),
    "anonymous": (
        "launch-anonymous",
        _l("Please sign in to your LMS first"),
        _l("The LMS did not say who you are, so nothing could be saved for you."),
        _l("Sign in to your LMS, then open the activity again from your course."),
        YOURSELF,
    ),
}
