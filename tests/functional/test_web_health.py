"""Whoever watches the installation learns what it can do, which version it is, and finds a request by its reference."""

import io
import json
import logging
import logging.config
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from lti_mcred.engine.db import db
from lti_mcred.services import site
from lti_mcred.settings import Settings
from lti_mcred.web.logs import logging_config


def test_a_running_process_says_its_version(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.json == {"status": "ok", "version": version("lti-mcred")}
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_means_that_the_database_answers_and_files_can_be_stored(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")


def test_a_database_that_does_not_answer_is_named(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_args: object, **_kwargs: object) -> None:
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr(db.session, "execute", gone)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["database"])
    assert "refused" not in answer.text


def test_a_folder_that_is_gone_is_named(app: Flask, client: FlaskClient) -> None:
    Path(site().data_dir).rename(Path(site().data_dir).with_name("elsewhere"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["data folder"])


@pytest.fixture
def lines(settings: Settings) -> Iterator[io.StringIO]:
    """What an operator's log collector receives."""
    yield from _collected(settings, "json")


@pytest.fixture
def text_lines(settings: Settings) -> Iterator[io.StringIO]:
    """What stands in an operator's log file."""
    yield from _collected(settings, "text")


def _collected(settings: Settings, log_format: str) -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    logging.config.dictConfig(logging_config(replace(settings, log_format=log_format, log_level="INFO")))
    handler = root.handlers[-1]
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    yield stream
    root.handlers[:], root.level = before, level


def _rows(lines: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in lines.getvalue().splitlines()]


def test_each_request_is_one_line_with_the_reference_that_its_page_shows(
    client: FlaskClient, lines: io.StringIO
) -> None:
    answer = client.get("/no-such-page?registration_token=secret")
    reference = answer.headers["X-Request-Id"]
    assert reference in answer.text
    rows = _rows(lines)
    assert {row["request_id"] for row in rows} == {reference}
    line = rows[-1]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/no-such-page", 404)
    assert isinstance(line["ms"], float)
    assert "secret" not in lines.getvalue()


def test_a_line_outside_of_requests_has_no_reference(app: Flask, lines: io.StringIO) -> None:
    logging.getLogger("lti_mcred.outbox").warning("late")
    assert [(row["message"], row["request_id"], row["level"]) for row in _rows(lines)] == [("late", "-", "WARNING")]


ODD = [chr(c) for c in (*range(32), *range(0x7F, 0xA0), 0xAD, 0x61C, 0x200B, 0x200E, 0x2028, 0x2029, 0x202E, 0x2066)]


def _strangers_words() -> str:
    return "begin" + "".join(ODD) + "\r\n2026-11-29 10:00:00,000 ERROR lti_mcred.requests AAAA-AAAA: forged\ud800"


def test_words_from_outside_stay_in_their_line(app: Flask, text_lines: io.StringIO) -> None:
    for name in ("lti_mcred.tool.refusals.pages", "gunicorn.error", "werkzeug", "somebody.elses"):
        logging.getLogger(name).warning("refused: %s", _strangers_words())
    written = text_lines.getvalue()
    assert len(written.splitlines()) == written.count("\n") == 4
    assert not set(ODD) & set(written) - {"\n"}
    assert written.count("\\r\\n2026-11-29") == 4
    assert written.isascii()


def test_a_traceback_is_set_in_so_that_its_words_begin_no_line(app: Flask, text_lines: io.StringIO) -> None:
    try:
        raise ValueError(_strangers_words())
    except ValueError:
        logging.getLogger("lti_mcred.web").exception("crashed", stack_info=True)
    first, *others = text_lines.getvalue().split("\n")[:-1]
    assert first.endswith("crashed")
    assert all(line.startswith("  ") for line in others)
    assert not set(ODD) & set("".join(others))


def test_words_from_outside_stay_in_their_object(app: Flask, lines: io.StringIO) -> None:
    logging.getLogger("lti_mcred.tool").warning("refused: %s", _strangers_words())
    written = lines.getvalue()
    assert written.count("\n") == 1
    assert not set(ODD) & set(written) - {"\n"}
    assert written.isascii()
    assert _rows(lines)[0]["message"] == f"refused: {_strangers_words()}"


@pytest.mark.parametrize("path", ["/no%0d%0aERROR%20forged", "/no%1b[2J", "/no%e2%80%ae"])
def test_a_path_stays_in_its_line(client: FlaskClient, text_lines: io.StringIO, path: str) -> None:
    assert client.get(path).status_code == 404
    written = text_lines.getvalue()
    assert "forged" not in written.replace("ERROR%20forged", "")
    assert not set(ODD) & set(written) - {"\n"}
