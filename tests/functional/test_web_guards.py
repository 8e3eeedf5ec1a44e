"""Who may use a route stands where the route is made; a route that says nothing starts no application."""

import pytest
from flask import Blueprint, Flask, url_for

from lti_mcred.engine.db import db
from lti_mcred.tool.admin.reach import administrators
from lti_mcred.web.guards import Guard, check_routes, guard_of, public
from lti_mcred.web.visits import any_visit, require_role
from tests import factories as make

INSIDE, OUTSIDE = "/v/<visit_id>/new", "/new"


def _page() -> str:
    return "shown"


@pytest.mark.parametrize(
    ("path", "guard", "said"),
    [
        (INSIDE, None, "does not say who may use it"),
        (OUTSIDE, None, "does not say who may use it"),
        (INSIDE, public, "open to everybody"),
        (OUTSIDE, any_visit, "outside of visits"),
        (OUTSIDE, require_role("teacher"), "outside of visits"),
    ],
)
def test_a_route_without_a_guard_that_fits_its_place_starts_no_application(
    own_app: Flask, path: str, guard: Guard | None, said: str
) -> None:
    def page() -> str:
        return "shown"

    own_app.add_url_rule(path, "new", guard(page) if guard else page)
    with pytest.raises(RuntimeError, match=said):
        check_routes(own_app)


@pytest.mark.parametrize(
    ("path", "guard"), [(OUTSIDE, public), (INSIDE, any_visit), (OUTSIDE, administrators), (INSIDE, administrators)]
)
def test_a_route_with_a_guard_that_fits_starts(own_app: Flask, path: str, guard: Guard) -> None:
    own_app.add_url_rule(path, "new", guard(_page))
    check_routes(own_app)


def test_a_guard_counts_under_other_decorators_too(own_app: Flask) -> None:
    def twice(view):
        def shown():
            return view() * 2

        shown.__dict__.update(view.__dict__)
        return shown

    bp = Blueprint("probe", __name__)
    bp.get(INSIDE)(twice(require_role("teacher")(_page)))
    own_app.register_blueprint(bp)
    course = make.course()
    teacher, learner = (make.visit(make.person(course), course, role) for role in ("teacher", "learner"))
    db.session.commit()
    answers = [own_app.test_client().get(f"/v/{one.id}/new", headers=make.auth(one)) for one in (teacher, learner)]
    assert [answer.status_code for answer in answers] == [200, 403]
    assert answers[0].text == "shownshown"


def test_every_page_of_a_course_keeps_names_from_whoever_reads_blind(app: Flask) -> None:
    names = {
        rule.endpoint: guard.name
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/v/<visit_id>/course") and (guard := guard_of(app, rule.endpoint))
    }
    assert len(names) >= 7
    assert [endpoint for endpoint, name in names.items() if not name.endswith("not blind")] == []


@pytest.mark.parametrize("endpoint", ["roster.read", "roster.apply"])
def test_the_class_list_is_not_read_or_applied_for_whoever_reads_blind(app: Flask, client, endpoint: str) -> None:
    course = make.course()
    assistant = make.visit(make.person(course), course, "assistant", granted=("assessor",))
    db.session.commit()
    with app.test_request_context():
        address = url_for(endpoint, visit_id=assistant.id)
    answer = client.post(address, headers=make.auth(assistant))
    assert (answer.status_code, "you assess without them" in answer.text) == (403, True)
