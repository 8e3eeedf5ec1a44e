"""The practice LMS: a teacher adds, suspends and removes people, and the services follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.practice_helpers import Lms, opened_lms


@pytest.fixture(params=["canvas", "moodle"])
def lms(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lms]:
    with opened_lms(tmp_path, request.param) as found:
        found.add_activity()
        yield found


def people_page(lms: Lms) -> str:
    return f"/{lms.slug}/courses/{lms.course()['number']}/roster"


def change(lms: Lms, person: str, enrolled: str) -> int:
    return lms.client.post(people_page(lms), data={"person": person, "enrolled": enrolled}).status_code


@pytest.mark.parametrize("enrolled", ["suspended", "removed"])
def test_whoever_is_taken_out_opens_nothing_and_gets_no_grade_until_enrolled_again(lms: Lms, enrolled: str) -> None:
    item, activity = lms.course()["line_items"][0], lms.course()["activities"][0]
    assert lms.score(item).status_code == 200
    assert change(lms, "learner-1", enrolled) == 303
    assert lms.score(item, scoreGiven=3).status_code in (400, 422)
    lms.sign_in("learner-1")
    page = f"/{lms.slug}/courses/{lms.course()['number']}/activities/{activity['number']}"
    assert lms.client.get(page).status_code == 403
    lms.sign_in("teacher")
    assert change(lms, "learner-1", "active") == 303
    assert lms.cell()["score"] == 15, "what was there is kept"
    lms.sign_in("learner-1")
    assert lms.client.get(page).status_code == 200


def test_a_learner_is_added_by_name(lms: Lms) -> None:
    names = {"given_name": "Núria", "family_name": "Soler <b>"}
    assert lms.client.post(people_page(lms) + "/add", data=names).status_code == 303
    assert "Núria Soler &lt;b&gt;" in lms.client.get(people_page(lms)).text
    assert lms.control("GET", "people")[-1]["name"] == "Núria Soler <b>"
    assert lms.client.post(people_page(lms) + "/add", data={"given_name": " "}).status_code == 400


@pytest.mark.parametrize("person", ["teacher", "admin", "nobody"])
def test_neither_oneself_nor_the_admin_is_taken_out(lms: Lms, person: str) -> None:
    assert change(lms, person, "removed") == 404
    assert change(lms, "learner-1", "lost") == 404


@pytest.mark.parametrize("person", ["learner-1", "assessor"])
def test_only_teachers_change_who_is_there(lms: Lms, person: str) -> None:
    lms.sign_in(person)
    assert change(lms, "learner-2", "removed") == 403
    assert lms.client.post(people_page(lms) + "/add", data={"given_name": "A", "family_name": "B"}).status_code == 403


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
def test_programs_change_people_too(lms: Lms, key: str, body: dict[str, str], status: int) -> None:
    answer = lms.client.put(f"/{lms.slug}/control/people/{key}", json=body)
    assert answer.status_code == status
    if status == 200:
        assert body.items() <= answer.get_json().items()
