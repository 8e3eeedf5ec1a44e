"""Scoring through the pages: blind, nothing lost, one commit, decided once."""

import re
import threading
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.errors import Problem
from lti_mcred.evidence.models import Artefact, Attempt, Blob
from lti_mcred.evidence.storage import storage
from lti_mcred.grading import decide
from lti_mcred.grading.models import Assessment, Decision, Mark
from lti_mcred.outbox import OutboxRow
from tests import factories
from tests.evidence_helpers import PDF
from tests.grading_helpers import SECRETS, Browser, World, decided, marks_form, rows, taken

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c636000000002000148afa471"
    "0000000049454e44ae426082"
)


@pytest.fixture
def browser(here: World, client: FlaskClient) -> Browser:
    return Browser(client, here.desk())


@pytest.fixture
def assessment(here: World, browser: Browser) -> Assessment:
    here.attempt()
    return taken(browser)


def path(assessment: Assessment, page: str = "") -> str:
    return f"/assess/{assessment.id}{page}"


def _with_files(attempt: Attempt) -> None:
    """Give the first artefact a file whose name tells whose it is, and a permission note that tells where."""
    part = next(part for part in attempt.parts if part.part_id == "A1")
    part.privacy = {"others": "consent", "note": "Form kept in Secretcourse by Quasimodo"}
    db.session.add(Blob(sha256="a" * 64, size=2048, media_type="application/pdf"))
    db.session.flush()
    db.session.add(Artefact(part_id=part.id, kind="file", sha256="a" * 64, filename="Zebulon Quasimodo SC-101.pdf"))
    db.session.add(Artefact(part_id=part.id, kind="link", url="https://example.org/analysis", position=1))
    db.session.commit()


def test_no_page_of_the_assessor_shows_the_person_or_the_course(here: World, browser: Browser) -> None:
    attempt = here.attempt()
    _with_files(attempt)
    pages = [browser.get("/assess")]
    assessment = taken(browser)
    pages += [browser.get("/assess"), browser.get(path(assessment))]
    pages += [browser.get(path(assessment, "/release")), browser.get(path(assessment, "/incomplete"))]
    pages.append(browser.post(path(assessment), {**marks_form(here, C2="developing", comment=""), "comment_C2": "x"}))
    pages.append(browser.post(path(assessment), {"revision": "1", "then": "finish"}))
    pages.append(browser.post(path(assessment, "/draft"), marks_form(here, revision=1), accept="application/json"))
    pages.append(browser.post(path(assessment, "/release"), {"reason": "?"}))
    pages.append(browser.post(path(assessment, "/incomplete"), {}))
    browser.post(path(assessment), marks_form(here, revision=2, C2="developing"))
    pages.append(browser.get(path(assessment, "/finish")))
    pages.append(browser.post(path(assessment, "/submit"), {"revision": "3"}))
    pages.append(browser.get(path(assessment, "/done")))
    assert db.session.scalar(select(func.count(Decision.id))) == 1
    assert "Decision promised" in pages[0].text
    for page in pages:
        assert page.status_code < 500
        for secret in SECRETS:
            assert secret.lower() not in page.text.lower()
            assert secret.lower() not in str(page.headers).lower()


def _stored(content: bytes, media_type: str, name: str, attempt: Attempt) -> None:
    """Give the first part that takes files one that is really on the disk."""
    store = storage()
    received = store.receive(BytesIO(content), 10_000)
    store.keep(received)
    part = next(part for part in attempt.parts if part.part_id == "A1")
    db.session.add(Blob(sha256=received.sha256, size=received.size, media_type=media_type))
    db.session.flush()
    db.session.add(Artefact(part_id=part.id, kind="file", sha256=received.sha256, filename=name))
    db.session.commit()


def _addresses(text: str) -> list[str]:
    return re.findall(r'(?:src|href)="(/evidence-files/[^"]+)"', text)


