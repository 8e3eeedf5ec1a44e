"""The practice LMS, Canvas temperament: line items, scores, results, rosters and notices over the wire."""

from __future__ import annotations

from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import LAUNCH, TOOL, Campus, link_item, local, query_of, sign

Json = dict[str, Any]
EXT = v.CANVAS_SUBMISSION
GONE = [{"message": "The specified resource does not exist."}]


@pytest.fixture
def item(canvas: Campus) -> Json:
    canvas.add_activity()
    return newest(canvas)


def newest(campus: Campus) -> Json:
    found = campus.course()["line_items"][-1]
    assert isinstance(found, dict)
    return found


def items_url(campus: Campus) -> str:
    return f"{campus.root}/api/lti/courses/5120/line_items"


def create(campus: Campus, **members: Any) -> Any:
    body = {"scoreMaximum": 20, "label": "Evidence: criterion 9", **members}
    return campus.call("POST", items_url(campus), body, Content_Type=v.LINEITEM_TYPE)


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
def test_a_request_without_a_good_token_is_refused(canvas: Campus, header: str, words: str) -> None:
    answer = canvas.call("GET", items_url(canvas), Authorization=header)
    assert refusal(answer) == (401, words)


def test_an_expired_token_is_refused(canvas: Campus) -> None:
    token = canvas.token()
    canvas.clock.move(hours=1)
    answer = canvas.call("GET", items_url(canvas), Authorization=f"Bearer {token}")
    assert refusal(answer) == (401, "Access token expired")


def test_a_token_without_the_scope_is_refused(canvas: Campus) -> None:
    answer = canvas.call("GET", items_url(canvas), Authorization=f"Bearer {canvas.token(v.SCORE)}")
    assert refusal(answer) == (401, "Insufficient permissions")


def test_an_unknown_course_comes_before_a_key_that_is_off(canvas: Campus) -> None:
    token = f"Bearer {canvas.token()}"
    canvas.sign_in("admin")
    canvas.client.post(f"/canvas/admin/tools/{canvas.tool['client_id']}/deactivate")
    elsewhere = f"{canvas.root}/api/lti/courses/1/line_items"
    assert refusal(canvas.call("GET", elsewhere, Authorization=token)) == (404, GONE)
    assert refusal(canvas.call("GET", items_url(canvas), Authorization=token)) == (401, "Invalid Developer Key")


def test_a_deleted_course_comes_before_a_tool_that_was_removed(canvas: Campus) -> None:
    canvas.control("PUT", "faults", {"tool_removed": [5120], "course_deleted": [5120]})
    assert refusal(canvas.call("GET", items_url(canvas))) == (404, "Context is deleted or not found")
    canvas.control("PUT", "faults", {"course_deleted": [], "concluded": True})
    told = "Access Token not linked to a Tool associated with this Context"
    assert refusal(canvas.call("GET", items_url(canvas))) == (401, told)
    canvas.control("DELETE", "faults")
    assert canvas.call("GET", items_url(canvas)).status_code == 200


@pytest.mark.parametrize("value", [[1], 5120, "5120", ["5120"]])
def test_a_switch_for_one_course_wants_courses_that_there_are(canvas: Campus, value: Any) -> None:
    assert canvas.client.put("/canvas/control/faults", json={"tool_removed": value}).status_code == 400


# --- line items ----------------------------------------------------------------------------------------------------


def test_line_items_come_ten_a_page_with_links(canvas: Campus) -> None:
    for number in range(12):
        create(canvas, label=f"Column {number}", tag="many")
    first = canvas.call("GET", items_url(canvas))
    assert len(first.get_json()) == 10
    links = first.headers["Link"].split(",")
    assert [link.rpartition("rel=")[2] for link in links] == ['"current"', '"next"', '"first"', '"last"']
    following = links[1].partition("<")[2].partition(">")[0]
    assert query_of(following) == {"page": "2", "per_page": "10"}
    second = canvas.call("GET", following)
    assert len(second.get_json()) == 2
    assert 'rel="next"' not in second.headers["Link"]


def test_filters_narrow_the_list_and_stay_in_the_links(canvas: Campus, item: Json) -> None:
    create(canvas, tag="other")
    answer = canvas.call("GET", items_url(canvas) + "?tag=evidence&limit=2&include[]=launch_url")
    (found,) = answer.get_json()
    assert found["id"] == item["id"]
    assert found[v.CANVAS + "launch_url"] == f"{LAUNCH}?activity=a17"
    assert "tag=evidence" in answer.headers["Link"]


