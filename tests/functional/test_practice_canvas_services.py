"""The practice LMS, Canvas temperament: line items, scores, results, rosters and notices over the wire."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import LAUNCH, TOOL, Lms, link_item, local, opened_lms, query_of, sign

Json = dict[str, Any]
EXT = v.CANVAS_SUBMISSION
GONE = [{"message": "The specified resource does not exist."}]


@pytest.fixture
def lms(tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, "canvas") as found:
        yield found


@pytest.fixture
def item(lms: Lms) -> Json:
    lms.add_activity()
    return newest(lms)


def newest(lms: Lms) -> Json:
    found = lms.course()["line_items"][-1]
    assert isinstance(found, dict)
    return found


def items_url(lms: Lms) -> str:
    return f"{lms.root}/api/lti/courses/5120/line_items"


def create(lms: Lms, **members: Any) -> Any:
    body = {"scoreMaximum": 20, "label": "Evidence: criterion 9", **members}
    return lms.call("POST", items_url(lms), body, Content_Type=v.LINEITEM_TYPE)


def refusal(answer: Any) -> tuple[int, Any]:
    errors = answer.get_json()["errors"]
    return answer.status_code, errors["message"] if isinstance(errors, dict) else errors


# --- who may come in -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("", "Missing access token"),
        ("Bearer nonsense", "Invalid access token format"),
        ("Bearer " + sign({"scopes": "x"}), "Access token invalid - signature likely incorrect"),
    ],
    ids=["no token", "no JWT", "not ours"],
)
def test_a_request_without_a_good_token_is_refused(lms: Lms, header: str, words: str) -> None:
    answer = lms.call("GET", items_url(lms), Authorization=header)
    assert refusal(answer) == (401, words)


def test_an_expired_token_is_refused(lms: Lms) -> None:
    token = lms.token()
    lms.clock.move(hours=1)
    answer = lms.call("GET", items_url(lms), Authorization=f"Bearer {token}")
    assert refusal(answer) == (401, "Access token expired")


def test_a_token_without_the_scope_is_refused(lms: Lms) -> None:
    answer = lms.call("GET", items_url(lms), Authorization=f"Bearer {lms.token(v.SCORE)}")
    assert refusal(answer) == (401, "Insufficient permissions")


def test_an_unknown_course_comes_before_a_key_that_is_off(lms: Lms) -> None:
    token = f"Bearer {lms.token()}"
    lms.sign_in("admin")
    lms.client.post(f"/canvas/admin/tools/{lms.tool['client_id']}/deactivate")
    elsewhere = f"{lms.root}/api/lti/courses/1/line_items"
    assert refusal(lms.call("GET", elsewhere, Authorization=token)) == (404, GONE)
    assert refusal(lms.call("GET", items_url(lms), Authorization=token)) == (401, "Invalid Developer Key")


def test_a_deleted_course_comes_before_a_tool_that_was_removed(lms: Lms) -> None:
    lms.control("PUT", "faults", {"tool_removed": [5120], "course_deleted": [5120]})
    assert refusal(lms.call("GET", items_url(lms))) == (404, "Context is deleted or not found")
    lms.control("PUT", "faults", {"course_deleted": [], "concluded": True})
    told = "Access Token not linked to a Tool associated with this Context"
    assert refusal(lms.call("GET", items_url(lms))) == (401, told)
    lms.control("DELETE", "faults")
    assert lms.call("GET", items_url(lms)).status_code == 200


@pytest.mark.parametrize("value", [[1], 5120, "5120", ["5120"]])
def test_a_switch_for_one_course_wants_courses_that_there_are(lms: Lms, value: Any) -> None:
    assert lms.client.put("/canvas/control/faults", json={"tool_removed": value}).status_code == 400


# --- line items ----------------------------------------------------------------------------------------------------


def test_line_items_come_ten_a_page_with_links(lms: Lms) -> None:
    for number in range(12):
        create(lms, label=f"Column {number}", tag="many")
    first = lms.call("GET", items_url(lms))
    assert len(first.get_json()) == 10
    links = first.headers["Link"].split(",")
    assert [link.rpartition("rel=")[2] for link in links] == ['"current"', '"next"', '"first"', '"last"']
    following = links[1].partition("<")[2].partition(">")[0]
    assert query_of(following) == {"page": "2", "per_page": "10"}
    second = lms.call("GET", following)
    assert len(second.get_json()) == 2
    assert 'rel="next"' not in second.headers["Link"]


def test_filters_narrow_the_list_and_stay_in_the_links(lms: Lms, item: Json) -> None:
    create(lms, tag="other")
    answer = lms.call("GET", items_url(lms) + "?tag=evidence&limit=2&include[]=launch_url")
    (found,) = answer.get_json()
    assert found["id"] == item["id"]
    assert found[v.CANVAS + "launch_url"] == f"{LAUNCH}?activity=a17"
    assert "tag=evidence" in answer.headers["Link"]


def test_a_created_item_is_an_assignment_and_leaves_out_what_it_has_not(lms: Lms) -> None:
    answer = create(lms, resourceId="a40", endDateTime="2026-12-11T05:59:00Z")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, f"{v.LINEITEM_TYPE}; charset=utf-8")
    body = answer.get_json()
    assert body == {
        "id": newest(lms)["id"],
        "scoreMaximum": 20.0,
        "label": "Evidence: criterion 9",
        "resourceId": "a40",
        "endDateTime": "2026-12-11T05:59:00Z",
    }
    assert lms.course()["activities"][-1]["title"] == "Evidence: criterion 9"


def test_an_external_tool_item_can_be_launched(lms: Lms) -> None:
    kind = {"type": "external_tool", "external_tool_url": f"{LAUNCH}?activity=a40"}
    body = create(lms, **{v.CANVAS_SUBMISSION_TYPE: kind}).get_json()
    assert body[v.CANVAS_SUBMISSION_TYPE] == kind
    lms.sign_in("learner-1")
    claims = lms.launch(lms.course()["activities"][-1]["launch_url"])
    assert claims[v.LTI + "resource_link"]["id"] == body["resourceLinkId"]
    assert claims[v.AGS_CLAIM]["lineitem"] == body["id"]


def test_a_further_item_on_a_link_does_not_drive_the_gradebook(lms: Lms, item: Json) -> None:
    link = lms.course()["activities"][0]["resource_link_id"]
    assert create(lms, label="Rubric", resourceLinkId=link).status_code == 201
    rubric = newest(lms)
    assert lms.score(rubric, comment="only here").status_code == 200
    cell = lms.cell()
    assert (cell["attempt"], cell["comments"], cell["result"]["comment"]) == (0, [], "only here")


@pytest.mark.parametrize(
    ("members", "status", "body"),
    [
        (
            {v.CANVAS_SUBMISSION_TYPE: {"type": "online_upload"}},
            400,
            {"error": "Invalid submission_type for new assignment: online_upload"},
        ),
        ({"resourceLinkId": "not-known"}, 404, {"errors": GONE}),
        ({"label": ""}, 422, {"errors": [{"field": "label", "message": "blank", "error_code": "blank"}]}),
    ],
)
def test_a_faulty_line_item_is_refused(lms: Lms, members: Json, status: int, body: Json) -> None:
    answer = create(lms, **members)
    assert (answer.status_code, answer.get_json()) == (status, body)


def test_a_put_changes_only_what_it_holds_and_renames_the_assignment(lms: Lms, item: Json) -> None:
    body = {"label": "Renamed", "scoreMaximum": 25}
    answer = lms.call("PUT", item["id"], body, Content_Type=v.LINEITEM_TYPE)
    assert answer.get_json()["tag"] == "evidence"
    assert lms.course()["activities"][0]["title"] == "Renamed"


def test_a_put_with_another_link_is_refused(lms: Lms, item: Json) -> None:
    answer = lms.call("PUT", item["id"], {"resourceLinkId": "x"}, Content_Type=v.LINEITEM_TYPE)
    assert refusal(answer) == (412, "The specified LTI link ID is not associated with the line item.")


def test_a_coupled_item_stays_and_an_own_one_takes_its_assignment_along(lms: Lms, item: Json) -> None:
    lms.sign_in("learner-1")
    lms.launch(lms.course()["activities"][0]["launch_url"])
    coupled = lms.call("DELETE", item["id"])
    assert (coupled.status_code, coupled.data) == (401, b"")
    create(lms)
    own = newest(lms)
    lms.score(own)
    assert lms.call("DELETE", own["id"]).status_code == 204
    assert len(lms.course()["activities"]) == 1
    assert refusal(lms.call("GET", own["id"])) == (404, GONE)


def test_another_tools_item_is_refused(lms: Lms, item: Json) -> None:
    lms.install(name="Another tool")
    answer = lms.call("GET", item["id"])
    assert refusal(answer) == (412, "Tool does not have permission to view line_item")


# --- scores --------------------------------------------------------------------------------------------------------


def test_a_hand_in_and_its_grade(lms: Lms, item: Json) -> None:
    extension = {"submission_type": "basic_lti_launch", "submission_data": f"{LAUNCH}?attempt=1"}
    handed_in = lms.score(
        item,
        activityProgress="Submitted",
        gradingProgress="PendingManual",
        scoreGiven=...,
        scoreMaximum=...,
        **{EXT: {**extension, "preserve_score": True}},
    )
    assert handed_in.get_json() == {EXT: {"content_items": []}, "resultUrl": f"{item['id']}/results/91001"}
    assert (lms.cell()["state"], lms.cell()["attempt"]) == ("pending_review", 1)
    lms.clock.move(minutes=1)
    lms.score(item, scoreGiven=17, comment="Criterion 1: met.", **{EXT: {"new_submission": False}})
    cell = lms.cell()
    assert (cell["state"], cell["attempt"], cell["score"]) == ("graded", 1, 17.0)
    assert cell["comments"] == ["Criterion 1: met."]
    assert len(cell["posts"]) == 2


def test_results_follow_the_posts_even_when_the_gradebook_keeps_its_grade(lms: Lms, item: Json) -> None:
    lms.score(item)
    lms.clock.move(seconds=1)
    lms.score(item, scoreGiven=19, **{EXT: {"new_submission": False, "preserve_score": True}})
    (row,) = lms.call("GET", item["id"] + "/results").get_json()
    assert (row["resultScore"], lms.cell()["score"]) == (19.0, 15.0)
    assert row["scoreOf"] == item["id"]


def test_a_grade_that_a_teacher_types_shows_in_the_result_on_its_scale(lms: Lms, item: Json) -> None:
    lms.score(item, scoreGiven=5, scoreMaximum=10)
    lms.control("POST", "grades", {"person": "learner-1", "line_item": item["number"], "score": 16})
    (row,) = lms.call("GET", item["id"] + "/results").get_json()
    assert (row["resultScore"], row["resultMaximum"], lms.cell()["grader"]) == (8.0, 10.0, "teacher")


def test_the_test_student_is_scored_but_has_no_result(lms: Lms, item: Json) -> None:
    assert lms.score(item, "test-student").status_code == 200
    url = f"{item['id']}/results?user_id={lms.sub('test-student')}"
    assert lms.call("GET", url).get_json() == []


NOBODY = "User not found in course or is not a student"


@pytest.mark.parametrize(
    ("person", "members"),
    [("teacher", {}), ("assessor", {}), ("nobody", {}), ("learner-1", {"userId": ...})],
)
def test_only_learners_are_scored(lms: Lms, item: Json, person: str, members: Json) -> None:
    assert refusal(lms.score(item, person, **members)) == (422, NOBODY)


def test_a_body_of_another_type_is_not_read(lms: Lms, item: Json) -> None:
    answer = lms.call("POST", item["id"] + "/scores", {"userId": "x"}, Content_Type="text/plain")
    assert refusal(answer) == (422, NOBODY)


def test_an_earlier_timestamp_is_refused_and_an_equal_one_accepted(lms: Lms, item: Json) -> None:
    assert lms.score(item).status_code == 200
    assert lms.score(item, scoreGiven=16).status_code == 200
    answer = lms.score(item, timestamp="2026-11-23T09:59:59Z")
    assert answer.status_code == 400
    assert "before last updated timestamp of 2026-11-23T10:00:00.000Z" in answer.text


def test_an_unpublished_assignment_takes_no_score(lms: Lms, item: Json) -> None:
    lms.control("PUT", f"activities/{item['activity']}", {"published": False})
    assert refusal(lms.score(item)) == (422, "This assignment is still unpublished")


@pytest.mark.parametrize(("person", "words"), [("learner-1", " for this student"), ("nobody", "")])
def test_a_concluded_course_takes_no_score(lms: Lms, item: Json, person: str, words: str) -> None:
    lms.control("PUT", "faults", {"concluded": True})
    told = f"This course has concluded{words}. AGS requests will no longer be accepted for this course."
    assert refusal(lms.score(item, person)) == (422, told)


def test_a_concluded_course_of_an_older_version_answers_404(lms: Lms, item: Json) -> None:
    lms.control("PUT", "faults", {"concluded": True, "switches": {"concluded_is_404": True}})
    assert refusal(lms.score(item)) == (404, GONE)


def test_attempts_can_be_used_up(lms: Lms, item: Json) -> None:
    lms.control("PUT", f"activities/{item['activity']}", {"allowed_attempts": 1})
    assert lms.score(item).status_code == 200
    lms.clock.move(seconds=1)
    told = "The maximum number of allowed attempts has been reached for this submission"
    assert refusal(lms.score(item)) == (422, told)
    assert lms.score(item, **{EXT: {"new_submission": False}}).status_code == 200


def test_a_link_id_in_the_query_must_fit(lms: Lms, item: Json) -> None:
    answer = lms.call("POST", item["id"] + "/scores?resourceLinkId=x", {}, Content_Type=v.SCORE_TYPE)
    assert refusal(answer) == (412, "The specified LTI link ID is not associated with the line item.")


def test_files_are_fetched_before_anything_is_stored(lms: Lms, item: Json) -> None:
    url = f"{TOOL}/files/e.pdf"
    extension = {EXT: {"content_items": [{"type": "file", "url": url, "title": "e.pdf"}]}}
    assert lms.score(item, **extension).status_code == 400
    lms.internet.down.add(url)
    assert refusal(lms.score(item, **extension)) == (504, "file url timed out")
    assert lms.control("GET", "gradebook") == []
    lms.internet.down.clear()
    lms.internet.documents[url] = b"%PDF"
    (stored,) = lms.score(item, **extension).get_json()[EXT]["content_items"]
    progress = lms.client.get(local(stored["progress"]), headers={"Authorization": f"Bearer {lms.token(v.PROGRESS)}"})
    assert progress.get_json()["workflow_state"] == "completed"
    assert lms.cell()["submission_type"] == "online_upload"


# --- rosters and notices -------------------------------------------------------------------------------------------


def roster_url(lms: Lms) -> str:
    return f"{lms.root}/api/lti/courses/5120/names_and_roles"


def test_a_roster_has_fifty_a_page_whatever_the_limit(lms: Lms) -> None:
    lms.control("POST", "enrol", {"count": 52})
    first = lms.call("GET", roster_url(lms) + "?limit=500")
    assert len(first.get_json()["members"]) == 50
    following = first.headers["Link"].split(",")[1].partition("<")[2].partition(">")[0]
    second = lms.call("GET", following)
    assert len(second.get_json()["members"]) == 7
    assert 'rel="next"' not in second.headers["Link"]


@pytest.mark.parametrize(
    ("role", "count"),
    [
        ("http://purl.imsglobal.org/vocab/lis/v2/membership%23Learner", 3),
        ("http://purl.imsglobal.org/vocab/lis/v2/membership%23Instructor", 2),
        ("Learner", 0),
    ],
)
def test_a_role_must_be_a_full_address(lms: Lms, role: str, count: int) -> None:
    assert len(lms.call("GET", f"{roster_url(lms)}?role={role}").get_json()["members"]) == count


def test_an_anonymous_roster_holds_ids_and_roles_only(lms: Lms) -> None:
    lms.control("PUT", f"tools/{lms.tool['client_id']}/privacy", {"privacy": "anonymous"})
    for member in lms.call("GET", roster_url(lms)).get_json()["members"]:
        assert set(member) == {"status", "user_id", "lti11_legacy_user_id", "roles"}


def test_a_link_adds_messages_with_its_custom_fields(lms: Lms, item: Json) -> None:
    link = lms.course()["activities"][0]["resource_link_id"]
    (message,) = lms.call("GET", f"{roster_url(lms)}?rlid={link}").get_json()["members"][0]["message"]
    assert message[v.LTI + "custom"] == {"activity": "a17"}


def test_an_unknown_link_is_refused(lms: Lms) -> None:
    assert refusal(lms.call("GET", f"{roster_url(lms)}?rlid=x")) == (400, "Invalid 'rlid' parameter")


def test_notice_handlers_are_stored_and_listed(lms: Lms) -> None:
    lms.sign_in("teacher")
    claim = lms.launch(lms.course()["menu"][0]["launch_url"])[v.LTI + "platformnotificationservice"]
    url, token = claim["platform_notification_service_url"], f"Bearer {lms.token(v.NOTICE_HANDLERS)}"
    body = {"notice_type": "LtiContextCopyNotice", "handler": f"{TOOL}/lti/notices"}
    headers = {"Authorization": token, "Content_Type": "application/json"}
    assert lms.call("PUT", url, body, **headers).get_json() == body
    handlers = lms.call("GET", url, **headers).get_json()["notice_handlers"]
    assert body in handlers
    elsewhere = {**body, "handler": "https://elsewhere.example/x"}
    assert refusal(lms.call("PUT", url, elsewhere, **headers)) == (
        400,
        "Validation failed: Url should match tool's domain or redirect uri",
    )


def test_an_item_without_a_grade_gives_no_line_item_in_the_launch(lms: Lms) -> None:
    activity = lms.add_activity(link_item(lineItem=...))
    lms.sign_in("learner-1")
    assert "lineitem" not in lms.launch(activity["launch_url"])[v.AGS_CLAIM]
