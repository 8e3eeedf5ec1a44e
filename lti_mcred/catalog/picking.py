"""What the picker offers a course: found by words, narrowed, page by page, with what the course has already.

What was chosen so far travels in the address (and in the form), so that a search, a page, a preview or the browser's
back button loses nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, or_, select
from werkzeug.datastructures import MultiDict

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.library import definition_of, published
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.web.typed import plain

PAGE = 20
NEW, CHOSEN = "new", "chosen"
# What the list may be narrowed to.
SHOWN = (NEW, CHOSEN)
_LONGEST_SEARCH = 200


@dataclass(frozen=True)
class Asked:
    """What the picker is asked for. `show`: one of SHOWN or "" for all; `after`: the version before the page."""

    search: str = ""
    show: str = ""
    after: str = ""
    chosen: tuple[str, ...] = ()

    @classmethod
    def of(cls, values: "MultiDict[str, str]") -> "Asked":
        """Read a query or a form; ids that are in no library are left out later."""
        show = values.get("show", "")
        return cls(
            search=plain(values.get("q", "")).strip()[:_LONGEST_SEARCH],
            show=show if show in SHOWN else "",
            after=plain(values.get("after", ""))[:32],
            chosen=tuple(dict.fromkeys(plain(one)[:32] for one in values.getlist("version"))),
        )

    def address(self, **changes: Any) -> dict[str, Any]:
        """Return the query of a page of the picker, with these changes."""
        now = replace(self, **changes)
        named = {"q": now.search, "show": now.show, "after": now.after, "version": list(now.chosen)}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True)
class Here:
    """What a course has of a micro-credential: the version, since when, and whether its link was opened yet."""

    version: str
    since: datetime
    opened: bool


@dataclass(frozen=True)
class Offer:
    """One line of the picker. `here` is None for what the course does not have."""

    row: Version
    definition: Definition
    here: Here | None
    chosen: bool


@dataclass(frozen=True)
class Offers:
    """One page of the picker. `elsewhere`: chosen, but not among `rows`.

    `previous` and `following`: `after` of the pages beside it, None where there is none.
    """

    rows: tuple[Offer, ...]
    elsewhere: tuple[Offer, ...]
    total: int
    previous: str | None
    following: str | None

    @property
    def chosen(self) -> int:
        """How many are chosen in all."""
        return len(self.elsewhere) + sum(one.chosen for one in self.rows)


def offers(asked: Asked, course_id: str | None) -> Offers:
    """Return the page that is asked for."""
    here = in_course(course_id)
    found = [row for row in published(asked.search) if _fits(asked, row, here)]
    ids = [row.id for row in found]
    first = ids.index(asked.after) + 1 if asked.after in ids else 0
    page = found[first : first + PAGE]
    shown = {row.id for row in page}
    others = [row for row in chosen_rows(asked.chosen) if row.id not in shown]
    before = max(0, first - PAGE)
    return Offers(
        rows=tuple(_offer(asked, row, here) for row in page),
        elsewhere=tuple(_offer(asked, row, here) for row in others),
        total=len(found),
        previous=(ids[before - 1] if before else "") if first else None,
        following=ids[first + PAGE - 1] if first + PAGE < len(ids) else None,
    )


def chosen_rows(chosen: Iterable[str]) -> list[Version]:
    """Return the published versions with these ids, in the order of the library; unknown ids are left out."""
    wanted = set(chosen)
    return [row for row in published() if row.id in wanted] if wanted else []


def in_course(course_id: str | None) -> dict[str, Here]:
    """Return what a course has already, by the name of the micro-credential: as far as the LMS told us.

    An LMS does not say what becomes of a choice; whether a link was opened since is known.
    """
    if course_id is None:
        return {}
    linked = exists().where(ResourceLink.activity_id == Activity.id, ResourceLink.course_id == course_id)
    query = (
        select(Version.slug, Version.version, Activity.created_at, linked)
        .join(Version, Version.id == Activity.version_id)
        .where(or_(Activity.course_id == course_id, linked))
        .order_by(Activity.created_at)
    )
    found: dict[str, Here] = {}
    for slug, version, since, opened in db.session.execute(query):
        if slug not in found or opened or not found[slug].opened:
            found[slug] = Here(version, since, opened)
    return found


def _fits(asked: Asked, row: Version, here: Mapping[str, Here]) -> bool:
    if asked.show == NEW:
        return row.slug not in here
    return row.id in asked.chosen if asked.show == CHOSEN else True


def _offer(asked: Asked, row: Version, here: Mapping[str, Here]) -> Offer:
    return Offer(row, definition_of(row), here.get(row.slug), row.id in asked.chosen)
