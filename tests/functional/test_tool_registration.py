"""Dynamic Registration: invited LMSs register themselves; everything else is refused in words that help."""

import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import Domain
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import HttpClient, HttpRefused, HttpUnreachable
from lti_mcred.settings import Settings
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.install.request import PLATFORM, TOOL
from lti_mcred.tool.known import platforms, refused
from lti_mcred.tool.known.models import Deployment, Platform, RegistrationInvite
from lti_mcred.tool.profiles.canvas_developer_key import canvas_json
from lti_mcred.tool.protocol.services_asked import AGS as AGS_SCOPE
from tests.conformance.lms import FakeHttp
from tests.services import change_settings, replace_service

EXCHANGES = Path(__file__).parent.parent / "fixtures" / "launches" / "registration"
CANVAS_URL = "https://canvas.instructure.com/api/lti/security/openid-configuration?registration_token=tok"
MOODLE_URL = "http://localhost:8081/mod/lti/openid-configuration.php"
CANVAS_REGISTERS = "https://canvas.larkspur.example/api/lti/registrations"
MOODLE_REGISTERS = "http://localhost:8081/mod/lti/openid-registration.php"
MOODLE_ANSWER = {"client_id": "W8EuUtzr7caiKxd", TOOL: {"deployment_id": "2"}}


def stored(name: str) -> Any:
    """An exchange of an LMS."""
    return json.loads((EXCHANGES / name).read_text())


def campuses(app: Flask) -> FakeHttp:
    """Put a Canvas and a Moodle, ready to register, where the application looks for them."""
    http = FakeHttp()
    replace_service(app, HttpClient, http)
    http.on("GET", CANVAS_URL, (200, stored("canvas-configuration.json")))
    http.on("GET", MOODLE_URL, (200, stored("moodle-configuration.json")))
    http.on("POST", CANVAS_REGISTERS, (200, stored("canvas-answer.json")))
    http.on("POST", MOODLE_REGISTERS, (200, MOODLE_ANSWER))
    return http


@pytest.fixture
def http(app: Flask) -> FakeHttp:
    """Canvas and Moodle, ready to register."""
    return campuses(app)


def code_of(link: str) -> str:
    """The code of an invitation link."""
    return parse_qs(urlsplit(link).query)["invite"][0]


def press(client: FlaskClient, url: str = CANVAS_URL, code: str | None = None, token: str = "tok") -> TestResponse:
    """Press the button."""
    code = code or code_of(invite())
    fields = {"openid_configuration": url, "registration_token": token, "invite": code}
    return client.post("/lti/register", data=fields)


