"""The practice LMS, Moodle temperament: its services, odd answers included."""

from __future__ import annotations

from typing import Any

import pytest

from lti_mcred.practice.ground import vocabulary as v
from tests.practice_helpers import Campus, link_item

Json = dict[str, Any]


@pytest.fixture
def item(moodle: Campus) -> Json:
    moodle.add_activity()
    found = moodle.course()["line_items"][-1]
    assert isinstance(found, dict)
    return found


def items_url(campus: Campus, more: str = "") -> str:
    return f"{campus.root}/mod/lti/services.php/2/lineitems?type_id=2{more}"


def read(campus: Campus, url: str, accept: str = v.LINEITEMS_TYPE) -> Any:
    return campus.call("GET", url, Accept=accept)


def create(campus: Campus, **members: Any) -> Any:
    body = {"scoreMaximum": 4, "label": "Rubric: evidence", **members}
    sent = {name: value for name, value in body.items() if value is not ...}
    return campus.call("POST", items_url(campus), sent, Content_Type=v.LINEITEM_TYPE)


def results(campus: Campus, item: Json, more: str = "") -> Any:
    url = item["id"].replace("?", "/results?") + more
    return read(campus, url, v.RESULTS_TYPE)


def reason(answer: Any) -> str:
    return str(answer.status)


def test_a_line_item_address_has_a_query(item: Json) -> None:
    assert item["id"].endswith("/lineitems/9/lineitem?type_id=2")


def test_scores_behind_the_query_find_no_handler(moodle: Campus, item: Json) -> None:
    answer = moodle.call("POST", item["id"] + "/scores", {}, Content_Type=v.SCORE_TYPE)
    assert reason(answer).startswith("400 No handler found for /2/lineitems/9/lineitem")


def test_media_types_are_exact(moodle: Campus, item: Json) -> None:
    assert reason(read(moodle, items_url(moodle), "application/json")).startswith("400 No handler found")
    assert reason(read(moodle, items_url(moodle), "")) == "400 No context or unsupported content type"
    wrong = moodle.call("POST", item["id"].replace("?", "/scores?"), {}, Content_Type="application/json")
    assert reason(wrong).startswith("400 No handler found for /2/lineitems/9/lineitem/scores")


def test_lists_page_only_with_a_limit_and_link_with_curly_quotes(moodle: Campus, item: Json) -> None:
    for number in range(3):
        create(moodle, label=f"Column {number}")
    whole = read(moodle, items_url(moodle))
    assert (len(whole.get_json()), "Link" in whole.headers) == (4, False)
    page = read(moodle, items_url(moodle, "&limit=2"))
    assert len(page.get_json()) == 2
    link = page.headers["Link"].encode("latin-1").decode()
    assert "rel=“next”" in link
    assert "type_id=2&amp;limit=2&amp;from=2" in link


def test_creating_echoes_but_does_not_store_what_it_does_not_know(moodle: Campus) -> None:
    made = create(moodle, gradesReleased=False, submissionReview={"url": "x"})
    assert (made.status_code, made.get_json()["gradesReleased"]) == (201, False)
    again = read(moodle, made.get_json()["id"], v.LINEITEM_TYPE).get_json()
    assert set(again) == {"id", "label", "scoreMaximum", "resourceId", "tag"}


def test_creating_does_not_deduplicate(moodle: Campus) -> None:
    create(moodle, resourceId="same")
    create(moodle, resourceId="same")
    assert len(read(moodle, items_url(moodle, "&resource_id=same")).get_json()) == 2


@pytest.mark.parametrize(
    ("members", "answer"),
    [
        ({"label": ...}, "400 No label or Score Maximum"),
        ({"scoreMaximum": "4"}, "400 Bad Request"),
        ({"resourceLinkId": "999"}, "403 Forbidden"),
        ({"label": "x" * 256}, "502 BAD GATEWAY"),
    ],
)
def test_a_faulty_line_item_is_refused(moodle: Campus, members: Json, answer: str) -> None:
    assert reason(create(moodle, **members)) == answer


