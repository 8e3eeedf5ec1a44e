"""Files and links: what is taken, what is said when it is not, and how files are served."""

import os
import re
import threading
from base64 import urlsafe_b64decode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.catalog.definition import Definition
from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence import strip
from lti_mcred.evidence.files import file_address
from lti_mcred.evidence.formats.filetypes import REFUSED, TAKEN, UNKNOWN
from lti_mcred.evidence.models import Artefact, Blob
from lti_mcred.evidence.refusing import what_it_is, what_to_do
from lti_mcred.settings import Settings
from lti_mcred.web.visits import cookie_name, token_hash
from tests import factories
from tests import made_files as made
from tests.evidence_helpers import JSON, PDF, Learner, make_learner

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636000000002000148afa471"
    "0000000049454e44ae426082"
)


def names(learner: Learner, part_id: str) -> list[str | None]:
    return [artefact.filename for artefact in learner.part(part_id).artefacts]


def piece(learner: Learner, content: bytes, *, size: int, offset: int, name: str = "a.pdf", part: str = "A1"):
    data = {"name": name, "size": str(size), "offset": str(offset), "piece": (BytesIO(content), "blob")}
    return learner.client.post(
        f"{learner.base}/parts/{part}/pieces",
        data=data,
        headers={**learner.headers, "Accept": "application/json"},
        content_type="multipart/form-data",
    )


def begin(learner: Learner, size: int, name: str = "a.pdf"):
    return learner.post("/parts/A1/pieces", {"name": name, "size": str(size)}, json=True)


def test_a_file_that_fits_is_added_and_shown(learner: Learner) -> None:
    assert learner.upload("A1").status_code == 303
    page = learner.get("/parts/A1").text
    assert "plan.pdf" in page
    assert "PDF, 1 KB" in page


def test_the_same_file_twice_is_stored_once_and_shown_twice(learner: Learner) -> None:
    learner.upload("A1")
    learner.upload("A1", name="again.pdf")
    assert names(learner, "A1") == ["plan.pdf", "again.pdf"]
    assert db.session.scalar(select(func.count()).select_from(Blob)) == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\x00" + b"\x00" * 50, "plan.pdf"),
        (b"<!doctype html><script>alert(1)</script>", "plan.pdf"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "picture.png"),
        (b"just words", "plan.pdf"),
        (made.OPUS, "talk.ogg"),
    ],
)
def test_a_file_is_judged_by_its_bytes_whatever_its_name(learner: Learner, content: bytes, name: str) -> None:
    answer = learner.upload("A1", content, name)
    assert answer.status_code == 422
    assert f"{name} is not a kind of file that fits here" in answer.text
    assert "PDF, Word (docx), Excel (xlsx), image" in answer.text
    assert names(learner, "A1") == []


@pytest.mark.parametrize(
    ("content", "says", "cure"),
    [
        (made.open_document(), "It is an OpenDocument text (.odt).", "choose Save as or Export, for example to PDF"),
        (made.iwork(10_000), "It is a Pages document.", "choose File, Export To, for example PDF"),
        (made.iwork(1, "Index/Slide.iwa"), "It is a Keynote presentation.", "choose File, Export To"),
        (made.compound("WordDocument"), "It is a Word document of the old kind (.doc).", "save it as .docx or PDF"),
        (made.office(("a.bin", made.VBA)), "It is an Office document with macros", "Save it without macros"),
        (made.GDOC.encode(), "It is only a pointer to a Google document", "choose File, Download (PDF or Word)"),
        (made.still(b"crx "), "It is a raw photograph", "export it as JPEG"),
        (made.brands(b"isom") + made.box(b"mdat"), "It is a recording that was not finished", "See whether it plays"),
    ],
    ids=made.brief,
)
def test_what_is_refused_is_called_by_its_name_and_how_to_make_it_fit_is_said(
    learner: Learner, content: bytes, says: str, cure: str
) -> None:
    answer = learner.upload("A1", content, "work")
    assert answer.status_code == 422
    assert says in answer.text
    assert cure in answer.text
    assert "What you added before is kept." in answer.text


def test_every_type_has_words_for_a_refusal(app: Flask) -> None:
    with app.test_request_context():
        for kind in (*TAKEN, *REFUSED):
            assert what_to_do(kind)
            assert what_it_is(kind) or kind is UNKNOWN


