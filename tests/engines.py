"""Statements are compiled once a test process, although each test has an engine of its own."""

from typing import Any, ClassVar

from sqlalchemy import Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite


class _Alike:
    """Dialects of one kind are the same to the cache of compiled statements, and their engines share one."""

    _compiled: ClassVar[dict[Any, Any]]

    def __init_subclass__(cls) -> None:
        cls._compiled = {}

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=cls._compiled)


class AlikeSQLite(_Alike, SQLiteDialect_pysqlite):
    """The embedded database's dialect."""

    supports_statement_cache = True


class AlikePostgreSQL(_Alike, PGDialect_psycopg):
    """The server's dialect. Tests have one server a process."""

    supports_statement_cache = True


def share_compiled() -> None:
    """Let engines that are made from now on share what they compile."""
    registry.register("sqlite", __name__, AlikeSQLite.__name__)
    registry.register("postgresql.psycopg", __name__, AlikePostgreSQL.__name__)
