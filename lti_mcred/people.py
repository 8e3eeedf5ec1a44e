"""Granting roles of ours to people of an LMS, by their user id there, also before their first launch."""

from sqlalchemy import select

from lti_mcred.db import db
from lti_mcred.tool.models import Deployment, Grant, Person, Platform

ROLES = ("assessor", "lead", "author", "admin")


class UnknownDeployment(ValueError):
    """There is no such LMS, or it is not clear which of its installations is meant; the message says what to write."""


def grant(platform_id: str, sub: str, role: str, deployment_id: str = "") -> str:
    """Give the person `sub` of that LMS the role, commit, and return a sentence about it. Raises UnknownDeployment.

    `deployment_id` may be left out where the LMS has one installation only.
    """
    platform = db.session.get(Platform, platform_id)
    if platform is None:
        message = f"There is no LMS with id {platform_id!r}. See: lti-mcred platforms list"
        raise UnknownDeployment(message)
    deployment = _deployment(platform, deployment_id)
    person = db.session.scalar(select(Person).filter_by(deployment_id=deployment.id, sub=sub))
    if person is None:
        person = Person(deployment_id=deployment.id, sub=sub)
        db.session.add(person)
        db.session.flush()
    if db.session.scalar(select(Grant).filter_by(person_id=person.id, role=role)):
        return f"{person.name or sub} already has the role {role}."
    db.session.add(Grant(person_id=person.id, role=role))
    db.session.commit()
    return f"{person.name or sub} has the role {role} from the next launch on."


def _deployment(platform: Platform, deployment_id: str) -> Deployment:
    known = [one for one in platform.deployments if one.state == "active"]
    found = [one for one in known if deployment_id in ("", one.deployment_id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(one.deployment_id for one in known)
    if not known:
        message = (
            f"{platform.name} has no deployment yet. Open the tool from the LMS once, or add its deployment with: "
            f"lti-mcred platforms approve {platform.id} DEPLOYMENT"
        )
    else:
        message = f"Say which deployment of {platform.name} is meant with --deployment. It has: {names}"
    raise UnknownDeployment(message)
