"""Renewing a registration: the same issuer and client id, other services or places; other addresses only when seen."""

import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.install.request import PLATFORM
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.known.platforms import approve_deployment, remove_platform
from tests.admin_helpers import hidden
from tests.conformance.lms import FakeHttp
from tests.functional.test_tool_registration import (
    CANVAS_REGISTERS,
    CANVAS_URL,
    MOODLE_ANSWER,
    MOODLE_REGISTERS,
    MOODLE_URL,
    campuses,
    code_of,
    press,
    stored,
)


@pytest.fixture
def http(app: Flask) -> FakeHttp:
    """A Moodle and a Canvas that register and renew."""
    return campuses(app)


@pytest.fixture
def moodle_platform(client: FlaskClient, http: FakeHttp) -> Platform:
    """A Moodle that is registered."""
    assert press(client, MOODLE_URL).status_code == 200
    return db.session.scalars(select(Platform)).one()


def walk(client: FlaskClient, code: str, url: str = MOODLE_URL) -> TestResponse:
    """Look at the page, then press the button; the page itself where there is no button."""
    given = {"openid_configuration": url, "registration_token": "tok", "invite": code}
    page = client.get("/lti/register", query_string=given)
    if page.status_code != 200:
        return page
    return client.post("/lti/register", data={**given, "seen": hidden(page, "seen")})


def renewal(platform: Platform, *, may_move: bool = True) -> str:
    """The code of a link that renews."""
    return code_of(invite(renews_id=platform.id, may_move=may_move))


def moved(http: FakeHttp) -> dict[str, Any]:
    """Let Moodle have another key address."""
    document = {**stored("moodle-configuration.json"), "jwks_uri": "http://localhost:8081/elsewhere/certs.php"}
    http.on("GET", MOODLE_URL, (200, document))
    return document


def test_a_renewal_keeps_the_registration_and_asks_for_what_is_wanted_today(client, http, moodle_platform) -> None:
    before = (moodle_platform.id, moodle_platform.issuer, moodle_platform.client_id)
    page = walk(client, renewal(moodle_platform))
    assert (page.status_code, "is renewed" in page.text) == (200, True)
    after = db.session.scalars(select(Platform)).one()
    assert (after.id, after.issuer, after.client_id) == before
    sent = json.loads(http.sent[-1]["body"])
    assert sent["client_id"] == moodle_platform.client_id
    assert db.session.scalars(select(Deployment.state)).all() == ["active"]


def test_whoever_renews_reads_what_the_lms_calls_itself_and_not_the_name_that_it_has_here(
    client, http, moodle_platform
) -> None:
    moodle_platform.name = "Larkspur, the difficult ones"
    db.session.commit()
    code = renewal(moodle_platform)
    query = {"openid_configuration": MOODLE_URL, "registration_token": "tok", "invite": code}
    pages = [
        client.get("/lti/register", query_string={"invite": code}),
        client.get("/lti/register", query_string=query),
        walk(client, code),
    ]
    titles = [re.search(r"<h1>([^<]+)</h1>", page.text) for page in pages]
    assert [title and title[1] for title in titles] == [
        "Renew Micro-credentials in Moodle", "Renew Micro-credentials in localhost",
        "The registration of localhost is renewed",
    ]  # fmt: skip
    assert not [page for page in pages if "Larkspur" in page.text]


def test_a_school_that_comes_to_a_registration_of_another_reads_its_own_name(client, http) -> None:
    assert "Larkspur College and this tool know each other now" in press(client, CANVAS_URL).text
    document = stored("canvas-configuration.json")
    document[PLATFORM]["https://canvas.instructure.com/lti/account_name"] = "Harbor University"
    http.on("GET", CANVAS_URL, (200, document))
    page = press(client, CANVAS_URL).text
    assert "Harbor University and this tool know each other now" in page
    assert "Larkspur" not in page


def test_a_renewal_works_once(client, http, moodle_platform) -> None:
    code = renewal(moodle_platform)
    assert [walk(client, code).status_code for _time in range(2)] == [200, 403]


def test_an_lms_that_gave_a_token_for_it_is_asked_at_its_own_address(client, http, moodle_platform) -> None:
    own = "https://lms.example.edu/registrations/7"
    http.on("POST", MOODLE_REGISTERS, (200, {
        **MOODLE_ANSWER, "registration_client_uri": own, "registration_access_token": "tok-of-rfc-7592",
    }))  # fmt: skip
    assert walk(client, renewal(moodle_platform)).status_code == 200
    assert "tok-of-rfc-7592" not in json.dumps(moodle_platform.registration)
    assert "tok-of-rfc-7592" not in (moodle_platform.registration_token_sealed or "tok-of-rfc-7592")
    http.on("PUT", own, (200, MOODLE_ANSWER))
    assert walk(client, renewal(moodle_platform)).status_code == 200
    assert (http.sent[-1]["method"], http.sent[-1]["url"]) == ("PUT", own)
    assert http.sent[-1]["headers"]["Authorization"] == "Bearer tok-of-rfc-7592"


