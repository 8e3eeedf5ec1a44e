"""What an LMS sends at its registration, on both databases: what cannot be stored is refused in words."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.tool.install import registration
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.install.request import TOOL
from lti_mcred.tool.known import platforms
from lti_mcred.tool.known.models import Deployment, Platform
from tests.conformance.lms import FakeHttp
from tests.functional.test_tool_registration import (
    CANVAS_URL,
    GOOD,
    MOODLE_ANSWER,
    MOODLE_REGISTERS,
    MOODLE_URL,
    campuses,
    code_of,
    count,
    press,
    stored,
)

NO_IDS = {"nul": "a\0b", "half a character": "a\ud800", "too long": "x" * 256, "no ascii": "é", "a line": "a\nb"}
CANVAS_NAME = "https://canvas.instructure.com/lti/account_name"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"


@pytest.fixture
def http(either: Flask) -> FakeHttp:
    """Canvas and Moodle, ready to register."""
    return campuses(either)


@pytest.fixture
def client(either: Flask) -> FlaskClient:
    """A test client."""
    return either.test_client()


ANSWERS = {
    **{f"client id: {name}": {"client_id": value, "deployment_id": "1"} for name, value in NO_IDS.items()},
    **{f"deployment: {name}": {"client_id": "c", "deployment_id": value} for name, value in NO_IDS.items()},
    **{f"inside: {name}": {"client_id": "c", TOOL: {"deployment_id": value}} for name, value in NO_IDS.items()},
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_id_that_cannot_be_stored_is_refused_in_words(client: FlaskClient, http: FakeHttp, name: str) -> None:
    code = code_of(invite())
    http.on("POST", MOODLE_REGISTERS, (200, ANSWERS[name]), (200, MOODLE_ANSWER))

    page = press(client, MOODLE_URL, code)

    assert (page.status_code, count(Platform)) == (422, 0)
    assert "Your LMS sent an ID that cannot be stored" in page.text
    assert "at most 255 characters" in page.text
    assert "Delete the registration in your LMS and start again" in page.text
    assert "The administrator of your LMS" in page.text
    assert "registration-configuration" in page.text
    assert "renews" not in page.text
    assert press(client, MOODLE_URL, code).status_code == 200, "the invitation is still good"


def test_an_id_of_255_characters_is_stored(client: FlaskClient, http: FakeHttp) -> None:
    http.on("POST", MOODLE_REGISTERS, (200, {"client_id": "c" * 255, "deployment_id": "d" * 255}))

    assert press(client, MOODLE_URL).status_code == 200
    assert db.session.scalars(select(Platform.client_id)).one() == "c" * 255
    assert db.session.scalars(select(Deployment.deployment_id)).one() == "d" * 255


@pytest.mark.parametrize(
    ("given", "kept"),
    [("Lark\0spur\ud800 College", "Larkspur College"), ("\0", "canvas.larkspur.example"), ("x" * 300, "x" * 255)],
)
def test_the_name_of_an_account_is_stored_without_what_cannot_be(
    client: FlaskClient, http: FakeHttp, given: str, kept: str
) -> None:
    document = stored("canvas-configuration.json")
    document[PLATFORM] = {**document[PLATFORM], CANVAS_NAME: given}
    http.on("GET", CANVAS_URL, (200, document))

    assert press(client).status_code == 200
    assert db.session.scalars(select(Platform.name)).one() == kept


BROKEN = [
    ("issuer", "http://localhost:8081/\ud800"),
    ("issuer", "http://localhost:8081/" + "x" * 255),
    ("authorization_endpoint", "http://localhost:8081/\x01"),
    ("token_endpoint", "http://localhost:8081/\ud800"),
    ("jwks_uri", "http://localhost:8081/a\0b"),
    ("registration_endpoint", "http://localhost:8081/\ud800"),
    ("authorization_server", "a\0b"),
    ("authorization_server", "\ud800"),
    ("authorization_server", "x" * 1001),
]


@pytest.mark.parametrize(("member", "value"), BROKEN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_configuration_that_cannot_be_stored_is_refused_before_anything_is_sent(
    client: FlaskClient, http: FakeHttp, member: str, value: str, method: str
) -> None:
    http.on("GET", MOODLE_URL, (200, {**stored("moodle-configuration.json"), member: value}))
    given = {"invite": code_of(invite()), "openid_configuration": MOODLE_URL}

    how = {"query_string": given} if method == "GET" else {"data": given}
    page = client.open("/lti/register", method=method, **how)

    assert (page.status_code, f"“{member}”" in page.text) == (422, True)
    assert [one["method"] for one in http.sent] == ["GET"]


@pytest.mark.parametrize(
    "more",
    [
        {"client_name": "a\0b\ud800", "nested": ["\0", {"\0": "\ud800"}]},
        {"registration_client_uri": "https://lms.example.edu/\0", "registration_access_token": "\ud800"},
    ],
)
def test_what_else_stands_in_an_answer_does_no_harm(client: FlaskClient, http: FakeHttp, more: Any) -> None:
    http.on("POST", MOODLE_REGISTERS, (200, {**MOODLE_ANSWER, **more}))

    assert press(client, MOODLE_URL).status_code == 200
    assert db.session.scalars(select(Platform.registration_token_sealed)).one() is None


@pytest.mark.parametrize("number", ["NaN", "1e999"])
def test_an_answer_with_numbers_that_cannot_be_stored_is_no_answer(
    client: FlaskClient, http: FakeHttp, number: str
) -> None:
    http.on("POST", MOODLE_REGISTERS, (200, f'{{"client_id": "c", "more": {number}}}'))

    assert (press(client, MOODLE_URL).status_code, count(Platform)) == (422, 0)


def test_somebody_else_at_the_same_moment_is_told_from_other_addresses(
    client: FlaskClient, http: FakeHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert press(client, MOODLE_URL).status_code == 200
    monkeypatch.setattr(registration, "find", lambda *_same: None)

    page = press(client, MOODLE_URL)

    assert (page.status_code, count(Platform)) == (409, 1)
    assert "is registered already" in page.text
    assert "Start the registration again in your LMS" in page.text
    assert "link that renews" not in page.text
    monkeypatch.undo()
    http.on("GET", MOODLE_URL, (200, {**stored("moodle-configuration.json"), "jwks_uri": "http://localhost:8081/k"}))
    assert "Ask the administrator of this tool for a link that renews" in press(client, MOODLE_URL).text


@pytest.mark.parametrize("field", ["client_id", "deployment"])
@pytest.mark.parametrize("name", NO_IDS)
def test_an_id_typed_by_hand_is_looked_at_as_well(either: Flask, field: str, name: str) -> None:
    change = {"client_id": NO_IDS[name]} if field == "client_id" else {"deployments": (NO_IDS[name],)}
    with pytest.raises(platforms.PlatformError, match=f"{field} must be"):
        platforms.add_platform(**{**GOOD, **change})


@pytest.mark.parametrize("name", NO_IDS)
def test_a_deployment_is_not_approved_by_a_name_that_cannot_be_stored(either: Flask, name: str) -> None:
    platform = platforms.add_platform(**GOOD)
    with pytest.raises(platforms.PlatformError, match="deployment must be"):
        platforms.approve(platform.id, NO_IDS[name])
