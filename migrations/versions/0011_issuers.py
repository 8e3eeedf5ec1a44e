"""An issuer is bound by what definitions say exactly, no longer found by letters of its name.

Issuers that are there keep their DID. Each is bound to its own exact name, and to the micro-credentials that name it so
and have badges of it: a web address that was corrected in one of them is taken up from now on. A name that only shared
its letters with an issuer's is bound to nothing, and gets an issuer of its own with its next badge.
"""

import re
import unicodedata
from typing import Any

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
_ID = re.compile(r'"id": ?"(https?://[^"/]+)/credentials/')


def upgrade() -> None:
    """Add bindings, remembered addresses and who signed a list; fill them from what is there."""
    op.create_table(
        "issuer_binding",
        sa.Column("micro_credential", sa.String(length=128), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_binding_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("micro_credential", "said", name=op.f("pk_issuer_binding")),
    )
    op.create_index(op.f("ix_issuer_binding_said"), "issuer_binding", ["said"])
    op.create_index(op.f("ix_issuer_binding_issuer_id"), "issuer_binding", ["issuer_id"])
    op.create_table(
        "issuing_address",
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("first_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_issuing_address")),
    )
    op.add_column("issuer", sa.Column("said_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True))
    op.add_column("issuer", sa.Column("said_by", sa.String(length=32), nullable=True))
    op.add_column("status_list", sa.Column("signed_with", sa.Text(), nullable=True))
    connection = op.get_bind()
    _bind(connection)
    _remember_addresses(connection)


def downgrade() -> None:
    """Take them out."""
    op.drop_column("status_list", "signed_with")
    op.drop_column("issuer", "said_by")
    op.drop_column("issuer", "said_at")
    op.drop_table("issuing_address")
    op.drop_table("issuer_binding")


def _bind(connection: sa.Connection) -> None:
    names = {row.id: _exact(row.name) for row in connection.execute(sa.text("SELECT id, name FROM issuer"))}
    bindings = {("", "name:" + name): issuer for issuer, name in names.items()}
    awarded = (
        "SELECT catalog_version.slug, catalog_version.document, made.issuer_id FROM catalog_version "
        "JOIN (SELECT DISTINCT version_id, issuer_id FROM award) AS made ON made.version_id = catalog_version.id"
    )
    for slug, document, issuer in connection.execute(sa.text(awarded).columns(document=sa.JSON())):
        if _exact(document.get("issuer", {}).get("name", "")) == names[issuer]:
            bindings[slug, "name:" + names[issuer]] = issuer
    table = sa.table("issuer_binding", sa.column("micro_credential"), sa.column("said"), sa.column("issuer_id"))
    rows: list[dict[str, Any]] = [
        {"micro_credential": slug, "said": said, "issuer_id": issuer} for (slug, said), issuer in bindings.items()
    ]
    if rows:
        connection.execute(table.insert(), rows)


def _remember_addresses(connection: sa.Connection) -> None:
    first: dict[str, Any] = {}
    query = sa.text("SELECT substr(credential, 1, 1000) AS head, awarded_at FROM award ORDER BY awarded_at")
    for head, at in connection.execute(query.columns(awarded_at=lti_mcred.engine.db.UTCDateTime(timezone=True))):
        if found := _ID.search(head):
            first.setdefault(found[1], at)
    table = sa.table(
        "issuing_address", sa.column("address"), sa.column("first_at", lti_mcred.engine.db.UTCDateTime(timezone=True))
    )
    if first:
        connection.execute(table.insert(), [{"address": base, "first_at": at} for base, at in first.items()])


def _exact(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())
