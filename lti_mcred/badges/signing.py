"""The signed text of an award: written, signed, checked by our own verification; signed again where it must be."""

import json
import logging
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select, update

from lti_mcred.badges import lists
from lti_mcred.badges.achievement import achievement_of
from lti_mcred.badges.addresses import address
from lti_mcred.badges.issuer import profile_of, signing_key
from lti_mcred.badges.models import Award, IssuerKey
from lti_mcred.badges.openbadges import attested, credential
from lti_mcred.badges.openbadges.jsonld import DocumentError
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.verifier.reading import read_badge
from lti_mcred.badges.verifier.summary import summarize
from lti_mcred.badges.verifier.verification import Verdict, Verification
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.grading.models import Decision
from lti_mcred.secretbox import SealBroken

log = logging.getLogger(__name__)
_MOST_TRIES = 3


class NotVerifiedError(Exception):
    """A badge that we had just signed did not pass our own verification; it is not stored."""


# Why a badge cannot be signed now; each says in words what must be corrected.
UNSIGNABLE = (attested.CredentialError, DocumentError, NotVerifiedError, SealBroken)


def credential_url(award_id: str) -> str:
    """Return the address of an award: its id in the credential, and its page."""
    return address("credentials", award_id)


def signed_text(row: Award, version: Version, decision: Decision, now: datetime, name: str = "") -> str:
    """Return the credential of an award as signed JSON text, after it has passed our own verification.

    `name` is the holder's, if the holder chose to show it.

    Raises one of UNSIGNABLE.
    """
    document = _document(row, version, decision, now, name)
    text = json.dumps(sign(document, signing_key(row.issuer), now), ensure_ascii=False)
    found = verify(read_badge(text.encode()), LocalResolver(), utcnow())
    if found.verdict is not _expected(row, now):
        words = "; ".join(check.words for check in found.checks)
        message = f"a new badge is {found.verdict}: {words}"
        raise NotVerifiedError(message)
    return text


def signed_text_of(row: Award) -> str:
    """Return the signed credential of an award, signed again where its text is missing or its key was taken out.

    Raises one of UNSIGNABLE.
    """
    return row.credential if row.credential and not _by_a_leaked_key(row) else sign_again(row)


def sign_again(row: Award) -> str:
    """Sign an award anew, under today's address and key, and commit; return the text. Id, place and dates stay.

    Raises one of UNSIGNABLE.
    """
    for _try in range(_MOST_TRIES):
        before, name = row.credential, row.shown_name
        version, decision = db.session.get_one(Version, row.version_id), db.session.get_one(Decision, row.decision_id)
        text = signed_text(row, version, decision, utcnow().replace(microsecond=0), name or "")
        # Only if the holder's choice, or a withdrawal, did not change what it must say.
        same = (Award.id == row.id, Award.credential == before, Award.shown_name.is_not_distinct_from(name))
        kept = changed(update(Award).where(*same).values(credential=text))
        db.session.commit()
        db.session.refresh(row)
        if kept:
            return text
        if row.credential:
            return row.credential
    message = "the badge is being changed at this moment; try again"
    raise NotVerifiedError(message)


def try_to_sign_again(row: Award) -> None:
    """Sign an award anew, or leave that to the next time that somebody asks for it."""
    try:
        sign_again(row)
    except UNSIGNABLE as error:
        db.session.rollback()
        log.error("badge %s cannot be signed now: %s", row.id, error)


def verification_of(row: Award) -> Verification:
    """Return what pages say about an award: checked from its signed text, and withdrawn where our records say so."""
    try:
        found = verify(read_badge(signed_text_of(row).encode()), LocalResolver(), utcnow())
    except UNSIGNABLE as error:
        db.session.rollback()
        log.error("badge %s cannot be signed now: %s", row.id, error)
        found = Verification(Verdict.UNCONFIRMED, (), utcnow(), summarize(_unsigned(row)))
    verdict = Verdict.REVOKED if row.revoked_at else found.verdict
    return Verification(verdict, found.checks, found.checked_at, found.badge)


def _document(row: Award, version: Version, decision: Decision, now: datetime, name: str) -> dict[str, object]:
    ended = row.valid_until is not None and row.valid_until <= now
    given = attested.Award(
        id=credential_url(row.id),
        subject_id=uuid.uuid5(uuid.NAMESPACE_URL, credential_url(row.id) + "#subject").urn,
        valid_from=row.valid_until - timedelta(seconds=1) if row.valid_until and ended else now,
        awarded_at=row.awarded_at,
        valid_until=row.valid_until,
        status=attested.StatusEntry(lists.list_url(row.status_list_id), row.status_index),
        levels={key: mark["level"] for key, mark in decision.criteria.items() if mark.get("level")},
        name=name,
    )
    return credential.build_credential(profile_of(row.issuer), achievement_of(version), given)


def _unsigned(row: Award) -> dict[str, object]:
    """Return what a badge that cannot be signed would say; without what is wrong with it, where that is in the way."""
    version, decision = db.session.get_one(Version, row.version_id), db.session.get_one(Decision, row.decision_id)
    try:
        return _document(row, version, decision, utcnow().replace(microsecond=0), row.shown_name or "")
    except attested.CredentialError:
        return {"name": version.title}


def _expected(row: Award, now: datetime) -> Verdict:
    if row.revoked_at:
        return Verdict.REVOKED
    return Verdict.EXPIRED if row.valid_until and row.valid_until <= now else Verdict.VALID


def _by_a_leaked_key(row: Award) -> bool:
    leaked = select(IssuerKey.public_multibase).where(
        IssuerKey.issuer_id == row.issuer_id, IssuerKey.leaked_at.is_not(None)
    )
    return any(multibase in row.credential for multibase in db.session.scalars(leaked))
