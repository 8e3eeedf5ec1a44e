"""Handing in, what is told, and trying again."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from lti_mcred.catalog.definition import Definition
from lti_mcred.catalog.models import Version
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt
from lti_mcred.evidence.submit import fingerprint
from lti_mcred.outbox import OutboxRow
from tests.evidence_helpers import PDF, Learner, decide, make_learner


@pytest.fixture
def ready(learner: Learner) -> Learner:
    """A learner whose parts are all ready."""
    return learner.fill()


def news() -> list[dict[str, str]]:
    return [row.payload for row in db.session.scalars(select(OutboxRow).filter_by(topic="attempt.submitted"))]


def test_handing_in_too_early_names_everything_that_is_missing_with_links(learner: Learner) -> None:
    answer = learner.post("/submit")
    assert answer.status_code == 422
    for spec in learner.definition.all_parts():
        assert f"/work/parts/{spec.id}" in answer.text
    assert 'href="#own_work"' in answer.text
    assert 'href="#ai_use"' in answer.text
    assert learner.attempt().state == "draft"
    assert news() == []


def test_what_was_said_in_the_statement_stays_after_an_error(learner: Learner) -> None:
    page = learner.hand_in(ai_use="other", ai_note="to check my sums").text
    assert "to check my sums" in page
    assert 'value="other" checked' in page


def test_the_review_page_shows_all_as_the_assessor_will_see_it(ready: Learner) -> None:
    page = ready.get("/review").text
    assert "plan.pdf" in page
    assert "Submit for review" in page
    assert "things to do before you hand it in" not in page


def test_collecting_is_done_on_the_review_page_only_when_nothing_is_missing(ready: Learner) -> None:
    collected = 'class="is-done"'
    assert ready.get("/review").text.count(collected) == 2
    ready.save("site", text="short now")
    assert ready.get("/review").text.count(collected) == 1
    assert ready.post("/submit").text.count(collected) == 1


def test_handing_in_freezes_promises_and_puts_news_in_the_same_commit(ready: Learner) -> None:
    answer = ready.hand_in(ai_use="wording")
    assert answer.status_code == 303
    attempt = ready.attempt()
    assert attempt.state == "submitted"
    assert attempt.enrolment.state == "submitted"
    assert attempt.receipt
    assert len(attempt.receipt) == 9
    assert attempt.submitted_at
    assert attempt.due_at
    assert (attempt.due_at - attempt.submitted_at).days >= 8
    assert attempt.attestation == {
        "own_work": True, "ai_use": "wording", "ai_note": "", "content_sha256": fingerprint(attempt),
    }  # fmt: skip
    assert news() == [{"attempt_id": attempt.id}]


def test_the_fingerprint_changes_with_anything_that_was_handed_in(ready: Learner) -> None:
    ready.hand_in()
    attempt = ready.attempt()
    before = fingerprint(attempt)
    attempt.parts[0].text += "."
    assert fingerprint(attempt) != before


def test_the_receipt_page_says_when_the_decision_comes(ready: Learner) -> None:
    ready.hand_in()
    page = ready.get().text
    assert ready.attempt().receipt in page
    assert "Decision by" in page
    assert "without your name, school or course" in page


def test_pressing_submit_twice_hands_in_once(ready: Learner) -> None:
    ready.hand_in()
    again = ready.hand_in()
    assert again.status_code == 303
    assert again.location.endswith("/waiting")
    assert len(news()) == 1


def test_what_is_handed_in_cannot_be_changed(ready: Learner) -> None:
    ready.hand_in()
    artefact = ready.part("A1").artefacts[0]
    refused = [
        ready.save("site", text="another text"),
        ready.upload("A1"),
        ready.post(f"/parts/A1/artefacts/{artefact.id}/remove"),
        ready.post("/parts/A1/pieces", {"name": "a.pdf", "size": "5"}, json=True),
        ready.post("/review", {"own_work": "1"}, json=True),
    ]
    assert [answer.status_code for answer in refused] == [403] * 5
    assert "what is handed in stays as it is" in refused[1].text
    assert f'href="{ready.base}">Go to your overview</a>' in refused[1].text
    assert ready.part("site").text != "another text"
    assert len(ready.part("A1").artefacts) == 1


def test_a_text_saved_in_another_tab_just_before_is_checked_and_handed_in(ready: Learner) -> None:
    ready.get("/review")
    ready.save("site", text="short now")
    assert ready.hand_in().status_code == 422
    assert "Write at least 75 words; 2 are there" in ready.get("/review").text


def test_the_statement_is_kept_while_it_is_written(ready: Learner) -> None:
    answer = ready.post("/review", {"own_work": "1", "ai_use": "ideas", "ai_note": "names of tools"}, json=True)
    assert answer.status_code == 200
    page = ready.get("/review").text
    assert 'value="ideas" checked' in page
    assert "names of tools" in page


def test_the_learners_own_name_is_pointed_out_but_blocks_nothing(app: Flask) -> None:
    learner = make_learner(app, given_name="Nadia", family_name="Okafor").start().fill()
    learner.upload("A1", name="okafor-plan.pdf")
    learner.save("site", text="I am Nadia. " + "word " * 80)
    page = learner.get("/review").text
    assert "Your name appears in your work" in page
    assert "“okafor”" not in page  # assessors never see the names of files
    assert "“Nadia” in the text" in page
    assert learner.hand_in().status_code == 303


def test_a_decision_of_not_yet_puts_the_person_first_then_what_is_not_met_then_what_is_next(
    app: Flask, ready: Learner
) -> None:
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    page = ready.get().text
    assert "Nadia, thank you for this work. You have met 4 of 5 criteria." in page
    assert page.index("Not yet: 1 criterion") < page.index("Revise what is not met yet") < page.index("4 met")
    assert page.index("Reached: Developing") < page.index("Wanted: Demonstrated")
    folded = page[page.index('<details class="fold">') :]
    assert folded.count('<details class="criterion is-met">') == 4
    assert "Say more about C4." in page
    assert ready.definition.rubric.criteria[3].descriptors["demonstrated"] in page
    assert "Tries used: 1 of 3." in page


def test_revising_opens_only_the_parts_of_unmet_criteria_and_keeps_everything_else(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    first = ready.attempt()
    decide(app, ready, "not_yet", "C4")
    assert ready.post("/revise").status_code == 303
    draft = ready.attempt()
    assert (draft.number, draft.state) == (2, "draft")
    assert set(draft.locked) == {"C1", "C2", "C3", "C5"}
    assert draft.locked["C1"] == {"level": "demonstrated", "comment": "Well shown."}
    assert ready.save("site", text="changed").status_code == 403
    assert ready.get("/parts/A1").status_code == 403
    assert ready.save("A3", text="clearer now", others="no", alternative="0").status_code == 200
    assert ready.part("site").text.startswith("word")
    db.session.refresh(first)
    assert next(part for part in first.parts if part.part_id == "A3").text == ""


def test_the_page_of_a_part_shows_old_work_and_feedback_beside_the_new(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    ready.post("/revise")
    page = ready.get("/parts/A3").text
    assert "What you handed in last time" in page
    assert "Say more about C4." in page
    assert "What I changed" in ready.get("/review").text


def test_removing_a_file_from_a_revision_leaves_the_earlier_attempt_as_it_was(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    first = ready.attempt()
    decide(app, ready, "not_yet", "C4")
    ready.post("/revise")
    artefact = ready.part("A3").artefacts[0]
    assert ready.post(f"/parts/A3/artefacts/{artefact.id}/remove").status_code == 303
    db.session.refresh(first)
    assert fingerprint(first) == (first.attestation or {})["content_sha256"]
    assert "plan.pdf" in ready.get("/attempts/1").text


def test_a_revision_is_handed_in_with_what_was_changed(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    ready.post("/revise")
    assert ready.hand_in(what_changed="I asked them to show it.").status_code == 303
    assert ready.attempt().what_changed == "I asked them to show it."
    assert len(news()) == 2
    assert "I asked them to show it." in ready.get("/attempts/2").text


def test_pressing_revise_twice_opens_one_draft(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    ready.post("/revise")
    ready.post("/revise")
    assert len(db.session.scalars(select(Attempt)).all()) == 2


def test_there_is_nothing_to_revise_before_a_decision_or_after_the_badge(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    assert ready.post("/revise").status_code == 403
    decide(app, ready, "earned")
    assert ready.post("/revise").status_code == 403


def test_an_earned_decision_shows_the_feedback(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "earned")
    page = ready.get().text
    assert "<h1>You earned it, Nadia</h1>" in page
    assert page.count("Well shown.") == 5


def test_returned_as_incomplete_is_no_try_and_opens_everything_again(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "returned", message="The second picture cannot be opened.")
    page = ready.get().text
    assert "The second picture cannot be opened." in page
    assert "This does not count as a try." in page
    ready.post("/revise")
    assert ready.attempt().locked == {}
    assert ready.get("/parts/site").status_code == 200
    ready.upload("A1", PDF + b"\n", "second.pdf")
    ready.hand_in()
    decide(app, ready, "not_yet", "C1")
    assert "Tries used: 1 of 3." in ready.get().text


def test_after_the_tries_before_coaching_a_talk_is_asked_for(app: Flask, ready: Learner) -> None:
    for _i in range(3):
        ready.hand_in()
        decide(app, ready, "not_yet", "C4")
        if _i < 2:
            ready.post("/revise")
            ready.save("A3", text=f"try {_i}", others="no", alternative="0")
    assert "talk with your teacher" in ready.get().text
    assert ready.post("/revise").status_code == 303


def test_where_tries_are_limited_the_last_one_is_the_last(app: Flask, ready: Learner) -> None:
    version = ready.attempt().enrolment.version
    document = {**version.document, "assessment": {**version.document["assessment"]}}
    document["assessment"]["attempts"] = {"before_coaching": 1, "coaching_then_continue": False}
    version.document, version.sha256 = document, Definition.model_validate(document).sha256()
    db.session.commit()
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    assert "are used up" in ready.get().text
    assert ready.post("/revise").status_code == 403


def test_until_the_decision_can_be_read_the_waiting_page_stays(ready: Learner) -> None:
    ready.hand_in()
    ready.attempt().state = "decided"
    db.session.commit()
    assert "There is nothing to do until then" in ready.get().text


@pytest.mark.parametrize("path", ["/attempts/9", "/attempts/0"])
def test_an_attempt_that_does_not_exist_is_a_kind_404(ready: Learner, path: str) -> None:
    assert ready.get(path).status_code == 404


def test_a_draft_is_not_shown_as_handed_in(ready: Learner) -> None:
    assert ready.get("/attempts/1").status_code == 404


def test_what_may_help_is_linked_where_there_is_an_address(app: Flask, ready: Learner) -> None:
    ready.hand_in()
    decide(app, ready, "not_yet", "C4")
    with app.app_context():
        version = db.session.get_one(Version, ready.attempt().enrolment.version_id)
        resources = [
            {"title": "A worked example", "url": "https://example.org/worked"},
            {"title": "A film, at https://example.org/film"},
            {"title": "A form on paper"},
        ]
        research = {**version.document["research_and_resources"], "resources": resources}
        version.document = {**version.document, "research_and_resources": research}
        version.sha256 = "0" * 64
        db.session.commit()
    page = ready.get().text
    assert re.search(r'<a href="https://example.org/worked"[^>]*>A worked example', page)
    assert re.search(r'<a href="https://example.org/film"[^>]*>https://example.org/film</a>', page)
    assert "A form on paper" in page
    assert "Ask your teacher for what has no link here." in page
