"""The practice LMS: launches of both campuses, their claims, and every refusal of the authorisation endpoint."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import LAUNCH, TOOL, Campus, close, link_item, make_campus

Json = dict[str, Any]
CAPTURED = json.loads((Path(__file__).parents[1] / "fixtures/practice/launch-shapes.json").read_text())


def shape(value: Any) -> Any:
    """Member names and types of a JSON value."""
    if isinstance(value, dict):
        return {name: shape(inner) for name, inner in value.items() if not name.endswith("/claim/custom")}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    names = {bool: "boolean", int: "number", float: "number", str: "string", type(None): "null"}
    return names[type(value)]


def review_of(campus: Campus) -> str:
    activity = campus.add_activity()
    if campus.slug == "canvas":
        extension = {"submission_type": "basic_lti_launch", "submission_data": f"{LAUNCH}?attempt=1"}
        assert campus.score(campus.course()["line_items"][0], **{v.CANVAS_SUBMISSION: extension}).status_code == 200
    return str(activity["review_url"]) + "learner-1"


def canvas_claims(campus: Campus, case: str) -> Json:
    if case == "canvas account menu":
        campus.sign_in("admin")
        return campus.launch(f"{campus.root}/launch?account={campus.tool['client_id']}")
    if case == "canvas picker":
        campus.sign_in("teacher")
        return campus.launch(campus.picker_url("course_assignments_menu"))
    if case == "canvas review":
        return campus.launch(review_of(campus))
    activity = campus.add_activity()
    levels = {"anonymous": "anonymous", "e-mail only": "email_only", "name only": "name_only"}
    level = levels.get(case.partition(", ")[2], "public")
    campus.control("PUT", f"tools/{campus.tool['client_id']}/privacy", {"privacy": level})
    campus.sign_in("test-student" if "test student" in case else "learner-1")
    url = campus.course()["menu"][0]["launch_url"] if case == "canvas course menu" else activity["launch_url"]
    return campus.launch(url)


def moodle_claims(campus: Campus, case: str) -> Json:
    if case == "moodle picker":
        campus.sign_in("teacher")
        return campus.launch(campus.picker_url())
    if case == "moodle review":
        return campus.launch(review_of(campus))
    activity = campus.add_activity()
    campus.sign_in("learner-1")
    return campus.launch(activity["launch_url"])


@pytest.mark.parametrize("case", sorted(name for name in CAPTURED["shapes"] if name.startswith("canvas")))
def test_a_launch_has_the_members_and_types_that_canvas_sends(canvas: Campus, case: str) -> None:
    assert shape(canvas_claims(canvas, case)) == CAPTURED["shapes"][case]


@pytest.mark.parametrize("case", sorted(name for name in CAPTURED["shapes"] if name.startswith("moodle")))
def test_a_launch_has_the_members_and_types_that_moodle_sends(moodle: Campus, case: str) -> None:
    assert shape(moodle_claims(moodle, case)) == CAPTURED["shapes"][case]


def test_roles_are_those_of_the_platform(campus: Campus) -> None:
    activity = campus.add_activity()
    for person, expected in CAPTURED["roles"][campus.slug].items():
        campus.sign_in(person)
        assert sorted(campus.launch(activity["launch_url"])[v.LTI + "roles"]) == sorted(expected)


def test_the_course_menu_of_canvas_has_no_link_of_its_own(canvas: Campus) -> None:
    canvas.sign_in("learner-1")
    claims = canvas.launch(canvas.course()["menu"][0]["launch_url"])
    assert claims[v.LTI + "resource_link"]["id"] == claims[v.LTI + "context"]["id"]
    assert claims["https://www.instructure.com/placement"] == "course_navigation"


def test_the_course_menu_of_moodle_is_a_link_without_a_grade(moodle: Campus) -> None:
    moodle.sign_in("learner-1")
    claims = moodle.launch(moodle.course()["menu"][0]["launch_url"])
    assert "lineitem" not in claims[v.AGS_CLAIM]
    assert v.BO_CLAIM not in claims


def test_canvas_keeps_the_type_of_a_lone_variable_and_leaves_unknown_ones_literal(tmp_path: Path) -> None:
    campus = make_campus(tmp_path, "canvas")
    custom = {"user": "$Canvas.user.id", "assignment": "$Canvas.assignment.id", "typo": "$Canvas.asignment.id"}
    campus.install(custom=custom)
    activity = campus.add_activity()
    campus.sign_in("learner-1")
    found = campus.launch(activity["launch_url"])[v.LTI + "custom"]
    close(campus)
    assert found == {"user": 30417, "assignment": 88041, "typo": "$Canvas.asignment.id", "activity": "a17"}


def test_moodle_expires_a_token_within_a_minute_and_has_a_plain_audience(moodle: Campus) -> None:
    moodle.sign_in("learner-1")
    claims = moodle.launch(moodle.course()["menu"][0]["launch_url"])
    assert claims["exp"] - claims["iat"] == 60
    assert (claims["aud"], "azp" in claims) == (moodle.tool["client_id"], False)


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ("current", {"lti_deployment_id"}),
        ("older", {"deployment_id"}),
        ("both", {"lti_deployment_id", "deployment_id"}),
        ("none", set()),
    ],
)
def test_the_deployment_parameter_of_canvas_can_be_switched(canvas: Campus, value: str, names: set[str]) -> None:
    canvas.control("PUT", "faults", {"switches": {"deployment_parameter": value}})
    canvas.sign_in("teacher")
    login = canvas.begin(canvas.course()["menu"][0]["launch_url"])
    assert {name for name in login if name.endswith("deployment_id")} == names


@pytest.mark.parametrize("target", ["post_message_forwarding", "_parent", ""])
def test_platform_storage_is_offered_at_login_or_not_at_all(campus: Campus, target: str) -> None:
    """Canvas names it again at the launch; Moodle would not, nor do Sakai and Brightspace."""
    campus.control("PUT", "faults", {"switches": {"storage": target}})
    campus.sign_in("teacher")
    login = campus.begin(campus.course()["menu"][0]["launch_url"])
    posted = campus.posted(campus.authorize(login))
    again = target if campus.slug == "canvas" else ""
    assert (login.get("lti_storage_target", ""), posted.get("lti_storage_target", "")) == (target, again)


def login_as(campus: Campus, person: str) -> dict[str, str]:
    campus.sign_in(person)
    return campus.begin(campus.course()["menu"][0]["launch_url"])


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        (
            {"lti_message_hint": None, "nonce": None, "prompt": None},
            "invalid_request_object",
            "The following parameters are missing: lti_message_hint,nonce,prompt",
        ),
        ({"scope": "openid email"}, "invalid_request_object", "The 'scope' must be 'openid'"),
        ({"prompt": "login"}, "invalid_request_object", "The 'prompt' must be 'none'"),
        ({"response_mode": "query"}, "invalid_request_object", "The 'response_mode' must be 'form_post'"),
        ({"response_type": "code"}, "invalid_request_object", "The 'response_type' must be 'id_token'"),
        ({"login_hint": "somebody-else"}, "login_required", "Must have an active user session"),
    ],
)
def test_canvas_posts_a_fault_to_the_tool(canvas: Campus, changes: Json, error: str, description: str) -> None:
    posted = canvas.posted(canvas.authorize(login_as(canvas, "teacher"), **changes))
    assert (posted["error"], posted["error_description"]) == (error, description)
    assert posted["state"] == "st-1"
    assert "id_token" not in posted


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"nonce": None}, "invalid_request"),
        ({"lti_message_hint": '{"cmid":7}'}, "invalid_request"),
        ({"scope": "email"}, "invalid_scope"),
        ({"response_type": "code"}, "unsupported_response_type"),
        ({"login_hint": "999"}, "access_denied"),
        ({"response_mode": None}, "invalid_request"),
        ({"response_mode": "query"}, "invalid_request"),
        ({"prompt": "login"}, "invalid_request"),
    ],
)
def test_moodle_posts_a_fault_to_the_tool(moodle: Campus, changes: Json, error: str) -> None:
    posted = moodle.posted(moodle.authorize(login_as(moodle, "teacher"), **changes))
    assert posted["error"] == error
    assert "id_token" not in posted


@pytest.mark.parametrize("uri", [f"{TOOL}/elsewhere", f"{LAUNCH}/", "http://evil.example/lti/launch"])
def test_an_unregistered_redirect_uri_gets_a_page_and_no_form(campus: Campus, uri: str) -> None:
    answer = campus.authorize(login_as(campus, "teacher"), redirect_uri=uri)
    assert answer.status_code == 400
    assert "launch-form" not in answer.text


def test_an_altered_hint_is_only_shown(canvas: Campus) -> None:
    login = login_as(canvas, "teacher")
    answer = canvas.authorize(login, lti_message_hint=login["lti_message_hint"] + "x")
    assert answer.status_code == 400
    assert "Invalid lti_message_hint" in answer.text


ONCE = {"canvas": "launch_no_longer_valid", "moodle": "invalid_request"}


def test_a_launch_is_taken_once(campus: Campus) -> None:
    login = login_as(campus, "teacher")
    assert "id_token" in campus.posted(campus.authorize(login))
    assert campus.posted(campus.authorize(login))["error"] == ONCE[campus.slug]


def test_a_launch_is_good_for_five_minutes(campus: Campus) -> None:
    login = login_as(campus, "teacher")
    campus.clock.move(minutes=5, seconds=1)
    answer = campus.authorize(login)
    if campus.slug == "canvas":  # its hint is a token that expires at the same time
        assert (answer.status_code, "Invalid lti_message_hint" in answer.text) == (400, True)
    else:
        assert campus.posted(answer)["error"] == ONCE["moodle"]


def test_another_persons_session_cannot_take_a_launch(campus: Campus) -> None:
    login = login_as(campus, "teacher")
    campus.sign_in("learner-1")
    expected = {"canvas": "login_required", "moodle": "access_denied"}
    assert campus.posted(campus.authorize(login))["error"] == expected[campus.slug]


def test_without_a_session_the_campus_asks_itself_once_and_then_gives_up(campus: Campus) -> None:
    login = login_as(campus, "teacher")
    campus.control("POST", "sessions/lose")
    first = campus.authorize(login)
    assert (first.status_code, "retry-form" in first.text) == (200, True)
    again = {"canvas": {"retried": "1"}, "moodle": {"repost": "1"}}[campus.slug]
    assert campus.authorize(login, **again).status_code == 401


def test_a_tool_that_is_off_is_not_authorised(tmp_path: Path) -> None:
    campus = make_campus(tmp_path, "canvas")
    campus.install(activate=False)
    campus.sign_in("teacher")
    login = campus.begin(campus.picker_url() if campus.course()["pickers"] else off_picker(campus))
    assert campus.posted(campus.authorize(login))["error"] == "unauthorized_client"
    close(campus)


def off_picker(campus: Campus) -> str:
    return f"{campus.root}/launch?course=5120&pick=link_selection&tool={campus.tool['client_id']}"


def test_a_rotated_key_signs_at_once_and_the_old_one_stays_published(campus: Campus) -> None:
    before = campus.client.get(campus.tool["jwks_uri"].removeprefix("http://localhost:8001"))
    kid = campus.control("POST", "keys/rotate")["kid"]
    campus.sign_in("teacher")
    assert campus.launch(campus.course()["menu"][0]["launch_url"])["iss"] == campus.root
    after = campus.client.get(campus.tool["jwks_uri"].removeprefix("http://localhost:8001"))
    kids = {key["kid"] for key in after.get_json()["keys"]}
    assert len(before.get_json()["keys"]) == 2
    assert {key["kid"] for key in before.get_json()["keys"]} | {kid} == kids
    assert "max-age" in after.headers["Cache-Control"]


def test_published_keys_hold_no_private_part(campus: Campus) -> None:
    answer = campus.client.get(campus.tool["jwks_uri"].removeprefix("http://localhost:8001"))
    for key in answer.get_json()["keys"]:
        assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)


def test_a_clock_that_is_off_shows_in_the_token(campus: Campus) -> None:
    campus.control("PUT", "faults", {"clock_offset_s": -400})
    campus.sign_in("teacher")
    claims = campus.launch(campus.course()["menu"][0]["launch_url"])
    assert claims["iat"] == campus.clock.stamp() - 400


def test_a_learner_cannot_open_an_unpublished_activity(campus: Campus) -> None:
    activity = campus.add_activity()
    campus.control("PUT", f"activities/{activity['number']}", {"published": False})
    campus.sign_in("learner-1")
    assert campus.client.get(activity["launch_url"].removeprefix("http://localhost:8001")).status_code == 403


def test_a_learner_reviews_only_their_own_work(campus: Campus) -> None:
    url = review_of(campus)
    campus.sign_in("learner-2")
    assert campus.client.get(url.removeprefix("http://localhost:8001")).status_code == 404
    campus.sign_in("learner-1")
    assert campus.launch(url)[v.LTI + "target_link_uri"].startswith(LAUNCH)


def test_a_review_in_canvas_opens_what_was_handed_in_and_names_nobody(canvas: Campus) -> None:
    claims = canvas.launch(review_of(canvas))
    assert claims[v.LTI + "target_link_uri"] == f"{LAUNCH}?attempt=1"
    assert canvas.sub("learner-1") not in json.dumps(claims)


def test_a_review_in_moodle_names_the_learner_and_adds_the_review_fields(moodle: Campus) -> None:
    review = {"url": f"{TOOL}/lti/launch?review=1", "custom": {"rev": "1"}}
    line_item = {"scoreMaximum": 20, "submissionReview": review}
    activity = moodle.add_activity(link_item(lineItem=line_item))
    claims = moodle.launch(activity["review_url"] + "learner-2")
    assert claims[v.LTI + "for_user"] == {"user_id": moodle.sub("learner-2")}
    assert claims[v.LTI + "target_link_uri"] == review["url"]
    assert claims[v.LTI + "custom"]["rev"] == "1"
