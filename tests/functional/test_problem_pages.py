"""Pages that say no which no other test goes to: each is met where people meet it, by the code that it shows."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db
from lti_mcred.errors import Problem
from lti_mcred.evidence import taking
from lti_mcred.evidence.formats.filetypes import UNKNOWN
from lti_mcred.evidence.storage import Received
from lti_mcred.evidence.strip import NotCleaned
from lti_mcred.tool.launch.posted_errors import POSTED
from lti_mcred.tool.wire import deep_linking
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.admin_helpers import sign_in
from tests.conformance.lms import Lms
from tests.evidence_helpers import JSON, make_learner

RETURN = {"deep_link_return_url": "https://lms.example.edu/return", "accept_types": ["ltiResourceLink"]}


def code_of(answer: TestResponse) -> str:
    """Return the code of a problem, and look that its status is the status of the answer."""
    assert answer.is_json, answer.text
    assert answer.json["status"] == answer.status_code
    return str(answer.json["type"]).removeprefix("about:blank#")


@pytest.mark.parametrize("error", POSTED)
def test_each_error_that_an_lms_may_post_has_a_page(lms: Lms, error: str) -> None:
    fields = {"error": error, "state": lms.login()["state"]}
    assert code_of(lms.client.post("/lti/launch", data=fields, headers=JSON)) == f"lms-{error}".replace("_", "-")


def test_an_error_that_nobody_knows_is_shown_as_a_refusal(lms: Lms) -> None:
    fields = {"error": "login-required", "state": lms.login()["state"]}
    assert code_of(lms.client.post("/lti/launch", data=fields, headers=JSON)) == "lms-refused"


def test_a_login_of_an_issuer_with_two_registrations_needs_the_client_id(lms: Lms) -> None:
    make.platform(issuer=lms.issuer, client_id="client-2")
    fields = {"iss": lms.issuer, "login_hint": "hint-7"}
    assert code_of(lms.client.post("/lti/login", data=fields, headers=JSON)) == "login-client-missing"


@pytest.mark.parametrize(
    ("fields", "code"), [({"state": "x" * 43}, "launch-unknown"), ({"id_token": "a.b.c"}, "launch-without-state")]
)
def test_a_launch_that_no_login_began_is_told(lms: Lms, fields: dict[str, str], code: str) -> None:
    assert code_of(lms.client.post("/lti/launch", data=fields, headers=JSON)) == code


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/admin/connect/none", "no-such-lms"),
        ("/admin/platforms/none", "no-such-platform"),
        ("/admin/issuers/none/keys/abc/out", "no-such-issuer"),
    ],
)
def test_an_address_of_the_administration_that_names_nothing_is_told(client: FlaskClient, path: str, code: str) -> None:
    sign_in(client)
    assert code_of(client.get(path, headers=JSON)) == code


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/status/nothing", "not-found"),
        ("/issuers/nobody/did.json", "not-found"),
        ("/evidence-files/nothing", "file-address-ended"),
    ],
)
def test_a_public_address_that_names_nothing_is_told(client: FlaskClient, path: str, code: str) -> None:
    assert code_of(client.get(path, headers=JSON)) == code


@pytest.mark.parametrize(("path", "code"), [("/attempts/9", "no-such-attempt"), ("/parts/none", "no-such-part")])
def test_what_a_learner_has_not_got_is_told(app: Flask, path: str, code: str) -> None:
    learner = make_learner(app).start()
    assert code_of(learner.client.get(learner.base + path, headers={**learner.headers, **JSON})) == code


def test_a_new_try_needs_one_before_it(app: Flask) -> None:
    assert code_of(make_learner(app).post("/revise", json=True)) == "no-new-try"


@pytest.mark.parametrize(
    ("why", "code", "status"),
    [
        ("busy", "pictures-busy", 503),
        ("bytes", "picture-not-cleaned", 422),
        ("pixels", "picture-not-cleaned", 422),
        ("died", "picture-not-cleaned", 422),
        ("damaged", "picture-not-cleaned", 422),
    ],
)
def test_each_reason_why_a_picture_was_not_cleaned_has_words(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Any, why: str, code: str, status: int
) -> None:
    def stripped(_file: Received, _media_type: str) -> Received:
        raise NotCleaned(why)

    monkeypatch.setattr(taking, "stripped", stripped)
    with pytest.raises(Problem) as told:
        taking.without_details(Received(tmp_path / "x", "0" * 64, 1), UNKNOWN, "beach.jpg")
    assert (told.value.code, told.value.status) == (code, status)
    assert "beach.jpg" in f"{told.value.title} {told.value.detail}"


@pytest.mark.parametrize(("path", "code"), [("/picker", "not-picking"), ("/library/none", "no-such-version")])
def test_the_library_without_a_choice_to_make_is_told(client: FlaskClient, path: str, code: str) -> None:
    course = make.course()
    visit = make.visit(make.person(course), course, "teacher")
    assert code_of(client.get(f"/v/{visit.id}{path}", headers={**make.auth(visit), **JSON})) == code


def test_a_choice_that_our_own_key_does_not_confirm_is_not_sent(lms: Lms, monkeypatch: pytest.MonkeyPatch) -> None:
    lms.launch()
    visit = db.session.scalars(select(Visit)).one()
    visit.launch = {**visit.launch, "deep_linking": RETURN}
    monkeypatch.setattr(deep_linking, "public_jwks", lambda: {"keys": []})
    with lms.app.test_request_context("/"), pytest.raises(Problem) as told:
        deep_linking.cancel(visit)
    assert (told.value.code, told.value.status) == ("picker-not-signed", 500)


def test_an_assessment_that_is_not_hers_is_not_there(client: FlaskClient) -> None:
    course = make.course()
    visit = make.visit(make.person(course), course, "learner", granted=("assessor",))
    assert (
        code_of(client.get(f"/v/{visit.id}/assess/none", headers={**make.auth(visit), **JSON})) == "no-such-assessment"
    )
