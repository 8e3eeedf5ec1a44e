"""Words for what the data holds as short codes; the templates use them."""

from __future__ import annotations

from flask_babel import gettext as _


def role_name(role: str) -> str:
    """The word for a ``Person.role``; an assistant is called an assessor, as the tool calls her."""
    names: dict[str, str] = {
        "teacher": _("teacher"),
        "admin": _("admin"),
        "assistant": _("assessor"),
        "learner": _("learner"),
        "test": _("test student"),
    }
    return names[role]


def enrolment_name(enrolled: str) -> str:
    """The word for a ``Person.enrolled``, one of ``ENROLMENTS``."""
    names: dict[str, str] = {
        "active": _("enrolled"),
        "suspended": _("suspended"),
        "removed": _("removed"),
    }
    return names[enrolled]


def state_name(state: str) -> str:
    """The words for a ``Grade.state``: the states of Canvas's submissions, of which Moodle has three."""
    names: dict[str, str] = {
        "unsubmitted": _("not handed in"),
        "submitted": _("handed in"),
        "pending_review": _("needs grading"),
        "graded": _("graded"),
        "ungraded": _("grade taken away"),
    }
    return names[state]


def step_name(step: str) -> str:
    """What a score post did to the grade: the words for ``score`` in ``ScorePost.effect``."""
    names: dict[str, str] = {
        "written": _("grade written"),
        "cleared": _("grade cleared"),
        "wiped": _("grade and comment wiped"),
        "kept": _("grade left as it was"),
    }
    return names[step]


def privacy_name(level: str) -> str:
    """What a tool gets to know of people under a privacy level, one of ``PRIVACY_LEVELS``."""
    names: dict[str, str] = {
        "public": _("Name, e-mail and picture"),
        "name_only": _("Name only"),
        "email_only": _("E-mail only"),
        "anonymous": _("Nothing but a number"),
    }
    return names[level]
