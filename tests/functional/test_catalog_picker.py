"""The picker loses no tick, says what the course has already, and adds that again only to who says so."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.catalog import library
from lti_mcred.catalog.models import Activity, Version
from lti_mcred.catalog.picking import PAGE
from lti_mcred.engine.db import db
from lti_mcred.web.models import Visit
from tests import factories as make

SETTINGS = {"deep_link_return_url": "https://lms.example.edu/back", "accept_types": ["ltiResourceLink"]}


class Picker:
    """A teacher who adds to a course; `several`: the LMS takes more than one at a time."""

    def __init__(self, client: FlaskClient, *, several: bool = True) -> None:
        self.client = client
        self.course = make.course()
        self.visit = self._visit(several)

    def _visit(self, several: bool) -> Visit:
        launch = {"deep_linking": {**SETTINGS, "accept_multiple": several}}
        kind = "LtiDeepLinkingRequest"
        visit = make.visit(make.person(self.course), self.course, "teacher", message_type=kind, launch=launch)
        db.session.commit()
        return visit

    def get(self, path: str = "/picker") -> TestResponse:
        path = path if path.startswith("/v/") else f"/v/{self.visit.id}{path}"
        return self.client.get(path, headers=make.auth(self.visit))

    def post(self, path: str = "/picker", **data: object) -> TestResponse:
        return self.client.post(f"/v/{self.visit.id}{path}", data=data, headers=make.auth(self.visit))

    def follow(self, **data: object) -> TestResponse:
        answer = self.post(**data)
        assert answer.status_code == 303
        return self.get(answer.headers["Location"])


def _ticked(page: TestResponse) -> set[str]:
    inputs = re.findall(r"<input[^>]*name=\"version\"[^>]*>", page.text)
    hidden = [one for one in inputs if "hidden" in one]
    found = [re.findall(r'value="([^"]+)"', one)[0] for one in inputs if " checked" in one or one in hidden]
    assert len(found) == len(set(found))
    return set(found)


def _versions(number: int) -> list[Version]:
    example = make.example()
    made = [example.model_copy(update={"id": f"skill-{at}", "title": f"Skill T{at:02}"}) for at in range(number)]
    return [library.store(one, publish=True).version for one in made]


@pytest.fixture
def picker(client: FlaskClient) -> Picker:
    return Picker(client)


def test_ticks_survive_a_search_that_does_not_find_them(picker: Picker) -> None:
    first, second, third = (row.id for row in _versions(3))
    page = picker.follow(then="search", q="T01", version=[first, third])
    assert _ticked(page) == {first, third}
    assert "Chosen, and not in the list below" in page.text
    assert f'value="{second}"' in page.text
    page = picker.follow(then="all", q="T01", version=[first, third])
    assert "not in the list below" not in page.text
    assert _ticked(page) == {first, third}


def test_ticks_survive_a_search_that_finds_nothing(picker: Picker) -> None:
    first = _versions(2)[0].id
    page = picker.follow(then="search", q="zzz", version=[first])
    assert "Nothing found" in page.text
    assert _ticked(page) == {first}
    assert "Check what will be added" in page.text


def test_ticks_survive_turning_pages_there_and_back(picker: Picker) -> None:
    ids = [row.id for row in _versions(PAGE * 2 + 3)]
    page = picker.get()
    seen = [set(re.findall(r'name="version" value="(\w+)"', page.text))]
    for _page in range(2):
        following = re.findall(r'name="then" value="page:(\w+)"', page.text)[-1]
        page = picker.follow(then=f"page:{following}", version=ids[:2])
        assert _ticked(page) == set(ids[:2])
        seen.append(set(re.findall(r'name="version" value="(\w+)"', page.text)) - set(ids[:2]))
    assert [len(one) for one in seen] == [PAGE, PAGE, 3]
    assert set.union(*seen) == set(ids)
    back = re.findall(r'name="then" value="page:(\w*)"', page.text)[0]
    assert _ticked(picker.follow(then=f"page:{back}", version=ids[:2])) == set(ids[:2])


def test_ticks_survive_a_preview_and_the_way_back_from_it(picker: Picker) -> None:
    first, second, third = (row.id for row in _versions(3))
    preview = picker.follow(then=f"preview:{third}", q="Skill", version=[first, second])
    assert "Preview" in preview.text
    back = re.findall(r'href="([^"]+)">Back to the list', preview.text)[0].replace("&amp;", "&")
    assert _ticked(picker.get(back)) == {first, second}
    assert parse_qs(urlsplit(back).query)["q"] == ["Skill"]
    assert _ticked(preview) == {first, second, third}


def test_what_is_ticked_can_be_chosen_again_from_the_page_that_confirms(picker: Picker) -> None:
    first, second, _third = (row.id for row in _versions(3))
    confirm = picker.post(version=[first, second])
    again = re.findall(r'href="([^"]+)">Choose again', confirm.text)[0].replace("&amp;", "&")
    assert _ticked(picker.get(again)) == {first, second}


def test_an_error_keeps_search_and_ticks(client: FlaskClient) -> None:
    picker = Picker(client, several=False)
    first, second = (row.id for row in _versions(2))
    page = picker.post(version=[first, second], q="Skill")
    assert page.status_code == 422
    assert 'value="Skill"' in page.text
    assert "takes one at a time" in page.text


def test_one_choice_only_leaves_out_what_was_chosen_before_a_preview(client: FlaskClient) -> None:
    picker = Picker(client, several=False)
    first, second = (row.id for row in _versions(2))
    assert _ticked(picker.follow(then=f"preview:{second}", version=[first])) == {second}


def test_what_the_course_has_is_marked_and_can_be_left_out_of_the_list(picker: Picker) -> None:
    first, second = _versions(2)
    make.activity(first, picker.course)
    make.activity(second, make.course())
    db.session.commit()
    page = picker.get().text
    assert page.count("In this course already") == 1
    assert "opened by nobody yet" in page
    narrowed = picker.get("/picker?show=new").text
    assert "In this course already" not in narrowed
    assert first.title not in narrowed
    assert second.title in narrowed


def test_an_activity_that_was_opened_is_no_mere_choice(picker: Picker) -> None:
    (only,) = _versions(1)
    make.resource_link(picker.course, make.activity(only, picker.course))
    db.session.commit()
    page = picker.get().text
    assert "In this course already" in page
    assert "opened by nobody yet" not in page


def test_what_the_course_has_is_added_again_only_to_who_says_so(picker: Picker) -> None:
    first, second = _versions(2)
    make.activity(first, picker.course)
    db.session.commit()
    count = select(func.count()).select_from(Activity).where(Activity.course_id == picker.course.id)
    refused = picker.post("/picker/add", version=[first.id, second.id])
    assert refused.status_code == 422
    assert "is in this course already. Say that you want it once more" in refused.text
    assert db.session.scalar(count) == 1
    added = picker.post("/picker/add", version=[first.id, second.id], again=[first.id])
    assert added.status_code == 200
    assert db.session.scalar(count) == 3


def test_ids_of_nothing_in_an_address_are_left_out(picker: Picker) -> None:
    first = _versions(1)[0].id
    page = picker.get(f"/picker?version={first}&version=nothing&after=nowhere&show=odd")
    assert _ticked(page) == {first}
