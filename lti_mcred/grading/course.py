"""What a teacher sees of her own course: who stands where, what the gradebook was told. Never the blind queue."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, literal, select, tuple_

from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.grading import ledger, standing
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.grading.send_list import Narrowed, of_links
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.services import site
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles import profile_named
from lti_mcred.tool.protocol.services_asked import RESULT_READ, SCORE
from lti_mcred.web.models import Visit
from lti_mcred.web.references import reference, referred

PAGE = 50
SENDS = 20
# States of a ledger row that a person can act on.
STUCK = ("held", "dead", "kept")


@dataclass(frozen=True)
class Learner:
    """One line of the roster. `days`: waiting for a decision, None when nothing waits. `state`: see `_state`.

    `here`: active, inactive (suspended in the LMS) or gone (no longer in the course).
    """

    membership_id: str
    name: str
    state: str
    days: int | None
    due_at: datetime | None
    sent: LedgerEntry | None
    attempt_id: str | None
    here: str = "active"


@dataclass(frozen=True)
class Send:
    """One line of the ledger. `asks`: a person can act on it, and nothing newer has taken its place."""

    entry: LedgerEntry
    name: str
    asks: bool

    @property
    def reference(self) -> str:
        """What a teacher's pages call it."""
        return reference("ledger", self.entry.id)


@dataclass(frozen=True)
class Column:
    """Whether scores can reach the gradebook. `lms` is the name of the product.

    `advice`: what gives a link a column there.
    """

    lms: str
    advice: str
    found: bool
    allowed: bool
    readable: bool

    @property
    def works(self) -> bool:
        """Whether there is a column and the right to write to it."""
        return self.found and self.allowed


