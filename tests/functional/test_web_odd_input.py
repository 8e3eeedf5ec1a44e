"""Odd input is answered in words on both engines: control characters, impossible numbers, halves of characters."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from lti_mcred.badges import elsewhere
from lti_mcred.badges.resolve import WebResolver
from lti_mcred.badges.verifier.verify import UnresolvedError
from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Artefact
from lti_mcred.outbound.http import Answer, HttpError, HttpUnreachable
from lti_mcred.tool.profiles import profile_named
from tests import factories as make
from tests.evidence_helpers import make_learner
from tests.grading_helpers import world

HUGE = ["9999999999", "9" * 25, "-9223372036854775809", "2147483647", "x", "9" * 6000]


def test_control_characters_are_taken_out_of_what_is_typed_and_the_rest_is_kept(either: Flask) -> None:
    learner = make_learner(either).start()
    assert learner.save("site", text="The \0yard\r\nat night\x07").status_code == 200
    assert learner.part("site").text == "The yard\nat night"
    statement = {"own_work": "1", "ai_use": "wording\0", "ai_note": "only\0 this", "what_changed": "all\0"}
    assert learner.post("/review", statement).status_code == 303
    said = {"own_work": True, "ai_use": "wording", "ai_note": "only this", "revision": 1, "saved_by": None}
    assert learner.attempt().attestation == said
    assert learner.attempt().what_changed == "all"
    assert learner.post("/submit", statement).status_code == 422


@pytest.mark.parametrize("revision", HUGE)
def test_a_revision_that_cannot_be_is_older_than_any_and_loses_no_text(either: Flask, revision: str) -> None:
    learner = make_learner(either).start()
    assert learner.save("site", text="kept").status_code == 200
    answer = learner.save("site", text="typed later", revision=revision, json=False)
    assert answer.status_code == 409
    assert "typed later" in answer.text
    assert "kept" in answer.text


def test_a_link_with_control_characters_is_not_a_whole_address(either: Flask) -> None:
    learner = make_learner(either).start()
    for part in learner.attempt().parts:
        assert learner.post(f"/parts/{part.part_id}/links", {"url": "https://a.example/\0x"}).status_code == 422
    assert db.session.scalars(select(Artefact)).all() == []


@pytest.mark.parametrize("path", ["/v/%00/work", "/credentials/%00", "/status/%00", "/achievements/%00/1"])
def test_an_address_with_a_nul_leads_nowhere(either: Flask, path: str) -> None:
    assert either.test_client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/assess?after=%00", "/course?after=%00", "/course/scores?before=%00"])
def test_a_query_with_a_nul_leads_nowhere(either: Flask, path: str) -> None:
    here = world()
    visit = here.desk() if "assess" in path else here.teaching()
    assert either.test_client().get(f"/v/{visit.id}{path}", headers=make.auth(visit)).status_code == 404


def test_taking_work_whose_name_has_a_nul_takes_nothing(either: Flask) -> None:
    visit = world().desk()
    answer = either.test_client().post(f"/v/{visit.id}/assess/take", data={"attempt": "\0"}, headers=make.auth(visit))
    assert answer.status_code in (303, 409)


def test_a_failed_write_still_gets_a_page_in_the_language_of_the_visit(app: Flask, monkeypatch) -> None:
    learner = make_learner(app).start()

    def broken(*_given: object) -> None:
        db.session.add(Artefact(part_id=None, kind="link"))
        db.session.flush()

    monkeypatch.setattr("lti_mcred.evidence.views.save_statement", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = learner.post("/review", {})
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text


@pytest.mark.parametrize(
    "body",
    ['{"ticket": "\\ud800", "state": "x"}', '{"ticket": "x", "state": "\\ud800"}', "[" * 100_000, "\\", "null", "[1]"],
    ids=["half a ticket", "half a state", "brackets", "broken", "null", "list"],
)
def test_a_confirmation_that_makes_no_sense_is_refused(client, body: str) -> None:
    answer = client.post("/lti/launch/confirm", data=body, content_type="application/json")
    assert answer.status_code == 409


def test_nothing_is_placed_when_the_lms_does_not_wait_for_it(client) -> None:
    here = world()
    visit = here.teaching()
    before = len(db.session.scalars(select(Activity)).all())
    answer = client.post(f"/v/{visit.id}/picker/add", data={"version": here.version.id}, headers=make.auth(visit))
    assert answer.status_code == 400
    db.session.rollback()
    assert len(db.session.scalars(select(Activity)).all()) == before


def _badge(**given: object) -> str:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "issuer": "did:web:a.example",
        "credentialSubject": {"achievement": {"name": "A"}},
    }
    return json.dumps({**document, **given})


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_badge_with_half_a_character_gets_a_verdict(client, accept: str) -> None:
    half = "x\ud800"
    achievement = {"name": half, "tag": [half], "image": f"https://{half}", half: half}
    text = _badge(credentialSubject={"achievement": achievement}, issuer=f"did:web:{half}", proof=[{"type": half}])
    answer = client.post("/verify", data={"text": text}, headers={"Accept": accept})
    assert answer.status_code == 200
    assert "Valid today" not in answer.text


@pytest.mark.parametrize("end", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"])
def test_a_badge_at_the_ends_of_the_calendar_gets_a_verdict(client, monkeypatch, end: str) -> None:
    monkeypatch.setattr("lti_mcred.outbound.http.HttpClient.request", _unreachable)
    answer = client.post("/verify", data={"text": _badge(validFrom=end, validUntil=end, awardedDate=end)})
    assert answer.status_code == 200


def _unreachable(*_given: object, **_named: object) -> None:
    raise HttpUnreachable("a.example")


def test_the_log_holds_one_line_for_a_request_and_no_address_that_opens_a_file(client, caplog) -> None:
    caplog.set_level("INFO", "lti_mcred.web.pages")
    client.get("/nothing%0aFORGED line")
    client.get("/evidence-files/a-signed-address")
    assert "\n" not in caplog.text.rstrip("\n").split("\n", 1)[0]
    assert "FORGED line" not in caplog.text
    assert "a-signed-address" not in caplog.text


def _said(body: bytes) -> Answer:
    return Answer(400, "Bad Request", {}, body, "https://lms.example.edu/scores", 0.1)


@pytest.mark.parametrize("profile", ["canvas", "moodle", "generic"])
@pytest.mark.parametrize("body", [b'{"message": "no\\u0000 \\ud800score"}', b"no\0 score\x07"], ids=["json", "text"])
def test_an_lms_s_words_can_be_stored_whatever_stands_in_them(profile: str, body: bytes) -> None:
    words = profile_named(profile).read_answer(_said(body)).words
    assert "score" in words
    words.encode()
    assert not set(words + _said(body).text) & {"\0"}


def test_an_answer_of_nothing_but_brackets_is_no_json() -> None:
    with pytest.raises(HttpError, match="did not answer with JSON"):
        _said(b"[" * 100_000).json()


def test_slow_issuers_leave_threads_for_launches(app: Flask, monkeypatch) -> None:
    monkeypatch.setattr(elsewhere, "_WAIT_SECONDS", 0)
    depth = []

    class Slow:
        def request(self, *_given: object, **_named: object) -> Answer:
            depth.append(len(depth))
            with pytest.raises(UnresolvedError):
                WebResolver(self).did_document(f"did:web:slow{len(depth)}.example")
            raise HttpUnreachable("slow")

    with pytest.raises(UnresolvedError):
        WebResolver(Slow()).did_document("did:web:slow.example")
    assert depth == [0, 1]
    with pytest.raises(UnresolvedError):
        WebResolver(Slow()).did_document("did:web:slow.example")
    assert depth == [0, 1, 2, 3]
