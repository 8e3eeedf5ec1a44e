"""Tables of judging: assessments with marks, decisions, and the ledger of what each LMS was told."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.engine.db import ID, Base, new_id, random_id, utcnow
from lti_mcred.evidence.models import Attempt
from lti_mcred.people.models import Course, Person


class Assessment(Base):
    """One assessor's scoring of one attempt.

    `state`: claimed (locked until `claimed_until`), submitted, returned (sent back as incomplete), released (given
    back with a reason, or the lock ran out and another assessor took the attempt). Marks outlive the lock.
    """

    __tablename__ = "assessment"
    __table_args__ = (
        UniqueConstraint("attempt_id", "assessor_id"),
        Index("ix_assessment_assessor", "assessor_id", "state"),
        # The database itself refuses a second claim of one attempt, whatever two workers believe.
        Index(
            "uq_assessment_one_claim",
            "attempt_id",
            unique=True,
            postgresql_where=text("state = 'claimed'"),
            sqlite_where=text("state = 'claimed'"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=random_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    assessor_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    state: Mapped[str] = mapped_column(String(16), default="claimed")
    claimed_until: Mapped[datetime]
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    submitted_at: Mapped[datetime | None]
    # Why it was given back: conflict, cannot_open, distress, language, expired.
    release_reason: Mapped[str | None] = mapped_column(Text)
    # Grows with each draft save; an older page is answered with both texts.
    revision: Mapped[int] = mapped_column(default=0)
    # See Part.saved_by.
    saved_by: Mapped[str | None] = mapped_column(String(32))
    # What is missing when it was returned as incomplete: {"parts": {part id: text}, "note": text}.
    missing: Mapped[dict[str, Any] | None]
    attempt: Mapped[Attempt] = relationship()
    marks: Mapped[list["Mark"]] = relationship(back_populates="assessment", cascade="all, delete-orphan")


class Mark(Base):
    """The level an assessor gave for one criterion. `level_id` is None while only a comment is drafted."""

    __tablename__ = "mark"
    __table_args__ = (UniqueConstraint("assessment_id", "criterion_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    assessment_id: Mapped[str] = mapped_column(ForeignKey("assessment.id"))
    criterion_id: Mapped[str] = mapped_column(String(64))
    level_id: Mapped[str | None] = mapped_column(String(64))
    comment: Mapped[str] = mapped_column(Text, default="")
    evidence_note: Mapped[str] = mapped_column(Text, default="")
    assessment: Mapped[Assessment] = relationship(back_populates="marks")


class Decision(Base):
    """What was decided about an attempt. Never changed; a later decision has a higher `sequence`."""

    __tablename__ = "decision"
    __table_args__ = (UniqueConstraint("attempt_id", "sequence"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    sequence: Mapped[int] = mapped_column(default=1)
    # earned or not_yet.
    outcome: Mapped[str] = mapped_column(String(16))
    # criterion id -> {"level": id, "met": bool, "comment": text}, every criterion of the rubric.
    criteria: Mapped[dict[str, Any]]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempt: Mapped[Attempt] = relationship()


class LedgerEntry(Base):
    """One score owed to one grade column, with what was sent and what the LMS answered.

    `kind`: submitted (handed in, to be graded here) or decided. `state`: owed, sent, superseded, held (a person must
    act), dead (the column is gone or the LMS refuses us), kept (a grade that a teacher typed was respected).
    Sending again is a new row with the next `sequence` of the same decision (or hand-in), so that what was said before
    stays readable.
    """

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_column", "lineitem_url", "person_id"),
        Index("ix_ledger_course", "course_id", "id"),
        Index("ix_ledger_attempt", "attempt_id", "kind"),
        # One row for each sending of a decision or a hand-in to a column, whatever two workers believe.
        Index("uq_ledger_decision", "decision_id", "placement_id", "lineitem_url", "sequence", unique=True),
        Index(
            "uq_ledger_hand_in",
            "attempt_id",
            "placement_id",
            "lineitem_url",
            "sequence",
            unique=True,
            postgresql_where=text("kind = 'submitted'"),
            sqlite_where=text("kind = 'submitted'"),
        ),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    placement_id: Mapped[str] = mapped_column(ForeignKey("placement.id"))
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    attempt_id: Mapped[str] = mapped_column(ForeignKey("attempt.id"))
    decision_id: Mapped[str | None] = mapped_column(ForeignKey("decision.id"))
    kind: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int] = mapped_column(default=1)
    lineitem_url: Mapped[str] = mapped_column(Text)
    score_given: Mapped[float | None]
    score_maximum: Mapped[float | None]
    comment: Mapped[str] = mapped_column(Text, default="")
    # Asked for by a person with "Send again" or "Send ours": a grade typed in the LMS may be replaced.
    insisted: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    # The timestamp put on the wire: fixed before the first try, so that a resend is the same score.
    stamp: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), default="owed")
    # While a worker has it on the wire; a worker that dies leaves it so until then.
    in_flight_until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    # {"url", "body"}: committed before the first try and sent again word for word.
    request: Mapped[dict[str, Any] | None]
    # What the LMS held when a teacher's grade was kept: {"given", "maximum"}.
    found: Mapped[dict[str, Any] | None]
    answer_status: Mapped[int | None]
    answer_body: Mapped[str | None] = mapped_column(Text)
    # In plain words for the teacher: what stands in the way and who can cure it.
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[person_id])
    course: Mapped[Course] = relationship()
    attempt: Mapped[Attempt] = relationship()


class ColumnSearch(Base):
    """What the LMS's list of columns said about a link that has none by its launches (column.py).

    `state`: asking, found, none, several, or refused: then `reason` and `who` say why and who can cure it.
    """

    __tablename__ = "column_search"

    resource_link_id: Mapped[str] = mapped_column(ForeignKey("resource_link.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    answered_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")
    who: Mapped[str] = mapped_column(Text, default="")


class Succession(Base):
    """A teacher's answer about a link that came after another one to the same micro-credential (succession.py).

    `answer`: moved (work and scores go on under this link) or apart (both are meant).
    """

    __tablename__ = "succession"

    resource_link_id: Mapped[str] = mapped_column(ForeignKey("resource_link.id"), primary_key=True)
    answer: Mapped[str] = mapped_column(String(16))
    answered_by: Mapped[str] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime] = mapped_column(default=utcnow)
