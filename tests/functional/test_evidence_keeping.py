"""What is removed is deleted, what one person keeps is bounded, and a nearly full disk refuses with words."""

import errno
import os
import shutil
import time
from collections import namedtuple
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.keeping import forget_raw_video, forget_unnamed
from lti_mcred.evidence.models import Artefact, Blob
from lti_mcred.evidence.room import used_by
from lti_mcred.evidence.storage import LocalStorage, storage
from lti_mcred.settings import Settings
from tests.evidence_helpers import PDF, Learner, decide, make_learner
from tests.services import change_settings

MEGABYTE = 1024 * 1024
Usage = namedtuple("Usage", "total used free")  # as shutil answers


def stored(settings: Settings) -> set[str]:
    """Return the names of all contents on the disk."""
    folder = Path(settings.data_dir) / "evidence"
    return {path.name for path in folder.glob("[0-9a-f][0-9a-f]/*")}


def take_out(learner: Learner, part_id: str = "A1") -> None:
    artefact = learner.part(part_id).artefacts[0]
    assert learner.post(f"/parts/{part_id}/artefacts/{artefact.id}/remove").status_code == 303


def contents() -> int:
    return db.session.scalar(select(func.count()).select_from(Blob)) or 0


def test_a_file_that_is_removed_is_deleted_at_once(learner: Learner, settings: Settings) -> None:
    learner.upload("A1")
    assert len(stored(settings)) >= 1
    take_out(learner)
    assert stored(settings) == set()
    assert contents() == 0


def test_a_content_that_two_people_handed_in_goes_with_the_last_of_them(app: Flask, settings: Settings) -> None:
    first, second = make_learner(app).start(), make_learner(app).start()
    for one in (first, second):
        one.upload("A1")
    sha256 = second.part("A1").artefacts[0].sha256
    take_out(first)
    assert sha256 in stored(settings)
    take_out(second)
    assert stored(settings) == set()


def test_what_stands_in_another_part_or_was_handed_in_stays(app: Flask, learner: Learner, settings: Settings) -> None:
    learner.fill()
    assert learner.hand_in().status_code == 303
    decide(app, learner, "not_yet", "C1")
    assert learner.post("/revise").status_code == 303
    sha256 = learner.part("A1").artefacts[0].sha256
    take_out(learner)
    assert sha256 in stored(settings)
    assert contents() == 1


def test_bytes_that_no_row_names_and_rows_that_no_work_names_are_found(learner: Learner, settings: Settings) -> None:
    store = storage()
    store.keep(store.receive(BytesIO(b"a process died before its row was written"), 100))
    learner.upload("A1")
    db.session.delete(learner.part("A1").artefacts[0])
    db.session.commit()
    forget_unnamed(utcnow())
    assert len(stored(settings)) >= 2  # that may be an upload of this moment
    forget_unnamed(utcnow() + timedelta(hours=2))
    assert stored(settings) == set()
    assert contents() == 0


def test_bytes_that_are_named_stay_however_old_they_are(learner: Learner, settings: Settings) -> None:
    learner.upload("A1")
    before = stored(settings)
    forget_unnamed(utcnow() + timedelta(days=4000))
    assert stored(settings) == before


def test_uploads_that_nobody_came_back_for_are_forgotten_by_housekeeping(learner: Learner, settings: Settings) -> None:
    begun = {"name": "a.pdf", "size": "90", "offset": "0", "piece": (BytesIO(PDF), "blob")}
    learner.post("/parts/A1/pieces", begun)
    [partial] = (Path(settings.data_dir) / "evidence" / "partial").iterdir()
    os.utime(partial, (time.time() - 4 * 24 * 3600,) * 2)
    forget_unnamed(utcnow())
    assert not partial.exists()


def earned_with_a_film(app: Flask) -> Learner:
    learner = make_learner(app).start().fill()
    learner.hand_in()
    decide(app, learner, "earned")
    blob = learner.part("A1").artefacts[0].blob
    assert blob
    blob.media_type = "video/mp4"
    db.session.commit()
    return learner


