"""A verified launch arrives: platform, deployment, course, person, membership and link are recorded, a visit opens.

A handful of statements, each safe when two first launches of a course come at once.
"""

from collections.abc import Callable
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select, update

from lti_mcred import outbox
from lti_mcred.engine.db import db, new_id, random_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.people.models import Course, Grant, Membership, Person
from lti_mcred.people.roles import OUR_ROLES, may_teach
from lti_mcred.services import site
from lti_mcred.tool.known import granted
from lti_mcred.tool.known.grade_columns import belongs_elsewhere
from lti_mcred.tool.known.models import Deployment, Platform, ResourceLink
from lti_mcred.tool.known.platforms import deployment_of_launch, touch
from lti_mcred.tool.known.refused import record_arrived
from lti_mcred.tool.launch.known import Known, Row, known, unchanged
from lti_mcred.tool.launch.lti11 import carry_over
from lti_mcred.tool.profiles import is_course, is_own_link, profile_named
from lti_mcred.tool.protocol.addresses import frame_sources, usable
from lti_mcred.tool.protocol.claims import DEEP_LINKING_REQUEST, Launch
from lti_mcred.tool.refusals.pages import LMS_ADMIN, refusal, registration_facts, unknown_registration
from lti_mcred.tool.wire.notices import ask_for_notices
from lti_mcred.web.models import Powers, Visit
from lti_mcred.web.visits import VisitFacts, new_visit, open_visit

# message type, or COURSE_NAVIGATION -> the address of the page to show. Registered by the application.
Landing = Callable[[Visit, Launch], str]
# (what the link names, course id, deployment id) -> id of the activity there, None when it opens nothing of theirs.
FindActivity = Callable[[str, str, str], str | None]
# (link, ids of the links before it, deployment id) -> id of the activity that it opens as their successor, or None.
FollowLink = Callable[[ResourceLink, tuple[str, ...], str], str | None]
COURSE_NAVIGATION = "course-navigation"
_LONGEST_NAME = 255


def arrive(platform_id: str, launch: Launch, browser_hash: str | None) -> tuple[Visit, str]:
    """Record the launch, open a visit, and return it with the address of its first page. Commits.

    Raises Problem: 403 while the deployment waits for approval, 400 when no room serves the message.
    """
    before = known(platform_id, launch, browser_hash)
    platform = before.platform
    if platform.state != "active":  # since the login
        raise unknown_registration(platform.issuer, platform.client_id)
    deployment = before.deployment or deployment_of_launch(platform, launch.deployment_id)
    if deployment.state != "active":
        db.session.commit()
        raise _pending(platform, launch) if deployment.state == "pending" else _turned_away(platform, launch)
    ask_for_notices(deployment, _service(launch.notices_url))
    course_id = _record_course(platform, deployment, launch, before.course)
    person_id = _record_person(deployment, launch, before.person)
    if course_id:
        _record_membership(course_id, person_id, launch, before)
    activity_id = _activity(launch, course_id, deployment.id)
    link_id = _record_link(platform, launch, course_id, activity_id, before.link)
    if link_id and activity_id is None:
        activity_id = _known_link(link_id, launch, deployment.id)
    touch(platform)
    if before.shared_browser and browser_hash and not (launch.is_test_user or launch.masquerading):
        _let_go(platform, person_id, browser_hash)
    visit = new_visit(
        VisitFacts(
            platform_id=platform.id,
            deployment_id=deployment.id,
            person_id=person_id,
            course_id=course_id,
            resource_link_id=link_id,
            activity_id=activity_id,
            roles=list(launch.roles),
            message_type=launch.message_type,
            launch=_kept(launch),
            frame_ancestors=frame_ancestors(platform, launch),
            browser_hash=browser_hash,
        ),
        _powers(launch, person_id, before),
    )
    page = _landing(visit, launch)
    news = granted.news(deployment.id, launch, in_course=course_id is not None)
    open_visit(visit)
    granted.note(news)
    return visit, page


