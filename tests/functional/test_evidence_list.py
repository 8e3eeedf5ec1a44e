"""The list of parts says how far the work is, at a glance and without saying a thing twice."""

import re
from datetime import timedelta

from flask import Flask

from lti_mcred.engine.db import db
from tests.evidence_helpers import Learner, decide


def test_the_list_says_how_many_parts_are_ready(app: Flask, learner: Learner) -> None:
    assert "0 of 8 ready" in learner.get("/checklist").text
    learner.save("site", text="word " * 80)
    learner.save("why", text="too short")
    assert "1 of 8 ready" in learner.get("/checklist").text
    learner.fill()
    assert "8 of 8 ready" in learner.get("/checklist").text
    learner.hand_in()
    decide(app, learner, "not_yet", "C4")
    learner.post("/revise")
    assert "1 of 1 ready" in learner.get("/checklist").text  # parts that are met are not asked for again


def test_what_was_saved_today_shows_its_time_alone(learner: Learner) -> None:
    learner.save("site", text="word " * 80)
    assert re.search(r"80 words · saved \d{1,2}:\d{2}\s[AP]M\s*<", learner.get("/checklist").text)
    part = learner.part("site")
    part.updated_at -= timedelta(days=40)
    db.session.commit()
    assert re.search(r"80 words · saved \d{1,2} \w+ \d{4}, \d{1,2}:\d{2}", learner.get("/checklist").text)


def test_the_page_of_a_part_says_the_day_too_when_it_was_not_today(learner: Learner) -> None:
    learner.save("site", text="word " * 80)
    assert re.search(r">Draft saved \d{1,2}:\d{2}\s[AP]M<", learner.get("/parts/site").text)
    learner.part("site").updated_at -= timedelta(days=40)
    db.session.commit()
    assert re.search(r">Draft saved \d{1,2} \w+ \d{4}, \d{1,2}:\d{2}", learner.get("/parts/site").text)


def test_each_row_has_one_picture(learner: Learner) -> None:
    rows = re.findall(r'class="check-row check-row--part.*?</a>', learner.get("/checklist").text, re.DOTALL)
    assert [row.count("<svg") for row in rows] == [1] * 8


def test_the_badge_stands_beside_the_name_and_the_step_is_named_with_its_number(learner: Learner) -> None:
    page = learner.get("/checklist").text
    source = re.search(r'<img class="goal__badge" src="([^"]+)" width="56" height="56" alt="">', page)
    assert source
    assert learner.client.get(source.group(1)).mimetype == "image/svg+xml"
    assert "· 2 of 5" in page


def test_the_page_of_a_part_leads_with_the_button_and_folds_the_rest(learner: Learner) -> None:
    page = learner.get("/parts/A1").text
    assert page.index('type="file"') < page.index('id="file-hint"') < page.index('<details class="drop__more"')
    assert re.findall(r'name="go" value="(\w+)"', page) == ["next", "list"]
