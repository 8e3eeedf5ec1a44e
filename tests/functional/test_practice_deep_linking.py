"""The practice LMS: what it refuses of a deep linking response, and what it makes of a good one."""

from __future__ import annotations

from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import (
    KEY,
    LAUNCH,
    OTHER_KEY,
    TOOL,
    Campus,
    key_set,
    link_item,
    local,
    sign,
)

Json = dict[str, Any]


@pytest.fixture
def teachers_campus(campus: Campus) -> Campus:
    """A campus whose teacher is signed in."""
    campus.sign_in("teacher")
    return campus


@pytest.fixture
def teachers_canvas(canvas: Campus) -> Campus:
    """The same in Canvas."""
    canvas.sign_in("teacher")
    return canvas


@pytest.fixture
def teachers_moodle(moodle: Campus) -> Campus:
    """The same in Moodle."""
    moodle.sign_in("teacher")
    return moodle


def return_url(campus: Campus, placement: str | None = None) -> str:
    settings = campus.launch(campus.picker_url(placement))[v.DL + "deep_linking_settings"]
    return local(settings["deep_link_return_url"])


def activities(campus: Campus) -> list[Json]:
    return list(campus.course()["activities"])


def error_of(answer: Any) -> tuple[str, str]:
    errors = answer.get_json()["errors"]
    (attribute,) = errors
    return attribute, errors[attribute][0]["type"]


NOW_CASES = {
    "expired": ({"exp": -1}, "the JWT has expired"),
    "too old": ({"iat": -301}, "the 'iat' must be less than 300 seconds old"),
    "from the future": ({"iat": 40}, "the 'iat' must not be in the future"),
}
FAULTS: dict[str, tuple[Json, str]] = {
    "another audience": ({"aud": "https://elsewhere.example"}, "the 'aud' is invalid"),
    "no nonce": ({"nonce": None}, "the following assertions are missing: nonce"),
    "another message": ({v.LTI + "message_type": v.RESOURCE_LINK}, "the 'message_type' claim is invalid"),
    "another version": ({v.LTI + "version": "1.1"}, "the 'version' claim is invalid"),
    "another deployment": ({v.LTI + "deployment_id": "x"}, "the 'deployment_id' claim is invalid"),
    "items not a list": ({v.DL + "content_items": {}}, "the 'content_items' claim is invalid"),
}


@pytest.mark.parametrize("case", [*FAULTS, *NOW_CASES])
def test_a_response_with_a_wrong_claim_is_refused(teachers_campus: Campus, case: str) -> None:
    if case in NOW_CASES:
        offsets, words = NOW_CASES[case]
        changes = {name: teachers_campus.clock.stamp() + offset for name, offset in offsets.items()}
    else:
        changes, words = FAULTS[case]
    before = len(activities(teachers_campus))
    answer = teachers_campus.client.post(
        return_url(teachers_campus), data={"JWT": teachers_campus.response_jwt([link_item()], **changes)}
    )
    assert answer.status_code == 400
    if teachers_campus.slug == "canvas":
        assert error_of(answer) == ("base", words)
    assert len(activities(teachers_campus)) == before


@pytest.mark.parametrize(
    ("token", "attribute", "words"),
    [
        (lambda _campus, _claims: "not.a.token", "jwt", "JWT format is invalid"),
        (
            lambda _campus, claims: sign(claims, "a-shared-secret-of-thirty-two-letters", algorithm="HS256"),
            "jwt",
            "JWT has unexpected alg",
        ),
        (lambda _campus, claims: sign(claims, OTHER_KEY), "jwt", "JWT verification failure"),
        (lambda _campus, claims: sign(claims, kid="unknown"), "jwt", "JWT verification failure"),
        (lambda _campus, claims: sign(claims, kid=None), "jwt", "JWT verification failure"),
        (lambda _campus, claims: sign({**claims, "iss": "170000000000999"}), "jwt", "Client not found"),
    ],
    ids=["no token", "symmetric key", "another key", "unknown key id", "no key id", "unknown client"],
)
def test_a_response_that_the_tool_did_not_sign_is_refused(
    teachers_campus: Campus, token: Any, attribute: str, words: str
) -> None:
    claims = teachers_campus.response_claims([])
    answer = teachers_campus.client.post(return_url(teachers_campus), data={"JWT": token(teachers_campus, claims)})
    assert answer.status_code == 400
    if teachers_campus.slug == "canvas":
        assert error_of(answer) == (attribute, words)


