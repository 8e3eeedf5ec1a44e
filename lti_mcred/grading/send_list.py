"""The ledger as a teacher looks through it: narrowed by state, person and activity, and as a file for a spreadsheet."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import get_timezone
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.sql import ColumnElement

from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Placement
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink

# What the list may be narrowed to -> states of a ledger row.
SHOWN = {
    "sent": ("sent",),
    "way": ("owed",),
    "failed": ("held", "dead"),
    "kept": ("kept",),
    "replaced": ("superseded",),
}
PAGE = 50
# A spreadsheet takes a cell that begins so for a formula (OWASP, "CSV Injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001 - full-width signs work too


@dataclass(frozen=True)
class Narrowed:
    """What a teacher wants to see. `show`: a key of SHOWN or "" for all; `search`: a part of a learner's name."""

    show: str = ""
    search: str = ""

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on ledger rows."""
        found: list[ColumnElement[bool]] = []
        if self.show:
            found.append(LedgerEntry.state.in_(SHOWN[self.show]))
        if self.search:
            named = select(Person.id).where(Person.name.icontains(self.search, autoescape=True))
            found.append(LedgerEntry.person_id.in_(named))
        return found


def of_links(links: Iterable[ResourceLink]) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions for the ledger rows of these links of one course."""
    ids = {link.id for link in links}
    courses = {link.course_id for link in links}
    placements = select(Placement.id).where(Placement.resource_link_id.in_(ids))
    return LedgerEntry.course_id.in_(courses), LedgerEntry.placement_id.in_(placements)


def as_csv(links: dict[ResourceLink, str], narrowed: Narrowed, states: dict[str, str]) -> bytes:
    """Return the rows as a table in UTF-8, oldest first: times as ISO 8601 with their zone, text that runs nowhere.

    `links`: link -> the title of what it opens. `states`: the words for a row's state. The mark at the beginning tells
    Excel the encoding; the formats of RFC 4180 otherwise.
    """
    ids = select(Placement.id, Placement.resource_link_id).where(
        Placement.resource_link_id.in_({one.id for one in links})
    )
    placed = {row[0]: row[1] for row in db.session.execute(ids)}
    titles = {link.id: title for link, title in links.items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([
        _("Learner"), _("Micro-credential"), _("Told"), _("Points"), _("Of"), _("State"), _("Since"),
        _("Answer of the LMS"), _("Reason"),
    ])  # fmt: skip
    query = (
        select(LedgerEntry)
        .where(*of_links(links), *narrowed.conditions())
        .order_by(LedgerEntry.id)
        .execution_options(yield_per=500)
    )
    for entry in db.session.scalars(query):
        since = (entry.sent_at or entry.created_at).astimezone(get_timezone())
        writer.writerow([
            spreadsheet_text(entry.person.name or _("Name not shared")),
            spreadsheet_text(titles[placed[entry.placement_id]]),
            _("Decision") if entry.kind == "decided" else _("Handed in"),
            _points(entry.score_given),
            _points(entry.score_maximum),
            states[entry.state],
            since.isoformat(timespec="seconds"),
            entry.answer_status or "",
            spreadsheet_text(" ".join((entry.reason or "").split())),
        ])  # fmt: skip
    return out.getvalue().encode("utf-8-sig")


def spreadsheet_text(text: str) -> str:
    """Return text that no spreadsheet takes for a formula: an apostrophe in front marks it as text."""
    return f"'{text}" if text.startswith(_FORMULA) or text.lstrip().startswith(_FORMULA) else text


def _points(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
