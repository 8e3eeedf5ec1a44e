"""How a file arrived, so that the same sent again is known; which save made a revision, so that it is known, too."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty."""
    op.add_column("artefact", sa.Column("arrival", sa.JSON(), nullable=True))
    op.add_column("part", sa.Column("saved_by", sa.String(length=32), nullable=True))
    op.add_column("assessment", sa.Column("saved_by", sa.String(length=32), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("assessment", "saved_by")
    op.drop_column("part", "saved_by")
    op.drop_column("artefact", "arrival")