def _powers(launch: Launch, person_id: str, before: Known) -> Powers:
    """What she may do on the first page; each later one reads it anew (known/powers.py)."""
    granted = before.granted
    if granted is None:
        stored = set(db.session.scalars(select(Grant.role).where(Grant.person_id == person_id)))
        granted = tuple(role for role in OUR_ROLES if role in stored)
    member = before.membership
    said = member is not None and member["teaches_at"] is not None
    teaches = said and may_teach(launch.roles, member["listed_roles"] if member else None)
    return Powers(launch.roles, granted, teaches=teaches, administers=launch.administers)


def frame_ancestors(platform: Platform, launch: Launch) -> str:
    """Return the CSP sources that may hold the pages of this launch: the platform's own origins, as it signed them."""
    named = (
        platform.issuer,
        platform.auth_url,
        launch.return_url,
        launch.deep_linking.return_url if launch.deep_linking else None,
        launch.grades.lineitems if launch.grades else None,
        launch.memberships_url,
    )
    extra = profile_named(platform.profile).frame_sources
    return frame_sources(named, extra, site().allowed_private_hosts)


def _let_go(platform: Platform, person_id: str, browser_hash: str) -> None:
    """Unbind this browser from visits of other people: on a shared computer, its history must not open their work.

    A tab that is still open saves by its bearer. A teacher in the LMS's student view keeps her own pages.
    """
    others = (Visit.browser_hash == browser_hash, Visit.platform_id == platform.id, Visit.person_id != person_id)
    unbind = update(Visit).where(*others).values(browser_hash=None)
    db.session.execute(unbind.execution_options(synchronize_session=False))


def _record_course(platform: Platform, deployment: Deployment, launch: Launch, before: Row | None) -> str | None:
    if launch.context is None or not is_course(platform.profile, launch.context.types):
        return None
    values: dict[str, Any] = {
        "title": launch.context.title,
        "label": launch.context.label,
        "memberships_url": _service(launch.memberships_url),
    }
    if launch.grades:  # a launch without the claim (some placements) takes nothing away that another one gave
        values |= {"lineitems_url": _service(launch.grades.lineitems), "scopes": list(launch.grades.scopes)}
    if before and unchanged(before, values):
        return str(before["id"])
    key = {"deployment_id": deployment.id, "context_id": launch.context.id}
    made = {**values, "platform_id": deployment.platform_id, "id": new_id()}
    return str(upsert(Course, key, made, values))


def _record_person(deployment: Deployment, launch: Launch, before: Row | None) -> str:
    """A launch without names (privacy settings) does not take away the names that are known."""
    values: dict[str, Any] = {
        "name": launch.name,
        "given_name": launch.given_name,
        "family_name": launch.family_name,
        "email": launch.email,
        "lti11_user_id": carry_over(deployment, launch),
        "is_test_user": launch.is_test_user,
        "administers": launch.administers,
    }
    change = {name: value for name, value in values.items() if value is not None}
    if before and unchanged(before, change):
        return str(before["id"])
    key = {"deployment_id": deployment.id, "sub": launch.sub}
    return str(upsert(Person, key, {**values, "id": new_id()}, change))


def _record_membership(course_id: str, person_id: str, launch: Launch, before: Known) -> None:
    roles = list(launch.roles)
    if not roles and launch.message_type == DEEP_LINKING_REQUEST and before.membership:
        roles = before.membership["roles"]  # such a request may leave them out, which takes nothing from her
    values: dict[str, Any] = {"roles": roles, "state": "active"}
    if unchanged(before.membership, values) and before.seen_lately():
        return
    values["seen_at"] = utcnow()
    upsert(Membership, {"course_id": course_id, "person_id": person_id}, {**values, "id": random_id()}, values)


def _record_link(
    platform: Platform, launch: Launch, course_id: str | None, activity_id: str | None, before: Row | None
) -> str | None:
    if launch.link is None or launch.context is None or course_id is None:
        return None
    if not is_own_link(platform.profile, launch.link.id, launch.context.id):
        return _link_in_text(activity_id, course_id) if activity_id else None
    values: dict[str, Any] = {"title": launch.link.title, "named": None if activity_id else _activity_name(launch)}
    if activity_id:
        values["activity_id"] = activity_id
    # Moodle stops naming the column when the link gets a second one; gone is what the column itself says.
    column = _service(launch.grades.lineitem if launch.grades else None)
    fresh = column is not None and (before is None or before["lineitem_url"] != column)
    if column and fresh and not belongs_elsewhere(column, course_id):
        values["lineitem_url"] = column
    if before and unchanged(before, values):
        return str(before["id"])
    key = {"course_id": course_id, "resource_link_id": launch.link.id}
    link_id = str(upsert(ResourceLink, key, {**values, "id": random_id()}, values))
    if "lineitem_url" in values and before:
        outbox.put("column.found", link_id, {"resource_link_id": link_id})
    return link_id


