"""``python -m lti_mcred.practice --port 8001 --data var/practice.sqlite3``: run the practice LMS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lti_mcred.practice.ground.config import PracticeConfig
from lti_mcred.practice.ground.store import WrongDataFile
from lti_mcred.practice.server import PortTaken, serve


def main(arguments: list[str] | None = None) -> int:
    """Parse the command line and serve; 1 with a plain sentence when that cannot be."""
    parser = argparse.ArgumentParser(prog="python -m lti_mcred.practice", description="Run the practice LMS.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--data", type=Path, default=Path("var/practice.sqlite3"), help="the SQLite data file")
    parser.add_argument("--base-url", default="", help="address in the browser (default: http://localhost:PORT)")
    parser.add_argument("--tool-url", default="http://127.0.0.1:8000", help="suggested in the install form")
    given = parser.parse_args(arguments)
    config = PracticeConfig(
        data=given.data, host=given.host, port=given.port, base_url=given.base_url, tool_url=given.tool_url
    )
    try:
        serve(config)
    except (PortTaken, WrongDataFile) as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
