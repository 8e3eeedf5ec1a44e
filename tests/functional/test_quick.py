"""Statements that the driver runs by itself: prepared and planned once on PostgreSQL, and told apart from faults."""

from typing import Any

import psycopg
import pytest
from flask import Flask, g
from sqlalchemy import bindparam, event, inspect, select, text, update

from lti_mcred.engine.db import db
from lti_mcred.engine.quick import Quick, adopt, columns_of, give_back
from lti_mcred.tool.known.models import Platform
from tests import factories

COLUMNS = columns_of(Platform, "registration", "name")
BY_ID = Quick(select(*COLUMNS).where(Platform.id == bindparam("platform")))
RENAME = Quick(update(Platform).where(Platform.id == bindparam("platform")).values(name=bindparam("new")))

on_postgresql = pytest.mark.parametrize(
    "either", [pytest.param("postgresql", marks=[pytest.mark.postgres])], indirect=True
)


@pytest.fixture
def stored(either: Flask) -> str:
    """The id of a stored platform."""
    made = factories.platform(name="Campus")
    db.session.commit()
    return made.id


def connection() -> Any:
    """The driver's connection that this application context runs its statements on."""
    return g.quick_connection.driver


def plans() -> tuple[int, int]:
    """How often the one prepared statement was run by a plan for any value, and how often by a plan of its own."""
    row = connection().execute("SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements").fetchone()
    return int(row[0] or 0), int(row[1] or 0)


@on_postgresql
def test_postgresql_prepares_and_plans_it_once_whatever_the_values(stored: str) -> None:
    for _turn in range(8):
        assert [row[0] for row in BY_ID.all({"platform": stored})] == [stored]
        assert BY_ID.first({"platform": "f" * 32}) is None
    assert plans() == (16, 0)


@on_postgresql
def test_what_it_changes_is_committed_and_a_statement_without_rows_returns_none(stored: str) -> None:
    assert RENAME.all({"platform": stored, "new": "Another name"}) == []
    assert db.session.scalar(select(Platform.name)) == "Another name"


@on_postgresql
def test_a_server_that_has_forgotten_it_gets_it_again(stored: str) -> None:
    assert BY_ID.first({"platform": stored})
    connection().execute("DEALLOCATE ALL")
    assert BY_ID.first({"platform": stored})
    assert BY_ID.first({"platform": stored})
    assert plans() == (1, 0)


@on_postgresql
def test_a_change_that_the_database_refuses_is_told_as_the_driver_tells_it(stored: str) -> None:
    for _turn in range(2):
        with pytest.raises(psycopg.errors.NotNullViolation):
            RENAME.all({"platform": stored, "new": None})
        assert RENAME.all({"platform": stored, "new": "Campus 2"}) == []
        assert plans() == (1, 0), "it is prepared again, and not left to the cursor from now on"


@on_postgresql
def test_a_connection_that_is_gone_is_told_and_replaced_for_the_next_request(stored: str) -> None:
    assert BY_ID.first({"platform": stored})
    db.session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": connection().info.backend_pid})
    with pytest.raises(psycopg.OperationalError):
        BY_ID.first({"platform": stored})
    give_back()
    assert BY_ID.first({"platform": stored})


def test_an_adopted_row_is_an_object_of_the_session_that_was_read(either: Flask) -> None:
    made = factories.platform(name="Campus", issuer="https://lms.example", registration={"client": "c"})
    db.session.commit()
    platform_id, asked = made.id, list[str]()
    db.session.remove()
    row = BY_ID.first({"platform": platform_id})
    assert row
    event.listen(db.engine, "before_cursor_execute", lambda _c, _cursor, statement, *_rest: asked.append(statement))

    adopted = adopt(Platform, COLUMNS, row)

    assert inspect(adopted).persistent
    assert not db.session.dirty
    assert not db.session().in_transaction()
    assert (adopted.issuer, asked) == ("https://lms.example", [])
    assert adopt(Platform, COLUMNS, row) is adopted
    assert db.session.get(Platform, platform_id) is adopted
    assert asked == []
    assert (adopted.name, adopted.registration) == ("Campus", {"client": "c"})
    assert len(asked) == 1, "what was left out is read once, when it is asked for"
    assert adopted.deployments == []


def test_a_change_of_an_adopted_row_is_stored_and_read_anew_after_a_commit(either: Flask) -> None:
    made = factories.platform(name="Campus")
    db.session.commit()
    platform_id = made.id
    db.session.remove()
    row = BY_ID.first({"platform": platform_id})
    assert row
    adopted = adopt(Platform, COLUMNS, row)
    adopted.policy = "ask"
    db.session.commit()
    RENAME.all({"platform": platform_id, "new": "Renamed meanwhile"})
    assert (adopted.policy, adopted.name) == ("ask", "Renamed meanwhile")