def test_raw_video_that_somebody_adds_at_this_moment_stays(
    app: Flask, learner: Learner, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = earned_with_a_film(app).part("A1").artefacts[0].sha256
    part_id, hold = learner.part("A1").id, LocalStorage.holding

    def add_it_meanwhile(store: LocalStorage, content: str) -> AbstractContextManager[None]:
        db.session.add(Artefact(part_id=part_id, kind="file", sha256=content, filename="film.mp4"))
        db.session.commit()
        return hold(store, content)

    monkeypatch.setattr(LocalStorage, "holding", add_it_meanwhile)
    forget_raw_video(utcnow() + timedelta(days=4000))
    assert sha256 in stored(settings)


def test_raw_video_of_earned_work_goes_when_its_time_is_over_and_the_page_says_so(
    either: Flask, settings: Settings
) -> None:
    learner = earned_with_a_film(either)
    blob = learner.part("A1").artefacts[0].blob
    assert blob
    months = learner.definition.privacy.raw_video_retention_months_after_decision
    forget_unnamed(utcnow() + timedelta(days=30 * months - 1))
    assert blob.sha256 in stored(settings)
    forget_unnamed(utcnow() + timedelta(days=30 * months + 1))
    assert stored(settings) == set()
    assert contents() == 1
    assert "no longer kept" in learner.get("/attempts/1").text


def test_a_person_who_has_used_her_room_reads_how_much_and_what_to_remove(app: Flask, learner: Learner) -> None:
    change_settings(app, person_quota_mb=1)
    assert learner.upload("A1", PDF + b"1" * 450_000, "large plan.pdf").status_code == 303
    assert learner.upload("A2", PDF + b"1" * 400_000, "plan.pdf").status_code == 303
    answer = learner.upload("A4", PDF + b"2" * 450_000, "second.pdf")
    assert answer.status_code == 413
    assert "There is no room left for this file" in answer.text
    assert "830 KB of the 1 MB" in answer.text
    assert "“large plan.pdf” (439 KB), “plan.pdf” (391 KB)" in answer.text
    assert learner.part("A4").artefacts == []
    take_out(learner)
    assert learner.upload("A4", PDF + b"2" * 450_000, "second.pdf").status_code == 303


def test_an_upload_that_would_not_fit_is_refused_before_it_is_sent(app: Flask, learner: Learner) -> None:
    change_settings(app, person_quota_mb=1)
    learner.upload("A1", PDF + b"1" * 400_000, "plan.pdf")
    assert used_by(learner.person.id) == len(PDF) + 400_000
    announced = {"name": "more.pdf", "size": "700000", "upload": "one"}
    assert learner.post("/parts/A4/pieces", announced, json=True).status_code == 413


def test_what_was_handed_in_counts_and_is_not_offered_for_removal(app: Flask, learner: Learner) -> None:
    learner.fill()
    learner.hand_in()
    decide(app, learner, "not_yet", "C1")
    learner.post("/revise")
    change_settings(app, person_quota_mb=1)
    take_out(learner, "A1")
    announced = {"name": "large.pdf", "size": "1100000", "upload": "one"}
    answer = learner.post("/parts/A1/pieces", announced, json=True)
    assert answer.status_code == 413
    assert "there is nothing to remove" in answer.text


def test_many_uploads_at_once_find_the_same_room(app: Flask, learner: Learner) -> None:
    change_settings(app, person_quota_mb=1)
    files = [(part, PDF + str(number).encode() * 380_000) for number, part in enumerate(("A1", "A2", "A4", "A5"))]

    def send(one: tuple[str, bytes]) -> int:
        with app.app_context():
            client = app.test_client()
            data = {"file": (BytesIO(one[1]), "plan.pdf")}
            path = f"{learner.base}/parts/{one[0]}/files"
            kind = "multipart/form-data"
            return client.post(path, data=data, headers=learner.headers, content_type=kind).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(send, files))
    assert 303 in answers
    assert set(answers) <= {303, 413}
    assert used_by(learner.person.id) <= MEGABYTE


@pytest.fixture
def _nearly_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Usage(10**12, 10**12, 100 * MEGABYTE))


@pytest.mark.usefixtures("_nearly_full")
def test_a_nearly_full_disk_refuses_files_with_words_and_keeps_taking_text(
    learner: Learner, caplog: pytest.LogCaptureFixture
) -> None:
    answer = learner.upload("A1")
    assert answer.status_code == 507
    assert "There is no room for files here at the moment" in answer.text
    assert "Tell the administrator" in answer.text
    assert "LTI_MCRED_FREE_DISK_MB" in caplog.text
    assert learner.save("refl", text="Words still fit.").status_code == 200


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_disk_that_fills_up_while_a_file_arrives_is_said_in_the_same_words(
    learner: Learner, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def full(*_given: object) -> int:
        raise OSError(number, "the disk is full")

    for step in ("receive", "append"):
        monkeypatch.setattr(LocalStorage, step, full)
    begun = {"name": "a.pdf", "size": "90", "offset": "0", "piece": (BytesIO(PDF), "blob")}
    for answer in (learner.upload("A1"), learner.post("/parts/A1/pieces", begun, json=True)):
        assert answer.status_code == 507
        assert "There is no room for files here at the moment" in answer.text


@pytest.mark.usefixtures("_nearly_full")
def test_whoever_watches_the_installation_sees_a_nearly_full_disk(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/healthz").json["disk"] == "nearly full"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert answer.json["missing"] == ["free disk"]


def test_a_content_is_held_while_it_is_stored_so_that_nobody_deletes_it(tmp_path: Path) -> None:
    store = LocalStorage(tmp_path / "evidence")
    waited: list[float] = []

    def delete() -> None:
        with store.holding("ab" * 32):
            waited.append(time.monotonic())

    with ThreadPoolExecutor(1) as pool:
        with store.holding("ab" * 32):
            done = pool.submit(delete)
            time.sleep(0.05)
            assert waited == []
        done.result()
    assert len(waited) == 1