def test_a_put_clears_what_it_leaves_out(moodle: Campus) -> None:
    url = create(moodle, resourceId="rub-1", tag="rubric").get_json()["id"]
    moodle.call("PUT", url, {"label": "x", "scoreMaximum": 8}, Content_Type=v.LINEITEM_TYPE)
    found = read(moodle, url, v.LINEITEM_TYPE).get_json()
    assert (found["label"], found["resourceId"], found["tag"]) == ("x", "", "")


def test_even_the_activitys_own_column_can_be_deleted(moodle: Campus, item: Json) -> None:
    assert moodle.call("DELETE", item["id"]).status_code == 204
    assert moodle.course()["line_items"] == []


def claim_of(campus: Campus, activity: Json) -> Json:
    campus.sign_in("learner-1")
    found = campus.launch(activity["launch_url"])[v.AGS_CLAIM]
    assert isinstance(found, dict)
    return found


def test_a_second_coupled_item_takes_the_line_item_out_of_the_launch(moodle: Campus, item: Json) -> None:
    activity = moodle.course()["activities"][0]
    assert claim_of(moodle, activity)["lineitem"] == item["id"]
    create(moodle, resourceLinkId=activity["resource_link_id"])
    assert "lineitem" not in claim_of(moodle, activity)


def test_one_tool_made_item_on_a_link_without_its_own_is_an_empty_text(moodle: Campus) -> None:
    activity = moodle.add_activity(link_item(lineItem=...))
    create(moodle, resourceLinkId=activity["resource_link_id"])
    assert claim_of(moodle, activity)["lineitem"] == ""


# --- scores and results --------------------------------------------------------------------------------------------


def test_a_score_answers_with_an_empty_body_and_shows_in_the_results(moodle: Campus, item: Json) -> None:
    answer = moodle.score(item, comment="<b>Good</b>\nwork")
    assert (answer.status_code, answer.data) == (200, b"")
    assert results(moodle, item).get_json() == [
        {
            "id": item["id"].replace("?", "/results?") + "&user_id=5",
            "userId": "5",
            "resultScore": 15,
            "resultMaximum": 20,
            "comment": "<b>Good</b>\nwork",
            "scoreOf": item["id"],
            "timestamp": "2026-11-23T10:00:00+00:00",
        }
    ]


def test_a_second_score_in_the_same_second_is_a_conflict(moodle: Campus, item: Json) -> None:
    moodle.score(item)
    moodle.clock.move(milliseconds=900)
    answer = moodle.score(item)
    assert reason(answer) == "409 Refusing score with an earlier timestamp for item 9 and user 5"
    assert answer.data == b"[]"
    moodle.clock.move(milliseconds=100)
    assert moodle.score(item).status_code == 200


def test_a_future_timestamp_blocks_the_present(moodle: Campus, item: Json) -> None:
    assert moodle.score(item, timestamp="2026-11-23T11:00:00Z").status_code == 200
    assert moodle.score(item).status_code == 409


def test_a_pending_post_wipes_grade_and_comment(moodle: Campus, item: Json) -> None:
    moodle.score(item, comment="kept?")
    moodle.clock.move(seconds=1)
    moodle.score(item, gradingProgress="PendingManual", comment="kept?")
    assert (moodle.cell()["score"], moodle.cell()["comments"]) == (None, [])
    assert set(results(moodle, item).get_json()[0]) == {"id", "userId"}


def test_a_post_without_a_comment_erases_the_earlier_one(moodle: Campus, item: Json) -> None:
    moodle.score(item, comment="first")
    moodle.clock.move(seconds=1)
    moodle.score(item)
    assert (moodle.cell()["score"], moodle.cell()["comments"]) == (15.0, [])


@pytest.mark.parametrize(("person", "members"), [("teacher", {}), ("assessor", {}), ("99999", {})])
def test_people_who_are_not_graded_get_no_score(moodle: Campus, item: Json, person: str, members: Json) -> None:
    answer = moodle.score(item, person, **members)
    assert reason(answer).startswith('400 Incorrect score received{"userId"')
    assert answer.data == b"[]"


