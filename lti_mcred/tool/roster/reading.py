"""The class list of a course: read page by page, applied, or held when too many people would be gone.

A reading writes its id to every membership that it names. Whom it did not name has left the course: known only at the
end of the list, so a list that broke off takes nobody away. Each step asks for as many pages as fit into a few
seconds and keeps its place, so a long list holds up nothing else, and a crash costs one page.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import select, update
from sqlalchemy.sql import ColumnElement

from lti_mcred.engine.db import changed, db, new_id, utcnow
from lti_mcred.engine.upsert import upsert
from lti_mcred.outbox import Done, GiveUp, Later, OutboxRow, Outcome, put, wake
from lti_mcred.people.models import Course
from lti_mcred.tool.known.models import Deployment, Roster
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles.base import TOOL_ADMIN
from lti_mcred.tool.roster.rows import count, countable, let_go, missing, take_in
from lti_mcred.tool.wire import nrps
from lti_mcred.tool.wire.nrps import RosterRefused

TOPIC = "roster.read"
_STEP_SECONDS = 10.0
# A reading that stood still for longer begins anew: page tokens of LMSs do not last.
_GOES_ON_FOR = timedelta(hours=1)
_TENTH_FROM = 10  # people


@dataclass(frozen=True)
class Standing:
    """The class list as a teacher is told of it. `state`: never, or one of Roster's; `result`: of a list applied."""

    state: str
    roster: Roster | None
    result: str = ""


def of_course(course_id: str) -> Roster | None:
    """Return what is known of a course's class list; None when it was never read."""
    return db.session.get(Roster, course_id, populate_existing=True)


def ask_for_reading(course_id: str) -> None:
    """Have the class list read as soon as possible; pressed twice, it is read once. Commits."""
    if not changed(update(OutboxRow).where(*_row(course_id)).values(due_at=utcnow())):
        put(TOPIC, course_id, {"course_id": course_id})
    db.session.commit()
    wake()


def deliver(payload: dict[str, Any]) -> Outcome:
    """Handle {"course_id"}: go on with the reading at hand or begin one, for a few seconds. Safe to run twice.

    A reading that a person has to cure is done with: the course page says what is to do, and the next night asks again.
    """
    course = db.session.get(Course, str(payload.get("course_id")), populate_existing=True)
    if course is None:
        return GiveUp("there is no such course")
    roster = of_course(course.id)
    if roster is None or not _goes_on(roster):
        roster = begin_reading(course)
    wait = step(course, roster, _STEP_SECONDS)
    if roster.state == "reading":
        return Later("", 0)
    return Later(roster.reason, wait or None) if roster.state == "waiting" else Done()


def read_now(course: Course) -> Roster:
    """Read a class list from its first page to its last and return how it went. Commits."""
    roster = begin_reading(course)
    while roster.state == "reading":
        step(course, roster, _STEP_SECONDS)
    return roster


def begin_reading(course: Course) -> Roster:
    """Begin a reading, whatever became of the one before. Commits."""
    now = {
        "state": "reading", "reading_id": new_id(), "started_at": utcnow(), "next_url": None, "pages": 0, "people": 0,
        "added": 0, "returned": 0, "left": 0, "missing": 0, "known": 0, "reason": "", "who": "",
    }  # fmt: skip
    upsert(Roster, {"course_id": course.id}, now, now)
    roster = db.session.get_one(Roster, course.id, populate_existing=True)
    try:
        _refuse_the_removed(course)
        roster.next_url = nrps.first_url(course)
    except RosterRefused as refused:
        _set_aside(roster, refused)
    db.session.commit()
    return roster


def step(course: Course, roster: Roster, seconds: float) -> float:
    """Read on for about `seconds`; `roster.state` says how it stands afterwards. Commits after every page.

    Returns how many seconds the LMS asked to wait, 0 when it did not.
    """
    until = time.monotonic() + seconds
    roster.state = "reading" if roster.state == "waiting" else roster.state
    while roster.state == "reading":
        try:
            if not _one_page(course, roster):
                return 0.0
        except RosterRefused as refused:
            _set_aside(roster, refused)
            db.session.commit()
            return refused.wait
        if time.monotonic() > until:
            break
    return 0.0


def apply_held(course_id: str, reading_id: str) -> bool:
    """Apply a held list because a teacher says that it is right; False when another one was read meanwhile. Commits."""
    held = Roster.state == "held", Roster.reading_id == reading_id
    if not _lock(course_id, *held):
        return False
    _apply(db.session.get_one(Roster, course_id, populate_existing=True))
    db.session.commit()
    return True