def test_a_created_item_is_an_assignment_and_leaves_out_what_it_has_not(canvas: Campus) -> None:
    answer = create(canvas, resourceId="a40", endDateTime="2026-12-11T05:59:00Z")
    assert (answer.status_code, answer.headers["Content-Type"]) == (201, f"{v.LINEITEM_TYPE}; charset=utf-8")
    body = answer.get_json()
    assert body == {
        "id": newest(canvas)["id"],
        "scoreMaximum": 20.0,
        "label": "Evidence: criterion 9",
        "resourceId": "a40",
        "endDateTime": "2026-12-11T05:59:00Z",
    }
    assert canvas.course()["activities"][-1]["title"] == "Evidence: criterion 9"


def test_an_external_tool_item_can_be_launched(canvas: Campus) -> None:
    kind = {"type": "external_tool", "external_tool_url": f"{LAUNCH}?activity=a40"}
    body = create(canvas, **{v.CANVAS_SUBMISSION_TYPE: kind}).get_json()
    assert body[v.CANVAS_SUBMISSION_TYPE] == kind
    canvas.sign_in("learner-1")
    claims = canvas.launch(canvas.course()["activities"][-1]["launch_url"])
    assert claims[v.LTI + "resource_link"]["id"] == body["resourceLinkId"]
    assert claims[v.AGS_CLAIM]["lineitem"] == body["id"]


def test_a_further_item_on_a_link_does_not_drive_the_gradebook(canvas: Campus, item: Json) -> None:
    link = canvas.course()["activities"][0]["resource_link_id"]
    assert create(canvas, label="Rubric", resourceLinkId=link).status_code == 201
    rubric = newest(canvas)
    assert canvas.score(rubric, comment="only here").status_code == 200
    cell = canvas.cell()
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
def test_a_faulty_line_item_is_refused(canvas: Campus, members: Json, status: int, body: Json) -> None:
    answer = create(canvas, **members)
    assert (answer.status_code, answer.get_json()) == (status, body)


def test_a_put_changes_only_what_it_holds_and_renames_the_assignment(canvas: Campus, item: Json) -> None:
    body = {"label": "Renamed", "scoreMaximum": 25}
    answer = canvas.call("PUT", item["id"], body, Content_Type=v.LINEITEM_TYPE)
    assert answer.get_json()["tag"] == "evidence"
    assert canvas.course()["activities"][0]["title"] == "Renamed"


def test_a_put_with_another_link_is_refused(canvas: Campus, item: Json) -> None:
    answer = canvas.call("PUT", item["id"], {"resourceLinkId": "x"}, Content_Type=v.LINEITEM_TYPE)
    assert refusal(answer) == (412, "The specified LTI link ID is not associated with the line item.")


def test_a_coupled_item_stays_and_an_own_one_takes_its_assignment_along(canvas: Campus, item: Json) -> None:
    canvas.sign_in("learner-1")
    canvas.launch(canvas.course()["activities"][0]["launch_url"])
    coupled = canvas.call("DELETE", item["id"])
    assert (coupled.status_code, coupled.data) == (401, b"")
    create(canvas)
    own = newest(canvas)
    canvas.score(own)
    assert canvas.call("DELETE", own["id"]).status_code == 204
    assert len(canvas.course()["activities"]) == 1
    assert refusal(canvas.call("GET", own["id"])) == (404, GONE)


def test_another_tools_item_is_refused(canvas: Campus, item: Json) -> None:
    canvas.install(name="Another tool")
    answer = canvas.call("GET", item["id"])
    assert refusal(answer) == (412, "Tool does not have permission to view line_item")


# --- scores --------------------------------------------------------------------------------------------------------


def test_a_hand_in_and_its_grade(canvas: Campus, item: Json) -> None:
    extension = {"submission_type": "basic_lti_launch", "submission_data": f"{LAUNCH}?attempt=1"}
    handed_in = canvas.score(
        item,
        activityProgress="Submitted",
        gradingProgress="PendingManual",
        scoreGiven=...,
        scoreMaximum=...,
        **{EXT: {**extension, "preserve_score": True}},
    )
    assert handed_in.get_json() == {EXT: {"content_items": []}, "resultUrl": f"{item['id']}/results/91001"}
    assert (canvas.cell()["state"], canvas.cell()["attempt"]) == ("pending_review", 1)
    canvas.clock.move(minutes=1)
    canvas.score(item, scoreGiven=17, comment="Criterion 1: met.", **{EXT: {"new_submission": False}})
    cell = canvas.cell()
    assert (cell["state"], cell["attempt"], cell["score"]) == ("graded", 1, 17.0)
    assert cell["comments"] == ["Criterion 1: met."]
    assert len(cell["posts"]) == 2


