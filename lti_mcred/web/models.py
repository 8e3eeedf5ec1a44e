"""The visit: what a launch opened in one tab."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_mcred.engine.db import ID, Base, new_id, utcnow
from lti_mcred.people.roles import ASSESSOR


@dataclass(frozen=True)
class Powers:
    """What the person of a visit may do at this moment; never stored, read with each request (tool/known/powers.py).

    `roles`: course roles of the launch that still hold. `granted`: roles of ours. `teaches`: she has said that she
    teaches this course, and the class list does not say otherwise. `administers`: she runs the LMS. `closed`: nobody
    may come from this installation any more.
    """

    roles: tuple[str, ...] = ()
    granted: tuple[str, ...] = ()
    teaches: bool = False
    administers: bool = False
    closed: bool = False


class Visit(Base):
    """One launch in one tab: who, where, with which roles. Two tabs with two courses are two visits."""

    __tablename__ = "visit"
    __allow_unmapped__ = True
    __table_args__ = (Index("ix_visit_ends", "ends_at"), Index("ix_visit_browser", "browser_hash", "person_id"))

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    # Random; the bearer is an HMAC of it, so a copy of the database alone opens nothing.
    secret: Mapped[str] = mapped_column(String(64))
    # SHA-256 of the browser cookie, None when the launch had to do without one.
    browser_hash: Mapped[str | None] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[str | None] = mapped_column(ForeignKey("resource_link.id"))
    activity_id: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    # Course roles of this launch in our words: teacher, assistant, learner, observer, admin (of the LMS); [] = none.
    # What they still are worth is in `powers`.
    roles: Mapped[list[str]]
    message_type: Mapped[str] = mapped_column(String(64))
    # What pages need of the launch: locale, return_url, document_target, deep_linking, for_user_id, masquerading.
    launch: Mapped[dict[str, Any]]
    # Sources for CSP frame-ancestors: the platform's origins.
    frame_ancestors: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    # None: nobody has looked yet, so there are none.
    powers: Powers | None = None

    @property
    def _now(self) -> Powers:
        return self.powers or Powers()

    def has_role(self, *roles: str) -> bool:
        """Whether the launch gave one of these course roles, and the person has it still."""
        return any(role in self._now.roles for role in roles)

    @property
    def granted(self) -> tuple[str, ...]:
        """Roles of ours that the person has now."""
        return self._now.granted

    @property
    def administers(self) -> bool:
        """Whether this is an administrator of the LMS, by this launch and by the person's last one."""
        return bool(self.launch.get("administers")) and self._now.administers

    @property
    def closed(self) -> bool:
        """Whether the installation may not be used any more."""
        return self._now.closed

    @property
    def reads_blind(self) -> bool:
        """Whether names are kept from this person: whoever assesses and has not said that she teaches this course."""
        return ASSESSOR in self.granted and not self._now.teaches
