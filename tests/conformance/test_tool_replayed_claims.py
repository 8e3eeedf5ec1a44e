"""What Canvas and Moodle send, claim set by claim set, signed again with a test key and fresh times."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.engine.db import db
from lti_mcred.people.models import Course, Person
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.protocol.claims import LTI
from lti_mcred.web.models import Visit
from tests.conformance.lms import TOOL, Lms, stand_up

LAUNCHES = Path(__file__).parent.parent / "fixtures" / "launches"
NOT_LAUNCHES = {"login-requests.json", "posted-errors.json", "key-set.json"}


def _files(family: str) -> list[str]:
    return sorted(path.name for path in (LAUNCHES / family).glob("*.json") if path.name not in NOT_LAUNCHES)


def _replay(app: Flask, client: FlaskClient, family: str, name: str, **changes: Any) -> Any:
    claims = json.loads((LAUNCHES / family / name).read_text())
    lms = stand_up(
        app, client, issuer=claims["iss"], client_id=str(claims["aud"]), profile=family,
        deployment_id=claims[LTI + "deployment_id"],
        auth_url="https://sso.canvaslms.com/api/lti/authorize_redirect" if family == "canvas" else "",
    )  # fmt: skip
    lms.register()
    return _sent(lms, claims, **changes)


def _sent(lms: Lms, claims: dict[str, Any], **changes: Any) -> Any:
    now = int(time.time())
    old_target = claims[LTI + "target_link_uri"]
    ours = TOOL + "/lti/" + old_target.split("/lti/")[1]
    asked = lms.login(target_link_uri=ours)
    fresh = {**claims, "nonce": asked["nonce"], "iat": now, "exp": now + 60, LTI + "target_link_uri": ours, **changes}
    return lms.post(lms.sign(fresh), asked["state"], utf8="✓", authenticity_token="x")


@pytest.mark.parametrize("name", [n for n in _files("canvas") if n != "public-course-visitor.json"])
def test_a_canvas_launch_is_taken(app: Flask, client: FlaskClient, name: str) -> None:
    answer = _replay(app, client, "canvas", name)

    assert answer.status_code == 303, answer.text
    assert db.session.scalars(select(Visit)).one().id in answer.location


@pytest.mark.parametrize("name", _files("moodle"))
def test_a_moodle_launch_is_taken(app: Flask, client: FlaskClient, name: str) -> None:
    answer = _replay(app, client, "moodle", name)

    assert answer.status_code == 303, answer.text
    assert "http://localhost:8081" in db.session.scalars(select(Visit)).one().frame_ancestors


def test_a_visitor_of_a_public_course_is_asked_to_sign_in(app: Flask, client: FlaskClient) -> None:
    answer = _replay(app, client, "canvas", "public-course-visitor.json")

    assert answer.status_code == 403
    assert "sign in to your LMS" in answer.text
    assert db.session.scalars(select(Visit)).first() is None


ROLES = {
    "assignment-learner.json": ["learner"],
    "assignment-teacher.json": ["teacher"],
    "assignment-ta.json": ["assistant"],
    "assignment-designer.json": ["designer"],
    "assignment-student-view.json": ["learner"],
    "account-navigation-admin.json": [],
    "not-enrolled-institution-roles.json": [],
    "deeplink-editor-button-group.json": [],
    "deeplink-homework_submission.json": ["learner"],
}


@pytest.mark.parametrize("name", ROLES)
def test_canvas_roles_give_course_powers_only_by_the_course(app: Flask, client: FlaskClient, name: str) -> None:
    _replay(app, client, "canvas", name)

    assert db.session.scalars(select(Visit)).one().roles == ROLES[name]


def test_an_assignment_keeps_its_grade_column_and_services(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "assignment-learner.json")

    link = db.session.scalars(select(ResourceLink)).one()
    course = db.session.scalars(select(Course)).one()
    assert link.lineitem_url == "https://canvas.larkspur.example/api/lti/courses/5120/line_items/7001"
    assert course.lineitems_url == "https://canvas.larkspur.example/api/lti/courses/5120/line_items"
    assert course.memberships_url == "https://canvas.larkspur.example/api/lti/courses/5120/names_and_roles"
    assert course.title == "Micro-credentials in Practice"


@pytest.mark.parametrize("name", ["speedgrader-teacher.json", "course-navigation-teacher.json"])
def test_canvas_repeating_the_course_id_is_no_placement(app: Flask, client: FlaskClient, name: str) -> None:
    answer = _replay(app, client, "canvas", name)

    assert db.session.scalars(select(ResourceLink)).first() is None
    assert answer.location.endswith("/course-navigation")


def test_speedgrader_names_the_attempt_in_the_signed_address(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "speedgrader-teacher.json")

    assert db.session.scalars(select(Visit)).one().launch["query"] == {"attempt": "7Kq2vXb90tLm"}


def test_unsubstituted_variables_are_absent_and_numbers_are_text(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "assignment-learner-unresolved.json")

    custom = db.session.scalars(select(Visit)).one().launch["custom"]
    assert custom == {"activity": "a17", "canvas_user_id": "30417", "plain": "x=y&z", "empty": "", "published": "true"}


def test_student_view_is_marked_as_no_real_person(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "assignment-student-view.json")

    assert db.session.scalars(select(Person)).one().is_test_user is True


def test_acting_as_somebody_is_marked_on_the_visit(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "assignment-learner.json", **{LTI + "custom": {"masquerade": 77}})

    assert db.session.scalars(select(Visit)).one().launch["masquerading"] is True


def test_nobody_acting_leaves_the_variable_unsubstituted(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "canvas", "assignment-learner.json")

    assert db.session.scalars(select(Visit)).one().launch["masquerading"] is False


def test_a_moodle_link_keeps_the_query_of_its_grade_column(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "moodle", "resource-link-student.json")

    link = db.session.scalars(select(ResourceLink)).one()
    assert link.lineitem_url == "http://localhost:8081/mod/lti/services.php/2/lineitems/9/lineitem?type_id=2"


def test_a_moodle_review_names_whose_work_is_shown(app: Flask, client: FlaskClient) -> None:
    answer = _replay(app, client, "moodle", "submission-review-teacher.json")

    assert answer.location.endswith("/LtiSubmissionReviewRequest")
    assert db.session.scalars(select(Visit)).one().launch["for_user_id"] == "5"


def test_moodle_without_services_and_privacy_still_launches(app: Flask, client: FlaskClient) -> None:
    _replay(app, client, "moodle", "resource-link-student-no-services-no-privacy.json")

    course, person = db.session.scalars(select(Course)).one(), db.session.scalars(select(Person)).one()
    assert (course.lineitems_url, course.memberships_url, course.scopes) == (None, None, [])
    assert (person.name, person.email) == (None, None)


LOGINS = json.loads((LAUNCHES / "canvas" / "login-requests.json").read_text())


@pytest.mark.parametrize("case", LOGINS)
def test_a_canvas_login_request_goes_back_to_canvas_with_its_hints(app: Flask, client: FlaskClient, case: str) -> None:
    given = LOGINS[case]["params"]
    lms = stand_up(app, client, issuer=given["iss"], client_id=given["client_id"], profile="canvas")
    lms.register()

    send = client.post if LOGINS[case]["method"] == "POST" else client.get
    where = {"data": given} if LOGINS[case]["method"] == "POST" else {"query_string": given}
    first = send("/lti/login", **where)
    asked = client.get(first.location)

    query = dict(part.split("=", 1) for part in asked.location.split("?", 1)[1].split("&"))
    assert asked.status_code == 302
    assert asked.location.startswith(lms.auth_url + "?")
    assert query["prompt"] == "none"
    assert query["lti_message_hint"] == given["lti_message_hint"]
    assert set(query) == {
        "scope", "response_type", "response_mode", "prompt", "client_id", "redirect_uri", "login_hint", "state",
        "nonce", "lti_message_hint",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["lti_deployment_id", "deployment_id"])
def test_another_deployment_than_the_login_named_is_refused(lms: Lms, name: str) -> None:
    asked = lms.login(**{name: "another-deployment"})

    answer = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])

    assert answer.status_code == 400
    assert "deployment of the login" in answer.text


ERRORS = json.loads((LAUNCHES / "canvas" / "posted-errors.json").read_text())
SHOWN = {
    "login_required_other_user": (401, "sign in to your LMS again"),
    "unauthorized_client": (403, "does not let this tool open here"),
    "launch_no_longer_valid": (409, "open this again from your course"),
    "missing_parameters": (400, "lti_message_hint,nonce,prompt"),
    "wrong_scope": (400, "openid"),
}


@pytest.mark.parametrize("case", SHOWN)
def test_an_error_that_canvas_posts_becomes_a_page_that_helps(lms: Lms, case: str) -> None:
    state = lms.login()["state"]

    answer = lms.client.post("/lti/launch", data={**ERRORS[case], "state": state})

    assert (answer.status_code, SHOWN[case][1] in answer.text) == (SHOWN[case][0], True)


def test_an_error_without_our_state_stops_no_launch(lms: Lms) -> None:
    asked = lms.login()

    refused = lms.client.post("/lti/launch", data={**ERRORS["no_state"], "state": "somebody-elses"})
    launched = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])

    assert refused.status_code == 400
    assert launched.status_code == 303
