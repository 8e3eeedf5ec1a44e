"""One factory per model: sensible rows with few words. Each adds to the session and flushes; tests commit."""

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.catalog.yaml_file import read_definition
from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment, Part, Placement
from lti_mcred.files import resource_dir
from lti_mcred.people.models import Course, Grant, Membership, Person
from lti_mcred.tool.known.models import Deployment, Platform, ResourceLink, SeenService
from lti_mcred.web.models import Powers, Visit
from lti_mcred.web.visits import VisitFacts, bearer_of, new_visit

JOB_HAZARD = "cc-workforce-job-hazard-analysis"


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.flush()
    return row


@cache
def example(slug: str = JOB_HAZARD) -> Definition:
    """Return one of the shipped examples, read once a process (a definition is frozen)."""
    return read_definition(Path(resource_dir("examples")) / f"{slug}.yaml")


def platform(**given: Any) -> Platform:
    """A registered platform, Canvas-like unless told."""
    number = new_id()[-6:]
    values = {
        "name": "Larkspur College",
        "issuer": f"https://lms-{number}.example.edu",
        "client_id": f"client-{number}",
        "auth_url": f"https://lms-{number}.example.edu/auth",
        "token_url": f"https://lms-{number}.example.edu/token",
        "jwks_url": f"https://lms-{number}.example.edu/jwks",
        "profile": "canvas",
    }
    return _add(Platform(**{**values, **given}))


def deployment(of: Platform | None = None, **given: Any) -> Deployment:
    """An active deployment."""
    of = of or platform()
    return _add(Deployment(platform_id=of.id, **{"deployment_id": f"dep-{new_id()[-6:]}", **given}))


def course(at: Deployment | None = None, **given: Any) -> Course:
    """A course whose AGS services are granted."""
    at = at or deployment()
    values = {
        "context_id": f"ctx-{new_id()[-6:]}",
        "title": "Micro-credentials in Practice",
        "label": "MC101",
        "lineitems_url": "https://lms.example.edu/api/lineitems",
        "memberships_url": "https://lms.example.edu/api/memberships",
        "scopes": ["https://purl.imsglobal.org/spec/lti-ags/scope/score"],
    }
    return _add(Course(platform_id=at.platform_id, deployment_id=at.id, **{**values, **given}))


def seen(at: Deployment, family: str, name: str, days_ago: int = 0) -> SeenService:
    """Something that launches of a deployment brought, on that day for the last time."""
    at_that_time = utcnow() - timedelta(days=days_ago)
    values = {"first_seen_at": at_that_time, "last_seen_at": at_that_time}
    return _add(SeenService(deployment_id=at.id, family=family, name=name, **values))


def person(at: Course, **given: Any) -> Person:
    """A person of the deployment that a course belongs to."""
    values = {"sub": f"sub-{new_id()[-8:]}", "name": "Nadia Okafor", "given_name": "Nadia", "family_name": "Okafor"}
    return _add(Person(deployment_id=at.deployment_id, **{**values, **given}))


def membership(who: Person, where: Course, *roles: str) -> Membership:
    """A person in a course."""
    return _add(Membership(person_id=who.id, course_id=where.id, roles=list(roles or ("learner",))))


def grant(who: Person, role: str = "assessor") -> Grant:
    """A role of ours."""
    return _add(Grant(person_id=who.id, role=role))


def version(definition: Definition | None = None, **given: Any) -> Version:
    """A published version (of the job hazard analysis unless told)."""
    definition = definition or example()
    values = {
        "slug": definition.id,
        "version": definition.version,
        "title": definition.title,
        "document": definition.canonical(),
        "sha256": definition.sha256(),
        "state": "published",
        "published_at": utcnow(),
    }
    return _add(Version(**{**values, **given}))


def activity(of: Version, at: Course) -> Activity:
    """A version placed in a course."""
    return _add(Activity(version_id=of.id, platform_id=at.platform_id, deployment_id=at.deployment_id, course_id=at.id))


def resource_link(at: Course, opens: Activity | None = None, **given: Any) -> ResourceLink:
    """A link with a grade column."""
    number = new_id()[-6:]
    values = {
        "resource_link_id": f"link-{number}",
        "title": "Job hazard analysis",
        "activity_id": opens.id if opens else None,
        "lineitem_url": f"https://lms.example.edu/api/lineitems/{number}",
    }
    return _add(ResourceLink(course_id=at.id, **{**values, **given}))


def enrolment(who: Person, of: Version, link: ResourceLink | None = None, **given: Any) -> Enrolment:
    """A started enrolment with its placement."""
    row: Enrolment = _add(Enrolment(person_id=who.id, version_id=of.id, **given))
    if link:
        _add(Placement(enrolment_id=row.id, resource_link_id=link.id))
    return row


def attempt(of: Enrolment, number: int = 1, **given: Any) -> Attempt:
    """A draft attempt."""
    return _add(Attempt(enrolment_id=of.id, number=number, **given))


def submitted_attempt(of: Enrolment, number: int = 1, texts: dict[str, str] | None = None, **given: Any) -> Attempt:
    """A frozen attempt with a text in every part."""
    values = {
        "state": "submitted",
        "receipt": new_id()[-8:].upper(),
        "submitted_at": utcnow(),
        "due_at": utcnow() + timedelta(days=9),
        "attestation": {"own_work": True, "ai_use": "none", "ai_note": ""},
    }
    row: Attempt = attempt(of, number, **{**values, **given})
    definition = Definition.model_validate(of.version.document)
    for part in definition.all_parts():
        text = (texts or {}).get(part.id, f"What was done for {part.id}.")
        _add(Part(attempt_id=row.id, part_id=part.id, text=text, privacy={"others": "no", "note": ""}, revision=1))
    return row


def visit(
    who: Person, where: Course, *roles: str, link: ResourceLink | None = None, granted: tuple[str, ...] = (),
    message_type: str = "LtiResourceLinkRequest", launch: dict[str, Any] | None = None,
) -> Visit:  # fmt: skip
    """An open visit; walk in with `auth(visit)`. The person gets the roles of ours, may run the LMS."""
    for role in set(granted) - set(db.session.scalars(select(Grant.role).where(Grant.person_id == who.id))):
        grant(who, role)
    if (launch or {}).get("administers"):
        who.administers = True
    facts = VisitFacts(
        platform_id=where.platform_id,
        deployment_id=where.deployment_id,
        person_id=who.id,
        course_id=where.id,
        resource_link_id=link.id if link else None,
        activity_id=link.activity_id if link else None,
        roles=list(roles or ("learner",)),
        message_type=message_type,
        launch={"locale": "en", **(launch or {})},
        frame_ancestors="https://lms.example.edu",
    )
    powers = Powers(tuple(facts.roles), tuple(granted), administers=who.administers)
    row: Visit = _add(new_visit(facts, powers))
    return row


def auth(of: Visit) -> dict[str, str]:
    """Return the header that proves a request belongs to the visit."""
    return {"Authorization": f"Visit {bearer_of(of)}"}
