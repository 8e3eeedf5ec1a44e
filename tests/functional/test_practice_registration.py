"""The practice LMS: dynamic registration with both campuses, and installing by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import LAUNCH, TOOL, Lms, local, opened_lms, sign

Json = dict[str, Any]


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param, installed=False) as found:
        yield found


@pytest.fixture
def canvas(tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, "canvas", installed=False) as found:
        yield found


@pytest.fixture
def moodle(tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, "moodle", installed=False) as found:
        yield found


def registration(**members: Any) -> Json:
    config = {
        "domain": "127.0.0.1:8000",
        "target_link_uri": LAUNCH,
        "description": "Activities, evidence, badges",
        "custom_parameters": {"tool_param": "x=y&z"},
        "claims": ["sub", "iss", "name", "given_name", "family_name", "email"],
        "messages": [
            {"type": v.RESOURCE_LINK, "target_link_uri": LAUNCH, "placements": ["course_navigation"]},
            {"type": v.DEEP_LINKING, "target_link_uri": f"{LAUNCH}?dl=1", "placements": ["ContentArea", "bogus"]},
        ],
        **members.pop("config", {}),
    }
    body = {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["client_credentials", "implicit"],
        "initiate_login_uri": f"{TOOL}/lti/login",
        "redirect_uris": [LAUNCH],
        "client_name": "Micro-credentials",
        "jwks_uri": f"{TOOL}/jwks.json",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": f"{v.SCORE} {v.LINEITEM} {v.MEMBERSHIP}",
        v.TOOL_CONFIGURATION: {name: value for name, value in config.items() if value is not ...},
        **members,
    }
    return {name: value for name, value in body.items() if value is not ...}


def link(lms: Lms) -> Json:
    found = lms.control("POST", "registrations")
    assert isinstance(found, dict)
    return found


def register(lms: Lms, body: Json, token: str | None = None) -> Any:
    given = link(lms)
    document = lms.client.get(local(given["openid_configuration"])).get_json()
    headers = {"Authorization": f"Bearer {token or given['registration_token']}"}
    return lms.client.post(local(document["registration_endpoint"]), json=body, headers=headers)


def test_the_configuration_names_the_campus_and_its_endpoints(lms: Lms) -> None:
    document = lms.client.get(local(link(lms)["openid_configuration"])).get_json()
    assert document["issuer"] == lms.root
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        assert document[name].startswith(f"{lms.root}/")
    family = document[v.PLATFORM_CONFIGURATION]["product_family_code"]
    assert family == lms.slug


def test_canvas_reads_the_token_from_the_query_only(canvas: Lms) -> None:
    given = link(canvas)
    assert f"registration_token={given['registration_token']}" in given["openid_configuration"]
    bare = local(given["openid_configuration"]).partition("?")[0]
    answer = canvas.client.get(bare, headers={"Authorization": f"Bearer {given['registration_token']}"})
    told = "Access token missing (You must include the registration_token parameter)."
    assert (answer.status_code, answer.get_json()) == (401, {"error": told})


def test_canvas_answers_200_with_the_tool_switched_off(canvas: Lms) -> None:
    answer = register(canvas, registration())
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["scope"].endswith(" openid")
    assert body["deployment_id"].partition(":")[0].isdecimal()
    assert "registration_config_url" in str(body[v.TOOL_CONFIGURATION])
    (tool,) = canvas.control("GET", "tools")
    assert (tool["client_id"], tool["active"], tool["privacy"]) == (body["client_id"], False, "public")
    places = {entry["placement"]: entry["url"] for entry in tool["placements"]}
    assert places == {"course_navigation": LAUNCH, "link_selection": f"{LAUNCH}?dl=1"}


def test_moodle_answers_200_with_the_deployment_inside_and_values_cut_at_the_equals_sign(moodle: Lms) -> None:
    body = register(moodle, registration()).get_json()
    config = body[v.TOOL_CONFIGURATION]
    assert config["deployment_id"] == "2"
    assert config["custom_parameters"] == {"tool_param": "x"}
    assert [message["type"] for message in config["messages"]] == [v.DEEP_LINKING]
    (tool,) = moodle.control("GET", "tools")
    assert (tool["custom"], tool["active"]) == ({"tool_param": "x=y&z"}, False)
    assert set(body["scope"].split()) == {*v.GRADE_SCOPES, v.MEMBERSHIP}


def test_activating_makes_the_course_menu_appear(lms: Lms) -> None:
    client_id = register(lms, registration()).get_json()["client_id"]
    assert lms.course()["menu"] == []
    lms.control("POST", f"tools/{client_id}/activate")
    assert [entry["tool"] for entry in lms.course()["menu"]] == [client_id]


USED = {"canvas": '{"errorMessage": "Registration token has already been used"}', "moodle": "token_already_used"}


def test_a_registration_token_counts_once(lms: Lms) -> None:
    token = link(lms)["registration_token"]
    assert register(lms, registration(), token).status_code == 200
    again = register(lms, registration(), token)
    assert (again.status_code, again.text) == (401, USED[lms.slug])


def test_a_refused_registration_burns_the_token_in_canvas_only(lms: Lms) -> None:
    token = link(lms)["registration_token"]
    refused = register(lms, registration(jwks_uri=...), token)
    again = register(lms, registration(), token)
    expected = {"canvas": (422, 401), "moodle": (400, 200)}
    assert (refused.status_code, again.status_code) == expected[lms.slug]


def test_a_registration_token_lives_an_hour(lms: Lms) -> None:
    token = link(lms)["registration_token"]
    lms.clock.move(hours=1)
    assert register(lms, registration(), token).status_code == 401


@pytest.mark.parametrize("token", ["nonsense", sign({"sub": "me", "scope": "reg"})], ids=["no token", "not ours"])
def test_a_token_of_somebody_else_is_refused(lms: Lms, token: str) -> None:
    assert register(lms, registration(), token).status_code == 401


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (registration(jwks_uri=...), "The following fields are required: jwks_uri"),
        (registration(grant_types=["implicit"]), "/grant_types"),
        (registration(redirect_uris=["nowhere"]), "/redirect_uris"),
        (registration(scope="bogus_scope"), "Invalid scopes: bogus_scope"),
        (registration(config={"target_link_uri": ...}), "target_link_uri must be a valid URI"),
        (registration(config={"messages": ...}), "messages is required"),
        (registration(config={v.CANVAS + "privacy_level": "secret"}), "privacy_level"),
        ({}, "The following fields are required"),
    ],
)
def test_canvas_refuses_a_faulty_registration_with_422(canvas: Lms, body: Json, words: str) -> None:
    answer = register(canvas, body)
    assert answer.status_code == 422
    assert words in json.dumps(answer.get_json())
    assert canvas.control("GET", "tools") == []


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (registration(config={"domain": ...}), "missing_domain"),
        (registration(config={"domain": "elsewhere.example"}), "domain_targetlinkuri_mismatch"),
        (registration(token_endpoint_auth_method="none"), "unsupported_auth_method"),
        (registration(redirect_uris=[]), "missing_redirect_uris"),
        ({}, "missing_response_types"),
    ],
)
def test_moodle_refuses_a_faulty_registration_in_one_word(moodle: Lms, body: Json, words: str) -> None:
    answer = register(moodle, body)
    assert (answer.status_code, answer.text) == (400, words)


@pytest.mark.parametrize(
    ("config", "level"),
    [
        ({v.CANVAS + "privacy_level": "name_only"}, "name_only"),
        ({"claims": ["email"]}, "email_only"),
        ({"claims": ["name"]}, "name_only"),
        ({"claims": ["picture"]}, "public"),
        ({"claims": []}, "anonymous"),
    ],
)
def test_canvas_takes_the_privacy_level_or_infers_it(canvas: Lms, config: Json, level: str) -> None:
    register(canvas, registration(config=config))
    assert canvas.control("GET", "tools")[0]["privacy"] == level


def test_a_registered_tool_launches_and_gets_tokens(lms: Lms) -> None:
    lms.install()  # publishes the tool's keys
    client_id = register(lms, registration()).get_json()["client_id"]
    lms.tool = lms.control("POST", f"tools/{client_id}/activate")
    lms.sign_in("teacher")
    menu = next(entry for entry in lms.course()["menu"] if entry["tool"] == client_id)
    assert lms.launch(menu["launch_url"])["aud"] == client_id
    assert lms.token(v.SCORE)


def test_the_admin_opens_the_tools_page_with_a_fresh_link(lms: Lms) -> None:
    lms.sign_in("admin")
    page = lms.client.get(f"/{lms.slug}/admin/register?url={TOOL}/lti/register")
    assert f"{TOOL}/lti/register?openid_configuration=" in page.text
    frames = page.headers["Content-Security-Policy"].partition("frame-src ")[2].partition(";")[0]
    assert set(frames.split()) == {"'self'", TOOL}


def test_a_bad_registration_address_is_told(lms: Lms) -> None:
    lms.sign_in("admin")
    answer = lms.client.get(f"/{lms.slug}/admin/register?url=javascript:alert(1)")
    assert answer.status_code == 400


HAND = {
    "client_name": "By hand",
    "login_url": f"{TOOL}/lti/login",
    "redirect_uris": f"{LAUNCH} {TOOL}/lti/deep",
    "jwks_uri": f"{TOOL}/jwks.json",
    "target_link_uri": LAUNCH,
}


def test_the_admin_installs_by_hand(lms: Lms) -> None:
    lms.sign_in("admin")
    answer = lms.client.post(f"/{lms.slug}/admin/tools", data=HAND)
    assert answer.status_code == 303
    (tool,) = lms.control("GET", "tools")
    assert tool["redirect_uris"] == [LAUNCH, f"{TOOL}/lti/deep"]
    assert tool["client_id"] in lms.client.get(answer.headers["Location"]).text


def test_what_was_typed_stays_when_something_is_missing(lms: Lms) -> None:
    lms.sign_in("admin")
    answer = lms.client.post(f"/{lms.slug}/admin/tools", data={**HAND, "jwks_uri": "nowhere"})
    assert 'aria-invalid="true"' in answer.text
    assert 'value="By hand"' in answer.text
    assert lms.control("GET", "tools") == []


@pytest.mark.parametrize("person", ["teacher", "learner-1"])
def test_only_the_admin_installs(lms: Lms, person: str) -> None:
    lms.sign_in(person)
    assert lms.client.get(f"/{lms.slug}/admin/tools").status_code == 403
    assert lms.client.post(f"/{lms.slug}/admin/tools", data=HAND).status_code == 403
