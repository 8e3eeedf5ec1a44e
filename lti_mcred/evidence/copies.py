"""The copy of a file that assessors get: made once by the rules of today, beside the learner's original, which stays.

Nobody waits for a file that cannot be cleaned: it is shown as it is, and its learner is told before she hands it in.
"""

import json
import logging
import os
import secrets
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from lti_mcred.engine.db import changed, db
from lti_mcred.evidence.cleaning.encoding import decoded
from lti_mcred.evidence.cleaning.rules import RULES, needs_cleaning
from lti_mcred.evidence.kept import kind_of
from lti_mcred.evidence.models import Blob
from lti_mcred.evidence.storage import Storage, storage
from lti_mcred.settings import PREFIX

log = logging.getLogger(__name__)
_SECONDS = 120
_AT_ONCE = threading.BoundedSemaphore(2)
_LONGEST_WORDS = 400_000
_STATES = ("same", "copy", "as-is")


@dataclass(frozen=True)
class Copy:
    """What an assessor gets of a file. `state`: same (as it came: nothing had to go), copy, or as-is (not cleaned).

    `notes`: why it was not cleaned, or what was left out of it or in it (words.py says each).
    """

    state: str
    notes: tuple[str, ...] = ()


def copy_of(blob: Blob) -> Copy:
    """Return what came of cleaning a file, and clean it now where that was not done by the rules of today. Commits."""
    if blob.clean_rules != RULES and blob.gone_at is None:
        _make(blob, storage())
    return Copy(blob.clean_state or "as-is", tuple(note for note in blob.clean_notes.split(",") if note))


def path_for_assessors(blob: Blob) -> Path:
    """Return the file that an assessor gets. Raises FileNotFoundError."""
    store = storage()
    original = store.path(blob.sha256)
    if copy_of(blob).state != "copy":
        return original
    path = store.beside(blob.sha256, _kept_as("copy"))
    if not path.is_file():
        _make(blob, store)
    return path if path.is_file() else original


def words_in(blob: Blob) -> str:
    """Return what can be read in the file that an assessor gets; "" for pictures, recordings and lost files."""
    copy_of(blob)
    try:
        if kind_of(blob).media_type == "text/plain":
            with storage().path(blob.sha256).open("rb") as text:
                return decoded(text.read(_LONGEST_WORDS))
        with storage().beside(blob.sha256, _kept_as("words")).open(encoding="utf-8") as file:
            return file.read(_LONGEST_WORDS)
    except FileNotFoundError:
        return ""


def _kept_as(what: str) -> str:
    return f"{what}-{RULES}"


def _make(blob: Blob, store: Storage) -> None:
    """Clean a file and note what came of it. One process does so at a time; the others find it done."""
    sha256, media_type = blob.sha256, kind_of(blob).media_type
    if not needs_cleaning(media_type):
        _note(blob, "same", [])
        return
    try:
        with store.making(sha256):
            original = store.path(sha256)
            copy, words = (store.partial / f"cleaning.{secrets.token_hex(16)}" for _path in range(2))
            try:
                outcome = _run(original, copy, words, media_type)
                for path, name in ((copy, _kept_as("copy")), (words, _kept_as("words"))):
                    if path.exists():
                        path.replace(store.beside(sha256, name))
            finally:
                copy.unlink(missing_ok=True)
                words.unlink(missing_ok=True)
    except FileNotFoundError:
        log.error("the bytes of evidence %s are lost", sha256[:12])
        return
    _note(blob, str(outcome["state"]), list(outcome["notes"]))


def _run(original: Path, copy: Path, words: Path, media_type: str) -> dict[str, "str | list[str]"]:
    """Clean in a process of its own, which may die. Nothing of our settings goes along."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "lti_mcred.evidence.cleaning",
        str(original),
        str(copy),
        str(words),
        media_type,
    ]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    try:
        with _AT_ONCE:
            done = subprocess.run(  # noqa: S603 - our own interpreter and module
                command, capture_output=True, timeout=_SECONDS, check=True, stdin=subprocess.DEVNULL, env=kept
            )
        outcome = json.loads(done.stdout)
        if outcome["state"] in _STATES:
            return {"state": outcome["state"], "notes": outcome["notes"]}
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        log.warning("a file of kind %s could not be cleaned: %s", media_type, type(error).__name__)
    copy.unlink(missing_ok=True)
    return {"state": "as-is", "notes": ["failed"]}


def _note(blob: Blob, state: str, notes: list[str]) -> None:
    values = {"clean_rules": RULES, "clean_state": state, "clean_notes": ",".join(notes)[:255]}
    changed(update(Blob).where(Blob.sha256 == blob.sha256).values(**values))
    db.session.commit()
    db.session.refresh(blob)
