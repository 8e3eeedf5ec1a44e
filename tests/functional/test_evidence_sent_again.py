"""An answer that was lost makes people and scripts send again: it stays one file, and is answered as before."""

import threading
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Artefact, Blob
from lti_mcred.evidence.storage import LocalStorage
from lti_mcred.settings import Settings
from tests.evidence_helpers import JSON, PDF, Learner, decide
from tests.functional.test_evidence_uploads import PNG

OTHER = PDF.replace(b"1 0 obj", b"2 0 obj")  # as long, and another file
DONE = {"received": len(PDF), "done": True}


def names(learner: Learner, part_id: str = "A1") -> list[str | None]:
    return [artefact.filename for artefact in learner.part(part_id).artefacts]


def piece(learner: Learner, content: bytes, offset: int, *, part: str = "A1", **more: Any) -> TestResponse:
    data = {"name": "a.pdf", "size": str(len(PDF)), "offset": str(offset), **more, "piece": (BytesIO(content), "blob")}
    address = f"{learner.base}/parts/{part}/pieces"
    headers = {**learner.headers, **JSON}
    return learner.client.post(address, data=data, headers=headers, content_type="multipart/form-data")


def begin(learner: Learner, part: str = "A1", **more: str) -> TestResponse:
    return learner.post(f"/parts/{part}/pieces", {"name": "a.pdf", "size": str(len(PDF)), **more}, json=True)


@pytest.mark.parametrize("part", ["A1", "A5"])  # A5 takes one file: it is full after the first
@pytest.mark.parametrize("mark", [{}, {"mark": "1764460800-abc"}])
def test_the_last_piece_sent_again_is_answered_as_before(learner: Learner, part: str, mark: dict[str, str]) -> None:
    piece(learner, PDF[:10], 0, part=part, **mark)
    for _time in range(3):
        answer = piece(learner, PDF[10:], 10, part=part, **mark)
        assert (answer.status_code, answer.json) == (200, DONE)
    assert names(learner, part) == ["a.pdf"]


@pytest.mark.parametrize("part", ["A1", "A5"])
def test_a_file_of_one_piece_sent_again_is_answered_as_before(learner: Learner, part: str) -> None:
    for _time in range(2):
        assert piece(learner, PDF, 0, part=part).json == DONE
    assert names(learner, part) == ["a.pdf"]


@pytest.mark.parametrize("part", ["A1", "A5"])
def test_the_same_file_chosen_after_a_reload_is_not_added_twice(learner: Learner, part: str) -> None:
    piece(learner, PDF, 0, part=part)
    start = begin(learner, part)
    assert start.status_code == 200
    assert start.json
    assert start.json["received"] == 0  # name and size alone do not say that it is the same
    assert piece(learner, PDF[:10], 0, part=part).json == {"received": 10, "done": False}
    assert piece(learner, PDF[10:], 10, part=part).json == DONE
    assert names(learner, part) == ["a.pdf"]


def test_a_file_that_its_mark_makes_certain_need_not_be_sent_again(learner: Learner) -> None:
    piece(learner, PDF, 0, mark="1764460800-abc")
    known = {"done": True, "id": learner.part("A1").artefacts[0].id}
    assert begin(learner, mark="1764460800-abc").json == {"received": len(PDF), "piece": 4 * 1024 * 1024, **known}
    assert begin(learner, mark="1764460999-def").json == {"received": 0, "piece": 4 * 1024 * 1024}


def test_the_same_bytes_by_another_upload_are_said_to_be_there(learner: Learner) -> None:
    piece(learner, PDF, 0, mark="one")
    assert piece(learner, PDF, 0, mark="two").json == {**DONE, "id": learner.part("A1").artefacts[0].id}
    assert names(learner) == ["a.pdf"]


def test_another_file_of_the_same_name_and_size_does_not_go_on_in_the_first_ones_pieces(learner: Learner) -> None:
    piece(learner, PDF[:10], 0, mark="one")
    assert piece(learner, OTHER[:10], 0, mark="two").json == {"received": 10, "done": False}
    assert piece(learner, PDF[10:], 10, mark="one").json == DONE
    assert piece(learner, OTHER[10:], 10, mark="two").json == DONE
    assert names(learner) == ["a.pdf", "a.pdf"]


