"""Rewrites one picture without its private details. Run as `python -m lti_mcred.evidence.picture.worker FORM FILE`."""

import struct
import sys
from pathlib import Path

from lti_mcred.evidence.picture.bounds import Outcome, run
from lti_mcred.evidence.picture.rewrite import TooManyPixels, rewritten


def clean(path: Path, form: str) -> Outcome:
    """Rewrite the picture in its place; one that does not follow its format is damaged. `form`: JPEG, PNG or WEBP."""
    before = path.read_bytes()
    try:
        after = rewritten(before, form)
    except TooManyPixels:
        return Outcome.TOO_MANY_PIXELS
    except (struct.error, IndexError, ValueError):
        return Outcome.DAMAGED
    if after != before:
        path.write_bytes(after)
    return Outcome.CLEAN


if __name__ == "__main__":
    sys.exit(run(clean, sys.argv[1:]))
