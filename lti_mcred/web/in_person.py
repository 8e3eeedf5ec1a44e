"""What nobody may do in another person's name: hand in, judge, show a name."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from lti_mcred.web.problems import problem
from lti_mcred.web.visits import current_visit

P = ParamSpec("P")
R = TypeVar("R")


def in_person(view: Callable[P, R]) -> Callable[P, R]:
    """Refuse a view (Problem 403) while an administrator acts as the person (Canvas: "Act as user")."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        if current_visit().launch.get("masquerading"):
            raise problem("acting-as-another")
        return view(*args, **kwargs)

    return guarded
