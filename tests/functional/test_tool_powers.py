"""What a visit may do is read when it is used: whatever was taken away since the launch is gone at once."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from lti_mcred.engine.db import db
from lti_mcred.people import grants
from lti_mcred.people.models import Course, Grant, Membership, Person
from lti_mcred.people.roles import may_teach, still_held
from lti_mcred.tool.known.models import Deployment, Platform, Roster
from lti_mcred.tool.protocol.claims import DEEP_LINKING
from lti_mcred.tool.roster.rows import take_in
from lti_mcred.tool.wire.nrps import Member
from lti_mcred.web.models import Visit
from tests import factories as make
from tests.conformance.lms import INSTRUCTOR, LEARNER, Lms
from tests.statements import statements

SYSTEM_ADMINISTRATOR = "http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator"


def launched(lms: Lms, *roles: str, **claims: object) -> Visit:
    """Launch, and return the visit as it is stored."""
    answer = lms.launch(roles=list(roles), **claims)
    visit_id = answer.headers["Location"].split("/")[2]
    return db.session.get_one(Visit, visit_id)


def opens(client: FlaskClient, visit: Visit, page: str, method: str = "GET") -> int:
    return client.open(f"/v/{visit.id}{page}", method=method, headers=make.auth(visit)).status_code


def test_a_teacher_who_comes_back_as_a_learner_is_no_teacher_in_the_old_tab(
    lms_with_pages: Lms, client: FlaskClient
) -> None:
    teacher = launched(lms_with_pages, INSTRUCTOR)
    assert opens(client, teacher, "/course") == 200
    learner = launched(lms_with_pages, LEARNER)
    assert opens(client, teacher, "/course") == 403
    assert opens(client, teacher, "/course/people/read", "POST") == 403
    assert opens(client, learner, "/mine") == 200


def test_another_person_and_another_course_change_nothing(lms_with_pages: Lms, client: FlaskClient) -> None:
    teacher = launched(lms_with_pages, INSTRUCTOR)
    launched(lms_with_pages, LEARNER, sub="somebody-else")
    launched(lms_with_pages, LEARNER, context={"id": "another-course"})
    assert opens(client, teacher, "/course") == 200


def test_a_request_for_content_that_leaves_out_the_roles_takes_none_away(
    lms_with_pages: Lms, client: FlaskClient
) -> None:
    teacher = launched(lms_with_pages, INSTRUCTOR)
    settings = {"deep_link_return_url": "https://lms.example.edu/return", "accept_types": ["ltiResourceLink"]}
    wanted = {"message_type": "LtiDeepLinkingRequest", "resource_link": None, DEEP_LINKING: settings}
    lms_with_pages.launch(roles=None, **wanted)
    assert opens(client, teacher, "/course") == 200
    lms_with_pages.launch(roles=[LEARNER], **wanted)
    assert opens(client, teacher, "/course") == 403


def test_what_is_no_longer_hers_ends_and_what_is_stays(lms_with_pages: Lms, client: FlaskClient) -> None:
    both = launched(lms_with_pages, INSTRUCTOR, LEARNER)
    launched(lms_with_pages, LEARNER)
    assert opens(client, both, "/course") == 403
    assert opens(client, both, "/work/start", "POST") != 403


def test_an_administrator_of_the_lms_who_comes_back_without_that_role_administers_nothing(
    lms_with_pages: Lms, client: FlaskClient
) -> None:
    before = launched(lms_with_pages, INSTRUCTOR, SYSTEM_ADMINISTRATOR)
    assert opens(client, before, "/admin/") == 200
    launched(lms_with_pages, INSTRUCTOR)
    assert opens(client, before, "/admin/") == 403
    again = launched(lms_with_pages, INSTRUCTOR, SYSTEM_ADMINISTRATOR)
    assert opens(client, again, "/admin/") == 200


def _class_list_says(roles: tuple[str, ...], status: str = "Active") -> None:
    course, person = db.session.query(Course).one(), db.session.query(Person).one()
    roster = db.session.get(Roster, course.id) or Roster(course_id=course.id, state="reading", reading_id="r")
    roster.started_at = make.utcnow()
    db.session.add(roster)
    db.session.flush()
    take_in(course, roster, [Member(user_id=person.sub, status=status, roles=roles)])
    db.session.commit()


def test_a_class_list_that_changes_its_mind_ends_what_the_launch_gave(lms_with_pages: Lms, client: FlaskClient) -> None:
    teacher = launched(lms_with_pages, INSTRUCTOR)
    _class_list_says(("teacher",))
    assert opens(client, teacher, "/course") == 200
    _class_list_says(("learner",))
    assert opens(client, teacher, "/course") == 403


@pytest.mark.parametrize("state", ["gone", "inactive"])
def test_a_teacher_who_left_the_course_sees_its_learners_no_more(
    lms_with_pages: Lms, client: FlaskClient, state: str
) -> None:
    teacher = launched(lms_with_pages, INSTRUCTOR)
    db.session.execute(update(Membership).values(state=state))
    assert opens(client, teacher, "/course") == 403
    assert opens(client, teacher, "/mine") == 200


def test_a_role_of_ours_counts_at_once_and_ends_at_once(lms_with_pages: Lms, client: FlaskClient) -> None:
    visit = launched(lms_with_pages, LEARNER)
    assert opens(client, visit, "/assess") == 403
    db.session.add(Grant(person_id=visit.person_id, role="assessor"))
    db.session.commit()
    assert opens(client, visit, "/assess") == 200
    db.session.execute(delete(Grant))
    db.session.commit()
    for method, page in (("GET", "/assess"), ("POST", "/assess/take"), ("POST", "/assess/x/submit")):
        assert opens(client, visit, page, method) == 403


def _refuse_deployment() -> None:
    db.session.execute(update(Deployment).values(state="refused"))


def _remove_platform() -> None:
    db.session.execute(update(Platform).values(state="removed"))


@pytest.mark.parametrize("stop", [_refuse_deployment, _remove_platform])
def test_pages_end_with_the_installation(lms_with_pages: Lms, client: FlaskClient, stop: Callable[[], None]) -> None:
    visit = launched(lms_with_pages, INSTRUCTOR)
    stop()
    assert opens(client, visit, "/course") == 401


def test_a_page_reads_powers_and_visit_in_one_statement(lms_with_pages: Lms, client: FlaskClient) -> None:
    visit = launched(lms_with_pages, LEARNER)
    address, headers = f"/v/{visit.id}/assess", make.auth(visit)
    db.session.remove()
    with statements() as asked:
        assert client.get(address, headers=headers).status_code == 403
    assert [one.split()[0] for one in asked] == ["SELECT"]


# Who reads blind: whoever assesses, until she has said of this course that she teaches it.


@pytest.fixture
def assessor(lms_with_pages: Lms) -> Visit:
    """An assessor whom the LMS calls a teacher, as Moodle does with those who teach and those who only mark."""
    person = launched(lms_with_pages, INSTRUCTOR).person_id
    db.session.add(Grant(person_id=person, role="assessor"))
    db.session.commit()
    return launched(lms_with_pages, INSTRUCTOR)


def test_an_assessor_whom_the_lms_calls_a_teacher_reads_blind(client: FlaskClient, assessor: Visit) -> None:
    assert opens(client, assessor, "/course") == 403
    desk = client.get(f"/v/{assessor.id}/assess", headers=make.auth(assessor))
    assert "Do you teach this course?" in desk.text


def test_she_says_that_she_teaches_this_course_and_takes_it_back(
    lms_with_pages: Lms, client: FlaskClient, assessor: Visit
) -> None:
    assert opens(client, assessor, "/teaching") == 200
    assert opens(client, assessor, "/teaching", "POST") == 303
    assert opens(client, assessor, "/course") == 200
    assert opens(client, assessor, "/assess") == 200
    again = launched(lms_with_pages, INSTRUCTOR)
    assert opens(client, again, "/course") == 200
    elsewhere = launched(lms_with_pages, INSTRUCTOR, context={"id": "another-course"})
    assert opens(client, elsewhere, "/course") == 403
    assert opens(client, assessor, "/teaching/back", "POST") == 303
    assert opens(client, assessor, "/course") == 403


def test_her_first_page_is_the_desk_until_she_says_so(
    lms_with_pages: Lms, client: FlaskClient, assessor: Visit
) -> None:
    assert lms_with_pages.launch(roles=[INSTRUCTOR]).headers["Location"].endswith("/assess")
    opens(client, assessor, "/teaching", "POST")
    course = make.db.session.query(Course).one()
    link = make.resource_link(course, make.activity(make.version(), course), resource_link_id="link-of-an-activity")
    db.session.commit()
    there = lms_with_pages.launch(roles=[INSTRUCTOR], resource_link={"id": link.resource_link_id}).headers["Location"]
    assert there.endswith("/course")


@pytest.mark.parametrize("profile", ["moodle", "generic", "canvas"])
@pytest.mark.parametrize(
    ("roles", "assesses", "page"),
    [
        ([INSTRUCTOR], False, "/course"),
        ([INSTRUCTOR], True, "/assess"),
        ([LEARNER], False, "/mine"),
        ([LEARNER], True, "/assess"),
    ],
)
def test_a_link_that_names_no_activity_leads_each_to_her_own_place(
    lms_with_pages: Lms, client: FlaskClient, profile: str, roles: list[str], assesses: bool, page: str
) -> None:
    db.session.execute(update(Platform).values(profile=profile))
    visit = launched(lms_with_pages, *roles)
    if assesses:
        make.grant(db.session.get_one(Person, visit.person_id))
        db.session.commit()
    there = lms_with_pages.launch(roles=roles, resource_link={"id": "added-without-select-content"}).headers["Location"]
    assert there.endswith(page)
    assert client.get(there, headers=make.auth(db.session.get_one(Visit, there.split("/")[2]))).status_code == 200


def test_every_page_leads_an_assessor_to_her_desk_and_nobody_else(client: FlaskClient) -> None:
    course = make.course()
    link = make.resource_link(course, make.activity(make.version(), course))
    for role, granted in (("learner", ("assessor",)), ("learner", ()), ("teacher", ())):
        visit = make.visit(make.person(course), course, role, link=link, granted=granted)
        for page in ("/work/about", "/mine"):
            text = client.get(f"/v/{visit.id}{page}", headers=make.auth(visit)).text
            assert (f'href="/v/{visit.id}/assess"' in text) == bool(granted), (role, page)


def test_where_the_class_list_calls_her_a_learner_her_word_does_not_count(client: FlaskClient, assessor: Visit) -> None:
    _class_list_says(("learner",))
    assert opens(client, assessor, "/course") == 403
    said = client.post(f"/v/{assessor.id}/teaching", headers=make.auth(assessor))
    assert (said.status_code, "does not say that you teach" in said.text) == (409, True)
    assert opens(client, assessor, "/course") == 403


def test_a_class_list_that_is_read_later_ends_what_she_said(client: FlaskClient, assessor: Visit) -> None:
    opens(client, assessor, "/teaching", "POST")
    assert opens(client, assessor, "/course") == 200
    _class_list_says(("learner",))
    assert opens(client, assessor, "/course") == 403


@pytest.mark.parametrize("role", ["learner", "assistant", "observer", "designer"])
def test_nobody_else_can_say_so(client: FlaskClient, role: str) -> None:
    course = make.course()
    person = make.person(course)
    make.membership(person, course, role)
    visit = make.visit(person, course, role, granted=("assessor",))
    db.session.commit()
    assert opens(client, visit, "/teaching") == 403
    assert opens(client, visit, "/teaching", "POST") == 403
    assert db.session.query(Membership).one().teaches_at is None


def test_a_teacher_without_the_role_is_not_asked(client: FlaskClient) -> None:
    course = make.course()
    visit = make.visit(make.person(course), course, "teacher")
    db.session.commit()
    assert opens(client, visit, "/teaching") == 403
    assert opens(client, visit, "/course") == 200


def test_who_is_no_assessor_any_more_has_to_say_it_again(
    lms_with_pages: Lms, client: FlaskClient, assessor: Visit
) -> None:
    opens(client, assessor, "/teaching", "POST")
    person = db.session.get_one(Person, assessor.person_id)
    grants.revoke(person, "lead")
    assert opens(client, assessor, "/course") == 200, "another role has nothing to do with it"
    grants.revoke(person, "assessor")
    make.grant(person)
    db.session.commit()
    assert opens(client, assessor, "/course") == 403


@pytest.mark.parametrize(
    ("launched", "now", "state", "held"),
    [
        (["teacher"], ["teacher"], "active", ["teacher"]),
        (["teacher"], ["learner"], "active", []),
        (["learner", "teacher"], ["teacher"], "active", ["teacher"]),
        (["learner"], ["learner"], "gone", ["learner"]),
        (["learner", "teacher"], ["learner", "teacher"], "inactive", ["learner"]),
    ],
)
def test_what_is_still_held(launched: list[str], now: list[str], state: str, held: list[str]) -> None:
    assert still_held(launched, now, state) == held


@pytest.mark.parametrize(
    ("roles", "listed", "may"),
    [
        (["teacher"], None, True),
        (["teacher"], ["teacher"], True),
        (["teacher"], ["learner"], False),
        (["teacher"], [], False),
        (["admin"], None, True),
        (["assistant"], None, False),
        ([], ["teacher"], False),
    ],
)
def test_whose_word_can_be_true(roles: list[str], listed: list[str] | None, may: bool) -> None:
    assert may_teach(roles, listed) is may
