"""Links that are no placement of their own, and links that name nothing of this course because they were copied."""

from sqlalchemy import select

from lti_mcred.engine.db import db, new_id
from lti_mcred.engine.upsert import upsert
from lti_mcred.services import service
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.launch.openings import Openings
from lti_mcred.tool.protocol.claims import Launch


def link_in_text(activity_id: str, course_id: str) -> str:
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


def forerunner(link_id: str, launch: Launch, deployment_id: str) -> str | None:
    """Return what a link opens that names nothing of this course: what it opened before, or what its forerunner did."""
    link = db.session.get_one(ResourceLink, link_id, populate_existing=True)
    if link.activity_id or link.named or not launch.link_history:
        return link.activity_id
    return service(Openings).follow_link(link, launch.link_history, deployment_id)
