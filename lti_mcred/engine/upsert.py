"""INSERT … ON CONFLICT DO UPDATE for both engines: two first launches at once make one row, and neither fails."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite

from lti_mcred.engine.db import Base, db


def upsert(model: type[Base], key: Mapping[str, Any], values: Mapping[str, Any], change: Mapping[str, Any]) -> Any:
    """Insert a row with `key` and `values`, or apply `change` to the one that has this unique `key`.

    Returns the primary key of the row. A value of `change` may be an SQL expression.
    """
    insert = postgresql.insert if db.engine.dialect.name == "postgresql" else sqlite.insert
    primary = inspect(model).primary_key[0]
    statement = insert(model).values(**key, **values)
    # An update without change still has to return the row, so the key is set to itself.
    merged = statement.on_conflict_do_update(index_elements=list(key), set_=dict(change or key))
    return db.session.execute(merged.returning(primary)).scalar_one()
