"""What an installation gives us, in words for its administrators: the services asked for, and the places it opens from.

Both come from what its launches brought (known/granted.py); nothing is asked of the LMS here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lti_mcred.tool.known.granted import Brought, Seen
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles import PLACE_WORDS, profile_named
from lti_mcred.tool.protocol.claims import (
    COPY_NOTICE,
    DEEP_LINKING_REQUEST,
    NOTICE_SCOPE,
    RESOURCE_LINK_REQUEST,
    SUBMISSION_REVIEW_REQUEST,
)
from lti_mcred.tool.protocol.services_asked import ASKED, ROSTER

# Places that a launch does not name: its message tells them.
_BY_MESSAGE = {
    "link": RESOURCE_LINK_REQUEST,
    "ContentArea": DEEP_LINKING_REQUEST,
    "submission_review": SUBMISSION_REVIEW_REQUEST,
}
# Services that come in a claim of their own, all others in the one of the grades.
_IN_OWN_CLAIM = {ROSTER: ("roster", "2.0"), NOTICE_SCOPE: ("notices", COPY_NOTICE)}


@dataclass(frozen=True)
class Service:
    """Something that we ask of an LMS. `given` None: nobody came from a course yet. `last_at`: when it last came."""

    what: Any
    why: Any
    given: bool | None
    last_at: datetime | None


@dataclass(frozen=True)
class Place:
    """A place of the LMS that opens the tool. `last_at` None: no launch came from there yet."""

    what: Any
    why: Any
    last_at: datetime | None


def services(platform: Platform, brought: Brought) -> list[Service]:
    """Return whether each service was given that we ask for and that this kind of LMS has."""
    found = []
    for one in ASKED:
        scope = one.technical.split()[0]
        if not scope.startswith("https:"):
            continue
        seen = brought.find(*_IN_OWN_CLAIM.get(scope, ("grades", scope)))
        if seen is None and scope == NOTICE_SCOPE and not profile_named(platform.profile).tells_of_copies:
            continue
        found.append(Service(one.what, one.why, _whether_given(seen, brought), seen.last_seen_at if seen else None))
    return found


def places(platform: Platform, brought: Brought) -> list[Place]:
    """Return the places from which this kind of LMS opens us, and others from which it did."""
    wanted = profile_named(platform.profile).place_names
    named = [one.name for one in brought.seen if one.family == "placements"]
    told = [name for name, message in _BY_MESSAGE.items() if brought.find("messages", message)]
    if named:  # the picker was opened from one of those
        told = [name for name in told if name != "ContentArea"]
    return [_place(name, brought) for name in dict.fromkeys((*wanted, *told, *named))]


def _whether_given(seen: Seen | None, brought: Brought) -> bool | None:
    if seen is not None:
        return seen.still
    return False if brought.from_course else None


def _place(name: str, brought: Brought) -> Place:
    message = _BY_MESSAGE.get(name)
    seen = brought.find("messages", message) if message else brought.find("placements", name)
    what, why = PLACE_WORDS.get(name, (name, ""))
    return Place(what, why, seen.last_seen_at if seen else None)
