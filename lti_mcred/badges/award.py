"""Awarding: from a final decision to one standing badge per person and version, whatever is retried."""

import logging
import secrets
from calendar import monthrange
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.badges import lists
from lti_mcred.badges.addresses import remember
from lti_mcred.badges.identity import issuer_of
from lti_mcred.badges.models import Award
from lti_mcred.badges.openbadges.attested import CredentialError
from lti_mcred.badges.openbadges.jsonld import DocumentError
from lti_mcred.badges.signing import UNSIGNABLE, NotVerifiedError, signed_text
from lti_mcred.catalog.library import definition_of
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Enrolment
from lti_mcred.grading.models import Decision
from lti_mcred.outbox import Done, GiveUp, Later, Outcome

log = logging.getLogger(__name__)
TOPIC = "decision.final"
# What the definition or the decision says must be corrected first; trying again by itself would not help.
_ONLY_PEOPLE_CURE = (CredentialError, DocumentError, NotVerifiedError)


def consider(payload: dict[str, Any]) -> Outcome:
    """Handle the news of a final decision, {"decision_id": id}: award a badge if one was earned.

    Safe to repeat. Whatever stands in the way is kept as words on the delivery, and tried again: at once when a person
    asks for it, by itself where waiting may help.
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
    return _try(decision, enrolment.person_id, enrolment.version_id)


def _try(decision: Decision, person_id: str, version_id: str) -> Outcome:
    decision_id = decision.id
    try:
        award(decision)
    except IntegrityError:  # another worker was quicker, or drew the same place in the list
        db.session.rollback()
        made = award_of(person_id, version_id)
        return Done() if made and made.revoked_at is None else Later("the status list was busy", 1)
    except UNSIGNABLE as error:
        db.session.rollback()
        words = f"the badge could not be signed: {error}"
        return GiveUp(words) if isinstance(error, _ONLY_PEOPLE_CURE) else Later(words)
    except Exception as error:
        db.session.rollback()
        log.exception("the badge of decision %s could not be made", decision_id)
        return Later(f"the badge could not be made: {type(error).__name__}: {error}"[:500])
    return Done()


def award_of(person_id: str, version_id: str) -> Award | None:
    """Return the badge of a person for a version: the one that stands, else the last withdrawn, else None."""
    rows = select(Award).filter_by(person_id=person_id, version_id=version_id)
    standing_first = rows.order_by(Award.revoked_at.is_not(None), Award.revoked_at.desc())
    return db.session.scalars(standing_first.limit(1)).first()


def award(decision: Decision) -> Award:
    """Return the standing badge for an earned decision, made, signed, verified and committed if there is none.

    Raises one of signing.UNSIGNABLE, or IntegrityError when another worker was quicker.
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
