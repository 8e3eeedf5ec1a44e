"""Connections to PostgreSQL are kept, and one that has died meanwhile is noticed before a request stumbles over it."""

from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.exc import ProgrammingError

from lti_mcred.app import create_app
from lti_mcred.engine import connections
from lti_mcred.engine.db import Spare, close_connections, db
from lti_mcred.services import service
from lti_mcred.settings import Settings

pytestmark = pytest.mark.postgres


@pytest.fixture
def tool(settings: Settings, postgres_url: str) -> Iterator[Flask]:
    """The application on PostgreSQL, inside an application context."""
    app = create_app(replace(settings, database_url=postgres_url))
    with app.app_context():
        yield app
        db.session.remove()
        close_connections()


def server_process() -> int:
    """Ask on a connection of the pool, which server process answers; give the connection back."""
    found = db.session.scalar(text("SELECT pg_backend_pid()"))
    db.session.remove()
    return int(found)


def test_a_connection_that_has_just_been_used_is_taken_again_without_a_statement(tool: Flask) -> None:
    first = server_process()
    with patch.object(db.engine.dialect, "do_ping", side_effect=AssertionError("tried out")):
        assert server_process() == first


def test_a_connection_that_the_server_closed_is_replaced(tool: Flask, postgres_url: str) -> None:
    first = server_process()
    other = create_engine(postgres_url)
    with other.begin() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": first})
    other.dispose()
    assert server_process() != first


def test_a_connection_that_rested_for_long_is_tried_out(tool: Flask) -> None:
    server_process()
    with (
        patch.object(connections, "_TRIED_AFTER_SECONDS", -1.0),
        patch.object(db.engine.dialect, "do_ping", wraps=db.engine.dialect.do_ping) as tried,
    ):
        server_process()
    assert tried.call_count == 1


def test_statements_stay_prepared_over_transactions_that_only_read(tool: Flask) -> None:
    for _time in range(8):
        server_process()
    kept = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert "SELECT pg_backend_pid()" in kept


def test_what_was_written_and_not_committed_is_undone(tool: Flask) -> None:
    db.session.execute(text("CREATE TABLE IF NOT EXISTS pool_probe (n integer)"))
    db.session.commit()
    for _time in range(2):  # the second time with a connection that has been reset once
        db.session.execute(text("INSERT INTO pool_probe VALUES (1)"))
        db.session.scalars(text("SELECT n FROM pool_probe")).all()
        db.session.remove()
    assert db.session.scalars(text("SELECT n FROM pool_probe")).all() == []
    db.session.execute(text("DROP TABLE pool_probe"))
    db.session.commit()


def test_a_connection_whose_reading_failed_is_good_again(tool: Flask) -> None:
    with pytest.raises(ProgrammingError):
        db.session.scalar(text("SELECT nothing FROM nowhere"))
    db.session.remove()
    assert server_process() > 0


def test_spare_connections_are_taken_again_the_last_one_first(tool: Flask) -> None:
    first, second = service(Spare).take(), service(Spare).take()
    assert first.driver is not second.driver
    service(Spare).give(first)
    service(Spare).give(second)
    assert service(Spare).take() is second
    assert service(Spare).take() is first


def test_a_spare_connection_that_the_server_closed_is_replaced(tool: Flask) -> None:
    kept = service(Spare).take()
    service(Spare).give(kept)
    db.session.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": kept.driver.info.backend_pid})
    db.session.remove()

    other = service(Spare).take()

    assert other is not kept
    assert other.driver.execute("SELECT 1").fetchone() == (1,)
    assert kept.driver.closed
    service(Spare).give(other)


def test_a_spare_connection_that_rested_for_long_is_tried_out(tool: Flask) -> None:
    service(Spare).give(service(Spare).take())
    with (
        patch.object(connections, "_TRIED_AFTER_SECONDS", -1.0),
        patch.object(service(Spare).engine.dialect, "do_ping", wraps=service(Spare).engine.dialect.do_ping) as tried,
    ):
        service(Spare).give(service(Spare).take())
    assert tried.call_count == 1


def test_a_spare_connection_that_broke_in_use_is_not_kept(tool: Flask) -> None:
    kept = service(Spare).take()
    kept.driver.close()
    service(Spare).give(kept)
    assert service(Spare).take() is not kept


def test_closing_leaves_no_spare_connection_open(tool: Flask) -> None:
    kept = service(Spare).take()
    service(Spare).give(kept)
    close_connections()
    assert kept.driver.closed
