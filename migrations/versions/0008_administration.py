"""Administration: links and sessions of the operator, invitations that can be withdrawn or renew, a policy."""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and columns; what is registered already keeps taking its first deployment."""
    op.create_table(
        "operator_link",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.Column("created_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("expires_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("used_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_operator_link")),
    )
    op.create_table(
        "operator_session",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("identity", sa.String(255), nullable=False),
        sa.Column("opened_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("seen_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.Column("ends_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_operator_session")),
    )
    op.add_column("platform", sa.Column("policy", sa.String(16), server_default="first", nullable=False))
    op.add_column("platform", sa.Column("registration_token_sealed", sa.Text(), nullable=True))
    with op.batch_alter_table("registration_invite") as batch:
        moment = lti_mcred.engine.db.UTCDateTime(timezone=True)
        batch.add_column(sa.Column("revoked_at", moment, nullable=True))
        batch.add_column(sa.Column("reusable", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("note", sa.String(255), server_default="", nullable=False))
        batch.add_column(sa.Column("renews_id", sa.String(32), nullable=True))
        batch.add_column(sa.Column("may_move", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.create_foreign_key(op.f("fk_registration_invite_renews_id_platform"), "platform", ["renews_id"], ["id"])


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("registration_invite") as batch:
        batch.drop_constraint(op.f("fk_registration_invite_renews_id_platform"), type_="foreignkey")
        for name in ("may_move", "renews_id", "note", "reusable", "revoked_at"):
            batch.drop_column(name)
    # Not in a batch: that makes the table anew on SQLite, and cannot while rows of other tables point to it.
    op.drop_column("platform", "registration_token_sealed")
    op.drop_column("platform", "policy")
    op.drop_table("operator_session")
    op.drop_table("operator_link")
