"""Which rules looked at a stored file when its type was noted."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the version of the rules; 0 for the files that are there, so that they are looked at again."""
    op.add_column("blob", sa.Column("kind_rules", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it out."""
    op.drop_column("blob", "kind_rules")
