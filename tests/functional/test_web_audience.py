"""Every address has a declared audience, and every address of a visit refuses who cannot prove the visit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask, url_for
from sqlalchemy import select
from werkzeug.routing import Rule

from lti_mcred.engine.db import db
from lti_mcred.landings import open_activity, open_review
from lti_mcred.people.models import Person
from lti_mcred.tool.known.models import Deployment, ResourceLink
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import bearer_of
from tests import factories as make
from tests.evidence_helpers import make_learner

TEACHES = {"teacher", "assistant", "admin"}
PICKS = TEACHES | {"designer"}
ANY = {"learner", "teacher", "assistant", "admin", "designer", "observer", "assessor", "lead"}
# Blueprint or endpoint -> who may open it; an endpoint of its own wins. "public" needs no visit, "operator" needs a
# session of the operator; "LMS administrator" is no role in a course but a fact of the launch.
OUTSIDE = ("public", "operator")
AUDIENCE: dict[str, set[str] | str] = {
    "static": "public",
    "styleguide": "public",
    "health": "public",
    "home": "public",
    "tool": "public",
    "tool_registration": "public",
    "admin_door": "public",  # a one-time link
    "admin_door.sign_out": "operator",
    "admin": "operator",
    "issuer_admin": "operator",
    "visit_admin": {"LMS administrator"},
    "badges": "public",
    "badge_check": "public",
    "badges.mine": ANY,  # her own only
    "badges.share": ANY,
    "record": ANY,
    "evidence_files": "public",  # a signed address of one file for one visit
    "evidence": {"learner"},
    "evidence.home": ANY,
    "evidence.about": ANY,
    "evidence_uploads": {"learner"},
    "grading": {"assessor"},
    "course": TEACHES,
    "roster": TEACHES,
    "column": TEACHES,
    "teaching": {"an assessor whom the LMS calls a teacher"},
    "asking": {"teacher", "assistant"},
    "catalog": PICKS,
    "catalog.no_picker": ANY,  # what a learner who came to choose is told
    "catalog.cancel_picking": ANY,  # goes back to the LMS with nothing
    "copies": PICKS,
    "copies.home": ANY,  # who may not decide is told who can
    "notices": "public",
    "catalog.preview": PICKS | {"assessor"},
}


def _audience(rule: Rule) -> set[str] | str | None:
    return AUDIENCE.get(rule.endpoint, AUDIENCE.get(rule.endpoint.partition(".")[0]))


def _requests(app: Flask, visit_id: str) -> Iterator[tuple[Rule, str, str]]:
    for rule in app.url_map.iter_rules():
        if "visit_id" in rule.arguments:
            path = re.sub(r"<(?:(int):)?[a-z_]+>", "1", rule.rule.replace("<visit_id>", visit_id))
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, path


@pytest.fixture
def world(app: Flask) -> tuple[object, object]:
    """A course with an open activity."""
    course = make.course()
    link = make.resource_link(course, make.activity(make.version(), course))
    db.session.commit()
    return course, link


def test_every_address_says_whom_it_is_for(app: Flask) -> None:
    undeclared = [rule.endpoint for rule in app.url_map.iter_rules() if _audience(rule) is None]
    assert undeclared == []


def test_public_addresses_are_outside_visits_and_all_others_inside(app: Flask) -> None:
    misplaced = [
        rule.rule for rule in app.url_map.iter_rules()
        if (_audience(rule) in OUTSIDE) == ("visit_id" in rule.arguments)
    ]  # fmt: skip
    assert misplaced == []


@pytest.mark.parametrize("proof", ["nothing", "wrong bearer", "bearer of another visit", "cookie of another browser"])
def test_no_address_of_a_visit_answers_without_its_proof(app: Flask, client, world, proof) -> None:
    course, link = world
    visit = make.visit(make.person(course), course, "learner", "teacher", link=link, granted=("assessor",))
    other = make.visit(make.person(course), course, "learner", link=link)
    db.session.commit()
    headers = {"Accept": "application/json"}
    given = {"wrong bearer": "A" * 43, "bearer of another visit": bearer_of(other)}.get(proof)
    headers |= {"Authorization": f"Visit {given}"} if given else {}
    if proof == "cookie of another browser":
        client.set_cookie("lti_mcred", "somebody-elses-browser")
    answered = [
        (method, path, status)
        for _rule, method, path in _requests(app, visit.id)
        if (status := client.open(path, method=method, headers=headers).status_code) != 401
    ]
    assert answered == []


@pytest.mark.parametrize("cookie", [None, "guessed", "A" * 43])
def test_no_address_of_the_operator_answers_without_a_session(app: Flask, client, cookie) -> None:
    if cookie:
        client.set_cookie("lti_mcred_admin", cookie)
    rules = [rule for rule in app.url_map.iter_rules() if _audience(rule) == "operator"]
    answered = [
        (method, rule.rule, status)
        for rule in rules
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if (status := client.open(re.sub(r"<[a-z_]+>", "1", rule.rule), method=method).status_code) != 401
    ]
    assert len(rules) > 15
    assert answered == []


@pytest.mark.parametrize("role", sorted(ANY))
def test_each_role_is_refused_everywhere_but_in_its_own_pages(app: Flask, client, world, role) -> None:
    course, link = world
    granted = (role,) if role in ("assessor", "lead") else ()
    visit = make.visit(make.person(course), course, *(() if granted else (role,)), link=link, granted=granted)
    visit.roles = [] if granted else [role]
    db.session.commit()
    headers = make.auth(visit)
    wrong = []
    for rule, method, path in _requests(app, visit.id):
        audience = _audience(rule)
        assert isinstance(audience, set)
        status = client.open(path, method=method, headers=headers).status_code
        if status >= 500 or (role not in audience and status != 403):
            wrong.append((role, method, path, status))
    assert wrong == []


def test_an_assessor_who_assists_in_the_course_sees_no_page_with_names(app: Flask, client, world) -> None:
    course, link = world
    visit = make.visit(make.person(course), course, "assistant", link=link, granted=("assessor",))
    db.session.commit()
    pages = [
        (method, path)
        for rule, method, path in _requests(app, visit.id)
        if rule.endpoint.startswith(("course.", "roster."))
    ]
    assert len(pages) >= 7
    for method, path in pages:
        answer = client.open(path, method=method, headers=make.auth(visit))
        assert (path, answer.status_code) == (path, 403)
        assert "you assess without them" in answer.text


@pytest.mark.parametrize(
    ("role", "teaches", "page"),
    [
        ("assistant", False, "grading.desk"),
        ("teacher", False, "grading.desk"),
        ("admin", False, "grading.desk"),
        ("teacher", True, "course.overview"),
        ("admin", True, "course.overview"),
    ],
)
def test_an_activity_opens_the_desk_for_an_assessor_who_has_not_said_that_she_teaches(
    app: Flask, world, role, teaches, page
) -> None:
    course, link = world
    visit = make.visit(make.person(course), course, role, link=link, granted=("assessor",))
    visit.powers = replace(visit.powers, teaches=teaches)
    launch = SimpleNamespace(query={}, for_user_id=None, sub=db.session.get_one(Person, visit.person_id).sub)
    with app.test_request_context():
        wanted = url_for(page, visit_id=visit.id)
        assert open_activity(visit, launch) == wanted
        assert open_review(visit, launch) == wanted


def test_an_administrator_who_acts_as_a_learner_hands_nothing_in_and_shows_no_name(app: Flask) -> None:
    learner = make_learner(app).start().fill()
    learner.visit.launch = {**learner.visit.launch, "masquerading": True}
    db.session.commit()
    answer = learner.hand_in()
    assert answer.status_code == 403
    assert "Only the person herself can do this" in answer.text
    assert learner.attempt().state == "draft"
    share = learner.client.post(f"/v/{learner.visit.id}/badges/x/share", headers=learner.headers)
    assert "Only the person herself" in share.text


@pytest.mark.parametrize("path", ["submit", "incomplete"])
def test_an_administrator_who_acts_as_an_assessor_decides_nothing(client, world, path) -> None:
    course, link = world
    launch = {"masquerading": True}
    visit = make.visit(make.person(course), course, link=link, granted=("assessor",), launch=launch)
    db.session.commit()
    answer = client.post(f"/v/{visit.id}/assess/x/{path}", headers=make.auth(visit))
    assert "Only the person herself" in answer.text


def _strangers() -> dict[str, Visit]:
    """Everybody who has nothing to do with the work: in the course, beside it, and on another installation."""
    here = db.session.scalars(select(ResourceLink)).one()
    near, far = make.course(db.session.get_one(Deployment, here.course.deployment_id)), make.course()
    link = {"near": make.resource_link(near, None), "far": make.resource_link(far, None)}
    people = {
        "learner of the course": (here.course, here, "learner", ()),
        "observer of the course": (here.course, here, "observer", ()),
        "teacher of another course": (near, link["near"], "teacher", ()),
        "administrator elsewhere": (far, link["far"], "admin", ()),
        "assessor elsewhere": (far, link["far"], "learner", ("assessor",)),
        "another assessor": (here.course, here, "learner", ("assessor",)),
    }
    found = {
        name: make.visit(make.person(course), course, role, link=at, granted=granted)
        for name, (course, at, role, granted) in people.items()
    }
    db.session.commit()
    return found


def test_nobody_reaches_the_work_of_a_person_they_have_nothing_to_do_with(app: Flask, client) -> None:
    learner = make_learner(app).start().fill()
    assert learner.hand_in().status_code == 303
    attempt = learner.attempt()
    assessor = make.person(learner.link.course)
    desk = make.visit(assessor, learner.link.course, link=learner.link, granted=("assessor",))
    db.session.commit()
    taken = client.post(f"/v/{desk.id}/assess/take", headers=make.auth(desk))
    scoring = taken.headers["Location"].removeprefix(f"/v/{desk.id}")
    assert client.get(f"/v/{desk.id}{scoring}", headers=make.auth(desk)).status_code == 200
    paths = [scoring, *(scoring + end for end in ("/finish", "/done", "/release", "/incomplete"))]
    paths += [f"/attempts/{attempt.id}/decision", f"/course/feedback/{attempt.id}"]
    posts = [scoring, *(scoring + end for end in ("/draft", "/submit", "/release", "/incomplete"))]
    reached = []
    for name, visit in _strangers().items():
        headers = make.auth(visit)
        answers = [(path, client.get(f"/v/{visit.id}{path}", headers=headers)) for path in paths]
        answers += [(path, client.post(f"/v/{visit.id}{path}", headers=headers)) for path in posts]
        reached += [(name, path, a.status_code) for path, a in answers if a.status_code not in (403, 404)]
        shown = client.get(f"/v/{visit.id}/assess", headers=headers).text
        if attempt.receipt in shown:
            reached.append((name, "/assess", 200))
    assert reached == []
