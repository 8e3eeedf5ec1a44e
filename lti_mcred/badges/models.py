"""Tables of what is attested: issuers with keys, status lists, awards."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from lti_mcred.engine.db import ID, Base, new_id, utcnow


class Issuer(Base):
    """Who stands behind badges. The slug makes the DID, did:web:<host>:issuers:<slug>; it is drawn at random."""

    __tablename__ = "issuer"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(128), unique=True)
    name: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # The version whose words about the issuer these are, and when it was published.
    said_at: Mapped[datetime | None]
    said_by: Mapped[str | None] = mapped_column(ID)
    keys: Mapped[list["IssuerKey"]] = relationship(order_by="IssuerKey.created_at")


class IssuerBinding(Base):
    """What definitions say about their issuer, and which one it is.

    `said` is "name:" with the exact name, for one micro-credential (the definition's id; "" for none in particular), or
    "id:" with the definition's issuer.id.
    """

    __tablename__ = "issuer_binding"

    micro_credential: Mapped[str] = mapped_column(String(128), primary_key=True)
    said: Mapped[str] = mapped_column(Text, primary_key=True, index=True)
    issuer_id: Mapped[str] = mapped_column(ForeignKey("issuer.id"), index=True)


class IssuingAddress(Base):
    """A public address under which badges were issued. Their DIDs and lists name it for ever."""

    __tablename__ = "issuing_address"

    address: Mapped[str] = mapped_column(String(255), primary_key=True)
    first_at: Mapped[datetime] = mapped_column(default=utcnow)


class IssuerKey(Base):
    """An Ed25519 key of an issuer. Public keys stay in the DID document as long as their badges live."""

    __tablename__ = "issuer_key"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    issuer_id: Mapped[str] = mapped_column(ForeignKey("issuer.id"), index=True)
    public_multibase: Mapped[str] = mapped_column(String(64), unique=True)
    private_encrypted: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    # Signs no longer since then; still published.
    retired_at: Mapped[datetime | None]
    # Taken out of the DID document since then: nothing that it signed counts any more.
    leaked_at: Mapped[datetime | None]


class IssuerEvent(Base):
    """What was done to an issuer's keys: who, when, in words for the operator. Never deleted."""

    __tablename__ = "issuer_event"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    issuer_id: Mapped[str] = mapped_column(ForeignKey("issuer.id"), index=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    who: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)


class StatusList(Base):
    """A Bitstring status list of an issuer: one bit for each badge, drawn at random."""

    __tablename__ = "status_list"

    id: Mapped[str] = mapped_column(ID, primary_key=True, default=new_id)
    issuer_id: Mapped[str] = mapped_column(ForeignKey("issuer.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16), default="revocation")
    bits: Mapped[bytes] = mapped_column(LargeBinary)
    # The signed list credential last served, JSON text; None when a bit has changed since.
    signed: Mapped[str | None] = mapped_column(Text)
    signed_at: Mapped[datetime | None]
    # What signed it: its address, and the verification method (DID and key).
    signed_with: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[Issuer] = relationship()


class Award(Base):
    """A badge: one that stands per person and version. `credential` is its signed text, "" while unsigned."""

    __tablename__ = "award"
    __table_args__ = (
        Index(
            "ix_award_standing",
            "person_id",
            "version_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
            sqlite_where=text("revoked_at IS NULL"),
        ),
        Index("ix_award_person_version", "person_id", "version_id"),
        UniqueConstraint("status_list_id", "status_index"),
    )

    # Long and random: whoever holds the link may look.
    id: Mapped[str] = mapped_column(String(43), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("person.id"))
    version_id: Mapped[str] = mapped_column(ForeignKey("catalog_version.id"), index=True)
    decision_id: Mapped[str] = mapped_column(ForeignKey("decision.id"))
    issuer_id: Mapped[str] = mapped_column(ForeignKey("issuer.id"))
    status_list_id: Mapped[str] = mapped_column(ForeignKey("status_list.id"))
    status_index: Mapped[int]
    credential: Mapped[str] = mapped_column(Text)
    awarded_at: Mapped[datetime] = mapped_column(default=utcnow)
    valid_until: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None] = mapped_column(Text)
    # The holder's name on the page, as the holder chose; None: no name.
    shown_name: Mapped[str | None] = mapped_column(Text)
    issuer: Mapped[Issuer] = relationship()
