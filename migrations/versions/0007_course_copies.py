"""Copied courses: what waits for a teacher, where notices are asked for, work that stays in its course."""

import sqlalchemy as sa
from alembic import op

from lti_mcred.engine.db import UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.create_table(
        "course_copy",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("deployment_id", sa.String(length=32), nullable=False),
        sa.Column("context_id", sa.String(length=255), nullable=False),
        sa.Column("origin_context_id", sa.String(length=255), nullable=False),
        sa.Column("noticed_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["deployment_id"], ["deployment.id"], name=op.f("fk_course_copy_deployment_id_deployment")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_course_copy")),
        sa.UniqueConstraint(
            "deployment_id",
            "context_id",
            "origin_context_id",
            name=op.f("uq_course_copy_deployment_id_context_id_origin_context_id"),
        ),
    )
    with op.batch_alter_table("deployment") as table:
        table.add_column(sa.Column("notices_url", sa.Text(), nullable=True))
        table.add_column(sa.Column("notices_asked_at", UTCDateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("notices_set_at", UTCDateTime(timezone=True), nullable=True))
    with op.batch_alter_table("resource_link") as table:
        table.add_column(sa.Column("named", sa.String(length=32), nullable=True))
    op.create_index("ix_resource_link_lineitem_url", "resource_link", ["lineitem_url"], postgresql_using="hash")
    with op.batch_alter_table("activity") as table:
        table.add_column(sa.Column("named", sa.String(length=32), nullable=True))
        table.add_column(sa.Column("copied_from", sa.String(length=32), nullable=True))
        table.create_foreign_key(op.f("fk_activity_copied_from_activity"), "activity", ["copied_from"], ["id"])
        table.create_unique_constraint(op.f("uq_activity_course_id_named"), ["course_id", "named"])
        table.create_index(op.f("ix_activity_named"), ["named"])
    with op.batch_alter_table("placement") as table:
        table.add_column(sa.Column("replaced_by", sa.String(length=32), nullable=True))
    with op.batch_alter_table("enrolment") as table:
        table.add_column(sa.Column("copy_id", sa.String(length=32), server_default="", nullable=False))
        table.drop_constraint(op.f("uq_enrolment_person_id_version_id"), type_="unique")
        table.create_unique_constraint(
            op.f("uq_enrolment_person_id_version_id_copy_id"), ["person_id", "version_id", "copy_id"]
        )


def downgrade() -> None:
    """Take them away again. Work in copied courses that repeats earlier work has to be removed first."""
    with op.batch_alter_table("enrolment") as table:
        table.drop_constraint(op.f("uq_enrolment_person_id_version_id_copy_id"), type_="unique")
        table.create_unique_constraint(op.f("uq_enrolment_person_id_version_id"), ["person_id", "version_id"])
        table.drop_column("copy_id")
    with op.batch_alter_table("placement") as table:
        table.drop_column("replaced_by")
    with op.batch_alter_table("activity") as table:
        table.drop_index(op.f("ix_activity_named"))
        table.drop_constraint(op.f("uq_activity_course_id_named"), type_="unique")
        table.drop_constraint(op.f("fk_activity_copied_from_activity"), type_="foreignkey")
        table.drop_column("copied_from")
        table.drop_column("named")
    op.drop_index("ix_resource_link_lineitem_url", table_name="resource_link")
    with op.batch_alter_table("resource_link") as table:
        table.drop_column("named")
    with op.batch_alter_table("deployment") as table:
        table.drop_column("notices_set_at")
        table.drop_column("notices_asked_at")
        table.drop_column("notices_url")
    op.drop_table("course_copy")
