"""Visits of other people in the same browser are found without reading all of one's own."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the index of browsers know the people, too."""
    op.drop_index("ix_visit_browser", table_name="visit")
    op.create_index("ix_visit_browser", "visit", ["browser_hash", "person_id"])


def downgrade() -> None:
    """Take them out of it."""
    op.drop_index("ix_visit_browser", table_name="visit")
    op.create_index("ix_visit_browser", "visit", ["browser_hash"])
