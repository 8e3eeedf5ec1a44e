"""The visit: what a launch opened in one tab."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from lti_mcred.db import ID, Base, new_id, utcnow


class Visit(Base):
    """One launch in one tab: who, where, with which roles. Two tabs with two courses are two visits."""

    __tablename__ = "visit"
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
    roles: Mapped[list[str]]
    # Roles of ours at the time of the launch: assessor, lead, author.
    granted: Mapped[list[str]]
    message_type: Mapped[str] = mapped_column(String(64))
    # What pages need of the launch: locale, return_url, document_target, deep_linking, for_user_id, masquerading.
    launch: Mapped[dict[str, Any]]
    # Sources for CSP frame-ancestors: the platform's origins.
    frame_ancestors: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def has_role(self, *roles: str) -> bool:
        """Whether the launch gave one of these course roles."""
        return any(role in self.roles for role in roles)

    @property
    def reads_blind(self) -> bool:
        """Whether names are kept from this person: an assessor who neither teaches the course nor runs the LMS."""
        return "assessor" in self.granted and not self.has_role("teacher", "admin")
