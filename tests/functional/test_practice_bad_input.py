"""The practice LMS: odd input gets an answer in words, never a crash."""

from __future__ import annotations

import json
from typing import Any

import jwt
import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import KEY, LAUNCH, TOOL, Campus, link_item, local, sign

Json = dict[str, Any]
HUGE = "9" * 30
ODD: list[Any] = [None, 5, True, "x", [None], {"a": {}}, HUGE, "\ud800", "http://[", float("nan")]


@pytest.fixture(autouse=True)
def answers(campus: Campus) -> None:
    """What goes wrong is answered, as it is in production."""
    campus.app.config["PROPAGATE_EXCEPTIONS"] = False


@pytest.mark.parametrize(
    "path", [f"courses/{HUGE}", f"launch?course={HUGE}&activity=1", f"courses/5120/selections/{HUGE}"]
)
def test_a_number_too_large_to_store_is_no_crash(campus: Campus, path: str) -> None:
    campus.sign_in("teacher")
    assert campus.client.get(f"/{campus.slug}/{path}").status_code in {400, 404}


@pytest.mark.parametrize("member", ["userId", "timestamp", "activityProgress", "scoreGiven", "scoreMaximum", "comment"])
def test_odd_members_of_a_score_are_no_crash(campus: Campus, member: str) -> None:
    campus.add_activity()
    item = campus.course()["line_items"][0]
    for odd in [*ODD, "0001-01-01T00:00:00+23:00", float("inf")]:
        assert campus.score(item, **{member: odd}).status_code < 500


@pytest.mark.parametrize("member", [v.CANVAS_SUBMISSION, "submission"])
def test_odd_extensions_of_a_score_are_no_crash(campus: Campus, member: str) -> None:
    campus.add_activity()
    item = campus.course()["line_items"][0]
    names = ("new_submission", "submission_type", "submission_data", "submittedAt", "submitted_at", "content_items")
    for odd in ODD:
        assert campus.score(item, **{member: odd}).status_code < 500
        assert campus.score(item, **{member: dict.fromkeys(names, odd)}).status_code < 500


@pytest.mark.parametrize(
    "member", ["label", "scoreMaximum", "resourceLinkId", "startDateTime", v.CANVAS_SUBMISSION_TYPE]
)
def test_odd_members_of_a_line_item_are_no_crash(campus: Campus, member: str) -> None:
    url = {"canvas": "api/lti/courses/5120/line_items", "moodle": "mod/lti/services.php/2/lineitems"}[campus.slug]
    for odd in ODD:
        body = {"label": "x", "scoreMaximum": 4, member: odd}
        answer = campus.call("POST", f"{campus.root}/{url}", body, Content_Type=v.LINEITEM_TYPE)
        assert answer.status_code < 500


@pytest.mark.parametrize("member", ["type", "url", "title", "text", "custom", "lineItem", "window", "available"])
def test_odd_members_of_a_content_item_are_no_crash(campus: Campus, member: str) -> None:
    campus.sign_in("teacher")
    for odd in [value for value in ODD if value != "\ud800"]:
        answer = campus.pick(link_item(**{member: odd}))
        assert answer.status_code < 500
        target = answer.text.partition('data-target="')[2].partition('"')[0]
        if "/selections/" in target:
            assert campus.client.get(target).status_code == 200
            assert campus.client.post(target, data={"do": "save"}).status_code == 303


@pytest.mark.parametrize("place", ["top", "tool"])
def test_odd_members_of_a_registration_are_no_crash(campus: Campus, place: str) -> None:
    config = {"domain": "127.0.0.1:8000", "target_link_uri": LAUNCH, "claims": [], "messages": []}
    body = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": f"{TOOL}/lti/login",
        "redirect_uris": [LAUNCH],
        "client_name": "x",
        "jwks_uri": f"{TOOL}/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": v.SCORE,
        v.TOOL_CONFIGURATION: config,
    }
    changed = body if place == "top" else config
    for name in list(changed):
        for odd in (5, {"a": {}}, "http://[", "\ud800"):
            kept, changed[name] = changed[name], odd
            token = campus.control("POST", "registrations")["registration_token"]
            path = campus.app.extensions["practice"].campuses[campus.slug].temperament.paths.registration
            headers = {"Authorization": f"Bearer {token}"}
            assert campus.client.post(f"/{campus.slug}{path}", json=body, headers=headers).status_code < 500
            changed[name] = kept


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "jti"])
def test_odd_claims_of_an_assertion_are_refused(campus: Campus, claim: str) -> None:
    for odd in [value for value in ODD if value not in (None, "\ud800", "x", 5) and not isinstance(value, bool)]:
        claims = {**campus.assertion(), claim: odd}
        text = json.dumps(claims)
        answer = campus.ask_token(sign(json.loads(text)) if claim not in {"exp", "iat", "iss", "sub"} else raw(text))
        assert answer.status_code < 500
        if claim != "jti":
            assert answer.status_code >= 400


def raw(text: str) -> str:
    """A signed token over claims that the signing library would refuse to write."""
    return jwt.PyJWS().encode(text.encode(), KEY, algorithm="RS256", headers={"kid": "tool-1"})


def test_odd_parameters_of_an_authorisation_request_are_no_crash(campus: Campus) -> None:
    campus.sign_in("teacher")
    login = campus.begin(campus.course()["menu"][0]["launch_url"])
    for name in ("client_id", "redirect_uri", "login_hint", "lti_message_hint", "nonce", "state", "scope"):
        for odd in ("", "x", "http://[", HUGE, "null", "[]", '{"launchid": 3}', "\x00", "é" * 300):
            assert campus.authorize(login, **{name: odd}).status_code < 500


def test_a_body_that_is_no_json_is_no_crash(campus: Campus) -> None:
    for path in ("tools", "grades", "enrol"):
        answer = campus.client.post(f"/{campus.slug}/control/{path}", data=b"\xff{", content_type="application/json")
        assert answer.status_code < 500
    campus.add_activity()
    url, _mark, query = campus.course()["line_items"][0]["id"].partition("?")
    headers = {"Authorization": f"Bearer {campus.token()}", "Content-Type": v.SCORE_TYPE}
    answer = campus.client.post(local(f"{url}/scores?{query}"), data=b"\xff{", headers=headers)
    assert 400 <= answer.status_code < 500
