"""Files whose bytes are gone by a rule on retention, and copies of files for assessors."""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what becomes of a file."""
    op.add_column("blob", sa.Column("gone_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True))
    op.add_column("blob", sa.Column("clean_rules", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("blob", sa.Column("clean_state", sa.String(length=16), nullable=False, server_default=""))
    op.add_column("blob", sa.Column("clean_notes", sa.String(length=255), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it out."""
    for name in ("clean_notes", "clean_state", "clean_rules", "gone_at"):
        op.drop_column("blob", name)
