"""Each message opens a whole page for each role, whatever the LMS leaves out about the person."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from lti_mcred.catalog.models import Activity, Version
from lti_mcred.engine.db import db
from lti_mcred.people.models import Course, Person
from lti_mcred.tool.known.models import Deployment, Platform, ResourceLink
from lti_mcred.tool.protocol.claims import DEEP_LINKING
from lti_mcred.web.models import Visit
from lti_mcred.web.visits import bearer_of
from tests import factories as make
from tests.conformance.lms import INSTRUCTOR, LEARNER, MEMBERSHIP, TOOL, Lms, open_pages, stand_up
from tests.conformance.test_tool_certification import GOOD

RETURN = "https://lms.example.edu/return?data=s3cret"
NOBODY = {"name": None, "given_name": None, "family_name": None, "email": None}


def activity() -> dict[str, Any]:
    """The claims of a link to the activity of course-1."""
    return {"custom": {"activity": db.session.scalars(select(Activity.id)).one()}}


def picking(**changes: Any) -> dict[str, Any]:
    """The claims of a deep linking request."""
    settings = {
        "deep_link_return_url": RETURN, "accept_types": ["ltiResourceLink"], "accept_multiple": True,
        "accept_presentation_document_targets": ["iframe"], "data": "echo me",
    }  # fmt: skip
    return {"message_type": "LtiDeepLinkingRequest", "resource_link": None, DEEP_LINKING: settings, **changes}


def opened(lms: Lms, **changes: Any) -> TestResponse:
    """Launch, and go on to the page as a browser that keeps cookies does."""
    answer = lms.launch(**changes)
    assert answer.status_code == 303, answer.text
    return lms.client.get(answer.location, follow_redirects=True)


def path(page: TestResponse) -> str:
    """Where the browser ended, inside the visit."""
    return "/".join(["", *page.request.path.split("/")[3:]])


@pytest.mark.parametrize("where", ["an activity", "the course menu"])
@pytest.mark.parametrize("role", ["Instructor", "Learner"])
@pytest.mark.parametrize("kind", GOOD)
def test_a_good_payload_opens_a_whole_page(lms_with_activity: Lms, kind: str, role: str, where: str) -> None:
    roles = [role] if kind == "short role" else [INSTRUCTOR if role == "Instructor" else LEARNER]
    link = activity() if where == "an activity" else {}

    page = opened(lms_with_activity, **{"roles": roles, **link, **GOOD[kind]})

    assert page.status_code == 200
    assert "<h1>" in page.text
    assert "None" not in page.text


def test_a_learner_whose_name_is_kept_back_stands_in_the_teachers_list_without_one(lms_with_activity: Lms) -> None:
    link = activity()
    opened(lms_with_activity, sub="nameless", **NOBODY, **link)

    page = opened(lms_with_activity, sub="teacher", roles=[INSTRUCTOR], **link)

    assert path(page) == "/course"
    assert "nameless" not in page.text
    assert "Name not shared" in page.text


def test_nobody_is_asked_for_a_name_or_an_address_that_the_lms_keeps_back(lms_with_activity: Lms) -> None:
    page = opened(lms_with_activity, **NOBODY, **activity())

    assert path(page) == "/work"
    assert 'type="email"' not in page.text


@pytest.mark.parametrize("role", [INSTRUCTOR, LEARNER])
def test_a_launch_outside_of_any_course_opens_and_promises_no_grades(lms_with_activity: Lms, role: str) -> None:
    page = opened(lms_with_activity, context=None, roles=[role], **activity())

    visit = db.session.scalars(select(Visit)).one()
    assert page.status_code == 200
    assert (visit.course_id, visit.resource_link_id) == (None, None)
    assert "Your LMS named no course" in page.text
    assert "was copied" not in page.text


@pytest.mark.parametrize("context", [None, {"id": ""}])
@pytest.mark.parametrize("role", [INSTRUCTOR, LEARNER])
def test_a_link_of_another_installation_outside_of_any_course_tells_nothing_of_it(
    lms_with_activity: Lms, role: str, context: Any
) -> None:
    version = db.session.scalars(select(Version)).one()
    elsewhere = make.activity(version, make.course(make.deployment()))
    db.session.commit()

    page = opened(lms_with_activity, context=context, roles=[role], custom={"activity": elsewhere.id})

    assert "Your LMS named no course" in page.text
    assert version.title not in page.text


@pytest.mark.parametrize("role", [INSTRUCTOR, LEARNER])
def test_a_link_that_names_nothing_outside_of_any_course_opens_the_own_place(lms_with_activity: Lms, role: str) -> None:
    page = opened(lms_with_activity, context=None, roles=[role])

    assert (page.status_code, "Your LMS named no course" in page.text) == (200, False)


IN_TEXT = {"resource_link": {"id": "course-1", "title": "Safety"}}


@pytest.fixture
def canvas_with_activity(lms_with_activity: Lms) -> Lms:
    """The same in Canvas, which gives links in texts and modules the id of the course."""
    db.session.execute(update(Platform).values(profile="canvas"))
    db.session.commit()
    return lms_with_activity


def test_a_teacher_finds_the_learners_who_came_by_a_link_in_a_text(canvas_with_activity: Lms) -> None:
    learner = opened(canvas_with_activity, sub="learner", name="Nadia Okafor", **IN_TEXT, **activity())
    teacher = opened(canvas_with_activity, sub="teacher", roles=[INSTRUCTOR], **IN_TEXT, **activity())

    assert (path(learner), path(teacher)) == ("/work", "/course")
    assert "Nadia" in teacher.text
    links = db.session.scalars(select(ResourceLink)).all()
    assert [(one.resource_link_id, one.activity_id) for one in links] == [(f"in-text:{the_activity()}", the_activity())]
    assert {visit.resource_link_id for visit in db.session.scalars(select(Visit))} == {links[0].id}


def the_activity() -> str:
    return db.session.scalars(select(Activity.id)).one()


def test_a_link_in_a_text_leads_to_the_work_of_the_activitys_own_link(canvas_with_activity: Lms) -> None:
    opened(canvas_with_activity, **activity())
    opened(canvas_with_activity, **IN_TEXT, **activity())
    opened(canvas_with_activity, roles=[INSTRUCTOR], sub="teacher", **IN_TEXT, **activity())

    own = db.session.scalars(select(ResourceLink)).one()
    assert own.resource_link_id == "link-1"
    assert {visit.resource_link_id for visit in db.session.scalars(select(Visit))} == {own.id}


def test_links_in_texts_to_two_activities_of_a_course_are_two(canvas_with_activity: Lms) -> None:
    first = the_activity()
    second = make.activity(db.session.scalars(select(Version)).one(), db.session.scalars(select(Course)).one()).id
    db.session.commit()
    for one in (first, second, first):
        opened(canvas_with_activity, roles=[INSTRUCTOR], **IN_TEXT, custom={"activity": one})

    found = {row.activity_id: row.id for row in db.session.scalars(select(ResourceLink))}
    assert set(found) == {first, second}
    visits = db.session.scalars(select(Visit).order_by(Visit.id))
    assert [(one.activity_id, one.resource_link_id) for one in visits] == [
        (a, found[a]) for a in (first, second, first)
    ]


def test_the_course_menu_of_canvas_is_no_link_to_an_activity(canvas_with_activity: Lms) -> None:
    opened(canvas_with_activity, **IN_TEXT, **activity())
    page = opened(canvas_with_activity, sub="teacher", roles=[INSTRUCTOR], **IN_TEXT, custom={"context_history": ""})

    assert path(page) == "/course"
    assert len(db.session.scalars(select(ResourceLink)).all()) == 1
    last = db.session.scalars(select(Visit).order_by(Visit.id.desc())).first()
    assert last is not None
    assert (last.activity_id, last.resource_link_id) == (None, None)


def test_a_copied_link_in_a_text_waits_for_the_teacher(canvas_with_activity: Lms) -> None:
    there = {"context": {"id": "course-2"}, "resource_link": {"id": "course-2"}}
    page = opened(canvas_with_activity, sub="teacher", roles=[INSTRUCTOR], **there, **activity())

    assert path(page) == "/copied"
    assert db.session.scalars(select(ResourceLink)).all() == []


@pytest.mark.parametrize("roles", [[INSTRUCTOR], [f"{MEMBERSHIP}#ContentDeveloper"], [f"{MEMBERSHIP}#Administrator"]])
def test_deep_linking_opens_the_picker_for_who_builds_courses(lms_with_activity: Lms, roles: list[str]) -> None:
    assert path(opened(lms_with_activity, **picking(roles=roles))) == "/picker"


@pytest.mark.parametrize("roles", [[LEARNER], [f"{MEMBERSHIP}#Mentor"], [], None])
def test_deep_linking_tells_a_learner_kindly_where_to_hand_in(lms_with_activity: Lms, roles: list[str] | None) -> None:
    page = opened(lms_with_activity, **picking(roles=roles))

    assert (page.status_code, path(page)) == (200, "/picker/none")
    assert "Only teachers can add" in page.text
    assert "open the micro-credential that your teacher has added" in page.text


def test_a_learner_goes_back_from_deep_linking_with_nothing_chosen(lms_with_activity: Lms) -> None:
    page = opened(lms_with_activity, **picking(roles=[LEARNER]))
    visit = db.session.scalars(select(Visit)).one()

    back = lms_with_activity.client.post(f"/v/{visit.id}/picker/cancel", data={"visit_bearer": bearer_of(visit)})

    assert page.status_code == back.status_code == 200
    assert 'action="https://lms.example.edu/return?data=s3cret"' in back.text
    added = lms_with_activity.client.post(f"/v/{visit.id}/picker/add", data={"visit_bearer": bearer_of(visit)})
    assert added.status_code == 403


def test_the_page_for_learners_is_for_those_who_came_to_choose(lms_with_activity: Lms) -> None:
    opened(lms_with_activity)
    visit = db.session.scalars(select(Visit)).one()

    assert lms_with_activity.client.get(f"/v/{visit.id}/picker/none").status_code == 400


REVIEW = {"message_type": "LtiSubmissionReviewRequest"}


def handed_in(lms: Lms, state: str = "decided") -> str:
    """Let learner "sub-1" hand in; return the id of her attempt."""
    opened(lms, **activity())
    who = db.session.scalars(select(Person).where(Person.sub == "sub-1")).one()
    link = db.session.scalars(select(ResourceLink)).one()
    version = db.session.scalars(select(Version)).one()
    attempt = make.submitted_attempt(make.enrolment(who, version, link), state=state)
    db.session.commit()
    return str(attempt.id)


def location(lms: Lms, **changes: Any) -> str:
    """Where a launch leads, inside its visit."""
    return "/".join(["", *lms.launch(**changes).location.split("/")[3:]])


def test_a_review_shows_a_teacher_the_decided_work_of_the_learner_it_names(lms_with_activity: Lms) -> None:
    attempt_id = handed_in(lms_with_activity)

    found = location(
        lms_with_activity, **REVIEW, sub="t", roles=[INSTRUCTOR], for_user={"user_id": "sub-1"}, **activity()
    )

    assert found == f"/course/feedback/{attempt_id}"


@pytest.mark.parametrize("whose", ["sub-1", "nobody-here"])
def test_a_review_of_work_that_is_not_decided_or_not_here_shows_a_teacher_her_course(
    lms_with_activity: Lms, whose: str
) -> None:
    handed_in(lms_with_activity, "submitted")

    page = opened(lms_with_activity, **REVIEW, sub="t", roles=[INSTRUCTOR], for_user={"user_id": whose}, **activity())

    assert (page.status_code, path(page)) == (200, "/course")


@pytest.mark.parametrize("whose", ["sub-1", "somebody-else"])
def test_a_review_shows_a_learner_her_own_work_whoever_it_names(lms_with_activity: Lms, whose: str) -> None:
    handed_in(lms_with_activity, "submitted")

    page = opened(lms_with_activity, **REVIEW, for_user={"user_id": whose}, **activity())

    assert (page.status_code, path(page)) == (200, "/work/waiting")


@pytest.mark.parametrize("nobody", [{}, {"for_user": None}, {"for_user": {}}], ids=["absent", "null", "empty"])
def test_a_review_of_a_whole_column_shows_a_teacher_everybody_and_a_learner_her_own_work(
    lms_with_activity: Lms, nobody: dict[str, Any]
) -> None:
    handed_in(lms_with_activity)

    whole = opened(lms_with_activity, **REVIEW, sub="t", roles=[INSTRUCTOR], **nobody, **activity())
    own = opened(lms_with_activity, **REVIEW, **nobody, **activity())

    assert (whole.status_code, path(whole)) == (200, "/course")
    assert "Learners and scores" in whole.text
    assert (own.status_code, path(own)) == (200, "/work/decision")


def test_a_review_of_a_whole_column_shows_no_decision_of_the_teachers_own(lms_with_activity: Lms) -> None:
    handed_in(lms_with_activity)

    page = opened(lms_with_activity, **REVIEW, roles=[INSTRUCTOR], **activity())

    assert path(page) == "/course"


def test_a_review_without_a_link_shows_a_learner_her_record(lms_with_activity: Lms) -> None:
    page = opened(lms_with_activity, **REVIEW, resource_link=None, for_user={"user_id": "sub-1"})

    assert (page.status_code, path(page)) == (200, "/mine")


def test_the_address_of_a_submission_that_is_not_of_this_course_opens_nothing(lms_with_activity: Lms) -> None:
    page = lms_with_activity.launch(target_link_uri=f"{TOOL}/lti/launch?attempt=7Kq2vXb90tLm")

    assert page.status_code == 404
    assert "There is no such submission in this course" in page.text


@pytest.mark.parametrize(
    ("profile", "role", "page"),
    [
        ("canvas", LEARNER, "/mine"), ("canvas", INSTRUCTOR, "/course"),
        ("generic", LEARNER, "/mine"), ("moodle", INSTRUCTOR, "/course"),
    ],
)  # fmt: skip
def test_the_course_menu_opens_the_page_of_the_course(
    app: Flask, client: FlaskClient, profile: str, role: str, page: str
) -> None:
    """Canvas sends the course's id as the link's there, the others a link that names no activity."""
    lms = stand_up(app, client, profile=profile)
    lms.register()
    open_pages(app)
    link = {"id": "course-1" if profile == "canvas" else "link-9"}

    found = opened(lms, roles=[role], resource_link=link)

    assert (found.status_code, path(found)) == (200, page)
    assert len(db.session.scalars(select(ResourceLink)).all()) == (0 if profile == "canvas" else 1)


def test_a_link_to_the_course_that_names_an_activity_opens_it(app: Flask, client: FlaskClient) -> None:
    """Canvas repeats the course's id as the link's id in texts and modules; the activity is named all the same."""
    lms = stand_up(app, client, profile="canvas")
    lms.register()
    open_pages(app)
    here = make.course(db.session.scalars(select(Deployment)).one(), context_id="course-1")
    chosen = make.activity(make.version(), here)
    db.session.commit()

    page = opened(lms, resource_link={"id": "course-1"}, target_link_uri=f"{TOOL}/lti/launch?activity={chosen.id}")

    assert (page.status_code, path(page)) == (200, "/work")


def test_a_link_opens_nothing_of_a_context_that_is_no_course_any_more(lms_with_activity: Lms) -> None:
    link = activity()
    assert path(opened(lms_with_activity, roles=[LEARNER], **link)).startswith("/work")
    db.session.execute(update(Platform).values(profile="canvas"))
    db.session.commit()
    account = {"id": "course-1", "title": "Larkspur", "type": ["Account"]}

    assert lms_with_activity.launch(roles=[LEARNER], context=account, **link).status_code == 403
