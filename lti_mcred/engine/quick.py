"""Statements of the hottest path, run by the database driver itself: each launch and each page begins with them.

The session takes several times as long as the driver to run a statement whose text never changes. A `Quick` is written
with SQLAlchemy like any other, compiled once, and runs in a transaction of its own on a connection of the request's.
So it sees nothing that the session has not committed, and in SQLite one that writes would wait for such a session.

PostgreSQL gets it as a prepared statement, by psycopg's interface to libpq (psycopg.pq): its cursor thinks at each
execution about what cannot change here, and takes twice as long. Where anything goes wrong there, the cursor runs
the statement, and says what is wrong.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar, cast

import psycopg
from flask import Flask, g
from psycopg import abc, adapt
from psycopg.pq import DiagnosticField, ExecStatus
from sqlalchemy import Dialect, Select, Table, UpdateBase
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, instance_state, manager_of_class

from lti_mcred.engine.db import Base, Kept, Spare, db
from lti_mcred.services import service

M = TypeVar("M", bound=Base)
Row = tuple[Any, ...]
_Convert = Callable[[Any], Any]
_KEY = attrgetter("key")
_UNKNOWN_NAME = b"26000"  # SQLSTATE of PostgreSQL: no such prepared statement


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
            ready = self._ready[kept.kind] = _Compiled(self._statement, service(Spare).engine.dialect)
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
        self._prepared = None if dialect.name == "sqlite" else _Prepared(statement, dialect)

    def run(self, kept: Kept, values: Mapping[str, Any]) -> list[Row]:
        given = {**self._fixed, **values}
        for name, convert in self._inward.items():
            given[name] = convert(given[name])
        rows = self._prepared.run(kept, given) if self._prepared else None
        if rows is None:
            rows = self._by_cursor(kept.driver, given)
        return [self._out(row) for row in rows] if self._outward else rows

    def _by_cursor(self, driver: Any, given: Mapping[str, Any]) -> list[Row]:
        cursor = driver.cursor()
        try:
            cursor.execute(self._text, [given[name] for name in self._order] if self._order is not None else given)
            rows = cursor.fetchall() if self._returns else []
            driver.commit()
        except BaseException:
            driver.rollback()
            raise
        finally:
            cursor.close()
        return rows

    def _out(self, row: Row) -> Row:
        turned = list(row)
        for place, convert in self._outward.items():
            turned[place] = convert(turned[place])
        return tuple(turned)


class _Prepared:
    """The statement as PostgreSQL has prepared it, once for each connection.

    The name follows from the text: it means the same statement wherever a connection pooler sends it.
    """

    def __init__(self, statement: Select[Any] | UpdateBase, dialect: Dialect) -> None:
        numbered = type(dialect)(paramstyle="numeric_dollar")  # type: ignore[call-arg]  # of each dialect of a driver
        compiled = statement.compile(dialect=numbered)
        self._text = str(compiled).encode()
        self._name = b"quick_" + hashlib.sha256(self._text).hexdigest()[:24].encode()
        self._order: list[str] = cast("Any", compiled).positiontup
        self._as_text = [adapt.PyFormat.TEXT] * len(self._order)

    def run(self, kept: Kept, given: Mapping[str, Any]) -> list[Row] | None:
        """Return the rows; None where it did not run, and the cursor has to say why."""
        server, result = kept.driver.pgconn, None
        ready: _Ready | None = kept.prepared.get(self._name)
        with suppress(psycopg.Error):
            if ready is None:
                if server.prepare(self._name, self._text).status != ExecStatus.COMMAND_OK:
                    return None
                ready = kept.prepared[self._name] = _Ready(adapt.Transformer(kept.driver))
            found = ready.turns.dump_sequence([given[name] for name in self._order], self._as_text)
            result = server.exec_prepared(self._name, found)
        status = result.status if result else None
        if ready and status == ExecStatus.TUPLES_OK:
            return ready.rows(result)
        if status == ExecStatus.COMMAND_OK:
            return []
        self._forget(kept, result)
        return None

    def _forget(self, kept: Kept, result: Any) -> None:
        """Let it be prepared anew, on both sides: a server refuses a name that it holds already."""
        kept.prepared.pop(self._name, None)
        if result is None or result.error_field(DiagnosticField.SQLSTATE) != _UNKNOWN_NAME:
            with suppress(psycopg.Error):
                kept.driver.pgconn.exec_(b"DEALLOCATE " + self._name)


class _Ready:
    """How the values of one prepared statement go in and out. `turns`: psycopg's converter, used again and again."""

    def __init__(self, turns: abc.Transformer) -> None:
        self.turns = turns
        self._knows_columns = False

    def rows(self, result: Any) -> list[Row]:
        self.turns.set_pgresult(result, set_loaders=not self._knows_columns)
        self._knows_columns = True
        try:
            return self.turns.load_rows(0, result.ntuples, tuple)
        finally:
            self.turns.set_pgresult(None, set_loaders=False)


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
    values = dict(zip(map(_KEY, columns), row, strict=True))
    session = db.session()
    known = session.identity_map.get((model, (values["id"],), None))
    if known is not None:
        return known
    made = plain(model, values)
    attach(made, session)
    return made


def plain(model: type[M], values: Mapping[str, Any]) -> M:
    """Return an object of no session that holds `values`, as they are in the database or will be."""
    made: M = manager_of_class(model).new_instance()
    instance_dict(made).update(values)
    return made


def attach(made: Base, session: Session) -> None:
    """Give an object that holds a stored row to `session`, as a session does itself with what it reads.

    It begins no transaction by that, and follows no relationships, which an object just made does not have.
    """
    state = instance_state(made)
    state.key = (type(made), (instance_dict(made)["id"],), None)
    state.session_id = session.hash_key
    state.expired_attributes.update(_columns(type(made)).difference(state.dict))
    session.identity_map.add(state)


@cache
def _columns(model: type[Base]) -> frozenset[str]:
    return frozenset(column.key for column in cast("Table", model.__table__).columns)


def init_quick(app: Flask) -> None:
    """Give each request's connection back when it ends."""
    app.teardown_appcontext(give_back)


def _connection() -> Kept:
    kept: Kept | None = g.get("quick_connection")
    if kept is None:
        kept = g.quick_connection = service(Spare).take()
    return kept


def give_back(_error: BaseException | None = None) -> None:
    """Let the next request have the connection of the current application context, when it has one."""
    if (kept := g.pop("quick_connection", None)) is not None:
        service(Spare).give(kept)
