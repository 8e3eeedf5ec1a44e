"""One worker at a time has a score on the wire; the ledger counts the sendings of a decision, not of an attempt."""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_OLD = "uq_ledger_placement_id_attempt_id_kind_sequence"


def upgrade() -> None:
    """Add the end of a flight; replace the old key by one for decisions and one for hand-ins."""
    with op.batch_alter_table("ledger") as batch:
        batch.add_column(sa.Column("in_flight_until", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True))
        batch.drop_constraint(_OLD, type_="unique")
        batch.create_index("ix_ledger_attempt", ["attempt_id", "kind"])
        batch.create_index(
            "uq_ledger_decision", ["decision_id", "placement_id", "lineitem_url", "sequence"], unique=True
        )
    hand_in = sa.text("kind = 'submitted'")
    op.create_index(
        "uq_ledger_hand_in",
        "ledger",
        ["attempt_id", "placement_id", "lineitem_url", "sequence"],
        unique=True,
        postgresql_where=hand_in,
        sqlite_where=hand_in,
    )


def downgrade() -> None:
    """Take both away again."""
    op.drop_index("uq_ledger_hand_in", table_name="ledger")
    with op.batch_alter_table("ledger") as batch:
        batch.drop_index("uq_ledger_decision")
        batch.drop_index("ix_ledger_attempt")
        batch.create_unique_constraint(_OLD, ["placement_id", "attempt_id", "kind", "sequence"])
        batch.drop_column("in_flight_until")
