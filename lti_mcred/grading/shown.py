"""Who reads an attempt without names now."""

from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt
from lti_mcred.grading.models import Assessment
from lti_mcred.grading.queue import Desk, contains
from lti_mcred.web.models import Visit


def reads_now(visit: Visit, attempt: Attempt) -> bool:
    """Whether the visit's person is scoring this attempt: not before she takes it, not after she lets go of it."""
    if "assessor" not in visit.granted or not contains(Desk.of(visit), attempt.id):
        return False
    hers = Assessment.attempt_id == attempt.id, Assessment.assessor_id == visit.person_id
    return db.session.scalar(select(Assessment.id).where(*hers, Assessment.state == "claimed")) is not None
