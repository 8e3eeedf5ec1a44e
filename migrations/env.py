"""Alembic's entry: runs migrations on the connection that `lti-mcred db upgrade` hands over."""

from alembic import context

from lti_mcred.app import TABLES
from lti_mcred.engine.db import Base

assert TABLES, "the tables of every room must be imported before migrations compare them"

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    user_module_prefix="lti_mcred.engine.db.",
)
with context.begin_transaction():
    context.run_migrations()
