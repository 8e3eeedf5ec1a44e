"""`make bench`: measures launches, badges, scores and class lists and writes a Markdown table."""

import os
import platform
import signal
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import badges, launches, roster, scores

SECONDS = float(os.environ.get("BENCH_SECONDS", "3"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "9"))
OUT = Path("bench/results/latest.md")
_ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main() -> None:
    """Run all four and write the table. When it is told to end, its servers and its database end first."""
    for number in _ENDINGS:
        signal.signal(number, _end)
    with tempfile.TemporaryDirectory(prefix="lti-mcred-bench-") as folder:
        lines = [*_head(), *launches.measure(Path(folder), SECONDS, ROUNDS)]
    lines += [
        "",
        "## Badges",
        "",
        f"Built and signed: **{badges.measure(SECONDS):.0f}** per CPU second of one process.",
        "",
    ]
    with tempfile.TemporaryDirectory(prefix="lti-mcred-bench-") as folder:
        rate, count = scores.measure(Path(folder))
    lines += [
        "## Scores",
        "",
        f"Delivered to the practice LMS: **{rate:.1f}** per second ({count} scores, one worker).",
        "",
        *roster.lines(),
    ]
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("\n".join(lines), encoding="utf-8")
    print("\n".join(lines))
    print(f"Written to {OUT}.")


def _end(number: int, _frame: object) -> None:
    for again in _ENDINGS:  # what ends the servers is not broken off by a second signal
        signal.signal(again, signal.SIG_IGN)
    sys.exit(128 + number)


def _head() -> list[str]:
    return [
        "# Measured rates",
        "",
        f"{datetime.now(UTC):%d %B %Y %H:%M} UTC, Python {platform.python_version()}, {os.cpu_count()} cores.",
        f"Load of the machine before the run: {os.getloadavg()[0]:.1f}.",
        f"Medians of {ROUNDS} rounds of {SECONDS:g} s in turns. Programs, database and load share the machine, so",
        "compare figures of one run only.",
        "",
        "## Launches",
        "",
        "From the login request to the rendered page: RS256 checked, visit stored in PostgreSQL (commits reach the",
        "disk), people who came before, one process each, 32 in flight. PyLTI1p3 is served by gunicorn with eight",
        "threads and kept connections; its stock cache is in memory and stores nothing. Ratios are medians over the",
        "turns, each beside ours of its round. The LMS's signing is left out of the times, not out of the load.",
        "",
    ]


if __name__ == "__main__":
    main()
