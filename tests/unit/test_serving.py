"""The production server is configured by our settings alone."""

from dataclasses import replace

import pytest

from lti_mcred.app import create_app
from lti_mcred.engine.db import db
from lti_mcred.server.serving import Server
from lti_mcred.settings import Settings


@pytest.mark.parametrize(("ours", "theirs"), [("DEBUG", "INFO"), ("INFO", "INFO"), ("ERROR", "ERROR")])
def test_the_server_never_writes_paths_into_the_log(settings: Settings, ours: str, theirs: str) -> None:
    loggers = Server(replace(settings, log_level=ours)).cfg.logconfig_dict["loggers"]
    assert {loggers[name]["level"] for name in ("gunicorn.error", "urllib3")} == {theirs}
    assert loggers["gunicorn.access"]["handlers"] == []


def test_a_login_with_long_hints_in_its_address_gets_through(settings: Settings) -> None:
    assert Server(settings).cfg.limit_request_line == 8190


def test_an_application_opens_no_connection_that_processes_would_share(settings: Settings) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert Server(nowhere).cfg.preload_app
    app = create_app(nowhere)
    with app.app_context():
        assert db.engine.pool.checkedin() == 0
