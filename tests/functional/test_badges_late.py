"""An earned badge that could not be made is told to its learner and her teacher, until it is made."""

from flask import Flask, g
from flask.testing import FlaskClient
from sqlalchemy.orm.attributes import flag_modified

from lti_mcred import outbox
from lti_mcred.badges.award import TOPIC, consider
from lti_mcred.badges.panel import badge_panel
from lti_mcred.engine.db import db
from lti_mcred.grading.models import Decision
from lti_mcred.web.models import Visit
from tests import factories

HTML = {"Accept": "text/html"}


def hers_page(app: Flask, visit_id: str, version_id: str) -> str:
    """Return what the learner's pages say about her badge."""
    with app.test_request_context():
        g.visit = db.session.get_one(Visit, visit_id)
        return str(badge_panel(version_id))


def test_a_badge_that_could_not_be_made_is_told_to_learner_and_teacher(app: Flask, client: FlaskClient) -> None:
    course, version = factories.course(), factories.version()
    link = factories.resource_link(course, factories.activity(version, course))
    learner, teacher = factories.person(course), factories.person(course, name="Tess Teacher")
    enrolment = factories.enrolment(learner, version, link, state="earned")
    attempt = factories.submitted_attempt(enrolment, state="decided")
    definition = factories.example()
    levels = {row.id: {"level": "nonsense", "met": True, "comment": "Good."} for row in definition.rubric.criteria}
    decision = Decision(attempt_id=attempt.id, outcome="earned", criteria=levels)
    db.session.add(decision)
    db.session.flush()
    news = outbox.put(TOPIC, attempt.id, {"decision_id": decision.id})
    hers = factories.visit(learner, course, "learner", link=link)
    his = factories.visit(teacher, course, "teacher", link=link)
    db.session.commit()
    asked = client.get(f"/v/{his.id}/course", headers={**HTML, **factories.auth(his)}).get_data(as_text=True)
    assert "could not be made yet" not in asked
    outcome = consider(news.payload)
    assert isinstance(outcome, outbox.GiveUp)
    news.state, news.reason = "given_up", outcome.reason
    db.session.commit()
    asked = client.get(f"/v/{his.id}/course", headers={**HTML, **factories.auth(his)}).get_data(as_text=True)
    assert "1 badge could not be made yet" in asked
    assert "has no level" in asked
    assert "Your badge is late" in hers_page(app, hers.id, version.id)
    for mark in levels.values():
        mark["level"] = definition.rubric.levels[-1].id
    decision.criteria = dict(levels)
    flag_modified(decision, "criteria")
    db.session.commit()
    outbox.deliver_now(news.id)
    assert consider(news.payload) == outbox.Done()
    assert "Your badge is late" not in hers_page(app, hers.id, version.id)
