"""How an LMS of one make registers us by itself: how it is recognised, what it wants to hear, what it leaves out. Pure.

Source: LTI Dynamic Registration 1.0; what an LMS does beyond it stands in its module.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.settings import Settings
from lti_mcred.tool.profiles.messages import GRADEBOOK, USUAL, wanted_messages

_SWITCH_ON: Any = _l(
    "Some LMSs keep a new tool switched off. Look in the list of tools and switch it on for your courses."
)
_BARE_LINK: Any = _l(
    "For a way to the assessor's desk and the teacher's page, add a link to the tool itself to the course, without "
    "choosing content."
)


def usual_messages(settings: Settings, offered: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return the messages that we ask for; `offered`: the types that the LMS lists."""
    target = f"{settings.public_url.rstrip('/')}/lti/launch"
    named = {"target_link_uri": target, "label": settings.tool_name}
    return [
        {"type": kind, **named, **({"placements": placements} if placements else {})}
        for kind, placements in wanted_messages(offered)
    ]


def usual_places(offered: tuple[str, ...]) -> list[str]:
    """Return the names of the places where the tool will be found (PLACE_WORDS says them to people)."""
    asked = [*reversed(USUAL), *([GRADEBOOK] if GRADEBOOK.message in offered else [])]
    return [place.name for place in asked]


def _vouched_for_by_nobody(settings: Settings) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True)
class Document:
    """What an administrator of the LMS pastes by its address, or as text: our side of the registration.

    `path`: its public address below ours. `label`: what it is called among our values.
    """

    path: str
    label: Any
    content: Callable[[Settings], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Registration:
    """What is particular about registering with one make of LMS."""

    # Its values of product_family_code, in small letters; and hosts that are always of this make (issuers beneath).
    families: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()
    # Issuers that an LMS of this make may name from any host; compared letter by letter.
    issuers: frozenset[str] = frozenset()
    # Issuers that the operator vouches for, and how she does it: words with %(issuer)s.
    vouched_for: Callable[[Settings], tuple[str, ...]] = _vouched_for_by_nobody
    how_to_vouch: Any = ""
    # Issuers under which one client id serves many schools, so that every installation is asked for.
    issuers_of_many: frozenset[str] = frozenset()
    # The member of its platform block that names the school.
    name_member: str = ""
    # Whether `authorization_server` of its configuration is the audience of token requests; what it is otherwise.
    names_audience: bool = True
    token_audience: str = ""
    # Custom variables of every launch, and further members of our tool configuration.
    custom: Mapping[str, str] = field(default_factory=dict)
    extensions: Mapping[str, Any] = field(default_factory=dict)
    messages: Callable[[Settings, tuple[str, ...]], list[dict[str, Any]]] = usual_messages
    places: Callable[[tuple[str, ...]], list[str]] = usual_places
    document: Document | None = None
    # What is left to do in the LMS when it has registered us, or has renewed that ("": nothing).
    next_step: Any = _SWITCH_ON
    next_step_renewed: Any = ""
    # How assessors come to their desk and teachers to their page.
    way_to_desk: Any = _BARE_LINK