@pytest.mark.parametrize(
    "end", [{"reason": "conflict"}, {"note": "", "part_A1": "1", "missing_A1": "The second page is missing."}]
)
def test_a_file_opens_while_the_work_is_hers_and_not_after_she_let_go_of_it(
    here: World, browser: Browser, end: dict[str, str]
) -> None:
    _stored(b"Six steps, in order.", "text/plain", "steps.txt", here.attempt())
    assessment = taken(browser)
    [address] = _addresses(browser.get(path(assessment)).text)
    answer = browser.client.get(address, buffered=True)
    assert (answer.status_code, answer.data) == (200, b"Six steps, in order.")
    assert browser.post(path(assessment, "/release" if "reason" in end else "/incomplete"), end).status_code == 303
    assert browser.client.get(address).status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "media_type", "shown"),
    [
        ("Lesson by A. Quasimodo", b"Six steps, in order.", "text/plain", "A1-1.txt"),
        ("lesson.Quasimodo", PDF, "application/pdf", "A1-1.pdf"),
        ("Zebulon.Quasimodo", PNG, "image/png", "A1-1.png"),
    ],
)
def test_the_ending_that_an_assessor_sees_comes_from_the_kind_of_file(
    here: World, browser: Browser, name: str, content: bytes, media_type: str, shown: str
) -> None:
    _stored(content, media_type, name, here.attempt())
    text = browser.get(path(taken(browser))).text
    assert shown in text
    heads = str([browser.client.get(address, buffered=True).headers for address in _addresses(text)])
    for secret in SECRETS:
        assert secret.lower() not in text.lower()
        assert secret.lower() not in heads.lower()
    assert f"filename={shown}" in heads


def test_the_evidence_is_shown_with_neutral_file_names(here: World, browser: Browser) -> None:
    _with_files(here.attempt())
    text = browser.get(path(taken(browser))).text
    assert "A1-1.pdf" in text
    assert 'href="https://example.org/analysis"' in text
    assert "What was done for ctx." in text or "What was done for" in text


def test_typed_evidence_is_text_and_never_markup(here: World, browser: Browser) -> None:
    here.attempt(texts={"A1": "<script>alert(1)</script>\nsecond"})
    text = browser.get(path(taken(browser))).text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_draft_is_kept_and_shown_again(here: World, browser: Browser, assessment: Assessment) -> None:
    answer = browser.post(path(assessment), marks_form(here, C2="developing"))
    assert answer.status_code == 303
    text = browser.get(path(assessment)).text
    assert "Comment on C2." in text
    assert 'id="c-C2-developing" name="level_C2" value="developing" data-level="2" checked' in text


def test_autosave_answers_with_the_new_revision(here: World, browser: Browser, assessment: Assessment) -> None:
    answer = browser.post(path(assessment, "/draft"), marks_form(here), accept="application/json")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 1
    assert "saved_at" in answer.json


def test_autosave_from_an_older_tab_is_answered_with_both_texts(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment, "/draft"), marks_form(here))
    other = {**marks_form(here), "comment_C1": "From the other tab."}
    answer = browser.post(path(assessment, "/draft"), other, accept="application/json")
    assert answer.status_code == 409
    assert answer.json == {"revision": 1, "theirs": {"comment_C1": "Comment on C1."}}
    assert _mark(assessment, "C1").comment == "Comment on C1."


def test_a_level_that_another_tab_chose_alone_is_a_conflict_and_stays(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment, "/draft"), marks_form(here))
    answer = browser.post(path(assessment, "/draft"), marks_form(here, C1="developing"), accept="application/json")
    assert (answer.status_code, answer.json) == (409, {"revision": 1, "theirs": {}})
    assert _mark(assessment, "C1").level_id == "demonstrated"


def test_saving_the_same_again_is_no_conflict(here: World, browser: Browser, assessment: Assessment) -> None:
    for _lost_answer in range(2):
        answer = browser.post(path(assessment, "/draft"), marks_form(here), accept="application/json")
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["revision"] == 1


def test_the_plain_form_from_an_older_tab_shows_both_texts(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), marks_form(here))
    answer = browser.post(path(assessment), {**marks_form(here), "comment_C1": "From the other tab."})
    assert answer.status_code == 409
    assert "From the other tab." in answer.text
    assert 'id="c-C1-comment-other"' in answer.text
    assert 'name="revision" autocomplete="off" value="1"' in answer.text


