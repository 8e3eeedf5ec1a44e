"""A browser gets the first page where its launch arrives, and it is the page of the address that stands in it."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from lti_mcred.catalog.models import Activity
from lti_mcred.engine.db import db
from lti_mcred.people.models import Person
from lti_mcred.settings import Settings
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.conformance.lms import INSTRUCTOR, Lms
from tests.services import change_settings

NAVIGATES = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


def arrive(lms: Lms, client: FlaskClient | None = None, **changes: Any) -> TestResponse:
    """Launch the activity as a browser does."""
    client = client or lms.client
    asked = lms.login(client)
    activity = {"custom": {"activity": db.session.scalars(select(Activity.id)).one()}}
    form = {"id_token": lms.sign(lms.claims(asked["nonce"], **activity, **changes)), "state": asked["state"]}
    return client.post("/lti/launch", data=form, headers=NAVIGATES)


def address(page: TestResponse) -> str:
    """The address that the page gives itself."""
    found = re.search(r'<html [^>]*data-address="([^"]*)"', page.text)
    assert found, page.text[:300]
    return found[1]


def without_reference(page: TestResponse) -> str:
    """The page without what differs from one request to the next."""
    text = re.sub(r' data-address="[^"]*"', "", page.text)
    return text.replace(page.headers["X-Request-Id"], "reference")


@pytest.mark.parametrize("who", ["learner", "teacher"])
def test_the_page_is_the_one_of_its_address(lms_with_activity: Lms, who: str) -> None:
    roles = {"roles": [INSTRUCTOR]} if who == "teacher" else {}

    page = arrive(lms_with_activity, **roles)

    assert page.status_code == 200
    visit = db.session.scalars(select(Visit)).one()
    assert address(page) == f"/v/{visit.id}/" + ("work" if who == "learner" else "course")
    again = lms_with_activity.client.get(address(page))
    assert "data-address" not in again.text
    assert without_reference(again) == without_reference(page)
    for name in ("Content-Security-Policy", "Cache-Control", "Referrer-Policy", "Content-Type"):
        assert page.headers.getlist(name) == again.headers.getlist(name)


def test_the_page_can_go_on(lms_with_activity: Lms) -> None:
    page = arrive(lms_with_activity)

    action = re.search(r'action="(/v/[^"]*/start)"', page.text)
    bearer = re.search(r'name="visit_bearer" value="([^"]*)"', page.text)
    assert action
    assert bearer
    assert lms_with_activity.client.post(action[1], data={"visit_bearer": bearer[1]}).status_code == 303


def test_who_has_started_gets_the_page_where_the_work_stands(lms_with_activity: Lms) -> None:
    first = arrive(lms_with_activity)
    visit = db.session.scalars(select(Visit)).one()
    lms_with_activity.client.post(f"{address(first)}/start", headers=make.auth(visit))

    page = arrive(lms_with_activity)

    assert page.status_code == 200
    assert address(page).endswith("/work/checklist")
    assert without_reference(lms_with_activity.client.get(address(page))) == without_reference(page)


def test_a_launch_with_its_page_is_one_line_of_the_log(
    lms_with_activity: Lms, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO", logger="lti_mcred.requests"):
        page = arrive(lms_with_activity)

    lines = [record.getMessage() for record in caplog.records if "/lti/launch" in record.getMessage()]
    assert [line.split(" ")[:3] for line in lines] == [["POST", "/lti/launch", "200"]]
    assert not any(address(page) in record.getMessage() for record in caplog.records)


def test_a_refusal_of_the_page_is_shown_as_it_is(lms_with_activity: Lms) -> None:
    asked = lms_with_activity.login()
    claims = lms_with_activity.claims(
        asked["nonce"], message_type="LtiSubmissionReviewRequest", for_user={"user_id": "sub-1"}
    )
    form = {"id_token": lms_with_activity.sign({**claims, "custom": None}), "state": asked["state"]}
    page = lms_with_activity.client.post("/lti/launch", data=form, headers=NAVIGATES)

    shown = lms_with_activity.client.get(address(page))
    assert (page.status_code, without_reference(page)) == (shown.status_code, without_reference(shown))


def test_a_refused_launch_shows_no_page_of_the_tool(lms_with_activity: Lms) -> None:
    page = arrive(lms_with_activity, iss="https://other.example")

    assert page.status_code == 401
    assert "data-address" not in page.text
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_another_browser_gets_no_page(lms_with_activity: Lms, app: Flask) -> None:
    asked = lms_with_activity.login()
    form = {"id_token": lms_with_activity.sign(lms_with_activity.claims(asked["nonce"])), "state": asked["state"]}
    page = app.test_client().post("/lti/launch", data=form, headers=NAVIGATES)

    assert "data-address" not in page.text
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 0


def test_what_the_page_notes_is_kept(lms_with_activity: Lms) -> None:
    arrive(lms_with_activity, name="Nadia O.", given_name="Nadia")

    assert db.session.scalars(select(Person.name)).one() == "Nadia O."
    page = arrive(lms_with_activity)
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(Visit)) == 2
    assert address(page).endswith("/work")


def test_the_page_speaks_the_language_that_the_lms_names(
    settings: Settings, app: Flask, lms_with_activity: Lms
) -> None:
    change_settings(app, languages=("en", "de"))

    assert '<html lang="de"' in arrive(lms_with_activity, launch_presentation={"locale": "de-DE"}).text
