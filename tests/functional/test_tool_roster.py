"""A class list goes into the tables: who is new, who left, who came back, what is held, what is tried again."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import func, select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.outbound.http import HttpRefused, HttpUnreachable
from lti_mcred.outbox import Done, GiveUp, Later, OutboxRow
from lti_mcred.people.models import Course, Membership, Person
from lti_mcred.tool.known.models import Deployment, Roster
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles.base import LMS_ADMIN, NOBODY, TEACHER, TOOL_ADMIN
from lti_mcred.tool.roster import reading
from lti_mcred.tool.roster.plan import plan_night
from lti_mcred.tool.wire import nrps
from tests import factories
from tests.conformance.lms import Lms
from tests.roster_helpers import ONE, TEACH, Class, canvas_course, learner, listen, read, roles, standing, words


@pytest.fixture
def course(app: Flask) -> Iterator[Course]:
    """A course in Canvas; a worker says in which language it speaks."""
    with force_locale("en"):
        yield canvas_course()


@pytest.fixture
def class_list(app: Flask, course: Course) -> Class:
    return listen(app, Class(course))


# --- who is there --------------------------------------------------------------------------------------------------


def test_everybody_on_all_pages_is_taken_in_once(course: Course, class_list: Class) -> None:
    class_list.has(*(f"s{number}" for number in range(120)), "s0")
    class_list.has("t", role=TEACH)
    assert words(course) == "121 people; 121 new"
    assert class_list.pages_asked == 3
    assert roles(course, "t") == ["teacher"]
    assert words(course) == "121 people"


def test_the_three_words_for_a_membership_are_understood(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c", "d")
    read(course)
    class_list.lacks("b", "c")
    class_list.has("b", status="Inactive")
    class_list.has("c", status="Deleted")
    assert words(course) == "3 people; 1 left"
    assert standing(course) == {"a": "active", "b": "inactive", "c": "gone", "d": "active"}


def test_somebody_who_never_launched_has_no_time_of_a_launch(course: Course, class_list: Class) -> None:
    class_list.has("a")
    read(course)
    assert db.session.scalars(select(Membership.seen_at)).one() is None


def test_a_first_launch_of_somebody_whom_only_the_list_named_is_remembered(app: Flask, lms: Lms) -> None:
    there = factories.course(db.session.scalars(select(Deployment)).one(), context_id="course-1")
    class_list = listen(app, Class(there))
    class_list.has("sub-1")
    read(there)
    class_list.routes |= lms.http.routes
    assert lms.launch().status_code == 303
    row = db.session.scalars(select(Membership)).one()
    assert row.seen_at is not None
    assert (row.state, row.roles, row.listed_roles) == ("active", ["learner"], ["learner"])


# --- roles ---------------------------------------------------------------------------------------------------------


def test_a_role_of_a_launch_is_better_than_that_of_the_list(course: Course, class_list: Class) -> None:
    learner(course, "assistant", "assistant")
    class_list.has("assistant", "x")
    for _night in range(2):
        read(course)
        assert roles(course, "assistant") == ["assistant"]


def test_a_list_that_changes_its_mind_is_believed_until_the_next_launch(course: Course, class_list: Class) -> None:
    row = learner(course, "a", "learner")
    class_list.has("a", "x")
    read(course)
    class_list.lacks("a")
    class_list.has("a", role=TEACH)
    read(course)
    assert roles(course, "a") == ["teacher"]
    row.roles, row.seen_at = ["learner"], utcnow()
    db.session.commit()
    read(course)
    assert roles(course, "a") == ["learner"]


def test_a_launch_during_the_reading_is_better_than_what_the_list_says(course: Course, class_list: Class) -> None:
    learner(course, "a", "teacher", ago=-timedelta(seconds=30))
    learner(course, "b", "learner", ago=-timedelta(seconds=30))
    class_list.has("a", status="Inactive")
    read(course)
    assert roles(course, "a") == ["teacher"]
    assert standing(course) == {"a": "active", "b": "active"}


def test_administrators_and_test_students_who_are_on_no_list_do_not_leave(course: Course, class_list: Class) -> None:
    learner(course, "admin", "admin")
    learner(course, "test", "learner").person.is_test_user = True
    learner(course, "gone", "learner")
    for number in range(3):
        learner(course, f"s{number}")
    db.session.commit()
    class_list.has("s0", "s1", "s2")
    assert words(course) == "3 people; 1 left"
    assert {sub for sub, state in standing(course).items() if state == "gone"} == {"gone"}


# --- lists that cannot be right ------------------------------------------------------------------------------------


def test_an_empty_list_takes_nobody_away(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c")
    read(course)
    class_list.people = []
    found = read(course)
    assert (found.state, found.missing, found.known) == ("held", 3, 3)
    assert set(standing(course).values()) == {"active"}


@pytest.mark.parametrize(("left", "state"), [(2, "read"), (3, "held")])
def test_more_than_half_gone_is_held(course: Course, class_list: Class, left: int, state: str) -> None:
    class_list.has("a", "b", "c", "d")
    read(course)
    class_list.people = class_list.people[left:]
    found = read(course)
    assert (found.state, found.left) == (state, left if state == "read" else 0)


@pytest.mark.parametrize(
    ("people", "left", "state"), [(10, 1, "read"), (10, 2, "held"), (60, 6, "read"), (60, 7, "held")]
)
def test_more_than_a_tenth_gone_without_a_word_is_held(
    course: Course, class_list: Class, people: int, left: int, state: str
) -> None:
    class_list.has(*(f"s{number}" for number in range(people)))
    read(course)
    class_list.people = class_list.people[left:]
    found = read(course)
    assert (found.state, found.missing, found.left) == (state, left, left if state == "read" else 0)
    assert list(standing(course).values()).count("gone") == found.left


def test_whom_the_lms_calls_deleted_has_left_however_many_they_are(course: Course, class_list: Class) -> None:
    names = [f"s{number}" for number in range(20)]
    class_list.has(*names)
    read(course)
    class_list.people = []
    class_list.has(*names[:15], status="Deleted")
    class_list.has(*names[15:18])
    found = read(course)
    assert (found.state, found.missing, found.known) == ("read", 2, 20)
    assert reading.result_words(found) == "3 people; 17 left"
    class_list.people = class_list.people[:15]
    assert read(course).state == "held", "of three, all left without a word"
    assert list(standing(course).values()).count("active") == 3


def test_who_is_deleted_and_on_the_list_again_has_not_left(course: Course, class_list: Class) -> None:
    class_list.has(*(f"s{number:03}" for number in range(60)))
    read(course)
    class_list.has("s000", "s059", status="Deleted")
    assert words(course) == "60 people"
    assert set(standing(course).values()) == {"active"}


def test_newcomers_do_not_hide_that_most_are_gone(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c", "d")
    read(course)
    class_list.people = []
    class_list.has("a", *(f"new{number}" for number in range(20)))
    found = read(course)
    assert (found.state, found.missing, found.known, found.added) == ("held", 3, 4, 20)


def test_a_teacher_applies_a_held_list_once(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c")
    read(course)
    class_list.people = class_list.people[:1]
    held = read(course).reading_id
    assert not reading.apply_held(course.id, "0" * 32)
    assert reading.apply_held(course.id, held)
    assert standing(course) == {"a": "active", "b": "gone", "c": "gone"}
    assert not reading.apply_held(course.id, held)
    assert reading.standing_of(course.id).result == "1 person; 2 left"


def test_a_list_that_was_held_is_forgotten_when_the_next_one_is_whole(course: Course, class_list: Class) -> None:
    class_list.has("a", "b", "c")
    read(course)
    whole, class_list.people = class_list.people, []
    held = read(course).reading_id
    class_list.people = whole
    assert read(course).state == "read"
    assert not reading.apply_held(course.id, held)
    assert set(standing(course).values()) == {"active"}


@pytest.mark.parametrize(
    "body",
    [{}, [], {"members": None}, {"members": {"a": 1}}, "members"],
    ids=["nothing", "list", "null", "map", "text"],
)
def test_an_answer_without_a_list_is_no_empty_class(course: Course, class_list: Class, body: Any) -> None:
    class_list.has("a")
    read(course)
    class_list.refuse[0] = (200, body)
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(LMS_ADMIN))
    assert standing(course) == {"a": "active"}


def test_entries_that_name_nobody_are_passed_over(course: Course, class_list: Class) -> None:
    class_list.people = [{"roles": [ONE]}, "noise", {"user_id": ""}, {"user_id": "x" * 256}, {"user_id": "a\0"}, None]
    class_list.has("good")
    assert words(course) == "1 person; 1 new"


# --- pages ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/next", "http://10.0.0.1/next", "ftp://lms.example.edu/x", "https://a:b@lms.example.edu/"],
)
def test_a_next_page_elsewhere_is_neither_followed_nor_taken_for_the_end(
    course: Course, class_list: Class, app: Flask, target: str
) -> None:
    class_list.has("a", "b")
    read(course)
    body = {"members": [{"user_id": "a", "roles": [ONE]}]}
    class_list.refuse[0] = (200, body, {"link": f'<{target}>; rel="next"'})
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(LMS_ADMIN))
    assert "another site" in found.reason
    assert class_list.asked(target) == 0
    assert standing(course) == {"a": "active", "b": "active"}


def test_pages_that_go_round_in_circles_are_put_aside(course: Course, class_list: Class) -> None:
    class_list.has("a")
    for page in range(10):
        link = f'<{class_list.url}?page={page + 1}>; rel="next"'
        class_list.refuse[page] = (200, {"members": [{"user_id": "a", "roles": [ONE]}]}, {"link": link})
    found = read(course)
    assert found.state == "stopped"
    assert "do not come to an end" in found.reason
    assert class_list.pages_asked == 2


def test_empty_pages_without_end_are_put_aside(
    course: Course, class_list: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nrps, "MOST_PAGES", 5)
    for page in range(10):
        class_list.refuse[page] = (200, {"members": []}, {"link": f'<{class_list.url}?page={page + 1}>; rel="next"'})
    assert read(course).state == "stopped"
    assert class_list.pages_asked == 5


def test_an_lms_that_calls_its_https_pages_http_is_read_by_https(course: Course, class_list: Class) -> None:
    class_list.has("b")
    link = class_list.url.replace("https://", "http://")
    class_list.refuse[0] = (
        200,
        {"members": [{"user_id": "a", "roles": [ONE]}]},
        {"link": f'<{link}?page=0>; rel="next"'},
    )
    assert words(course) == "2 people; 2 new"


@pytest.mark.parametrize(("profile", "limit"), [("moodle", "50"), ("canvas", "50"), ("generic", "100")])
def test_each_lms_is_asked_for_pages_and_never_for_one_link_only(
    app: Flask, course: Course, profile: str, limit: str
) -> None:
    platform_of(course).profile = profile
    course.memberships_url = "https://lms.example.edu/api/memberships?g=1&rlid=link-9"
    db.session.commit()
    query = parse_qs(urlsplit(nrps.first_url(course)).query)
    assert query == {"g": ["1"], "limit": [limit]}
    by_link = parse_qs(urlsplit(nrps.first_url(course, "link-1")).query)
    assert by_link.get("rlid") == (None if profile == "generic" else ["link-1"])


# --- what goes wrong, and who can cure it --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "status", "body", "who", "part"),
    [
        ("canvas", 401, {"errors": {"message": "Insufficient permissions"}}, LMS_ADMIN, "developer key"),
        ("canvas", 401, {"errors": {"message": "Access Token not linked to a Tool associated with this Context"}},
         LMS_ADMIN, "removed or switched off"),
        ("moodle", 403, "", LMS_ADMIN, "IMS LTI Names and Role Provisioning"),
        ("generic", 403, "", LMS_ADMIN, "Names and Role Provisioning"),
        ("generic", 404, "", TEACHER, "Open the tool from the course once"),
        ("generic", 400, {"errors": [{"message": "No such parameter"}]}, TOOL_ADMIN, "No such parameter"),
    ],
    ids=["canvas scope", "canvas tool gone", "moodle", "generic", "no course", "odd request"],
)  # fmt: skip
def test_a_refusal_says_who_can_cure_it(
    course: Course, class_list: Class, profile: str, status: int, body: Any, who: Any, part: str
) -> None:
    platform_of(course).profile = profile
    db.session.commit()
    class_list.always = (status, body)
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(who))
    assert part in found.reason


def test_a_course_without_the_service_says_what_to_allow(course: Course, class_list: Class) -> None:
    course.memberships_url = None
    db.session.commit()
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(LMS_ADMIN))
    assert "does not share the class list" in found.reason
    assert class_list.sent == []


def test_no_token_means_that_the_service_is_not_granted(course: Course, class_list: Class) -> None:
    class_list.on("POST", platform_of(course).token_url, (400, {"error": "invalid_scope"}))
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(LMS_ADMIN))
    assert "invalid_scope" in found.reason


def test_an_lms_that_was_removed_is_not_asked(course: Course, class_list: Class) -> None:
    platform_of(course).state = "removed"
    db.session.commit()
    assert (read(course).state, class_list.sent) == ("stopped", [])


@pytest.mark.parametrize(
    ("trouble", "seconds"),
    [((500, ""), None), ((429, "", {"retry-after": "7"}), 7.0), (HttpUnreachable("down"), None)],
    ids=["500", "429", "down"],
)
def test_a_list_that_breaks_off_goes_on_where_it_stood(
    course: Course, class_list: Class, trouble: Any, seconds: float | None
) -> None:
    class_list.has(*(f"s{number:03}" for number in range(120)))
    class_list.refuse[1] = trouble
    outcome = reading.deliver({"course_id": course.id})
    assert isinstance(outcome, Later)
    assert outcome.seconds == seconds
    assert reading.of_course(course.id).who == str(NOBODY)
    assert set(standing(course).values()) == {"active"}
    assert reading.deliver({"course_id": course.id}) == Done()
    found = reading.of_course(course.id)
    assert found is not None
    assert (found.state, reading.result_words(found), class_list.pages_asked) == ("read", "120 people; 120 new", 4)


def test_a_private_address_is_not_tried_again(course: Course, class_list: Class) -> None:
    class_list.refuse[0] = HttpRefused("private")
    found = read(course)
    assert (found.state, found.who) == ("stopped", str(TOOL_ADMIN))


def test_a_reading_that_stood_still_for_long_begins_anew(course: Course, class_list: Class) -> None:
    class_list.has(*(f"s{number:03}" for number in range(120)))
    class_list.refuse[1] = (500, "")
    reading.deliver({"course_id": course.id})
    with time_machine.travel(utcnow() + timedelta(hours=2), tick=False):
        assert reading.deliver({"course_id": course.id}) == Done()
    assert class_list.pages_asked == 5


def test_a_long_list_is_read_in_steps(course: Course, class_list: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_STEP_SECONDS", -1.0)
    class_list.has(*(f"s{number:03}" for number in range(120)))
    outcomes = [reading.deliver({"course_id": course.id}) for _turn in range(3)]
    assert outcomes == [Later("", 0), Later("", 0), Done()]
    assert len(standing(course)) == 120


def test_a_page_that_another_process_took_is_not_counted_twice(
    course: Course, class_list: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    class_list.has("a", "b")
    began = reading.begin_reading(course)
    asked = nrps.read_page

    def slow(where: Course, url: str) -> nrps.Page:
        monkeypatch.setattr(nrps, "read_page", asked)
        page = asked(where, url)
        reading.read_now(where)  # somebody else reads the whole list meanwhile
        return page

    monkeypatch.setattr(nrps, "read_page", slow)
    reading.step(course, began, 60)
    found = reading.of_course(course.id)
    assert found is not None
    assert (found.state, found.people, found.added) == ("read", 2, 2)


def test_news_of_a_course_that_is_not_there_is_given_up(course: Course) -> None:
    assert isinstance(reading.deliver({"course_id": "x"}), GiveUp)


# --- when ----------------------------------------------------------------------------------------------------------

NIGHT = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)  # half past one in New York


def waiting(course: Course) -> list[OutboxRow]:
    return list(
        db.session.scalars(select(OutboxRow).where(OutboxRow.topic == reading.TOPIC, OutboxRow.key == course.id))
    )


def opened(course: Course, days_ago: float) -> None:
    visit = factories.visit(factories.person(course), course, "teacher")
    visit.opened_at = NIGHT - timedelta(days=days_ago)
    db.session.commit()


def test_pressing_twice_reads_once(course: Course) -> None:
    reading.ask_for_reading(course.id)
    reading.ask_for_reading(course.id)
    assert len(waiting(course)) == 1
    assert reading.standing_of(course.id).state == "reading"


def test_pressing_brings_a_reading_of_the_night_forward(course: Course) -> None:
    opened(course, 1)
    plan_night(NIGHT)
    reading.ask_for_reading(course.id)
    (row,) = waiting(course)
    assert row.due_at <= utcnow()


def test_each_course_that_was_opened_lately_is_planned_once_a_night_within_four_hours(course: Course) -> None:
    opened(course, 3)
    others = [factories.course(factories.deployment(platform_of(course))) for _number in range(8)]
    for other in others:
        opened(other, 1)
    plan_night(NIGHT)
    plan_night(NIGHT + timedelta(hours=1))
    rows = [row for one in (course, *others) for row in waiting(one)]
    assert len(rows) == 9
    assert all(NIGHT <= row.due_at < NIGHT + timedelta(hours=3, minutes=30) for row in rows)
    assert len({row.due_at for row in rows}) > 4


@pytest.mark.parametrize("hour", [5, 10, 15, 23], ids=lambda hour: f"{hour}h UTC")
def test_in_the_daytime_nothing_is_planned(course: Course, hour: int) -> None:
    opened(course, 1)
    plan_night(NIGHT.replace(hour=hour))
    assert waiting(course) == []


@pytest.mark.parametrize("why", ["not opened", "no service", "removed", "pending", "read already"])
def test_a_course_that_needs_no_reading_is_left_out(course: Course, why: str) -> None:
    opened(course, 9 if why == "not opened" else 1)
    if why == "no service":
        course.memberships_url = None
    elif why == "removed":
        platform_of(course).state = "removed"
    elif why == "pending":
        platform_of(course).deployments[0].state = "pending"
    elif why == "read already":
        db.session.add(Roster(course_id=course.id, state="read", reading_id="1", started_at=NIGHT - timedelta(hours=1)))
    db.session.commit()
    plan_night(NIGHT)
    assert waiting(course) == []


def test_the_number_of_people_does_not_grow_by_reading_again(course: Course, class_list: Class) -> None:
    class_list.has(*(f"s{number}" for number in range(60)))
    read(course)
    read(course)
    counted = select(func.count()).select_from(Person), select(func.count()).select_from(Membership)
    assert [db.session.scalar(one) for one in counted] == [60, 60]
