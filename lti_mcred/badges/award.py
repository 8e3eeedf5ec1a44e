"""Awarding: from a final decision to one standing badge per person and version, whatever is retried."""

import json
import logging
import secrets
import uuid
from calendar import monthrange
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.badges import attested, credential, lists
from lti_mcred.badges.achievement import achievement_of
from lti_mcred.badges.addresses import address, remember
from lti_mcred.badges.identity import issuer_of
from lti_mcred.badges.issuer import profile_of, signing_key
from lti_mcred.badges.models import Award
from lti_mcred.badges.proof import sign
from lti_mcred.badges.reading import read_badge
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.verification import Verdict
from lti_mcred.badges.verify import verify
from lti_mcred.catalog.library import definition_of
from lti_mcred.catalog.models import Version
from lti_mcred.db import db, utcnow
from lti_mcred.evidence.models import Enrolment
from lti_mcred.grading.models import Decision
from lti_mcred.outbox import Done, GiveUp, Later, Outcome

log = logging.getLogger(__name__)
TOPIC = "decision.final"


class NotVerifiedError(Exception):
    """A badge that we had just signed did not pass our own verification; it is not stored."""


def consider(payload: dict[str, Any]) -> Outcome:
    """Handle the news of a final decision, {"decision_id": id}: award a badge if one was earned.

    Safe to repeat.
    """
    decision = db.session.get(Decision, str(payload.get("decision_id")))
    if decision is None:
        return GiveUp("the decision does not exist")
    if decision.outcome != "earned" or not _is_latest(decision) or _was_awarded(decision):
        return Done()
    enrolment = decision.attempt.enrolment
    if enrolment.person.is_test_user:
        log.info("no badge for the test user of decision %s", decision.id)
        return Done()
    try:
        award(decision)
    except attested.CredentialError as error:  # the definition or the decision must be corrected first
        return GiveUp(str(error))
    except IntegrityError:  # another worker was quicker, or drew the same place in the list
        db.session.rollback()
        return Done() if award_of(enrolment.person_id, enrolment.version_id) else Later("the status list was busy", 1)
    return Done()


def award_of(person_id: str, version_id: str) -> Award | None:
    """Return the badge of a person for a version: the one that stands, else the last withdrawn, else None."""
    rows = select(Award).filter_by(person_id=person_id, version_id=version_id)
    standing_first = rows.order_by(Award.revoked_at.is_not(None), Award.revoked_at.desc())
    return db.session.scalars(standing_first.limit(1)).first()


def award(decision: Decision) -> Award:
    """Return the standing badge for an earned decision, made, signed, verified and committed if there is none.

    Raises CredentialError, NotVerifiedError, SealBroken, or IntegrityError when another worker was quicker.
    """
    enrolment: Enrolment = decision.attempt.enrolment
    if (known := award_of(enrolment.person_id, enrolment.version_id)) and known.revoked_at is None:
        return known
    definition = definition_of(enrolment.version)
    issuer = issuer_of(enrolment.version)
    remember()
    place = lists.open_list(issuer)
    now = utcnow().replace(microsecond=0)
    months = definition.badge.expires_after_months
    row = Award(
        id=secrets.token_urlsafe(32),
        person_id=enrolment.person_id,
        version_id=enrolment.version_id,
        decision_id=decision.id,
        issuer_id=issuer.id,
        status_list_id=place.id,
        status_index=lists.draw(place),
        awarded_at=min(decision.decided_at, now),
        valid_until=add_months(now, months) if months else None,
    )
    row.issuer = issuer
    row.credential = signed_text(row, enrolment.version, decision, now)
    db.session.add(row)
    db.session.commit()
    return row


def award_anew(award_id: str) -> Award:
    """Make a new badge in the place of a withdrawn one, from the same decision, and commit.

    Raises LookupError when there is none, and ValueError when it stands or when the decision no longer says earned.
    """
    withdrawn = db.session.get(Award, award_id)
    if withdrawn is None:
        message = "there is no such badge"
        raise LookupError(message)
    if withdrawn.revoked_at is None:
        message = "this badge stands; withdraw it first"
        raise ValueError(message)
    decision = db.session.get_one(Decision, withdrawn.decision_id)
    if not _is_latest(decision):
        message = "a later decision says otherwise about this work"
        raise ValueError(message)
    return award(decision)


def signed_text(row: Award, version: Version, decision: Decision, now: datetime, name: str = "") -> str:
    """Return the credential of an award as signed JSON text, after it has passed our own verification.

    `name` is the holder's, if the holder chose to show it.

    Raises NotVerifiedError.
    """
    given = attested.Award(
        id=credential_url(row.id),
        subject_id=uuid.uuid5(uuid.NAMESPACE_URL, credential_url(row.id) + "#subject").urn,
        valid_from=now,
        awarded_at=row.awarded_at,
        valid_until=row.valid_until,
        status=attested.StatusEntry(lists.list_url(row.status_list_id), row.status_index),
        levels={key: mark["level"] for key, mark in decision.criteria.items() if mark.get("level")},
        name=name,
    )
    document = credential.build_credential(profile_of(row.issuer), achievement_of(version), given)
    text = json.dumps(sign(document, signing_key(row.issuer), now), ensure_ascii=False)
    found = verify(read_badge(text.encode()), LocalResolver(), utcnow())
    if found.verdict is not Verdict.VALID:
        words = "; ".join(check.words for check in found.checks)
        message = f"a new badge is {found.verdict}: {words}"
        raise NotVerifiedError(message)
    return text


def credential_url(award_id: str) -> str:
    """Return the address of an award: its id in the credential, and its page."""
    return address("credentials", award_id)


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day of the month later, or the month's last day (31 January + 1 month = 28 February)."""
    index = moment.month - 1 + months
    year, month = moment.year + index // 12, index % 12 + 1
    day = min(moment.day, monthrange(year, month)[1])
    return moment.astimezone(UTC).replace(year=year, month=month, day=day)


def _was_awarded(decision: Decision) -> bool:
    """Whether a badge came of it, also one that was withdrawn since: only a person awards anew."""
    return db.session.scalar(select(Award.id).filter_by(decision_id=decision.id).limit(1)) is not None


def _is_latest(decision: Decision) -> bool:
    later = select(Decision.id).where(Decision.attempt_id == decision.attempt_id, Decision.sequence > decision.sequence)
    return db.session.scalars(later).first() is None
