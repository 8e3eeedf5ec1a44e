"""The page where anybody checks a badge: every verdict, every kind of input, every kindly refusal."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from lti_mcred.badges import elsewhere, verify_views
from lti_mcred.badges.openbadges import baking
from lti_mcred.badges.openbadges.keys import did_document
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.resolve import WebResolver
from lti_mcred.badges.revoke import revoke
from lti_mcred.badges.verifier import reading
from lti_mcred.badges.verifier.verification import Check, State, Verdict
from lti_mcred.badges.verifier.verify import UnresolvedError
from lti_mcred.badges.wording import banner, check_words
from lti_mcred.outbound.http import HttpClient, HttpUnreachable
from tests.badges_helpers import DID, KEY, LIST_URL, NOW, signed_badge, signed_list
from tests.badges_rows import awarded
from tests.services import replace_service
from tests.unit.test_badges_baking import PNG

pytestmark = pytest.mark.usefixtures("app")


def checked(client: FlaskClient, **form: Any) -> tuple[int, str]:
    """Send the form as a browser does; return status and page."""
    answer = client.post("/verify", data=form, headers={"Accept": "text/html"}, content_type="multipart/form-data")
    return answer.status_code, answer.get_data(as_text=True)


def upload(data: bytes, name: str = "badge.json") -> tuple[io.BytesIO, str]:
    """Return a file for the form."""
    return io.BytesIO(data), name


def test_the_form_asks_for_one_of_three_things(client: FlaskClient) -> None:
    page = client.get("/verify").get_data(as_text=True)
    for field in ('name="file"', 'name="address"', 'name="text"'):
        assert field in page


WAYS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "file": lambda row: {"file": upload(row.credential.encode())},
    "picture": lambda row: {"file": upload(baking.bake(PNG, row.credential), "badge.png")},
    "text": lambda row: {"text": row.credential},
    "link": lambda row: {"address": f"http://127.0.0.1:8000/credentials/{row.id}"},
    "link to the file": lambda row: {"address": f"http://127.0.0.1:8000/credentials/{row.id}.json"},
    "link to the picture": lambda row: {"address": f"http://127.0.0.1:8000/credentials/{row.id}/badge.png"},
    "link pasted as text": lambda row: {"text": f" http://127.0.0.1:8000/credentials/{row.id} "},
}


@pytest.mark.parametrize("given", WAYS.values(), ids=WAYS)
def test_a_good_badge_is_valid_whichever_way_it_is_given(
    client: FlaskClient, given: Callable[[Any], dict[str, Any]]
) -> None:
    status, page = checked(client, **given(awarded()))
    assert status == 200
    assert "Valid today" in page


def test_a_withdrawn_badge_is_shown_as_withdrawn(client: FlaskClient) -> None:
    row = awarded()
    revoke(row.id, "mistake")
    assert "Withdrawn" in checked(client, text=row.credential)[1]


def test_an_expired_badge_is_shown_as_expired(client: FlaskClient) -> None:
    with time_machine.travel("2020-01-15T12:00:00Z", tick=False):
        row = awarded()
    status, page = checked(client, text=row.credential)
    assert status == 200
    assert "Expired" in page
    assert "15 January 2023" in page


def test_a_changed_badge_is_shown_with_the_check_that_failed(client: FlaskClient) -> None:
    status, page = checked(client, text=awarded().credential.replace("Small Crew", "Large Crew"))
    assert status == 200
    assert "Do not rely on this" in page
    assert "was changed after it was signed" in page


def test_a_badge_whose_issuer_cannot_be_reached_is_not_confirmed(app: Flask, client: FlaskClient) -> None:
    replace_service(app, HttpClient, FakeHttp({}))
    status, page = checked(client, text=json.dumps(signed_badge()))
    assert status == 200
    assert "Cannot confirm" in page
    assert "could not be reached for its public key" in page


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({}, "There was nothing in it"),
        ({"text": "   "}, "There was nothing in it"),
        ({"text": "hello"}, "neither a badge file"),
        ({"text": '{"a": 1'}, "Was a part of it left out"),
        ({"text": "[]"}, "it is not a badge"),
        ({"text": '{"type": "Person"}'}, "not an Open Badge"),
        ({"text": '{"@context": "https://w3id.org/openbadges/v2"}'}, "version 1 or 2"),
        ({"text": "eyJhbGciOiJub25lIn0.e30.c2ln"}, "JSON Web Token"),
        ({"address": "https://other.example/credentials/1"}, "Nothing answered at that address"),
        ({"address": "https://127.0.0.1/credentials/1"}, "not on the public internet"),
        ({"address": "https://localhost:8000/credentials/1"}, "not on the public internet"),
        ({"address": "http://other.example/credentials/1"}, "begins with https://"),
        ({"address": "https://www.linkedin.com/posts/1"}, "Social networks"),
        ({"address": "http://127.0.0.1:8000/credentials/nothing"}, "We know no badge"),
        ({"address": "http://127.0.0.1:8000/"}, "We know no badge"),
        ({"address": "http://[broken"}, "begins with https://"),
        ({"address": "https://[broken"}, "begins with https://"),
        ({"address": "javascript:alert(1)"}, "begins with https://"),
    ],
)
def test_what_cannot_be_checked_is_answered_kindly_and_kept(
    client: FlaskClient, form: dict[str, str], words: str
) -> None:
    status, page = checked(client, **form)
    assert status == 422
    assert words in page
    typed = (form.get("text") or form.get("address") or "").replace("&", "&amp;").replace('"', "&#34;").strip()
    assert typed in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (PNG, "no badge inside this picture"),
        (PNG[:60], "damaged or cut off"),
        (b"%PDF-1.7", "A PDF cannot be checked here"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "only PNG and SVG can"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "only PNG and SVG can"),
        (b"PK\x03\x04", "packed file"),
        (b"<!DOCTYPE html><title>Badge</title>", "web page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "no badge inside this SVG picture"),
        (b"\x00" * 100, "neither a badge file"),
    ],
)
def test_a_file_without_a_badge_is_answered_kindly(client: FlaskClient, data: bytes, words: str) -> None:
    status, page = checked(client, file=upload(data, "x.png"))
    assert status == 422
    assert words in page


def test_a_file_that_is_far_too_large_is_refused(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (reading, verify_views):
        monkeypatch.setattr(module, "LARGEST_BADGE", 200_000)
    status, page = checked(client, file=upload(b" " * 200_000 + b"{}"))
    assert status == 413
    assert "larger than a badge can be" in page
    assert checked(client, file=upload(b" " * 300_000))[0] == 413


def test_scripts_in_a_badge_stay_text(client: FlaskClient) -> None:
    badge = signed_badge()
    badge["credentialSubject"]["achievement"]["name"] = "<script>alert(1)</script>"
    badge["issuer"]["url"] = "javascript:alert(1)"
    page = checked(client, text=json.dumps(badge))[1]
    assert "<script>alert" not in page
    assert "javascript:" not in page


def test_a_misshapen_badge_never_ends_in_an_error_page(client: FlaskClient) -> None:
    for document in (
        {"type": "OpenBadgeCredential", "credentialSubject": {}},
        {**signed_badge(), "issuer": None, "proof": [None, 7]},
        {**signed_badge(), "proof": {"type": {}}},
        {**signed_badge(), "credentialSubject": {"achievement": 7, "result": [1, None]}},
        {**signed_badge(), "validFrom": {"a": []}, "credentialStatus": "x"},
        {**signed_badge(), "name": "a\ud800b"},
    ):
        status, page = checked(client, text=json.dumps(document))
        assert status == 200
        assert "Valid today" not in page


def test_software_gets_the_checks_as_json(client: FlaskClient) -> None:
    row = awarded()
    answer = client.post(
        "/verify", data=row.credential, content_type="application/vc", headers={"Accept": "application/json"}
    )
    found = answer.get_json()
    assert found["verdict"] == "valid"
    assert [item["state"] for item in found["checks"]] == ["passed"] * 8
    refused = client.post("/verify", data=b"x", content_type="application/json", headers={"Accept": "application/json"})
    assert refused.status_code == 422
    assert refused.get_json()["error"] == "not_json"


def test_nothing_that_was_checked_is_kept_by_browsers(client: FlaskClient) -> None:
    assert client.post("/verify", data={"text": awarded().credential}).headers["Cache-Control"] == "no-store"


class FakeAnswer:
    """An answer of another server."""

    def __init__(self, answer: Any, status: int = 200, body: bytes = b"") -> None:
        self.answer, self.ok, self.body = answer, status == 200, body

    def json(self) -> Any:
        """Return the body, or fail as the client does."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


