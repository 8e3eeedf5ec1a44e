"""An administrator of an LMS sees and does what concerns her own installation, and nothing of anybody else's."""

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.tool.known.models import ConnectionTest, Deployment, RefusedLaunch
from lti_mcred.tool.protocol.services_asked import SCORE
from tests import factories as make
from tests.admin_helpers import admin_visit
from tests.conformance.lms import INSTRUCTOR, LEARNER, Lms

INSTITUTION = "http://purl.imsglobal.org/vocab/lis/v2/institution/person#"
SYSTEM = "http://purl.imsglobal.org/vocab/lis/v2/system/person#"
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
ACCOUNT = {"context": {"id": "account-1", "title": "Larkspur", "type": ["Account"]}}


@pytest.mark.parametrize(
    "role", [INSTITUTION + "Administrator", SYSTEM + "Administrator", SYSTEM + "SysAdmin", SYSTEM + "AccountAdmin"]
)
def test_the_account_menu_opens_the_administration(canvas_with_pages: Lms, role: str) -> None:
    landed = canvas_with_pages.launch(roles=[role], resource_link={"id": "account-1"}, **ACCOUNT)
    assert re.fullmatch(r"/v/[a-z0-9-]+/admin/", landed.location)
    page = canvas_with_pages.client.get(landed.location)
    assert (page.status_code, "Your installation" in page.text, "deployment-1" in page.text) == (200, True, True)


@pytest.mark.parametrize("roles", [[], [LEARNER], [INSTITUTION + "Faculty"], ["Administrator"]])
def test_others_in_the_account_menu_are_told_whose_page_it_is(canvas_with_pages: Lms, roles: list[str]) -> None:
    answer = canvas_with_pages.launch(roles=roles, resource_link={"id": "account-1"}, **ACCOUNT)
    assert (answer.status_code, "administrators of your LMS" in answer.text) == (403, True)


def test_an_administrator_who_teaches_gets_her_course_and_a_way_to_the_administration(canvas_with_pages: Lms) -> None:
    landed = canvas_with_pages.launch(
        roles=[INSTITUTION + "Administrator", INSTRUCTOR], resource_link={"id": "course-1"}
    )
    page = canvas_with_pages.client.get(landed.location)
    assert landed.location.endswith("/course")
    link = re.search(r'href="(/v/[a-z0-9-]+/admin/)"', page.text)
    assert link
    assert canvas_with_pages.client.get(link[1]).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"roles": [INSTITUTION + "Administrator"], "custom": {"masquerade": "42"}},
        {"roles": [INSTITUTION + "Administrator", TEST_USER]},
    ],
    ids=["acting as somebody", "test user"],
)
def test_whoever_is_not_herself_administers_nothing(canvas_with_pages: Lms, changes: dict[str, Any]) -> None:
    assert canvas_with_pages.launch(resource_link={"id": "account-1"}, **ACCOUNT, **changes).status_code == 403


def behind_one_client_id() -> tuple[Deployment, Deployment]:
    """Two schools of Blackboard: one registration, two installations."""
    platform = make.platform(name="Blackboard", profile="generic")
    schools = (
        make.deployment(platform, deployment_id="school-a"),
        make.deployment(platform, deployment_id="school-b"),
    )
    db.session.commit()
    return schools


def apart() -> tuple[Deployment, Deployment]:
    """Two schools with a registration each."""
    schools = (
        make.deployment(make.platform(name="A"), deployment_id="school-a"),
        make.deployment(make.platform(name="B"), deployment_id="school-b"),
    )
    db.session.commit()
    return schools


@pytest.mark.parametrize("schools", [behind_one_client_id, apart])
def test_an_administrator_sees_nothing_of_another_school(app: Flask, client: FlaskClient, schools: Any) -> None:
    mine, theirs = schools()
    visit = admin_visit(mine)
    theirs.platform.last_launch_at = utcnow()
    for owner in (theirs.id, None):
        db.session.add(
            RefusedLaunch(
                platform_id=theirs.platform_id, deployment_id=owner, at=utcnow(), failed="nonce",
                fact="secret of theirs", passed=[], claims={}, reference="REF-B",
            )
        )  # fmt: skip
    words = {"name": "roster", "state": "failed", "words": "trouble of theirs"}
    db.session.add(ConnectionTest(platform_id=theirs.platform_id, deployment_id=theirs.id, state="done", lines=[words]))
    make.course(theirs, title="Course of theirs")
    db.session.commit()
    page = client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    assert "school-a" in page
    for foreign in (
        "school-b",
        "secret of theirs",
        "REF-B",
        "launch was refused",
        "Course of theirs",
        "trouble of theirs",
    ):
        assert foreign not in page


def test_what_was_granted_elsewhere_says_nothing_about_her_own_services(client: FlaskClient) -> None:
    mine, theirs = behind_one_client_id()
    visit = admin_visit(mine)
    make.seen(mine, "courses", "opened")
    make.seen(mine, "messages", "LtiResourceLinkRequest")
    for family, name in (("grades", SCORE), ("roster", "2.0"), ("placements", "place-of-theirs")):
        make.seen(theirs, family, name)
    db.session.commit()
    page = client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    part = page.partition("<h3>Services</h3>")[2].partition("</section>")[0]
    services, _heading, places = part.partition("<h3>Places that open the tool</h3>")
    assert (services.count("state is-attention"), services.count("state is-met")) == (4, 0)
    assert "place-of-theirs" not in page
    assert places.count("state is-met") == 1


