"""Values that count a single time: a second use is a replay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.tables import Once


def first_use(desk: Desk, kind: str, value: str, expires_at: datetime) -> bool:
    """Remember ``value`` until ``expires_at``; False if it was used before. Forgets what has expired."""
    kind = f"{desk.campus.slug}:{kind}"
    desk.db.execute(delete(Once).where(Once.expires_at < desk.practice.config.now()))
    if desk.db.get(Once, (kind, value)) is not None:
        return False
    desk.db.add(Once(kind=kind, value=value, expires_at=expires_at))
    desk.db.flush()
    return True
