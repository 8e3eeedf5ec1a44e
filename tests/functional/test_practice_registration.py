"""The practice LMS: dynamic registration with both campuses, and installing by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import LAUNCH, TOOL, Campus, local, sign

Json = dict[str, Any]


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


def link(campus: Campus) -> Json:
    found = campus.control("POST", "registrations")
    assert isinstance(found, dict)
    return found


def register(campus: Campus, body: Json, token: str | None = None) -> Any:
    given = link(campus)
    document = campus.client.get(local(given["openid_configuration"])).get_json()
    headers = {"Authorization": f"Bearer {token or given['registration_token']}"}
    return campus.client.post(local(document["registration_endpoint"]), json=body, headers=headers)


def test_the_configuration_names_the_campus_and_its_endpoints(bare_campus: Campus) -> None:
    document = bare_campus.client.get(local(link(bare_campus)["openid_configuration"])).get_json()
    assert document["issuer"] == bare_campus.root
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        assert document[name].startswith(f"{bare_campus.root}/")
    family = document[v.PLATFORM_CONFIGURATION]["product_family_code"]
    assert family == bare_campus.slug


def test_canvas_reads_the_token_from_the_query_only(bare_canvas: Campus) -> None:
    given = link(bare_canvas)
    assert f"registration_token={given['registration_token']}" in given["openid_configuration"]
    bare = local(given["openid_configuration"]).partition("?")[0]
    answer = bare_canvas.client.get(bare, headers={"Authorization": f"Bearer {given['registration_token']}"})
    told = "Access token missing (You must include the registration_token parameter)."
    assert (answer.status_code, answer.get_json()) == (401, {"error": told})


def test_canvas_answers_200_with_the_tool_switched_off(bare_canvas: Campus) -> None:
    answer = register(bare_canvas, registration())
    body = answer.get_json()
    assert answer.status_code == 200
    assert body["scope"].endswith(" openid")
    assert body["deployment_id"].partition(":")[0].isdecimal()
    assert "registration_config_url" in str(body[v.TOOL_CONFIGURATION])
    (tool,) = bare_canvas.control("GET", "tools")
    assert (tool["client_id"], tool["active"], tool["privacy"]) == (body["client_id"], False, "public")
    places = {entry["placement"]: entry["url"] for entry in tool["placements"]}
    assert places == {"course_navigation": LAUNCH, "link_selection": f"{LAUNCH}?dl=1"}


def test_moodle_answers_200_with_the_deployment_inside_and_values_cut_at_the_equals_sign(bare_moodle: Campus) -> None:
    body = register(bare_moodle, registration()).get_json()
    config = body[v.TOOL_CONFIGURATION]
    assert config["deployment_id"] == "2"
    assert config["custom_parameters"] == {"tool_param": "x"}
    assert [message["type"] for message in config["messages"]] == [v.DEEP_LINKING]
    (tool,) = bare_moodle.control("GET", "tools")
    assert (tool["custom"], tool["active"]) == ({"tool_param": "x=y&z"}, False)
    assert set(body["scope"].split()) == {*v.GRADE_SCOPES, v.MEMBERSHIP}


def test_activating_makes_the_course_menu_appear(bare_campus: Campus) -> None:
    client_id = register(bare_campus, registration()).get_json()["client_id"]
    assert bare_campus.course()["menu"] == []
    bare_campus.control("POST", f"tools/{client_id}/activate")
    assert [entry["tool"] for entry in bare_campus.course()["menu"]] == [client_id]


USED = {"canvas": '{"errorMessage": "Registration token has already been used"}', "moodle": "token_already_used"}


def test_a_registration_token_counts_once(bare_campus: Campus) -> None:
    token = link(bare_campus)["registration_token"]
    assert register(bare_campus, registration(), token).status_code == 200
    again = register(bare_campus, registration(), token)
    assert (again.status_code, again.text) == (401, USED[bare_campus.slug])


def test_a_refused_registration_burns_the_token_in_canvas_only(bare_campus: Campus) -> None:
    token = link(bare_campus)["registration_token"]
    refused = register(bare_campus, registration(jwks_uri=...), token)
    again = register(bare_campus, registration(), token)
    expected = {"canvas": (422, 401), "moodle": (400, 200)}
    assert (refused.status_code, again.status_code) == expected[bare_campus.slug]


def test_a_registration_token_lives_an_hour(bare_campus: Campus) -> None:
    token = link(bare_campus)["registration_token"]
    bare_campus.clock.move(hours=1)
    assert register(bare_campus, registration(), token).status_code == 401


@pytest.mark.parametrize("token", ["nonsense", sign({"sub": "me", "scope": "reg"})], ids=["no token", "not ours"])
def test_a_token_of_somebody_else_is_refused(bare_campus: Campus, token: str) -> None:
    assert register(bare_campus, registration(), token).status_code == 401


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
def test_canvas_refuses_a_faulty_registration_with_422(bare_canvas: Campus, body: Json, words: str) -> None:
    answer = register(bare_canvas, body)
    assert answer.status_code == 422
    assert words in json.dumps(answer.get_json())
    assert bare_canvas.control("GET", "tools") == []


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
def test_moodle_refuses_a_faulty_registration_in_one_word(bare_moodle: Campus, body: Json, words: str) -> None:
    answer = register(bare_moodle, body)
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
def test_canvas_takes_the_privacy_level_or_infers_it(bare_canvas: Campus, config: Json, level: str) -> None:
    register(bare_canvas, registration(config=config))
    assert bare_canvas.control("GET", "tools")[0]["privacy"] == level


def test_a_registered_tool_launches_and_gets_tokens(bare_campus: Campus) -> None:
    bare_campus.install()  # publishes the tool's keys
    client_id = register(bare_campus, registration()).get_json()["client_id"]
    bare_campus.tool = bare_campus.control("POST", f"tools/{client_id}/activate")
    bare_campus.sign_in("teacher")
    menu = next(entry for entry in bare_campus.course()["menu"] if entry["tool"] == client_id)
    assert bare_campus.launch(menu["launch_url"])["aud"] == client_id
    assert bare_campus.token(v.SCORE)


def test_the_admin_opens_the_tools_page_with_a_fresh_link(bare_campus: Campus) -> None:
    bare_campus.sign_in("admin")
    page = bare_campus.client.get(f"/{bare_campus.slug}/admin/register?url={TOOL}/lti/register")
    assert f"{TOOL}/lti/register?openid_configuration=" in page.text
    frames = page.headers["Content-Security-Policy"].partition("frame-src ")[2].partition(";")[0]
    assert set(frames.split()) == {"'self'", TOOL}


def test_a_bad_registration_address_is_told(bare_campus: Campus) -> None:
    bare_campus.sign_in("admin")
    answer = bare_campus.client.get(f"/{bare_campus.slug}/admin/register?url=javascript:alert(1)")
    assert answer.status_code == 400


HAND = {
    "client_name": "By hand",
    "login_url": f"{TOOL}/lti/login",
    "redirect_uris": f"{LAUNCH} {TOOL}/lti/deep",
    "jwks_uri": f"{TOOL}/jwks.json",
    "target_link_uri": LAUNCH,
}


def test_the_admin_installs_by_hand(bare_campus: Campus) -> None:
    bare_campus.sign_in("admin")
    answer = bare_campus.client.post(f"/{bare_campus.slug}/admin/tools", data=HAND)
    assert answer.status_code == 303
    (tool,) = bare_campus.control("GET", "tools")
    assert tool["redirect_uris"] == [LAUNCH, f"{TOOL}/lti/deep"]
    assert tool["client_id"] in bare_campus.client.get(answer.headers["Location"]).text


def test_what_was_typed_stays_when_something_is_missing(bare_campus: Campus) -> None:
    bare_campus.sign_in("admin")
    answer = bare_campus.client.post(f"/{bare_campus.slug}/admin/tools", data={**HAND, "jwks_uri": "nowhere"})
    assert 'aria-invalid="true"' in answer.text
    assert 'value="By hand"' in answer.text
    assert bare_campus.control("GET", "tools") == []


@pytest.mark.parametrize("person", ["teacher", "learner-1"])
def test_only_the_admin_installs(bare_campus: Campus, person: str) -> None:
    bare_campus.sign_in(person)
    assert bare_campus.client.get(f"/{bare_campus.slug}/admin/tools").status_code == 403
    assert bare_campus.client.post(f"/{bare_campus.slug}/admin/tools", data=HAND).status_code == 403
