"""The base of all tables, and those that stand for nothing in a course: the file, keys, tokens, the log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, String, TypeDecorator
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Json = dict[str, Any]


class UtcDateTime(TypeDecorator[datetime]):
    """A moment kept in UTC; SQLite forgets the zone, so it is put back on reading."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC without its zone, as SQLite keeps it; a naive one counts as local time."""
        return value.astimezone(UTC).replace(tzinfo=None) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored moment with UTC as its zone."""
        return value.replace(tzinfo=UTC) if value else None


class Base(DeclarativeBase):
    """Declarative base with the column types that Python annotations stand for."""

    type_annotation_map = {datetime: UtcDateTime, dict[str, Any]: JSON, list[Any]: JSON, str: String}  # noqa: RUF012 - read once


class Meta(Base):
    """One row per fact about the data file itself, such as its schema version."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class CampusState(Base):
    """What a trainee can flip on a campus: switches (behaviour) and faults (things that go wrong)."""

    __tablename__ = "campus_state"
    campus: Mapped[str] = mapped_column(primary_key=True)
    secret: Mapped[str]
    switches: Mapped[Json]
    faults: Mapped[Json]


class SigningKey(Base):
    """A key of the campus. Every kept key is published; the newest active one signs."""

    __tablename__ = "signing_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str] = mapped_column(index=True)
    kid: Mapped[str]
    private_jwk: Mapped[Json]
    active: Mapped[bool]


class RegistrationToken(Base):
    """A link that lets one tool register itself once."""

    __tablename__ = "registration_tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str]
    jti: Mapped[str] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Once(Base):
    """Values that may be used a single time: assertion ids and response nonces."""

    __tablename__ = "once"
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


class ServiceRequest(Base):
    """One request of a tool to a service, as it came and as it was answered. Secrets are left out."""

    __tablename__ = "service_requests"
    id: Mapped[int] = mapped_column(primary_key=True)
    campus: Mapped[str] = mapped_column(index=True)
    at: Mapped[datetime]
    method: Mapped[str]
    path: Mapped[str]
    query: Mapped[str]
    content_type: Mapped[str]
    body: Mapped[str]
    status: Mapped[int]  # 0: the connection was dropped without an answer
    answer: Mapped[str]
