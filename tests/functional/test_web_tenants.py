"""Schools with the same user ids, course ids and link ids never meet: on no page, by no id, in no list, in no queue."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.badges.models import Award
from lti_mcred.engine.db import db
from lti_mcred.evidence.models import Attempt
from lti_mcred.grading.models import Assessment, Decision, LedgerEntry
from lti_mcred.people.models import Person
from lti_mcred.tool.known.powers import find_visit
from lti_mcred.tool.protocol.claims import DEEP_LINKING
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.grading_helpers import Browser, taken
from tests.schools import ROLES, SCHOOLS, School, three_schools


@pytest.fixture
def schools(app: Flask, client: FlaskClient) -> list[School]:
    """Three schools, each with its own words in everything."""
    return three_schools(app, client)


def _addresses(app: Flask, method: str, ids: dict[str, list[str]]) -> Iterator[str]:
    """Every address inside a visit, with each of these ids in each place where one may stand."""
    for rule in app.url_map.iter_rules():
        if "visit_id" not in rule.arguments or method not in (rule.methods or ()):
            continue
        name = next((one for one in ids if one in rule.arguments), "")
        pattern = re.sub(r"<(?:int:)?(?!visit_id)\w+>", "{}", rule.rule).removeprefix("/v/<visit_id>")
        for value in ids[name] if name else ["1"]:
            yield pattern.format(*[value] * pattern.count("{}"))


def _strangers(school: School, answer: Any) -> list[str]:
    return [name for name in SCHOOLS if name != school.name and name in answer.text]


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_one_school_shows_anything_of_another(app: Flask, client, schools: list[School], role: str) -> None:
    for school in schools:
        if role == "assessor":  # work that lies on her desk, since she reads without names
            school.ids["assessment_id"].append(taken(Browser(client, school.visit(role, menu=True))).id)
    for school in schools[1:]:  # the second shares the client ID with the first, the third only the issuer
        others = [one for one in schools if one is not school]
        met, own = [], []
        for visit in (school.visit(role), school.visit(role, menu=True)):
            browser = Browser(client, visit)
            for whose in (school, *others):
                queries = ["", *(f"?link={link}&after={after}&before={ledger}" for link, after, ledger in zip(
                    whose.ids["link"], whose.ids["after"], whose.ids["ledger_id"], strict=False
                ))]  # fmt: skip
                for path in _addresses(app, "GET", whose.ids):
                    for query in queries if path in ("/course", "/course/scores", "/mine", "/assess") else [""]:
                        answer = browser.get(path + query, follow_redirects=True)
                        assert answer.status_code < 500, (path, answer.text)
                        met += [(role, school.name, path + query, name) for name in _strangers(school, answer)]
                        own += [path] if whose is school and school.name in answer.text else []
        assert met == []
        assert own, "the pages of her own school do show it"


@pytest.mark.parametrize("named", [True, False], ids=["its name came along", "it did not"])
def test_the_way_back_to_the_lms_names_no_other_school(app: Flask, client, schools: list[School], named: bool) -> None:
    """A registration that serves several has the name of the first one, or the operator's note."""
    for school in schools:
        settings = {
            "deep_link_return_url": "https://lms.example.edu/back", "accept_types": ["ltiResourceLink"],
            "accept_presentation_document_targets": ["iframe"],
        }  # fmt: skip
        changes: dict[str, Any] = {"message_type": "LtiDeepLinkingRequest", DEEP_LINKING: settings}
        changes |= {"resource_link": None} | ({} if named else {"tool_platform": None})
        page = Browser(client, school.visit("teacher", **changes)).post("/picker/cancel")

        assert page.status_code == 200, page.text
        assert _strangers(school, page) == []
        assert (f"Go back to {school.name} College" if named else "Go back to your LMS") in page.text


