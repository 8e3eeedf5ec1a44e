"""How it is judged, handed over to the application; and what this room answers to the one below."""

from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _

from lti_mcred.evidence.decision import Judging
from lti_mcred.grading import (
    asking_views,
    column,
    column_views,
    course_views,
    ledger,
    roster_views,
    teaching_views,
    views,
)
from lti_mcred.grading.feedback import told
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.shown import reads_now
from lti_mcred.grading.wire import Wire
from lti_mcred.grading.words import due_kind, due_words, state_words
from lti_mcred.room import Room
from lti_mcred.settings import Settings


def room(settings: Settings, wire: Wire) -> Room:
    """Return this room; `wire` leads to the grade columns."""
    return Room(
        "grading",
        needs=(Settings,),
        blueprints=(
            views.bp, course_views.bp, roster_views.bp, column_views.bp, teaching_views.bp, asking_views.bp,
        ),
        words={
            "may_say_so": teaching_views.may_say_so,
            "may_ask_to_assess": asking_views.may_ask_to_assess,
            "asked_to_assess": asking_views.asked_to_assess,
            "due_words": due_words,
            "due_kind": due_kind,
            "send_state_words": state_words,
            "ai_use_words": _ai_use_words,
        },
        filters={"number": _localised_number},
        topics=handlers(wire, settings),
        sends=("decision.final", ledger.TOPIC, column.TOPIC, "column.found", "placement.added"),
    )  # fmt: skip


def judging() -> Judging:
    """Return what this room answers about an attempt."""
    return Judging(told, reads_now)


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
