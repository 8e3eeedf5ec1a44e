"""How an LMS is connected: its ways, where its administrator finds the menus, and what is worked out for her. Pure.

What she reads in the LMS wins: every address that is worked out can be changed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from lti_mcred.tool.profiles.endpoints import Endpoints

Steps = tuple[Any, ...]
_COPY: Any = _l("Copy our values into the LMS, and its values in here.")
_BY_HAND: Any = _l("By hand: you copy our values into the LMS, and its values in here.")
_DO_IT: Any = _l("Do it by hand")
_NOTHING = Endpoints()
AUDIENCE_HINT: Any = _l("Only if the LMS names one of its own (Brightspace: OAuth2 Audience).")
REVIEW: Any = _l("Our page shows what is installed and what is shared. Look through it, then press “Register”.")


@dataclass(frozen=True, kw_only=True)
class ByHand:
    """The page that takes the values of an LMS: its words, and the templates of what differs.

    `values`: our values that are copied into the LMS. `fields`: what is typed in here. `title` "": the usual one.
    """

    title: Any = ""
    lead: Any = _COPY
    offer: Any = _BY_HAND
    button: Any = _DO_IT
    values: str = "admin/_our_values.html"
    fields: str = "admin/_their_values.html"


_USUAL = ByHand()


@dataclass(frozen=True, kw_only=True)
class Guide:
    """One LMS of the chooser. A way without steps is not offered. `profile`: the LMS profile of what is registered.

    `paste_link`, `renew`: the same in one line, for whoever has only the link; "" where nothing more is known.
    """

    key: str
    title: Any
    summary: Any
    profile: str = "generic"
    by_link: Steps = ()
    by_hand: Steps = ()
    paste_link: Any = ""
    renew: Any = ""
    hand: ByHand = _USUAL
    # What follows from the LMS's web address, without a slash at its end; None where the form does not ask for it.
    at_address: Callable[[str], Endpoints] | None = None
    # What is the same for every school.
    common: Endpoints = _NOTHING
    # All endpoints, from what is typed into a form that does not ask for them, and the field that breaks them.
    worked_out: Callable[[Mapping[str, str]], Endpoints] | None = None
    worked_out_from: str = "client_id"

    def known(self, address: str) -> Endpoints:
        """Return what follows from an address that somebody typed; what is common to all where nothing does."""
        base = address.strip().rstrip("/")
        return self.at_address(base) if self.at_address and base else self.common
