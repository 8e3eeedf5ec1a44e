"""Saving a draft. Two tabs lose nothing: a save from an older page is answered with both texts."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, update

from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.evidence.accept import TEXT_LIMIT
from lti_mcred.evidence.completeness import OTHERS
from lti_mcred.evidence.find import Work, open_part
from lti_mcred.evidence.models import Attempt, Part
from lti_mcred.evidence.problems import problem
from lti_mcred.web.typed import Save

_NOTE_LIMIT = 300


@dataclass(frozen=True)
class Typed:
    """What the form of a part holds. `revision` is the one that the page was made from."""

    text: str
    alternative: int | None
    others: str | None
    note: str
    revision: int
    save: Save = field(default=Save(), compare=False)


@dataclass(frozen=True)
class Saved:
    """The draft holds what was typed."""

    revision: int
    at: datetime


@dataclass(frozen=True)
class Conflict:
    """Another tab saved in between. `theirs` is what the draft holds; saving again with `revision` replaces it."""

    revision: int
    theirs: Typed


def save_part(work: Work, part_id: str, typed: Typed) -> Saved | Conflict:
    """Save the answer to a part and commit. Raises Problem when the part is closed or the text is too long."""
    part = open_part(work, part_id)
    _check(work, part_id, typed)
    lock_draft(part.attempt_id)
    now = utcnow()
    # A revision that this page made itself, by a save whose answer it did not hear, is no other tab's.
    seen = or_(Part.revision == typed.revision, Part.saved_by.in_(typed.save.unheard))
    newest = update(Part).where(Part.id == part.id, seen)
    made = {"revision": Part.revision + 1, "saved_by": typed.save.id, "updated_at": now}
    if changed(newest.values(**made, **_values(typed))):
        db.session.refresh(part)
        db.session.commit()
        return Saved(part.revision, now)
    db.session.rollback()
    db.session.refresh(part)
    theirs = typed_of(part)
    if _values(theirs) == _values(typed):  # our own save whose answer was lost on the way
        return Saved(part.revision, part.updated_at)
    return Conflict(part.revision, theirs)


def typed_of(part: Part) -> Typed:
    """Return what the draft holds, as the form shows it."""
    privacy = part.privacy or {}
    return Typed(part.text, part.alternative, privacy.get("others"), privacy.get("note", ""), part.revision)


def lock_draft(attempt_id: str) -> None:
    """Hold the draft until the commit, so that nothing slips in while it is being handed in. Raises Problem."""
    if not move_draft(attempt_id, "draft"):
        db.session.rollback()
        raise problem("already-handed-in")


def move_draft(attempt_id: str, state: str) -> bool:
    """Move a draft to `state` within the current transaction; return False when it is a draft no longer.

    A write on a condition, because that is what both engines make others wait for until the commit: SQLite knows no
    SELECT … FOR UPDATE, and a SELECT there opens no transaction. Objects in the session are not touched.
    """
    return bool(changed(update(Attempt).where(Attempt.id == attempt_id, Attempt.state == "draft").values(state=state)))


def touch(part: Part) -> None:
    """Note that something of the part changed beside its text (a file came or went)."""
    part.updated_at = utcnow()


def _values(typed: Typed) -> dict[str, Any]:
    privacy = {"others": typed.others, "note": typed.note} if typed.others or typed.note else None
    return {"text": typed.text, "alternative": typed.alternative, "privacy": privacy}


def _check(work: Work, part_id: str, typed: Typed) -> None:
    for text, most in ((typed.text, TEXT_LIMIT), (typed.note, _NOTE_LIMIT)):
        if len(text) > most:
            raise problem("text-too-long", most=most)
    alternatives = work.definition.part(part_id).alternatives
    wrong_choice = typed.alternative is not None and not 0 <= typed.alternative < len(alternatives)
    if wrong_choice or (typed.others is not None and typed.others not in OTHERS):
        raise problem("no-such-choice")