def test_an_overridden_grade_stays_although_the_answer_is_200(moodle: Campus, item: Json) -> None:
    moodle.score(item)
    moodle.control("POST", "grades", {"person": "learner-1", "line_item": item["number"], "score": 12})
    moodle.clock.move(seconds=1)
    assert moodle.score(item, scoreGiven=20).status_code == 200
    assert results(moodle, item).get_json()[0]["resultScore"] == 12


def test_results_with_a_limit_crash_into_a_page(moodle: Campus, item: Json) -> None:
    answer = results(moodle, item, "&limit=3")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")


def test_results_can_be_asked_for_one_person(moodle: Campus, item: Json) -> None:
    moodle.score(item)
    moodle.score(item, "learner-2")
    assert [row["userId"] for row in results(moodle, item, "&user_id=6").get_json()] == ["6"]


@pytest.mark.parametrize("header", ["", "Bearer unknown"])
def test_a_request_without_a_good_token_is_refused(moodle: Campus, header: str) -> None:
    answer = moodle.call("GET", items_url(moodle), Authorization=header, Accept=v.LINEITEMS_TYPE)
    assert (answer.status_code, answer.get_json()["reason"]) == (401, "Unauthorized")


def test_a_token_of_the_other_service_is_refused(moodle: Campus, item: Json) -> None:
    token = f"Bearer {moodle.token(v.MEMBERSHIP)}"
    assert moodle.call("GET", items_url(moodle), Authorization=token, Accept=v.LINEITEMS_TYPE).status_code == 401


def test_another_tools_item_is_refused(moodle: Campus, item: Json) -> None:
    moodle.install(name="Another tool")
    assert reason(read(moodle, item["id"], v.LINEITEM_TYPE)) == "403 Invalid LTI id supplied."


def test_scores_are_not_read(moodle: Campus, item: Json) -> None:
    assert read(moodle, item["id"].replace("?", "/scores?"), v.SCORE_TYPE).status_code == 405


# --- rosters -------------------------------------------------------------------------------------------------------


def roster(campus: Campus, query: str = "") -> Any:
    url = f"{campus.root}/mod/lti/services.php/CourseSection/2/bindings/2/memberships{query}"
    return read(campus, url, v.MEMBERS_TYPE)


def test_a_roster_is_whole_without_a_limit_and_pages_with_one(moodle: Campus) -> None:
    moodle.control("POST", "enrol", {"count": 60})
    whole = roster(moodle)
    assert (len(whole.get_json()["members"]), "Link" in whole.headers) == (65, False)
    seen, query = 0, "?limit=40"
    while query:
        page = roster(moodle, query)
        seen += len(page.get_json()["members"])
        link = page.headers.get("Link", "")
        query = "?" + link.partition("?")[2].partition(">")[0] if 'rel="next"' in link else ""
    assert seen == 65


def test_roles_are_short_and_an_assessor_counts_as_a_learner(moodle: Campus) -> None:
    roles = {member["user_id"]: member["roles"] for member in roster(moodle).get_json()["members"]}
    assert roles[moodle.sub("teacher")] == ["Instructor"]
    assert roles[moodle.sub("assessor")] == ["Learner"]
    assert moodle.sub("admin") not in roles


@pytest.mark.parametrize("role", ["Learner", "http://purl.imsglobal.org/vocab/lis/v2/membership%23Learner"])
def test_a_role_may_be_short_or_full(moodle: Campus, role: str) -> None:
    assert len(roster(moodle, f"?role={role}").get_json()["members"]) == 4


def test_a_link_adds_messages_without_custom_fields(moodle: Campus, item: Json) -> None:
    link = moodle.course()["activities"][0]["resource_link_id"]
    (message,) = roster(moodle, f"?rlid={link}").get_json()["members"][0]["message"]
    assert set(message) == {v.LTI + "message_type", v.BO_CLAIM}


def test_names_and_mail_follow_the_privacy_of_the_tool(moodle: Campus) -> None:
    moodle.control("PUT", f"tools/{moodle.tool['client_id']}/privacy", {"privacy": "email_only"})
    member = roster(moodle).get_json()["members"][0]
    assert "email" in member
    assert not {"name", "given_name", "ext_user_username"} & set(member)