def test_what_is_missing_is_named_and_nothing_typed_is_lost(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    form = {
        **marks_form(here, C2="developing", C3=""),
        "comment_C2": "  ",
        "comment_C4": "Kept words.",
        "then": "finish",
    }
    answer = browser.post(path(assessment), form)
    assert answer.status_code == 422
    titles = {criterion.id: criterion.title for criterion in here.definition.rubric.criteria}
    assert f"{titles['C2']}: Write a comment" in answer.text
    assert f"{titles['C3']}: Choose a level." in answer.text
    assert "Kept words." in answer.text
    assert _mark(assessment, "C4").comment == "Kept words."


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"revision": "abc"},
        {"revision": "-1"},
        {"revision": "99999999999999999999"},
        {"level_C1": "splendid", "revision": "0"},
        {"level_C99": "demonstrated", "revision": "0"},
        {"comment_C1": "\x00\x1b[31m nul", "revision": "0"},
        {"comment_C1": "x" * 200_000, "revision": "0"},
        {"pointer_C1": "🙂" * 2_000, "revision": "0", "then": "finish"},
        {"then": "elsewhere", "revision": "0"},
    ],
)
@pytest.mark.parametrize("page", ["", "/draft", "/submit", "/release", "/incomplete"])
def test_no_form_however_odd_breaks_a_page(
    browser: Browser, assessment: Assessment, form: dict[str, str], page: str
) -> None:
    answer = browser.post(path(assessment, page), form)
    assert answer.status_code < 500


def test_control_characters_do_not_reach_the_database(here: World, browser: Browser, assessment: Assessment) -> None:
    browser.post(path(assessment), {**marks_form(here), "comment_C1": "a\x00b\r\nc"})
    assert _mark(assessment, "C1").comment == "ab\nc"


def test_the_preview_says_the_outcome_by_rule_and_what_the_learner_reads(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), {**marks_form(here, C2="developing"), "then": "finish"})
    text = browser.get(path(assessment, "/finish")).text
    titles = {criterion.id: criterion.title for criterion in here.definition.rubric.criteria}
    assert f"By the rule this is not yet earned. Not met: {titles['C2']}." in text
    assert "4 of 5 criteria met" in text
    assert "You are on the way: 4 of 5 criteria are met." in text
    assert "Comment on C2." in text
    wanted = here.definition.rubric.criteria[1].descriptors["demonstrated"]
    assert wanted in text


def test_submitting_decides_everything_in_one_commit(here: World, browser: Browser, assessment: Assessment) -> None:
    browser.post(path(assessment), {**marks_form(here), "then": "finish"})
    assert browser.post(path(assessment, "/submit"), {"revision": "1"}).status_code == 303
    db.session.expire_all()
    decision = db.session.scalars(select(Decision)).one()
    assert decision.outcome == "earned"
    assert decision.decided_by == here.assessor.id
    assert set(decision.criteria) == {f"C{n}" for n in range(1, 6)}
    assert decision.criteria["C1"] == {
        "level": "demonstrated", "met": True, "comment": "Comment on C1.", "pointer": "page 2", "locked": False,
    }  # fmt: skip
    assert assessment.state == "submitted"
    assert assessment.attempt.state == "decided"
    assert assessment.attempt.enrolment.state == "earned"
    (entry,) = rows(assessment.attempt)
    assert (entry.state, entry.score_given, entry.score_maximum, entry.decision_id) == ("owed", 5, 5, decision.id)
    news = {row.topic: row.payload for row in db.session.scalars(select(OutboxRow))}
    assert news == {"decision.final": {"decision_id": decision.id}, "score.send": {"ledger_id": entry.id}}


def test_one_unmet_criterion_means_not_yet(here: World, client: FlaskClient) -> None:
    here.attempt()
    attempt = decided(here, client, C5="beginning")
    assert attempt.enrolment.state == "not_yet"
    assert rows(attempt)[0].score_given == 4


def test_pressing_submit_twice_decides_once(here: World, browser: Browser, assessment: Assessment) -> None:
    browser.post(path(assessment), marks_form(here))
    for _press in range(2):
        assert browser.post(path(assessment, "/submit"), {"revision": "1"}).location.endswith("/done")
    assert db.session.scalar(select(func.count(Decision.id))) == 1
    assert len(rows()) == 1


