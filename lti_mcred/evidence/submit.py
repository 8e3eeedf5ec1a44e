"""Handing in: everything is checked, then frozen; the news goes out in the same commit."""

import hashlib
import json
import secrets
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy.exc import IntegrityError

from lti_mcred import outbox
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.accept import TEXT_LIMIT
from lti_mcred.evidence.completeness import FileShown, Gap, PartShown, Statement, gaps_of_statement, gaps_of_work
from lti_mcred.evidence.draft import move_draft
from lti_mcred.evidence.find import Work, draft_of
from lti_mcred.evidence.kept import kind_of
from lti_mcred.evidence.models import Artefact, Attempt, Part
from lti_mcred.evidence.promise import promised_by
from lti_mcred.evidence.unchanged import is_unchanged, says_why

# No letters that are read as digits, no vowels that make words.
_ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"


def gaps_of(work: Work, statement: Statement | None, site_max_mb: int) -> list[Gap]:
    """Return everything that stands between the draft and handing it in; `statement` None leaves the statement out."""
    parts = {part.part_id: part_shown(part) for part in work.attempt.parts} if work.attempt else {}
    gaps = gaps_of_work(work.definition, parts, work.open_parts, site_max_mb)
    return gaps if statement is None else gaps + gaps_of_statement(work.definition, statement)


def stands_still(work: Work) -> bool:
    """Return whether this is a new try in which nothing differs from the one before."""
    if work.attempt is None or work.enrolment is None or work.attempt.number == 1:
        return False
    before = next(one for one in work.enrolment.attempts if one.number == work.attempt.number - 1)
    return is_unchanged(before.parts, work.attempt.parts, work.open_parts)


def part_shown(part: Part) -> PartShown:
    """Return a stored answer as the rules see it."""
    privacy = part.privacy or {}
    files = tuple(
        FileShown(kind_of(item.blob).kinds, item.blob.size, item.filename or "") for item in part.artefacts if item.blob
    )
    links = tuple(item.url or "" for item in part.artefacts if item.kind == "link")
    return PartShown(part.text, part.alternative, privacy.get("others"), privacy.get("note", ""), files, links)


def submit(
    work: Work, statement: Statement, what_changed: str, *, zone: tzinfo, site_max_mb: int, now: datetime | None = None
) -> list[Gap]:
    """Hand the draft in and commit; return the gaps and change nothing when there are any. Raises Problem.

    Of two presses at the same moment the second finds it handed in and changes nothing. The decision is promised in
    business days of the definition, counted in `zone`.
    """
    attempt = draft_of(work)
    if not move_draft(attempt.id, "submitted"):
        db.session.rollback()
        return []
    # Another tab may have saved since this page was made: the rules look at what is there now, and nobody writes
    # before the end of this transaction.
    db.session.expire_all()
    gaps = gaps_of(work, statement, site_max_mb)
    if stands_still(work) and not says_why(what_changed):
        gaps.append(Gap(None, "unchanged", {"number": attempt.number - 1}))
    if len(what_changed) > TEXT_LIMIT:
        gaps.append(Gap(None, "what_changed_long", {"most": TEXT_LIMIT, "count": len(what_changed)}))
    if gaps:
        db.session.rollback()
        return gaps
    now = now or utcnow()
    attempt.what_changed = what_changed
    attempt.attestation = {
        "own_work": True,
        "ai_use": statement.ai_use,
        "ai_note": statement.ai_note,
        "content_sha256": fingerprint(attempt),
    }
    attempt.submitted_at = now
    attempt.due_at = promised_by(now, work.definition.assessment.turnaround_business_days, zone)
    attempt.enrolment.state = "submitted"
    _give_receipt(attempt)
    outbox.put("attempt.submitted", attempt.enrolment_id, {"attempt_id": attempt.id})
    db.session.commit()
    outbox.wake()
    return []


def fingerprint(attempt: Attempt) -> str:
    """Return the SHA-256 of all that was handed in, so that a later change of the database would show."""
    content = [_stored_content(part) for part in sorted(attempt.parts, key=lambda part: part.part_id)]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _stored_content(part: Part) -> dict[str, Any]:
    def item(artefact: Artefact) -> list[str | None]:
        return [artefact.kind, artefact.sha256, artefact.url, artefact.filename]

    return {
        "part": part.part_id,
        "text": part.text,
        "alternative": part.alternative,
        "privacy": part.privacy,
        "artefacts": [item(artefact) for artefact in part.artefacts],
    }


def _give_receipt(attempt: Attempt) -> None:
    """Give a receipt number: 8 signs in two groups (27^8), drawn again in the rare case that it is taken."""
    for left in range(4, -1, -1):
        raw = "".join(secrets.choice(_ALPHABET) for _i in range(8))
        try:
            with db.session.begin_nested():
                attempt.receipt = f"{raw[:4]}-{raw[4:]}"
            return
        except IntegrityError:
            if not left:
                raise
