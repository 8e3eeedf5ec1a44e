"""How a file arrived, so that the same sent again is known; which page saved a part last, so that it meets no conflict."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty."""
    op.add_column("artefact", sa.Column("arrival", sa.JSON(), nullable=True))
    op.add_column("part", sa.Column("writer", sa.String(length=32), nullable=True))
    op.add_column("part", sa.Column("writer_step", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("part", "writer_step")
    op.drop_column("part", "writer")
    op.drop_column("artefact", "arrival")
