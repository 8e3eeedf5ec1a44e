"""Connecting an LMS in the pages: guides, registration links, the forms with their presets, and what cannot be used."""

import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import origin
from lti_mcred.tool.known.models import Deployment, Platform
from lti_mcred.tool.profiles import GUIDES
from tests.admin_helpers import Operator, sign_in, value_of
from tests.conformance.lms import jwk, stand_up

PLATFORMS = select(func.count()).select_from(Platform)
HAND = {
    "name": "Larkspur", "issuer": "https://lms.example.edu", "client_id": "client-7",
    "auth_url": "https://lms.example.edu/auth", "token_url": "https://lms.example.edu/token",
    "jwks_url": "https://lms.example.edu/keys", "token_audience": "", "deployment": "d-1", "policy": "first",
}  # fmt: skip


def only() -> Platform:
    """The one registration that there is."""
    return db.session.scalars(select(Platform)).one()


@pytest.mark.parametrize("lms", sorted(GUIDES))
def test_every_lms_of_the_chooser_has_a_page_to_follow(operator: Operator, lms: str) -> None:
    assert f'href="/admin/connect/{lms}"' in operator.get("/connect").text
    page = operator.client.get(f"/admin/connect/{lms}", follow_redirects=True)
    assert page.status_code == 200
    assert page.text.count("<li>") >= 3
    if GUIDES[lms].by_hand:
        by_hand = operator.get(f"/connect/{lms}/hand").text
        assert "http://127.0.0.1:8000/lti/launch" in by_hand
        assert "data-copy=" in by_hand


@pytest.mark.parametrize("path", ["/connect/webct", "/connect/webct/hand", "/connect/%2e%2e"])
def test_an_lms_that_has_no_page_is_said(operator: Operator, path: str) -> None:
    assert operator.get(path).status_code == 404


def invitation(page) -> str:
    """The registration link of a page."""
    return value_of(page, "invitation")


def opened(operator: Operator, link: str) -> int:
    """How an invitation answers whoever opens it."""
    parts = urlsplit(link)
    return operator.client.get(f"{parts.path}?{parts.query}").status_code


def test_a_registration_link_is_made_listed_and_withdrawn(operator: Operator) -> None:
    link = invitation(operator.post("/connect/moodle/link", note="Larkspur <College>", days="30"))
    assert link.startswith("http://127.0.0.1:8000/lti/register?invite=")
    assert opened(operator, link) == 200
    listed = operator.get().text
    assert "Larkspur &lt;College&gt;" in listed
    assert "Works once" in listed
    assert parse_qs(urlsplit(link).query)["invite"][0] not in listed, "the list cannot give a link away"
    where = re.search(r'action="/admin(/invitations/[^"]+)"', listed)
    assert where
    told = operator.post(where[1])
    assert told.location == "/admin/?told=revoked#invitations"
    assert opened(operator, link) == 403
    assert "Larkspur" not in operator.get().text
    assert operator.post(where[1]).location == "/admin/#invitations"


def test_a_link_lives_as_long_as_was_chosen(operator: Operator) -> None:
    day, month = (invitation(operator.post("/connect/moodle/link", days=days)) for days in ("1", "30"))
    odd = invitation(operator.post("/connect/moodle/link", days="999999"))
    with time_machine.travel(utcnow() + timedelta(days=6)):
        assert [opened(operator, link) for link in (day, month, odd)] == [403, 200, 200]
    with time_machine.travel(utcnow() + timedelta(days=8)):
        assert [opened(operator, link) for link in (day, month, odd)] == [403, 200, 403]


def test_values_typed_by_hand_connect_an_lms_that_then_launches(app: Flask) -> None:
    operator, lms = sign_in(app.test_client()), stand_up(app, app.test_client())
    made = operator.post("/connect/other/hand", **{
        **HAND, "issuer": lms.issuer, "client_id": lms.client_id, "deployment": lms.deployment_id,
        "jwks_url": f"{lms.issuer}/jwks", "auth_url": f"{lms.issuer}/auth",
    })  # fmt: skip
    assert made.status_code == 303
    assert "is connected" in operator.client.get(made.location).text
    lms.auth_url, lms.jwks_url = only().auth_url, only().jwks_url
    lms.publish(jwk(lms.key, lms.kid))
    assert lms.launch().status_code == 303


def test_what_is_typed_is_stored_as_it_is(operator: Operator) -> None:
    operator.post("/connect/moodle/hand", **{**HAND, "name": "  Larkspur ", "policy": "ask"})
    found = only()
    assert {name: getattr(found, name) for name in HAND if hasattr(found, name)} | {"token_audience": ""} == {
        name: value for name, value in {**HAND, "policy": "ask"}.items() if name != "deployment"
    }
    assert (found.profile, found.deployments[0].deployment_id, found.deployments[0].state) == (
        "moodle",
        "d-1",
        "active",
    )


