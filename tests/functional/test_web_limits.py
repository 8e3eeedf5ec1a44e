"""One address may ask only so often at the public doors; a campus behind one address launches undisturbed."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from lti_mcred.app import create_app
from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.outbound.http import HttpClient, HttpUnreachable
from lti_mcred.settings import Settings
from lti_mcred.tool.install.invitations import invite
from lti_mcred.web import limits
from tests.conformance.lms import FakeHttp, stand_up
from tests.functional.test_tool_registration import code_of
from tests.services import replace_service


def _client(settings: Settings, **limits: int) -> FlaskClient:
    app = create_app(replace(settings, **limits))
    with app.app_context():
        db.create_all()
    return app.test_client()


def _login(client: FlaskClient, address: str = "192.0.2.7") -> int:
    """A login of an LMS that nobody knows: refused."""
    answer = client.post(
        "/lti/login", data={"iss": "https://x.example", "login_hint": "1"}, environ_base={"REMOTE_ADDR": address}
    )
    return answer.status_code


def test_refusals_of_one_address_come_to_an_end_in_a_page_for_the_frame(settings: Settings) -> None:
    client = _client(settings, limit_refusals_per_minute=3)
    assert [_login(client) for _i in range(4)] == [403, 403, 403, 429]
    answer = client.post("/lti/login", environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert "Too many requests came from your network" in answer.text
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "frame-ancestors *" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Request-Id"] in answer.text


def test_other_addresses_are_not_held_back(settings: Settings) -> None:
    client = _client(settings, limit_refusals_per_minute=1)
    assert [_login(client), _login(client), _login(client, "192.0.2.8")] == [403, 429, 403]


def test_a_whole_ipv6_network_is_one_address(settings: Settings) -> None:
    client = _client(settings, limit_refusals_per_minute=1)
    assert _login(client, "2001:db8:1:2::1") == 403
    assert _login(client, "2001:db8:1:2:ffff::9") == 429
    assert _login(client, "2001:db8:1:3::1") == 403


def test_an_ipv4_address_inside_an_ipv6_one_is_itself(settings: Settings) -> None:
    client = _client(settings, limit_refusals_per_minute=1)
    assert _login(client, "::ffff:192.0.2.7") == 403
    assert _login(client, "::ffff:192.0.2.8") == 403
    assert _login(client, "192.0.2.7") == 429


def test_good_launches_are_no_refusals(settings: Settings) -> None:
    app = create_app(replace(settings, limit_refusals_per_minute=1))
    with app.app_context():
        db.create_all()
        lms = stand_up(app, app.test_client())
        lms.register()
        assert [lms.launch().status_code for _i in range(3)] == [303] * 3


@pytest.mark.parametrize(("door", "method"), [("/verify", "POST"), ("/lti/login", "GET")])
def test_every_request_counts_where_each_one_costs(settings: Settings, door: str, method: str) -> None:
    client = _client(settings, limit_checks_per_minute=2, limit_logins_per_minute=2)
    answers = [client.open(door, method=method).status_code for _i in range(3)]
    assert answers[:2] == [answers[0]] * 2
    assert answers[0] < 429
    assert answers[2] == 429


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_registration_counts_also_a_good_one_and_one_whose_lms_is_away(settings: Settings, method: str) -> None:
    app = create_app(replace(settings, limit_registrations_per_minute=3))
    http = FakeHttp()
    replace_service(app, HttpClient, http)
    there = "https://lms.example.edu/configuration"
    http.on("GET", there, HttpUnreachable("away"), (200, "no JSON"), HttpUnreachable("away"))
    with app.app_context():
        db.create_all()
        given = {"invite": code_of(invite()), "openid_configuration": there}
        client = app.test_client()
        how = {"query_string": given} if method == "GET" else {"data": given}
        answers = [client.open("/lti/register", method=method, **how) for _i in range(4)]
    assert [answer.status_code for answer in answers] == [502, 422, 502, 429]
    assert http.asked(there) == 3
    assert "Too many requests came from your network" in answers[-1].text
    assert "frame-ancestors *" in answers[-1].headers["Content-Security-Policy"], "the LMS shows it in its frame"


def test_looking_and_confirming_are_counted_apart(settings: Settings) -> None:
    client = _client(settings, limit_registrations_per_minute=1)
    assert [client.get("/lti/register").status_code for _i in range(2)] == [403, 429]
    assert [client.post("/lti/register").status_code for _i in range(2)] == [400, 429]


def test_an_operator_may_switch_limits_off(settings: Settings) -> None:
    client = _client(settings, limit_refusals_per_minute=0, limit_logins_per_minute=0)
    assert {_login(client) for _i in range(400)} == {403}


def test_a_minute_begins_with_the_first_request_and_counts_that_are_over_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(limits.time, "monotonic", lambda: now)
    counters = limits.Limits({"logins": 0, "refusals": 2, "checks": 0})
    counters.count("refusals", "door", "a")
    now = 1059.0
    counters.count("refusals", "door", "a")
    with pytest.raises(Problem) as refused:
        counters.check("refusals", "door", "a")
    assert refused.value.retry_after == 1
    now = 1061.0
    counters.check("refusals", "door", "a")
    counters.count("refusals", "door", "b")
    assert [key[2] for key in counters._counts] == ["b"]
