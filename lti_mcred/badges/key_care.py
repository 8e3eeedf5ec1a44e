"""The care of issuers' keys: a new one, and one that leaked. Each act is kept on record, with who did it."""

import logging
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from lti_mcred import outbox
from lti_mcred.badges import issuer as issuers
from lti_mcred.badges.models import Award, Issuer, IssuerEvent, IssuerKey
from lti_mcred.badges.signing import UNSIGNABLE, sign_again
from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbox import Done, Later, Outcome

log = logging.getLogger(__name__)
TOPIC = "issuer.key_out"
_AT_ONCE = 25  # badges signed again in one delivery: it ends well before its lease


@dataclass(frozen=True)
class Line:
    """An issuer as the operator sees it. `elsewhere`: standing badges that name another DID, of a former address."""

    issuer: Issuer
    did: str
    keys: tuple[IssuerKey, ...]
    badges: int
    elsewhere: int
    waiting: int  # standing badges that must be signed again
    events: tuple[IssuerEvent, ...]


def lines() -> list[Line]:
    """Return all issuers, the oldest first."""
    return [
        _issuer_line(issuer) for issuer in db.session.scalars(select(Issuer).order_by(Issuer.created_at, Issuer.id))
    ]


def find(slug: str) -> Issuer | None:
    """Return the issuer with this id (the last part of its DID; the whole DID will do)."""
    return db.session.scalar(select(Issuer).filter_by(slug=slug.rpartition(":")[2]))


def find_key(issuer: Issuer, ending: str) -> IssuerKey | None:
    """Return the issuer's only key that ends so (at least six characters), None where that names none or several.

    The key's whole id, as a DID document or a badge names it, will do too.
    """
    ending = ending.rpartition("#")[2]
    fitting = [key for key in _keys(issuer) if len(ending) >= 6 and key.public_multibase.endswith(ending)]
    return fitting[0] if len(fitting) == 1 else None


def rotate(issuer: Issuer, who: str) -> str:
    """Let a new key sign from now on; return its public half. The old one stays published: its badges live on."""
    key = issuers.rotate(issuer)
    _note(issuer, who, f"key {key.public_multibase} signs from now on")
    db.session.commit()
    return key.public_multibase


def take_out(issuer: Issuer, key: IssuerKey, who: str) -> int:
    """Take a key that leaked out of the DID document; return how many badges have to be signed again. Commits.

    Whatever it signed counts no more, by whoever: another key signs from this moment, and a delivery signs the issuer's
    own badges again, at the same addresses. Safe to repeat.
    """
    if key.leaked_at is None:
        key.leaked_at = utcnow()
        key.retired_at = key.retired_at or key.leaked_at
        _note(issuer, who, f"key {key.public_multibase} is taken out of the DID document")
    outbox.put(TOPIC, issuer.id, {"key": key.public_multibase})
    db.session.commit()
    issuers.signing_key(issuer)
    outbox.wake()
    return db.session.scalar(select(func.count()).where(_signed_by(key.public_multibase))) or 0


def perform(payload: dict[str, Any]) -> Outcome:
    """Handle the news of a key that was taken out, {"key": multibase}: sign its badges again. Safe to repeat."""
    left = sign_some_again(str(payload.get("key")))
    return Later("", 0) if left else Done()


def sign_some_again(multibase: str) -> int:
    """Sign up to 25 badges again that a key signed which was taken out; return how many are left. Commits.

    One that cannot be signed now loses the text that does not count any more; it is signed when somebody asks for it.
    """
    rows = db.session.scalars(select(Award).where(_signed_by(multibase)).limit(_AT_ONCE)).all()
    for award_id in [row.id for row in rows]:
        row = db.session.get_one(Award, award_id)
        try:
            sign_again(row)
        except UNSIGNABLE as error:
            db.session.rollback()
            row.credential = ""
            _note(row.issuer, "delivery", f"badge {row.id} could not be signed again yet: {error}")
            db.session.commit()
            log.error("badge %s cannot be signed again: %s", award_id, error)
    return db.session.scalar(select(func.count()).where(_signed_by(multibase))) or 0


def _signed_by(multibase: str) -> Any:
    return Award.credential.contains(f"#{multibase}", autoescape=True)


def _issuer_line(issuer: Issuer) -> Line:
    did = issuers.did_of(issuer)
    standing = (Award.issuer_id == issuer.id, Award.revoked_at.is_(None))
    unsigned, here = Award.credential == "", Award.credential.contains(f'"{did}#', autoescape=True)
    counts = {
        name: db.session.scalar(select(func.count()).select_from(Award).where(*standing, *more)) or 0
        for name, more in (("badges", ()), ("elsewhere", (~unsigned, ~here)), ("waiting", (unsigned,)))
    }
    keys = _keys(issuer)
    leaked = sum(
        db.session.scalar(select(func.count()).where(*standing, _signed_by(key.public_multibase))) or 0
        for key in keys
        if key.leaked_at
    )
    events = select(IssuerEvent).filter_by(issuer_id=issuer.id).order_by(IssuerEvent.id.desc()).limit(20)
    return Line(
        issuer, did, tuple(keys), counts["badges"], counts["elsewhere"], counts["waiting"] + leaked,
        tuple(db.session.scalars(events)),
    )  # fmt: skip


def _keys(issuer: Issuer) -> list[IssuerKey]:
    query = select(IssuerKey).filter_by(issuer_id=issuer.id).order_by(IssuerKey.created_at, IssuerKey.id)
    return list(db.session.scalars(query))


def _note(issuer: Issuer, who: str, what: str) -> None:
    db.session.add(IssuerEvent(issuer_id=issuer.id, who=who, what=what))
    log.info("%s: issuer %s: %s", who, issuer.slug, what)
