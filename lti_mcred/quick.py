"""Statements of the hottest path, run by the database driver itself: each launch and each page begins with them.

The session takes several times as long as the driver to run a statement whose text never changes. A `Quick` is written
with SQLAlchemy like any other, compiled once, and runs in a transaction of its own on a connection of the request's.
So it sees nothing that the session has not committed, and in SQLite one that writes would wait for such a session.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, g
from sqlalchemy import Dialect, Select, Table, UpdateBase
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import instance_dict, manager_of_class

from lti_mcred.db import Base, db

M = TypeVar("M", bound=Base)
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]


class Quick:
    """One statement whose text is always the same. `first` and `all` take a value for each of its `bindparam`s."""

    def __init__(self, statement: Select[Any] | UpdateBase) -> None:
        self._statement = statement
        self._ready: dict[str, _Compiled] = {}

    def first(self, values: Mapping[str, Any]) -> Row | None:
        """Run it and return its first row. What it changes is committed."""
        rows = self.all(values)
        return rows[0] if rows else None

    def all(self, values: Mapping[str, Any]) -> list[Row]:
        """Run it and return its rows. What it changes is committed."""
        kept = _connection()
        ready = self._ready.get(kept.kind)
        if ready is None:
            ready = self._ready[kept.kind] = _Compiled(self._statement, db.engine.dialect)
        return ready.run(kept, values)


class _Compiled:
    """The text for one kind of database, and how its values are turned on their way in and out."""

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self._text = str(compiled)
        self._fixed = dict(compiled.params)
        self._order = cast("Any", compiled).positiontup  # None where values go by name
        binds = cast("dict[str, Any]", cast("Any", compiled).binds)
        self._inward = _converters({name: bind.type for name, bind in binds.items()}, dialect, "bind_processor")
        columns = [column.type for column in statement.exported_columns]
        self._outward = _converters(dict(enumerate(columns)), dialect, "result_processor", None)
        self._returns = bool(columns)
        self._writes = isinstance(statement, UpdateBase)

    def run(self, kept: "_Connection", values: Mapping[str, Any]) -> list[Row]:
        given = {**self._fixed, **values}
        for name, convert in self._inward.items():
            given[name] = convert(given[name])
        cursor = kept.driver.cursor()
        try:
            cursor.execute(self._text, [given[name] for name in self._order] if self._order is not None else given)
            rows = cursor.fetchall() if self._returns else []
            if self._writes and kept.kind == "sqlite":
                kept.driver.commit()
        except BaseException:
            kept.driver.rollback()
            raise
        finally:
            cursor.close()
        return [self._out(row) for row in rows] if self._outward else rows

    def _out(self, row: Row) -> Row:
        turned = list(row)
        for place, convert in self._outward.items():
            turned[place] = convert(turned[place])
        return tuple(turned)


def _converters(types: Mapping[Any, Any], dialect: Dialect, kind: str, *more: Any) -> dict[Any, _Convert]:
    found = {key: getattr(one.dialect_impl(dialect), kind)(dialect, *more) for key, one in types.items()}
    return {key: convert for key, convert in found.items() if convert}


def columns_of(model: type[Base], *but: str) -> list[Any]:
    """Return the columns of a model, to be selected or returned for `adopt`; without those that are named in `but`."""
    return [column for column in cast("Table", model.__table__).columns if column.key not in but]


def adopt(model: type[M], columns: Sequence[Any], row: Sequence[Any]) -> M:
    """Return an object of the session that holds `row`, as if the session had read it.

    `columns`: what `columns_of` gave for the statement. Columns that were left out are read when they are asked for.
    """
    values = {column.key: value for column, value in zip(columns, row, strict=True)}
    session = db.session()
    known = session.identity_map.get((model, (values["id"],), None))
    if known is not None:
        return known
    made = plain(model, values)
    keep(made)
    return made


def plain(model: type[M], values: Mapping[str, Any]) -> M:
    """Return an object of no session that holds `values`, as they are in the database or will be."""
    made: M = manager_of_class(model).new_instance()
    instance_dict(made).update(values)
    return made


def keep(made: Base) -> None:
    """Give an object that holds a stored row to the session."""
    make_transient_to_detached(made)
    db.session.add(made)


def init_quick(app: Flask) -> None:
    """Give each request's connection back when it ends."""
    app.teardown_appcontext(give_back)


@dataclass(frozen=True)
class _Connection:
    """A connection of the pool for one request. `kind`: of database. `driver`: what the pool holds."""

    kind: str
    pooled: Any
    driver: Any


def _connection() -> _Connection:
    kept: _Connection | None = g.get("quick_connection")
    if kept is None:
        engine = db.engine
        pooled = engine.raw_connection()
        kept = g.quick_connection = _Connection(engine.dialect.name, pooled, pooled.dbapi_connection)
        if kept.kind != "sqlite":
            kept.driver.autocommit = True
    return kept


def give_back(_error: BaseException | None = None) -> None:
    """Give the connection of the current application context back to the pool, when it has one."""
    kept: _Connection | None = g.pop("quick_connection", None)
    if kept is None:
        return
    if kept.kind != "sqlite":
        if kept.driver.closed:
            kept.pooled.invalidate()
            return
        kept.driver.autocommit = False
    kept.pooled.close()