class FakeHttp:
    """Other servers: address -> answer. Anything else cannot be reached."""

    def __init__(self, pages: dict[str, FakeAnswer]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    def request(self, _method: str, url: str, **_given: Any) -> FakeAnswer:
        """Answer, or fail as the client does."""
        self.asked.append(url)
        if url not in self.pages:
            message = "unreachable"
            raise HttpUnreachable(message)
        return self.pages[url]


BADGE_URL = "https://badges.example.edu/credentials/aaaa"


def there(app: Flask, body: bytes, status: int = 200) -> None:
    """Let another site answer at the badge's address, and its issuer at its own."""
    answers = {
        BADGE_URL: FakeAnswer(None, status, body),
        DID_URL: FakeAnswer(did_document(DID, [KEY.public_multibase])),
        LIST_URL: FakeAnswer(signed_list(until=2099)),
    }
    replace_service(app, HttpClient, FakeHttp(answers))


@pytest.mark.parametrize("field", ["address", "text"])
def test_the_address_of_a_badge_elsewhere_is_followed(app: Flask, client: FlaskClient, field: str) -> None:
    text = json.dumps(signed_badge())
    for body in (text.encode(), baking.bake(PNG, text)):
        there(app, body)
        with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
            assert "Valid today" in checked(client, **{field: BADGE_URL})[1]


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"<!DOCTYPE html><title>My badge</title>", 200, "page for people"),
        (b"{}", 404, "nothing at that address"),
        (b"hello", 200, "neither a badge file"),
    ],
)
def test_an_address_without_a_badge_is_answered_kindly(
    app: Flask, client: FlaskClient, body: bytes, status: int, words: str
) -> None:
    there(app, body, status)
    code, page = checked(client, address=BADGE_URL)
    assert code == 422
    assert words in page
    assert BADGE_URL in page