def test_submitting_at_once_from_two_threads_decides_once(
    app: Flask, here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), marks_form(here))
    start, outcomes, wanted = threading.Barrier(4), [], assessment.id
    db.session.rollback()

    def press() -> None:
        with app.app_context(), app.test_request_context():
            found = db.session.get(Assessment, wanted)
            assert found is not None
            start.wait()
            try:
                decide.submit(found, 1)
                outcomes.append("decided")
            except Problem as problem:
                outcomes.append(problem.code)
            db.session.remove()

    threads = [threading.Thread(target=press) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["decided", *["not-yours-any-more"] * 3]
    assert db.session.scalar(select(func.count(Decision.id))) == 1


def test_a_scoring_that_changed_in_another_tab_is_looked_at_again_before_it_counts(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), marks_form(here))
    browser.post(path(assessment), marks_form(here, revision=1, C2="developing"))
    answer = browser.post(path(assessment, "/submit"), {"revision": "1"}, follow_redirects=True)
    assert "The scoring was changed in another tab." in answer.text
    assert db.session.scalar(select(func.count(Decision.id))) == 0


def test_an_incomplete_scoring_cannot_be_submitted_around_the_page(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), marks_form(here, C1=""))
    answer = browser.post(path(assessment, "/submit"), {"revision": "1"})
    assert answer.status_code == 422
    assert "Choose a level." in answer.text
    assert browser.get(path(assessment, "/finish")).status_code == 422
    assert db.session.scalar(select(func.count(Decision.id))) == 0