def test_results_follow_the_posts_even_when_the_gradebook_keeps_its_grade(canvas: Campus, item: Json) -> None:
    canvas.score(item)
    canvas.clock.move(seconds=1)
    canvas.score(item, scoreGiven=19, **{EXT: {"new_submission": False, "preserve_score": True}})
    (row,) = canvas.call("GET", item["id"] + "/results").get_json()
    assert (row["resultScore"], canvas.cell()["score"]) == (19.0, 15.0)
    assert row["scoreOf"] == item["id"]


def test_a_grade_that_a_teacher_types_shows_in_the_result_on_its_scale(canvas: Campus, item: Json) -> None:
    canvas.score(item, scoreGiven=5, scoreMaximum=10)
    canvas.control("POST", "grades", {"person": "learner-1", "line_item": item["number"], "score": 16})
    (row,) = canvas.call("GET", item["id"] + "/results").get_json()
    assert (row["resultScore"], row["resultMaximum"], canvas.cell()["grader"]) == (8.0, 10.0, "teacher")


def test_the_test_student_is_scored_but_has_no_result(canvas: Campus, item: Json) -> None:
    assert canvas.score(item, "test-student").status_code == 200
    url = f"{item['id']}/results?user_id={canvas.sub('test-student')}"
    assert canvas.call("GET", url).get_json() == []


NOBODY = "User not found in course or is not a student"


@pytest.mark.parametrize(
    ("person", "members"),
    [("teacher", {}), ("assessor", {}), ("nobody", {}), ("learner-1", {"userId": ...})],
)
def test_only_learners_are_scored(canvas: Campus, item: Json, person: str, members: Json) -> None:
    assert refusal(canvas.score(item, person, **members)) == (422, NOBODY)


def test_a_body_of_another_type_is_not_read(canvas: Campus, item: Json) -> None:
    answer = canvas.call("POST", item["id"] + "/scores", {"userId": "x"}, Content_Type="text/plain")
    assert refusal(answer) == (422, NOBODY)


def test_an_earlier_timestamp_is_refused_and_an_equal_one_accepted(canvas: Campus, item: Json) -> None:
    assert canvas.score(item).status_code == 200
    assert canvas.score(item, scoreGiven=16).status_code == 200
    answer = canvas.score(item, timestamp="2026-11-23T09:59:59Z")
    assert answer.status_code == 400
    assert "before last updated timestamp of 2026-11-23T10:00:00.000Z" in answer.text


def test_an_unpublished_assignment_takes_no_score(canvas: Campus, item: Json) -> None:
    canvas.control("PUT", f"activities/{item['activity']}", {"published": False})
    assert refusal(canvas.score(item)) == (422, "This assignment is still unpublished")


@pytest.mark.parametrize(("person", "words"), [("learner-1", " for this student"), ("nobody", "")])
def test_a_concluded_course_takes_no_score(canvas: Campus, item: Json, person: str, words: str) -> None:
    canvas.control("PUT", "faults", {"concluded": True})
    told = f"This course has concluded{words}. AGS requests will no longer be accepted for this course."
    assert refusal(canvas.score(item, person)) == (422, told)


def test_a_concluded_course_of_an_older_version_answers_404(canvas: Campus, item: Json) -> None:
    canvas.control("PUT", "faults", {"concluded": True, "switches": {"concluded_is_404": True}})
    assert refusal(canvas.score(item)) == (404, GONE)


def test_attempts_can_be_used_up(canvas: Campus, item: Json) -> None:
    canvas.control("PUT", f"activities/{item['activity']}", {"allowed_attempts": 1})
    assert canvas.score(item).status_code == 200
    canvas.clock.move(seconds=1)
    told = "The maximum number of allowed attempts has been reached for this submission"
    assert refusal(canvas.score(item)) == (422, told)
    assert canvas.score(item, **{EXT: {"new_submission": False}}).status_code == 200


