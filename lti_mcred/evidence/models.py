"""Tables of the learner's work: enrolment, attempt, parts with their artefacts, stored files."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import ID, Base, new_id, random_id, utcnow
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import ResourceLink


class Enrolment(Base):
    """One person earning one version, through whatever courses she opens it; in a copied course she starts anew.

    `state`: in_progress, submitted, not_yet, earned, withdrawn.
    """

    __tablename__ = "enrolment"
    __table_args__ = (UniqueConstraint("person_id", "version_id", "copy_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("catalog_version.id"), index=True)
    # The activity of a copied course that this work belongs to, and to no other; "" everywhere else.
    copy_id: Mapped[str] = mapped_column(ID, default="", server_default="")
    state: Mapped[str] = mapped_column(String(16), default="in_progress")
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    person: Mapped[Person] = relationship()
    version: Mapped[Version] = relationship()
    attempts: Mapped[list["Attempt"]] = relationship(back_populates="enrolment", order_by="Attempt.number")
    placements: Mapped[list["Placement"]] = relationship(back_populates="enrolment")


class Placement(Base):
    """An enrolment opened through a resource link: the score is owed to that link's column.

    Unless the course gave the activity a new link for a new term and she went on there: `replaced_by` is that link.
    """

    __tablename__ = "placement"
    __table_args__ = (UniqueConstraint("enrolment_id", "resource_link_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    resource_link_id: Mapped[str] = mapped_column(ForeignKey("resource_link.id"), index=True)
    replaced_by: Mapped[str | None] = mapped_column(ID)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    enrolment: Mapped[Enrolment] = relationship(back_populates="placements")
    resource_link: Mapped[ResourceLink] = relationship()


class Opening(Base):
    """A learner who has opened a link and not begun yet; so that a teacher sees who has not opened it at all."""

    __tablename__ = "opening"

    resource_link_id: Mapped[str] = mapped_column(ForeignKey("resource_link.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), primary_key=True)
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)


class Attempt(Base):
    """One try. `state`: draft, submitted (frozen), returned (incomplete; does not count as a try), decided."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("enrolment_id", "number"),
        Index("ix_attempt_queue", "state", "due_at", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=random_id)
    enrolment_id: Mapped[str] = mapped_column(ForeignKey("enrolment.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(16), default="draft")
    # What assessors and learners quote; shows nothing of the person.
    receipt: Mapped[str | None] = mapped_column(String(16), unique=True)
    submitted_at: Mapped[datetime | None]
    # The promised day of the decision.
    due_at: Mapped[datetime | None]
    # Statement of own work: {"own_work": true, "ai_use": "none|wording|ideas|other", "ai_note": "…"}.
    attestation: Mapped[dict[str, Any] | None]
    what_changed: Mapped[str] = mapped_column(Text, default="")
    # criterion id -> {"level": id, "comment": text} carried over from the attempt before, because they were met.
    locked: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    enrolment: Mapped[Enrolment] = relationship(back_populates="attempts")
    parts: Mapped[list["Part"]] = relationship(back_populates="attempt", order_by="Part.part_id")


class Part(Base):
    """The answer to one overview question, artefact or reflection of the definition (`part_id`: ctx, A1, refl, …)."""

    __tablename__ = "part"
    __table_args__ = (UniqueConstraint("attempt_id", "part_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    part_id: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text, default="")
    # Index of the accepted alternative that the learner chose, None for the artefact as asked.
    alternative: Mapped[int | None]
    # The privacy gate: {"others": "no|consent|unrecognisable", "note": "…"}; None while unanswered.
    privacy: Mapped[dict[str, Any] | None]
    # Grows with each save; a save from an older page is answered with both texts.
    revision: Mapped[int] = mapped_column(default=0)
    # The save that made this revision: a page whose answer was lost knows its own by it, and meets no conflict.
    saved_by: Mapped[str | None] = mapped_column(String(32))
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempt: Mapped[Attempt] = relationship(back_populates="parts")
    artefacts: Mapped[list["Artefact"]] = relationship(
        back_populates="part", order_by="Artefact.position, Artefact.id", cascade="all, delete-orphan"
    )


class Blob(Base):
    """A stored file, by the SHA-256 of its content."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger)
    # What it is by the rules (formats.look.RULES) of version `kind_rules`: ask `kept.kind_of`, which knows newer ones.
    media_type: Mapped[str] = mapped_column(String(255))
    kind_rules: Mapped[int] = mapped_column(default=0, server_default="0")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # When its bytes were deleted by a rule on retention; the row says what was handed in.
    gone_at: Mapped[datetime | None]
    # The copy for assessors: by which rules (cleaning.clean.RULES, 0: not yet) it was made, and what came of it:
    # same (nothing to take out), copy, or a reason why it is shown as it is; what was left in it or out of it.
    clean_rules: Mapped[int] = mapped_column(default=0, server_default="0")
    clean_state: Mapped[str] = mapped_column(String(16), default="", server_default="")
    clean_notes: Mapped[str] = mapped_column(String(255), default="", server_default="")


class Artefact(Base):
    """A file or a link that belongs to a part. `kind`: file or link."""

    __tablename__ = "artefact"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    part_id: Mapped[str] = mapped_column(ForeignKey("part.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    url: Mapped[str | None] = mapped_column(Text)
    sha256: Mapped[str | None] = mapped_column(ForeignKey("blob.sha256"))
    filename: Mapped[str | None] = mapped_column(String(255))
    position: Mapped[int] = mapped_column(default=0)
    # How a file came (arrivals.Arrival), so that the same sent again is known.
    arrival: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    part: Mapped[Part] = relationship(back_populates="artefacts")
    blob: Mapped[Blob | None] = relationship()
