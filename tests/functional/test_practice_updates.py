"""The practice LMS: a tool that is installed is registered anew, and Canvas's developer key by URL."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.settings import Settings
from lti_mcred.tool.profiles.canvas_developer_key import canvas_json
from tests.functional.test_practice_registration import link, register, registration
from tests.practice_helpers import LAUNCH, TOOL, Campus, local

Json = dict[str, Any]
KEY_URL = f"{TOOL}/lti/canvas.json"


@pytest.fixture
def admins_campus(bare_campus: Campus) -> Campus:
    """A campus without any tool, whose administrator is signed in."""
    bare_campus.sign_in("admin")
    return bare_campus


@pytest.fixture
def admins_canvas(bare_canvas: Campus) -> Campus:
    """The same in Canvas."""
    bare_canvas.sign_in("admin")
    return bare_canvas


def update_link(campus: Campus, client_id: str) -> dict[str, str]:
    """The address and token with which the admin's page opens the tool for an update."""
    page = campus.client.get(f"/{campus.slug}/admin/register?tool={client_id}&url={TOOL}/lti/register").text
    source = page.partition(f'src="{TOOL}')[2].partition('"')[0].replace("&amp;", "&")
    return {name: values[0] for name, values in parse_qs(urlsplit(source).query).items()}


def send(campus: Campus, given: dict[str, str], body: Json) -> Any:
    document = campus.client.get(local(given["openid_configuration"])).get_json()
    headers = {"Authorization": f"Bearer {given['registration_token']}"}
    return campus.client.post(local(document["registration_endpoint"]), json=body, headers=headers)


def tool(campus: Campus) -> Json:
    (found,) = campus.control("GET", "tools")
    assert isinstance(found, dict)
    return found


def test_an_update_replaces_the_tool_at_once_in_moodle_and_when_accepted_in_canvas(admins_campus: Campus) -> None:
    client_id = register(admins_campus, registration()).get_json()["client_id"]
    admins_campus.control("POST", f"tools/{client_id}/activate")
    answer = send(admins_campus, update_link(admins_campus, client_id), registration(client_name="Renamed"))
    assert (answer.status_code, answer.get_json()["client_id"]) == (200, client_id)
    if admins_campus.slug == "canvas":
        assert tool(admins_campus)["name"] == "Micro-credentials"
        assert "Accept the update" in admins_campus.client.get(f"/canvas/admin/tools/{client_id}").text
        admins_campus.client.post(f"/canvas/admin/tools/{client_id}/update")
    after = tool(admins_campus)
    assert (after["name"], after["client_id"], after["active"]) == ("Renamed", client_id, True)
    assert "Accept the update" not in admins_campus.client.get(f"/{admins_campus.slug}/admin/tools/{client_id}").text


def test_accepting_without_a_request_changes_nothing(admins_canvas: Campus) -> None:
    client_id = register(admins_canvas, registration()).get_json()["client_id"]
    before = tool(admins_canvas)
    assert admins_canvas.client.post(f"/canvas/admin/tools/{client_id}/update").status_code == 303
    assert tool(admins_canvas) == before


def test_an_update_without_a_token_of_its_own_makes_a_second_tool(admins_campus: Campus) -> None:
    register(admins_campus, registration())
    assert send(admins_campus, link(admins_campus), registration()).status_code == 200
    assert len(admins_campus.control("GET", "tools")) == 2


def test_a_token_of_an_update_lives_an_hour(admins_campus: Campus) -> None:
    client_id = register(admins_campus, registration()).get_json()["client_id"]
    given = update_link(admins_campus, client_id)
    admins_campus.clock.move(hours=1)
    assert send(admins_campus, given, registration(client_name="Late")).status_code == 401
    assert tool(admins_campus)["name"] == "Micro-credentials"


def test_canvas_installs_a_developer_key_from_its_address(admins_canvas: Campus, settings: Settings) -> None:
    admins_canvas.internet.documents[KEY_URL] = json.dumps(canvas_json(settings)).encode()
    done = admins_canvas.client.post(
        "/canvas/admin/tools/by-url", data={"key_redirect_uris": LAUNCH, "key_url": KEY_URL}
    )
    found = tool(admins_canvas)
    assert done.location == f"/canvas/admin/tools/{found['client_id']}"
    assert (found["active"], found["privacy"]) == (False, "public")
    places = {entry["placement"]: entry["type"] for entry in found["placements"]}
    assert places["account_navigation"] == v.RESOURCE_LINK
    assert places["assignment_selection"] == v.DEEP_LINKING
    assert v.SCORE in found["scopes"]


ODD = {
    "title": "x", "extensions": 7, "target_link_uri": LAUNCH, "oidc_initiation_url": LAUNCH, "public_jwk_url": LAUNCH,
}  # fmt: skip


@pytest.mark.parametrize(
    "document",
    [b"", b"<html>", b"[]", b"{}", b'{"title": "x"}', json.dumps(ODD).encode()],
    ids=["empty", "a page", "a list", "nothing in it", "no addresses", "odd extensions"],
)
def test_a_document_that_is_no_developer_key_is_said_and_nothing_typed_is_lost(
    admins_canvas: Campus, document: bytes
) -> None:
    admins_canvas.internet.documents[KEY_URL] = document
    page = admins_canvas.client.post(
        "/canvas/admin/tools/by-url", data={"key_redirect_uris": LAUNCH, "key_url": KEY_URL}
    )
    assert f'value="{KEY_URL}" aria-invalid="true"' in page.text
    assert f'value="{LAUNCH}"' in page.text
    assert admins_canvas.control("GET", "tools") == []


@pytest.mark.parametrize("typed", [{}, {"key_url": "x", "key_redirect_uris": "y"}, {"key_url": f"{TOOL}/missing"}])
def test_an_address_without_a_document_is_said(admins_canvas: Campus, typed: dict[str, str]) -> None:
    page = admins_canvas.client.post("/canvas/admin/tools/by-url", data=typed)
    assert "No configuration could be read" in page.text
    assert admins_canvas.control("GET", "tools") == []