def test_work_that_was_withdrawn_meanwhile_is_not_decided(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    browser.post(path(assessment), marks_form(here))
    assessment.attempt.state = "draft"
    db.session.commit()
    assert browser.get(path(assessment)).status_code == 409, "a draft is the learner's own again"
    answer = browser.post(path(assessment, "/submit"), {"revision": "1"})
    assert answer.status_code == 409
    assert "Your draft is kept." in answer.text
    assert db.session.scalar(select(func.count(Decision.id))) == 0
    assert rows() == []


def test_a_lock_that_another_assessor_took_over_keeps_the_draft_and_says_so(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    _taken_over(here, assessment)
    answer = browser.post(path(assessment, "/draft"), marks_form(here), accept="application/json")
    assert answer.status_code == 423
    assert answer.json is not None
    assert "Your draft is kept." in answer.json["detail"]
    assert _mark(assessment, "C1").comment == "Comment on C1."
    assert browser.get(path(assessment)).status_code == 409
    assert browser.post(path(assessment, "/submit"), {"revision": "1"}).status_code == 409
    assert db.session.scalar(select(func.count(Decision.id))) == 0


def test_locked_criteria_are_shown_closed_without_their_level_and_count(here: World, browser: Browser) -> None:
    lock = {"C1": {"level": "extended", "comment": "Said in the first try."}}
    here.attempt(number=2, locked=lock)
    assessment = taken(browser)
    text = browser.get(path(assessment)).text
    assert "Met in an earlier try" in text
    assert 'name="level_C1"' not in text
    assert "Said in the first try." not in text
    form = {**marks_form(here), "level_C1": "beginning"}
    browser.post(path(assessment), {**form, "then": "finish"})
    browser.post(path(assessment, "/submit"), {"revision": "1"})
    decision = db.session.scalars(select(Decision)).one()
    assert decision.outcome == "earned"
    assert decision.criteria["C1"]["level"] == "extended"
    assert decision.criteria["C1"]["locked"] is True


def test_parts_that_changed_since_the_try_before_are_marked(here: World, browser: Browser) -> None:
    first = here.attempt(state="decided")
    factories.submitted_attempt(first.enrolment, 2, texts={"refl": "Written anew."})
    db.session.commit()
    text = browser.get(path(taken(browser))).text
    assert text.count("Changed since the try before") == 1


def test_giving_back_through_the_page(here: World, browser: Browser, assessment: Assessment) -> None:
    assert browser.get(path(assessment, "/release")).status_code == 200
    refused = browser.post(path(assessment, "/release"), {"reason": "bored"})
    assert refused.status_code == 422
    assert browser.post(path(assessment, "/release"), {"reason": "conflict"}).location.endswith("/assess")
    db.session.refresh(assessment)
    assert (assessment.state, assessment.release_reason) == ("released", "conflict")


def test_returning_as_incomplete_names_what_is_missing_and_judges_nothing(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    form = {"missing_A1": "The video asks for a password.", "note": "Thank you."}
    assert browser.post(path(assessment, "/incomplete"), form).status_code == 303
    db.session.expire_all()
    assert assessment.attempt.state == "returned"
    assert assessment.attempt.enrolment.state == "in_progress"
    assert assessment.missing == {"parts": {"A1": "The video asks for a password."}, "note": "Thank you."}
    assert db.session.scalar(select(func.count(Decision.id))) == 0
    assert rows() == []
    assert "It does not count as a try." in browser.get(path(assessment, "/done")).text


def test_an_empty_list_returns_nothing(here: World, browser: Browser, assessment: Assessment) -> None:
    answer = browser.post(path(assessment, "/incomplete"), {"note": "Kept note.", "missing_A1": " "})
    assert answer.status_code == 422
    assert "Kept note." in answer.text
    db.session.expire_all()
    assert assessment.attempt.state == "submitted"


def test_a_decided_assessment_opens_as_done(here: World, browser: Browser, assessment: Assessment) -> None:
    browser.post(path(assessment), marks_form(here))
    browser.post(path(assessment, "/submit"), {"revision": "1"})
    for page in ("", "/finish"):
        assert browser.get(path(assessment, page)).location.endswith("/done")
    late = browser.post(path(assessment), marks_form(here, revision=1, C1="beginning"))
    assert late.status_code == 409
    assert db.session.scalars(select(Decision)).one().criteria["C1"]["level"] == "demonstrated"


def test_saving_a_mark_extends_the_lock(here: World, browser: Browser, assessment: Assessment) -> None:
    assessment.claimed_until = utcnow()
    db.session.commit()
    browser.post(path(assessment, "/draft"), marks_form(here))
    db.session.refresh(assessment)
    assert (assessment.claimed_until - utcnow()).total_seconds() > 7000


def _mark(assessment: Assessment, criterion_id: str) -> Mark:
    query = select(Mark).where(Mark.assessment_id == assessment.id, Mark.criterion_id == criterion_id)
    return db.session.scalars(query).one()


def _taken_over(here: World, assessment: Assessment) -> None:
    other = factories.person(here.course)
    assessment.state, assessment.release_reason = "released", "expired"
    db.session.flush()
    values: dict[str, Any] = {"id": new_id(), "claimed_until": utcnow().replace(year=utcnow().year + 1)}
    db.session.add(Assessment(attempt_id=assessment.attempt_id, assessor_id=other.id, **values))
    db.session.commit()


def test_levels_are_numbered_as_their_keys_are_and_none_is_judged_before_it_is_chosen(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    page = browser.get(path(assessment)).text
    levels = len(here.definition.rubric.levels)
    numbers = [int(one) for one in re.findall(r'<kbd class="level__key"[^>]*>(\d)</kbd>', page)]
    assert numbers == list(range(1, levels + 1)) * len(here.definition.rubric.criteria)
    keys = [int(one) for one in re.findall(r'data-level="(\d)"', page)]
    assert keys == numbers
    form = page[page.index('<form method="post" id="scoring"') :]
    assert "meets the criterion" in form
    assert "is-met" not in form


def test_a_criterion_names_the_evidence_that_shows_it_and_leads_there(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    page = browser.get(path(assessment)).text
    for criterion in here.definition.rubric.criteria:
        block = page[page.index(f'data-criterion="{criterion.id}"') :].partition("</fieldset>")[0]
        shown_by = re.findall(r'^[^>]*data-shown-by="([^"]+)"', block)[0].split()
        assert shown_by == [f"part-{part}" for part in criterion.artifacts]
        for target in shown_by:
            assert f'href="#{target}"' in block
            assert f'id="{target}"' in page


def test_a_save_that_follows_one_of_its_own_page_whose_answer_was_lost_is_no_conflict(
    here: World, browser: Browser, assessment: Assessment
) -> None:
    first, second = "a" * 32, "b" * 32
    browser.post(path(assessment, "/draft"), {**marks_form(here, C2="developing"), "revision": "0", "save_id": first})
    later = {**marks_form(here, C2="not_evident"), "revision": "0", "save_id": second}
    assert browser.post(path(assessment, "/draft"), later).status_code == 409
    answer = browser.post(path(assessment, "/draft"), {**later, "unheard": first})
    assert answer.status_code == 200
    assert answer.json
    assert answer.json["revision"] == 2
