"""Puts the room into the application: pages, words for templates, the reader for learners, deliveries."""

from typing import Any

from flask import Flask
from flask_babel import format_decimal
from flask_babel import gettext as _

from lti_mcred.grading import asking_views, column_views, course_views, roster_views, teaching_views, views
from lti_mcred.grading.feedback import told
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.shown import reads_now
from lti_mcred.grading.wire import Wire
from lti_mcred.grading.words import due_kind, due_words, state_words
from lti_mcred.settings import Settings


def init_grading(app: Flask, settings: Settings, wire: Wire) -> None:
    """Register everything of this room; `wire` leads to the grade columns."""
    app.register_blueprint(views.bp)
    app.register_blueprint(course_views.bp)
    app.register_blueprint(roster_views.bp)
    app.register_blueprint(column_views.bp)
    app.register_blueprint(teaching_views.bp)
    app.register_blueprint(asking_views.bp)
    app.jinja_env.globals.update(
        may_say_so=teaching_views.may_say_so,
        may_ask_to_assess=asking_views.may_ask_to_assess,
        asked_to_assess=asking_views.asked_to_assess,
    )
    app.jinja_env.filters["number"] = _localised_number
    app.jinja_env.globals.update(
        due_words=due_words, due_kind=due_kind, send_state_words=state_words, ai_use_words=_ai_use_words
    )
    app.extensions["decision_reader"] = told
    app.extensions["evidence_readers"].append(reads_now)
    app.extensions["outbox_handlers"].update(handlers(wire, settings))


def _localised_number(value: float | None) -> str:
    """Return a score as people write it: 4, not 4.0."""
    return str(format_decimal(value if value is not None else 0))


def _ai_use_words(use: Any) -> str:
    words = {
        "none": _("No AI tool was used"),
        "wording": _("Used for wording"),
        "ideas": _("Used for ideas"),
        "other": _("Used in another way"),
    }
    return str(words.get(use, _("Not stated")))
