"""LMSs that register, or are typed in, as what they are: each known make gets its profile, and what is known of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.cli import main
from lti_mcred.cli.platforms import platforms_group
from lti_mcred.engine.db import db
from lti_mcred.outbound.http import HttpClient
from lti_mcred.tool.health.given import places
from lti_mcred.tool.install.invitations import invite
from lti_mcred.tool.install.request import PLATFORM, TOOL
from lti_mcred.tool.known.granted import Brought
from lti_mcred.tool.known.models import Platform
from lti_mcred.tool.known.platforms import called
from lti_mcred.tool.profiles import GUIDES, PRACTISED, PROFILES
from tests.admin_helpers import hidden, sign_in
from tests.conformance.lms import FakeHttp
from tests.functional.test_tool_registration import code_of, press
from tests.services import replace_service

SCHOOL = "https://lms.larkspur.example"
D2L_AUDIENCE = "https://api.brightspace.com/auth/token"
CONFIGURATION = {
    "issuer": SCHOOL, "authorization_endpoint": f"{SCHOOL}/auth", "jwks_uri": f"{SCHOOL}/jwks",
    "token_endpoint": f"{SCHOOL}/token", "registration_endpoint": f"{SCHOOL}/register",
}  # fmt: skip


@pytest.fixture
def http(app: Flask) -> FakeHttp:
    """An LMS of whatever make, ready to register."""
    found = FakeHttp()
    replace_service(app, HttpClient, found)
    found.on("POST", f"{SCHOOL}/register", (200, {"client_id": "c-1", "deployment_id": "d-1"}))
    return found


def describes_itself(http: FakeHttp, family: str, **more: Any) -> None:
    """Let the LMS call its product `family`."""
    block = {"product_family_code": family, "messages_supported": [{"type": "LtiSubmissionReviewRequest"}]}
    http.on("GET", f"{SCHOOL}/conf", (200, {**CONFIGURATION, PLATFORM: block, **more}))


def only() -> Platform:
    """The one registration that there is."""
    return db.session.scalars(select(Platform)).one()


@pytest.mark.parametrize(
    ("family", "profile"),
    [("desire2learn", "brightspace"), ("BlackboardLearn", "blackboard"), ("sakailms.org", "sakai"), ("wut", "generic")],
)
def test_an_lms_that_registers_gets_the_profile_of_its_make(
    client: FlaskClient, http: FakeHttp, family: str, profile: str
) -> None:
    describes_itself(http, family)
    assert press(client, f"{SCHOOL}/conf").status_code == 200
    assert only().profile == profile
    asked = json.loads(http.sent[1]["body"])[TOOL]
    assert [message["type"] for message in asked["messages"]] == [
        "LtiResourceLinkRequest", "LtiDeepLinkingRequest", "LtiSubmissionReviewRequest",
    ]  # fmt: skip
    assert "custom_parameters" not in asked


@pytest.mark.parametrize(("named", "kept"), [({}, D2L_AUDIENCE), ({"authorization_server": "https://a"}, "https://a")])
def test_brightspace_that_names_no_audience_has_that_of_d2l(
    client: FlaskClient, http: FakeHttp, named: dict[str, str], kept: str
) -> None:
    describes_itself(http, "desire2learn", **named)
    page = press(client, f"{SCHOOL}/conf")
    assert only().token_audience == kept
    assert "In Brightspace the registration is still off" in page.text


def test_an_lms_that_was_registered_before_its_make_was_known_stays_as_it_is(
    client: FlaskClient, http: FakeHttp
) -> None:
    describes_itself(http, "wut")
    press(client, f"{SCHOOL}/conf")
    describes_itself(http, "desire2learn")
    code = code_of(invite(renews_id=only().id, may_move=False))
    given = {"openid_configuration": f"{SCHOOL}/conf", "registration_token": "tok", "invite": code}
    page = client.get("/lti/register", query_string=given)
    assert client.post("/lti/register", data={**given, "seen": hidden(page, "seen")}).status_code == 200
    assert (only().profile, only().token_audience) == ("generic", None)


def test_a_renewal_of_brightspace_keeps_the_audience_of_d2l(client: FlaskClient, http: FakeHttp) -> None:
    describes_itself(http, "desire2learn")
    press(client, f"{SCHOOL}/conf")
    code = code_of(invite(renews_id=only().id, may_move=False))
    given = {"openid_configuration": f"{SCHOOL}/conf", "registration_token": "tok", "invite": code}
    page = client.get("/lti/register", query_string=given)
    assert client.post("/lti/register", data={**given, "seen": hidden(page, "seen")}).status_code == 200
    assert only().token_audience == D2L_AUDIENCE


@pytest.mark.parametrize("lms", [key for key in GUIDES if key not in ("canvas", "blackboard")])
def test_an_lms_typed_in_by_hand_gets_the_profile_of_the_guide(app: Flask, lms: str) -> None:
    typed = {"issuer": SCHOOL, "client_id": "c-1", "auth_url": f"{SCHOOL}/a", "token_url": f"{SCHOOL}/t",
             "jwks_url": f"{SCHOOL}/k", "policy": "first"}  # fmt: skip
    assert sign_in(app.test_client()).post(f"/connect/{lms}/hand", **typed).status_code == 303
    assert only().profile == {"openedx": "generic", "other": "generic"}.get(lms, lms)


def test_blackboard_typed_in_by_its_application_id_has_its_profile(app: Flask) -> None:
    sign_in(app.test_client()).post("/connect/blackboard/hand", client_id="app-1", policy="ask")
    assert only().profile == "blackboard"


def test_people_are_told_the_make_of_an_lms_that_does_not_name_itself() -> None:
    names = {name: called(Platform(profile=name), {}) for name in PROFILES}
    assert names == {
        "canvas": "Canvas", "moodle": "Moodle", "brightspace": "Brightspace", "blackboard": "Blackboard",
        "sakai": "Sakai", "generic": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "reviews"), [("brightspace", True), ("sakai", True), ("blackboard", False), ("generic", False)]
)
def test_reviews_in_the_gradebook_are_looked_for_where_the_lms_has_them(profile: str, reviews: bool) -> None:
    looked_for = [str(place.what) for place in places(Platform(profile=profile), Brought())]
    assert looked_for == ["Links in a course", "Where teachers add activities", *(["The gradebook"] if reviews else [])]


def test_the_page_of_an_lms_says_like_what_it_behaves(app: Flask) -> None:
    operator = sign_in(app.test_client())
    operator.post("/connect/blackboard/hand", client_id="app-1", policy="ask")
    page = operator.get(f"/platforms/{only().id}")
    assert "<dt>Behaves like</dt><dd>Blackboard</dd>" in page.text


def test_the_command_line_offers_every_profile_and_every_campus_that_can_be_played() -> None:
    added, played = (platforms_group.commands["add"], main.commands["story"])
    choices = {option.name: option.type for command in (added, played) for option in command.params}
    assert list(choices["profile"].choices) == list(PROFILES)
    assert list(choices["campus"].choices) == [*PRACTISED, "both"]


def test_the_campuses_that_can_be_played_are_those_of_the_practice_lms() -> None:
    folder = Path(__file__).resolve().parents[2] / "lti_mcred/practice/temperaments"
    assert sorted(PRACTISED) == sorted(path.parent.name for path in folder.glob("*/__init__.py"))
