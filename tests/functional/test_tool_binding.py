"""The ladder that ties a launch to one browser: cookie, platform storage, new window. And launches that come twice."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, update

from lti_mcred.engine.db import db, utcnow
from lti_mcred.people.models import Course, Person
from lti_mcred.tool.known.models import Deployment, LoginAttempt, Platform
from lti_mcred.tool.known.platforms import deployment_of_launch, remove_platform
from lti_mcred.web.models import Visit
from tests import factories
from tests.conformance.lms import TOOL, Lms, stand_up

SECURE = "Secure; HttpOnly; Path=/; SameSite=None; Partitioned"


def count(model: Any) -> int:
    """Rows of a table."""
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def value(page: str, name: str) -> str:
    """The value of a data attribute."""
    found = re.search(rf'data-{name}="([^"]*)"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


def without_cookies(lms: Lms) -> FlaskClient:
    """A browser that keeps no cookie of ours."""
    return lms.app.test_client(use_cookies=False)


def test_the_cookie_of_the_login_survives_where_third_party_cookies_are_blocked(lms: Lms) -> None:
    header = lms.begin().headers["Set-Cookie"]

    assert header.startswith("lti_mcred=")
    for word in SECURE.split("; "):
        assert word in header


def test_a_browser_that_is_known_goes_straight_to_the_platform(lms: Lms) -> None:
    lms.login()

    again = lms.begin()

    assert (again.status_code, again.location.startswith(lms.auth_url)) == (302, True)


def test_a_login_is_never_kept_by_a_cache(lms: Lms) -> None:
    assert lms.begin().headers["Cache-Control"] == "no-store"


def test_a_cookie_that_came_back_binds_the_visit_to_the_browser(lms: Lms) -> None:
    answer = lms.launch()

    visit = db.session.scalars(select(Visit)).one()
    assert (answer.status_code, answer.location) == (303, f"/v/{visit.id}/course-navigation")
    assert visit.browser_hash


def test_without_a_cookie_a_new_window_is_offered_before_the_launch_is_used_up(lms: Lms) -> None:
    browser = without_cookies(lms)
    page = browser.get(lms.begin(browser).location)

    assert page.status_code == 200
    assert 'target="_blank"' in page.text
    assert "lti_message_hint=opaque+hint%2F%2B%3D" in page.text
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def test_a_window_of_its_own_without_cookies_says_what_to_allow(lms: Lms) -> None:
    browser = without_cookies(lms)
    page = browser.get(lms.begin(browser).location, headers={"Sec-Fetch-Dest": "document"})

    assert page.status_code == 400
    assert "Your browser keeps no cookies" in page.text
    assert "_blank" not in page.text


def test_without_a_cookie_the_storage_of_the_platform_remembers_the_state(lms: Lms) -> None:
    browser = without_cookies(lms)
    page = browser.get(lms.begin(browser, lti_storage_target="post_message_forwarding").location).text

    assert value(page, "binding") == "put"
    assert value(page, "target") == "post_message_forwarding"
    assert value(page, "origin") == "https://lms.example.edu"
    assert value(page, "next-url").startswith(lms.auth_url)
    assert value(page, "state") in value(page, "next-url")


def _parked(lms: Lms) -> tuple[FlaskClient, str, str]:
    browser = without_cookies(lms)
    page = browser.get(lms.begin(browser, lti_storage_target="_parent").location).text
    asked = dict(part.split("=", 1) for part in value(page, "next-url").split("?")[1].split("&"))
    posted = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"], browser)
    assert posted.status_code == 200
    assert value(posted.text, "binding") == "get"
    assert "frame-ancestors https://lms.example.edu" in posted.headers["Content-Security-Policy"]
    return browser, value(posted.text, "ticket"), value(posted.text, "state")


def test_a_launch_without_cookie_opens_when_platform_storage_proves_the_browser(lms: Lms) -> None:
    browser, ticket, state = _parked(lms)
    assert count(Visit) == 0

    answer = browser.post("/lti/launch/confirm", json={"ticket": ticket, "state": state})

    visit = db.session.scalars(select(Visit)).one()
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["url"] == f"/v/{visit.id}/course-navigation"
    assert answer.json["visit_id"] == visit.id
    assert len(answer.json["bearer"]) == 43
    assert visit.browser_hash is None
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_ticket_opens_one_visit(lms: Lms) -> None:
    browser, ticket, state = _parked(lms)
    proof = {"ticket": ticket, "state": state}

    first = browser.post("/lti/launch/confirm", json=proof)
    second = browser.post("/lti/launch/confirm", json=proof)

    assert (first.status_code, second.status_code, count(Visit)) == (200, 409, 1)


@pytest.mark.parametrize("body", [None, [], {}, {"ticket": 1, "state": "x"}, {"ticket": "x" * 9000, "state": "x"}])
def test_a_ticket_that_is_none_opens_nothing(lms: Lms, body: Any) -> None:
    _parked(lms)

    assert lms.client.post("/lti/launch/confirm", json=body).status_code == 409
    assert count(Visit) == 0


def test_a_ticket_with_another_state_opens_nothing(lms: Lms) -> None:
    browser, ticket, _state = _parked(lms)

    answer = browser.post("/lti/launch/confirm", json={"ticket": ticket, "state": "guessed"})

    assert (answer.status_code, count(Visit)) == (409, 0)


def test_a_launch_in_another_browser_opens_no_visit(lms: Lms) -> None:
    asked = lms.login()
    victim = lms.app.test_client()
    lms.login(victim)

    answer = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"], victim)

    assert answer.status_code == 200
    assert 'target="_blank"' in answer.text
    assert count(Visit) == 0


def test_a_launch_posted_twice_opens_once_and_then_helps(lms: Lms) -> None:
    asked = lms.login()
    token = lms.sign(lms.claims(asked["nonce"]))

    first, second = lms.post(token, asked["state"]), lms.post(token, asked["state"])

    assert (first.status_code, second.status_code) == (303, 409)
    assert "open this again from your course" in second.text
    assert count(Visit) == 1


def test_a_refused_launch_uses_its_attempt_up(lms: Lms) -> None:
    asked = lms.login()
    lms.post(lms.sign(lms.claims(asked["nonce"], version="1.1")), asked["state"])

    again = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])

    assert (again.status_code, count(Visit)) == (409, 0)


def test_a_login_that_took_too_long_is_over(lms: Lms) -> None:
    asked = lms.login()
    db.session.execute(update(LoginAttempt).values(expires_at=utcnow()))
    db.session.commit()

    answer = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])

    assert (answer.status_code, count(Visit)) == (408, 0)


def test_the_address_of_launches_is_no_page(client: FlaskClient) -> None:
    page = client.get("/lti/launch")

    assert page.status_code == 404
    assert "open this from your course" in page.text


def test_two_first_launches_at_once_make_one_course_and_one_person(lms: Lms) -> None:
    browsers = [lms.app.test_client() for _i in range(4)]
    asked = [lms.login(browser) for browser in browsers]
    tokens = [lms.sign(lms.claims(one["nonce"])) for one in asked]
    db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda i: lms.post(tokens[i], asked[i]["state"], browsers[i]), range(4)))

    assert [answer.status_code for answer in answers] == [303] * 4
    assert (count(Course), count(Person), count(Visit)) == (1, 1, 4)


def test_one_launch_posted_by_many_at_once_opens_one_visit(lms: Lms) -> None:
    asked = lms.login()
    cookie = lms.client.get_cookie("lti_mcred", "localhost")
    assert cookie
    browsers = [lms.app.test_client() for _i in range(4)]
    for browser in browsers:
        browser.set_cookie("lti_mcred", cookie.value)
    token = lms.sign(lms.claims(asked["nonce"]))
    db.session.remove()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda browser: lms.post(token, asked["state"], browser), browsers))

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    assert count(Visit) == 1


@pytest.mark.parametrize("name", ["iss", "client_id", "login_hint", "lti_message_hint", "target_link_uri"])
def test_a_doubled_login_parameter_is_refused(lms: Lms, name: str) -> None:
    given = {"iss": lms.issuer, "client_id": lms.client_id, "login_hint": "h", name: ["a", "b"]}

    assert lms.client.post("/lti/login", data=given).status_code == 400
    assert count(LoginAttempt) == 0


@pytest.mark.parametrize("size", [20_000, 1_000_000])
@pytest.mark.parametrize("name", ["iss", "login_hint", "lti_message_hint", "lti_storage_target"])
def test_an_enormous_login_parameter_is_refused(lms: Lms, name: str, size: int) -> None:
    assert lms.begin(**{name: "x" * size}).status_code == 400
    assert count(LoginAttempt) == 0


@pytest.mark.parametrize("name", ["iss", "login_hint", "lti_message_hint", "lti_deployment_id"])
def test_a_login_parameter_with_a_nul_byte_is_refused(lms: Lms, name: str) -> None:
    assert lms.begin(**{name: "a\0b"}).status_code == 400


@pytest.mark.parametrize("name", ["iss", "login_hint"])
def test_a_login_without_what_it_needs_says_that_the_lms_opens_it(lms: Lms, name: str) -> None:
    page = lms.begin(**{name: None})

    assert (page.status_code, "opened by your LMS" in page.text) == (400, True)


def test_a_body_beyond_all_measure_is_refused(lms: Lms) -> None:
    assert lms.post("x" * 3_000_000, "s").status_code == 413


def test_an_unknown_platform_is_refused_with_the_values_for_its_admin(lms: Lms) -> None:
    page = lms.begin(iss="https://new.example.edu", client_id="client-99")

    assert page.status_code == 403
    assert 'value="https://new.example.edu"' in page.text
    assert 'value="client-99"' in page.text


def test_the_page_that_says_no_may_stand_in_the_frame_of_the_lms(lms: Lms) -> None:
    page = lms.begin(iss="https://new.example.edu")

    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def test_a_removed_platform_no_longer_logs_in(lms: Lms) -> None:
    remove_platform(db.session.scalars(select(Platform.id)).one())

    assert lms.begin().status_code == 403


def test_a_removed_platform_no_longer_launches_after_its_login_and_its_pages_have_ended(lms: Lms) -> None:
    visit = db.session.get_one(Visit, lms.launch().location.split("/")[2])
    assert visit.ended_at is None
    asked = lms.login()
    remove_platform(visit.platform_id)

    late = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])

    assert (late.status_code, count(Visit)) == (403, 1)
    assert "This LMS is not registered here yet" in late.text
    db.session.refresh(visit)
    assert visit.ended_at is not None
    assert lms.client.get(f"/v/{visit.id}/work").status_code == 401


@pytest.mark.parametrize("waits", ["for the launch", "for the storage"])
def test_a_platform_that_is_removed_meanwhile_opens_nothing(lms: Lms, waits: str) -> None:
    browser = without_cookies(lms) if waits == "for the storage" else lms.client
    extra = {"lti_storage_target": "_parent"} if waits == "for the storage" else {}
    answer = lms.begin(browser, **extra)
    if extra:
        answer = browser.get(answer.location)
        state = value(answer.text, "state")
        nonce = re.search(r"nonce=([^&]+)", value(answer.text, "next-url"))
        assert nonce
        page = lms.post(lms.sign(lms.claims(nonce[1])), state, browser)
        remove_platform(db.session.scalars(select(Platform.id)).one())
        body = {"ticket": value(page.text, "ticket"), "state": state}
        refused = browser.post("/lti/launch/confirm", json=body)
    else:
        asked = lms.login()
        remove_platform(db.session.scalars(select(Platform.id)).one())
        refused = lms.post(lms.sign(lms.claims(asked["nonce"])), asked["state"])
    assert (refused.status_code, count(Visit)) == (403, 0)


def test_of_two_first_installations_at_once_one_is_taken(either: Flask) -> None:
    platform = factories.platform(policy="first")
    db.session.commit()
    platform_id, at_once = platform.id, Barrier(2)

    def launch(name: str) -> str:
        with either.app_context():
            found = db.session.get_one(Platform, platform_id)
            db.session.commit()
            at_once.wait(30)
            state = deployment_of_launch(found, name).state
            db.session.commit()
            return state

    for turn in range(5):
        with ThreadPoolExecutor(2) as pool:
            states = sorted(pool.map(launch, (f"a{turn}", f"b{turn}")))
        assert states == ["active", "pending"]
        db.session.execute(delete(Deployment))
        db.session.commit()


def test_a_login_keeps_what_starts_it_again_and_nothing_else(lms: Lms) -> None:
    lms.begin(lti_storage_target="_parent", canvas_region="us-east-1")

    kept = db.session.scalars(select(LoginAttempt)).one().login_params
    assert kept == {
        "iss": lms.issuer, "client_id": lms.client_id, "login_hint": "hint-7",
        "lti_message_hint": "opaque hint/+=", "target_link_uri": f"{TOOL}/lti/launch",
    }  # fmt: skip


def test_a_cookie_of_another_site_of_the_campus_may_hold_anything(lms: Lms) -> None:
    lms.login()
    ours = lms.client.get_cookie("lti_mcred")
    assert ours
    other = {"HTTP_COOKIE": f"name=Jos\xe9; lti_mcred={ours.value}"}
    fields = {"iss": lms.issuer, "client_id": lms.client_id, "login_hint": "hint-7"}
    stranger = lms.app.test_client(use_cookies=False)

    known = stranger.post("/lti/login", data=fields, environ_base=other)
    unknown = stranger.post("/lti/login", data=fields, environ_base={"HTTP_COOKIE": "name=Jos\xe9"})

    assert (known.status_code, known.location.startswith(lms.auth_url)) == (302, True)
    assert unknown.status_code == 303


def test_the_query_of_the_authorization_address_is_kept(app: Flask, client: FlaskClient) -> None:
    lms = stand_up(app, client, auth_url="https://lms.example.edu/auth?tenant=7&scope=evil")
    lms.register()

    lms.client.get(lms.begin().location)
    location = lms.begin().location

    assert "tenant=7" in location
    assert location.count("scope=") == 1
    assert "scope=openid" in location


def test_a_hint_in_the_authorization_address_gives_way_to_one_of_the_login(app: Flask, client: FlaskClient) -> None:
    lms = stand_up(app, client, auth_url="https://lms.example.edu/auth?lti_message_hint=always")
    lms.register()
    given = {"iss": lms.issuer, "client_id": lms.client_id, "login_hint": "h", "target_link_uri": f"{TOOL}/lti/launch"}
    lms.client.get(lms.client.get("/lti/login", query_string=given).location)  # the cookie is known from here on

    without = lms.client.get("/lti/login", query_string=given).location
    along = lms.client.get("/lti/login", query_string={**given, "lti_message_hint": "once"}).location

    assert without.count("lti_message_hint=") == along.count("lti_message_hint=") == 1
    assert "lti_message_hint=always" in without
    assert "lti_message_hint=once" in along


def test_a_login_by_get_works_too(lms: Lms) -> None:
    given = {"iss": lms.issuer, "client_id": lms.client_id, "login_hint": "h", "target_link_uri": f"{TOOL}/lti/launch"}

    assert lms.client.get("/lti/login", query_string=given).status_code == 303


def test_a_cookie_that_we_never_made_is_replaced(lms: Lms) -> None:
    lms.client.set_cookie("lti_mcred", "short")

    assert lms.begin().status_code == 303


def test_the_frame_of_a_visit_belongs_to_the_platform_alone(lms: Lms) -> None:
    lms.launch(launch_presentation={"return_url": "https://school.example.edu/courses/1"})

    ancestors = db.session.scalars(select(Visit)).one().frame_ancestors
    assert ancestors == "https://lms.example.edu https://school.example.edu"