@pytest.mark.parametrize("mark", [{}, {"mark": "one"}])
def test_two_files_of_one_name_both_stay_and_are_told_apart(learner: Learner, mark: dict[str, str]) -> None:
    piece(learner, PDF, 0, **mark)
    piece(learner, OTHER, 0, **({"mark": "two"} if mark else {}))
    learner.upload("A1", PDF + b"\n", "a.pdf")
    assert names(learner) == ["a.pdf"] * 3
    page = learner.get("/parts/A1").text
    for name in ("a.pdf", "a (2).pdf", "a (3).pdf"):
        assert f">{name}</a>" in page


def test_a_file_that_begins_with_the_whole_of_another_of_its_name_arrives_whole(learner: Learner) -> None:
    learner.upload("A1", PDF, "a.pdf")
    size = str(len(PDF) + 5)
    assert piece(learner, PDF, 0, size=size).json == {"received": len(PDF), "done": False}
    assert piece(learner, b"\n%ll\n", len(PDF), size=size).json == {"received": int(size), "done": True}
    assert [artefact.blob and artefact.blob.size for artefact in learner.part("A1").artefacts] == [len(PDF), int(size)]


def test_a_full_part_refuses_another_file_of_the_same_name_and_size_at_its_end(learner: Learner) -> None:
    piece(learner, PDF, 0, part="A5")
    answer = piece(learner, OTHER, 0, part="A5")
    assert answer.status_code == 422
    assert answer.json
    assert "It takes at most 1" in answer.json["detail"]
    assert begin(learner, "A5", name="b.pdf").status_code == 422


def test_a_cleaned_picture_sent_again_is_known_by_what_was_sent(learner: Learner) -> None:
    text = b"\0\0\0\x05tEXta\0bcd\xff\xff\xff\xff"
    sent = PNG[:33] + text + PNG[33:]
    for _time in range(2):
        learner.upload("A1", sent, "photo.png")
    for _time in range(2):
        answer = piece(learner, sent, 0, name="photo.png", size=str(len(sent)))
        assert answer.json
        assert (answer.json["received"], answer.json["done"]) == (len(sent), True)
    assert names(learner) == ["photo.png"]
    (artefact,) = learner.part("A1").artefacts
    assert artefact.blob
    assert artefact.blob.size < len(sent)


def test_a_file_taken_out_can_be_added_again(learner: Learner) -> None:
    piece(learner, PDF, 0, mark="one")
    learner.post(f"/parts/A1/artefacts/{learner.part('A1').artefacts[0].id}/remove")
    assert begin(learner, mark="one").json == {"received": 0, "piece": 4 * 1024 * 1024}
    assert piece(learner, PDF, 0, mark="one").json == DONE
    assert names(learner) == ["a.pdf"]


