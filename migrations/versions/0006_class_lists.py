"""Keep what class lists say: roles, who is named, how a reading went, and who opened a link."""

import sqlalchemy as sa
from alembic import op

from lti_mcred.engine.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to memberships what the list says."""
    with op.batch_alter_table("membership") as batch_op:
        batch_op.alter_column("seen_at", existing_type=UTCDateTime(timezone=True), nullable=True)
        batch_op.add_column(sa.Column("listed_roles", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("listed_in", sa.String(length=32), nullable=True))
    op.create_table(
        "roster",
        sa.Column("course_id", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reading_id", sa.String(length=32), nullable=False),
        sa.Column("started_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("next_url", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("returned", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("read_at", UTCDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["course_id"], ["course.id"], name=op.f("fk_roster_course_id_course")),
        sa.PrimaryKeyConstraint("course_id", name=op.f("pk_roster")),
    )
    op.create_table(
        "opening",
        sa.Column("resource_link_id", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.String(length=32), nullable=False),
        sa.Column("opened_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opening_person_id_person")),
        sa.ForeignKeyConstraint(
            ["resource_link_id"], ["resource_link.id"], name=op.f("fk_opening_resource_link_id_resource_link")
        ),
        sa.PrimaryKeyConstraint("resource_link_id", "person_id", name=op.f("pk_opening")),
    )


def downgrade() -> None:
    """Take them away; people whom only a list named count as seen now."""
    op.drop_table("opening")
    op.drop_table("roster")
    op.execute(sa.text("UPDATE membership SET seen_at = CURRENT_TIMESTAMP WHERE seen_at IS NULL"))
    with op.batch_alter_table("membership") as batch_op:
        batch_op.drop_column("listed_in")
        batch_op.drop_column("listed_roles")
        batch_op.alter_column("seen_at", existing_type=UTCDateTime(timezone=True), nullable=False)
