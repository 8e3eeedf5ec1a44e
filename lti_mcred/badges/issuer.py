"""Issuers: who signs, under which DID, with which key. Keys are made at first need and never forgotten."""

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from lti_mcred.badges.addresses import current, former
from lti_mcred.badges.models import Issuer, IssuerKey
from lti_mcred.badges.openbadges.attested import IssuerProfile
from lti_mcred.badges.openbadges.described import profile
from lti_mcred.badges.openbadges.keys import SigningKey, did_document, did_web, generate
from lti_mcred.engine.db import db, utcnow
from lti_mcred.secretbox import seal, unseal
from lti_mcred.services import site

_PURPOSE = "badge-signing-key"


def did_of(issuer: Issuer, base: str = "") -> str:
    """Return did:web:<host>:issuers:<slug>, of today's address or of a former one."""
    return did_web(base or current(), "issuers", issuer.slug)


def profile_of(issuer: Issuer) -> IssuerProfile:
    """Return the issuer as the credential names it."""
    return profile(did_of(issuer), issuer.name, issuer.url, issuer.email)


def signing_key(issuer: Issuer, base: str = "") -> SigningKey:
    """Return the key that signs now, made and committed at first need. Raises SealBroken."""
    row = _signing_row(issuer) or _new_key(issuer)
    seed = bytes.fromhex(unseal(site().secret_key, _PURPOSE, row.private_encrypted))
    return SigningKey(did_of(issuer, base), Ed25519PrivateKey.from_private_bytes(seed))


def signing_method(issuer: Issuer) -> str | None:
    """Return the verification method that signs now (DID and key), without opening the key. None: no key yet."""
    row = _signing_row(issuer)
    return f"{did_of(issuer)}#{row.public_multibase}" if row else None


def _signing_row(issuer: Issuer) -> IssuerKey | None:
    query = select(IssuerKey).filter_by(issuer_id=issuer.id, retired_at=None).order_by(IssuerKey.created_at)
    return db.session.scalars(query).first()


def rotate(issuer: Issuer) -> SigningKey:
    """Let a new key sign from now on. The old ones stay published, because their badges live on."""
    for row in issuer.keys:
        row.retired_at = row.retired_at or utcnow()
    _new_key(issuer)
    db.session.refresh(issuer)
    return signing_key(issuer)


def _new_key(issuer: Issuer) -> IssuerKey:
    key = generate(did_of(issuer))
    multibase = key.public_multibase
    sealed = seal(site().secret_key, _PURPOSE, key.private.private_bytes_raw().hex())
    row = IssuerKey(issuer_id=issuer.id, public_multibase=multibase, private_encrypted=sealed)
    db.session.add(row)
    db.session.commit()
    return row


def issuer_document(slug: str, base: str = "") -> dict[str, Any] | None:
    """Return the DID document of one of our issuers, with every key that still counts.

    None when there is none.
    """
    issuer = db.session.scalar(select(Issuer).filter_by(slug=slug))
    if issuer is None:
        return None
    keys = select(IssuerKey.public_multibase).filter_by(issuer_id=issuer.id, leaked_at=None)
    return did_document(did_of(issuer, base), db.session.scalars(keys.order_by(IssuerKey.created_at)))


def did_document_of(did: str) -> dict[str, Any] | None:
    """Return the DID document of a DID of ours, under today's address or a former one; None for anybody else's."""
    for base in (current(), *former()):
        if did.startswith(prefix := _prefix(base)):
            return issuer_document(did.removeprefix(prefix), base)
    return None


def is_our_did(did: str) -> bool:
    """Whether a DID lies under today's address or a former one, whoever it names there."""
    return any(did.startswith(_prefix(base)) for base in (current(), *former()))


def _prefix(base: str) -> str:
    return did_web(base, "issuers") + ":"


def host_document(base: str = "") -> dict[str, Any]:
    """Return the DID document of the host itself: it signs nothing, and names the issuers that live here."""
    dids = [did_of(issuer, base) for issuer in db.session.scalars(select(Issuer).order_by(Issuer.slug))]
    document: dict[str, Any] = {"@context": ["https://www.w3.org/ns/did/v1"], "id": did_web(base or current())}
    return {**document, "alsoKnownAs": dids} if dids else document
