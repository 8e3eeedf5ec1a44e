"""Starting, saving and going on: nothing typed is lost."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.outbox import OutboxRow
from lti_mcred.tool.known.models import Deployment
from tests import factories
from tests.evidence_helpers import JSON, Learner, make_learner


@pytest.fixture
def newcomer(app: Flask) -> Learner:
    """A learner who has opened the link and not started."""
    return make_learner(app)


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_first_page_says_what_is_asked_and_offers_to_start(newcomer: Learner) -> None:
    page = newcomer.get().text
    assert newcomer.definition.competency in page
    assert "Start this micro-credential" in page
    assert "They are shown a number, not your name" in page
    assert "7 business days" in page
    assert "Earned when all 5 criteria are at Demonstrated or above." in page
    assert page.count("<h1>") == 1


def test_opening_the_link_starts_nothing(newcomer: Learner) -> None:
    newcomer.get()
    assert count(Enrolment) == 0


def test_starting_twice_makes_one_enrolment_with_one_draft(newcomer: Learner) -> None:
    newcomer.start().start()
    assert (count(Enrolment), count(Attempt), count(Placement)) == (1, 1, 1)
    assert [part.part_id for part in newcomer.attempt().parts] == sorted(p.id for p in newcomer.definition.all_parts())


def test_after_starting_the_link_opens_the_checklist_with_every_part(newcomer: Learner) -> None:
    page = newcomer.start().get().text
    assert page.count("check-row__title") == len(newcomer.definition.all_parts())
    assert page.count(">Empty<") == len(newcomer.definition.all_parts())
    assert "days left" in page


def test_a_save_by_the_script_answers_with_the_time_and_the_next_revision(newcomer: Learner) -> None:
    newcomer.start()
    answer = newcomer.save("site", text="A hedge beside a road.")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 1
    assert answer.json["saved_at"].endswith("+00:00")
    assert newcomer.part("site").text == "A hedge beside a road."


def test_a_pressed_button_saves_too_and_goes_on_to_the_next_part(newcomer: Learner) -> None:
    newcomer.start()
    answer = newcomer.save("site", json=False, text="A hedge.", go="next", next_id="why")
    assert answer.status_code == 303
    assert answer.location.endswith("/work/parts/why")
    assert newcomer.part("site").text == "A hedge."


def test_a_next_part_that_does_not_exist_leads_to_the_list(newcomer: Learner) -> None:
    newcomer.start()
    answer = newcomer.save("site", json=False, text="A hedge.", go="next", next_id="//evil.example")
    assert answer.location.endswith("/work/checklist")


def test_an_older_tab_gets_both_texts_and_neither_is_lost(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("site", revision="0", text="from the first tab")
    answer = newcomer.save("site", revision="0", text="from the second tab")
    assert answer.status_code == 409
    theirs = {"text": "from the first tab", "alternative": "", "others": "", "others_note": ""}
    assert answer.json == {"revision": 1, "theirs": theirs, "whole": True}
    assert newcomer.part("site").text == "from the first tab"


def test_an_older_tab_without_scripts_gets_a_page_with_both_texts(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("site", revision="0", text="from the first tab")
    answer = newcomer.save("site", json=False, revision="0", text="from the second tab")
    assert answer.status_code == 409
    assert "from the first tab" in answer.text
    assert "from the second tab" in answer.text
    assert 'name="revision" autocomplete="off" value="1"' in answer.text
    assert "<span data-save-text>Not saved yet</span>" in answer.text


@pytest.mark.parametrize("sent_by", ["same-origin", "cross-site"])
def test_what_is_sent_after_the_visit_has_ended_is_handed_back_to_whoever_typed_it(
    newcomer: Learner, sent_by: str
) -> None:
    newcomer.start()
    newcomer.visit.ended_at = utcnow()
    db.session.commit()
    headers = {**newcomer.headers, "Sec-Fetch-Site": sent_by}
    text = "An hour's <b>work</b> of mine."
    page = newcomer.client.post(f"{newcomer.base}/parts/site", data={"text": text, "go": "list"}, headers=headers)
    assert page.status_code == 401
    assert ("\nAn hour&#39;s &lt;b&gt;work&lt;/b&gt; of mine.</textarea>" in page.text) == (sent_by == "same-origin")
    assert page.text.count("</textarea>") == (sent_by == "same-origin")


@pytest.mark.parametrize("text", ["生垣のそばの道路です。", "Fertig!ünü", "https://video.example.edu/lesson?part=2"])
def test_what_is_handed_back_needs_no_spaces(newcomer: Learner, text: str) -> None:
    newcomer.start()
    newcomer.visit.ended_at = utcnow()
    db.session.commit()
    headers = {**newcomer.headers, "Sec-Fetch-Site": "same-origin"}
    page = newcomer.client.post(
        f"{newcomer.base}/parts/site", data={"text": text, "revision": "7", "others": "no"}, headers=headers
    )
    assert f"\n{text}</textarea>" in page.text
    assert page.text.count("</textarea>") == 1


def test_an_older_tab_is_shown_the_choices_and_the_note_of_the_other(newcomer: Learner) -> None:
    newcomer.start()
    theirs = {"alternative": "0", "others": "consent", "others_note": "form 7, in the office"}
    newcomer.save("A3", revision="0", **theirs)
    answer = newcomer.save("A3", revision="0", others="no")
    assert answer.json == {"revision": 1, "theirs": {"text": "", **theirs}, "whole": True}
    page = newcomer.save("A3", json=False, revision="0", others="no").text
    for other in ("alternative-0", "others-consent"):
        assert re.search(rf'id="{other}"[^>]*>(?:(?!</div>).)*Chosen in the other tab', page, re.DOTALL)
    assert page.count(">Chosen in the other tab<") == 2
    assert re.search(r'id="others-note-other"[^>]*value="form 7, in the office"', page)


def test_after_a_conflict_saving_again_with_the_new_revision_works(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("site", revision="0", text="first")
    newcomer.save("site", revision="0", text="second")
    assert newcomer.save("site", revision="1", text="both").status_code == 200
    assert newcomer.part("site").text == "both"


def test_a_save_whose_answer_was_lost_can_be_repeated(newcomer: Learner) -> None:
    newcomer.start()
    for _i in range(2):
        answer = newcomer.save("site", revision="0", text="the same")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 1


def test_line_ends_of_browsers_are_no_difference(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("site", text="one\r\ntwo")
    assert newcomer.part("site").text == "one\ntwo"


def test_the_privacy_answer_and_its_note_are_kept_even_half_answered(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("A2", others_note="media form 2026")
    assert newcomer.part("A2").privacy == {"others": None, "note": "media form 2026"}
    newcomer.save("A2", others="consent", others_note="media form 2026")
    assert newcomer.part("A2").privacy == {"others": "consent", "note": "media form 2026"}
    assert 'value="consent" checked' in newcomer.get("/parts/A2").text


@pytest.mark.parametrize(
    "bad",
    [{"alternative": "7"}, {"alternative": "x"}, {"alternative": "-2"}, {"others": "perhaps"}],
)
def test_a_choice_that_is_not_offered_is_refused_and_what_was_typed_stays(
    newcomer: Learner, bad: dict[str, str]
) -> None:
    newcomer.start()
    answer = newcomer.save("A3", json=False, **{"text": "my long note", **bad})
    assert answer.status_code == 422
    assert "my long note" in answer.text
    assert "error-summary" in answer.text
    assert newcomer.part("A3").text == ""


def test_a_text_that_is_too_long_is_refused_kindly_and_kept_in_the_box(newcomer: Learner) -> None:
    newcomer.start()
    answer = newcomer.save("site", json=False, text="x" * 60_001)
    assert answer.status_code == 422
    assert "x" * 60_001 in answer.text
    as_script = newcomer.save("site", text="x" * 60_001)
    assert as_script.status_code == 422
    assert as_script.mimetype == "application/problem+json"


def test_markup_in_a_text_is_shown_as_text(newcomer: Learner) -> None:
    newcomer.start().save("site", text="</textarea><script>alert(1)</script>")
    for path in ("/parts/site", "/review"):
        assert "<script>alert" not in newcomer.get(path).text


def test_a_part_page_shows_prompt_criteria_counter_and_alternatives(newcomer: Learner) -> None:
    page = newcomer.start().get("/parts/A3").text
    assert "Each way counts the same" in page
    assert "Written briefing notes plus a statement by the supervisor" in page
    assert "Briefing that the crew understood" in page
    assert 'data-counter="text"' in newcomer.get("/parts/site").text


def test_an_unknown_part_is_a_kind_404(newcomer: Learner) -> None:
    newcomer.start()
    for answer in (newcomer.get("/parts/nope"), newcomer.post("/parts/nope", {"text": "x"})):
        assert answer.status_code == 404
        assert "There is no such part here" in answer.text


def test_the_checklist_says_what_each_part_still_needs(newcomer: Learner) -> None:
    newcomer.start()
    newcomer.save("site", text="too short")
    newcomer.save("why", text="word " * 60)
    newcomer.upload("A1")
    page = newcomer.get("/checklist").text
    assert "Write at least 75 words; 2 are there" in page
    assert ">Ready<" in page
    assert "Say whether other people are seen, heard or named" in page


def test_the_outline_holds_every_question_to_work_offline(newcomer: Learner) -> None:
    answer = newcomer.start().get("/outline.txt")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    for spec in newcomer.definition.submission.part_2_artifacts:
        assert spec.title in answer.text


def test_the_planned_time_is_advice_and_says_so_when_it_is_over(newcomer: Learner) -> None:
    newcomer.start()
    enrolment = newcomer.attempt().enrolment
    enrolment.started_at = enrolment.started_at.replace(year=enrolment.started_at.year - 1)
    db.session.commit()
    assert "you can still hand it in" in newcomer.get("/checklist").text


def test_the_same_person_in_another_course_goes_on_with_the_same_work(app: Flask, newcomer: Learner) -> None:
    newcomer.start().save("site", text="begun elsewhere")
    course = factories.course(_deployment(newcomer))
    activity = factories.activity(newcomer.attempt().enrolment.version, course)
    link = factories.resource_link(course, activity)
    visit = factories.visit(newcomer.person, course, link=link)
    db.session.commit()
    there = Learner(app.test_client(), visit, newcomer.person, link, newcomer.definition)
    assert "You have started this already" in there.get().text
    there.start()
    assert (count(Enrolment), count(Placement)) == (1, 2)
    assert "begun elsewhere" in there.get("/parts/site").text
    assert db.session.scalars(select(OutboxRow).filter_by(topic="placement.added")).all() == []


def test_a_newer_version_in_another_course_does_not_start_the_learner_anew(app: Flask, newcomer: Learner) -> None:
    newcomer.start()
    newer = newcomer.definition.model_copy(update={"version": "1.1.0"})
    course = factories.course(_deployment(newcomer))
    link = factories.resource_link(course, factories.activity(factories.version(newer), course))
    visit = factories.visit(newcomer.person, course, link=link)
    db.session.commit()
    there = Learner(app.test_client(), visit, newcomer.person, link, newer).start()
    assert count(Enrolment) == 1
    assert "Version 1.0.0" in there.get("/about").text


def test_a_text_too_large_to_be_read_at_all_is_called_a_text_and_what_is_typed_stays(newcomer: Learner) -> None:
    newcomer.start()
    said = newcomer.client.post(  # as the autosave script sends it
        f"{newcomer.base}/parts/site",
        data=b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n' + b"x" * 3_000_000 + b"\r\n--x--\r\n",
        headers={**newcomer.headers, **JSON},
        content_type="multipart/form-data; boundary=x",
    )
    assert said.status_code == 413
    assert said.json
    assert said.json["title"] == "That text is too long to save"
    assert said.json["detail"] == "What you typed is still in the box."
    assert "shorten it" in said.json["action"]
    assert newcomer.save("site", text="as before").status_code == 200


def test_the_counter_says_how_many_words_are_too_many(newcomer: Learner) -> None:
    newcomer.start().save("site", text="word " * 700)
    page = newcomer.get("/parts/site").text
    assert 'data-over="true"' in page
    assert "500 words over; at most 200" in page
    newcomer.save("site", text="word " * 200)
    page = newcomer.get("/parts/site").text
    assert 'data-over="false"' in page
    assert 'aria-live="polite">Aim for 75 to 200 words<' in page


def test_the_list_of_parts_counts_files_and_links_by_their_own_names(newcomer: Learner) -> None:
    newcomer.start().save("A3", alternative="0")
    newcomer.upload("A3")
    assert "1 file ·" in newcomer.get("/checklist").text
    newcomer.post("/parts/A3/links", {"url": "https://example.org/notes"})
    assert "1 file · 1 link ·" in newcomer.get("/checklist").text


def _deployment(learner: Learner) -> Deployment:
    deployment = db.session.get(Deployment, learner.visit.deployment_id)
    assert deployment
    return deployment


def test_a_save_that_follows_one_of_its_own_page_whose_answer_was_lost_is_no_conflict(newcomer: Learner) -> None:
    newcomer.start()
    first, second = "a" * 32, "b" * 32
    newcomer.save("site", revision="0", text="wor", save_id=first)
    answer = newcomer.save("site", revision="0", text="words", save_id=second, unheard=first)
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["revision"] == 2
    assert newcomer.part("site").text == "words"


def test_a_save_that_comes_late_does_not_replace_a_later_one_of_its_page(newcomer: Learner) -> None:
    newcomer.start()
    first, second = "a" * 32, "b" * 32
    newcomer.save("site", revision="0", text="words", save_id=second, unheard=first)
    assert newcomer.save("site", revision="0", text="wor", save_id=first).status_code == 409
    assert newcomer.part("site").text == "words"


@pytest.mark.parametrize("unheard", ["", "c" * 32, "a" * 31, "zz", " ".join(["d" * 32] * 30)])
def test_a_save_of_another_tab_stays_a_conflict(newcomer: Learner, unheard: str) -> None:
    newcomer.start()
    newcomer.save("site", revision="0", text="from the first tab", save_id="a" * 32)
    answer = newcomer.save("site", revision="0", text="from the second tab", save_id="b" * 32, unheard=unheard)
    assert answer.status_code == 409
    assert newcomer.part("site").text == "from the first tab"
