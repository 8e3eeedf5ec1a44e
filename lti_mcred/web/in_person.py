"""What nobody may do in another person's name: hand in, judge, show a name."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask_babel import gettext as _

from lti_mcred.errors import Problem
from lti_mcred.web.visits import current_visit

P = ParamSpec("P")
R = TypeVar("R")


def in_person(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse a view (Problem 403) while an administrator acts as the person (Canvas: "Act as user")."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if current_visit().launch.get("masquerading"):
            raise Problem(
                "acting-as-another",
                _("Only the person herself can do this"),
                _("You are acting as another user in your LMS. What was saved is kept; nothing was sent."),
                _("Stop acting as this user. She can do it when she opens the activity herself."),
                _("The person you act as"),
                403,
            )
        return view(*args, **kwargs)

    return guarded