def test_a_nonce_counts_once(teachers_campus: Campus) -> None:
    first = teachers_campus.client.post(
        return_url(teachers_campus), data={"JWT": teachers_campus.response_jwt([], nonce="n-1")}
    )
    again = teachers_campus.client.post(
        return_url(teachers_campus), data={"JWT": teachers_campus.response_jwt([], nonce="n-1")}
    )
    assert (first.status_code, again.status_code) == (200, 400)


def test_an_unreachable_key_set_is_refused(teachers_campus: Campus) -> None:
    teachers_campus.internet.down.add(f"{TOOL}/jwks.json")
    answer = teachers_campus.client.post(
        return_url(teachers_campus), data={"JWT": teachers_campus.response_jwt([link_item()])}
    )
    assert answer.status_code == 400


def test_a_new_key_of_the_tool_is_fetched_when_its_id_is_unknown(teachers_campus: Campus) -> None:
    teachers_campus.client.post(return_url(teachers_campus), data={"JWT": teachers_campus.response_jwt([])})
    teachers_campus.internet.documents[f"{TOOL}/jwks.json"] = key_set(("tool-1", KEY), ("tool-2", OTHER_KEY))
    url = return_url(teachers_campus)
    claims = teachers_campus.response_claims([])
    assert teachers_campus.client.post(url, data={"JWT": sign(claims, OTHER_KEY, "tool-2")}).status_code == 200
    assert teachers_campus.internet.asked == [f"{TOOL}/jwks.json"] * 2


def test_the_data_of_canvas_must_come_back_whole_and_once(teachers_canvas: Campus) -> None:
    url = return_url(teachers_canvas)
    bare = url.partition("?")[0]
    seen = []
    for address in (bare, url + "x", url, url):
        answer = teachers_canvas.client.post(address, data={"JWT": teachers_canvas.response_jwt([])})
        seen.append("ok" if answer.status_code == 200 else error_of(answer)[1])
    assert seen == ["presence_required", "invalid_or_malformed", "ok", "already_used"]


def test_only_the_teacher_who_opened_the_picker_may_return(teachers_canvas: Campus) -> None:
    url = return_url(teachers_canvas)
    teachers_canvas.sign_in("learner-1")
    assert (
        teachers_canvas.client.post(url, data={"JWT": teachers_canvas.response_jwt([link_item()])}).status_code == 401
    )
    assert activities(teachers_canvas) == []


def test_a_tool_that_was_switched_off_cannot_return(teachers_canvas: Campus) -> None:
    url = return_url(teachers_canvas)
    teachers_canvas.sign_in("admin")
    teachers_canvas.client.post(f"/canvas/admin/tools/{teachers_canvas.tool['client_id']}/deactivate")
    answer = teachers_canvas.client.post(url, data={"JWT": teachers_canvas.response_jwt([link_item()])})
    assert error_of(answer) == ("developer_key", "Developer key inactive in context")


def test_canvas_makes_several_assignments_at_once(teachers_canvas: Campus) -> None:
    second = link_item(title="Reading", lineItem=..., custom={"activity": "a21"}, window={"targetName": "_blank"})
    assert teachers_canvas.pick(link_item(), second).status_code == 200
    graded, reading = activities(teachers_canvas)
    assert (graded["title"], reading["title"]) == ("Evidence, part 2", "Reading")
    assert (len(graded["line_items"]), reading["line_items"]) == (1, [])
    assert graded["published"]


