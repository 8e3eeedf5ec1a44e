"""How long a turn of the tests took, and its ten slowest: printed at its end, and written to `.test-times.json`."""

import json
import time
from collections import Counter
from pathlib import Path

import pytest
from _pytest.terminal import TerminalReporter

FILE = Path(__file__).parent.parent / ".test-times.json"
_SHOWN = 10
_begun = time.monotonic()


def add_turn(parser: pytest.Parser) -> None:
    """Let a turn have a name."""
    parser.addoption("--turn", metavar="NAME", help="write the times of this turn to .test-times.json under this name")


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Add up set-up, call and tear-down of each test."""
    name = config.getoption("--turn")
    if not name:
        return
    took: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                took[report.nodeid.rpartition("@")[0] or report.nodeid] += report.duration
    seconds = round(time.monotonic() - _begun, 1)
    slowest = [[test, round(each, 1)] for test, each in took.most_common(_SHOWN)]
    turns = [turn for turn in _written() if turn["name"] != name]
    turns.append({"name": name, "seconds": seconds, "tests": len(took), "slowest": slowest})
    FILE.write_text(json.dumps({"turns": turns}, indent=1) + "\n", encoding="utf-8")
    terminalreporter.section(f"{name}: {len(took)} tests in {seconds:.0f} s; the slowest")
    for test, each in slowest:
        terminalreporter.write_line(f"{each:6.1f} s  {test}")


def _written() -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(FILE.read_text(encoding="utf-8"))["turns"] if FILE.exists() else []
    return found


def main() -> None:
    """Print how long all turns took together, and the slowest of all."""
    turns = json.loads(FILE.read_text(encoding="utf-8"))["turns"]
    seconds, tests = sum(turn["seconds"] for turn in turns), sum(turn["tests"] for turn in turns)
    print(f"{tests} tests in {seconds // 60:.0f} min {seconds % 60:.0f} s; the slowest of all:")
    for test, each in sorted((one for turn in turns for one in turn["slowest"]), key=lambda one: -one[1])[:_SHOWN]:
        print(f"{each:6.1f} s  {test}")


if __name__ == "__main__":
    main()
