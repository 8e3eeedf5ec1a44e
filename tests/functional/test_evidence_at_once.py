"""Requests at the same moment, in threads, on both engines: what is handed in is what was checked."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.evidence import draft, submit, upload
from lti_mcred.evidence.models import Attempt, Part
from lti_mcred.outbox import OutboxRow
from tests.evidence_helpers import JSON, PDF, Learner, make_learner

SECONDS = 2.0  # how long a request is held in the middle; the other has begun long before


@pytest.fixture
def ready(either: Flask) -> Learner:
    """A learner whose parts are all ready; nothing of hers is open in this thread."""
    learner = make_learner(either).start().fill()
    db.session.rollback()
    return learner


def together(app: Flask, *requests: Callable[[], TestResponse]) -> list[TestResponse]:
    """Run the requests at once, each in a thread with a session of its own."""
    start = threading.Barrier(len(requests))

    def run(request: Callable[[], TestResponse]) -> TestResponse:
        start.wait()
        return request()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(run, requests))


def held(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> threading.Event:
    """Let a function of a module rest after its work, in the thread that calls it first; the event says it is there."""
    real, there, first = getattr(module, name), threading.Event(), threading.Lock()

    def slow(*given: object, **named: object) -> object:
        result = real(*given, **named)
        if first.acquire(blocking=False):
            there.set()
            threading.Event().wait(SECONDS)
        return result

    monkeypatch.setattr(module, name, slow)
    return there


def press(app: Flask, learner: Learner, path: str, data: dict[str, object], **headers: str) -> TestResponse:
    return app.test_client().post(learner.base + path, data=data, headers={**learner.headers, **headers})


STATEMENT = {"own_work": "1", "ai_use": "none"}


def test_two_presses_on_submit_hand_in_once_with_one_receipt(
    either: Flask, ready: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    held(monkeypatch, submit, "gaps_of")
    seen: list[str | None] = []

    def hand_in() -> TestResponse:
        answer = press(either, ready, "/submit", dict(STATEMENT))
        with either.app_context():
            seen.append(db.session.scalar(select(Attempt.receipt)))
            db.session.remove()
        return answer

    answers = together(either, hand_in, hand_in)
    assert [(answer.status_code, answer.location.endswith("/waiting")) for answer in answers] == [(303, True)] * 2
    assert len(db.session.scalars(select(OutboxRow).filter_by(topic="attempt.submitted")).all()) == 1
    assert seen == [ready.attempt().receipt] * 2


def test_a_text_that_is_being_saved_while_submit_is_pressed_is_in_the_fingerprint(
    either: Flask, ready: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    part_id = ready.definition.submission.part_1_overview[0].id
    revision = ready.part(part_id).revision
    db.session.rollback()
    locked = held(monkeypatch, draft, "lock_draft")

    def save() -> TestResponse:
        typed = {"revision": str(revision), "text": "late " * 80}
        return press(either, ready, f"/parts/{part_id}", dict(typed), **JSON)

    def hand_in() -> TestResponse:
        assert locked.wait(30)
        return press(either, ready, "/submit", dict(STATEMENT))

    assert [answer.status_code for answer in together(either, save, hand_in)] == [200, 303]
    attempt = ready.attempt()
    assert ready.part(part_id).text.startswith("late")
    assert (attempt.attestation or {})["content_sha256"] == submit.fingerprint(attempt)


@pytest.mark.parametrize("path", ["save", "upload", "remove", "statement"])
def test_what_comes_while_it_is_being_handed_in_is_told_so_and_changes_nothing(
    either: Flask, ready: Learner, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    part_id = ready.definition.submission.part_1_overview[0].id
    revision, artefact_id = ready.part(part_id).revision, ready.part("A4").artefacts[0].id
    db.session.rollback()
    checked = held(monkeypatch, submit, "gaps_of")
    changes: dict[str, Callable[[], TestResponse]] = {
        "save": lambda: press(either, ready, f"/parts/{part_id}", {"revision": str(revision), "text": "late"}, **JSON),
        "upload": lambda: press(either, ready, "/parts/A4/files", {"file": (BytesIO(PDF + b"2"), "late.pdf")}),
        "remove": lambda: press(either, ready, f"/parts/A4/artefacts/{artefact_id}/remove", {}),
        "statement": lambda: press(either, ready, "/review", {"ai_use": "ideas"}, **JSON),
    }

    def change() -> TestResponse:
        assert checked.wait(30)
        return changes[path]()

    handed_in, refused = together(either, lambda: press(either, ready, "/submit", dict(STATEMENT)), change)
    assert (handed_in.status_code, refused.status_code) == (303, 403)
    assert "This has just been handed in" in refused.text
    attempt = ready.attempt()
    assert (attempt.attestation or {})["content_sha256"] == submit.fingerprint(attempt)
    assert (attempt.attestation or {})["ai_use"] == "none"


def test_files_that_arrive_at_once_do_not_pass_the_number_that_a_part_takes(
    either: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = make_learner(either).start()
    db.session.rollback()
    passed, real = threading.Barrier(4), upload.judged

    def all_have_room(*given: object, **named: object) -> object:
        found = real(*given, **named)
        passed.wait(30)
        return found

    monkeypatch.setattr(upload, "judged", all_have_room)

    def send(number: int) -> Callable[[], TestResponse]:
        content = PDF + str(number).encode()
        return lambda: press(either, learner, "/parts/A5/files", {"file": (BytesIO(content), f"{number}.pdf")})

    answers = together(either, *(send(number) for number in range(4)))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]
    assert all("It takes at most 1" in answer.text for answer in answers if answer.status_code == 422)
    assert len(learner.part("A5").artefacts) == 1


def test_a_lock_on_a_draft_keeps_others_waiting_until_the_commit(either: Flask, ready: Learner) -> None:
    attempt_id = ready.attempt().id
    db.session.rollback()
    done: list[str] = []

    def other() -> None:
        with either.app_context():
            draft.lock_draft(attempt_id)
            done.append("second")
            db.session.rollback()

    draft.lock_draft(attempt_id)
    thread = threading.Thread(target=other)
    thread.start()
    thread.join(0.5)
    done.append("first")
    db.session.execute(select(Part.id)).all()
    db.session.commit()
    thread.join(30)
    assert done == ["first", "second"]
