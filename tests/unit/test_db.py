"""Ids and times."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.dialects import sqlite

from lti_mcred.engine.connections import share_a_file
from lti_mcred.engine.db import UTCDateTime, new_id


def test_ids_are_uuid7_and_differ():
    ids = {new_id() for _n in range(2000)}
    assert len(ids) == 2000
    assert all(len(one) == 32 and one[12] == "7" and one[16] in "89ab" for one in ids)


def test_ids_sort_by_time(monkeypatch):
    monkeypatch.setattr("lti_mcred.engine.db._last_tick", 0)  # another test may have been in the future
    assert new_id()[:8] <= new_id()[:8]
    assert int(new_id()[:12], 16) == pytest.approx(datetime.now(UTC).timestamp() * 1000, abs=5000)


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError, match="without a zone"):
        UTCDateTime().process_bind_param(datetime(2026, 11, 3, 10, 0), sqlite.dialect())  # noqa: DTZ001 - the point


def test_times_are_stored_and_come_back_in_utc():
    kind, dialect = UTCDateTime(), sqlite.dialect()
    there = datetime(2026, 11, 3, 10, 0, tzinfo=timezone(timedelta(hours=-5)))
    stored = kind.process_bind_param(there, dialect)
    assert stored == datetime(2026, 11, 3, 15, 0, tzinfo=UTC)
    assert kind.process_result_value(stored.replace(tzinfo=None), dialect) == there
    assert kind.process_bind_param(None, dialect) is None
    assert kind.process_result_value(None, dialect) is None


def test_ids_of_one_process_grow_even_when_the_clock_is_set_back(monkeypatch):
    first = [new_id() for _n in range(500)]
    monkeypatch.setattr("lti_mcred.engine.db.time.time_ns", lambda: 1_000_000_000)
    later = [new_id() for _n in range(500)]
    assert first + later == sorted(first + later)


def test_sqlite_makes_all_letters_small(tmp_path):
    engine = create_engine(f"sqlite:///{tmp_path}/letters.sqlite3")
    share_a_file(engine)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT lower('ÖZIL Šťastná ЮЛИЯ')")) == "özil šťastná юлия"
        assert connection.scalar(text("SELECT lower(NULL)")) is None
    engine.dispose()