def result_words(roster: Roster) -> str:
    """Return what a reading found: "213 people; 4 new; 1 left"."""
    parts = [ngettext("1 person", "%(num)s people", roster.people)]
    if roster.added:
        parts.append(ngettext("1 new", "%(num)s new", roster.added))
    if roster.left:
        parts.append(ngettext("1 left", "%(num)s left", roster.left))
    if roster.returned:
        parts.append(ngettext("1 came back", "%(num)s came back", roster.returned))
    return "; ".join(map(str, parts))


def standing_of(course_id: str) -> Standing:
    """Return what the teacher is told of her class list."""
    roster = of_course(course_id)
    due = db.session.scalar(select(OutboxRow.due_at).where(*_row(course_id)).order_by(OutboxRow.due_at).limit(1))
    if due is not None and (due <= utcnow() or (roster is not None and roster.state == "reading")):
        return Standing("reading", roster)
    if roster is None:
        return Standing("never", None)
    # A delivery that was given up after a day of trying waits for a person.
    state = "stopped" if roster.state in ("reading", "waiting") and due is None else roster.state
    return Standing(state, roster, result_words(roster) if state == "read" else "")


def _goes_on(roster: Roster) -> bool:
    return (
        roster.state in ("reading", "waiting")
        and roster.next_url is not None
        and utcnow() - roster.started_at < _GOES_ON_FOR
    )


def _row(course_id: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the one delivery of a course that is to come."""
    return OutboxRow.topic == TOPIC, OutboxRow.key == course_id, OutboxRow.state == "waiting"


def _lock(course_id: str, *unchanged: ColumnElement[bool]) -> bool:
    """Keep others from a list until the commit, if it still is as expected; else roll back and return False.

    By a write that changes nothing, because SQLite knows no lock for reading.
    """
    mine = update(Roster).where(Roster.course_id == course_id, *unchanged).values(course_id=course_id)
    if changed(mine):
        return True
    db.session.rollback()
    return False


def _one_page(course: Course, roster: Roster) -> bool:
    """Read the next page and record it; False when another process has gone on with this list meanwhile."""
    here, reading_id = roster.next_url or "", roster.reading_id
    if roster.pages >= nrps.MOST_PAGES:
        raise nrps.endless()
    page = nrps.read_page(course, here)
    if not _lock(roster.course_id, Roster.reading_id == reading_id, Roster.next_url == here):
        return False
    db.session.refresh(roster)
    counted = take_in(course, roster, page.members)
    if page.next_url is not None and counted.named and not counted.people:
        db.session.rollback()
        raise nrps.endless()  # only people of earlier pages, and still no end
    roster.pages += 1
    roster.people += counted.people
    roster.added += counted.added
    roster.returned += counted.returned
    roster.left += counted.left
    roster.next_url = page.next_url
    if page.next_url is None:
        _finish(roster)
    db.session.commit()
    return True


def _finish(roster: Roster) -> None:
    """Apply a list that was read to its end, unless too many people are not on it of whom the LMS said no word.

    Whom it calls deleted has gone by its word (rows.py). A list of nobody, or without more than half of them,
    is held in any course; without more than a tenth in a course of ten people or more: a page that got lost looks the
    same, and in a smaller course one person is more than a tenth.
    """
    db.session.flush()
    roster.missing = count(missing(roster))
    roster.known = count(countable(roster)) + roster.left - roster.added - roster.returned
    most = roster.known / 10 if roster.known >= _TENTH_FROM else roster.known / 2
    if roster.missing and (not roster.people or roster.missing > most):
        roster.state = "held"
    else:
        _apply(roster)


def _apply(roster: Roster) -> None:
    roster.left += let_go(roster)
    roster.state, roster.read_at = "read", utcnow()


def _set_aside(roster: Roster, refused: RosterRefused) -> None:
    """Keep why the list could not be had; a later try goes on with the page at hand."""
    roster.state = "waiting" if refused.later else "stopped"
    roster.reason, roster.who = str(refused), refused.who


def _refuse_the_removed(course: Course) -> None:
    deployment = db.session.get_one(Deployment, course.deployment_id)
    if deployment.state != "active" or platform_of(course).state != "active":
        raise RosterRefused(_("This LMS is not connected to this tool any more."), TOOL_ADMIN)
