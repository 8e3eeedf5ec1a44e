"""What a launch opens: rooms above say it, because the LMS's door knows no pages but its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.protocol.claims import Launch
from lti_mcred.web.models import Visit

COURSE_NAVIGATION = "course-navigation"
# The visit, the launch -> the address of the page to show.
Landing = Callable[[Visit, Launch], str]
# (what the link names, course id, deployment id) -> id of the activity there, None when it opens nothing of theirs.
FindActivity = Callable[[str, str, str], str | None]
# (link, ids of the links before it, deployment id) -> id of the activity that it opens as their successor, or None.
FollowLink = Callable[[ResourceLink, tuple[str, ...], str], str | None]


@dataclass(frozen=True)
class Openings:
    """`landings`: by message type, and under COURSE_NAVIGATION for a link without an activity."""

    landings: Mapping[str, Landing]
    find_activity: FindActivity
    follow_link: FollowLink
