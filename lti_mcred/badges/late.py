"""Badges that were earned and could not be made yet, told to whom they concern. Nothing of them is lost."""

from typing import Any

from flask import render_template
from markupsafe import Markup
from sqlalchemy import Select, and_, or_, select

from lti_mcred.badges.award import TOPIC
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.outbox import OutboxRow


def late_for(person_id: str, version_id: str) -> bool:
    """Whether a person's badge of a version is held up by something that was kept with a reason."""
    hers = _late().where(Enrolment.person_id == person_id, Enrolment.version_id == version_id)
    return db.session.scalars(hers.limit(1)).first() is not None


def badges_late(resource_link_id: str) -> Markup:
    """Return a notice for teachers of a link whose learners' badges are held up, else nothing. For templates."""
    here = _late().join(Placement, Placement.enrolment_id == Enrolment.id)
    reasons = list(db.session.scalars(here.where(Placement.resource_link_id == resource_link_id).limit(20)))
    if not reasons:
        return Markup("")
    page = render_template("badges/_late.html", reasons=sorted(set(reasons)), count=len(reasons))
    return Markup(page)  # noqa: S704 - escaped by Jinja


def late_notice() -> Markup:
    """Return the notice for a learner whose badge is held up."""
    return Markup(render_template("badges/_late.html", reasons=[], count=1))  # noqa: S704 - escaped by Jinja


def _late() -> Select[Any]:
    tried = and_(OutboxRow.state == "waiting", OutboxRow.reason.is_not(None))
    return (
        select(OutboxRow.reason)
        .join(Attempt, Attempt.id == OutboxRow.key)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(OutboxRow.topic == TOPIC, or_(OutboxRow.state == "given_up", tried))
    )