def test_what_stopped_between_the_last_piece_and_its_answer_is_made_good_by_the_next(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece(learner, PDF[:10], 0)
    with monkeypatch.context() as broken:
        broken.setattr(LocalStorage, "finish", lambda *_given: 1 / 0)
        assert piece(learner, PDF[10:], 10).status_code == 500
    assert begin(learner).json == {"received": len(PDF), "piece": 4 * 1024 * 1024}
    assert piece(learner, PDF[10:], 10).json == DONE
    assert piece(learner, PDF[10:], 10).json == DONE
    assert names(learner) == ["a.pdf"]


def test_a_stop_while_a_picture_is_cleaned_leaves_no_beginning_to_go_on_from(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("lti_mcred.evidence.taking.stripped", lambda *_given: 1 / 0)
        assert piece(learner, PNG, 0, name="p.png", size=str(len(PNG))).status_code == 500
    start = begin(learner, name="p.png", size=str(len(PNG)))
    assert start.json
    assert start.json["received"] == 0


@pytest.mark.parametrize("offset", [3, 20, len(PDF), 10**9])
def test_a_piece_that_overlaps_or_lies_ahead_is_told_where_to_go_on(learner: Learner, offset: int) -> None:
    piece(learner, PDF[:10], 0)
    answer = piece(learner, PDF[offset : offset + 10], offset)
    assert (answer.status_code, answer.json) == (409, {"received": 10})
    assert piece(learner, PDF[10:], 10).json == DONE


def test_the_same_last_piece_from_two_tabs_at_one_moment_makes_one_file(app: Flask, learner: Learner) -> None:
    piece(learner, PDF[:10], 0)
    together, answers = threading.Barrier(4), []
    clients = [app.test_client() for _tab in range(4)]
    db.session.commit()

    def send(client: Any) -> None:
        data = {"name": "a.pdf", "size": str(len(PDF)), "offset": "10", "piece": (BytesIO(PDF[10:]), "blob")}
        together.wait()
        said = client.post(
            f"{learner.base}/parts/A1/pieces", data=data, headers=headers, content_type="multipart/form-data"
        )
        answers.append(said.json)

    headers = {**learner.headers, **JSON}
    threads = [threading.Thread(target=send, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [DONE] * 4
    assert names(learner) == ["a.pdf"]


# Without scripts -----------------------------------------------------------------------------------------------------


def sent(learner: Learner, content: bytes = PDF, form: str = "") -> TestResponse:
    return learner.client.post(
        f"{learner.base}/parts/A1/files",
        data={"file": (BytesIO(content), "plan.pdf"), "form": form},
        headers=learner.headers,
        content_type="multipart/form-data",
        follow_redirects=True,
    )


def test_a_form_that_is_sent_twice_adds_one_file_and_says_nothing(learner: Learner) -> None:
    for _press in range(2):
        assert "is here already" not in sent(learner, form="page-1").text
    assert names(learner) == ["plan.pdf"]


def test_a_file_chosen_twice_on_purpose_is_kept_once_and_the_page_says_so(learner: Learner) -> None:
    sent(learner, form="page-1")
    assert "“plan.pdf” is here already, with the same content." in sent(learner, form="page-2").text
    assert names(learner) == ["plan.pdf"]


def test_the_page_names_its_form(learner: Learner) -> None:
    assert '<input type="hidden" name="form" value="' in learner.get("/parts/A1").text


def test_a_full_part_knows_a_file_that_is_sent_again(learner: Learner) -> None:
    assert [learner.upload("A5").status_code for _press in range(2)] == [303, 303]
    assert names(learner, "A5") == ["plan.pdf"]


def test_a_link_added_twice_is_kept_once_and_the_page_says_so(learner: Learner) -> None:
    learner.save("A3", alternative="0")
    for _press in range(2):
        answer = learner.post("/parts/A3/links", {"url": "https://example.org/notes"})
        assert answer.status_code == 303
    page = learner.client.get(answer.location, headers=learner.headers).text
    assert "This link is here already" in page
    assert len(learner.part("A3").artefacts) == 1


def test_files_are_known_in_the_next_try_too(app: Flask, learner: Learner) -> None:
    learner.fill().hand_in()
    decide(app, learner, "not_yet", "C1")
    learner.post("/revise")
    before = names(learner)
    learner.upload("A1")
    assert names(learner) == before


def test_a_refused_file_stays_refused_and_leaves_nothing(learner: Learner, settings: Settings) -> None:
    for _time in range(2):
        assert piece(learner, b"just words", 0, size="10").status_code == 422
    assert db.session.scalar(select(func.count()).select_from(Artefact)) == 0
    assert db.session.scalar(select(func.count()).select_from(Blob)) == 0
    assert list((Path(settings.data_dir) / "evidence" / "partial").iterdir()) == []


@pytest.mark.parametrize("mark", [{}, {"mark": "one"}])
def test_whoever_has_no_room_left_may_send_again_what_is_there(
    app: Flask, learner: Learner, monkeypatch: pytest.MonkeyPatch, mark: dict[str, str]
) -> None:
    monkeypatch.setattr("lti_mcred.evidence.room.quota", lambda: len(PDF) + 5)
    piece(learner, PDF[:10], 0, **mark)
    for _time in range(2):
        assert piece(learner, PDF[10:], 10, **mark).json == DONE
    assert begin(learner, **mark).status_code == 200
    assert piece(learner, PDF, 0, **mark).json == DONE
    assert learner.upload("A1", name="a.pdf").status_code == 303
    assert names(learner) == ["a.pdf"]
    assert piece(learner, OTHER, 0, name="b.pdf", **mark).status_code != 200
    assert piece(learner, OTHER, 0, mark="two").status_code != 200
    assert names(learner) == ["a.pdf"]
