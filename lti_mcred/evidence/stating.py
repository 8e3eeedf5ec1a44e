"""Keeping the statement of a draft, and "What I changed". Two tabs lose nothing: see draft.py."""

from dataclasses import dataclass

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.accept import TEXT_LIMIT
from lti_mcred.evidence.completeness import AI_NOTE_LIMIT, Statement
from lti_mcred.evidence.draft import Saved, lock_draft
from lti_mcred.evidence.find import Work, draft_of
from lti_mcred.evidence.models import Attempt
from lti_mcred.evidence.problems import problem
from lti_mcred.web.typed import Save


@dataclass(frozen=True)
class Stated:
    """What the form of the statement holds. `revision` is the one that the page was made from."""

    statement: Statement
    what_changed: str
    revision: int

    @property
    def words(self) -> tuple[Statement, str]:
        """What was said, whatever its revision."""
        return self.statement, self.what_changed


def stated_of(attempt: Attempt) -> Stated:
    """Return what the draft holds."""
    kept = attempt.attestation or {}
    statement = Statement(bool(kept.get("own_work")), kept.get("ai_use", ""), kept.get("ai_note", ""))
    return Stated(statement, attempt.what_changed, kept.get("revision", 0))


def save_statement(work: Work, stated: Stated, save: Save) -> Saved | Stated:
    """Keep the statement and commit; return what another tab kept in between, which then stays, where one did.

    Saving again with its revision replaces it. Raises Problem when a text is too long to keep, or the draft is closed.
    """
    attempt = draft_of(work)
    if len(stated.statement.ai_note) > AI_NOTE_LIMIT:
        raise problem("text-too-long", most=AI_NOTE_LIMIT)
    if len(stated.what_changed) > TEXT_LIMIT:
        raise problem("text-too-long", most=TEXT_LIMIT)
    lock_draft(attempt.id)
    db.session.refresh(attempt)
    theirs = stated_of(attempt)
    # A revision that this page made itself, by a save whose answer it did not hear, is no other tab's.
    seen = stated.revision == theirs.revision or (attempt.attestation or {}).get("saved_by") in save.unheard
    if not seen and theirs.words != stated.words:
        db.session.rollback()
        return theirs
    said, revision = stated.statement, theirs.revision + 1
    attempt.attestation = {
        "own_work": said.own_work,
        "ai_use": said.ai_use,
        "ai_note": said.ai_note,
        "revision": revision,
        "saved_by": save.id,
    }
    attempt.what_changed = stated.what_changed
    db.session.commit()
    return Saved(revision, utcnow())
