"""The practice LMS: odd input gets an answer in words, never a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import KEY, LAUNCH, TOOL, Lms, link_item, local, opened_lms, sign

Json = dict[str, Any]
HUGE = "9" * 30
ODD: list[Any] = [None, 5, True, "x", [None], {"a": {}}, HUGE, "\ud800", "http://[", float("nan")]


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param) as found:
        found.app.config["PROPAGATE_EXCEPTIONS"] = False
        yield found


@pytest.mark.parametrize(
    "path", [f"courses/{HUGE}", f"launch?course={HUGE}&activity=1", f"courses/5120/selections/{HUGE}"]
)
def test_a_number_too_large_to_store_is_no_crash(lms: Lms, path: str) -> None:
    lms.sign_in("teacher")
    assert lms.client.get(f"/{lms.slug}/{path}").status_code in {400, 404}


@pytest.mark.parametrize("member", ["userId", "timestamp", "activityProgress", "scoreGiven", "scoreMaximum", "comment"])
def test_odd_members_of_a_score_are_no_crash(lms: Lms, member: str) -> None:
    lms.add_activity()
    item = lms.course()["line_items"][0]
    for odd in [*ODD, "0001-01-01T00:00:00+23:00", float("inf")]:
        assert lms.score(item, **{member: odd}).status_code < 500


@pytest.mark.parametrize("member", [v.CANVAS_SUBMISSION, "submission"])
def test_odd_extensions_of_a_score_are_no_crash(lms: Lms, member: str) -> None:
    lms.add_activity()
    item = lms.course()["line_items"][0]
    names = ("new_submission", "submission_type", "submission_data", "submittedAt", "submitted_at", "content_items")
    for odd in ODD:
        assert lms.score(item, **{member: odd}).status_code < 500
        assert lms.score(item, **{member: dict.fromkeys(names, odd)}).status_code < 500


@pytest.mark.parametrize(
    "member", ["label", "scoreMaximum", "resourceLinkId", "startDateTime", v.CANVAS_SUBMISSION_TYPE]
)
def test_odd_members_of_a_line_item_are_no_crash(lms: Lms, member: str) -> None:
    url = {"canvas": "api/lti/courses/5120/line_items", "moodle": "mod/lti/services.php/2/lineitems"}[lms.slug]
    for odd in ODD:
        body = {"label": "x", "scoreMaximum": 4, member: odd}
        answer = lms.call("POST", f"{lms.root}/{url}", body, Content_Type=v.LINEITEM_TYPE)
        assert answer.status_code < 500


@pytest.mark.parametrize("member", ["type", "url", "title", "text", "custom", "lineItem", "window", "available"])
def test_odd_members_of_a_content_item_are_no_crash(lms: Lms, member: str) -> None:
    lms.sign_in("teacher")
    for odd in [value for value in ODD if value != "\ud800"]:
        answer = lms.pick(link_item(**{member: odd}))
        assert answer.status_code < 500
        target = answer.text.partition('data-target="')[2].partition('"')[0]
        if "/selections/" in target:
            assert lms.client.get(target).status_code == 200
            assert lms.client.post(target, data={"do": "save"}).status_code == 303


@pytest.mark.parametrize("place", ["top", "tool"])
def test_odd_members_of_a_registration_are_no_crash(lms: Lms, place: str) -> None:
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
            token = lms.control("POST", "registrations")["registration_token"]
            path = lms.app.extensions["practice"].campuses[lms.slug].temperament.paths.registration
            headers = {"Authorization": f"Bearer {token}"}
            assert lms.client.post(f"/{lms.slug}{path}", json=body, headers=headers).status_code < 500
            changed[name] = kept


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "iat", "jti"])
def test_odd_claims_of_an_assertion_are_refused(lms: Lms, claim: str) -> None:
    for odd in [value for value in ODD if value not in (None, "\ud800", "x", 5) and not isinstance(value, bool)]:
        claims = {**lms.assertion(), claim: odd}
        text = json.dumps(claims)
        answer = lms.ask_token(sign(json.loads(text)) if claim not in {"exp", "iat", "iss", "sub"} else raw(text))
        assert answer.status_code < 500
        if claim != "jti":
            assert answer.status_code >= 400


def raw(text: str) -> str:
    """A signed token over claims that the signing library would refuse to write."""
    return jwt.PyJWS().encode(text.encode(), KEY, algorithm="RS256", headers={"kid": "tool-1"})


def test_odd_parameters_of_an_authorisation_request_are_no_crash(lms: Lms) -> None:
    lms.sign_in("teacher")
    login = lms.begin(lms.course()["menu"][0]["launch_url"])
    for name in ("client_id", "redirect_uri", "login_hint", "lti_message_hint", "nonce", "state", "scope"):
        for odd in ("", "x", "http://[", HUGE, "null", "[]", '{"launchid": 3}', "\x00", "é" * 300):
            assert lms.authorize(login, **{name: odd}).status_code < 500


def test_a_body_that_is_no_json_is_no_crash(lms: Lms) -> None:
    for path in ("tools", "grades", "enrol"):
        answer = lms.client.post(f"/{lms.slug}/control/{path}", data=b"\xff{", content_type="application/json")
        assert answer.status_code < 500
    lms.add_activity()
    url, _mark, query = lms.course()["line_items"][0]["id"].partition("?")
    headers = {"Authorization": f"Bearer {lms.token()}", "Content-Type": v.SCORE_TYPE}
    answer = lms.client.post(local(f"{url}/scores?{query}"), data=b"\xff{", headers=headers)
    assert 400 <= answer.status_code < 500
