"""A verified launch arrives: a table of steps, from the registration that it came by to the page that it opens.

What is known already is read in one statement (known.py). A step writes only what is new, and what it writes is safe
when two first launches of a course come at once. Steps that few launches need have modules of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lti_mcred import outbox
from lti_mcred.engine.db import new_id, random_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.services import service, site
from lti_mcred.tool.known import granted
from lti_mcred.tool.known.grade_columns import belongs_elsewhere
from lti_mcred.tool.known.models import Deployment, Platform, ResourceLink
from lti_mcred.tool.known.platforms import deployment_of_launch
from lti_mcred.tool.launch.known import Known, known, unchanged
from lti_mcred.tool.launch.lti11 import carry_over
from lti_mcred.tool.launch.openings import COURSE_NAVIGATION, Openings
from lti_mcred.tool.launch.other_links import forerunner, link_in_text
from lti_mcred.tool.launch.problems import refusal
from lti_mcred.tool.launch.turned_away import gone, turn_away
from lti_mcred.tool.profiles import is_course, is_own_link, profile_named
from lti_mcred.tool.protocol.addresses import frame_sources, usable_text
from lti_mcred.tool.protocol.claims import DEEP_LINKING_REQUEST, Launch
from lti_mcred.tool.wire.notices import ask_for_notices
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import VisitFacts, new_visit, open_visit, unbind_others

_LONGEST_NAME = 255
_NOTED_EVERY = timedelta(minutes=1)


@dataclass
class Arrival:
    """A launch on its way in. `before`: what was stored of it; the last five fields are what its steps find out."""

    launch: Launch
    browser_hash: str | None
    before: Known
    deployment: Deployment
    course_id: str | None = None
    lti11_user_id: str | None = None
    person_id: str = ""
    activity_id: str | None = None
    link_id: str | None = None

    @property
    def platform(self) -> Platform:
        """The registration that it came by."""
        return self.before.platform


@dataclass(frozen=True)
class Step:
    """One thing that a launch leaves behind. `when`: whether this launch has anything to do with it."""

    name: str
    do: Callable[[Arrival], None]
    when: Callable[[Arrival], bool] = lambda _arrival: True


def arrive(platform_id: str, launch: Launch, browser_hash: str | None) -> tuple[Visit, str]:
    """Record the launch, open a visit, and return it with the address of its first page. Commits.

    Raises Problem: 403 while the deployment waits for approval, 400 when no room serves the message.
    """
    before = known(platform_id, launch, browser_hash)
    if before.platform.state != "active":  # since the login
        raise gone(before.platform)
    deployment = before.deployment or deployment_of_launch(before.platform, launch.deployment_id)
    arrival = Arrival(launch, browser_hash, before, deployment)
    for step in STEPS:
        if step.when(arrival):
            step.do(arrival)
    visit = _visit(arrival)
    page = _page(visit, launch)
    news = granted.news(deployment.id, launch, in_course=arrival.course_id is not None)
    open_visit(visit)
    granted.note(news)
    return visit, page


def _turn_away(arrival: Arrival) -> None:
    raise turn_away(arrival.platform, arrival.deployment, arrival.launch)


def _ask_for_notices(arrival: Arrival) -> None:
    ask_for_notices(arrival.deployment, _service(arrival.launch.notices_url))


def _record_course(arrival: Arrival) -> None:
    launch, context, before = arrival.launch, arrival.launch.context, arrival.before.course
    if context is None or not is_course(arrival.platform.profile, context.types):
        return
    values: dict[str, Any] = {
        "title": context.title,
        "label": context.label,
        "memberships_url": _service(launch.memberships_url),
    }
    if launch.grades:  # a launch without the claim (some placements) takes nothing away that another one gave
        values |= {"lineitems_url": _service(launch.grades.lineitems), "scopes": list(launch.grades.scopes)}
    if before and unchanged(before, values):
        arrival.course_id = str(before["id"])
        return
    key = {"deployment_id": arrival.deployment.id, "context_id": context.id}
    made = {**values, "platform_id": arrival.platform.id, "id": new_id()}
    arrival.course_id = str(upsert(Course, key, made, values))


def _carry_over(arrival: Arrival) -> None:
    arrival.lti11_user_id = carry_over(arrival.deployment, arrival.launch)


def _record_person(arrival: Arrival) -> None:
    """A launch without names (privacy settings) does not take away the names that are known."""
    launch, before = arrival.launch, arrival.before.person
    values: dict[str, Any] = {
        "name": launch.name,
        "given_name": launch.given_name,
        "family_name": launch.family_name,
        "email": launch.email,
        "lti11_user_id": arrival.lti11_user_id,
        "is_test_user": launch.is_test_user,
        "administers": launch.administers,
    }
    change = {name: value for name, value in values.items() if value is not None}
    if before and unchanged(before, change):
        arrival.person_id = str(before["id"])
        return
    key = {"deployment_id": arrival.deployment.id, "sub": launch.sub}
    arrival.person_id = str(upsert(Person, key, {**values, "id": new_id()}, change))


def _record_membership(arrival: Arrival) -> None:
    launch, before = arrival.launch, arrival.before
    roles = list(launch.roles)
    if not roles and launch.message_type == DEEP_LINKING_REQUEST and before.membership:
        roles = before.membership["roles"]  # such a request may leave them out, which takes nothing from her
    values: dict[str, Any] = {"roles": roles, "state": "active"}
    if unchanged(before.membership, values) and before.seen_lately():
        return
    values["seen_at"] = utcnow()
    key = {"course_id": arrival.course_id, "person_id": arrival.person_id}
    upsert(Membership, key, {**values, "id": random_id()}, values)


def _find_activity(arrival: Arrival) -> None:
    name, course_id, before = _named(arrival.launch), arrival.course_id, arrival.before.link
    if name is None or course_id is None:
        return
    if before and before["activity_id"] == name:  # as at each launch but a link's first
        arrival.activity_id = name
    else:
        arrival.activity_id = service(Openings).find_activity(name, course_id, arrival.deployment.id)


def _record_link(arrival: Arrival) -> None:
    launch, course_id, activity_id, before = arrival.launch, arrival.course_id, arrival.activity_id, arrival.before.link
    if launch.link is None or launch.context is None or course_id is None:
        return
    if not is_own_link(arrival.platform.profile, launch.link.id, launch.context.id):
        arrival.link_id = link_in_text(activity_id, course_id) if activity_id else None
        return
    values: dict[str, Any] = {"title": launch.link.title, "named": None if activity_id else _named(launch)}
    if activity_id:
        values["activity_id"] = activity_id
    # Moodle stops naming the column when the link gets a second one; gone is what the column itself says.
    column = _service(launch.grades.lineitem if launch.grades else None)
    fresh = column is not None and (before is None or before["lineitem_url"] != column)
    if column and fresh and not belongs_elsewhere(column, course_id):
        values["lineitem_url"] = column
    if before and unchanged(before, values):
        arrival.link_id = str(before["id"])
        return
    key = {"course_id": course_id, "resource_link_id": launch.link.id}
    arrival.link_id = str(upsert(ResourceLink, key, {**values, "id": random_id()}, values))
    if "lineitem_url" in values and before:
        outbox.put("column.found", arrival.link_id, {"resource_link_id": arrival.link_id})


def _follow_link(arrival: Arrival) -> None:
    arrival.activity_id = forerunner(str(arrival.link_id), arrival.launch, arrival.deployment.id)


def _note_launch(arrival: Arrival) -> None:
    arrival.platform.last_launch_at = utcnow()


def _let_go(arrival: Arrival) -> None:
    """On a shared computer, its history must not open the work of others."""
    unbind_others(str(arrival.browser_hash), arrival.platform.id, arrival.person_id)


def _offers_notices(arrival: Arrival) -> bool:
    """Whether the LMS offers to tell of copies at an address where nothing has been agreed yet."""
    offered, agreed = arrival.launch.notices_url, arrival.deployment
    return offered is not None and (agreed.notices_set_at is None or agreed.notices_url != offered)


def _is_not_noted(arrival: Arrival) -> bool:
    last = arrival.platform.last_launch_at
    return last is None or utcnow() - last > _NOTED_EVERY


def _shares_a_browser(arrival: Arrival) -> bool:
    pretends = arrival.launch.is_test_user or arrival.launch.masquerading
    return arrival.before.shared_browser and arrival.browser_hash is not None and not pretends


STEPS = (
    Step("an installation that is not approved is turned away", _turn_away, lambda a: a.deployment.state != "active"),
    Step("the LMS is asked to tell of copies", _ask_for_notices, _offers_notices),
    Step("the course", _record_course, lambda a: a.launch.context is not None),
    Step("what she had by LTI 1.1", _carry_over, lambda a: a.launch.lti11 is not None),
    Step("the person", _record_person),
    Step("her place in the course", _record_membership, lambda a: a.course_id is not None),
    Step("the activity that the link names", _find_activity, lambda a: a.launch.activity is not None),
    Step("the link", _record_link, lambda a: a.launch.link is not None),
    Step("the activity of a link that names none", _follow_link, lambda a: bool(a.link_id and not a.activity_id)),
    Step("when this LMS was here last", _note_launch, _is_not_noted),
    Step("others who used this browser", _let_go, _shares_a_browser),
)


def _visit(arrival: Arrival) -> Visit:
    launch = arrival.launch
    facts = VisitFacts(
        platform_id=arrival.platform.id,
        deployment_id=arrival.deployment.id,
        person_id=arrival.person_id,
        course_id=arrival.course_id,
        resource_link_id=arrival.link_id,
        activity_id=arrival.activity_id,
        roles=list(launch.roles),
        message_type=launch.message_type,
        launch=_kept(launch),
        frame_ancestors=frame_ancestors(arrival.platform, launch),
        browser_hash=arrival.browser_hash,
    )
    return new_visit(facts, arrival.before.powers(launch, arrival.person_id))


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
    if launch.return_url and usable_text(launch.return_url, private):
        kept["return_url"] = launch.return_url
    if launch.for_user_id:
        kept["for_user_id"] = launch.for_user_id
    if launch.deep_linking:
        kept["deep_linking"] = launch.deep_linking.as_dict()
    return kept


def _page(visit: Visit, launch: Launch) -> str:
    by_course = launch.message_type == "LtiResourceLinkRequest" and visit.activity_id is None
    landing = service(Openings).landings.get(COURSE_NAVIGATION if by_course else launch.message_type)
    if landing is None:
        raise refusal("launch-not-served", kind=launch.message_type)
    return landing(visit, launch)


def _named(launch: Launch) -> str | None:
    """Return what the link says it opens, as long as an id of ours is at most."""
    return launch.activity[:32] if launch.activity else None


def _service(url: str | None) -> str | None:
    """Return a service address that tokens may be sent to: Canvas was seen to name http where https is meant."""
    if url is None or usable_text(url, site().allowed_private_hosts):
        return url
    better = "https://" + url.removeprefix("http://")
    return better if usable_text(better) else None
