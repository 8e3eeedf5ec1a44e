"""The wire to real grade columns: LMS profiles for the words, the tool's AGS client for the way."""

from datetime import datetime
from typing import Any

from lti_mcred.grading.wire import FoundColumn, NotNow, Posted, Result
from lti_mcred.people.models import Course
from lti_mcred.services import site
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.profiles import Score, profile_named
from lti_mcred.tool.protocol.addresses import usable
from lti_mcred.tool.wire import ags


class Gradebook:
    """See grading.wire.Wire."""

    def body(self, platform: Platform, score: Score) -> dict[str, Any] | None:
        """See Wire.body."""
        return profile_named(platform.profile).score_body(score)

    def next_timestamp(self, platform: Platform, now: datetime, last: datetime | None) -> datetime:
        """See Wire.next_timestamp."""
        return profile_named(platform.profile).next_timestamp(now, last)

    def proviso(self, platform: Platform, body: dict[str, Any]) -> str:
        """See Wire.proviso."""
        return profile_named(platform.profile).proviso(body)

    def post(self, course: Course, lineitem_url: str, body: dict[str, Any]) -> Posted:
        """See Wire.post."""
        posted = ags.post_body(course, lineitem_url, body)
        return Posted(posted.delivery, posted.status, posted.answer)

    def result(self, course: Course, lineitem_url: str, user_id: str) -> Result | None:
        """See Wire.result."""
        try:
            found = ags.read_results(course, lineitem_url, user_id)
        except ags.AgsRefused as refused:
            if refused.delivery.state == "later":
                raise NotNow(refused.delivery) from None
            return None
        if not found:
            return Result(None, None)
        return Result(found[0].score, found[0].maximum, found[0].comment)

    def columns(self, course: Course, resource_link_id: str) -> list[FoundColumn]:
        """See Wire.columns. An LMS that does not filter lists every column: only this link's are taken."""
        try:
            items = ags.line_items(course, resource_link_id=resource_link_id)
        except ags.AgsRefused as refused:
            raise NotNow(refused.delivery) from None
        private = site().allowed_private_hosts
        mine = (item for item in items if item.resource_link_id == resource_link_id and usable(item.url, private))
        return [FoundColumn(item.url, item.resource_id) for item in mine]
