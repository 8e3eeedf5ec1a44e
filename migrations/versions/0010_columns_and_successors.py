"""Where a link's grade column was asked for, and what a teacher said of a link that came after another."""

import sqlalchemy as sa
from alembic import op

from lti_mcred.engine.db import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "column_search",
        sa.Column("resource_link_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_column_search_resource_link_id_resource_link")
        ),
        sa.PrimaryKeyConstraint("resource_link_id", name=op.f("pk_column_search")),
    )
    op.create_table(
        "succession",
        sa.Column("resource_link_id", sa.String(length=32), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=False),
        sa.Column("answered_by", sa.String(length=32), nullable=False),
        sa.Column("answered_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_succession_resource_link_id_resource_link")
        ),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_succession_answered_by_person")),
        sa.PrimaryKeyConstraint("resource_link_id", name=op.f("pk_succession")),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("succession")
    op.drop_table("column_search")
