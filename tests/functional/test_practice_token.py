"""The practice LMS: the token endpoint, one test per refusal."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import OTHER_KEY, SCORE_SCOPES, TOOL, Lms, close, make_lms, opened_lms, sign

SECRET = "a-shared-secret-of-thirty-two-letters"


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param) as found:
        yield found


def told(lms: Lms, assertion: str, scope: str = SCORE_SCOPES, **changes: str) -> tuple[int, str]:
    """The status and the words of a refusal."""
    answer = lms.ask_token(assertion, scope, **changes)
    body = json.loads(answer.text)
    return answer.status_code, str(body.get("error_description") or body.get("error"))


def test_a_good_assertion_gets_a_token_for_an_hour(lms: Lms) -> None:
    answer = lms.ask_token(sign(lms.assertion()))
    body = json.loads(answer.text)
    assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "Bearer", 3600)
    assert set(body["scope"].split()) == set(SCORE_SCOPES.split())
    expected = {"canvas": "application/json; charset=utf-8", "moodle": "text/html; charset=utf-8"}
    assert answer.headers["Content-Type"] == expected[lms.slug]


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


def ask_with(lms: Lms, case: str) -> tuple[int, str]:
    now = lms.clock.stamp()
    if case == "another grant type":
        return told(lms, sign(lms.assertion()), grant_type="authorization_code")
    if case == "no token":
        return told(lms, "nothing")
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
    return told(lms, sign(lms.assertion(**claims.get(case, {})), **keys.get(case, {})))


@pytest.mark.parametrize("case", REFUSED)
def test_an_assertion_is_refused(lms: Lms, case: str) -> None:
    status, canvas_words, moodle_words = REFUSED[case]
    expected = (status, canvas_words) if lms.slug == "canvas" else (400, moodle_words)
    assert ask_with(lms, case) == expected


def test_an_assertion_counts_once(lms: Lms) -> None:
    assertion = sign(lms.assertion(jti="once"))
    assert lms.ask_token(assertion).status_code == 200
    expected = {"canvas": "the 'jti' is invalid", "moodle": "invalid_client: jti was used already"}
    assert told(lms, assertion) == (400, expected[lms.slug])


def test_several_faults_come_in_one_sentence_in_canvas(tmp_path: Path) -> None:
    lms = make_lms(tmp_path, "canvas")
    lms.install()
    faulty = sign(lms.assertion(aud="https://elsewhere.example", exp=lms.clock.stamp() - 1))
    assert told(lms, faulty) == (400, "the 'aud' is invalid | the JWT has expired")
    close(lms)


@pytest.mark.parametrize(
    ("down", "canvas_words"),
    [(True, "JWK Error: Failed to fetch public key"), (False, "JWK Error: Invalid JSON")],
)
def test_a_key_set_that_cannot_be_read_is_refused(lms: Lms, down: bool, canvas_words: str) -> None:
    address = f"{TOOL}/jwks.json"
    lms.internet.documents[address] = b"<html>"
    if down:
        lms.internet.down.add(address)
    expected = {"canvas": canvas_words, "moodle": "The tool's key set could not be read"}
    assert told(lms, sign(lms.assertion())) == (400, expected[lms.slug])


def test_scopes_are_all_or_nothing_in_canvas_and_dropped_in_moodle(lms: Lms) -> None:
    answer = lms.ask_token(sign(lms.assertion()), f"{v.SCORE} https://tool.example.edu/bogus")
    body = json.loads(answer.text)
    if lms.slug == "canvas":
        assert (answer.status_code, body["error"]) == (400, "invalid_scope")
        assert body["error_description"].endswith("not granted: https://tool.example.edu/bogus")
    else:
        assert (answer.status_code, body["scope"]) == (200, v.SCORE)


def test_no_known_scope_is_invalid(lms: Lms) -> None:
    answer = lms.ask_token(sign(lms.assertion()), "https://tool.example.edu/bogus")
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "invalid_scope")


def test_moodle_takes_a_form_only(tmp_path: Path) -> None:
    lms = make_lms(tmp_path, "moodle")
    lms.install()
    path = "/moodle/mod/lti/token.php"
    answer = lms.client.post(path, json={"grant_type": "client_credentials"})
    assert (answer.status_code, json.loads(answer.text)) == (400, {"error": "invalid_request"})
    close(lms)


def test_the_request_log_keeps_neither_assertion_nor_token(lms: Lms) -> None:
    assertion = sign(lms.assertion())
    token = json.loads(lms.ask_token(assertion).text)["access_token"]
    log = json.dumps(lms.control("GET", "requests"))
    assert "client_credentials" in log
    assert assertion not in log
    assert token not in log
