"""A learner who walks through the evidence pages."""

from dataclasses import dataclass, field, replace
from io import BytesIO
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.evidence.decision import CriterionTold, Judging, Told
from lti_mcred.evidence.models import Attempt, Enrolment, Part
from lti_mcred.people.models import Person
from lti_mcred.services import service
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.web.models import Visit
from tests import factories
from tests.services import replace_service

JSON = {"Accept": "application/json"}
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF"


@dataclass
class Learner:
    """A visit, the header that proves it, and a client."""

    client: FlaskClient
    visit: Visit
    person: Person
    link: ResourceLink
    definition: Definition
    headers: dict[str, str] = field(init=False)
    base: str = field(init=False)

    def __post_init__(self) -> None:
        self.headers = factories.auth(self.visit)
        self.base = f"/v/{self.visit.id}/work"

    def get(self, path: str = "", **given: Any) -> TestResponse:
        """GET a page of the work, following redirects."""
        return self.client.get(self.base + path, headers=self.headers, follow_redirects=True, **given)

    def post(self, path: str, data: dict[str, Any] | None = None, *, json: bool = False) -> TestResponse:
        """POST a form as a browser without JavaScript does, or as the scripts do."""
        headers = {**self.headers, **(JSON if json else {})}
        return self.client.post(self.base + path, data=data or {}, headers=headers)

    def fetch(self, address: str, **headers: str) -> TestResponse:
        """GET a file by its signed address alone, to its end."""
        return self.client.get(address, headers=headers, buffered=True)

    def start(self) -> "Learner":
        """Press "Start"."""
        assert self.post("/start").status_code == 303
        return self

    def attempt(self) -> Attempt:
        """Return the latest attempt, fresh from the database."""
        db.session.expire_all()
        mine = select(Attempt).join(Enrolment).where(Enrolment.person_id == self.person.id)
        return db.session.scalars(mine.order_by(Attempt.number.desc())).first()

    def part(self, part_id: str) -> Part:
        """Return the answer to a part of the latest attempt."""
        return next(part for part in self.attempt().parts if part.part_id == part_id)

    def save(self, part_id: str, *, json: bool = True, **given: Any) -> TestResponse:
        """Save a part from a page made now, unless `revision` is given."""
        data = {"revision": str(self.part(part_id).revision), **given}
        return self.post(f"/parts/{part_id}", data, json=json)

    def fill(self) -> "Learner":
        """Write and upload everything that the definition asks for."""
        for spec in (*self.definition.submission.part_1_overview, *self.definition.submission.part_3_reflection):
            assert self.save(spec.id, text="word " * spec.words.min).status_code == 200
        for spec in self.definition.submission.part_2_artifacts:
            kind = {"alternative": "0"} if spec.alternatives else {}
            assert self.save(spec.id, others="no", **kind).status_code == 200
            assert self.upload(spec.id).status_code == 303
        return self

    def upload(self, part_id: str, content: bytes = PDF, name: str = "plan.pdf") -> TestResponse:
        """Upload one file by the plain form."""
        return self.client.post(
            f"{self.base}/parts/{part_id}/files",
            data={"file": (BytesIO(content), name)},
            headers=self.headers,
            content_type="multipart/form-data",
        )

    def hand_in(self, **given: str) -> TestResponse:
        """Press "Submit for review"."""
        return self.post("/submit", {"own_work": "1", "ai_use": "none", **given})


def make_learner(
    app: Flask, *roles: str, slug: str = factories.JOB_HAZARD, definition: Definition | None = None, **person: Any
) -> Learner:
    """Return a learner of a new course that holds one micro-credential."""
    course = factories.course()
    definition = definition or factories.example(slug)
    known = db.session.scalar(select(Version).filter_by(slug=definition.id, version=definition.version))
    activity = factories.activity(known or factories.version(definition), course)
    link = factories.resource_link(course, activity)
    who = factories.person(course, **person)
    visit = factories.visit(who, course, *roles, link=link)
    db.session.commit()
    return Learner(app.test_client(), visit, who, link, definition)


def decide(app: Flask, learner: Learner, outcome: str, *unmet: str, message: str = "") -> Told:
    """Let the judging room say `outcome` about the latest attempt; every criterion but `unmet` is met."""
    attempt = learner.attempt()
    criteria = {
        criterion.id: CriterionTold("developing", False, f"Say more about {criterion.id}.")
        if criterion.id in unmet
        else CriterionTold("demonstrated", True, "Well shown.")
        for criterion in learner.definition.rubric.criteria
    }
    told = Told(outcome, attempt.submitted_at, {} if outcome == "returned" else criteria, message)
    attempt.state = "returned" if outcome == "returned" else "decided"
    attempt.enrolment.state = {"earned": "earned", "not_yet": "not_yet"}.get(outcome, "in_progress")
    db.session.commit()
    decided, judging = attempt.id, service(Judging)
    replace_service(
        app, Judging, replace(judging, told=lambda asked: told if asked == decided else judging.told(asked))
    )
    return told
