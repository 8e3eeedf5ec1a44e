"""The practice LMS: a teacher adds, suspends and removes people, and the services follow."""

from __future__ import annotations

import pytest

from tests.practice_helpers import Campus, Json


@pytest.fixture(autouse=True)
def activity(campus: Campus) -> Json:
    """An activity in the course, which the teacher who is signed in has added."""
    return campus.add_activity()


def people_page(campus: Campus) -> str:
    return f"/{campus.slug}/courses/{campus.course()['number']}/roster"


def change(campus: Campus, person: str, enrolled: str) -> int:
    return campus.client.post(people_page(campus), data={"person": person, "enrolled": enrolled}).status_code


@pytest.mark.parametrize("enrolled", ["suspended", "removed"])
def test_whoever_is_taken_out_opens_nothing_and_gets_no_grade_until_enrolled_again(
    campus: Campus, activity: Json, enrolled: str
) -> None:
    item = campus.course()["line_items"][0]
    assert campus.score(item).status_code == 200
    assert change(campus, "learner-1", enrolled) == 303
    assert campus.score(item, scoreGiven=3).status_code in (400, 422)
    campus.sign_in("learner-1")
    page = f"/{campus.slug}/courses/{campus.course()['number']}/activities/{activity['number']}"
    assert campus.client.get(page).status_code == 403
    campus.sign_in("teacher")
    assert change(campus, "learner-1", "active") == 303
    assert campus.cell()["score"] == 15, "what was there is kept"
    campus.sign_in("learner-1")
    assert campus.client.get(page).status_code == 200


def test_a_learner_is_added_by_name(campus: Campus) -> None:
    names = {"given_name": "Núria", "family_name": "Soler <b>"}
    assert campus.client.post(people_page(campus) + "/add", data=names).status_code == 303
    assert "Núria Soler &lt;b&gt;" in campus.client.get(people_page(campus)).text
    assert campus.control("GET", "people")[-1]["name"] == "Núria Soler <b>"
    assert campus.client.post(people_page(campus) + "/add", data={"given_name": " "}).status_code == 400


@pytest.mark.parametrize("person", ["teacher", "admin", "nobody"])
def test_neither_oneself_nor_the_admin_is_taken_out(campus: Campus, person: str) -> None:
    assert change(campus, person, "removed") == 404
    assert change(campus, "learner-1", "lost") == 404


@pytest.mark.parametrize("person", ["learner-1", "assessor"])
def test_only_teachers_change_who_is_there(campus: Campus, person: str) -> None:
    campus.sign_in(person)
    assert change(campus, "learner-2", "removed") == 403
    names = {"given_name": "A", "family_name": "B"}
    assert campus.client.post(people_page(campus) + "/add", data=names).status_code == 403


@pytest.mark.parametrize(
    ("key", "body", "status"),
    [
        ("learner-1", {"enrolled": "suspended"}, 200),
        ("learner-1", {"role": "teacher"}, 200),
        ("learner-1", {"enrolled": "lost"}, 400),
        ("learner-1", {"role": "admin"}, 400),
        ("admin", {"enrolled": "removed"}, 404),
        ("nobody", {}, 404),
    ],
    ids=["suspended", "teacher", "no such word", "no admin", "not the admin", "nobody"],
)
def test_programs_change_people_too(campus: Campus, key: str, body: dict[str, str], status: int) -> None:
    answer = campus.client.put(f"/{campus.slug}/control/people/{key}", json=body)
    assert answer.status_code == status
    if status == 200:
        assert body.items() <= answer.get_json().items()
