"""Which grade column a link has, asked of the LMS's own list when a launch names none (AGS 2.0, 3.1 and 3.2).

Moodle is the reason: where grades were switched off for an activity and on again, its launches name no column until a
daily task has run, though its list of columns has the new one.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import update

from lti_mcred import outbox
from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import changed, db, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.grading.models import ColumnSearch
from lti_mcred.grading.wire import NotNow, Wire
from lti_mcred.outbox import Done, GiveUp, Later, Outcome
from lti_mcred.people.models import Course
from lti_mcred.tool.known.grade_columns import belongs_elsewhere
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.protocol.services_asked import LINEITEM, LINEITEM_READ

TOPIC = "column.wanted"
# A page that is opened again does not ask again before; the teacher's button does.
_GOOD_FOR = timedelta(minutes=10)
# A question that nobody answered for so long was given up by its worker.
_FORGOTTEN = timedelta(days=1)


def search_of(link: ResourceLink) -> ColumnSearch | None:
    """Return what is known of a link's column from the LMS's list; None when it need not or cannot be asked."""
    return db.session.get(ColumnSearch, link.id, populate_existing=True) if _may_be_asked(link) else None


def seek(link: ResourceLink, *, at_once: bool = False) -> ColumnSearch | None:
    """Have the LMS asked for the column of a link that has none, unless it just was; commit; return where that stands.

    `at_once`: a person asks, and the last answer is not good enough.
    """
    search = search_of(link)
    if _may_be_asked(link) and (search is None or at_once or _stale(search)):
        ask_for_column(link)
        db.session.commit()
        outbox.wake()
    return search_of(link)


def ask_for_column(link: ResourceLink) -> None:
    """Add the question to the current transaction, as news for a worker; one that is open already is not repeated."""
    search = db.session.get(ColumnSearch, link.id, populate_existing=True)
    if not _has_list(link.course) or (search is not None and search.state == "asking" and not _stale(search)):
        return
    asked = {"state": "asking", "asked_at": utcnow(), "answered_at": None, "reason": "", "who": ""}
    upsert(ColumnSearch, {"resource_link_id": link.id}, asked, asked)
    outbox.put(TOPIC, link.id, {"resource_link_id": link.id})


class Finder:
    """Answers the questions, through a `Wire`."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def find(self, payload: dict[str, Any]) -> Outcome:
        """Handle {"resource_link_id"}: look the link's column up in the LMS's list, and let its scores go there."""
        link = db.session.get(ResourceLink, str(payload.get("resource_link_id")), populate_existing=True)
        if link is None:
            return GiveUp("there is no such link")
        if link.lineitem_url:  # a launch has named it meanwhile
            return _answered(link, "found")
        try:
            found = self.wire.columns(link.course, link.resource_link_id)
        except NotNow as wait:
            return _not_now(link, wait)
        # A list that is read page by page may bring one twice.
        ours = {one.url: one for one in found if not belongs_elsewhere(one.url, link.course_id)}
        if len(ours) > 1 and (named := _name_in_links(link)):
            ours = {url: one for url, one in ours.items() if one.resource_id == named} or ours
        if len(ours) != 1:
            return _answered(link, "several" if ours else "none")
        return _adopt(link, next(iter(ours)))


def _adopt(link: ResourceLink, url: str) -> Outcome:
    """Give the link its column, unless a launch was faster, and owe it the scores."""
    free = (ResourceLink.id == link.id, ResourceLink.lineitem_url.is_(None))
    if changed(update(ResourceLink).where(*free).values(lineitem_url=url)):
        outbox.put("column.found", link.id, {"resource_link_id": link.id})
    return _answered(link, "found")


def _not_now(link: ResourceLink, wait: NotNow) -> Outcome:
    delivery = wait.delivery
    _write(link, "asking" if delivery.state == "later" else "refused", delivery.reason, delivery.who)
    if delivery.state == "later":
        return Later(delivery.reason, delivery.wait or None)
    return Done()


def _answered(link: ResourceLink, state: str) -> Outcome:
    _write(link, state)
    return Done()


def _write(link: ResourceLink, state: str, reason: str = "", who: str = "") -> None:
    values = {"state": state, "answered_at": utcnow(), "reason": reason, "who": who}
    upsert(ColumnSearch, {"resource_link_id": link.id}, {"asked_at": utcnow(), **values}, values)
    db.session.commit()


def _name_in_links(link: ResourceLink) -> str | None:
    activity = db.session.get(Activity, link.activity_id) if link.activity_id else None
    return activity.name_in_links if activity else None


def _may_be_asked(link: ResourceLink) -> bool:
    return not link.lineitem_url and _has_list(link.course)


def _has_list(course: Course) -> bool:
    return bool(course.lineitems_url) and (LINEITEM in course.scopes or LINEITEM_READ in course.scopes)


def _stale(search: ColumnSearch) -> bool:
    if search.state == "asking":
        return utcnow() - search.asked_at > _FORGOTTEN
    return utcnow() - (search.answered_at or search.asked_at) > _GOOD_FOR
