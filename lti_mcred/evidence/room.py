"""Room for evidence: what one person may keep, and what must stay free on the disk. Refusals say what to do."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Select, func, select

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.evidence.accept import MEGABYTE
from lti_mcred.evidence.models import Artefact, Attempt, Blob, Enrolment, Part
from lti_mcred.evidence.problems import problem
from lti_mcred.evidence.storage import Storage
from lti_mcred.evidence.words import size_words
from lti_mcred.services import site

log = logging.getLogger(__name__)
_NAMED = 3
_FULL = (errno.ENOSPC, errno.EDQUOT)


def used_by(person_id: str) -> int:
    """Return the bytes of all files of a person, each content once, whatever work and try it stands in."""
    contents = _hers(person_id).add_columns(Blob.size).where(Blob.gone_at.is_(None)).distinct().subquery()
    return int(db.session.scalar(select(func.coalesce(func.sum(contents.c.size), 0))) or 0)


def _hers(person_id: str) -> Select[str]:
    """Select the contents that stand in work of a person."""
    return (
        select(Blob.sha256)
        .join(Artefact, Artefact.sha256 == Blob.sha256)
        .join(Part, Part.id == Artefact.part_id)
        .join(Attempt, Attempt.id == Part.attempt_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.person_id == person_id)
    )


def quota() -> int:
    """Return the bytes that one person may keep."""
    return site().person_quota_mb * MEGABYTE


def room_of(person_id: str) -> int:
    """Return the bytes that a person may still add, uploads under way left out; never negative."""
    return max(0, quota() - used_by(person_id))


def see_that_it_fits(person_id: str, size: int, store: Storage, content: str | None = None) -> None:
    """Raise Problem when `size` more bytes are more than a person may keep, or than the disk holds.

    A `content` (sha256) that she has already is counted once.
    """
    if content is not None and db.session.scalar(_hers(person_id).where(Blob.sha256 == content)) is not None:
        return
    if size > room_of(person_id):
        raise no_room(person_id)
    if disk_is_full(store, size):
        raise _disk_full(store)


def disk_is_full(store: Storage, size: int = 0) -> bool:
    """Whether less than the operator's floor would stay free on the disk of evidence after `size` more bytes."""
    return store.free() - size < site().free_disk_mb * MEGABYTE


@contextmanager
def full_disk_in_words(store: Storage) -> Iterator[None]:
    """Raise Problem where the disk fills up, or its operator's quota ends, while a file is being written."""
    try:
        yield
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise _disk_full(store) from error


def no_room(person_id: str) -> Problem:
    """Return the problem of a person who has used her room: how much, and which files to remove."""
    used, most = size_words(used_by(person_id)), size_words(quota())
    largest = _removable(person_id)
    if not largest:
        return problem("no-room/nothing-to-remove", used=used, most=most)
    names = ", ".join(f"“{name}” ({size_words(size)})" for name, size in largest)
    return problem("no-room", used=used, most=most, names=names)


def _removable(person_id: str) -> list[tuple[str, int]]:
    """Return (name, bytes) of the largest files that stand in drafts alone."""
    handed_in = (
        select(Artefact.sha256).join(Part).join(Attempt).where(Attempt.state != "draft", Artefact.sha256.is_not(None))
    )
    query = (
        select(func.min(Artefact.filename), Blob.size)
        .join(Blob, Blob.sha256 == Artefact.sha256)
        .join(Part, Part.id == Artefact.part_id)
        .join(Attempt, Attempt.id == Part.attempt_id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.person_id == person_id, Attempt.state == "draft", Blob.sha256.not_in(handed_in))
        .group_by(Blob.sha256, Blob.size)
        .order_by(Blob.size.desc(), Blob.sha256)
        .limit(_NAMED)
    )
    return [(str(name or ""), int(size)) for name, size in db.session.execute(query)]


def _disk_full(store: Storage) -> Problem:
    log.error(
        "an evidence file was refused: %d MB are free on its disk, and LTI_MCRED_FREE_DISK_MB wants %d to stay",
        store.free() // MEGABYTE,
        site().free_disk_mb,
    )
    return problem("disk-full")
