"""How the operator gets in and out: a link that works once, a session that ends, forms that nobody else can send."""

import logging
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db, utcnow
from lti_mcred.services import site
from lti_mcred.tool.admin.access import LINK_MINUTES, forget_access, make_link
from lti_mcred.tool.admin.models import OperatorLink, OperatorSession
from lti_mcred.tool.known.models import ToolKey
from lti_mcred.web.limits import Limits
from tests.admin_helpers import sign_in
from tests.services import replace_service


def code() -> str:
    """The code of a new link."""
    return urlsplit(make_link()).fragment


def enter(client: FlaskClient, given: str) -> TestResponse:
    """Press the button of the link's page."""
    return client.post("/admin/enter", data={"code": given})


def test_a_link_opens_the_administration(client: FlaskClient) -> None:
    link = urlsplit(make_link())
    offer = client.get(link.path)
    assert offer.status_code == 200
    assert f'action="{link.path}"' in offer.text
    entered = enter(client, link.fragment)
    assert (entered.status_code, entered.location) == (303, "/admin/")
    assert "No LMS is connected yet" in client.get("/admin/").text


def test_no_server_on_the_way_sees_the_code(client: FlaskClient) -> None:
    link = urlsplit(make_link())
    assert (link.path, link.query) == ("/admin/enter", "")
    assert len(link.fragment) > 40


def test_whoever_pastes_the_whole_link_gets_in_too(client: FlaskClient) -> None:
    assert enter(client, f"  {make_link()}\n").status_code == 303


def test_programs_that_look_at_links_do_not_use_them_up(client: FlaskClient) -> None:
    link = make_link()
    for _time in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert enter(client, urlsplit(link).fragment).status_code == 303


def test_a_link_works_once(app: Flask, client: FlaskClient) -> None:
    link = code()
    enter(client, link)
    other = app.test_client()
    answer = enter(other, link)
    assert answer.status_code == 403
    assert "used up" in answer.text
    assert other.get("/admin/").status_code == 401


def test_a_link_ends(client: FlaskClient) -> None:
    link = code()
    with time_machine.travel(utcnow() + timedelta(minutes=LINK_MINUTES, seconds=1)):
        assert enter(client, link).status_code == 403


@pytest.mark.parametrize("guess", ["", "guessed", "x" * 300, "\N{KEY}", "\0", "#"])
def test_a_guessed_link_opens_nothing(client: FlaskClient, guess: str) -> None:
    assert enter(client, guess).status_code == 403
    assert client.post("/admin/enter").status_code == 403


def test_guesses_have_an_end(app: Flask) -> None:
    replace_service(app, Limits, Limits.of(replace(site(), limit_refusals_per_minute=3)))
    client = app.test_client()
    assert [enter(client, "guess").status_code for _time in range(4)] == [403, 403, 403, 429]


def test_neither_links_nor_sessions_stand_in_the_database_or_the_log(client: FlaskClient, caplog) -> None:
    link = code()
    with caplog.at_level(logging.DEBUG):
        enter(client, link)
    cookie = client.get_cookie("lti_mcred_admin")
    assert cookie
    stored = [
        *db.session.scalars(select(OperatorLink.code_hash)),
        *db.session.scalars(select(OperatorSession.token_hash)),
    ]
    assert [one for one in stored if one in (link, cookie.value)] == []
    assert link not in caplog.text
    assert cookie.value not in caplog.text


def test_the_cookie_stays_on_this_host_and_out_of_scripts(client: FlaskClient) -> None:
    header = enter(client, code()).headers["Set-Cookie"]
    assert all(part in header for part in ("HttpOnly", "SameSite=Strict", "Path=/"))
    assert "Domain" not in header


def test_a_session_ends_after_a_time_without_a_request(client: FlaskClient) -> None:
    operator, now = sign_in(client), utcnow()
    with time_machine.travel(now + timedelta(minutes=29)):
        assert operator.get().status_code == 200
    with time_machine.travel(now + timedelta(minutes=58)):
        assert operator.get().status_code == 200, "a request in between keeps it"
    with time_machine.travel(now + timedelta(minutes=58 + 30, seconds=1)):
        answer = operator.get()
    assert answer.status_code == 401
    assert "lti-mcred admin link" in answer.text


def test_a_session_ends_in_any_case(client: FlaskClient) -> None:
    operator, now = sign_in(client), utcnow()
    for minutes in range(20, 8 * 60, 20):
        with time_machine.travel(now + timedelta(minutes=minutes)):
            assert operator.get().status_code == 200
    with time_machine.travel(now + timedelta(hours=8, seconds=1)):
        assert operator.get().status_code == 401


def test_signing_out_ends_the_session_for_a_copy_of_the_cookie_too(app: Flask, client: FlaskClient) -> None:
    operator = sign_in(client)
    cookie = client.get_cookie("lti_mcred_admin")
    assert cookie
    out = operator.post("/sign-out")
    assert (out.status_code, "signed out" in out.text) == (200, True)
    thief = app.test_client()
    thief.set_cookie("lti_mcred_admin", cookie.value)
    assert thief.get("/admin/").status_code == 401


@pytest.mark.parametrize("given", [{}, {"operator_form": ""}, {"operator_form": "A" * 64}, {"operator_form": "Ä"}])
def test_a_form_of_another_site_changes_nothing(client: FlaskClient, given: dict[str, str]) -> None:
    sign_in(client)
    before = db.session.scalar(select(func.count()).select_from(ToolKey))
    for path in ("/admin/keys", "/admin/connect/moodle/link", "/admin/connect/moodle/hand", "/admin/sign-out"):
        answer = client.post(path, data=given)
        assert (path, answer.status_code) == (path, 403)
    assert db.session.scalar(select(func.count()).select_from(ToolKey)) == before
    assert client.get("/admin/").status_code == 200


def test_the_form_of_one_session_is_not_good_for_another(app: Flask, client: FlaskClient) -> None:
    mine, other = sign_in(client), sign_in(app.test_client())
    assert mine.client.post("/admin/keys", data={"operator_form": other.key}).status_code == 403


def test_no_cache_keeps_a_page_of_the_administration(client: FlaskClient) -> None:
    operator = sign_in(client)
    assert operator.get().headers["Cache-Control"] == "no-store"
    assert client.get("/admin/enter").headers["Cache-Control"] == "no-store"


def test_nobody_shows_the_administration_in_a_frame(client: FlaskClient) -> None:
    assert "frame-ancestors 'none'" in sign_in(client).get().headers["Content-Security-Policy"]


def test_a_form_of_many_megabytes_is_not_read(client: FlaskClient) -> None:
    operator = sign_in(client)
    assert operator.post("/connect/moodle/hand", name="x" * 200_000).status_code == 413


def test_what_is_over_is_forgotten(client: FlaskClient) -> None:
    sign_in(client)
    with time_machine.travel(utcnow() + timedelta(days=3)):
        forget_access(utcnow())
    assert db.session.scalars(select(OperatorLink)).all() == []
    assert db.session.scalars(select(OperatorSession)).all() == []
