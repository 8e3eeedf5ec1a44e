"""The addresses under which badges were issued: today's, and former ones, to which badges given away still point."""

from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.badges.models import IssuingAddress
from lti_mcred.engine.db import db
from lti_mcred.services import site


def current() -> str:
    """Return today's address, without a slash at its end."""
    return site().public_url.rstrip("/")


def address(*path: str, base: str = "") -> str:
    """Return an absolute address of ours: address("status", "a") -> https://host/status/a. `base`: a former one."""
    return "/".join([base or current(), *path])


def remember() -> None:
    """Note that badges are issued under today's address, and commit; safe to repeat."""
    if db.session.get(IssuingAddress, current()) is None:
        db.session.add(IssuingAddress(address=current()))
        try:
            db.session.commit()
        except IntegrityError:  # another worker noted it at this moment
            db.session.rollback()


def former() -> list[str]:
    """Return the other addresses under which badges were issued, the oldest first."""
    known = select(IssuingAddress.address).where(IssuingAddress.address != current())
    return list(db.session.scalars(known.order_by(IssuingAddress.first_at, IssuingAddress.address)))


def asked_for(host: str) -> str:
    """Return the address whose host a request named (its Host header): a former one that still leads here, or ours."""
    host = host.lower()
    if host == urlsplit(current()).netloc.lower():
        return current()
    return next((base for base in former() if urlsplit(base).netloc.lower() == host), current())


def is_ours(url: str) -> bool:
    """Whether an address is on this host (scheme, host and port)."""
    ours = urlsplit(current())
    try:
        given = urlsplit(url)
    except ValueError:  # a bracket without its partner
        return False
    return (given.scheme, given.netloc.lower()) == (ours.scheme, ours.netloc.lower())
