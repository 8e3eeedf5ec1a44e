"""Who may see what: a learner her own work, staff the description, nobody anybody else's."""

import pytest
from flask import Flask

from lti_mcred.engine.db import db
from lti_mcred.evidence.show import part_views
from tests import factories
from tests.evidence_helpers import Learner, make_learner

PAGES = [
    "/checklist", "/outline.txt", "/parts/site", "/review", "/waiting", "/decision", "/attempts/1",
]  # fmt: skip
POSTS = [
    "/start",
    "/parts/site",
    "/parts/A1/files",
    "/parts/A1/pieces",
    "/parts/A1/links",
    "/review",
    "/submit",
    "/revise",
]


@pytest.mark.parametrize("role", ["teacher", "assistant", "observer", "admin"])
def test_staff_see_the_description_and_cannot_start(app: Flask, role: str) -> None:
    staff = make_learner(app, role)
    page = staff.get().text
    assert "You are looking at it as staff" in page
    assert "Start this micro-credential" not in page
    assert staff.post("/start").status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_the_work_are_for_learners(app: Flask, path: str) -> None:
    assert make_learner(app, "teacher").get(path).status_code == 403


@pytest.mark.parametrize("path", POSTS)
def test_a_form_without_the_bearer_changes_nothing(learner: Learner, path: str) -> None:
    answer = learner.client.post(learner.base + path, data={"text": "forged", "revision": "0"})
    assert answer.status_code == 401
    assert learner.part("site").text == ""


def test_the_bearer_of_one_visit_opens_no_other(app: Flask, learner: Learner) -> None:
    other = make_learner(app).start()
    assert other.client.get(other.base + "/checklist", headers=learner.headers).status_code == 401


def test_two_learners_of_one_link_do_not_meet(app: Flask, learner: Learner) -> None:
    learner.save("site", text="only mine")
    course = learner.link.course
    visit = factories.visit(factories.person(course), course, link=learner.link)
    db.session.commit()
    other = Learner(
        app.test_client(), visit, db.session.get(factories.Person, visit.person_id), learner.link, learner.definition
    )
    other.start()
    assert "only mine" not in other.get("/parts/site").text
    assert "only mine" not in other.get("/review").text


@pytest.mark.parametrize("path", PAGES[:1] + PAGES[3:6])
def test_before_starting_every_page_leads_to_the_description(app: Flask, path: str) -> None:
    page = make_learner(app).get(path)
    assert page.status_code == 200
    assert "Start this micro-credential" in page.text


def test_before_starting_a_part_says_that_there_is_nothing_to_change(app: Flask) -> None:
    answer = make_learner(app).post("/parts/site", {"text": "x"})
    assert answer.status_code == 403
    assert "nothing to change at the moment" in answer.text


def test_a_link_that_opens_nothing_says_who_can_help(app: Flask) -> None:
    course = factories.course()
    link = factories.resource_link(course)
    who = factories.person(course)
    visit = factories.visit(who, course, link=link)
    db.session.commit()
    answer = Learner(app.test_client(), visit, who, link, factories.example()).get()
    assert answer.status_code == 404
    assert "Ask your teacher to open the link and choose a micro-credential." in answer.text
    assert "Who can help" in answer.text


def test_a_page_is_never_kept_by_the_browser(learner: Learner) -> None:
    assert learner.get("/checklist").headers["Cache-Control"] == "no-store"


def test_assessors_read_without_the_names_of_files(learner: Learner) -> None:
    learner.upload("A1", name="nadia-okafor-plan.pdf")
    views = part_views(learner.attempt(), learner.definition, learner.visit, blind=True)
    item = next(view for view in views if view.id == "A1").items[0]
    assert item.name == "A1-1.pdf"
    answer = learner.fetch(item.download)
    assert "okafor" not in answer.headers["Content-Disposition"]


def test_only_the_parts_that_are_asked_for_are_shown(learner: Learner) -> None:
    views = part_views(learner.attempt(), learner.definition, learner.visit, only=("A3", "site"))
    assert [view.id for view in views] == ["site", "A3"]


def test_a_visit_without_cookie_or_bearer_gets_the_shell_that_asks_again(learner: Learner) -> None:
    page = learner.client.get(learner.base + "/checklist")
    assert page.status_code == 200
    assert "resume.js" in page.text
    assert "app.js" not in page.text
    assert f'data-visit="{learner.visit.id}"' in page.text
