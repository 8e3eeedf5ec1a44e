"""Scores delivered per second to the practice LMS by one worker: from the decisions' commit to the last answer."""

import time
from pathlib import Path

from sqlalchemy import func, select

from lti_mcred.app import create_app
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import close_connections, db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.grading import ledger
from lti_mcred.grading.models import Decision, LedgerEntry
from lti_mcred.grading.rubric import Points
from lti_mcred.people.models import Person
from lti_mcred.settings import Settings
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.trial.demo import stack
from lti_mcred.trial.robot import Robot
from lti_mcred.trial.story import Story
from tests.ports import two_free_ports

COUNT = 200
_PATIENCE_SECONDS = 300


def measure(folder: Path) -> tuple[float, int]:
    """Return (scores per second, how many were delivered): COUNT decided attempts of one course, all due at once."""
    with stack(folder, *two_free_ports(), lambda _line: None) as running:
        story = Story(running, "canvas")
        for _what, action in story.steps()[:3]:
            action()
        Robot().put_json(f"{story.practice}/control/enrol", {"count": COUNT})
        people = Robot().get(f"{story.practice}/control/people", Accept="application/json").json()
        learners = [one["sub"] for one in people if one["role"] == "learner" and not one["key"].startswith("learner-")]
        started = time.perf_counter()
        _decide(running.settings, learners[:COUNT])
        return _wait(running.settings, started, min(COUNT, len(learners)))


def _decide(settings: Settings, learners: list[str]) -> None:
    """Write the decisions and what they owe in one commit, as the assessor's desk does for each."""
    app = create_app(settings)
    with app.app_context():
        link = db.session.scalars(select(ResourceLink).where(ResourceLink.lineitem_url.is_not(None))).first()
        version = db.session.scalars(select(Version)).first()
        assert link
        assert version
        for sub in learners:
            person = Person(deployment_id=link.course.deployment_id, sub=sub)
            db.session.add(person)
            db.session.flush()
            enrolment = Enrolment(person_id=person.id, version_id=version.id, state="earned")
            db.session.add(enrolment)
            db.session.flush()
            attempt = Attempt(enrolment=enrolment, number=1, state="decided", submitted_at=utcnow(), locked={})
            db.session.add_all([attempt, Placement(enrolment=enrolment, resource_link=link)])
            db.session.flush()
            decision = Decision(attempt=attempt, outcome="earned", criteria={})
            db.session.add(decision)
            db.session.flush()
            ledger.owe_decision(decision, Points(5, 5), "You earned it: 5 of 5 criteria are met.")
        db.session.commit()
        db.session.remove()
        close_connections()


def _wait(settings: Settings, started: float, wanted: int) -> tuple[float, int]:
    app = create_app(settings)
    sent = 0
    with app.app_context():
        while sent < wanted and time.perf_counter() - started < _PATIENCE_SECONDS:
            time.sleep(0.1)
            sent = db.session.scalar(select(func.count()).select_from(LedgerEntry).filter_by(state="sent")) or 0
            db.session.rollback()
        took = time.perf_counter() - started
        db.session.remove()
        close_connections()
    if sent < wanted:
        message = f"only {sent} of {wanted} scores arrived within {_PATIENCE_SECONDS} s"
        raise RuntimeError(message)
    return sent / took, sent
