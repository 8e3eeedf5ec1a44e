"""Status lists in the database: a free place for each award, and the signed list that the world reads."""

import json
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update

from lti_mcred.badges import status_list
from lti_mcred.badges.issuer import address, did_of, signing_key
from lti_mcred.badges.models import Award, Issuer, StatusList
from lti_mcred.badges.proof import sign
from lti_mcred.db import db, utcnow

TTL_SECONDS = 300  # how long readers may keep a copy: a revocation is seen within five minutes
_LIVES = timedelta(days=7)
_SIGN_AGAIN_AFTER = timedelta(days=1)
_FULL = status_list.SIZE // 2  # beyond half, drawing a free place at random takes ever more tries


def list_url(list_id: str) -> str:
    """Return the address of a list."""
    return address("status", list_id)


def open_list(issuer: Issuer) -> StatusList:
    """Return a list of the issuer with room, made and committed if there is none."""
    query = select(StatusList).filter_by(issuer_id=issuer.id, purpose="revocation").order_by(StatusList.id.desc())
    newest = db.session.scalars(query).first()
    if newest is not None:
        used = db.session.scalar(select(func.count()).where(Award.status_list_id == newest.id)) or 0
        if used < _FULL:
            return newest
    fresh = StatusList(issuer_id=issuer.id, bits=status_list.empty())
    db.session.add(fresh)
    db.session.commit()
    return fresh


class _Taken:
    """The indexes of a list that awards have: asked one by one, by the unique index on (list, index)."""

    def __init__(self, list_id: str) -> None:
        self._list_id = list_id

    def __contains__(self, index: object) -> bool:
        held = exists().where(Award.status_list_id == self._list_id, Award.status_index == index)
        return bool(db.session.scalar(select(held)))


def draw(row: StatusList) -> int:
    """Return a free index of the list, at random."""
    return status_list.draw_index(_Taken(row.id))


def signed_list(row: StatusList, now: datetime | None = None) -> str:
    """Return the signed list credential as JSON text, signed again when a bit has changed or it has aged
    a day.
    """
    now = now or utcnow()
    if row.signed and row.signed_at and now - row.signed_at < _SIGN_AGAIN_AFTER:
        return row.signed
    bits, list_id, issuer = row.bits, row.id, row.issuer
    document = status_list.build_list_credential(
        list_url(list_id),
        did_of(issuer),
        bits,
        valid_from=now,
        valid_until=now + _LIVES,
        ttl_seconds=TTL_SECONDS,
    )
    text = json.dumps(sign(document, signing_key(issuer), now), ensure_ascii=False)
    # Only if no bit changed meanwhile: an older list must not be kept over a newer one.
    db.session.execute(
        update(StatusList)
        .where(StatusList.id == list_id, StatusList.bits == bits)
        .values(signed=text, signed_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return text


def set_bits(list_id: str) -> None:
    """Set the bit of every revoked award of a list, within the current transaction; safe to repeat.

    The bits are derived from the awards, so two revocations at the same moment cannot lose one of them.
    """
    row = db.session.scalars(select(StatusList).filter_by(id=list_id).with_for_update()).one()
    db.session.refresh(row)
    revoked = select(Award.status_index).where(Award.status_list_id == list_id, Award.revoked_at.is_not(None))
    bits = row.bits
    for index in db.session.scalars(revoked):
        bits = status_list.with_bit(bits, index)
    row.bits, row.signed, row.signed_at = bits, None, None
