"""The practice LMS as a Flask app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, g, make_response, render_template
from flask_babel import Babel, ngettext
from flask_babel import gettext as _
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from lti_mcred.practice.campus import service_log, web
from lti_mcred.practice.campus.desk import Campus, Desk, Practice
from lti_mcred.practice.campus.seed import plant
from lti_mcred.practice.campus.temperament import Temperament
from lti_mcred.practice.ground import words
from lti_mcred.practice.ground.config import PracticeConfig
from lti_mcred.practice.ground.refusal import Refusal
from lti_mcred.practice.ground.store import Store
from lti_mcred.practice.ground.tool_keys import ToolKeys
from lti_mcred.practice.pages import account, admin, control, course, home, switches
from lti_mcred.practice.pages.keys import key_set
from lti_mcred.practice.temperaments.canvas.temperament import CanvasTemperament
from lti_mcred.practice.temperaments.moodle.temperament import MoodleTemperament


def create_practice_app(config: PracticeConfig) -> Flask:
    """Build the app on ``config.data``, planting the two campuses if the file is new.

    Raises :class:`~lti_mcred.practice.ground.store.WrongDataFile` for a data file of another version.
    """
    temperaments: tuple[Temperament[Desk], ...] = (CanvasTemperament(), MoodleTemperament())
    campuses = {t.slug: Campus(t.slug, t, f"{config.public_url}/{t.slug}") for t in temperaments}
    practice = Practice(config, Store(config.data), ToolKeys(config.fetch, config.now), campuses)
    plant(practice)
    app = Flask("lti_mcred.practice", static_url_path="/static")
    app.config["MAX_CONTENT_LENGTH"] = 5_000_000
    app.extensions["practice"] = practice
    app.jinja_env.filters["number"] = _score_text
    Babel(app)
    web.install(app)
    service_log.install(app)
    for room in (home, account, course, admin, switches, control):
        app.register_blueprint(room.pages)
    for temperament in temperaments:
        wire = Blueprint(f"wire_{temperament.slug}", __name__, url_prefix=f"/{temperament.slug}")
        wire.add_url_rule(temperament.paths.jwks, "jwks", key_set)
        temperament.routes(wire)
        app.register_blueprint(wire)
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(UnicodeEncodeError, _unstorable)
    app.context_processor(_page_facts)
    return app


def _refused(refusal: Refusal) -> Response:
    return refusal.response


def _http_problem(problem: HTTPException) -> Response:
    if problem.response is not None or problem.code is None:
        return problem.get_response()
    if problem.code >= 500:
        web.undo()
    page = render_template("refused.html", message=problem.description)
    response = make_response(page, problem.code)
    if problem.code == 405:
        response.headers["Allow"] = ", ".join(getattr(problem, "valid_methods", None) or ())
    return response


def _busy(_problem: OperationalError) -> Response:
    """SQLite could not take the write lock in time: say so instead of a stack trace."""
    web.undo()
    page = render_template("refused.html", message=_("The practice LMS is busy. Try again in a moment."))
    return make_response(page, 503, {"Retry-After": "2"})


def _unstorable(_problem: Exception) -> Response:
    """A number or text that no database can hold: a number of twenty digits, half a character."""
    web.undo()
    message = _("This holds a number or a character that cannot be stored.")
    return make_response(render_template("refused.html", message=message), 400)


def _page_facts() -> dict[str, Any]:
    here = g.get("desk")
    return {
        "here": here,
        "me": here.person if here else None,
        "config": web.practice().config,
        "ngettext": ngettext,
        "enrolment_name": words.enrolment_name,
        "role_name": words.role_name,
        "state_name": words.state_name,
        "step_name": words.step_name,
        "privacy_name": words.privacy_name,
    }


def _score_text(value: float | None) -> str:
    """A score as people write it: 17 and not 17.0."""
    return "" if value is None else f"{value:g}"
