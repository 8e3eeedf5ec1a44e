"""Status lists in the database: a free place for each award, and the signed list that the world reads."""

import json
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update

from lti_mcred.badges.addresses import address, current, former
from lti_mcred.badges.issuer import did_of, signing_key, signing_method
from lti_mcred.badges.models import Award, Issuer, StatusList
from lti_mcred.badges.openbadges import status_list
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.engine.db import db, utcnow

TTL_SECONDS = 300  # how long readers may keep a copy: a revocation is seen within five minutes
_LIVES = timedelta(days=7)
_SIGN_AGAIN_AFTER = timedelta(days=1)
_FULL = status_list.SIZE // 2  # beyond half, drawing a free place at random takes ever more tries


def list_url(list_id: str, base: str = "") -> str:
    """Return the address of a list, today's or a former one."""
    return address("status", list_id, base=base)


def list_at(url: str) -> tuple[StatusList, str] | None:
    """Return the list at an address of ours, today's or a former one, with that base; None for anybody else's."""
    for base in (current(), *former()):
        prefix = list_url("", base)
        if url.startswith(prefix) and (row := db.session.get(StatusList, url.removeprefix(prefix))):
            return row, base
    return None


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


def signed_list(row: StatusList, now: datetime | None = None, base: str = "") -> str:
    """Return the signed list credential as JSON text.

    It is signed again when a bit has changed, when it has aged a day, and when address or key of its issuer are not
    those that signed it. `base` is a former address: what is signed for that is not kept. Raises SealBroken.
    """
    now = now or utcnow()
    issuer = row.issuer
    if base not in ("", current()):
        return _sign(row, issuer, row.bits, now, base)
    young = row.signed_at is not None and now - row.signed_at < _SIGN_AGAIN_AFTER
    if row.signed and young and row.signed_with and row.signed_with == _signer(row.id, issuer):
        return row.signed
    bits, list_id = row.bits, row.id
    text = _sign(row, issuer, bits, now)
    # Only if no bit changed meanwhile: an older list must not be kept over a newer one.
    db.session.execute(
        update(StatusList)
        .where(StatusList.id == list_id, StatusList.bits == bits)
        .values(signed=text, signed_at=now, signed_with=_signer(list_id, issuer))
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return text


def _signer(list_id: str, issuer: Issuer) -> str | None:
    """Return what a list that is signed today names: its address, and the key. http and https share a DID, not this."""
    method = signing_method(issuer)
    return f"{list_url(list_id)} {method}" if method else None


def _sign(row: StatusList, issuer: Issuer, bits: bytes, now: datetime, base: str = "") -> str:
    document = status_list.build_list_credential(
        list_url(row.id, base),
        did_of(issuer, base),
        bits,
        valid_from=now,
        valid_until=now + _LIVES,
        ttl_seconds=TTL_SECONDS,
    )
    return json.dumps(sign(document, signing_key(issuer, base), now), ensure_ascii=False)


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
    row.bits, row.signed, row.signed_at, row.signed_with = bits, None, None, None
