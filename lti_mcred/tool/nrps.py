"""The class list (LTI Names and Role Provisioning Services 2.0). Members are values; nobody is stored here.

Moodle names a non-editing teacher "Learner" here although the launch says Instructor: a launch's roles are better.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from lti_mcred.http import HttpError
from lti_mcred.tool.ags import with_query
from lti_mcred.tool.models import Course
from lti_mcred.tool.profiles import profile_named
from lti_mcred.tool.service import ServiceRefused, pages
from lti_mcred.tool.services_asked import ROSTER
from lti_mcred.tool.vocabulary import course_roles, is_test_user

ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"


class RosterRefused(Exception):
    """The class list cannot be had; the message says why, in plain words."""


@dataclass(frozen=True)
class Member:
    """A person of the course. `user_id` is the launch's `sub`; names are there when the LMS shares them."""

    user_id: str
    roles: tuple[str, ...]
    active: bool = True
    is_test_user: bool = False
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None


def members(course: Course, resource_link_id: str = "") -> list[Member]:
    """Return everybody in the course, or who may see a resource link; all pages, each person once.

    Ends the current transaction before each request. Raises RosterRefused.
    """
    if not course.memberships_url:
        raise RosterRefused(_("The LMS does not share the class list of this course with this tool."))
    limit = profile_named(course.platform.profile).page_limit
    wanted = {"limit": str(limit) if limit else "", "rlid": resource_link_id}
    url = with_query(course.memberships_url, {name: value for name, value in wanted.items() if value})
    profile = profile_named(course.platform.profile)
    found: dict[str, Member] = {}
    try:
        for answer in pages(course.platform, (ROSTER,), url, accept=ROSTER_TYPE):
            if not answer.ok:
                raise RosterRefused(profile.read_answer(answer).words or str(answer.status))
            for entry in _entries(answer.json()):
                if (member := read_member(entry)) is not None:
                    found.setdefault(member.user_id, member)
    except (ServiceRefused, HttpError, RecursionError) as error:
        raise RosterRefused(_("The LMS did not give the class list: %(words)s", words=str(error))) from None
    return list(found.values())


def read_member(entry: Any) -> Member | None:
    """Return a member of the container, None for an entry without id (NRPS 2.0, 2.2)."""
    if not isinstance(entry, dict) or not isinstance(entry.get("user_id"), str | int) or not str(entry["user_id"]):
        return None
    listed = entry.get("roles")
    roles = [role for role in listed if isinstance(role, str)] if isinstance(listed, list) else []
    return Member(
        user_id=str(entry["user_id"]),
        roles=tuple(course_roles(roles)),
        active=entry.get("status", "Active") == "Active",
        is_test_user=is_test_user(roles),
        name=_words(entry, "name"),
        given_name=_words(entry, "given_name"),
        family_name=_words(entry, "family_name"),
        email=_words(entry, "email"),
    )


def _entries(document: Any) -> list[Any]:
    listed = document.get("members") if isinstance(document, dict) else None
    return listed if isinstance(listed, list) else []


def _words(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value.replace("\0", "").strip() or None if isinstance(value, str) else None
