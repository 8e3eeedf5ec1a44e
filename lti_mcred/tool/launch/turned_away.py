"""Launches of registrations that were removed, and of installations that wait for approval or were refused."""

from lti_mcred.engine.db import db
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.refused import record_arrived
from lti_mcred.tool.launch.problems import refusal
from lti_mcred.tool.protocol.claims import Launch
from lti_mcred.tool.refusals.pages import registration_facts, unknown_registration


def gone(platform: Platform) -> Exception:
    """Return the page for a launch whose registration was removed since its login."""
    return unknown_registration(platform.issuer, platform.client_id)


def turn_away(platform: Platform, deployment: Deployment, launch: Launch) -> Exception:
    """Return the page for an installation that is not active. Commits what an administrator has to see of it."""
    db.session.commit()
    return _pending(platform, launch) if deployment.state == "pending" else _refused(platform, launch)


def _pending(platform: Platform, launch: Launch) -> Exception:
    record_arrived(platform, launch, "deployment approval", "the deployment waits for approval")
    return refusal("deployment-pending", facts=_facts(platform, launch))


def _refused(platform: Platform, launch: Launch) -> Exception:
    record_arrived(platform, launch, "deployment approval", f"{launch.deployment_id!r} was refused")
    return refusal("deployment-refused", facts=_facts(platform, launch))


def _facts(platform: Platform, launch: Launch) -> dict[str, str]:
    return registration_facts(platform.issuer, platform.client_id, launch.deployment_id)
