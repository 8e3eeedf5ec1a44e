"""The tables of the practice LMS: small, and shared by both temperaments."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.practice.ground.tables import Base, Json

ENROLMENTS = ("active", "suspended", "removed")


class Person(Base):
    """Somebody of a campus. ``key`` is the name scripts use ("teacher", "learner-1")."""

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("campus", "key"), UniqueConstraint("campus", "sub"))
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    key: Mapped[str]
    number: Mapped[int]
    sub: Mapped[str]
    legacy_id: Mapped[str]
    given_name: Mapped[str]
    family_name: Mapped[str]
    email: Mapped[str | None]
    sourced_id: Mapped[str | None]
    username: Mapped[str]
    role: Mapped[str]  # teacher, admin, assistant, learner, test
    enrolled: Mapped[str] = mapped_column(default="active")  # one of ENROLMENTS

    @property
    def name(self) -> str:
        """The given name and the family name, as pages and the ``name`` claim show them."""
        return f"{self.given_name} {self.family_name}"

    @property
    def teaches(self) -> bool:
        """May add activities and grade; in both temperaments an assistant may not add activities."""
        return self.role in {"teacher", "admin"}

    @property
    def learns(self) -> bool:
        """Whether a grade column has a row for this person: learners, and Canvas's test student."""
        return self.role in {"learner", "test"}

    @property
    def takes_grades(self) -> bool:
        """Suspended and removed learners get no grades; what they have is kept."""
        return self.learns and self.enrolled == "active"


class Course(Base):
    """A course; everybody but the admin is enrolled in it, until a teacher suspends or removes them."""

    __tablename__ = "courses"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    number: Mapped[int]
    context_id: Mapped[str]
    label: Mapped[str]
    title: Mapped[str]
    sourced_id: Mapped[str]
    concluded: Mapped[bool] = mapped_column(default=False)
    starts_at: Mapped[datetime]
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))


