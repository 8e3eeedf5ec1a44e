"""A teacher or an assistant asks to assess, and an administrator answers; she reads the answer at her next launch."""

import logging
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select, update

from lti_mcred.engine.db import changed, db, new_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.people.grants import grant
from lti_mcred.people.models import Person, RoleRequest
from lti_mcred.people.roles import ASSESSOR
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.web.models import Visit

log = logging.getLogger(__name__)
_MOST = 100


def may_ask(visit: Visit) -> bool:
    """Whether she may ask: staff of the course who does not learn in it, and does not assess yet."""
    staff = visit.has_role("teacher", "assistant") and not visit.has_role("learner")
    return staff and ASSESSOR not in visit.granted and not visit.launch.get("test_user")


def standing(visit: Visit) -> RoleRequest | None:
    """Return what became of the last time that she asked, None when she never did."""
    return db.session.scalar(select(RoleRequest).filter_by(person_id=visit.person_id, role=ASSESSOR))


def ask_for_role(visit: Visit) -> None:
    """Ask, or ask again after an answer. One person has one request. Commits."""
    values = {"course_id": visit.course_id, "state": "waiting", "asked_at": utcnow(), "decided_at": None}
    upsert(RoleRequest, {"person_id": visit.person_id, "role": ASSESSOR}, {"id": new_id(), **values}, values)
    db.session.commit()
    log.info("person %s asks to assess", visit.person_id)


def waiting(deployment_id: str | None = None) -> Sequence[RoleRequest]:
    """Return requests that wait for an answer, the oldest first; of one installation, or of all that may launch."""
    query = _open_requests().order_by(RoleRequest.asked_at, RoleRequest.id).limit(_MOST)
    return list(db.session.scalars(query.where(Deployment.id == deployment_id) if deployment_id else query))


def answer(request: RoleRequest, *, approve: bool) -> bool:
    """Approve or decline what waits still; False when somebody else was quicker, whose word stands. Commits."""
    waits = update(RoleRequest).where(RoleRequest.id == request.id, RoleRequest.state == "waiting")
    said = {"state": "approved" if approve else "declined", "decided_at": utcnow()}
    if not changed(waits.values(**said)):
        db.session.rollback()
        return False
    if approve:
        grant(request.person, request.role)
    db.session.commit()
    return True


def _open_requests() -> Select[Any]:
    return (
        select(RoleRequest)
        .join(Person, Person.id == RoleRequest.person_id)
        .join(Deployment, Deployment.id == Person.deployment_id)
        .join(Platform, Platform.id == Deployment.platform_id)
        .where(RoleRequest.state == "waiting", Deployment.state == "active", Platform.state == "active")
    )
