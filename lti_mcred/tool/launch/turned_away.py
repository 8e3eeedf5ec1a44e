"""Launches of registrations that were removed, and of installations that wait for approval or were refused."""

from flask_babel import gettext as _

from lti_mcred.engine.db import db
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.refused import record_arrived
from lti_mcred.tool.protocol.claims import Launch
from lti_mcred.tool.refusals.pages import LMS_ADMIN, refusal, registration_facts, unknown_registration


def gone(platform: Platform) -> Exception:
    """Return the page for a launch whose registration was removed since its login."""
    return unknown_registration(platform.issuer, platform.client_id)


def turn_away(platform: Platform, deployment: Deployment, launch: Launch) -> Exception:
    """Return the page for an installation that is not active. Commits what an administrator has to see of it."""
    db.session.commit()
    return _pending(platform, launch) if deployment.state == "pending" else _refused(platform, launch)


def _pending(platform: Platform, launch: Launch) -> Exception:
    record_arrived(platform, launch, "deployment approval", "the deployment waits for approval")
    return refusal(
        "deployment-pending",
        _("This installation waits for approval"),
        _("The tool is registered, but this deployment of it is new to us."),
        _("Send these values to the administrator of this tool and ask to approve the deployment."),
        LMS_ADMIN,
        status=403,
        facts=registration_facts(platform.issuer, platform.client_id, launch.deployment_id),
    )


def _refused(platform: Platform, launch: Launch) -> Exception:
    record_arrived(platform, launch, "deployment approval", f"{launch.deployment_id!r} was refused")
    return refusal(
        "deployment-refused",
        _("This installation may not open the tool"),
        _("The administrator of this tool has not approved it."),
        _("If that is a mistake, send them these values and ask to approve the deployment."),
        LMS_ADMIN,
        status=403,
        facts=registration_facts(platform.issuer, platform.client_id, launch.deployment_id),
    )
