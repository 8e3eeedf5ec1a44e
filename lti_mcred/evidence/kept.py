"""What stored files are: it belongs to their bytes and to the version of the rules that looked at them.

A file that was looked at by earlier rules is looked at again when it is used; housekeeping stores the answer.
"""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.formats.filetypes import FileType, of_code, of_media_type
from lti_mcred.evidence.formats.look import RULES, look
from lti_mcred.evidence.models import Blob
from lti_mcred.evidence.storage import Received, storage
from lti_mcred.services import service

_MOST_AT_ONCE = 1000


class Looks:
    """What this process has found stored files to be, by the hash of their bytes: 4096 of them."""

    def __init__(self) -> None:
        self.code = lru_cache(maxsize=4096)(_looked)


def remember(received: Received, kind: FileType) -> None:
    """Note a file and what it is by the rules of now. The caller commits."""
    insert = postgresql_insert if db.engine.dialect.name == "postgresql" else sqlite_insert
    now = {"media_type": kind.media_type, "kind_rules": RULES}
    statement = insert(Blob).values(sha256=received.sha256, size=received.size, created_at=utcnow(), **now)
    db.session.execute(statement.on_conflict_do_update(index_elements=["sha256"], set_={"gone_at": None, **now}))


def kind_of(blob: Blob) -> FileType:
    """Return what a stored file is by the rules of now."""
    if blob.kind_rules == RULES or blob.gone_at is not None:
        return of_media_type(blob.media_type)
    try:
        return of_code(service(Looks).code(blob.sha256))
    except FileNotFoundError:  # its bytes are lost: what was known then is all that is known
        return of_media_type(blob.media_type)


def look_again(_now: datetime) -> None:
    """Store what files are that earlier rules looked at, 1000 at a time. Part of the hourly tidying; commits."""
    old = select(Blob).where(Blob.kind_rules != RULES).order_by(Blob.sha256).limit(_MOST_AT_ONCE)
    for blob in db.session.scalars(old).all():
        kind = kind_of(blob)
        if kind.media_type != blob.media_type:
            blob.media_type = kind.media_type
            blob.clean_rules = 0  # the copy for assessors was made of something else
        blob.kind_rules = RULES
        db.session.commit()


def _looked(sha256: str) -> str:
    return look(storage().path(sha256)).code
