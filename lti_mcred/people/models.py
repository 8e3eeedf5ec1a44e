"""Tables of people: courses, persons, memberships, roles of ours. The deployment (tenant) is known by its id."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.engine.db import ID, Base, new_id, random_id, utcnow


class Course(Base):
    """An LTI context inside a deployment, with the service addresses of its last launch."""

    __tablename__ = "course"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(Text, default="")
    label: Mapped[str] = mapped_column(Text, default="")
    lineitems_url: Mapped[str | None] = mapped_column(Text)
    memberships_url: Mapped[str | None] = mapped_column(Text)
    # AGS scopes granted, as the last launch with the claim said.
    scopes: Mapped[list[str]] = mapped_column(default=list)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Person(Base):
    """A user of one deployment, known by `sub`. Names and e-mail are there only when the platform sends them.

    A registration can serve many schools (Blackboard has one client ID for the world), so the same `sub` in two
    deployments is two people.
    """

    __tablename__ = "person"
    __table_args__ = (UniqueConstraint("deployment_id", "sub"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    sub: Mapped[str] = mapped_column(String(255))
    name: Mapped[str | None] = mapped_column(Text)
    given_name: Mapped[str | None] = mapped_column(Text)
    family_name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    # The user id that she had by LTI 1.1, once proved (tool/launch/lti11.py).
    lti11_user_id: Mapped[str | None] = mapped_column(String(255))
    # Canvas Student View and the like: no badge is issued to them.
    is_test_user: Mapped[bool] = mapped_column(default=False)
    # Whether her last launch said that she runs the LMS.
    administers: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class Membership(Base):
    """A person in a course: how she came in last, and what the class list says (tool/roster/reading.py)."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("course_id", "person_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=random_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"), index=True)
    # The roles that count here: those of the last launch, until the class list changes its mind.
    roles: Mapped[list[str]] = mapped_column(default=list)
    # active; inactive (suspended in the LMS); or gone (no longer on the class list; the work stays).
    state: Mapped[str] = mapped_column(String(16), default="active")
    # The last launch; None for somebody whom only the class list has named so far.
    seen_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    # The roles on the class list, None when it never named this person; and the reading that named her last.
    listed_roles: Mapped[list[str] | None]
    listed_in: Mapped[str | None] = mapped_column(ID)
    # When she, an assessor, said that she teaches this course and reads with names here (tool/known/powers.py).
    teaches_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class Grant(Base):
    """A role of ours, never of the LMS: assessor, lead, author, admin."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(32))
    granted_at: Mapped[datetime] = mapped_column(default=utcnow)


class RoleRequest(Base):
    """Somebody asked for a role of ours. `state`: waiting, approved, declined, or ended (it was taken away again)."""

    __tablename__ = "role_request"
    __table_args__ = (UniqueConstraint("person_id", "role"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(String(32))
    # The course that she asked from.
    course_id: Mapped[str | None] = mapped_column(ForeignKey("course.id"))
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    decided_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()
    course: Mapped[Course | None] = relationship()