def test_a_badge_that_breaks_a_rule_is_shown_with_the_rule(app: Flask, client: FlaskClient) -> None:
    badge = signed_badge()
    del badge["credentialSubject"]["achievement"]["criteria"]
    there(app, json.dumps(sign({n: v for n, v in badge.items() if n != "proof"}, KEY, NOW)).encode())
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        page = checked(client, address=BADGE_URL)[1]
    assert "Cannot confirm" in page
    assert "ask the issuer to correct it" in page
    assert "criteria" in page


def test_ids_for_machines_are_folded_away_and_checks_that_were_not_made_are_named(
    app: Flask, client: FlaskClient
) -> None:
    replace_service(app, HttpClient, FakeHttp({}))
    page = checked(client, text=json.dumps(signed_badge()))[1]
    before, details = page.split("Technical details")
    assert "badges.example.edu could not be reached" in before
    assert DID not in before
    assert DID in details
    assert page.count("Not made") == 3


DID_URL = "https://badges.example.edu/issuers/partnership/did.json"


def test_the_badge_of_another_site_is_checked_over_https(app: Flask, client: FlaskClient) -> None:
    http = FakeHttp(
        {DID_URL: FakeAnswer(did_document(DID, [KEY.public_multibase])), LIST_URL: FakeAnswer(signed_list(until=2099))}
    )
    replace_service(app, HttpClient, http)
    with time_machine.travel("2026-11-20T12:00:00Z", tick=False):
        assert "Valid today" in checked(client, text=json.dumps(signed_badge()))[1]
    assert http.asked == [DID_URL, LIST_URL]


def test_nothing_is_fetched_for_a_badge_that_fails_its_own_signature(app: Flask, client: FlaskClient) -> None:
    http = FakeHttp({DID_URL: FakeAnswer(did_document(DID, [KEY.public_multibase]))})
    replace_service(app, HttpClient, http)
    badge = signed_badge()
    badge["credentialStatus"]["statusListCredential"] = "https://victim.example/"
    assert "Do not rely on this" in checked(client, text=json.dumps(badge))[1]
    assert http.asked == [DID_URL]


@pytest.mark.parametrize("answer", [FakeAnswer([]), FakeAnswer({}, 404), FakeAnswer(ValueError("no JSON"))])
def test_an_answer_that_is_no_document_counts_as_none(answer: FakeAnswer) -> None:
    with pytest.raises(UnresolvedError):
        WebResolver(FakeHttp({DID_URL: answer})).did_document(DID)


@pytest.mark.parametrize(
    "url", ["http://badges.example.edu/status/1", "ftp://a/b", "", "https://[", "file:///etc/passwd"]
)
def test_only_https_is_asked(url: str) -> None:
    http = FakeHttp({})
    with pytest.raises(UnresolvedError):
        WebResolver(http).status_list(url)
    assert http.asked == []


@pytest.mark.parametrize("did", ["did:web:", "did:web:a/../b", "did:web:127.0.0.1%3A8000:issuers:nobody"])
def test_a_did_that_leads_nowhere_is_unresolved(did: str) -> None:
    with pytest.raises(UnresolvedError):
        WebResolver(FakeHttp({})).did_document(did)


def test_our_own_dids_and_lists_are_never_asked_for_over_the_network() -> None:
    row = awarded()
    http = FakeHttp({})
    resolver = WebResolver(http)
    assert resolver.did_document(json.loads(row.credential)["issuer"]["id"])["assertionMethod"]
    with pytest.raises(UnresolvedError):
        resolver.status_list("http://127.0.0.1:8000/status/unknown")
    assert http.asked == []


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_words(app: Flask, verdict: Verdict) -> None:
    with app.test_request_context():
        shown = banner(verdict)
    assert shown.word
    assert shown.meaning.endswith(".")
    assert shown.kind in ("met", "waiting", "attention", "stopped")


def test_dates_in_checks_are_written_with_the_months_name(app: Flask) -> None:
    values = {"end": "2026-11-03", "end_at": "2026-11-03T23:30:00+00:00"}
    check = Check("expired", State.FAILED, "The badge was valid until %(end)s.", values)
    with app.test_request_context():
        words = check_words(check)
    assert words == "The badge was valid until 3 November 2026."


def test_all_look_ups_of_one_badge_share_one_limit_of_time(monkeypatch: pytest.MonkeyPatch) -> None:
    http = FakeHttp({f"https://a{n}.example/list": FakeAnswer({}) for n in range(3)})
    resolver = WebResolver(http)
    assert resolver.status_list("https://a1.example/list") == {}
    now = elsewhere.time.monotonic()
    monkeypatch.setattr(elsewhere.time, "monotonic", lambda: now + 3600)
    with pytest.raises(UnresolvedError):
        resolver.status_list("https://a2.example/list")
    assert http.asked == ["https://a1.example/list"]