class Tool(Base):
    """One installed tool: a client of the token endpoint and one deployment of it."""

    __tablename__ = "tools"
    __table_args__ = (UniqueConstraint("campus", "client_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    number: Mapped[int]
    client_id: Mapped[str]
    deployment_id: Mapped[str]
    active: Mapped[bool] = mapped_column(default=False)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    domain: Mapped[str]
    login_url: Mapped[str]
    redirect_uris: Mapped[list[Any]]
    jwks_uri: Mapped[str]
    target_link_uri: Mapped[str]
    scopes: Mapped[list[Any]]
    placements: Mapped[list[Any]]
    custom: Mapped[Json]
    privacy: Mapped[str]
    configuration: Mapped[Json]
    notice_handlers: Mapped[Json]
    # Canvas: what the tool would change, until the admin accepts it.
    wanted_update: Mapped[Json | None]
    created_at: Mapped[datetime]


class Session(Base):
    """A browser that somebody signed in with. ``sesskey``: Moodle's word against forged forms, in return addresses."""

    __tablename__ = "sessions"
    token: Mapped[str] = mapped_column(primary_key=True)
    campus: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    sesskey: Mapped[str]
    created_at: Mapped[datetime]
    person: Mapped[Person] = relationship(lazy="joined")


class Activity(Base):
    """A resource link in a course (in Canvas also: an assignment, which need not be a link)."""

    __tablename__ = "activities"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    number: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    link_id: Mapped[str]
    legacy_link_id: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]  # None: nothing to open, a grade column only
    custom: Mapped[Json]
    new_window: Mapped[bool] = mapped_column(default=False)
    published: Mapped[bool] = mapped_column(default=True)
    in_menu: Mapped[bool] = mapped_column(default=False)
    graded: Mapped[bool] = mapped_column(default=False)
    allowed_attempts: Mapped[int | None]
    opens_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    tool: Mapped[Tool] = relationship(lazy="joined")
    course: Mapped[Course] = relationship(lazy="joined")
    line_items: Mapped[list[LineItem]] = relationship(
        back_populates="activity", order_by="LineItem.id", cascade="all, delete-orphan"
    )

    @property
    def main_item(self) -> LineItem | None:
        """The first line item by creation: in Canvas the only one that touches the submission."""
        return self.line_items[0] if self.line_items else None


class LineItem(Base):
    """A grade column. ``coupled``: made with its activity, not by the tool's own POST."""

    __tablename__ = "line_items"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    number: Mapped[int]
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id"))
    label: Mapped[str]
    score_maximum: Mapped[float]
    resource_id: Mapped[str | None]
    tag: Mapped[str | None]
    coupled: Mapped[bool] = mapped_column(default=False)
    submission_type: Mapped[Json | None]
    submission_review: Mapped[Json | None]
    activity: Mapped[Activity | None] = relationship(back_populates="line_items", lazy="joined")
    course: Mapped[Course] = relationship(lazy="joined")
    tool: Mapped[Tool] = relationship(lazy="joined")
    grades: Mapped[list[Grade]] = relationship(back_populates="line_item", cascade="all, delete-orphan")
    results: Mapped[list[Result]] = relationship(back_populates="line_item", cascade="all, delete-orphan")
    posts: Mapped[list[ScorePost]] = relationship(
        back_populates="line_item", order_by="ScorePost.id", cascade="all, delete-orphan"
    )


class Grade(Base):
    """The gradebook cell of one person (Canvas: the submission). ``score`` is on the line item's scale."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_items.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    score: Mapped[float | None]
    state: Mapped[str] = mapped_column(default="unsubmitted")
    grader: Mapped[str | None]  # tool or teacher
    overridden: Mapped[bool] = mapped_column(default=False)
    attempt: Mapped[int] = mapped_column(default=0)
    graded_attempt: Mapped[int | None]
    submitted_at: Mapped[datetime | None]
    submission_type: Mapped[str | None]
    submission_data: Mapped[str | None]
    graded_at: Mapped[datetime | None]
    posted_at: Mapped[datetime | None]  # the timestamp member of the last accepted post
    line_item: Mapped[LineItem] = relationship(back_populates="grades")
    person: Mapped[Person] = relationship(lazy="joined")
    comments: Mapped[list[Comment]] = relationship(order_by="Comment.id", cascade="all, delete-orphan", lazy="selectin")


class Comment(Base):
    """A comment that the learner can read beside the grade."""

    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    grade_id: Mapped[int] = mapped_column(ForeignKey("grades.id"))
    author: Mapped[str]
    text: Mapped[str]
    created_at: Mapped[datetime]


class Result(Base):
    """The AGS result row that Canvas keeps beside the submission; the two may differ."""

    __tablename__ = "results"
    __table_args__ = (UniqueConstraint("line_item_id", "person_id"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_items.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    score: Mapped[float | None]
    maximum: Mapped[float | None]
    comment: Mapped[str | None]
    activity_progress: Mapped[str | None]
    grading_progress: Mapped[str | None]
    extension: Mapped[Json | None]
    updated_at: Mapped[datetime]
    line_item: Mapped[LineItem] = relationship(back_populates="results")
    person: Mapped[Person] = relationship(lazy="joined")


class ScorePost(Base):
    """One accepted score post, kept as it came, with what it did in words for machines."""

    __tablename__ = "score_posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    line_item_id: Mapped[int] = mapped_column(ForeignKey("line_items.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    at: Mapped[datetime]
    body: Mapped[Json]
    effect: Mapped[Json]
    line_item: Mapped[LineItem] = relationship(back_populates="posts")


class Launch(Base):
    """A launch that was begun: the tool may take it once, soon, in the same person's session."""

    __tablename__ = "launches"
    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(unique=True)
    campus: Mapped[str]
    session_token: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id"))
    activity_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id", ondelete="SET NULL"))
    selection_id: Mapped[int | None] = mapped_column(ForeignKey("selections.id"))
    message_type: Mapped[str]
    placement: Mapped[str | None]
    target_link_uri: Mapped[str]
    for_user_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    review_of_id: Mapped[int | None] = mapped_column(ForeignKey("activities.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]
    consumed_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(lazy="joined", foreign_keys=[person_id])
    tool: Mapped[Tool] = relationship(lazy="joined")
    course: Mapped[Course | None] = relationship(lazy="joined")
    activity: Mapped[Activity | None] = relationship(lazy="joined", foreign_keys=[activity_id])
    review_of: Mapped[Activity | None] = relationship(lazy="joined", foreign_keys=[review_of_id])
    for_user: Mapped[Person | None] = relationship(lazy="joined", foreign_keys=[for_user_id])


class Selection(Base):
    """One use of the tool's picker (deep linking) and what came back."""

    __tablename__ = "selections"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    jti: Mapped[str] = mapped_column(unique=True)
    course_id: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    placement: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")  # open, returned, saved, cancelled
    items: Mapped[list[Any]]
    message: Mapped[str | None]
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    course: Mapped[Course] = relationship(lazy="joined")
    tool: Mapped[Tool] = relationship(lazy="joined")


class AccessToken(Base):
    """A bearer token that a tool obtained (Moodle's kind: looked up, not decoded)."""

    __tablename__ = "access_tokens"
    token: Mapped[str] = mapped_column(primary_key=True)
    tool_id: Mapped[int] = mapped_column(ForeignKey("tools.id"))
    scopes: Mapped[list[Any]]
    expires_at: Mapped[datetime]
    tool: Mapped[Tool] = relationship(lazy="joined")
