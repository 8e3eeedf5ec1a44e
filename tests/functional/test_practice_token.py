"""The practice LMS: the token endpoint, one test per refusal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import OTHER_KEY, SCORE_SCOPES, TOOL, Campus, close, make_campus, sign

SECRET = "a-shared-secret-of-thirty-two-letters"


def told(campus: Campus, assertion: str, scope: str = SCORE_SCOPES, **changes: str) -> tuple[int, str]:
    """The status and the words of a refusal."""
    answer = campus.ask_token(assertion, scope, **changes)
    body = json.loads(answer.text)
    return answer.status_code, str(body.get("error_description") or body.get("error"))


def test_a_good_assertion_gets_a_token_for_an_hour(campus: Campus) -> None:
    answer = campus.ask_token(sign(campus.assertion()))
    body = json.loads(answer.text)
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert set(body["scope"].split()) == set(SCORE_SCOPES.split())
    expected = {"canvas": "application/json; charset=utf-8", "moodle": "text/html; charset=utf-8"}
    assert answer.headers["Content-Type"] == expected[campus.slug]


REFUSED = {
    "another grant type": (400, "The grant_type you requested is not currently supported", "unsupported_grant_type"),
    "no token": (400, "JWT format is invalid", "Wrong number of segments"),
    "unknown client": (401, "unknown client", "invalid_client"),
    "no key id": (400, "JWT header has no kid", "error/Error: kid must be provided in JWT header."),
    "unknown key id": (400, "JWS signature invalid.", '"kid" invalid, unable to lookup correct key'),
    "another key": (400, "JWS signature invalid.", "Signature verification failed"),
    "symmetric key": (400, "JWS alg is not allowed: RS256 is required", "Algorithm not allowed"),
    "another audience": (400, "the 'aud' is invalid", "invalid_client: aud must be the token endpoint"),
    "iss is not sub": (400, "the 'iss' is invalid", "invalid_client: iss must equal sub"),
    "expired": (400, "the JWT has expired", "Expired token"),
    "too old": (400, "the 'iat' must be less than 300 seconds old", "iat is older than five minutes"),
    "from the future": (
        400,
        "the 'iat' must not be in the future",
        "Cannot handle token with iat prior to 2026-11-23T10:00:00+0000",
    ),
    "times as text": (400, "the 'exp' and 'iat' must be numbers", "exp and iat must be numbers"),
    "no jti": (400, "the following assertions are missing: jti", "invalid_request: missing jti"),
    "no exp": (400, "the following assertions are missing: exp", "invalid_request: missing exp"),
}


def ask_with(campus: Campus, case: str) -> tuple[int, str]:
    now = campus.clock.stamp()
    if case == "another grant type":
        return told(campus, sign(campus.assertion()), grant_type="authorization_code")
    if case == "no token":
        return told(campus, "nothing")
    keys: dict[str, dict[str, Any]] = {
        "no key id": {"kid": None},
        "unknown key id": {"kid": "tool-9"},
        "another key": {"key": OTHER_KEY},
        "symmetric key": {"key": SECRET, "algorithm": "HS256"},
    }
    claims: dict[str, dict[str, Any]] = {
        "unknown client": {"sub": "nobody", "iss": "nobody"},
        "another audience": {"aud": "https://elsewhere.example/token"},
        "iss is not sub": {"iss": "somebody"},
        "expired": {"exp": now - 1},
        "too old": {"iat": now - 301},
        "from the future": {"iat": now + 90},
        "times as text": {"exp": "tomorrow"},
        "no jti": {"jti": None},
        "no exp": {"exp": None},
    }
    return told(campus, sign(campus.assertion(**claims.get(case, {})), **keys.get(case, {})))


@pytest.mark.parametrize("case", REFUSED)
def test_an_assertion_is_refused(campus: Campus, case: str) -> None:
    status, canvas_words, moodle_words = REFUSED[case]
    expected = (status, canvas_words) if campus.slug == "canvas" else (400, moodle_words)
    assert ask_with(campus, case) == expected


def test_an_assertion_counts_once(campus: Campus) -> None:
    assertion = sign(campus.assertion(jti="once"))
    assert campus.ask_token(assertion).status_code == 200
    expected = {"canvas": "the 'jti' is invalid", "moodle": "invalid_client: jti was used already"}
    assert told(campus, assertion) == (400, expected[campus.slug])


def test_several_faults_come_in_one_sentence_in_canvas(tmp_path: Path) -> None:
    campus = make_campus(tmp_path, "canvas")
    campus.install()
    faulty = sign(campus.assertion(aud="https://elsewhere.example", exp=campus.clock.stamp() - 1))
    assert told(campus, faulty) == (400, "the 'aud' is invalid | the JWT has expired")
    close(campus)


@pytest.mark.parametrize(
    ("down", "canvas_words"),
    [(True, "JWK Error: Failed to fetch public key"), (False, "JWK Error: Invalid JSON")],
)
def test_a_key_set_that_cannot_be_read_is_refused(campus: Campus, down: bool, canvas_words: str) -> None:
    address = f"{TOOL}/jwks.json"
    campus.internet.documents[address] = b"<html>"
    if down:
        campus.internet.down.add(address)
    expected = {"canvas": canvas_words, "moodle": "The tool's key set could not be read"}
    assert told(campus, sign(campus.assertion())) == (400, expected[campus.slug])


def test_scopes_are_all_or_nothing_in_canvas_and_dropped_in_moodle(campus: Campus) -> None:
    answer = campus.ask_token(sign(campus.assertion()), f"{v.SCORE} https://tool.example.edu/bogus")
    body = json.loads(answer.text)
    if campus.slug == "canvas":
        assert (answer.status_code, body["error"]) == (400, "invalid_scope")
        assert body["error_description"].endswith("not granted: https://tool.example.edu/bogus")
    else:
        assert (answer.status_code, body["scope"]) == (200, v.SCORE)


def test_no_known_scope_is_invalid(campus: Campus) -> None:
    answer = campus.ask_token(sign(campus.assertion()), "https://tool.example.edu/bogus")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "invalid_scope")


def test_moodle_takes_a_form_only(tmp_path: Path) -> None:
    campus = make_campus(tmp_path, "moodle")
    campus.install()
    path = "/moodle/mod/lti/token.php"
    answer = campus.client.post(path, json={"grant_type": "client_credentials"})
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": "invalid_request"})
    close(campus)


def test_the_request_log_keeps_neither_assertion_nor_token(campus: Campus) -> None:
    assertion = sign(campus.assertion())
    token = json.loads(campus.ask_token(assertion).text)["access_token"]
    log = json.dumps(campus.control("GET", "requests"))
    assert "client_credentials" in log
    assert assertion not in log
    assert token not in log
