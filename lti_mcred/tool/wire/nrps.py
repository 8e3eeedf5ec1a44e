"""The class list on the wire (LTI Names and Role Provisioning Services 2.0). Members are values; nobody is stored here.

Moodle names a non-editing teacher "Learner" here although the launch says Instructor: a launch's roles are better.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask_babel import gettext as _

from lti_mcred.outbound.http import HttpError
from lti_mcred.people.models import Course
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles import LmsProfile, profile_named
from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TOOL_ADMIN, said
from lti_mcred.tool.protocol.services_asked import ROSTER
from lti_mcred.tool.protocol.vocabulary import read_roles
from lti_mcred.tool.wire.ags import with_query
from lti_mcred.tool.wire.service import ListUnclear, ServiceRefused, call, following

ROSTER_TYPE = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
# A list that goes on for longer runs in circles: 50,000 people in Canvas.
MOST_PAGES = 1000
_LONGEST_ID = 255
Status = Literal["Active", "Inactive", "Deleted"]


class RosterRefused(Exception):
    """The class list cannot be had: the message says why, `who` can cure it, in plain words.

    `later`: trying again may help, after `wait` seconds when the LMS said so (0: it did not).
    """

    def __init__(self, words: str, who: object = "", *, later: bool = False, wait: float = 0.0) -> None:
        super().__init__(words)
        self.who, self.later, self.wait = str(who), later, wait


@dataclass(frozen=True)
class Member:
    """A person of the course. `user_id` is the launch's `sub`; names are there when the LMS shares them."""

    user_id: str
    roles: tuple[str, ...]
    status: Status = "Active"
    is_test_user: bool = False
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Page:
    """One page of the class list. `next_url` None: it was the last."""

    members: tuple[Member, ...]
    next_url: str | None


def first_url(course: Course, resource_link_id: str = "") -> str:
    """Return the address of the first page: of everybody, or of those who may see a link (where the LMS can tell).

    An address that came with an `rlid` names that link's people only, so it is taken out. Raises RosterRefused.
    """
    if not course.memberships_url:
        words = _("The LMS does not share the class list of this course with this tool. The service “Names and Role "
                  "Provisioning” must be allowed for this tool; then open the tool from the course once.")  # fmt: skip
        raise RosterRefused(words, LMS_ADMIN)
    profile = profile_named(platform_of(course).profile)
    wanted = {"limit": str(profile.roster_limit)}
    if resource_link_id and profile.roster_by_link:
        wanted["rlid"] = resource_link_id
    return with_query(_without(course.memberships_url, "rlid"), wanted)


def read_page(course: Course, url: str) -> Page:
    """Ask for one page. Ends the current transaction before the request. Raises RosterRefused."""
    profile = profile_named(platform_of(course).profile)
    try:
        answer = call(platform_of(course), (ROSTER,), "GET", url, headers={"Accept": ROSTER_TYPE})
        if not answer.ok:
            verdict = profile.read_roster_answer(answer)
            words = f"{verdict.reason} {_quoted(verdict.words)}".strip()
            raise RosterRefused(words, verdict.who, later=verdict.state == "later", wait=verdict.wait)
        entries = _listed_members(answer.json())
        return Page(tuple(found for entry in entries if (found := read_member(entry, profile))), following(answer))
    except ListUnclear as error:
        raise RosterRefused(str(error), LMS_ADMIN) from None
    except ServiceRefused as error:
        raise _no_token(error) from None
    except HttpError as error:
        words = _("The LMS could not be asked for the class list: %(words)s.", words=error.words.rstrip("."))
        who = TOOL_ADMIN if error.permanent else error.who or NOBODY
        raise RosterRefused(f"{words} {error.advice}".strip(), who, later=not error.permanent) from None


def members(course: Course, resource_link_id: str = "") -> Iterator[Member]:
    """Yield everybody in the course, or who may see a resource link, page by page; each person as often as named.

    Raises RosterRefused, also in the middle: a list counts only when it has been read to its end.
    """
    url: str | None = first_url(course, resource_link_id)
    seen: set[str] = set()
    while url:
        if url in seen or len(seen) >= MOST_PAGES:
            raise endless()
        seen.add(url)
        page = read_page(course, url)
        yield from page.members
        url = page.next_url


def endless() -> RosterRefused:
    """Return the refusal of a list that has no end."""
    words = _("The LMS's pages of the class list do not come to an end, so the list was put aside.")
    return RosterRefused(words, LMS_ADMIN)


def read_member(entry: Any, profile: LmsProfile | None = None) -> Member | None:
    """Return a member of the container, None for an entry without a usable id (NRPS 2.0, 2.2; LTI Core 5.3.6).

    `profile` knows how its LMS writes names there.
    """
    user_id = entry.get("user_id") if isinstance(entry, dict) else None
    if not isinstance(user_id, str | int) or not 0 < len(str(user_id)) <= _LONGEST_ID or "\0" in str(user_id):
        return None
    listed = entry.get("roles")
    roles = read_roles(tuple(role for role in listed if isinstance(role, str)) if isinstance(listed, list) else ())
    status = entry.get("status")
    return Member(
        user_id=str(user_id),
        roles=roles.course,
        status=status if status in ("Inactive", "Deleted") else "Active",
        is_test_user=roles.test_user,
        name=_listed_name(entry, "name", profile),
        given_name=_listed_name(entry, "given_name", profile),
        family_name=_listed_name(entry, "family_name", profile),
        email=_text_or_none(entry, "email"),
    )


def _listed_members(document: Any) -> list[Any]:
    """Return the members of a page. An answer without a list is no empty class."""
    listed = document.get("members") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise RosterRefused(_("The LMS answered, but without a class list."), LMS_ADMIN)
    return listed


def _no_token(error: ServiceRefused) -> RosterRefused:
    if error.permanent:
        words = _("The LMS gives this tool no permission to read the class list. The service “Names and Role "
                  "Provisioning” must be allowed for this tool.")  # fmt: skip
        return RosterRefused(f"{words} {_quoted(said(error.answer))}".strip(), LMS_ADMIN)
    wait = error.answer.retry_after()
    return RosterRefused(_("The LMS is busy and gives no permission at the moment."), NOBODY, later=True, wait=wait)


def _quoted(words: str) -> str:
    return str(_("It said: “%(words)s”", words=words)) if words else ""


def _without(url: str, name: str) -> str:
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _listed_name(entry: dict[str, Any], member: str, profile: LmsProfile | None) -> str | None:
    text = _text_or_none(entry, member)
    return profile.listed_name(text) if text and profile else text


def _text_or_none(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return value.replace("\0", "").strip() or None if isinstance(value, str) else None