def test_a_link_id_in_the_query_must_fit(canvas: Campus, item: Json) -> None:
    answer = canvas.call("POST", item["id"] + "/scores?resourceLinkId=x", {}, Content_Type=v.SCORE_TYPE)
    assert refusal(answer) == (412, "The specified LTI link ID is not associated with the line item.")


def test_files_are_fetched_before_anything_is_stored(canvas: Campus, item: Json) -> None:
    url = f"{TOOL}/files/e.pdf"
    extension = {EXT: {"content_items": [{"type": "file", "url": url, "title": "e.pdf"}]}}
    assert canvas.score(item, **extension).status_code == 400
    canvas.internet.down.add(url)
    assert refusal(canvas.score(item, **extension)) == (504, "file url timed out")
    assert canvas.control("GET", "gradebook") == []
    canvas.internet.down.clear()
    canvas.internet.documents[url] = b"%PDF"
    (stored,) = canvas.score(item, **extension).get_json()[EXT]["content_items"]
    progress = canvas.client.get(
        local(stored["progress"]), headers={"Authorization": f"Bearer {canvas.token(v.PROGRESS)}"}
    )
    assert progress.get_json()["workflow_state"] == "completed"
    assert canvas.cell()["submission_type"] == "online_upload"


# --- rosters and notices -------------------------------------------------------------------------------------------


def roster_url(campus: Campus) -> str:
    return f"{campus.root}/api/lti/courses/5120/names_and_roles"


def test_a_roster_has_fifty_a_page_whatever_the_limit(canvas: Campus) -> None:
    canvas.control("POST", "enrol", {"count": 52})
    first = canvas.call("GET", roster_url(canvas) + "?limit=500")
    assert len(first.get_json()["members"]) == 50
    following = first.headers["Link"].split(",")[1].partition("<")[2].partition(">")[0]
    second = canvas.call("GET", following)
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
def test_a_role_must_be_a_full_address(canvas: Campus, role: str, count: int) -> None:
    assert len(canvas.call("GET", f"{roster_url(canvas)}?role={role}").get_json()["members"]) == count


def test_an_anonymous_roster_holds_ids_and_roles_only(canvas: Campus) -> None:
    canvas.control("PUT", f"tools/{canvas.tool['client_id']}/privacy", {"privacy": "anonymous"})
    for member in canvas.call("GET", roster_url(canvas)).get_json()["members"]:
        assert set(member) == {"status", "user_id", "lti11_legacy_user_id", "roles"}


def test_a_link_adds_messages_with_its_custom_fields(canvas: Campus, item: Json) -> None:
    link = canvas.course()["activities"][0]["resource_link_id"]
    (message,) = canvas.call("GET", f"{roster_url(canvas)}?rlid={link}").get_json()["members"][0]["message"]
    assert message[v.LTI + "custom"] == {"activity": "a17"}


def test_an_unknown_link_is_refused(canvas: Campus) -> None:
    assert refusal(canvas.call("GET", f"{roster_url(canvas)}?rlid=x")) == (400, "Invalid 'rlid' parameter")


def test_notice_handlers_are_stored_and_listed(canvas: Campus) -> None:
    canvas.sign_in("teacher")
    claim = canvas.launch(canvas.course()["menu"][0]["launch_url"])[v.LTI + "platformnotificationservice"]
    url, token = claim["platform_notification_service_url"], f"Bearer {canvas.token(v.NOTICE_HANDLERS)}"
    body = {"notice_type": "LtiContextCopyNotice", "handler": f"{TOOL}/lti/notices"}
    headers = {"Authorization": token, "Content_Type": "application/json"}
    assert canvas.call("PUT", url, body, **headers).get_json() == body
    handlers = canvas.call("GET", url, **headers).get_json()["notice_handlers"]
    assert body in handlers
    elsewhere = {**body, "handler": "https://elsewhere.example/x"}
    assert refusal(canvas.call("PUT", url, elsewhere, **headers)) == (
        400,
        "Validation failed: Url should match tool's domain or redirect uri",
    )


def test_an_item_without_a_grade_gives_no_line_item_in_the_launch(canvas: Campus) -> None:
    activity = canvas.add_activity(link_item(lineItem=...))
    canvas.sign_in("learner-1")
    assert "lineitem" not in canvas.launch(activity["launch_url"])[v.AGS_CLAIM]
