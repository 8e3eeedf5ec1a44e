"""Takes place, time and maker out of pictures: a phone writes where a pupil sits into every photograph.

JPEG, PNG and WebP are rewritten, damaged ones drawn anew, in a process of its own with limits of memory and time:
whatever a picture does there, this process goes on answering. Other kinds pass.
"""

import hashlib
import logging
import os
import subprocess
import sys
import threading
from contextlib import suppress

from lti_mcred.evidence.picture.bounds import Outcome
from lti_mcred.evidence.storage import Received
from lti_mcred.settings import PREFIX

log = logging.getLogger(__name__)

CLEANED = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
_LARGEST = 64 * 1024 * 1024
_SECONDS = 40.0  # on the clock; the process itself ends after half as many of the processor's
_PATIENCE = 60.0
_AT_ONCE = threading.BoundedSemaphore(2)
_PIECE = 1024 * 1024
_DIED = "died"
_WHYS = {Outcome.DAMAGED: "damaged", Outcome.TOO_MANY_PIXELS: "pixels"}


class NotCleaned(ValueError):
    """The picture was not cleaned. `why`: damaged, bytes (too many), pixels (too many), died (of work), busy."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def stripped(file: Received, media_type: str) -> Received:
    """Return a picture without its private details (rewritten in its place), any other file as it came.

    Raises NotCleaned for a picture of a kind in CLEANED whose details cannot be taken out.
    """
    form = CLEANED.get(media_type)
    if form is None:
        return file
    if file.size > _LARGEST:
        raise NotCleaned("bytes")
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise NotCleaned("busy")
    try:
        why = _run("worker", form, file)
        if why == "damaged":
            why = _run("redraw", form, file)
    finally:
        _AT_ONCE.release()
    if why:
        raise NotCleaned(why)
    return _measured(file)


def _run(program: str, form: str, file: Received) -> str:
    """Run one of the programs of `picture` on the file; return why it was not cleaned, "" when it was."""
    # A new program and no fork: threads of the server hold locks. What the settings keep secret stays here.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    command = [sys.executable, "-P", "-m", f"lti_mcred.evidence.picture.{program}", form, str(file.path)]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, a word of ours, a path of ours
            command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        log.warning("cleaning a picture of %s bytes was ended after %s seconds", file.size, _SECONDS)
        return _DIED
    if done.returncode == Outcome.CLEAN:
        return ""
    with suppress(ValueError):
        return _WHYS[Outcome(done.returncode)]
    said = done.stderr[-300:].decode("ascii", "replace")
    log.warning("cleaning a picture of %s bytes ended with %s: %r", file.size, done.returncode, said)
    return _DIED


def _measured(file: Received) -> Received:
    digest, size = hashlib.sha256(), 0
    with file.path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            digest.update(piece)
            size += len(piece)
    return Received(file.path, digest.hexdigest(), size)
