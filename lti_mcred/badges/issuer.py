"""Issuers: who signs, under which DID, with which key. Keys are made at first need and never forgotten."""

import hashlib
import re
import unicodedata
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.badges.attested import IssuerProfile
from lti_mcred.badges.keys import SigningKey, did_document, did_web, generate
from lti_mcred.badges.models import Issuer, IssuerKey
from lti_mcred.catalog.definition import IssuerInfo
from lti_mcred.db import db, utcnow
from lti_mcred.secretbox import seal, unseal
from lti_mcred.web.site import site

_LONGEST_SLUG = 64
_PURPOSE = "badge-signing-key"


def address(*path: str) -> str:
    """Return an absolute address of ours: address("status", "a") -> https://host/status/a."""
    return "/".join([site().public_url.rstrip("/"), *path])


def issuer_for(info: IssuerInfo) -> Issuer:
    """Return the issuer that a definition names, made and committed if it is new."""
    name = info.name or site().issuer_name
    slug = slug_of(name)
    if found := db.session.scalar(select(Issuer).filter_by(slug=slug)):
        return found
    db.session.add(Issuer(slug=slug, name=name, url=info.url or site().issuer_url or None, email=info.email))
    try:
        db.session.commit()
    except IntegrityError:  # another worker met the same issuer at this moment
        db.session.rollback()
    return db.session.scalars(select(Issuer).filter_by(slug=slug)).one()


def slug_of(name: str) -> str:
    """Return the issuer's part of its DID: letters a-z, digits, hyphens.

    A fingerprint for other alphabets.
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_SLUG].strip("-")
    return slug if len(slug) > 2 else "issuer-" + hashlib.sha256(name.encode()).hexdigest()[:12]


def did_of(issuer: Issuer) -> str:
    """Return did:web:<host>:issuers:<slug>."""
    return did_web(site().public_url, "issuers", issuer.slug)


def profile_of(issuer: Issuer) -> IssuerProfile:
    """Return the issuer as the credential names it."""
    return IssuerProfile(did_of(issuer), issuer.name, issuer.url or "", issuer.email or "")


def signing_key(issuer: Issuer) -> SigningKey:
    """Return the key that signs now, made and committed at first need. Raises SealBroken."""
    query = select(IssuerKey).filter_by(issuer_id=issuer.id, retired_at=None).order_by(IssuerKey.created_at)
    row = db.session.scalars(query).first() or _new_key(issuer)
    seed = bytes.fromhex(unseal(site().secret_key, _PURPOSE, row.private_encrypted))
    return SigningKey(did_of(issuer), Ed25519PrivateKey.from_private_bytes(seed))


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


def issuer_document(slug: str) -> dict[str, Any] | None:
    """Return the DID document of one of our issuers, with every key that it ever had.

    None when there is none.
    """
    issuer = db.session.scalar(select(Issuer).filter_by(slug=slug))
    if issuer is None:
        return None
    keys = select(IssuerKey.public_multibase).filter_by(issuer_id=issuer.id).order_by(IssuerKey.created_at)
    return did_document(did_of(issuer), db.session.scalars(keys))


def host_document() -> dict[str, Any]:
    """Return the DID document of the host itself: it signs nothing, and names the issuers that live here."""
    dids = [did_of(issuer) for issuer in db.session.scalars(select(Issuer).order_by(Issuer.slug))]
    document: dict[str, Any] = {"@context": ["https://www.w3.org/ns/did/v1"], "id": did_web(site().public_url)}
    return {**document, "alsoKnownAs": dids} if dids else document


def our_issuer_slug(did: str) -> str | None:
    """Return the slug in a DID of this host, None for anybody else's."""
    prefix = did_web(site().public_url, "issuers") + ":"
    return did.removeprefix(prefix) if did.startswith(prefix) else None


def is_ours(url: str) -> bool:
    """Whether an address is on this host (scheme, host and port)."""
    ours = urlsplit(site().public_url)
    try:
        given = urlsplit(url)
    except ValueError:  # a bracket without its partner
        return False
    return (given.scheme, given.netloc.lower()) == (ours.scheme, ours.netloc.lower())
