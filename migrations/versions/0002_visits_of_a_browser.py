"""Find the visits of a browser at each launch."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_visit_browser", "visit", ["browser_hash"])


def downgrade() -> None:
    """Take the index away."""
    op.drop_index("ix_visit_browser", table_name="visit")