def count(model: Any) -> int:
    """Rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_page_says_what_will_be_shared_before_anything_happens(client: FlaskClient, http: FakeHttp) -> None:
    link = invite()
    given = {"openid_configuration": CANVAS_URL, "registration_token": "tok"}
    page = client.get(f"{urlsplit(link).path}?{urlsplit(link).query}&{urlencode(given)}")

    assert page.status_code == 200
    assert "canvas.instructure.com" in page.text
    assert "https://purl.imsglobal.org/spec/lti-ags/scope/score" in page.text
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', page.text))
    seen = fields.pop("seen")
    assert {name: unescape(value) for name, value in fields.items()} == {**given, "invite": code_of(link)}
    assert len(seen) == 64
    assert "The account menu" in page.text
    assert [(one["method"], one["url"]) for one in http.sent] == [("GET", CANVAS_URL)], "it is read, nothing is sent"


def test_an_invitation_opened_by_itself_explains_how_to_use_it(client: FlaskClient) -> None:
    link = invite()
    page = client.get("/lti/register", query_string={"invite": code_of(link)})

    assert page.status_code == 200
    assert link in unescape(page.text)
    assert "Moodle" in page.text


def test_canvas_registers_with_every_address_from_its_document(client: FlaskClient, http: FakeHttp) -> None:
    page = press(client)

    assert page.status_code == 200, page.text
    platform = db.session.scalars(select(Platform)).one()
    assert (platform.issuer, platform.client_id) == ("https://canvas.instructure.com", "170000000000421")
    assert platform.auth_url == "https://sso.canvaslms.com/api/lti/authorize_redirect"
    assert platform.jwks_url == "https://sso.canvaslms.com/api/lti/security/jwks"
    assert platform.token_url == "https://sso.canvaslms.com/login/oauth2/token"
    assert (platform.profile, platform.name, platform.token_audience) == ("canvas", "Larkspur College", None)
    assert db.session.scalars(select(Deployment)).one().deployment_id == "912:f35dd99c1dafe18eaca4c5d4370aff408a63805a"
    assert "data-registration-done" in page.text


def test_the_token_goes_along_in_the_header_and_stays_in_the_query(client: FlaskClient, http: FakeHttp) -> None:
    press(client)

    first, second = http.sent
    assert (first["url"], first["headers"]["Authorization"]) == (CANVAS_URL, "Bearer tok")
    assert second["headers"]["Authorization"] == "Bearer tok"


def test_canvas_is_asked_for_what_it_needs_to_share_names(client: FlaskClient, http: FakeHttp) -> None:
    press(client)

    asked = json.loads(http.sent[1]["body"])
    assert asked["redirect_uris"] == ["http://127.0.0.1:8000/lti/launch"]
    assert set(asked["grant_types"]) == {"implicit", "client_credentials"}
    assert asked[TOOL]["domain"] == "127.0.0.1:8000"
    assert asked[TOOL]["https://canvas.instructure.com/lti/privacy_level"] == "public"
    assert asked[TOOL]["custom_parameters"]["masquerade"] == "$Canvas.masqueradingUser.id"
    course, account, picking = asked[TOOL]["messages"]
    seen_by = "https://canvas.instructure.com/lti/visibility"
    assert (course["placements"], course[seen_by]) == (["course_navigation"], "members")
    assert (account["placements"], account[seen_by]) == (["account_navigation"], "admins")
    assert "assignment_selection" in picking["placements"]


def test_canvas_without_a_deployment_learns_it_from_the_first_launch(client: FlaskClient, http: FakeHttp) -> None:
    answer = stored("canvas-answer.json")
    del answer["deployment_id"]
    http.on("POST", CANVAS_REGISTERS, (200, answer))

    assert press(client).status_code == 200
    assert count(Deployment) == 0


def test_moodle_registers_and_is_told_apart(client: FlaskClient, http: FakeHttp) -> None:
    page = press(client, MOODLE_URL)

    platform = db.session.scalars(select(Platform)).one()
    assert (platform.profile, platform.issuer) == ("moodle", "http://localhost:8081")
    assert db.session.scalars(select(Deployment)).one().deployment_id == "2"
    assert "Activate" in page.text
    assert "without pressing “Select content”" in page.text
    asked = json.loads(http.sent[1]["body"])
    assert "https://canvas.instructure.com/lti/privacy_level" not in asked[TOOL]
    assert asked[TOOL]["messages"][1]["placements"] == ["ContentArea"]


def test_only_scopes_that_the_platform_knows_are_asked_for(client: FlaskClient, http: FakeHttp) -> None:
    known = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
    http.on("GET", CANVAS_URL, (200, {**stored("canvas-configuration.json"), "scopes_supported": [known]}))
    press(client)

    assert json.loads(http.sent[1]["body"])["scope"] == known


def test_brightspace_names_the_audience_of_its_tokens(client: FlaskClient, http: FakeHttp) -> None:
    base = "https://school.brightspace.com"
    http.on("GET", f"{base}/conf", (200, {
        "issuer": base, "authorization_endpoint": f"{base}/auth", "jwks_uri": f"{base}/jwks",
        "token_endpoint": "https://auth.brightspace.com/core/connect/token", "registration_endpoint": f"{base}/reg",
        "authorization_server": "https://api.brightspace.com/auth/token",
    }))  # fmt: skip
    http.on("POST", f"{base}/reg", (201, {"client_id": 77, "deployment_id": "d-1"}))

    assert press(client, f"{base}/conf").status_code == 200
    platform = db.session.scalars(select(Platform)).one()
    assert (platform.token_audience, platform.client_id) == ("https://api.brightspace.com/auth/token", "77")
    assert (platform.profile, platform.name) == ("brightspace", "school.brightspace.com")


@pytest.mark.parametrize("row", stored("canvas-refusals.json"), ids=lambda row: row["when"])
def test_a_refusal_of_the_lms_is_shown_in_its_own_words(client: FlaskClient, http: FakeHttp, row: Any) -> None:
    http.on("POST", CANVAS_REGISTERS, (row["status"], row["body"]))

    page = press(client)

    body = row["body"]
    errors = body if isinstance(body, str) else body.get("errorMessage") or body["errors"][0]
    words = errors if isinstance(errors, str) else errors["message"]
    assert page.status_code == 422
    assert words in unescape(page.text)
    assert count(Platform) == 0


@pytest.mark.parametrize(
    "answer",
    [
        (401, "token_already_used"),
        (400, "missing_domain"),
        (200, "no JSON"),
        (200, []),
        (200, {}),
        (200, {"client_id": ""}),
    ],
)
def test_a_plain_text_refusal_of_moodle_is_shown_too(client: FlaskClient, http: FakeHttp, answer: Any) -> None:
    http.on("POST", MOODLE_REGISTERS, answer)

    page = press(client, MOODLE_URL)

    assert page.status_code == 422
    assert isinstance(answer[1], str) is False or answer[1] in page.text
    assert count(Platform) == 0


@pytest.mark.parametrize("answer", [(401, {"error": "Access token missing"}), (404, {"error": "Account not found."})])
def test_a_configuration_that_is_refused_is_shown_in_its_words(
    client: FlaskClient, http: FakeHttp, answer: Any
) -> None:
    http.on("GET", CANVAS_URL, answer)

    page = press(client)
    assert (page.status_code, answer[1]["error"] in page.text) == (422, True)


FOREIGN = [
    "https://moodle.other.example",
    "https://canvas.instructure.com/",
    "https://canvas.instructure.com:443",
    "https://canvas.instructure.com:8443",
    "https://Canvas.Instructure.com",
    "HTTPS://canvas.instructure.com",
    "https://canvas.instructure.com.evil.example",
    "https://evil.example/canvas.instructure.com",
    "https://user@canvas.instructure.com",
    "https://canvas.instructure.com@evil.example",
    "https://sso.canvaslms.com",
    "https://blackboard.com",
]


@pytest.mark.parametrize("family", ["canvas", "Canvas", " canvas ", "CANVAS"])
@pytest.mark.parametrize("issuer", FOREIGN)
def test_who_calls_itself_canvas_speaks_for_no_other_host(
    client: FlaskClient, http: FakeHttp, issuer: str, family: str
) -> None:
    url = "https://canvas.larkspur.example/api/lti/security/openid-configuration"
    document = stored("canvas-configuration.json")
    document[PLATFORM]["product_family_code"] = family
    http.on("GET", url, (200, {**document, "issuer": issuer}))

    assert press(client, url).status_code == 422
    assert count(Platform) == 0


@pytest.mark.parametrize("where", ["canvas", "canvas.beta", "canvas.test"])
def test_a_canvas_on_any_host_may_have_the_issuers_of_hosted_canvas(
    client: FlaskClient, http: FakeHttp, where: str
) -> None:
    url = "https://canvas.larkspur.example/api/lti/security/openid-configuration"
    issuer = f"https://{where}.instructure.com"
    http.on("GET", url, (200, {**stored("canvas-configuration.json"), "issuer": issuer}))

    assert press(client, url).status_code == 200
    assert db.session.scalars(select(Platform.issuer)).one() == issuer


@pytest.mark.parametrize("family", ["moodle", "generic", ""])
def test_no_other_lms_may_have_the_issuer_of_hosted_canvas(client: FlaskClient, http: FakeHttp, family: str) -> None:
    document = {**stored("moodle-configuration.json"), "issuer": "https://canvas.instructure.com"}
    document[PLATFORM]["product_family_code"] = family
    http.on("GET", MOODLE_URL, (200, document))

    assert press(client, MOODLE_URL).status_code == 422


def test_the_operator_vouches_for_the_issuer_of_a_canvas_of_her_own(
    app: Flask, client: FlaskClient, http: FakeHttp
) -> None:
    url, issuer = (
        "https://lms-7.hosting.example/api/lti/security/openid-configuration",
        "https://canvas.larkspur.example",
    )
    document = {**stored("canvas-configuration.json"), "issuer": issuer}
    http.on("GET", url, (200, document))
    refused = press(client, url)
    assert (refused.status_code, f"LTI_MCRED_CANVAS_ISSUERS={issuer}" in refused.text) == (422, True)

    change_settings(app, canvas_issuers=(issuer,))
    document[PLATFORM]["product_family_code"] = "sakai"
    http.on("GET", url, (200, document))
    assert press(client, url).status_code == 422, "it is the operator's word for a Canvas"
    document[PLATFORM]["product_family_code"] = "canvas"
    http.on("GET", url, (200, document))
    assert press(client, url).status_code == 200


def offered(client: FlaskClient, url: str) -> str:
    query = {"openid_configuration": url, "registration_token": "tok", "invite": code_of(invite())}
    return client.get("/lti/register", query_string=query).text


def test_only_what_the_lms_announced_is_promised(client: FlaskClient, http: FakeHttp) -> None:
    assert "Notices of copied courses" in offered(client, CANVAS_URL)
    moodle = offered(client, MOODLE_URL)
    assert "Notices of copied courses" not in moodle
    assert "The class list" in moodle
    document = stored("moodle-configuration.json")
    http.on("GET", MOODLE_URL, (200, {**document, "scopes_supported": [f"{AGS_SCOPE}score"]}))
    little = offered(client, MOODLE_URL)
    assert "Writing grades" in little
    assert "Names and e-mail addresses" in little
    assert "The class list" not in little
    http.on("GET", MOODLE_URL, (200, {**document, "scopes_supported": []}))
    unsaid = offered(client, MOODLE_URL)
    assert "The class list" in unsaid
    assert "Notices of copied courses" not in unsaid


BROKEN = [
    ({"issuer": "http://lms.example.edu"}, "issuer"),
    ({"issuer": "https://canvas.instructure.com?x=1"}, "issuer"),
    ({"issuer": None}, "issuer"),
    ({"authorization_endpoint": "http://lms.example.edu/auth"}, "authorization_endpoint"),
    ({"token_endpoint": "/relative"}, "token_endpoint"),
    ({"jwks_uri": None}, "jwks_uri"),
    ({"registration_endpoint": "javascript:alert(1)"}, "registration_endpoint"),
    ({"id_token_signing_alg_values_supported": ["HS256"]}, "RS256"),
    ({"response_types_supported": ["code"]}, "id_token"),
    ({"token_endpoint_auth_methods_supported": ["client_secret_post"]}, "private_key_jwt"),
]


@pytest.mark.parametrize(("change", "named"), BROKEN)
def test_a_configuration_that_cannot_be_used_is_refused_by_name(
    client: FlaskClient, http: FakeHttp, change: dict[str, Any], named: str
) -> None:
    http.on("GET", CANVAS_URL, (200, {**stored("canvas-configuration.json"), **change}))

    page = press(client)

    assert (page.status_code, named in page.text, count(Platform)) == (422, True, 0)


def _marked(_domain: Any, text: str, **values: Any) -> str:
    """In place of a catalogue: what is translated stands in marks."""
    return f"«{text % values if values else text}»"


@pytest.mark.parametrize(("change", "named"), [*BROKEN, ({"issuer": "https://other.example.edu"}, "does not belong")])
def test_what_is_wrong_with_a_configuration_is_said_in_the_language_of_the_page(
    client: FlaskClient, http: FakeHttp, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], named: str
) -> None:
    http.on("GET", MOODLE_URL, (200, {**stored("moodle-configuration.json"), **change}))
    monkeypatch.setattr(Domain, "gettext", _marked)

    assert re.search(rf"«[^»]*{re.escape(named)}", press(client, MOODLE_URL).text)


def test_an_lms_that_cannot_be_reached_is_told_in_the_language_of_the_page(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Domain, "gettext", _marked)

    page = press(client, "https://no-such-host.invalid/conf?registration_token=tok")

    assert (page.status_code, "«https://no-such-host.invalid/conf could not be reached.»" in page.text) == (502, True)


@pytest.mark.parametrize("body", ["<html>", "[]", "null", b"\xff", "[" * 99999])
def test_a_configuration_that_is_no_object_is_refused(client: FlaskClient, http: FakeHttp, body: Any) -> None:
    http.on("GET", CANVAS_URL, (200, body))

    assert press(client).status_code == 422


def test_an_issuer_that_does_not_belong_to_the_host_is_refused(client: FlaskClient, http: FakeHttp) -> None:
    http.on("GET", MOODLE_URL, (200, {**stored("moodle-configuration.json"), "issuer": "https://moodle.example.edu"}))

    assert press(client, MOODLE_URL).status_code == 422


@pytest.mark.parametrize("optional", ["scopes_supported", "claims_supported", "response_types_supported",
                                      "id_token_signing_alg_values_supported"])  # fmt: skip
def test_a_configuration_may_leave_out_what_is_optional(client: FlaskClient, http: FakeHttp, optional: str) -> None:
    document = stored("moodle-configuration.json")
    del document[optional]
    http.on("GET", MOODLE_URL, (200, document))

    assert press(client, MOODLE_URL).status_code == 200


@pytest.mark.parametrize(
    "url",
    ["http://lms.example.edu/conf", "file:///etc/passwd", "https://user@lms.example.edu/", "https://a/#x", "", "x"],
)
def test_an_address_that_cannot_be_an_lms_is_not_fetched(client: FlaskClient, http: FakeHttp, url: str) -> None:
    assert press(client, url).status_code == 400
    assert http.sent == []


@pytest.mark.parametrize("error", [HttpUnreachable("no answer"), HttpRefused("private address")])
def test_an_lms_that_cannot_be_reached_leaves_the_invitation_good(
    client: FlaskClient, http: FakeHttp, error: Exception
) -> None:
    code = code_of(invite())
    http.on("GET", CANVAS_URL, error, (200, stored("canvas-configuration.json")))

    first, second = press(client, code=code), press(client, code=code)

    assert (first.status_code, second.status_code) == (502, 200)


def test_an_invitation_works_once(client: FlaskClient, http: FakeHttp) -> None:
    code = code_of(invite())

    first, second = press(client, code=code), press(client, MOODLE_URL, code=code)

    assert (first.status_code, second.status_code, count(Platform)) == (200, 403, 1)
    assert "used up" in second.text


def test_an_invitation_ends(client: FlaskClient, http: FakeHttp) -> None:
    code = code_of(invite(days=2))

    with time_machine.travel(utcnow() + timedelta(days=2, seconds=1)):
        assert press(client, code=code).status_code == 403
        assert client.get("/lti/register", query_string={"invite": code}).status_code == 403


@pytest.mark.parametrize("code", ["guessed", "", "x" * 300])
def test_nobody_registers_uninvited(client: FlaskClient, http: FakeHttp, code: str) -> None:
    fields = {"openid_configuration": CANVAS_URL, "registration_token": "tok", "invite": code}

    assert client.post("/lti/register", data=fields).status_code in (400, 403)
    assert client.get("/lti/register", query_string=fields).status_code in (400, 403)
    assert (http.sent, count(Platform)) == ([], 0)


def test_the_address_without_an_invitation_says_that_it_needs_one(client: FlaskClient) -> None:
    page = client.get("/lti/register")

    assert (page.status_code, "needs an invitation" in page.text) == (403, True)


def test_an_invitation_is_stored_as_a_hash(app: Flask) -> None:
    code = code_of(invite())

    assert code not in db.session.scalars(select(RegistrationInvite.code_hash)).one()


def test_the_same_lms_may_come_again(client: FlaskClient, http: FakeHttp) -> None:
    press(client)

    assert (press(client).status_code, count(Platform)) == (200, 1)


def test_another_lms_cannot_take_over_a_registration(client: FlaskClient, http: FakeHttp) -> None:
    press(client)
    mine = {**stored("canvas-configuration.json"), "jwks_uri": "https://evil.example/jwks"}
    http.on("GET", CANVAS_URL, (200, mine))

    assert press(client).status_code == 409
    assert db.session.scalars(select(Platform)).one().jwks_url == "https://sso.canvaslms.com/api/lti/security/jwks"


def test_a_removed_registration_can_be_made_again(client: FlaskClient, http: FakeHttp) -> None:
    press(client)
    platforms.remove_platform(db.session.scalars(select(Platform.id)).one())

    assert press(client).status_code == 200
    assert db.session.scalars(select(Platform)).one().state == "active"


def test_the_developer_key_of_canvas_names_our_addresses(client: FlaskClient, settings: Settings) -> None:
    answer = client.get("/lti/canvas.json")

    assert answer.json == canvas_json(settings)
    key = answer.json
    assert key["target_link_uri"] == "http://127.0.0.1:8000/lti/launch"
    assert key["public_jwk_url"] == "http://127.0.0.1:8000/.well-known/jwks.json"
    (extension,) = key["extensions"]
    assert extension["privacy_level"] == "public"
    kinds = {entry["placement"]: entry["message_type"] for entry in extension["settings"]["placements"]}
    assert kinds["course_navigation"] == "LtiResourceLinkRequest"
    assert kinds["assignment_selection"] == "LtiDeepLinkingRequest"
    assert "submission_type_selection" not in kinds


GOOD = {
    "name": "Larkspur", "issuer": "https://lms.example.edu", "client_id": "c", "auth_url": "https://lms.example.edu/a",
    "token_url": "https://lms.example.edu/t", "jwks_url": "https://lms.example.edu/j",
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"issuer": "lms.example.edu"}, "issuer must look like"),
        ({"auth_url": "http://lms.example.edu/a"}, "auth_url must look like"),
        ({"token_url": ""}, "token_url"),
        ({"jwks_url": "https://"}, "jwks_url"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "x" * 256}, "client_id"),
        ({"deployments": ("",)}, "deployment"),
        ({"profile": "webct"}, "canvas, moodle, brightspace, blackboard, sakai, generic"),
    ],
)
def test_a_registration_typed_by_hand_is_checked_by_name(app: Flask, change: dict[str, Any], named: str) -> None:
    with pytest.raises(platforms.PlatformError, match=named):
        platforms.add_platform(**{**GOOD, **change})


def test_a_registration_typed_twice_is_refused(app: Flask) -> None:
    platforms.add_platform(**GOOD, deployments=("d-1", "d-2"))

    with pytest.raises(platforms.PlatformError, match="registered already"):
        platforms.add_platform(**GOOD)
    assert count(Deployment) == 2


def test_an_operator_sees_what_was_refused_last(app: Flask) -> None:
    platform = platforms.add_platform(**GOOD, deployments=("d-1",))
    refused.record(platform, "issuer", "iss differs", ("shape",))

    shown = dict(platforms.describe_platform(platform.id))

    assert shown["Why it was refused"] == "issuer: iss differs"
    assert shown["Checks that it passed"] == "shape"
    assert shown["Deployments"] == "d-1"
    assert [row.name for row in platforms.list_platforms()] == ["Larkspur"]


def test_a_platform_that_does_not_exist_says_where_to_look(app: Flask) -> None:
    with pytest.raises(platforms.PlatformError, match="platforms list"):
        platforms.describe_platform("none")


def test_what_has_to_be_typed_into_an_lms_is_listed(app: Flask) -> None:
    assert dict(platforms.our_values())["Redirection URI"] == "http://127.0.0.1:8000/lti/launch"


def test_a_deployment_that_waits_is_approved_by_name(app: Flask) -> None:
    platform = platforms.add_platform(**GOOD, deployments=("d-1",))
    platforms.deployment_of_launch(platform, "d-2")

    platforms.approve(platform.id, "d-2")

    assert {row.deployment_id: row.state for row in platform.deployments} == {"d-1": "active", "d-2": "active"}
    with pytest.raises(platforms.PlatformError, match="deployment ID"):
        platforms.approve(platform.id, "é")
