"""Tables of the catalogue: published versions of micro-credentials, and activities placed in courses."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.engine.db import ID, Base, new_id, random_id, utcnow


class Version(Base):
    """One version of a micro-credential. Frozen once published; attempts and badges point at exactly one."""

    __tablename__ = "catalog_version"
    __table_args__ = (UniqueConstraint("slug", "version"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    # The definition's `id`.
    slug: Mapped[str] = mapped_column(String(128))
    version: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(Text)
    # The whole definition as data (catalog.definition.Definition), canonical.
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    # draft, published or retired.
    state: Mapped[str] = mapped_column(String(16), default="draft")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    published_at: Mapped[datetime | None]


class Activity(Base):
    """A version placed in a course by deep linking. Its id travels in the link's `custom` through course copies."""

    __tablename__ = "activity"
    # Two teachers who confirm a copied course at once make one activity.
    __table_args__ = (UniqueConstraint("course_id", "named"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=random_id)
    version_id: Mapped[str] = mapped_column(ForeignKey("catalog_version.id"))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"), index=True)
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"), index=True)
    created_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # In a copied course: the id that its links name (an LMS copies `custom` word for word, term after term), and the
    # activity that this one was taken over from. Both None where the activity was picked.
    named: Mapped[str | None] = mapped_column(ID, index=True)
    copied_from: Mapped[str | None] = mapped_column(ForeignKey("activity.id"))
    version: Mapped[Version] = relationship()

    @property
    def name_in_links(self) -> str:
        """The id that links to this activity carry in `custom`."""
        return self.named or self.id
