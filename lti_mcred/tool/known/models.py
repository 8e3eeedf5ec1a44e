"""Tables of the LTI side: platforms, deployments, login attempts, keys, resource links, class lists."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.engine.db import ID, Base, new_id, random_id, utcnow
from lti_mcred.people.models import Course


class Platform(Base):
    """One registration with an LMS. Canvas schools share one issuer, so endpoints belong to (issuer, client_id)."""

    __tablename__ = "platform"
    __table_args__ = (UniqueConstraint("issuer", "client_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(255))
    issuer: Mapped[str] = mapped_column(String(255))
    client_id: Mapped[str] = mapped_column(String(255))
    auth_url: Mapped[str] = mapped_column(Text)
    token_url: Mapped[str] = mapped_column(Text)
    # Brightspace wants another audience than the token URL.
    token_audience: Mapped[str | None] = mapped_column(Text)
    jwks_url: Mapped[str] = mapped_column(Text)
    # The LMS profile, by its name in tool/profiles/.
    profile: Mapped[str] = mapped_column(String(32), default="generic")
    # active, or removed (kept, because people and scores point here).
    state: Mapped[str] = mapped_column(String(16), default="active")
    # What becomes of a deployment that we do not know: ask, first (take it while there is no other), or all.
    policy: Mapped[str] = mapped_column(String(16), default="first", server_default="first")
    # Answer of the registration endpoint, kept as it came; its access token (RFC 7592) is sealed beside it.
    registration: Mapped[dict[str, Any] | None]
    registration_token_sealed: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_launch_at: Mapped[datetime | None]
    deployments: Mapped[list["Deployment"]] = relationship(back_populates="platform")


class Deployment(Base):
    """One installation of the tool on a platform: a tenant. `state`: active, pending or refused."""

    __tablename__ = "deployment"
    __table_args__ = (UniqueConstraint("platform_id", "deployment_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str] = mapped_column(String(255))
    state: Mapped[str] = mapped_column(String(16), default="active")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # Where we ask for notices of copied courses (tool/wire/notices.py), when we last did, and when it was granted.
    notices_url: Mapped[str | None] = mapped_column(Text)
    notices_asked_at: Mapped[datetime | None]
    notices_set_at: Mapped[datetime | None]
    platform: Mapped[Platform] = relationship(back_populates="deployments")


class Lti11Key(Base):
    """Key and secret of an installation that the LMS had by LTI 1.1: they prove who was who. The secret is sealed."""

    __tablename__ = "lti11_key"
    __table_args__ = (UniqueConstraint("platform_id", "consumer_key"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    consumer_key: Mapped[str] = mapped_column(String(255))
    secret_encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class RegistrationInvite(Base):
    """A code that lets an LMS register itself, or renew its registration. Only the SHA-256 of the code is kept."""

    __tablename__ = "registration_invite"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime]
    # When it was taken; a reusable one only remembers the last time.
    used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # Good until it expires, for any number of LMSs.
    reusable: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whom it is for, in the words of whoever made it.
    note: Mapped[str] = mapped_column(String(255), default="", server_default="")
    # The registration that came of it.
    platform_id: Mapped[str | None] = mapped_column(ForeignKey("platform.id"))
    # The registration that it renews; None: it makes a new one.
    renews_id: Mapped[str | None] = mapped_column(ForeignKey("platform.id"))
    # Whether the renewal may bring other addresses: only where the operator made it.
    may_move: Mapped[bool] = mapped_column(default=False, server_default=false())


class PlatformKeys(Base):
    """Cached JWKS of a platform, shared by all processes. A failed fetch never replaces a good set."""

    __tablename__ = "platform_keys"

    jwks_url: Mapped[str] = mapped_column(Text, primary_key=True)
    document: Mapped[dict[str, Any]]
    fetched_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # Until when fetches for unknown kids are owed to the platform, in seconds since 1970 (wire/jwks.py: Ration).
    asks_until: Mapped[float] = mapped_column(default=0.0, server_default="0")


class ToolKey(Base):
    """One of our signing keys (RSA). Published before it signs, and after it stops. The private part is encrypted."""

    __tablename__ = "tool_key"

    kid: Mapped[str] = mapped_column(String(64), primary_key=True)
    # 1, 2, 3…: unique, so that two processes that rotate at once make one key.
    generation: Mapped[int] = mapped_column(unique=True)
    public_jwk: Mapped[dict[str, Any]]
    private_encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    signs_from: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class LoginAttempt(Base):
    """One OIDC login: opened at /lti/login, taken exactly once at /lti/launch. Secrets are kept as SHA-256."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index("ix_login_attempt_expires", "expires_at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    nonce_hash: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_hint: Mapped[str | None] = mapped_column(String(255))
    target_link_uri: Mapped[str] = mapped_column(Text)
    # SHA-256 of the browser cookie set at login.
    browser_hash: Mapped[str] = mapped_column(String(64))
    storage_target: Mapped[str | None] = mapped_column(String(255))
    # What the platform sent, to start again in a new window.
    login_params: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    # Set while a verified launch waits for the browser to prove itself through platform storage.
    ticket_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    claims: Mapped[dict[str, Any] | None]


