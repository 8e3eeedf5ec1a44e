"""The practice LMS: what it refuses of a deep linking response, and what it makes of a good one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import (
    KEY,
    LAUNCH,
    OTHER_KEY,
    TOOL,
    Lms,
    key_set,
    link_item,
    local,
    opened_lms,
    sign,
)

Json = dict[str, Any]


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param, person="teacher") as found:
        yield found


@pytest.fixture
def canvas(tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, "canvas", person="teacher") as found:
        yield found


@pytest.fixture
def moodle(tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, "moodle", person="teacher") as found:
        yield found


def return_url(lms: Lms, placement: str | None = None) -> str:
    settings = lms.launch(lms.picker_url(placement))[v.DL + "deep_linking_settings"]
    return local(settings["deep_link_return_url"])


def activities(lms: Lms) -> list[Json]:
    return list(lms.course()["activities"])


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
def test_a_response_with_a_wrong_claim_is_refused(lms: Lms, case: str) -> None:
    if case in NOW_CASES:
        offsets, words = NOW_CASES[case]
        changes = {name: lms.clock.stamp() + offset for name, offset in offsets.items()}
    else:
        changes, words = FAULTS[case]
    before = len(activities(lms))
    answer = lms.client.post(return_url(lms), data={"JWT": lms.response_jwt([link_item()], **changes)})
    assert answer.status_code == 400
    if lms.slug == "canvas":
        assert error_of(answer) == ("base", words)
    assert len(activities(lms)) == before


@pytest.mark.parametrize(
    ("token", "attribute", "words"),
    [
        (lambda _lms, _claims: "not.a.token", "jwt", "JWT format is invalid"),
        (
            lambda _lms, claims: sign(claims, "a-shared-secret-of-thirty-two-letters", algorithm="HS256"),
            "jwt",
            "JWT has unexpected alg",
        ),
        (lambda _lms, claims: sign(claims, OTHER_KEY), "jwt", "JWT verification failure"),
        (lambda _lms, claims: sign(claims, kid="unknown"), "jwt", "JWT verification failure"),
        (lambda _lms, claims: sign(claims, kid=None), "jwt", "JWT verification failure"),
        (lambda _lms, claims: sign({**claims, "iss": "170000000000999"}), "jwt", "Client not found"),
    ],
    ids=["no token", "symmetric key", "another key", "unknown key id", "no key id", "unknown client"],
)
def test_a_response_that_the_tool_did_not_sign_is_refused(lms: Lms, token: Any, attribute: str, words: str) -> None:
    now = lms.clock.stamp()
    claims = {"iss": lms.tool["client_id"], "aud": lms.tool["issuer"], "iat": now, "exp": now + 60, "nonce": "n"}
    answer = lms.client.post(return_url(lms), data={"JWT": token(lms, claims)})
    assert answer.status_code == 400
    if lms.slug == "canvas":
        assert error_of(answer) == (attribute, words)


def test_a_nonce_counts_once(lms: Lms) -> None:
    first = lms.client.post(return_url(lms), data={"JWT": lms.response_jwt([], nonce="n-1")})
    again = lms.client.post(return_url(lms), data={"JWT": lms.response_jwt([], nonce="n-1")})
    assert (first.status_code, again.status_code) == (200, 400)


def test_an_unreachable_key_set_is_refused(lms: Lms) -> None:
    lms.internet.down.add(f"{TOOL}/jwks.json")
    answer = lms.client.post(return_url(lms), data={"JWT": lms.response_jwt([link_item()])})
    assert answer.status_code == 400


def test_a_new_key_of_the_tool_is_fetched_when_its_id_is_unknown(lms: Lms) -> None:
    lms.client.post(return_url(lms), data={"JWT": lms.response_jwt([])})
    lms.internet.documents[f"{TOOL}/jwks.json"] = key_set(("tool-1", KEY), ("tool-2", OTHER_KEY))
    url = return_url(lms)
    now = lms.clock.stamp()
    claims = {
        "iss": lms.tool["client_id"],
        "aud": lms.tool["issuer"],
        "iat": now,
        "exp": now + 60,
        "nonce": "n-2",
        v.LTI + "message_type": v.DEEP_LINKING_RESPONSE,
        v.LTI + "version": "1.3.0",
        v.LTI + "deployment_id": lms.tool["deployment_id"],
        v.DL + "content_items": [],
    }
    assert lms.client.post(url, data={"JWT": sign(claims, OTHER_KEY, "tool-2")}).status_code == 200
    assert lms.internet.asked == [f"{TOOL}/jwks.json"] * 2


def test_the_data_of_canvas_must_come_back_whole_and_once(canvas: Lms) -> None:
    url = return_url(canvas)
    bare = url.partition("?")[0]
    seen = []
    for address in (bare, url + "x", url, url):
        answer = canvas.client.post(address, data={"JWT": canvas.response_jwt([])})
        seen.append("ok" if answer.status_code == 200 else error_of(answer)[1])
    assert seen == ["presence_required", "invalid_or_malformed", "ok", "already_used"]


def test_only_the_teacher_who_opened_the_picker_may_return(canvas: Lms) -> None:
    url = return_url(canvas)
    canvas.sign_in("learner-1")
    assert canvas.client.post(url, data={"JWT": canvas.response_jwt([link_item()])}).status_code == 401
    assert activities(canvas) == []


def test_a_tool_that_was_switched_off_cannot_return(canvas: Lms) -> None:
    url = return_url(canvas)
    canvas.sign_in("admin")
    canvas.client.post(f"/canvas/admin/tools/{canvas.tool['client_id']}/deactivate")
    answer = canvas.client.post(url, data={"JWT": canvas.response_jwt([link_item()])})
    assert error_of(answer) == ("developer_key", "Developer key inactive in context")


def test_canvas_makes_several_assignments_at_once(canvas: Lms) -> None:
    second = link_item(title="Reading", lineItem=..., custom={"activity": "a21"}, window={"targetName": "_blank"})
    assert canvas.pick(link_item(), second).status_code == 200
    graded, reading = activities(canvas)
    assert (graded["title"], reading["title"]) == ("Evidence, part 2", "Reading")
    assert (len(graded["line_items"]), reading["line_items"]) == (1, [])
    assert graded["published"]


def test_an_assignment_of_canvas_takes_one_item_and_exists_once_the_teacher_saves_it(canvas: Lms) -> None:
    answer = canvas.pick(link_item(), link_item(), placement="assignment_selection")
    assert activities(canvas) == []
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    assert "They are not in the course yet: press Save." in canvas.client.get(target).text
    for _press in range(2):
        assert canvas.client.post(target, data={"do": "save"}).status_code == 303
    assert len(activities(canvas)) == 1


def test_an_assignment_of_canvas_that_is_not_saved_never_exists(canvas: Lms) -> None:
    answer = canvas.pick(link_item(), placement="assignment_selection")
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    for word in ("cancel", "save"):
        canvas.client.post(target, data={"do": word})
    assert activities(canvas) == []


def test_new_assignments_start_unpublished_when_the_switch_says_so(canvas: Lms) -> None:
    canvas.control("PUT", "faults", {"switches": {"new_unpublished": True}})
    canvas.pick(link_item())
    assert not activities(canvas)[0]["published"]


def test_an_item_without_a_maximum_is_no_400_but_has_no_grade(canvas: Lms) -> None:
    answer = canvas.pick(link_item(lineItem={"label": "x"}))
    assert answer.status_code == 200
    assert "lineItem.scoreMaximum is a required field" in answer.text
    assert activities(canvas)[0]["line_items"] == []


def test_the_cancel_page_of_canvas_needs_no_token(canvas: Lms) -> None:
    answer = canvas.client.get("/canvas/deep_linking_cancel?placement=link_selection&lti_errormsg=Not+today")
    assert (answer.status_code, "Not today" in answer.text) == (200, True)


def test_moodle_lists_items_and_makes_them_only_on_save(moodle: Lms) -> None:
    answer = moodle.pick(link_item(), link_item(title="Second", lineItem=...))
    assert activities(moodle) == []
    target = answer.text.partition('data-target="')[2].partition('"')[0]
    page = moodle.client.get(target)
    assert "Save and return to course" in page.text
    assert moodle.client.post(target, data={"do": "save"}).status_code == 303
    first, second = activities(moodle)
    assert (first["title"], len(first["line_items"])) == ("Evidence: criterion 2", 1)  # the label is ignored
    assert (second["title"], second["line_items"]) == ("Second", [])


def test_saving_twice_makes_the_activities_once(moodle: Lms) -> None:
    target = moodle.pick(link_item()).text.partition('data-target="')[2].partition('"')[0]
    for _ in range(2):
        moodle.client.post(target, data={"do": "save"})
    assert len(activities(moodle)) == 1


def test_moodle_wants_the_session_key_of_the_teacher(moodle: Lms) -> None:
    url = return_url(moodle)
    wrong = url.partition("sesskey=")[0] + "sesskey=0000000000"
    assert moodle.client.post(wrong, data={"JWT": moodle.response_jwt([link_item()])}).status_code == 403


def test_moodle_fills_in_what_an_item_leaves_out(moodle: Lms) -> None:
    activity = moodle.add_activity({"type": "ltiResourceLink"})
    assert (activity["title"], activity["url"]) == ("Micro-credentials", LAUNCH)


@pytest.mark.parametrize("claim", ["msg", "errormsg"])
def test_a_cancelled_picker_closes_with_the_tools_words(lms: Lms, claim: str) -> None:
    token = lms.response_jwt([], **{v.DL + claim: "Nothing was selected"})
    answer = lms.client.post(return_url(lms), data={"JWT": token})
    assert (answer.status_code, "Nothing was selected" in answer.text) == (200, True)
    assert activities(lms) == []


@pytest.mark.parametrize("person", ["learner-1", "assessor"])
def test_only_a_teacher_gets_the_picker(lms: Lms, person: str) -> None:
    url = lms.picker_url()
    lms.sign_in(person)
    assert lms.client.get(local(url)).status_code == 403