WRONG = [
    ("issuer", ""), ("issuer", "lms.example.edu"), ("issuer", "http://lms.example.edu"), ("issuer", "https://a?b=1"),
    ("issuer", "https://lms.example.edu/" + "x" * 300), ("issuer", "javascript:alert(1)"),
    ("client_id", ""), ("client_id", "x" * 256), ("deployment", "x" * 256), ("deployment", "häuser"),
    ("auth_url", ""), ("auth_url", "https://"), ("auth_url", "http://10.0.0.1/"), ("auth_url", "ftp://lms.example.edu/"),
    ("token_url", "/relative"), ("token_url", "https://user:pass@lms.example.edu/"),
    ("jwks_url", "file:///etc/passwd"), ("jwks_url", "https://[::1"), ("jwks_url", "\"><script>alert(1)</script>"),
    ("token_audience", "x" * 1001), ("policy", "whatever"), ("policy", ""),
]  # fmt: skip


@pytest.mark.parametrize(("field", "typed"), WRONG, ids=range(len(WRONG)))
def test_what_cannot_be_used_is_said_at_its_field_and_nothing_typed_is_lost(
    operator: Operator, field: str, typed: str
) -> None:
    page = operator.post("/connect/other/hand", **{**HAND, field: typed})
    assert page.status_code == 422
    assert db.session.scalar(PLATFORMS) == 0
    assert f'id="{field}-error"' in page.text
    assert "One thing needs your attention" in page.text
    assert "<script>alert" not in page.text
    kept = {name: value_of(page, name) for name in HAND if name != "policy"}
    assert kept == {name: value for name, value in {**HAND, field: typed}.items() if name != "policy"}


def test_several_mistakes_are_all_said_at_once(operator: Operator) -> None:
    page = operator.post("/connect/other/hand", name="x")
    errors = set(re.findall(r'id="([a-z_]+)-error"', page.text))
    assert errors == {"issuer", "client_id", "auth_url", "token_url", "jwks_url", "policy"}


def test_an_lms_that_is_connected_already_is_said_and_nothing_is_lost(operator: Operator) -> None:
    operator.post("/connect/other/hand", **HAND)
    again = operator.post("/connect/other/hand", **{**HAND, "name": "Second"})
    assert (again.status_code, db.session.scalar(PLATFORMS)) == (422, 1)
    assert "connected already" in again.text
    assert value_of(again, "name") == "Second"


def test_odd_characters_in_a_form_never_reach_the_database(operator: Operator) -> None:
    operator.post("/connect/other/hand", **{**HAND, "name": "Lark\x00spur\ud800".encode("utf-8", "replace").decode()})
    assert only().name.startswith("Larkspur")


@pytest.mark.parametrize(
    ("lms", "address", "expected"),
    [
        ("moodle", "https://moodle.example.edu/", {
            "issuer": "https://moodle.example.edu", "auth_url": "https://moodle.example.edu/mod/lti/auth.php",
            "token_url": "https://moodle.example.edu/mod/lti/token.php",
            "jwks_url": "https://moodle.example.edu/mod/lti/certs.php", "token_audience": "",
        }),
        ("brightspace", "https://school.brightspace.com", {
            "issuer": "https://school.brightspace.com",
            "auth_url": "https://school.brightspace.com/d2l/lti/authenticate",
            "token_url": "https://auth.brightspace.com/core/connect/token",
            "jwks_url": "https://school.brightspace.com/d2l/.well-known/jwks",
            "token_audience": "https://api.brightspace.com/auth/token",
        }),
        ("sakai", "https://sakai.example.edu", {
            "issuer": "https://sakai.example.edu", "auth_url": "https://sakai.example.edu/imsoidc/lti13/oidc_auth",
            "token_url": "", "jwks_url": "", "token_audience": "",
        }),
    ],
    ids=["moodle", "brightspace", "sakai"],
)  # fmt: skip
def test_the_address_of_an_lms_fills_in_what_follows_from_it(operator, lms, address, expected) -> None:
    page = operator.get(f"/connect/{lms}/hand", address=address)
    assert {name: value_of(page, name) for name in expected} == expected


@pytest.mark.parametrize("address", ["", "x" * 5000, '"><b>', "javascript:alert(1)"])
def test_an_address_that_is_none_breaks_nothing(operator: Operator, address: str) -> None:
    page = operator.get("/connect/moodle/hand", address=address)
    assert (page.status_code, '"><b>' in page.text) == (200, False)


