"""The report of the story: one line for each step, printed as it happens."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import shorten

from lti_mcred.trial.reading import StepFailedError

_WIDEST = 120  # characters of what was seen, in one line


@dataclass(frozen=True)
class Line:
    """One line of the report."""

    campus: str
    what: str
    seen: str
    seconds: float
    happened: bool


@dataclass
class Report:
    """Collects the lines and prints each as it happens."""

    lines: list[Line] = field(default_factory=list)

    def step(self, campus: str, what: str, action: Callable[[], str]) -> bool:
        """Run one step; return whether it happened."""
        started = time.monotonic()
        try:
            seen, happened = action(), True
        except (StepFailedError, LookupError, KeyError, ConnectionError, json.JSONDecodeError) as error:
            seen, happened = f"{type(error).__name__}: {error}", False
        line = Line(campus, what, seen, time.monotonic() - started, happened)
        self.lines.append(line)
        shown = shorten(seen, _WIDEST, placeholder=" …") if happened else seen
        print(f"  {'ok  ' if happened else 'FAIL'} {campus:7} {what:48} {line.seconds:6.2f} s  {shown}", flush=True)
        return happened

    @property
    def happened(self) -> bool:
        """Whether every step happened."""
        return bool(self.lines) and all(line.happened for line in self.lines)
