"""`make house`: counts rooms, lines, imports, the files of a launch. `--json` for tools, `--list` for every place."""

import argparse
import json
from pathlib import Path

from house.count import count
from house.report import lines, listed

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(prog="python -m house", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print everything that was counted as JSON")
    parser.add_argument("--list", choices=("lms", "hidden", "arrows"), help="print every place of one thing")
    asked = parser.parse_args()
    found = count(ROOT, "lti_mcred")
    if asked.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    else:
        print("\n".join(listed(found, asked.list) if asked.list else lines(found)))


if __name__ == "__main__":
    main()