class Roster(Base):
    """The class list of a course: how the last reading went, and where the reading at hand stands.

    `state`: reading; waiting (it goes on by itself); read; held (too many are missing, a teacher decides); stopped (a
    person has to act first).
    """

    __tablename__ = "roster"

    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    # Written to every membership that this reading names.
    reading_id: Mapped[str] = mapped_column(ID)
    started_at: Mapped[datetime]
    # The page to ask for next; None when the list has ended.
    next_url: Mapped[str | None] = mapped_column(Text)
    pages: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    # People whom a held list does not name, of how many who were known.
    missing: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    # The last list that was read to its end and applied.
    read_at: Mapped[datetime | None]
    # Why it waits or stopped, and who can cure it, in plain words.
    reason: Mapped[str] = mapped_column(Text, default="")
    who: Mapped[str] = mapped_column(Text, default="")
    course: Mapped[Course] = relationship()


class ResourceLink(Base):
    """A link to us inside a course. `activity_id` names what it opens (catalog.models.Activity)."""

    __tablename__ = "resource_link"
    __table_args__ = (
        UniqueConstraint("course_id", "resource_link_id"),
        # By hash on PostgreSQL: an address may be longer than an ordered index takes.
        Index("ix_resource_link_lineitem_url", "lineitem_url", postgresql_using="hash"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=random_id)
    course_id: Mapped[str] = mapped_column(ForeignKey("course.id"))
    resource_link_id: Mapped[str] = mapped_column(String(255))
    title: Mapped[str] = mapped_column(Text, default="")
    activity_id: Mapped[str | None] = mapped_column(ID, index=True)
    # What the link says it opens, as long as that belongs to another course: a copy that waits for its teacher.
    named: Mapped[str | None] = mapped_column(ID)
    # As the last launch that named one said, because the host may change; None: no grade column, or it is gone.
    lineitem_url: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    course: Mapped[Course] = relationship()


class RefusedLaunch(Base):
    """A refused launch, for whoever supports its administrator; nothing personal is kept (known/refused.py)."""

    __tablename__ = "refused_launch"
    __table_args__ = (Index("ix_refused_launch_platform", "platform_id", "deployment_id", "at"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    # Only when the platform itself vouched for it; None is for the operator's eyes alone.
    deployment_id: Mapped[str | None] = mapped_column(ForeignKey("deployment.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    # The check that failed, and the fact that it stumbled over.
    failed: Mapped[str] = mapped_column(String(64))
    fact: Mapped[str] = mapped_column(Text)
    # Names of the checks before it, in order.
    passed: Mapped[list[str]]
    claims: Mapped[dict[str, Any]]
    # The reference that the person saw on the page.
    reference: Mapped[str] = mapped_column(String(32))

    @property
    def verified(self) -> bool:
        """Whether the platform signed the claims; otherwise anybody may have written them."""
        return "signature" in self.passed


class SeenService(Base):
    """What launches of a deployment brought along: a scope, the class list, a placement (known/granted.py)."""

    __tablename__ = "seen_service"
    __table_args__ = (UniqueConstraint("deployment_id", "family", "name"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    family: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(255))
    first_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    # To the day: a launch writes here only when something is new or was not seen today.
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)


class ConnectionTest(Base):
    """The newest test of a deployment's connection. `state`: waiting, running or done (health/connection.py)."""

    __tablename__ = "connection_test"
    __table_args__ = (Index("ix_connection_test_platform", "platform_id", "deployment_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    platform_id: Mapped[str] = mapped_column(ForeignKey("platform.id"))
    deployment_id: Mapped[str | None] = mapped_column(ForeignKey("deployment.id"))
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    # One object a line: name, state, words, who, said.
    lines: Mapped[list[Any]] = mapped_column(default=list)
    deployment: Mapped[Deployment | None] = relationship()


class CourseCopy(Base):
    """One context of a deployment was copied into another: an LtiContextCopyNotice said so. Ids are the LMS's."""

    __tablename__ = "course_copy"
    __table_args__ = (UniqueConstraint("deployment_id", "context_id", "origin_context_id"),)

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    context_id: Mapped[str] = mapped_column(String(255))
    origin_context_id: Mapped[str] = mapped_column(String(255))
    noticed_at: Mapped[datetime] = mapped_column(default=utcnow)
