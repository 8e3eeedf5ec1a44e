"""The process in which one file is cleaned and read: `python -m lti_mcred.evidence.cleaning SOURCE COPY WORDS TYPE`.

Prints one JSON object: {"state": "same"|"copy"|"as-is", "notes": [codes]}. Documents are opened by libraries that have
to cope with whatever was sent; here they may fail, grow and be ended without harm to anybody else.
"""

import json
import resource
import sys
from pathlib import Path

from lti_mcred.evidence.cleaning.clean import clean
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.reading import nothing_to_read, words_of

_MEMORY = 2 * 1024**3
_CPU_SECONDS = 60
_PIECE = 1 << 20


def main(source: Path, copy: Path, words: Path, media_type: str) -> dict[str, object]:
    """Clean one file; write the copy where it differs, and what can be read in what an assessor gets."""
    try:
        notes = list(clean(source, copy, media_type))
        state = "same" if _equal(source, copy) else "copy"
    except CannotClean as problem:
        state, notes = "as-is", [problem.code]
    if state != "copy":
        copy.unlink(missing_ok=True)
    shown = copy if state == "copy" else source
    cleaned = state != "as-is"
    words.write_text("" if cleaned and nothing_to_read(media_type) else _read(shown, media_type), encoding="utf-8")
    return {"state": state, "notes": notes}


def _read(shown: Path, media_type: str) -> str:
    return words_of(shown, media_type).encode("utf-8", "replace").decode()


def _equal(one: Path, other: Path) -> bool:
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(_PIECE):
            if piece != second.read(_PIECE):
                return False
    return True


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    given = sys.argv[1:]
    print(json.dumps(main(Path(given[0]), Path(given[1]), Path(given[2]), given[3])))
