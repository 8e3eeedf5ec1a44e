"""Three schools with the same user ids, course ids and link ids, built once a process.

Three installations: two deployments behind one client ID (every school on Blackboard, two accounts of one Canvas), and
a second registration of the same issuer (every school on hosted Canvas).
"""

import sqlite3
from contextlib import closing
from copy import deepcopy
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.badges.award import award
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.grading.models import Decision, LedgerEntry
from lti_mcred.people.models import Membership, Person
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.conformance.lms import INSTRUCTOR, LEARNER, Lms, open_pages, stand_up
from tests.grading_helpers import Browser, World, marks_form, taken
from tests.tables import new_folder

LMS_ADMIN = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator"
ROLES = {
    "learner": ("5", [LEARNER]), "teacher": ("3", [INSTRUCTOR]), "assessor": ("4", []),
    "administrator": ("9", [LMS_ADMIN, INSTRUCTOR]),
}  # fmt: skip
SCHOOLS = ("Larkspur", "Harbor", "Juniper")


@dataclass
class School:
    """One tenant: everything in it carries its name; its ids at the LMS are the same as everybody's."""

    name: str
    lms: Lms
    world: World
    ids: dict[str, list[str]]

    def visit(self, role: str, *, menu: bool = False, **changes: Any) -> Visit:
        """Launch as one of the people of this school; return the visit that opened."""
        sub, roles = ROLES[role]
        link = {"resource_link": {"id": "8" if menu else "7", "title": f"Link of {self.name}"}}
        names = {"name": f"{role} {self.name}", "given_name": role, "family_name": self.name}
        context = {"context": {"id": "2", "title": f"Course {self.name}", "label": "C2"}}
        claims = {**names, **context, **link, "tool_platform": {"guid": "g", "name": f"{self.name} College"}, **changes}
        answer = self.lms.launch(sub=sub, roles=roles, email=f"{role}@{self.name}.example", **claims)
        assert answer.status_code == 303, answer.text
        return db.session.get_one(Visit, answer.location.split("/")[2])


@dataclass
class _Built:
    """The schools in a database file: which rows are whose, and every id that an address could name."""

    file: Path
    rows: list[dict[str, tuple[type[Any], Any]]]
    ids: list[dict[str, list[str]]]


_built: list[_Built] = []


def three_schools(app: Flask, client: FlaskClient) -> list[School]:
    """Return three schools, each with its own words in everything, in the database of the application."""
    lmss = _before_the_tool(app, client)
    if not _built:
        _built.append(_build(client, lmss))
    (built,) = _built
    _copy(built.file, _database())
    db.session.expire_all()
    worlds = [World(**{name: db.session.get_one(*row) for name, row in rows.items()}) for rows in built.rows]
    return [School(*of) for of in zip(SCHOOLS, lmss, worlds, deepcopy(built.ids), strict=True)]


def _before_the_tool(app: Flask, client: FlaskClient) -> list[Lms]:
    shared = stand_up(app, client, deployment_id="d-1")
    beside = Lms(app, client, shared.http, deployment_id="d-2")
    other = Lms(app, client, shared.http, client_id="client-2", deployment_id="d-1")
    for lms in (shared, beside, other):
        lms.answer()
    open_pages(app)
    return [shared, beside, other]


def _build(client: FlaskClient, lmss: list[Lms]) -> _Built:
    shared, beside, other = lmss
    db.session.add(Deployment(platform_id=shared.register().id, deployment_id=beside.deployment_id, state="active"))
    other.register()
    built = _Built(new_folder() / "schools.sqlite3", [], [])
    for name, lms in zip(SCHOOLS, lmss, strict=True):
        deployment = db.session.scalars(
            select(Deployment)
            .join(Platform)
            .where(Platform.client_id == lms.client_id, Deployment.deployment_id == lms.deployment_id)
        ).one()
        world = _world(name, deployment)
        built.ids.append(_work(client, name, world))
        rows = {field.name: getattr(world, field.name) for field in fields(world)}
        built.rows.append({name: (type(row), row.id) for name, row in rows.items()})
    db.session.commit()
    _copy(_database(), built.file)
    return built


def _database() -> Path:
    return Path(str(db.engine.url.database))


def _copy(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


def _world(name: str, deployment: Deployment) -> World:
    course = make.course(deployment, context_id="2", title=f"Course {name}", label="C2")
    version = db.session.scalar(select(Version)) or make.version()
    activity = make.activity(version, course)
    link = make.resource_link(course, activity, resource_link_id="7", title=f"Link of {name}")
    people = {
        sub: make.person(course, sub=sub, name=f"{role} {name}", given_name=role, family_name=name)
        for role, sub in {"teacher": "3", "assessor": "4", "learner": "5", "second": "6"}.items()
    }
    make.membership(people["5"], course, "learner")
    make.membership(people["6"], course, "learner")
    make.membership(people["3"], course, "teacher")
    make.grant(people["4"])
    db.session.commit()
    return World(course, version, activity, link, people["5"], people["3"], people["4"])


def _work(client: FlaskClient, name: str, world: World) -> dict[str, list[str]]:
    """One learner's decided work with its badge, another's that waits; return every id that an address could name."""
    texts = {part.id: f"Words of {name}" for part in world.definition.all_parts()}
    first = world.attempt(texts=texts)
    desk = Browser(client, world.desk())
    assessment = taken(desk)
    form = {key: f"{value} {name}" if key.startswith("comment") else value for key, value in marks_form(world).items()}
    assert desk.post(f"/assess/{assessment.id}", {**form, "then": "finish"}).status_code == 303
    assert desk.post(f"/assess/{assessment.id}/submit", {"revision": "1"}).status_code == 303
    second = db.session.scalars(select(Person).where(Person.deployment_id == world.course.deployment_id)).all()
    waiting = world.attempt(next(one for one in second if one.sub == "6"), texts=texts)
    badge = award(db.session.scalars(select(Decision).where(Decision.attempt_id == first.id)).one())
    db.session.commit()
    return {
        "assessment_id": [assessment.id], "attempt_id": [first.id, waiting.id], "award_id": [badge.id],
        "ledger_id": list(db.session.scalars(select(LedgerEntry.id).where(LedgerEntry.course_id == world.course.id))),
        "version_id": [world.version.id], "number": ["1"],
        "part_id": [world.definition.submission.part_1_overview[0].id],
        "link": [world.link.id],
        "platform_id": [world.course.platform_id], "deployment_id": [world.course.deployment_id],
        "after": list(db.session.scalars(select(Membership.id).where(Membership.course_id == world.course.id))),
    }  # fmt: skip
