"""Two presses, two tabs, two courses at the same moment: one outcome."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db
from lti_mcred.evidence.find import work_of
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.evidence.revise import revise
from lti_mcred.evidence.start import start
from lti_mcred.outbox import OutboxRow
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.web.models import Visit
from tests import factories
from tests.evidence_helpers import Learner, decide, make_learner


@pytest.fixture
def request_of(app: Flask) -> Iterator[None]:
    """Inside a request, where sentences have a language."""
    with app.test_request_context():
        yield


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_start_that_another_tab_overtook_finds_what_that_tab_made(app: Flask, request_of: None) -> None:
    learner = make_learner(app)
    visit = db.session.get(Visit, learner.visit.id)
    assert visit
    stale = work_of(visit)
    first = start(stale)
    second = start(stale)
    assert (count(Enrolment), count(Attempt), count(Placement)) == (1, 1, 1)
    assert first.enrolment is second.enrolment


def test_a_revision_that_another_tab_overtook_finds_the_same_draft(app: Flask, request_of: None) -> None:
    learner = make_learner(app).start().fill()
    learner.hand_in()
    decide(app, learner, "not_yet", "C4")
    visit = db.session.get(Visit, learner.visit.id)
    assert visit
    stale = work_of(visit)
    assert revise(stale).id == revise(stale).id
    assert count(Attempt) == 2


def test_opening_it_in_a_second_course_after_handing_in_tells_that_courses_column(app: Flask) -> None:
    learner = make_learner(app).start().fill()
    learner.hand_in()
    course = factories.course(platform_of(learner.link.course).deployments[0])
    link = factories.resource_link(course, factories.activity(learner.attempt().enrolment.version, course))
    visit = factories.visit(learner.person, course, link=link)
    db.session.commit()
    there = Learner(app.test_client(), visit, learner.person, link, learner.definition).start().start()
    placement = db.session.scalars(select(Placement).filter_by(resource_link_id=link.id)).one()
    rows = db.session.scalars(select(OutboxRow).filter_by(topic="placement.added")).all()
    assert [row.payload for row in rows] == [{"placement_id": placement.id}]
    assert there.get().text.count("Decision by")


def test_a_receipt_number_that_is_taken_is_drawn_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    draws = iter("A" * 8 + "A" * 8 + "B" * 8)
    rigged = SimpleNamespace(choice=lambda _alphabet: next(draws))
    monkeypatch.setattr("lti_mcred.evidence.submit.secrets", rigged)
    one, two = make_learner(app).start().fill(), make_learner(app).start().fill()
    one.hand_in()
    assert two.hand_in().status_code == 303
    assert (one.attempt().receipt, two.attempt().receipt) == ("AAAA-AAAA", "BBBB-BBBB")
    assert two.attempt().state == "submitted"
    assert two.attempt().due_at
