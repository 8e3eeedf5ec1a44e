"""What somebody may do is read when it is used, so a visit keeps no roles of ours; and who asked for one."""

import sqlalchemy as sa
from alembic import op

from lti_mcred.engine.db import UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Note who runs the LMS, and who said that she teaches a course; forget what visits remembered."""
    op.add_column("person", sa.Column("administers", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("membership", sa.Column("teaches_at", UTCDateTime(timezone=True), nullable=True))
    op.drop_column("visit", "granted")
    op.create_table(
        "role_request",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("course_id", sa.String(32), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("asked_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("decided_at", UTCDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_request_person_id_person")),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_role_request_course_id_course")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
        sa.UniqueConstraint("person_id", "role", name=op.f("uq_role_request_person_id_role")),
    )
    op.create_index(op.f("ix_role_request_state"), "role_request", ["state"])


def downgrade() -> None:
    """Visits that are open lose the roles of ours until the next launch."""
    op.drop_table("role_request")
    op.add_column("visit", sa.Column("granted", sa.JSON(), server_default="[]", nullable=False))
    op.drop_column("membership", "teaches_at")
    op.drop_column("person", "administers")
