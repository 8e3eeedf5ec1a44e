"""Refused launches in a table of their own, services that launches brought, and reports of connection tests."""

import sqlalchemy as sa
from alembic import op

import lti_mcred.engine.db

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_REFUSED = sa.table(
    "refused_launch",
    sa.column("id", sa.String), sa.column("platform_id", sa.String), sa.column("at", lti_mcred.engine.db.UTCDateTime()),
    sa.column("failed", sa.String), sa.column("fact", sa.Text), sa.column("passed", sa.JSON),
    sa.column("claims", sa.JSON), sa.column("reference", sa.String),
)  # fmt: skip


def upgrade() -> None:
    """Add the tables; what a platform remembered as its last refusal becomes the first row of the new one."""
    moment = lti_mcred.engine.db.UTCDateTime(timezone=True)
    op.create_table(
        "refused_launch",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("platform_id", sa.String(32), nullable=False),
        sa.Column("deployment_id", sa.String(32), nullable=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("failed", sa.String(64), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("passed", sa.JSON(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_refused_launch_platform_id_platform")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_refused_launch_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_launch")),
    )
    op.create_index("ix_refused_launch_platform", "refused_launch", ["platform_id", "deployment_id", "at"])
    op.create_table(
        "seen_service",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("deployment_id", sa.String(32), nullable=False),
        sa.Column("family", sa.String(32), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("first_seen_at", moment, nullable=False),
        sa.Column("last_seen_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_seen_service_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seen_service")),
        sa.UniqueConstraint("deployment_id", "family", "name", name=op.f("uq_seen_service_deployment_id_family_name")),
    )
    op.create_table(
        "connection_test",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("platform_id", sa.String(32), nullable=False),
        sa.Column("deployment_id", sa.String(32), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("finished_at", moment, nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["platform_id"], ["platform.id"], name=op.f("fk_connection_test_platform_id_platform")),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_connection_test_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connection_test")),
    )
    op.create_index("ix_connection_test_platform", "connection_test", ["platform_id", "deployment_id"])
    _carry_over()
    # Not in a batch: that makes the table anew on SQLite, and cannot while rows of other tables point to it.
    op.drop_column("platform", "last_error")
    op.drop_column("platform", "last_error_at")


def downgrade() -> None:
    """Take them away, with what was recorded."""
    op.add_column("platform", sa.Column("last_error_at", lti_mcred.engine.db.UTCDateTime(timezone=True), nullable=True))
    op.add_column("platform", sa.Column("last_error", sa.JSON(), nullable=True))
    op.drop_index("ix_connection_test_platform", table_name="connection_test")
    op.drop_table("connection_test")
    op.drop_table("seen_service")
    op.drop_index("ix_refused_launch_platform", table_name="refused_launch")
    op.drop_table("refused_launch")


def _carry_over() -> None:
    """Check, fact and reference; not the claims, which were kept by a looser rule."""
    platform = sa.table(
        "platform", sa.column("id"), sa.column("last_error", sa.JSON),
        sa.column("last_error_at", lti_mcred.engine.db.UTCDateTime()),
    )  # fmt: skip
    remembered = platform.c.last_error_at.is_not(None)
    for row in op.get_bind().execute(sa.select(platform).where(remembered)).all():
        error = row.last_error or {}
        op.get_bind().execute(
            _REFUSED.insert().values(
                id=lti_mcred.engine.db.new_id(), platform_id=row.id, at=row.last_error_at,
                failed=str(error.get("check", ""))[:64], fact="", passed=error.get("passed", []), claims={},
                reference=str(error.get("reference", ""))[:32],
            )
        )  # fmt: skip
