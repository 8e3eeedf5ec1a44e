"""Deleting what nobody keeps: contents that no artefact names, uploads left behind, raw video past its time.

The row goes first, then the bytes: a process that dies in between leaves bytes that no row names, which housekeeping
finds. Whoever stores a content holds it (storage.holding) from before its bytes are there until its artefact is.
"""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update

from lti_mcred.catalog.library import definition_of
from lti_mcred.engine.db import changed, db
from lti_mcred.evidence.decision import told_of
from lti_mcred.evidence.models import Artefact, Attempt, Blob, Part
from lti_mcred.evidence.storage import Storage, storage

log = logging.getLogger(__name__)
# A content is stored a moment before its row is written, and looked at by people before it is missed.
_SETTLED = timedelta(hours=1)
_MONTH = timedelta(days=30)
_AT_ONCE = 500


def let_go(contents: Iterable[str], store: Storage) -> int:
    """Delete those of these contents that no artefact names any more; return how many. Commits."""
    gone = 0
    for sha256 in sorted(set(contents)):
        with store.holding(sha256):
            named = exists().where(Artefact.sha256 == sha256)
            unnamed = delete(Blob).where(Blob.sha256 == sha256, ~named)
            taken = db.session.execute(
                unnamed.returning(Blob.sha256).execution_options(synchronize_session=False)
            ).first()
            db.session.commit()
            if taken:
                store.delete(sha256)
                gone += 1
    return gone


def forget_unnamed(now: datetime) -> None:
    """Housekeeping: delete rows that no artefact names, bytes that no row names, and uploads left behind."""
    store = storage()
    store.sweep()
    forget_raw_video(now)
    old = Blob.created_at < now - _SETTLED, ~exists().where(Artefact.sha256 == Blob.sha256)
    let_go(db.session.scalars(select(Blob.sha256).where(*old).limit(_AT_ONCE)).all(), store)
    settled = (now - _SETTLED).timestamp()
    waiting: list[str] = []
    for sha256, stored_at in store.kept():
        if stored_at < settled:
            waiting.append(sha256)
        if len(waiting) == _AT_ONCE:
            _drop_orphans(waiting, store)
            waiting = []
    _drop_orphans(waiting, store)


def _drop_orphans(contents: list[str], store: Storage) -> None:
    known = set(db.session.scalars(select(Blob.sha256).where(Blob.sha256.in_(contents), Blob.gone_at.is_(None))))
    db.session.commit()
    for sha256 in contents:
        if sha256 in known:
            continue
        with store.holding(sha256):
            if db.session.scalar(select(Blob.sha256).where(Blob.sha256 == sha256, Blob.gone_at.is_(None))) is None:
                store.delete(sha256)
                log.info("deleted evidence that nothing names: %s", sha256[:12])
            db.session.commit()


def forget_raw_video(now: datetime) -> None:
    """Delete recordings of work that was earned longer ago than its definition keeps raw video. Commits.

    The rows stay, so that everybody sees what was handed in. What stands in other work too, or in a draft, stays.
    """
    store = storage()
    kept = select(Blob.sha256).where(Blob.media_type.startswith("video/"), Blob.gone_at.is_(None))
    for sha256 in db.session.scalars(kept.order_by(Blob.sha256)).all():
        if not _all_past(sha256, now):
            continue
        with store.holding(sha256):
            db.session.rollback()
            if _all_past(sha256, now):  # still: nobody has added it to other work since
                changed(update(Blob).where(Blob.sha256 == sha256).values(gone_at=now))
                db.session.commit()
                store.delete(sha256)


def _all_past(sha256: str, now: datetime) -> bool:
    """Whether a recording stands in work, and in none but that whose time is over."""
    query = (
        select(Attempt)
        .join(Part, Part.attempt_id == Attempt.id)
        .join(Artefact, Artefact.part_id == Part.id)
        .where(Artefact.sha256 == sha256)
    )
    attempts = db.session.scalars(query).unique().all()
    return bool(attempts) and all(_past_its_time(attempt, now) for attempt in attempts)


def _past_its_time(attempt: Attempt, now: datetime) -> bool:
    if attempt.state != "decided" or attempt.enrolment.state != "earned":
        return False
    months = definition_of(attempt.enrolment.version).privacy.raw_video_retention_months_after_decision
    told = told_of(attempt.id)
    return told is not None and told.decided_at + months * _MONTH < now