def links_of(visit: Visit) -> list[tuple[ResourceLink, Activity]]:
    """Return the links of this course that open a micro-credential, oldest first."""
    query = (
        select(ResourceLink, Activity)
        .join(Activity, Activity.id == ResourceLink.activity_id)
        .where(ResourceLink.course_id == visit.course_id)
        .order_by(ResourceLink.created_at, ResourceLink.id)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def titles_of(links: Iterable[tuple[ResourceLink, Activity]]) -> dict[str, str]:
    """Return what a teacher reads on each link of a course, by its id; whatever comes again is numbered."""
    titles: dict[str, str] = {}
    seen = Counter[str]()
    for link, activity in links:
        title = link.title or activity.version.title
        seen[title] += 1
        titles[link.id] = title if seen[title] == 1 else f"{title} ({seen[title]})"
    return titles


def column_of(link: ResourceLink) -> Column:
    """Return what stands between us and the grade column of a link."""
    course = link.course
    profile = profile_named(platform_of(course).profile)
    return Column(
        lms=profile.title,
        advice=str(profile.column_advice),
        found=bool(link.lineitem_url),
        allowed=SCORE in course.scopes,
        readable=RESULT_READ in course.scopes,
    )


def page_of_learners(
    link: ResourceLink, after: str | None, most: int = PAGE, *, show: str = "", search: str = ""
) -> tuple[list[Learner], str | None]:
    """Return learners by family and given name after the membership `after`, and the key of the next page or None.

    `show`: one of standing.SHOWN, anything else means everybody. `search`: a part of the name.
    """
    whole = Person.family_name + " " + func.coalesce(Person.given_name, "")
    name = func.lower(func.coalesce(whole, Person.name, ""))
    query = (
        select(Membership)
        .join(Person, Person.id == Membership.person_id)
        .where(*standing.learners_of(link), *standing.narrowed(link, show, search))
        .order_by(name, Membership.id)
        .limit(most + 1)
    )
    start = db.session.get(Membership, after) if after else None
    if start is not None and start.course_id == link.course_id:
        # Lower-cased by the database that sorts: PostgreSQL has its own idea of İ and ẞ.
        key = db.session.scalar(select(name).where(Person.id == start.person_id))
        query = query.where(tuple_(name, Membership.id) > tuple_(literal(key), literal(start.id)))
    rows = list(db.session.scalars(query))
    return _learners(link, rows[:most]), rows[most - 1].id if len(rows) > most else None


def unopened_of(visit: Visit, links: Sequence[tuple[ResourceLink, Activity]]) -> list[Activity]:
    """Return what was chosen for this course and was opened by nobody yet, oldest first, each micro-credential once.

    The LMS does not say whether it kept what was chosen. `links`: of the course (links_of).
    """
    opened = select(Activity.id).join(ResourceLink, ResourceLink.activity_id == Activity.id)
    opened = opened.where(ResourceLink.course_id == visit.course_id)
    known = {activity.version.slug for _link, activity in links}
    query = select(Activity).where(Activity.course_id == visit.course_id, Activity.id.not_in(opened))
    found: dict[str, Activity] = {}
    for activity in db.session.scalars(query.order_by(Activity.created_at, Activity.id)):
        if activity.version.slug not in known:
            found.setdefault(activity.version.slug, activity)
    return list(found.values())


def sends(
    link: ResourceLink, before: str | None = None, most: int = SENDS, narrowed: Narrowed | None = None
) -> tuple[list[Send], str | None]:
    """Return the last rows of the ledger for this link, newest first, and the key of the next page if there is one."""
    query = (
        select(LedgerEntry)
        .where(*of_links([link]), *(narrowed.conditions() if narrowed else ()))
        .order_by(LedgerEntry.id.desc())
        .limit(most + 1)
    )
    if before:
        query = query.where(LedgerEntry.id < referred("ledger", before))
    rows = list(db.session.scalars(query))
    shown = [Send(row, row.person.name or "", asks(row)) for row in rows[:most]]
    return shown, reference("ledger", rows[most - 1].id) if len(rows) > most else None


def asks(entry: LedgerEntry) -> bool:
    """Whether a person can act on this row: it is stuck, not yet answered, and the newest for its learner."""
    patience = timedelta(hours=site().outbox_give_up_hours)
    stuck = entry.state in STUCK or (entry.state == "owed" and utcnow() - entry.created_at > patience)
    answered = entry.state == "kept" and entry.asked_by is not None
    return stuck and not answered and not ledger.outdated(entry)


def entry_of(visit: Visit, ledger_id: str) -> LedgerEntry | None:
    """Return a ledger row of the visit's own course."""
    entry = db.session.get(LedgerEntry, referred("ledger", ledger_id))
    return entry if entry and visit.course_id and entry.course_id == visit.course_id else None


def link_id_of(entry: LedgerEntry) -> str | None:
    """Return the link whose column a row belongs to."""
    found: str | None = db.session.scalar(select(Placement.resource_link_id).where(Placement.id == entry.placement_id))
    return found


def attempt_of(visit: Visit, attempt_id: str) -> Attempt | None:
    """Return an attempt that was placed in the visit's own course."""
    attempt = db.session.get(Attempt, attempt_id)
    if attempt is None or visit.course_id is None:
        return None
    query = (
        select(Placement.id)
        .join(ResourceLink, ResourceLink.id == Placement.resource_link_id)
        .join(Course, Course.id == ResourceLink.course_id)
        .where(Placement.enrolment_id == attempt.enrolment_id, Course.id == visit.course_id)
    )
    return attempt if db.session.scalar(query.limit(1)) else None


def _learners(link: ResourceLink, rows: Sequence[Membership]) -> list[Learner]:
    people = [row.person_id for row in rows]
    placed = (
        select(Enrolment, Placement.id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .where(Placement.resource_link_id == link.id, Enrolment.person_id.in_(people))
    )
    found = {enrolment.person_id: (enrolment, placement) for enrolment, placement in db.session.execute(placed)}
    attempts = _latest_attempts([enrolment.id for enrolment, _placement in found.values()])
    sent = _last_sent([placement for _enrolment, placement in found.values()])
    opened = standing.opened_by(link, people)
    return [_learner(row, found.get(row.person_id), attempts, sent, row.person_id in opened) for row in rows]


def _latest_attempts(enrolments: list[str]) -> dict[str, list[Attempt]]:
    query = select(Attempt).where(Attempt.enrolment_id.in_(enrolments)).order_by(Attempt.number)
    grouped: dict[str, list[Attempt]] = {}
    for attempt in db.session.scalars(query):
        grouped.setdefault(attempt.enrolment_id, []).append(attempt)
    return grouped


def _last_sent(placements: list[str]) -> dict[str, LedgerEntry]:
    query = (
        select(LedgerEntry)
        .where(LedgerEntry.placement_id.in_(placements), LedgerEntry.kind == "decided")
        .order_by(LedgerEntry.created_at)
    )
    return {entry.placement_id: entry for entry in db.session.scalars(query)}


def _learner(
    row: Membership,
    found: tuple[Enrolment, str] | None,
    attempts: dict[str, list[Attempt]],
    sent: dict[str, LedgerEntry],
    opened: bool,
) -> Learner:
    enrolment, placement = found or (None, "")
    tries = attempts.get(enrolment.id, []) if enrolment else []
    last = tries[-1] if tries else None
    decided = [attempt for attempt in tries if attempt.state == "decided"]
    waiting = last if last is not None and last.state == "submitted" else None
    return Learner(
        membership_id=row.id,
        name=row.person.name or "",
        state=_work_state(opened, enrolment, last),
        days=max(0, (utcnow() - waiting.submitted_at).days) if waiting and waiting.submitted_at else None,
        due_at=waiting.due_at if waiting else None,
        sent=sent.get(placement),
        attempt_id=decided[-1].id if decided else None,
        here=row.state,
    )


def _work_state(opened: bool, enrolment: Enrolment | None, last: Attempt | None) -> str:
    """Return not_opened, not_started, withdrawn, earned, submitted, returned, not_yet, revising or in_progress."""
    if enrolment is None:
        return "not_started" if opened else "not_opened"
    if enrolment.state in ("earned", "withdrawn"):
        return enrolment.state
    if last is None or last.state == "draft":
        return "revising" if last is not None and last.number > 1 else "in_progress"
    return {"submitted": "submitted", "returned": "returned"}.get(last.state, "not_yet")
