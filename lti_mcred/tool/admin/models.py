"""Tables of the operator's access. Only hashes are kept: a copy of the database opens nothing."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from lti_mcred.engine.db import Base, utcnow


class OperatorLink(Base):
    """A link that opens the administration once. The code itself stands in the link alone."""

    __tablename__ = "operator_link"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OperatorSession(Base):
    """A browser in which the operator is signed in, first party and with a cookie."""

    __tablename__ = "operator_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    # Who it is: "link" for a one-time link, a subject of a sign-in service once there is one.
    identity: Mapped[str] = mapped_column(String(255))
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    ends_at: Mapped[datetime]
