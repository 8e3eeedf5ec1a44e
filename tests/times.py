"""How long a run of the tests took, and its ten slowest: printed at its end, and written to `.test-times.json`."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

FILE = Path(__file__).parent.parent / ".test-times.json"
_SHOWN = 10
_begun = time.monotonic()


def add_times(parser: pytest.Parser) -> None:
    """Let a run say its times."""
    parser.addoption("--times", action="store_true", help="show the ten slowest and write them to .test-times.json")


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Add up set-up, call and tear-down of each test."""
    if not config.getoption("--times"):
        return
    took: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid.rpartition("@")[0] or report.nodeid] += report.duration
    seconds = round(time.monotonic() - _begun, 1)
    slowest = [[test, round(each, 1)] for test, each in took.most_common(_SHOWN)]
    found = {"seconds": seconds, "tests": len(took), "slowest": slowest}
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    terminalreporter.section(f"{len(took)} tests in {seconds // 60:.0f} min {seconds % 60:.0f} s; the slowest")
    for test, each in slowest:
        terminalreporter.write_line(f"{each:6.1f} s  {test}")