def test_an_open_document_is_taken_where_the_definition_says_so(app: Flask) -> None:
    definition = factories.example(factories.JOB_HAZARD).canonical()
    definition["submission"]["part_2_artifacts"][0]["accept"] = ["odt", "rtf"]
    learner = make_learner(app, definition=Definition.model_validate(definition)).start()
    assert learner.upload("A1", made.open_document(), "plan.odt").status_code == 303
    page = learner.get("/parts/A1").text
    assert "OpenDocument text (odt), 1 KB" in page
    assert 'accept=".odt,.rtf,application/rtf"' in page


def test_an_empty_file_is_refused_kindly(learner: Learner) -> None:
    answer = learner.upload("A1", b"", "plan.pdf")
    assert answer.status_code == 422
    assert "plan.pdf is empty" in answer.text


def test_a_file_over_the_limit_of_its_part_is_refused_and_what_was_there_stays(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.upload("A4", name="first.pdf")
    monkeypatch.setattr("lti_mcred.evidence.accept.MEGABYTE", 10)  # a megabyte that is quick to send
    answer = learner.upload("A4", PDF + b"x" * 200, "huge.pdf")
    assert answer.status_code == 413
    assert "huge.pdf is larger than 20 MB" in answer.text
    assert "What you added before is kept" in answer.text
    assert names(learner, "A4") == ["first.pdf"]


def test_one_file_more_than_the_part_takes_is_refused(learner: Learner) -> None:
    learner.upload("A5")
    answer = learner.upload("A5", PDF + b"2", "second.pdf")
    assert answer.status_code == 422
    assert "It takes at most 1" in answer.text
    assert names(learner, "A5") == ["plan.pdf"]


def test_pressing_upload_without_a_file_says_what_to_do(learner: Learner) -> None:
    answer = learner.post("/parts/A1/files")
    assert answer.status_code == 422
    assert "Choose a file first" in answer.text


def test_a_question_takes_no_file_unless_a_recording_was_chosen(learner: Learner) -> None:
    assert learner.upload("refl").status_code == 422
    learner.save("refl", alternative="0")
    assert learner.upload("refl", made.OPUS, "talk.ogg").status_code == 303


def test_a_recording_of_sound_alone_in_a_film_format_is_taken_where_only_sound_fits(app: Flask) -> None:
    learner = make_learner(app, slug="uni-faculty-transparent-assignment").start()
    refused = learner.upload("A3", made.mp4(b"vide", b"soun"), "film.mp4")
    assert refused.status_code == 422
    assert "It is a video. This part takes: PDF, Word (docx), plain text, audio." in refused.text
    assert learner.upload("A3", made.mp4(b"soun"), "note.mp4").status_code == 303
    blob = learner.part("A3").artefacts[0].blob
    assert blob
    assert blob.media_type == "audio/mp4"


def test_removing_a_file_twice_is_no_error(learner: Learner) -> None:
    learner.upload("A1")
    artefact = learner.part("A1").artefacts[0]
    for _i in range(2):
        assert learner.post(f"/parts/A1/artefacts/{artefact.id}/remove").status_code == 303
    assert names(learner, "A1") == []


def test_nobody_removes_a_file_of_another_learner(app: Flask, learner: Learner) -> None:
    other = make_learner(app).start()
    other.upload("A1")
    artefact = other.part("A1").artefacts[0]
    learner.post(f"/parts/A1/artefacts/{artefact.id}/remove")
    assert names(other, "A1") == ["plan.pdf"]


def test_an_upload_in_pieces_arrives_whole(learner: Learner) -> None:
    start = begin(learner, len(PDF))
    assert start.json == {"received": 0, "piece": 4 * 1024 * 1024}
    first = piece(learner, PDF[:10], size=len(PDF), offset=0)
    assert first.json == {"received": 10, "done": False}
    last = piece(learner, PDF[10:], size=len(PDF), offset=10)
    assert last.json == {"received": len(PDF), "done": True}
    assert names(learner, "A1") == ["a.pdf"]
    artefact = learner.part("A1").artefacts[0]
    assert learner.fetch(file_address(artefact, learner.visit)).data == PDF


def test_an_upload_that_broke_off_goes_on_where_it_stopped(learner: Learner) -> None:
    piece(learner, PDF[:10], size=len(PDF), offset=0)
    start = begin(learner, len(PDF))
    assert start.json
    assert start.json["received"] == 10


def test_a_piece_out_of_step_is_told_where_to_go_on(learner: Learner) -> None:
    piece(learner, PDF[:10], size=len(PDF), offset=0)
    answer = piece(learner, PDF[:10], size=len(PDF), offset=0)
    assert (answer.status_code, answer.json) == (409, {"received": 10})


def test_pieces_of_the_wrong_kind_or_beyond_the_announced_size_are_refused(learner: Learner) -> None:
    words = b"just words"
    refused = piece(learner, words, size=len(words), offset=0, name="a.txt")
    assert refused.status_code == 422
    assert refused.json
    assert refused.json["type"].endswith("wrong-kind")
    assert piece(learner, PDF + b"more", size=len(PDF), offset=0).status_code == 413
    assert names(learner, "A1") == []


def test_uploads_under_many_names_are_stopped_with_words_about_what_to_do(learner: Learner) -> None:
    for number in range(5):
        assert piece(learner, PDF[:10], size=len(PDF), offset=0, name=f"{number}.pdf").status_code == 200
    for answer in (
        begin(learner, len(PDF), "more.pdf"),
        piece(learner, PDF[:10], size=len(PDF), offset=0, name="more.pdf"),
        piece(learner, PDF[:10], size=len(PDF), offset=0, name="more.pdf", part="A4"),
    ):
        assert answer.status_code == 422
        assert answer.json
        assert answer.json["title"] == "Too many uploads are under way"
        assert "choose a file that broke off again" in answer.json["action"]
    assert piece(learner, PDF[10:], size=len(PDF), offset=10, name="0.pdf").json == {"received": len(PDF), "done": True}
    assert begin(learner, len(PDF), "more.pdf").status_code == 200


def test_a_picture_that_cannot_be_cleaned_is_refused_and_leaves_nothing_behind(
    learner: Learner, settings: Settings
) -> None:
    answer = learner.upload("A1", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01 and no more", "photo.jpg")
    assert answer.status_code == 422
    assert "We could not take place and camera details out of photo.jpg" in answer.text
    assert names(learner, "A1") == []
    assert list((Path(settings.data_dir) / "evidence" / "partial").iterdir()) == []


def test_others_are_served_while_a_picture_is_being_cleaned(
    learner: Learner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, gate = tmp_path / "waits", tmp_path / "gate"
    os.mkfifo(gate)
    waits.write_text(f"#!/bin/sh\nread word < {gate}\n")
    waits.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(waits))
    with ThreadPoolExecutor(1) as pool:
        upload = pool.submit(learner.upload, "A1", PNG, "photo.png")
        with gate.open("w") as opened:  # opens once the cleaning waits at the other end
            assert learner.client.application.test_client().get("/healthz").status_code == 200
            opened.write("go on\n")
        assert upload.result().status_code == 303
    assert names(learner, "A1") == ["photo.png"]


def test_a_picture_that_is_too_large_or_comes_when_too_many_do_is_refused_with_words(
    learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = learner.upload("A1", made.png(20_000, 20_000, rows=b""), "wall.png")
    assert answer.status_code == 422
    assert "more points than we take (210 million" in answer.text
    assert "Save it smaller on your device" in answer.text
    monkeypatch.setattr("lti_mcred.evidence.strip._AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr("lti_mcred.evidence.strip._PATIENCE", 0.001)
    strip._AT_ONCE.acquire()
    answer = learner.upload("A1", PNG, "photo.png")
    assert answer.status_code == 503
    assert "Add it again in a minute." in answer.text


def test_the_page_says_what_becomes_of_the_details_in_files(learner: Learner) -> None:
    page = learner.get("/parts/A1").text
    assert "Place and camera details are taken out of JPEG, PNG and WebP pictures." in page
    assert "Assessors get a copy without the name of the file" in page


@pytest.mark.parametrize(
    ("size", "status"), [("0", 422), ("-5", 422), ("", 422), ("many", 422), ("9" * 15, 413), ("9" * 40, 422)]
)
def test_an_announcement_that_makes_no_sense_is_refused(learner: Learner, size: str, status: int) -> None:
    answer = learner.post("/parts/A1/pieces", {"name": "a.pdf", "size": size}, json=True)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_a_link_is_added_where_links_are_taken(learner: Learner) -> None:
    learner.save("A3", alternative="0")
    assert learner.post("/parts/A3/links", {"url": " https://example.org/notes "}).status_code == 303
    assert learner.part("A3").artefacts[0].url == "https://example.org/notes"
    assert 'href="https://example.org/notes"' in learner.get("/parts/A3").text


@pytest.mark.parametrize(
    "url",
    [
        "", "example.org", "javascript:alert(1)", "file:///etc/passwd", "https://", "https://a b.example",
        "https://user:pw@example.org/", "http://[::1", "https://example.org/" + "x" * 2000,
    ],
)  # fmt: skip
def test_what_is_not_a_whole_web_address_is_refused_and_stays_in_the_box(learner: Learner, url: str) -> None:
    learner.save("A3", alternative="0")
    answer = learner.post("/parts/A3/links", {"url": url})
    assert answer.status_code == 422
    assert "That is not a whole web address" in answer.text
    assert learner.part("A3").artefacts == []


def test_a_link_that_imitates_another_is_shown_as_it_is(learner: Learner) -> None:
    learner.save("A3", alternative="0")
    learner.post("/parts/A3/links", {"url": "https://p\u0430ypal.example/x\u202egpj.exe"})
    for page in (learner.get("/parts/A3").text, learner.get("/review").text):
        assert "xn--pypal-4ve.example" in page
        assert "letters of different alphabets (Cyrillic, Latin)" in page
        assert "\u202e" not in page
    assert '<bdo dir="ltr">https://<strong>xn--pypal-4ve.example</strong>/x%E2%80%AEgpj.exe</bdo>' in page


def test_marks_of_direction_around_a_copied_address_are_left_out(learner: Learner) -> None:
    learner.save("A3", alternative="0")
    assert learner.post("/parts/A3/links", {"url": "\u200ehttps://example.org/notes\u200f "}).status_code == 303
    assert learner.part("A3").artefacts[0].url == "https://example.org/notes"


def test_a_part_that_takes_no_links_says_so(learner: Learner) -> None:
    answer = learner.post("/parts/A1/links", {"url": "https://example.org/"})
    assert answer.status_code == 422
    assert "This part takes no links" in answer.text


def served(learner: Learner, content: bytes, name: str, part_id: str = "A1", **given: bool):
    assert learner.upload(part_id, content, name).status_code == 303
    return learner.fetch(file_address(learner.part(part_id).artefacts[0], learner.visit, **given))


def test_a_picture_is_served_in_the_page_with_headers_that_let_nothing_run(learner: Learner) -> None:
    answer = served(learner, PNG, "step 3.png")
    assert answer.mimetype == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self' https://lms.example.edu" in policy
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_web_page_is_never_shown_only_handed_over(app: Flask) -> None:
    learner = make_learner(app, slug="uni-faculty-transparent-assignment").start()
    answer = served(learner, b"<!doctype html><script>alert(1)</script>", "assignment.html")
    assert answer.mimetype == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment; filename=assignment.html"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_a_download_keeps_its_name_in_any_script(learner: Learner) -> None:
    answer = served(learner, PDF, "Plan für Müller «1».pdf", download=True)
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment")
    assert "filename*=UTF-8''Plan%20f%C3%BCr" in disposition


def test_a_player_can_ask_for_a_range(learner: Learner) -> None:
    film = made.mp4(b"vide", major=b"mp42")
    learner.upload("A3", film, "clip.mp4")
    address = file_address(learner.part("A3").artefacts[0], learner.visit)
    answer = learner.fetch(address, Range="bytes=12-21")
    assert answer.status_code == 206
    assert answer.data == film[12:22]
    assert answer.headers["Content-Range"] == f"bytes 12-21/{len(film)}"


def test_a_range_beyond_the_end_of_a_file_is_told_with_its_status(learner: Learner) -> None:
    learner.upload("A3", made.mp4(b"vide", major=b"mp42"), "clip.mp4")
    address = file_address(learner.part("A3").artefacts[0], learner.visit)
    answer = learner.fetch(address, Range="bytes=999999999-", **JSON)
    assert answer.status_code == 416
    assert answer.json["type"] == "about:blank#http-416"


def test_an_address_that_was_altered_opens_nothing(learner: Learner) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    answer = learner.fetch(address[:-3] + ("abc" if not address.endswith("abc") else "xyz"))
    assert answer.status_code == 403
    assert "address of this file has run out" in answer.text


def test_an_address_dies_with_its_visit(learner: Learner) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    assert learner.fetch(address).status_code == 200
    learner.visit.ended_at = utcnow()
    db.session.commit()
    assert learner.fetch(address).status_code == 403


def with_cookie(learner: Learner) -> str:
    """Bind the visit to a browser that keeps a cookie; return the cookie's value."""
    token = "the-token-of-one-browser"
    learner.visit.browser_hash = token_hash(token)
    db.session.commit()
    return token


def test_an_address_opens_in_the_browser_of_its_visit_and_in_no_other(learner: Learner) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    token = with_cookie(learner)
    assert learner.fetch(address).status_code == 403
    assert learner.fetch(address, **learner.headers).status_code == 200
    learner.client.set_cookie(cookie_name(), "the-token-of-another-browser")
    assert learner.fetch(address).status_code == 403
    learner.client.set_cookie(cookie_name(), token)
    assert learner.fetch(address).status_code == 200
    part = learner.fetch(address, Range="bytes=0-3")
    assert (part.status_code, part.data) == (206, b"%PDF")


@pytest.mark.parametrize(
    ("asked_by", "status"), [("same-origin", 200), ("none", 403), ("cross-site", 403), ("same-site", 403)]
)
def test_where_the_browser_keeps_no_cookie_only_our_own_pages_open_a_file(
    learner: Learner, asked_by: str, status: int
) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    assert learner.fetch(address, **{"Sec-Fetch-Site": asked_by}).status_code == status


def test_an_address_dies_when_its_visit_was_left_alone(learner: Learner) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    learner.visit.seen_at = utcnow() - timedelta(hours=1)
    db.session.commit()
    assert learner.fetch(address).status_code == 403


def test_an_address_dies_when_the_file_is_removed(learner: Learner) -> None:
    learner.upload("A1")
    artefact = learner.part("A1").artefacts[0]
    address = file_address(artefact, learner.visit)
    learner.post(f"/parts/A1/artefacts/{artefact.id}/remove")
    assert learner.fetch(address).status_code == 403


def test_an_address_of_the_visit_of_somebody_else_opens_nothing_of_this_learner(app: Flask, learner: Learner) -> None:
    learner.upload("A1")
    other = make_learner(app).start()
    for blind in (True, False):
        address = file_address(learner.part("A1").artefacts[0], other.visit, blind=blind)
        assert other.fetch(address).status_code == 403


def test_an_address_and_its_answer_tell_nothing_of_the_file(learner: Learner) -> None:
    learner.upload("A1", name="Okafor.pdf")
    artefact = learner.part("A1").artefacts[0]
    address = file_address(artefact, learner.visit, blind=True)
    decoded = urlsafe_b64decode(address.rpartition("/")[2])
    assert artefact.sha256
    for word in (artefact.id, artefact.sha256, "Okafor", learner.visit.id):
        assert word.encode() not in decoded
    headers = str(learner.fetch(address).headers)
    assert "Okafor" not in headers
    assert artefact.sha256 not in headers
    assert "Last-Modified" not in headers


def test_an_address_dies_after_an_hour(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    learner.upload("A1")
    address = file_address(learner.part("A1").artefacts[0], learner.visit)
    monkeypatch.setattr("lti_mcred.evidence.files.SECONDS", -1)
    assert learner.fetch(address).status_code == 403


def test_a_file_that_the_disk_lost_is_said_to_be_lost(learner: Learner, settings: Settings) -> None:
    learner.upload("A1")
    artefact: Artefact = learner.part("A1").artefacts[0]
    assert artefact.sha256
    (Path(settings.data_dir) / "evidence" / artefact.sha256[:2] / artefact.sha256).unlink()
    answer = learner.fetch(file_address(artefact, learner.visit))
    assert answer.status_code == 500
    assert "cannot be read at the moment" in answer.text
    assert learner.get("/review").status_code == 200


def test_a_short_text_file_is_read_in_the_page_as_text(app: Flask) -> None:
    learner = make_learner(app, slug="uni-faculty-transparent-assignment").start()
    learner.upload("A3", b"Reader one said <b>this</b>.", "notes.txt")
    assert "Reader one said &lt;b&gt;this&lt;/b&gt;." in learner.get("/review").text


def test_pages_refer_to_files_by_signed_addresses_alone(learner: Learner) -> None:
    learner.upload("A1")
    page = learner.get("/review").text
    artefact = learner.part("A1").artefacts[0]
    assert artefact.sha256
    assert artefact.sha256 not in page
    addresses = re.findall(r'(?:src|href)="(/evidence-files/[^"]+)"', page)
    assert len(addresses) == 2
    assert {learner.fetch(address).status_code for address in addresses} == {200}