@pytest.mark.parametrize("named", [True, False], ids=["its name came along", "it did not"])
def test_the_administrator_of_one_school_reads_no_name_of_another(client, schools: list[School], named: bool) -> None:
    for school in schools:
        changes = {} if named else {"tool_platform": None}
        browser = Browser(client, school.visit("administrator", menu=True, **changes))
        page = browser.get("/admin/")

        assert page.status_code == 200
        assert _strangers(school, page) == []
        assert (f"<h1>{school.name} College</h1>" if named else "<h1>Your LMS</h1>") in page.text


@pytest.mark.parametrize("role", ROLES)
def test_nothing_of_one_school_is_changed_from_another(app: Flask, client, schools: list[School], role: str) -> None:
    def state() -> list[Any]:
        db.session.expire_all()
        return [
            list(db.session.execute(select(*columns).order_by(columns[0])))
            for columns in (
                (Attempt.id, Attempt.state), (Assessment.id, Assessment.state, Assessment.revision),
                (Award.id, Award.revoked_at), (LedgerEntry.id, LedgerEntry.state, LedgerEntry.asked_by),
                (Decision.id, Decision.outcome),
            )
        ]  # fmt: skip

    for school in schools[1:]:
        browser = Browser(client, school.visit(role))
        foreign = {"attempt_id", "assessment_id", "award_id", "ledger_id"}
        for other in schools:
            ids = {name: values for name, values in other.ids.items() if name in foreign}
            before = state()
            if other is school:
                continue
            for path in _addresses(app, "POST", ids):
                if not any(value in path for values in ids.values() for value in values):
                    continue
                answer = browser.post(path, {"revision": "0", "reason": "x", "share": "1"}, follow_redirects=True)
                assert answer.status_code < 500
                assert _strangers(school, answer) == [], path
            assert state() == before


def test_an_assessor_takes_work_of_her_own_school_alone(client, schools: list[School]) -> None:
    for school in schools:
        browser = Browser(client, school.visit("assessor", menu=True))
        assessment = taken(browser)
        assert assessment.attempt_id in school.ids["attempt_id"]
        assert browser.post("/assess/take").location == f"/v/{browser.visit_id}/assess"


def test_a_role_of_ours_counts_in_one_school_alone(schools: list[School]) -> None:
    first, second, third = schools
    db.session.add(make.Grant(person_id=first.world.teacher.id, role="assessor"))
    db.session.commit()

    granted = [find_visit(school.visit("teacher").id).granted for school in (first, second, third)]
    assert granted == [("assessor",), (), ()]


def test_the_same_id_is_another_person_and_another_course_in_each_school(schools: list[School]) -> None:
    visits = [school.visit("learner") for school in schools]

    for name in ("person_id", "course_id", "resource_link_id", "activity_id", "deployment_id"):
        assert len({getattr(visit, name) for visit in visits}) == len(schools), name


def test_an_activity_that_is_named_by_a_link_of_another_school_opens_nothing(client, schools: list[School]) -> None:
    """It is taken for a copied link, and the page says nothing of what it would open elsewhere."""
    first, second, _third = schools

    answer = second.lms.launch(
        context={"id": "2"}, resource_link={"id": "99"}, custom={"activity": first.world.activity.id}
    )

    assert answer.location.endswith("/copied")
    visit = db.session.get_one(Visit, answer.location.split("/")[2])
    assert visit.activity_id is None
    page = client.get(answer.location, headers=make.auth(visit))
    assert page.status_code == 200
    assert first.world.activity.version.title not in page.text


def test_the_key_of_one_visit_opens_no_page_of_another_school(client, schools: list[School]) -> None:
    first, second, third = (school.visit("teacher") for school in schools)

    for one, other in ((first, second), (second, third), (third, first)):
        answer = client.get(f"/v/{one.id}/course", headers={**make.auth(other), "Accept": "text/html"})
        assert answer.status_code == 401


def test_a_name_that_comes_with_a_launch_changes_nobody_elsewhere(schools: list[School]) -> None:
    first, *others = schools
    first.lms.launch(sub="5", name="Somebody New", given_name="New", family_name="Name")

    names = {one.name: db.session.get_one(Person, one.world.learner.id).name for one in others}
    assert names == {one.name: f"learner {one.name}" for one in others}
