"""A visit is proved by the bound cookie or by the bearer, and by nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Blueprint, Flask, jsonify, render_template_string

from lti_mcred.app import create_app
from lti_mcred.engine.db import close_connections, db, utcnow
from lti_mcred.errors import Problem
from lti_mcred.web.visits import (
    bearer_of,
    cookie_name,
    current_visit,
    require_role,
    set_browser_cookie,
    token_hash,
    visit_url,
)
from tests import factories as make

PAGE = '<form method="post">{{ visit_field() }}</form><a href="{{ visit_url("probe.page") }}">the work itself</a>'


def _probe() -> Blueprint:
    bp = Blueprint("probe", __name__, url_prefix="/v/<visit_id>")

    @bp.get("/page")
    def page():
        return render_template_string(PAGE)

    @bp.post("/save")
    def save():
        return jsonify(person=current_visit().person_id)

    @bp.get("/desk")
    @require_role("teacher", granted=("assessor",))
    def desk():
        return jsonify(at=visit_url("probe.desk"))

    return bp


@pytest.fixture
def app(settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.register_blueprint(_probe())

    @app.get("/crash")
    def crash():
        raise RuntimeError("a secret of the inside")

    @app.get("/problem")
    def problem():
        raise Problem("x", "Title <b>", "Detail", "Do this", "You", 409)

    with app.app_context():
        db.create_all()
        yield app
        db.session.remove()
        close_connections()


@pytest.fixture
def visit(app):
    course = make.course()
    visit = make.visit(make.person(course), course, "learner")
    visit.browser_hash = token_hash("this-browser")
    db.session.commit()
    return visit


def _with_cookie(client, value="this-browser"):
    client.set_cookie(cookie_name(), value)
    return client


def test_the_bearer_in_the_header_opens_a_page(client, visit):
    answer = client.get(f"/v/{visit.id}/page", headers=make.auth(visit))
    assert answer.status_code == 200
    assert bearer_of(visit) in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_bound_cookie_opens_a_page(client, visit):
    assert bearer_of(visit) in _with_cookie(client).get(f"/v/{visit.id}/page").text


def test_without_proof_a_page_is_only_a_shell(client, visit):
    answer = client.get(f"/v/{visit.id}/page")
    assert answer.status_code == 200
    assert "resume.js" in answer.text
    assert bearer_of(visit) not in answer.text
    assert "the work itself" not in answer.text


@pytest.mark.parametrize("value", ["another-browser", "", "x" * 3000])
def test_another_browsers_cookie_gets_the_shell(client, visit, value):
    assert "resume.js" in _with_cookie(client, value).get(f"/v/{visit.id}/page").text


def test_a_cookie_does_not_open_a_visit_that_is_bound_to_none(client, app, visit):
    visit.browser_hash = None
    db.session.commit()
    assert "resume.js" in _with_cookie(client).get(f"/v/{visit.id}/page").text


def test_a_wrong_bearer_is_refused_even_beside_a_good_cookie(client, visit):
    headers = {"Authorization": "Visit " + "A" * 43}
    assert _with_cookie(client).get(f"/v/{visit.id}/page", headers=headers).status_code == 401


def test_data_without_proof_is_refused(client, visit):
    answer = client.get(f"/v/{visit.id}/page", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json["action"] == "Open the activity again from your course."


def test_a_cookie_alone_never_writes(client, visit):
    assert _with_cookie(client).post(f"/v/{visit.id}/save").status_code == 401


def test_the_hidden_field_writes(client, visit):
    answer = client.post(f"/v/{visit.id}/save", data={"visit_bearer": bearer_of(visit)})
    assert answer.json == {"person": visit.person_id}


def test_the_bearer_of_one_visit_does_not_open_another(client, app, visit):
    other = make.visit(make.person(make.course()), make.course())
    db.session.commit()
    assert client.get(f"/v/{other.id}/page", headers=make.auth(visit)).status_code == 401


def test_an_unknown_visit_is_answered_like_an_ended_one(client, app):
    assert client.get("/v/none/page").status_code == 401


@pytest.mark.parametrize("change", [{"ends_at": -1}, {"seen_at": -3700}, {"ended_at": -1}])
def test_a_visit_ends_by_time_idleness_or_word(client, visit, change):
    for name, seconds in change.items():
        setattr(visit, name, utcnow() + timedelta(seconds=seconds))
    db.session.commit()
    answer = client.get(f"/v/{visit.id}/page", headers=make.auth(visit))
    assert answer.status_code == 401
    assert "What you saved is kept" in answer.text


def test_use_keeps_a_visit_awake(client, visit):
    visit.seen_at = before = utcnow() - timedelta(minutes=50)
    db.session.commit()
    client.get(f"/v/{visit.id}/page", headers=make.auth(visit))
    db.session.refresh(visit)
    assert visit.seen_at > before + timedelta(minutes=49)


def test_a_learner_does_not_reach_the_desk(client, visit):
    answer = client.get(f"/v/{visit.id}/desk", headers=make.auth(visit))
    assert answer.status_code == 403
    assert "not open to you" in answer.text


def test_a_role_of_ours_reaches_the_desk(client, app, visit):
    course = make.course()
    assessor = make.visit(make.person(course), course, "learner", granted=("assessor",))
    db.session.commit()
    assert client.get(f"/v/{assessor.id}/desk", headers=make.auth(assessor)).status_code == 200


def test_only_the_visits_platform_may_frame_it(client, visit):
    for headers in (make.auth(visit), {}):
        policy = client.get(f"/v/{visit.id}/page", headers=headers).headers["Content-Security-Policy"]
        assert "frame-ancestors https://lms.example.edu" in policy
        assert "script-src 'self';" in policy


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_page_that_says_that_a_visit_is_over_still_stands_in_the_platforms_frame(client, visit, method):
    visit.seen_at = utcnow() - timedelta(hours=2)
    db.session.commit()
    path = "page" if method == "GET" else "save"
    answer = client.open(f"/v/{visit.id}/{path}", method=method, data={"visit_bearer": bearer_of(visit)})
    assert answer.status_code == 401
    assert "frame-ancestors https://lms.example.edu" in answer.headers["Content-Security-Policy"]


def test_pages_outside_a_visit_are_framed_by_nobody(client, app):
    assert "frame-ancestors 'none'" in client.get("/healthz").headers["Content-Security-Policy"]


def test_the_browser_cookie_survives_blocked_third_party_cookies(settings):
    app = create_app(replace(settings, public_url="https://tool.example.edu"))
    with app.test_request_context():
        response = app.make_response("")
        set_browser_cookie(response, "t")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-lti_mcred=t;")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=None", "Partitioned"):
        assert word in cookie


def test_the_browser_cookie_lasts_as_long_as_a_visit_whose_login_took_its_time(settings):
    app = create_app(replace(settings, login_seconds=600, visit_total_seconds=28_800))
    with app.test_request_context():
        response = app.make_response("")
        set_browser_cookie(response, "t")
    assert "Max-Age=29400" in response.headers["Set-Cookie"]


def test_a_crash_shows_a_reference_and_nothing_of_the_inside(client, app):
    answer = client.get("/crash")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"] in answer.text
    assert "secret of the inside" not in answer.text


def test_a_problem_is_shown_escaped_with_what_to_do(client, app):
    answer = client.get("/problem")
    assert answer.status_code == 409
    assert "Title &lt;b&gt;" in answer.text
    assert "Do this" in answer.text


def test_a_problem_for_programs_is_problem_json(client, app):
    answer = client.get("/problem", headers={"Accept": "application/json"})
    assert answer.content_type == "application/problem+json"
    assert (answer.json["status"], answer.json["who"]) == (409, "You")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/no-such", 404), ("DELETE", "/healthz", 405)])
def test_http_errors_are_kind(client, app, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert "Open the activity again from your course." in answer.text


def test_whoever_comes_without_a_launch_is_told_where_to_go(client, app):
    answer = client.get("/")
    assert "inside your course" in answer.text
    assert 'href="/verify"' in answer.text