@pytest.mark.parametrize(
    ("environment", "issuer", "host"),
    [
        ("production", "https://canvas.instructure.com", "https://sso.canvaslms.com"),
        ("beta", "https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com"),
        ("test", "https://canvas.test.instructure.com", "https://sso.test.canvaslms.com"),
    ],
)
def test_a_canvas_developer_key_needs_the_client_id_alone(operator, environment, issuer, host) -> None:
    made = operator.post("/connect/canvas/hand", name="", client_id="170000000000421", environment=environment,
                         policy="first")  # fmt: skip
    assert made.status_code == 303
    found = only()
    assert (found.issuer, found.profile) == (issuer, "canvas")
    assert {origin(url) for url in (found.auth_url, found.token_url, found.jwks_url)} == {host}


def test_a_canvas_that_cannot_reach_the_tool_is_given_the_whole_configuration_to_paste(operator: Operator) -> None:
    page = operator.get("/connect/canvas/hand").text
    box = re.search(r'<textarea[^>]*\bid="ours-configuration"[^>]*\breadonly[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert box
    assert json.loads(unescape(box[1])) == operator.client.get("/lti/canvas.json").json
    assert '<label class="field__label" for="ours-configuration">' in page
    assert 'data-copy="ours-configuration"' in page
    assert "ours-configuration" not in operator.get("/connect/moodle/hand").text


def test_a_school_with_its_own_canvas_names_its_host_and_may_keep_the_common_issuer(operator: Operator) -> None:
    typed = {"client_id": "1", "environment": "own", "policy": "first", "host": "https://canvas.example.edu/"}
    assert operator.post("/connect/canvas/hand", **typed).status_code == 303
    assert (only().issuer, only().jwks_url) == (
        "https://canvas.instructure.com", "https://canvas.example.edu/api/lti/security/jwks",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"client_id": ""}, "client_id"),
        ({"environment": "own", "host": "canvas.example.edu"}, "host"),
        ({"environment": "own", "host": "https://c.example.edu", "issuer": "x"}, "issuer"),
        ({"environment": "x"}, "host"),
    ],
    ids=["no client id", "no address", "no issuer", "no environment"],
)  # fmt: skip
def test_a_mistake_in_the_canvas_form_is_said_at_a_field_that_it_has(operator, changed, field) -> None:
    typed = {"client_id": "1", "environment": "production", "policy": "first", "name": "Larkspur"}
    page = operator.post("/connect/canvas/hand", **{**typed, **changed})
    assert (page.status_code, f'id="{field}-error"' in page.text) == (422, True)
    assert value_of(page, "name") == "Larkspur"
    assert db.session.scalar(PLATFORMS) == 0


def test_one_client_id_of_blackboard_serves_schools_that_are_told_apart(app: Flask) -> None:
    operator = sign_in(app.test_client())
    form = operator.get("/connect/blackboard/hand")
    assert re.search(r'id="policy-ask"[^>]* checked', form.text), "every school is asked for"
    operator.post("/connect/blackboard/hand", name="Blackboard", client_id="app-1", policy="ask", deployment="school-a")
    found = only()
    assert found.issuer == "https://blackboard.com"
    assert found.jwks_url.endswith("/applications/app-1/jwks.json")
    lms = stand_up(app, app.test_client(), issuer=found.issuer, client_id="app-1", auth_url=found.auth_url,
                   jwks_url=found.jwks_url)  # fmt: skip
    lms.publish(jwk(lms.key, lms.kid))
    lms.deployment_id = "school-a"
    assert lms.launch().status_code == 303
    lms.deployment_id = "school-b"
    assert lms.launch().status_code == 403
    second = db.session.scalars(select(Deployment).filter_by(deployment_id="school-b")).one()
    operator.post(f"/platforms/{found.id}/deployments/{second.id}", state="active")
    assert lms.launch().status_code == 303


def test_a_client_id_of_blackboard_that_breaks_its_address_is_said_at_the_client_id(operator: Operator) -> None:
    page = operator.post("/connect/blackboard/hand", client_id="", policy="ask")
    assert (page.status_code, 'id="client_id-error"' in page.text) == (422, True)


def test_the_developer_key_by_url_has_the_places_and_the_addresses_of_this_tool(client: FlaskClient) -> None:
    key = client.get("/lti/canvas.json").get_json()
    (extension,) = key["extensions"]
    placements = {one["placement"]: one for one in extension["settings"]["placements"]}
    assert placements["account_navigation"]["message_type"] == "LtiResourceLinkRequest"
    assert placements["account_navigation"]["visibility"] == "admins"
    assert placements["course_navigation"]["visibility"] == "members"
    assert {one["target_link_uri"] for one in placements.values()} == {"http://127.0.0.1:8000/lti/launch"}
    assert extension["domain"] == "127.0.0.1:8000"
    assert all(value.startswith("$") for value in key["custom_fields"].values())
