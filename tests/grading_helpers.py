"""A small course with an assessor, and an LMS that can be made to refuse: for the tests of the grading room."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt
from lti_mcred.grading.models import Assessment, LedgerEntry
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.wire import FoundColumn, NotNow, Posted, Result
from lti_mcred.outbox import Outcome
from lti_mcred.people.models import Course, Person
from lti_mcred.services import site
from lti_mcred.tool.known.models import Platform, ResourceLink
from lti_mcred.tool.profiles import Delivery, Score, profile_named
from lti_mcred.tool.protocol.services_asked import RESULT_READ, SCORE
from lti_mcred.web.models import Visit
from tests import factories

SECRETS = ("Zebulon", "Quasimodo", "Secretcourse", "SC-101")


@dataclass
class World:
    """One course with a link, a learner, a teacher and an assessor."""

    course: Course
    version: Version
    activity: Activity
    link: ResourceLink
    learner: Person
    teacher: Person
    assessor: Person

    @property
    def definition(self) -> Definition:
        return Definition.model_validate(self.version.document)

    def attempt(self, who: Person | None = None, **given: Any) -> Attempt:
        enrolment = factories.enrolment(who or self.learner, self.version, self.link, state="submitted")
        attempt: Attempt = factories.submitted_attempt(enrolment, **given)
        db.session.commit()
        return attempt

    def desk(self) -> Visit:
        visit = factories.visit(self.assessor, self.course, "learner", link=self.link, granted=("assessor",))
        db.session.commit()
        return visit

    def teaching(self) -> Visit:
        visit = factories.visit(self.teacher, self.course, "teacher", link=self.link)
        db.session.commit()
        return visit

    def learning(self) -> Visit:
        visit = factories.visit(self.learner, self.course, "learner", link=self.link)
        db.session.commit()
        return visit


def world(profile: str = "canvas", definition: Definition | None = None, of: Platform | None = None) -> World:
    """Return a committed world whose learner and course carry names that no assessor may see."""
    deployment = factories.deployment(of or factories.platform(profile=profile))
    course = factories.course(deployment, title="Secretcourse", label="SC-101", scopes=[SCORE, RESULT_READ])
    version = db.session.scalar(select(Version)) if definition is None else None
    version = version or factories.version(definition)
    activity = factories.activity(version, course)
    link = factories.resource_link(course, activity)
    learner = factories.person(course, name="Zebulon Quasimodo", given_name="Zebulon", family_name="Quasimodo")
    teacher = factories.person(course, name="Tamsin Teacher", given_name="Tamsin", family_name="Teacher")
    assessor = factories.person(course, name="Ana Assessor", given_name="Ana", family_name="Assessor")
    factories.membership(learner, course, "learner")
    factories.membership(teacher, course, "teacher")
    factories.grant(assessor)
    db.session.commit()
    return World(course, version, activity, link, learner, teacher, assessor)


@dataclass
class Browser:
    """A client that walks inside one visit."""

    client: FlaskClient
    visit: Visit

    def __post_init__(self) -> None:
        self.visit_id, self.headers = self.visit.id, factories.auth(self.visit)

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.client.get(f"/v/{self.visit_id}{path}", headers=self.headers, **more)

    def post(
        self, path: str, data: dict[str, Any] | None = None, accept: str = "text/html", **more: Any
    ) -> TestResponse:
        headers = {**self.headers, "Accept": accept}
        return self.client.post(f"/v/{self.visit_id}{path}", data=data or {}, headers=headers, **more)


def marks_form(world: World, level: str = "demonstrated", revision: int = 0, **levels: str) -> dict[str, str]:
    """Return a whole scoring form: every criterion at `level` but those that are named, each with a comment."""
    form = {"revision": str(revision)}
    for criterion in world.definition.rubric.criteria:
        form[f"level_{criterion.id}"] = levels.get(criterion.id, level)
        form[f"comment_{criterion.id}"] = f"Comment on {criterion.id}."
        form[f"pointer_{criterion.id}"] = "page 2"
    return form


def taken(browser: Browser) -> Assessment:
    """Press "Take next" and return the assessment."""
    answer = browser.post("/assess/take")
    assert answer.status_code == 303
    found = db.session.get(Assessment, answer.location.rsplit("/", 1)[-1])
    assert found is not None
    return found


def decided(world: World, client: FlaskClient, **levels: str) -> Attempt:
    """Let the assessor decide the attempt that is due first, through the pages; return it."""
    browser = Browser(client, world.desk())
    assessment = taken(browser)
    path = f"/assess/{assessment.id}"
    assert browser.post(path, {**marks_form(world, **levels), "then": "finish"}).status_code == 303
    assert browser.post(f"{path}/submit", {"revision": "1"}).status_code == 303
    db.session.expire_all()
    attempt = db.session.get(Attempt, assessment.attempt_id)
    assert attempt is not None
    return attempt


SENT = Posted(Delivery("sent"), 200, "")


@dataclass
class FakeWire:
    """An LMS in memory. `answers` are given in turn, then SENT; `held` is what the column shows for each learner."""

    answers: list[Posted] = field(default_factory=list)
    held: dict[str, Result] = field(default_factory=dict)
    posts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    reads: int = 0
    after_post: Callable[[], None] | None = None
    stores: bool = True
    unreadable: Delivery | None = None
    listed: list[FoundColumn] = field(default_factory=list)
    unlisted: Delivery | None = None

    def body(self, platform: Platform, score: Score) -> dict[str, Any] | None:
        return profile_named(platform.profile).score_body(score)

    def next_timestamp(self, platform: Platform, now: datetime, last: datetime | None) -> datetime:
        return profile_named(platform.profile).next_timestamp(now, last)

    def proviso(self, platform: Platform, body: dict[str, Any]) -> str:
        return profile_named(platform.profile).proviso(body)

    def post(self, course: Course, lineitem_url: str, body: dict[str, Any]) -> Posted:
        self.posts.append((lineitem_url, body))
        answer = self.answers.pop(0) if self.answers else SENT
        if self.stores and answer.delivery.state == "sent" and "scoreGiven" in body:
            self.held[body["userId"]] = Result(body["scoreGiven"], body["scoreMaximum"], body["comment"])
        if self.after_post:
            self.after_post()
        return answer

    def result(self, course: Course, lineitem_url: str, user_id: str) -> Result | None:
        self.reads += 1
        if self.unreadable:
            raise NotNow(self.unreadable)
        return self.held.get(user_id, Result(None, None))

    def columns(self, course: Course, resource_link_id: str) -> list[FoundColumn]:
        if self.unlisted:
            raise NotNow(self.unlisted)
        return self.listed


def deliver(app: Flask, wire: FakeWire, entry: LedgerEntry) -> Outcome:
    """Run the handler for one row as a worker would, and forget what the session knew."""
    run = handlers(wire, site())["score.send"]
    try:
        return run({"ledger_id": entry.id})
    finally:
        db.session.rollback()
        db.session.expire_all()


def rows(attempt: Attempt | None = None, kind: str = "decided") -> list[LedgerEntry]:
    """Return ledger rows, oldest first."""
    query = select(LedgerEntry).where(LedgerEntry.kind == kind).order_by(LedgerEntry.created_at)
    if attempt is not None:
        query = query.where(LedgerEntry.attempt_id == attempt.id)
    return list(db.session.scalars(query))
