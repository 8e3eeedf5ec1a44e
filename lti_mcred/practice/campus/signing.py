"""The campus's own keys: made when first needed, several published, one signing, rotated on demand."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update

from lti_mcred.practice.campus.desk import Desk
from lti_mcred.practice.ground.jose import Json, public_jwk, sign_rs256
from lti_mcred.practice.ground.tables import SigningKey


def published_keys(desk: Desk) -> list[Json]:
    """The JWKS entries: retired keys stay, and the next one is published before it signs anything."""
    return [public_jwk(key.private_jwk) for key in _keys(desk)]


def rotate(desk: Desk) -> str:
    """Sign with a brand-new key from now on (the one that waited is retired unused); return its id."""
    key = _add(desk)
    _activate(desk, key)
    return key.kid


def sign(desk: Desk, claims: Json) -> str:
    """An RS256 token by the campus's signing key, whose ``kid`` stands in its header; first use makes the keys."""
    keys = _keys(desk)
    active = next((key for key in keys if key.active), keys[0])
    return sign_rs256(claims, active.private_jwk)


def _keys(desk: Desk) -> list[SigningKey]:
    statement = select(SigningKey).where(SigningKey.campus == desk.campus.slug).order_by(SigningKey.id)
    keys = list(desk.db.scalars(statement))
    if not keys:
        first = _add(desk)
        _activate(desk, first)
        keys = [first, _add(desk)]
    return keys


def _add(desk: Desk) -> SigningKey:
    kid = desk.temperament.key_id(desk.now(), uuid.uuid4())
    key = SigningKey(campus=desk.campus.slug, kid=kid, private_jwk=desk.practice.config.new_key(kid), active=False)
    desk.db.add(key)
    desk.db.flush()
    return key


def _activate(desk: Desk, key: SigningKey) -> None:
    desk.db.execute(update(SigningKey).where(SigningKey.campus == desk.campus.slug).values(active=False))
    key.active = True
    desk.db.flush()
