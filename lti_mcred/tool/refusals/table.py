"""What the LMS's door says no with: Problems that any LMS's frame may show, with facts to copy."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import g

from lti_mcred.errors import N_, Problem, Table

ANY_FRAME = "*"
OPEN_AGAIN = N_("Go back to your course and open the activity again from there.")


@dataclass(eq=False)
class LaunchProblem(Problem):
    """A Problem of the LMS's door. `facts`: label -> value to copy for the administrator."""

    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DoorTable(Table):
    """The problems of a room of the LMS's door."""

    def refusal(
        self, key: str, /, *, log: str = "", status: int = 0, facts: Mapping[str, str] | None = None, **values: object
    ) -> LaunchProblem:
        """Return the LaunchProblem of a key, and let any LMS's frame show it. Raises KeyError as `problem`."""
        g.frame_ancestors = ANY_FRAME
        return LaunchProblem(**vars(self.made(key, values, log, status)), facts=facts or {})
