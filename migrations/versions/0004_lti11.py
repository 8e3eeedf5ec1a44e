"""Carry people over from LTI 1.1: the old keys with their sealed secrets, and the id that a person had."""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the column."""
    op.create_table(
        "lti11_key",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("platform_id", sa.String(length=32), nullable=False),
        sa.Column("consumer_key", sa.String(length=255), nullable=False),
        sa.Column("secret_encrypted", sa.Text(), nullable=False),
        sa.Column("created_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_lti11_key_platform_id_platform")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lti11_key")),
        sa.UniqueConstraint("platform_id", "consumer_key", name=op.f("uq_lti11_key_platform_id_consumer_key")),
    )
    op.add_column("person", sa.Column("lti11_user_id", sa.String(length=255), nullable=True))


def downgrade() -> None:
    """Take both away."""
    op.drop_column("person", "lti11_user_id")
    op.drop_table("lti11_key")