def _link_in_text(activity_id: str, course_id: str) -> str:
    """Return the link of an activity that was opened by one without an id of its own (Canvas: links in texts, modules).

    It leads to the same work as the activity's own link, so that is taken where there is one; else one is made for all
    links of this kind, under a name that no LMS gives and that is never sent to one.
    """
    mine = select(ResourceLink.id).where(ResourceLink.course_id == course_id, ResourceLink.activity_id == activity_id)
    order = (ResourceLink.lineitem_url.is_(None), ResourceLink.created_at, ResourceLink.id)
    if known_id := db.session.scalar(mine.order_by(*order).limit(1)):
        return str(known_id)
    key = {"course_id": course_id, "resource_link_id": f"in-text:{activity_id}"}
    values = {"title": "", "activity_id": activity_id}
    return str(upsert(ResourceLink, key, {**values, "id": new_id()}, values))


def _known_link(link_id: str, launch: Launch, deployment_id: str) -> str | None:
    """Return what a link opens that names nothing of this course: what it opened before, or what its forerunner did."""
    link = db.session.get_one(ResourceLink, link_id, populate_existing=True)
    follow: FollowLink | None = current_app.extensions.get("follow_link")
    if link.activity_id or link.named or not launch.link_history or follow is None:
        return link.activity_id
    return follow(link, launch.link_history, deployment_id)


def _activity_name(launch: Launch) -> str | None:
    return launch.activity[:32] if launch.activity else None


def _activity(launch: Launch, course_id: str | None, deployment_id: str) -> str | None:
    find: FindActivity | None = current_app.extensions.get("find_activity")
    if find is None or launch.activity is None or course_id is None:
        return None
    return find(launch.activity, course_id, deployment_id)


def _landing(visit: Visit, launch: Launch) -> str:
    landings: dict[str, Landing] = current_app.extensions["landings"]
    by_course = launch.message_type == "LtiResourceLinkRequest" and visit.activity_id is None
    landing = landings.get(COURSE_NAVIGATION if by_course else launch.message_type)
    if landing is None:
        raise refusal(
            "launch-not-served",
            _("This tool has no page for that"),
            _("The LMS asked for “%(kind)s”.", kind=launch.message_type),
            _("Open an activity or the course page of this tool."),
        )
    return landing(visit, launch)


def _kept(launch: Launch) -> dict[str, Any]:
    """Return what pages need of the launch later."""
    private = site().allowed_private_hosts
    kept: dict[str, Any] = {
        "locale": launch.locale,
        "document_target": launch.document_target,
        "placement": launch.placement,
        "product": launch.product,
        "platform_name": launch.platform_name[:_LONGEST_NAME],
        "custom": dict(launch.custom),
        "query": launch.query,
        "masquerading": launch.masquerading,
        "test_user": launch.is_test_user,
        "administers": launch.administers and not (launch.masquerading or launch.is_test_user),
    }
    # Core 5.4.4: a browser is sent to a fully qualified https address only.
    if launch.return_url and usable(launch.return_url, private):
        kept["return_url"] = launch.return_url
    if launch.for_user_id:
        kept["for_user_id"] = launch.for_user_id
    if launch.deep_linking:
        kept["deep_linking"] = launch.deep_linking.as_dict()
    return kept


def _service(url: str | None) -> str | None:
    """Return a service address that tokens may be sent to: Canvas was seen to name http where https is meant."""
    if url is None or usable(url, site().allowed_private_hosts):
        return url
    better = "https://" + url.removeprefix("http://")
    return better if usable(better) else None


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


def _turned_away(platform: Platform, launch: Launch) -> Exception:
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
