"""Roles of ours: given to somebody who was seen and is meant, taken away, asked for and answered."""

import json
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from lti_mcred.cli import main
from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Grant, Membership, Person, RoleRequest
from lti_mcred.tool.known import asking
from lti_mcred.tool.known.platforms import deployment_of
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.admin_helpers import admin_visit, sign_in


@pytest.fixture
def people(app: Flask) -> dict[str, Person]:
    """Two LMSs: in one a teacher and two people of one name, in the other somebody with the teacher's user id."""
    here, there = make.course(), make.course()
    found = {
        "teacher": make.person(here, sub="7", name="Núria Soler", email="Nuria.Soler@example.edu"),
        "first": make.person(here, sub="8", name="Kim Lee", email="kim@example.edu"),
        "second": make.person(here, sub="9", name="Kim Lee", email="kim.lee@example.edu"),
        "elsewhere": make.person(there, sub="7", name="Jo March", email="jo@example.edu"),
        "test user": make.person(here, sub="t", name="Test Student", is_test_user=True),
        "odd": make.person(here, sub="10", name="A\x1b[31mred\u202ename", email=None),
    }
    make.membership(found["teacher"], here, "teacher")
    db.session.commit()
    return found


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that runs one of the commands on this application."""
    monkeypatch.setattr("lti_mcred.cli.people.the_app", lambda: app)

    def invoke(*words: str) -> Result:
        db.session.commit()
        return CliRunner().invoke(main, ["people", *words])

    return invoke


def assessors() -> list[str]:
    db.session.rollback()
    granted = select(Person.email).join(Grant, Grant.person_id == Person.id).where(Grant.role == "assessor")
    return list(db.session.scalars(granted))


def test_the_list_says_who_was_seen_and_what_names_her(run, people: dict[str, Person]) -> None:
    make.grant(people["first"])
    rows = {row["sub"] + row["name"][:1]: row for row in json.loads(run("list", "--json").output)}
    assert set(rows) == {"7N", "8K", "9K", "7J", "10A"}, "a test user is nobody"
    teacher = rows["7N"]
    assert (teacher["name"], teacher["email"], teacher["roles"]) == ("Núria Soler", "Nuria.Soler@example.edu", [])
    assert teacher["last_seen"] is not None
    assert rows["8K"]["roles"] == ["assessor"]
    assert rows["8K"]["last_seen"] is None
    assert set(teacher) == {
        "platform", "platform_id", "deployment_id", "sub", "name", "email", "roles", "last_seen"
    }  # fmt: skip


def test_the_list_is_narrowed_by_lms_by_role_and_by_a_part_of_name_or_address(run, people: dict[str, Person]) -> None:
    make.grant(people["second"])
    there = deployment_of(people["elsewhere"]).platform_id
    assert run("list", "--platform", there).output.count("\n") == 1
    assert "kim.lee@" in run("list", "--role", "assessor").output
    assert run("list", "--role", "assessor").output.count("\n") == 1
    assert run("list", "--search", "KIM").output.count("\n") == 2
    assert run("list", "--search", "soler@").output.count("\n") == 1
    for part in ("Núria", "NÚRIA", "úria s"):
        assert "Núria Soler" in run("list", "--search", part).output
    assert run("list", "--search", "%").output.startswith("Nobody.")


def test_a_name_of_an_lms_moves_nothing_in_a_terminal(run, people: dict[str, Person]) -> None:
    shown = run("list", "--search", "red").output
    assert "A\ufffd[31mred\ufffdname" in shown
    assert "\x1b" not in run("grant", "--sub", "10").output


@pytest.mark.parametrize(
    "who",
    [
        ("--email", "nuria.soler@EXAMPLE.edu"),
        ("--name", "núria  SOLER"),
        ("--name", "Nu\u0301ria Soler"),
        ("--email", "Nuria.Soler@example.edu", "assessor"),
        ("--email", "Nuria.Soler@example.edu", "--role", "assessor"),
    ],
)
def test_a_role_is_given_to_who_is_meant_and_once(run, people: dict[str, Person], who: tuple[str, ...]) -> None:
    assert run("grant", *who).output == "Núria Soler has the role assessor now.\n"
    again = run("grant", *who)
    assert (again.exit_code, again.output) == (0, "Núria Soler already has the role assessor.\n")
    assert assessors() == ["Nuria.Soler@example.edu"]


@pytest.mark.parametrize(
    "who",
    [
        ("--sub", "nobody"),
        ("--email", "nobody@example.edu"),
        ("--name", "Nobody Atall"),
        ("--name", "Test Student"),
        ("--sub", "7", "--platform", "no-such-lms"),
        ("--sub", "8", "--deployment", "no-such-deployment"),
        (),
        ("--sub", "8", "--name", "Kim Lee"),
    ],
)
def test_nobody_and_two_ways_at_once_are_refused(run, people: dict[str, Person], who: tuple[str, ...]) -> None:
    before = db.session.scalar(select(func.count(Person.id)))
    for command in ("grant", "revoke"):
        refused = run(command, *who)
        assert (refused.exit_code, refused.output.startswith("Error: ")) == (1, True)
    assert db.session.scalar(select(func.count(Person.id))) == before
    assert assessors() == []


@pytest.mark.parametrize("who", [("--name", "Kim Lee"), ("--sub", "7")])
def test_who_may_be_meant_is_listed_with_what_names_her_alone(run, people: dict[str, Person], who) -> None:
    refused = run("grant", *who)
    assert refused.exit_code == 1
    assert "More than one person" in refused.output
    candidates = [line for line in refused.output.splitlines() if line.startswith("  ")]
    assert len(candidates) == 2
    assert all("--sub" in line and "--platform" in line for line in candidates)
    assert assessors() == []


def test_a_part_of_a_name_grants_nothing_and_shows_whose_it_is(run, people: dict[str, Person]) -> None:
    refused = run("grant", "--name", "soler")
    assert (refused.exit_code, "Núria Soler" in refused.output, assessors()) == (1, True, [])


def test_the_lms_tells_two_apart(run, people: dict[str, Person]) -> None:
    there = deployment_of(people["elsewhere"]).platform_id
    assert run("grant", "--sub", "7", "--platform", there).exit_code == 0
    assert assessors() == ["jo@example.edu"]


def test_a_role_is_taken_away_and_that_is_no_fault_twice(run, people: dict[str, Person]) -> None:
    make.grant(people["first"])
    make.grant(people["first"], "lead")
    assert run("revoke", "--email", "kim@example.edu").output == "Kim Lee does not have the role assessor any more.\n"
    again = run("revoke", "--email", "kim@example.edu", "assessor")
    assert (again.exit_code, "nothing was changed" in again.output) == (0, True)
    assert assessors() == []
    assert run("revoke", "--email", "kim@example.edu", "lead").exit_code == 0
    assert db.session.query(Grant).count() == 0


def test_an_older_role_that_ends_takes_nothing_of_the_assessor_with_it(run, people: dict[str, Person]) -> None:
    member = db.session.query(Membership).filter_by(person_id=people["teacher"].id).one()
    member.teaches_at = utcnow()
    make.grant(people["teacher"])
    make.grant(people["teacher"], "lead")
    assert "any more" in run("revoke", "--email", "nuria.soler@example.edu", "lead").output
    assert db.session.get_one(Membership, member.id, populate_existing=True).teaches_at is not None
    assert assessors() == ["Nuria.Soler@example.edu"]


def test_of_two_answers_the_first_stands(people: dict[str, Person]) -> None:
    asked = RoleRequest(person_id=people["first"].id, role="assessor")
    db.session.add(asked)
    db.session.commit()
    assert asked.state == "waiting", "as the second administrator's page has it"
    assert asking.answer(asked, approve=True)
    assert not asking.answer(asked, approve=False)
    assert db.session.get_one(RoleRequest, asked.id, populate_existing=True).state == "approved"
    assert assessors() == ["kim@example.edu"]


@pytest.mark.parametrize("role", ["lead", "author", "admin", "teacher", ""])
def test_a_role_that_does_nothing_is_not_offered(run, people: dict[str, Person], role: str) -> None:
    refused = run("grant", "--email", "kim@example.edu", "--role", role)
    assert refused.exit_code == 2
    assert db.session.query(Grant).count() == 0


def test_an_id_that_nobody_came_with_is_put_down_only_when_told_so(run, people: dict[str, Person]) -> None:
    lms = deployment_of(people["first"]).platform_id
    assert run("grant", "--sub", "lti11-id", "--platform", lms, "--unseen").exit_code == 0
    assert run("grant", "--sub", "lti11-id", "--platform", lms).output.startswith("lti11-id already")
    assert run("grant", "--sub", "x", "--unseen").exit_code == 1
    assert run("grant", "--name", "x", "--platform", lms, "--unseen").exit_code == 1


# Asking in a launch, and the answer of an administrator.


def staff(*roles: str, **given: Any) -> Visit:
    course = make.course()
    visit = make.visit(make.person(course), course, *roles, **given)
    db.session.commit()
    return visit


def ask(client: FlaskClient, visit: Visit) -> int:
    return client.post(f"/v/{visit.id}/ask-to-assess", headers=make.auth(visit)).status_code


def course_page(client: FlaskClient, visit: Visit) -> str:
    return client.get(f"/v/{visit.id}/course", headers=make.auth(visit)).text


@pytest.mark.parametrize("role", ["teacher", "assistant"])
def test_staff_asks_and_reads_that_it_waits(client: FlaskClient, role: str) -> None:
    visit = staff(role)
    assert "Ask to assess" in course_page(client, visit)
    assert ask(client, visit) == 303
    assert ask(client, visit) == 303, "pressed twice"
    assert db.session.query(RoleRequest).count() == 1
    assert "You have asked to assess" in course_page(client, visit)


@pytest.mark.parametrize(
    ("roles", "given"),
    [
        (("learner",), {}),
        (("learner", "teacher"), {}),
        (("observer",), {}),
        (("designer",), {}),
        (("teacher",), {"granted": ("assessor",)}),
        (("teacher",), {"launch": {"masquerading": True}}),
    ],
)
def test_nobody_else_asks(client: FlaskClient, roles: tuple[str, ...], given: dict[str, Any]) -> None:
    assert ask(client, staff(*roles, **given)) == 403
    assert db.session.query(RoleRequest).count() == 0


def test_an_administrator_approves_and_it_counts_at_once(app: Flask, client: FlaskClient) -> None:
    visit = staff("assistant")
    ask(client, visit)
    operator = sign_in(app.test_client())
    assert "Nadia Okafor" in operator.get("/people").text
    assert "1 person asks" in operator.get().text
    request_id = db.session.scalars(select(RoleRequest.id)).one()
    assert operator.post(f"/people/requests/{request_id}/answer", answer="approve").status_code == 303
    desk = client.get(f"/v/{visit.id}/assess", headers=make.auth(visit))
    assert (desk.status_code, "it was approved on" in desk.text) == (200, True)
    assert operator.post(f"/people/requests/{request_id}/answer", answer="decline").status_code == 303
    assert client.get(f"/v/{visit.id}/assess", headers=make.auth(visit)).status_code == 200, "it was answered already"


def test_she_reads_that_it_was_declined_and_may_ask_again(app: Flask, client: FlaskClient) -> None:
    visit = staff("teacher")
    ask(client, visit)
    operator = sign_in(app.test_client())
    request_id = db.session.scalars(select(RoleRequest.id)).one()
    operator.post(f"/people/requests/{request_id}/answer", answer="decline")
    assert client.get(f"/v/{visit.id}/assess", headers=make.auth(visit)).status_code == 403
    assert "it was declined" in course_page(client, visit)
    assert ask(client, visit) == 303
    assert "You have asked to assess" in course_page(client, visit)


def test_the_operator_gives_and_takes_the_role_on_the_page(app: Flask, client: FlaskClient, people) -> None:
    operator = sign_in(client)
    person = people["first"]
    assert "kim.lee@example.edu" in operator.get("/people", search="kim").text
    assert operator.post(f"/people/{person.id}/assessor").headers["Location"].endswith("told=role-given")
    assert assessors() == ["kim@example.edu"]
    assert "kim@example.edu" in operator.get("/people").text
    assert operator.post(f"/people/{person.id}/lead").status_code == 303
    assert operator.post(f"/people/{person.id}/assessor", take="1").status_code == 303
    assert db.session.query(Grant).count() == 0


def test_an_administrator_of_an_lms_sees_and_answers_her_own_people_alone(client: FlaskClient, people) -> None:
    mine, other = people["first"], people["elsewhere"]
    for person in (mine, other):
        db.session.add(RoleRequest(person_id=person.id, role="assessor"))
        make.grant(person)
    visit = admin_visit(deployment_of(mine))
    db.session.commit()
    base, headers = f"/v/{visit.id}/admin/people", make.auth(visit)
    page = client.get(f"{base}?search=e", headers=headers).text
    assert mine.email in page
    assert other.email not in page
    asked = db.session.scalars(select(RoleRequest.id).where(RoleRequest.person_id == other.id)).one()
    for path, form in ((f"/{other.id}/assessor", {"take": "1"}), (f"/requests/{asked}/answer", {"answer": "decline"})):
        assert client.post(base + path, data=form, headers=headers).status_code == 404
    assert client.post(f"{base}/{mine.id}/assessor", data={"take": "1"}, headers=headers).status_code == 303
    assert assessors() == [other.email]


def test_whoever_administers_nothing_gets_nowhere(client: FlaskClient, people) -> None:
    visit = staff("teacher")
    for method, path in (("GET", ""), ("POST", f"/{people['first'].id}/assessor"), ("POST", "/requests/x/answer")):
        answer = client.open(f"/v/{visit.id}/admin/people{path}", method=method, headers=make.auth(visit))
        assert answer.status_code == 403
        assert client.open(f"/admin/people{path}", method=method).status_code == 401


def test_taking_the_role_ends_the_request_so_that_it_can_be_asked_for_again(run, client: FlaskClient) -> None:
    visit = staff("teacher")
    ask(client, visit)
    sub = db.session.get_one(Person, visit.person_id).sub
    assert run("grant", "--sub", sub).exit_code == 0
    assert run("revoke", "--sub", sub).exit_code == 0
    assert "you are not an assessor any more" in course_page(client, visit)