@pytest.mark.parametrize(
    ("launch", "heading"),
    [({"platform_name": "Harbor University"}, "Harbor University"), ({}, "Your LMS")],
    ids=["its name came along", "it did not"],
)
def test_her_page_has_the_name_that_her_lms_gave_itself(client: FlaskClient, launch: dict, heading: str) -> None:
    mine, _theirs = behind_one_client_id()
    visit = admin_visit(mine, **launch)
    mine.platform.name = "Larkspur College"
    db.session.commit()
    page = client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    assert f"<h1>{heading}</h1>" in page
    assert "Larkspur" not in page


def test_a_kind_of_lms_that_is_known_stands_for_a_name(client: FlaskClient) -> None:
    mine = make.deployment(make.platform(name="Larkspur College", profile="canvas"))
    visit = admin_visit(mine)
    db.session.commit()
    assert "<h1>Canvas</h1>" in client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    link = client.post(f"/v/{visit.id}/admin/platforms/{mine.platform_id}/renewal", headers=make.auth(visit)).text
    assert "A link that renews Canvas" in link
    assert "Larkspur" not in link


def test_a_test_that_nobody_begins_sends_her_to_the_people_who_run_the_tool(client: FlaskClient) -> None:
    mine, _theirs = apart()
    visit = admin_visit(mine)
    asked = utcnow() - timedelta(minutes=3)
    db.session.add(ConnectionTest(platform_id=mine.platform_id, deployment_id=mine.id, asked_at=asked))
    db.session.commit()
    page = client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    assert "Nobody has begun the test" in page
    assert "Tell the people who run this tool" in page
    assert "lti-mcred worker" not in page
    assert f'href="/v/{visit.id}/admin/platforms/{mine.platform_id}?look=1#checks-title">Look again' in page


@pytest.mark.parametrize("schools", [behind_one_client_id, apart])
def test_an_administrator_decides_nothing_that_is_the_operators(client: FlaskClient, schools: Any) -> None:
    mine, theirs = schools()
    visit = admin_visit(mine)
    db.session.commit()
    own, other = f"/platforms/{mine.platform_id}", f"/platforms/{theirs.platform_id}"
    asked = [
        ("GET", "/connect"), ("GET", "/connect/canvas"), ("POST", "/connect/canvas/link"),
        ("GET", "/connect/other/hand"), ("POST", "/connect/other/hand"),
        ("POST", "/invitations/x"), ("POST", "/keys"), ("POST", f"{own}/policy"),
        ("POST", f"{own}/name"), ("GET", f"{own}/addresses"), ("POST", f"{own}/addresses"), ("GET", f"{own}/remove"),
        ("POST", f"{own}/remove"), ("POST", f"{own}/restore"), ("POST", f"{own}/deployments/{mine.id}"),
        ("POST", f"{own}/deployments/{theirs.id}"), ("POST", f"{other}/deployments/{theirs.id}"),
    ]  # fmt: skip
    answered = [
        (method, path, status)
        for method, path in asked
        if (status := client.open(f"/v/{visit.id}/admin{path}", method=method, headers=make.auth(visit)).status_code)
        != 403
    ]
    assert answered == []
    assert {mine.state, theirs.state, mine.platform.state} == {"active"}


@pytest.mark.parametrize("schools", [behind_one_client_id, apart])
def test_she_tests_the_connection_of_her_own_installation_alone(client: FlaskClient, schools: Any) -> None:
    mine, theirs = schools()
    visit = admin_visit(mine)
    db.session.commit()
    asked = client.post(f"/v/{visit.id}/admin/platforms/{mine.platform_id}/test", headers=make.auth(visit))
    assert asked.status_code == 303
    assert db.session.scalars(select(ConnectionTest.deployment_id)).all() == [mine.id]
    other = client.post(f"/v/{visit.id}/admin/platforms/{theirs.platform_id}/test", headers=make.auth(visit))
    assert other.status_code == (303 if theirs.platform_id == mine.platform_id else 404)
    assert theirs.id not in db.session.scalars(select(ConnectionTest.deployment_id)).all()


def test_the_page_of_another_lms_does_not_exist_for_her(client: FlaskClient) -> None:
    mine, theirs = apart()
    visit = admin_visit(mine)
    db.session.commit()
    for method, path in (("GET", ""), ("POST", "/renewal")):
        url = f"/v/{visit.id}/admin/platforms/{theirs.platform_id}{path}"
        assert client.open(url, method=method, headers=make.auth(visit)).status_code == 404


def test_her_installation_may_be_stopped_while_she_looks(client: FlaskClient) -> None:
    mine, _theirs = apart()
    visit = admin_visit(mine)
    mine.state = "refused"
    db.session.commit()
    assert client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).status_code == 401


def test_she_renews_a_registration_that_is_hers_alone(client: FlaskClient) -> None:
    mine, _theirs = apart()
    visit = admin_visit(mine)
    db.session.commit()
    page = client.post(f"/v/{visit.id}/admin/platforms/{mine.platform_id}/renewal", headers=make.auth(visit))
    assert (page.status_code, "/lti/register?invite=" in page.text) == (200, True)


def test_a_registration_of_several_schools_is_renewed_by_the_operator(client: FlaskClient) -> None:
    mine, _theirs = behind_one_client_id()
    visit = admin_visit(mine)
    db.session.commit()
    page = client.post(f"/v/{visit.id}/admin/platforms/{mine.platform_id}/renewal", headers=make.auth(visit))
    assert page.status_code == 303
    shown = client.get(page.location, headers=make.auth(visit)).text
    assert "so the people who run this tool renew it" in shown


def test_her_forms_carry_the_bearer_of_the_visit_and_no_session_of_the_operator(client: FlaskClient) -> None:
    mine, _theirs = apart()
    visit = admin_visit(mine)
    db.session.commit()
    page = client.get(f"/v/{visit.id}/admin/", headers=make.auth(visit)).text
    assert 'name="visit_bearer"' in page
    assert "operator_form" not in page
    assert "Sign out" not in page
