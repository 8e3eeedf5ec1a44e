"""A withdrawn badge names nobody; keys that leaked can be taken out, and what is done to keys is kept on record.

Badges that were withdrawn with a name on them lose it here, and are signed again when somebody next asks for them.
"""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the record of keys; take names out of withdrawn badges."""
    op.add_column("issuer_key", sa.Column("leaked_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True))
    op.create_table(
        "issuer_event",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("issuer_id", sa.String(length=32), nullable=False),
        sa.Column("at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["issuer_id"], ["issuer.id"], name=op.f("fk_issuer_event_issuer_id_issuer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issuer_event")),
    )
    op.create_index(op.f("ix_issuer_event_issuer_id"), "issuer_event", ["issuer_id"])
    op.execute(
        "UPDATE award SET shown_name = NULL, credential = '' WHERE revoked_at IS NOT NULL AND shown_name IS NOT NULL"
    )


def downgrade() -> None:
    """Take the record out; names that were taken out of badges are not brought back."""
    op.drop_table("issuer_event")
    op.drop_column("issuer_key", "leaked_at")