def test_the_renewal_of_one_lms_cannot_be_used_by_another(client, http, moodle_platform) -> None:
    page = walk(client, renewal(moodle_platform), CANVAS_URL)
    assert (page.status_code, "belongs to another registration" in page.text) == (409, True)
    assert db.session.scalars(select(Platform)).all() == [moodle_platform]
    assert [one["url"] for one in http.sent if one["method"] == "POST"] == [MOODLE_REGISTERS]


def test_another_client_id_in_the_answer_changes_nothing(client, http, moodle_platform) -> None:
    before = moodle_platform.registration
    http.on("POST", MOODLE_REGISTERS, (200, {**MOODLE_ANSWER, "client_id": "another"}))
    assert walk(client, renewal(moodle_platform)).status_code == 409
    assert (moodle_platform.client_id, moodle_platform.registration) == ("W8EuUtzr7caiKxd", before)


def test_other_addresses_are_shown_before_they_are_taken(client, http, moodle_platform) -> None:
    document, code = moved(http), renewal(moodle_platform)
    given = {"openid_configuration": MOODLE_URL, "registration_token": "tok", "invite": code}
    page = client.get("/lti/register", query_string=given)
    assert "other addresses than before" in page.text
    assert moodle_platform.jwks_url in page.text
    assert document["jwks_uri"] in page.text
    assert client.post("/lti/register", data={**given, "seen": hidden(page, "seen")}).status_code == 200
    assert moodle_platform.jwks_url == document["jwks_uri"]


@pytest.mark.parametrize("seen", ["", "0" * 64, "ä"])
def test_addresses_that_nobody_has_seen_are_not_taken(client, http, moodle_platform, seen: str) -> None:
    before = moodle_platform.jwks_url
    moved(http)
    given = {"openid_configuration": MOODLE_URL, "registration_token": "tok", "invite": renewal(moodle_platform)}
    page = client.post("/lti/register", data={**given, "seen": seen})
    assert (page.status_code, moodle_platform.jwks_url) == (409, before)


def test_a_link_of_an_lms_administrator_moves_no_address(client, http, moodle_platform) -> None:
    before = moodle_platform.jwks_url
    moved(http)
    page = walk(client, renewal(moodle_platform, may_move=False))
    assert (page.status_code, "Your LMS has other addresses now" in page.text) == (409, True)
    assert moodle_platform.jwks_url == before


def test_a_link_of_an_lms_administrator_ends_when_another_school_joins(client, http, moodle_platform) -> None:
    code = renewal(moodle_platform, may_move=False)
    approve_deployment(moodle_platform, "another-school")
    db.session.commit()
    assert walk(client, code).status_code == 409
    assert walk(client, renewal(moodle_platform)).status_code == 200, "the operator may"


def test_a_removed_registration_is_not_renewed(client, http, moodle_platform) -> None:
    code = renewal(moodle_platform)
    remove_platform(moodle_platform.id)
    assert walk(client, code).status_code == 409
    assert moodle_platform.state == "removed"


def test_a_refusal_of_the_lms_changes_nothing_and_the_link_stays_good(client, http, moodle_platform) -> None:
    code, before = renewal(moodle_platform), moodle_platform.registration
    http.on("POST", MOODLE_REGISTERS, (401, "token_already_used"), (200, MOODLE_ANSWER))
    page = walk(client, code)
    assert (page.status_code, "token_already_used" in page.text) == (422, True)
    assert moodle_platform.registration == before
    assert walk(client, code).status_code == 200


def test_an_invitation_for_several_registers_several(client, http) -> None:
    code = code_of(invite(reusable=True))
    assert [walk(client, code, url).status_code for url in (MOODLE_URL, CANVAS_URL)] == [200, 200]
    assert len(db.session.scalars(select(Platform)).all()) == 2


def test_an_invitation_brings_no_second_school_into_a_registration_that_is_there(client, http) -> None:
    assert press(client).status_code == 200
    answer = {**stored("canvas-answer.json"), "deployment_id": "912:another"}
    http.on("POST", CANVAS_REGISTERS, (200, answer))
    assert press(client).status_code == 200
    states = {row.deployment_id: row.state for row in db.session.scalars(select(Deployment))}
    assert states["912:another"] == "pending"
