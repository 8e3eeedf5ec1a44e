"""What these pages say about the state of a connection, in one place."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from lti_mcred.tool.known.models import Platform
from lti_mcred.web.pages import moment

# (value, name, what it means): what becomes of an installation that we do not know.
POLICIES: tuple[tuple[str, Any, Any], ...] = (
    ("ask", _l("Ask me"), _l("Every installation that we do not know waits until you approve it.")),
    (
        "first",
        _l("Take the first"),
        _l("The first one that launches is taken. Later ones wait until you approve them."),
    ),
    (
        "all",
        _l("Take all"),
        _l("Every installation with this client ID may launch at once. Only for an LMS that is all yours."),
    ),
)
# After a change: what was done, by the word that stands in the address.
TOLD: dict[str, Any] = {
    "added": _l("The LMS is connected. Now switch the tool on there and open it once: its first launch shows here."),
    "approved": _l("Approved. The installation may launch from now on."),
    "refused": _l("Refused. Launches of this installation get a page that says so, and its open pages have ended."),
    "policy": _l("Saved. It counts from the next launch on."),
    "renamed": _l("Renamed."),
    "addresses": _l("The addresses are changed. Open the tool from the LMS once to see that it works."),
    "removed": _l(
        "Removed. Nobody can launch from it any more, and its open pages have ended. People, work and scores are kept."
    ),
    "restored": _l("Connected again, with everything that was kept."),
    "revoked": _l("The invitation is withdrawn."),
    "role-given": _l("Done. The role counts at once, also in pages that are open."),
    "role-taken": _l("Done. The role has ended, also in pages that are open; what was decided stays."),
    "role-declined": _l("Declined. The person reads it when she opens the tool again."),
    "key": _l("A new key is published. It signs in ten minutes; no LMS has to be touched."),
}


@dataclass(frozen=True)
class State:
    """`kind`: met, waiting, attention or plain (the four meanings of the design)."""

    kind: str
    text: str


def state_of(platform: Platform, pending: int, refused_at: datetime | None) -> State:
    """Return how a connection stands, for whoever looks at the list of all. `refused_at`: its last refused launch."""
    if platform.state != "active":
        return State("plain", _("Removed"))
    if pending:
        return State(
            "attention",
            ngettext("1 installation waits for approval", "%(num)s installations wait for approval", pending),
        )
    if refused_at and (platform.last_launch_at is None or refused_at > platform.last_launch_at):
        return State("attention", _("The last launch was refused"))
    if platform.last_launch_at is None:
        return State("waiting", _("No launch yet"))
    return State("met", _("Works. Last launch %(when)s", when=moment(platform.last_launch_at)))


def deployment_state(state: str) -> State:
    """Return the state of one installation in words."""
    return {
        "active": State("met", _("May launch")),
        "pending": State("attention", _("Waits for approval")),
    }.get(state, State("stopped", _("Refused")))
