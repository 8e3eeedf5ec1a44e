"""Who administers what: the operator every LMS, an LMS's administrator her own installation and nothing beside it."""

from dataclasses import dataclass
from typing import Any

from flask import g, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.tool.admin import access
from lti_mcred.tool.admin.problems import problem
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.platforms import called
from lti_mcred.web.guards import Guard
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import visit_field

LARGEST_FORM = 100_000


@dataclass(frozen=True)
class Administrator:
    """`name`: who it is, for the log. `platform_id` and `deployment_id` (ours, not the LMS's): None means all.

    `lms`: how an LMS's administrator is told about it, "" when nothing is known (platforms.called).
    """

    name: str
    platform_id: str | None = None
    deployment_id: str | None = None
    lms: str = ""

    @property
    def operates(self) -> bool:
        """Whether this is the operator of the tool, who sees every LMS."""
        return self.platform_id is None

    def calls(self, platform: Platform) -> str:
        """Return the name under which she knows an LMS. Its name here is the operator's alone: others may share it."""
        return platform.name if self.operates else self.lms or _("Your LMS")

    def sees(self, deployment: Deployment) -> bool:
        """Whether this installation is hers to look at."""
        return self.operates or deployment.id == self.deployment_id


def recognise() -> Administrator:
    """Return who administers in this request, by session or by visit. Raises Problem 401 or 403."""
    visit: Visit | None = g.get("visit")
    if visit is not None:
        return _of_visit(visit)
    session = access.current_session()
    if session is None:
        raise problem("admin-signed-out")
    if request.method == "POST":
        access.check_form()
    return Administrator(f"operator ({session.identity})")


def administrator() -> Administrator:
    """Return who administers, as `recognise` found out at the beginning of this request."""
    found: Administrator = g.administrator
    return found


def _check_administrator() -> None:
    request.max_content_length = LARGEST_FORM
    g.administrator = recognise()


def _check_operator() -> None:
    _check_administrator()
    if not administrator().operates:
        raise problem("operator-only")


# These pages stand at two addresses: in a session of the operator, and in a visit of an LMS's administrator.
administrators = Guard("the operator, and an administrator of an LMS", _check_administrator, visit=False)
operator_only = Guard("the operator", _check_operator, visit=False)


def platform_of(who: Administrator, platform_id: str) -> Platform:
    """Return a registration that is hers. Raises Problem 404 for others as for those that do not exist."""
    platform = db.session.get(Platform, platform_id) if who.platform_id in (None, platform_id) else None
    if platform is None:
        raise problem("no-such-platform")
    return platform


def admin_url(endpoint: str, **values: Any) -> str:
    """Return the address of an administration page, inside the visit or the session of this request."""
    visit: Visit | None = g.get("visit")
    if visit is not None:
        return url_for(f"visit_admin.{endpoint}", visit_id=visit.id, **values)
    return url_for(f"admin.{endpoint}", **values)


def admin_field() -> Markup:
    """Return the hidden field that every form of these pages needs."""
    return visit_field() if g.get("visit") else access.form_field()


def no_administrator() -> Problem:
    """Return the refusal (403) for whoever comes from an LMS that does not call her its administrator."""
    return problem("administration-is-for-admins")


def _of_visit(visit: Visit) -> Administrator:
    """An LMS's administrator, as her LMS signed at the launch. A course role alone never makes one."""
    if not visit.administers:
        raise no_administrator()
    deployment = db.session.get_one(Deployment, visit.deployment_id)
    lms = called(deployment.platform, visit.launch)
    return Administrator(f"person {visit.person_id}", visit.platform_id, visit.deployment_id, lms)
