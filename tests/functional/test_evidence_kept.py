"""What a stored file is belongs to its bytes and to the rules of now, not to the part that took it first."""

from pathlib import Path

import pytest
from flask import Flask

from lti_mcred.catalog.definition import Definition
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence import kept
from lti_mcred.evidence.files import file_address
from lti_mcred.evidence.formats.look import RULES
from lti_mcred.evidence.models import Blob
from lti_mcred.evidence.storage import storage
from lti_mcred.outbox import Deliveries
from lti_mcred.services import service
from tests import factories
from tests import made_files as made
from tests.evidence_helpers import Learner, make_learner

ESSAY = b"ID3 is what my essay is about."


def learner_of(app: Flask, **accept: list[str]) -> Learner:
    """Return a learner who has started, where these parts take these kinds."""
    definition = factories.example(factories.JOB_HAZARD).canonical()
    for spec in definition["submission"]["part_2_artifacts"]:
        spec["accept"] = accept.get(spec["id"], spec["accept"])
    return make_learner(app, definition=Definition.model_validate(definition)).start()


@pytest.fixture
def media_learner(app: Flask) -> Learner:
    return learner_of(app, A1=["text", "pdf"], A2=["audio", "image"], A4=["video", "text"])


def mistaken(learner: Learner, media_type: str) -> Blob:
    """Let the file of part A1 be one that earlier rules took for something else."""
    blob = learner.part("A1").artefacts[0].blob
    assert blob
    blob.media_type, blob.kind_rules, blob.clean_rules = media_type, 0, 3
    db.session.commit()
    return blob


def test_the_same_bytes_are_the_same_in_every_part_and_each_part_says_whether_it_takes_them(
    media_learner: Learner,
) -> None:
    assert media_learner.upload("A1", ESSAY, "essay.txt").status_code == 303
    assert media_learner.upload("A4", ESSAY, "essay.txt").status_code == 303
    assert "It is plain text. This part takes: audio, image." in media_learner.upload("A2", ESSAY, "essay.mp3").text
    assert db.session.get_one(Blob, media_learner.part("A4").artefacts[0].sha256).media_type == "text/plain"


def test_bytes_stored_by_earlier_rules_get_their_right_type_when_they_are_sent_again(media_learner: Learner) -> None:
    media_learner.upload("A1", ESSAY, "essay.txt")
    mistaken(media_learner, "audio/mpeg")
    media_learner.upload("A4", ESSAY, "essay.txt")
    db.session.expire_all()
    blob = db.session.get_one(Blob, media_learner.part("A1").artefacts[0].sha256)
    assert (blob.media_type, blob.kind_rules) == ("text/plain", RULES)


def test_bytes_stored_by_earlier_rules_are_looked_at_again_when_they_are_shown(media_learner: Learner) -> None:
    media_learner.upload("A1", ESSAY, "essay")
    mistaken(media_learner, "audio/mpeg")
    page = media_learner.get("/review").text
    assert "ID3 is what my essay is about." in page
    assert "<audio" not in page
    answer = media_learner.fetch(file_address(media_learner.part("A1").artefacts[0], media_learner.visit))
    assert answer.headers["Content-Disposition"] == "attachment; filename=essay.txt"


def test_a_file_that_earlier_rules_took_and_these_do_not_is_a_gap_of_the_draft(media_learner: Learner) -> None:
    media_learner.upload("A1", made.PDF, "plan.pdf")
    blob = mistaken(media_learner, "application/pdf")
    storage().path(blob.sha256).write_bytes(made.office(("a.bin", made.VBA)))
    page = media_learner.get("/review").text
    assert "plan.pdf does not fit what you chose; this takes: plain text, PDF" in page
    assert "file of another kind, 1 KB" in page


def test_housekeeping_stores_what_the_rules_of_now_say(app: Flask, media_learner: Learner) -> None:
    media_learner.upload("A1", ESSAY, "essay.txt")
    blob = mistaken(media_learner, "audio/mpeg")
    for tidy in service(Deliveries).housekeeping:
        tidy(utcnow())
    db.session.expire_all()
    assert (blob.media_type, blob.kind_rules, blob.clean_rules) == ("text/plain", RULES, 0)


def test_a_file_whose_bytes_are_lost_stays_what_it_was(media_learner: Learner, settings: object) -> None:
    media_learner.upload("A1", ESSAY, "essay.txt")
    blob = mistaken(media_learner, "audio/mpeg")
    Path(storage().path(blob.sha256)).unlink()
    kept.look_again(utcnow())
    db.session.expire_all()
    assert (blob.media_type, blob.kind_rules) == ("audio/mpeg", RULES)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_text_is_shown_right_in_whatever_encoding_it_was_written(media_learner: Learner, encoding: str) -> None:
    words = "Größe und Façade: „l\u2019été“ war schön."
    data = words.encode(encoding)
    assert media_learner.upload("A1", data, "text.txt").status_code == 303
    assert words in media_learner.get("/review").text
    answer = media_learner.fetch(
        file_address(media_learner.part("A1").artefacts[0], media_learner.visit, download=True)
    )
    assert answer.data == data