def test_an_assignment_of_canvas_takes_one_item_and_exists_once_the_teacher_saves_it(teachers_canvas: Campus) -> None:
    answer = teachers_canvas.pick(link_item(), link_item(), placement="assignment_selection")
    assert activities(teachers_canvas) == []
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    assert "They are not in the course yet: press Save." in teachers_canvas.client.get(target).text
    for _press in range(2):
        assert teachers_canvas.client.post(target, data={"do": "save"}).status_code == 303
    assert len(activities(teachers_canvas)) == 1


def test_an_assignment_of_canvas_that_is_not_saved_never_exists(teachers_canvas: Campus) -> None:
    answer = teachers_canvas.pick(link_item(), placement="assignment_selection")
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    for word in ("cancel", "save"):
        teachers_canvas.client.post(target, data={"do": word})
    assert activities(teachers_canvas) == []


def test_new_assignments_start_unpublished_when_the_switch_says_so(teachers_canvas: Campus) -> None:
    teachers_canvas.control("PUT", "faults", {"switches": {"new_unpublished": True}})
    teachers_canvas.pick(link_item())
    assert not activities(teachers_canvas)[0]["published"]


def test_an_item_without_a_maximum_is_no_400_but_has_no_grade(teachers_canvas: Campus) -> None:
    answer = teachers_canvas.pick(link_item(lineItem={"label": "x"}))
    assert answer.status_code == 200
    assert "lineItem.scoreMaximum is a required field" in answer.text
    assert activities(teachers_canvas)[0]["line_items"] == []


def test_the_cancel_page_of_canvas_needs_no_token(teachers_canvas: Campus) -> None:
    answer = teachers_canvas.client.get("/canvas/deep_linking_cancel?placement=link_selection&lti_errormsg=Not+today")
    assert (answer.status_code, "Not today" in answer.text) == (200, True)


def test_moodle_lists_items_and_makes_them_only_on_save(teachers_moodle: Campus) -> None:
    answer = teachers_moodle.pick(link_item(), link_item(title="Second", lineItem=...))
    assert activities(teachers_moodle) == []
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    page = teachers_moodle.client.get(target)
    assert "Save and return to course" in page.text
    assert teachers_moodle.client.post(target, data={"do": "save"}).status_code == 303
    first, second = activities(teachers_moodle)
    assert (first["title"], len(first["line_items"])) == ("Evidence: criterion 2", 1)  # the label is ignored
    assert (second["title"], second["line_items"]) == ("Second", [])


def test_saving_twice_makes_the_activities_once(teachers_moodle: Campus) -> None:
    target = teachers_moodle.pick(link_item()).text.partition('data-target="')[2].partition('"')[0]
    for _ in range(2):
        teachers_moodle.client.post(target, data={"do": "save"})
    assert len(activities(teachers_moodle)) == 1


def test_moodle_wants_the_session_key_of_the_teacher(teachers_moodle: Campus) -> None:
    url = return_url(teachers_moodle)
    wrong = url.partition("sesskey=")[0] + "sesskey=0000000000"
    assert (
        teachers_moodle.client.post(wrong, data={"JWT": teachers_moodle.response_jwt([link_item()])}).status_code == 403
    )


def test_moodle_fills_in_what_an_item_leaves_out(teachers_moodle: Campus) -> None:
    activity = teachers_moodle.add_activity({"type": "ltiResourceLink"})
    assert (activity["title"], activity["url"]) == ("Micro-credentials", LAUNCH)


@pytest.mark.parametrize("claim", ["msg", "errormsg"])
def test_a_cancelled_picker_closes_with_the_tools_words(teachers_campus: Campus, claim: str) -> None:
    token = teachers_campus.response_jwt([], **{v.DL + claim: "Nothing was selected"})
    answer = teachers_campus.client.post(return_url(teachers_campus), data={"JWT": token})
    assert (answer.status_code, "Nothing was selected" in answer.text) == (200, True)
    assert activities(teachers_campus) == []


@pytest.mark.parametrize("person", ["learner-1", "assessor"])
def test_only_a_teacher_gets_the_picker(teachers_campus: Campus, person: str) -> None:
    url = teachers_campus.picker_url()
    teachers_campus.sign_in(person)
    assert teachers_campus.client.get(local(url)).status_code == 403
