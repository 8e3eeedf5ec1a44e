"""How often a platform is asked for its keys because of unknown ones: a ration that all processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: nothing is owed yet."""
    op.add_column("platform_keys", sa.Column("asks_until", sa.Double(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("platform_keys", "asks_until")
