"""The teacher's view of her own course, and what the learner's pages are told of a decision."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from lti_mcred.engine.db import db, new_id, utcnow
from lti_mcred.evidence.decision import told_of
from lti_mcred.evidence.models import Attempt, Opening
from lti_mcred.grading import course, ledger, standing
from lti_mcred.grading.feedback import feedback_for
from lti_mcred.grading.models import LedgerEntry
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.wire import Posted, Result
from lti_mcred.outbox import OutboxRow
from lti_mcred.people.models import Membership
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment, Roster
from lti_mcred.tool.known.platforms import platform_of
from lti_mcred.tool.profiles import Delivery
from lti_mcred.tool.protocol.services_asked import SCORE
from lti_mcred.tool.roster import reading
from tests import factories
from tests.grading_helpers import Browser, FakeWire, World, decided, deliver, marks_form, rows, taken, world
from tests.statements import statements

HELD = Posted(Delivery("held", "Canvas did not take it.", "", ""), 422, "")


@pytest.fixture
def learner_browser(here: World, client: FlaskClient) -> Browser:
    return Browser(client, here.learning())


def test_the_roster_says_who_has_not_opened_it(teacher: Browser) -> None:
    text = teacher.get("/course").text
    assert "Zebulon Quasimodo" in text
    assert "Not opened yet" in text
    assert "1 has not opened it yet" in text
    assert "Tamsin Teacher" not in text


def test_the_roster_says_how_long_one_waits(here: World, teacher: Browser) -> None:
    here.attempt(submitted_at=utcnow() - timedelta(days=3, hours=1))
    text = teacher.get("/course").text
    assert "Waiting for a decision" in text
    assert "3 days" in text


@pytest.mark.parametrize(
    ("enrolled", "attempt", "number", "wanted"),
    [
        ("in_progress", "draft", 1, "in_progress"),
        ("in_progress", "draft", 2, "revising"),
        ("submitted", "submitted", 1, "submitted"),
        ("in_progress", "returned", 1, "returned"),
        ("not_yet", "decided", 1, "not_yet"),
        ("earned", "decided", 1, "earned"),
        ("withdrawn", "draft", 1, "withdrawn"),
    ],
)
def test_each_state_of_the_work_has_its_word(
    here: World, enrolled: str, attempt: str, number: int, wanted: str
) -> None:
    made = here.attempt(number=number, state=attempt)
    made.enrolment.state = enrolled
    db.session.commit()
    ((row,), following) = course.page_of_learners(here.link, None)
    assert (row.state, following) == (wanted, None)


def test_one_who_has_opened_it_and_not_started_is_told_apart(
    here: World, learner_browser: Browser, teacher: Browser
) -> None:
    for _time in range(2):
        assert learner_browser.get("/work").status_code < 400
    text = teacher.get("/course").text
    assert "Opened, not started" in text


def test_who_has_not_opened_it_is_counted_when_the_class_list_was_read(
    here: World, learner_browser: Browser, teacher: Browser
) -> None:
    learner_browser.get("/work")
    unread = " ".join(teacher.get("/course").text.split())
    assert "1 learner has opened this tool so far." in unread
    assert "have not opened it yet" not in unread
    db.session.add(
        Roster(course_id=here.course.id, state="read", reading_id=new_id(), started_at=utcnow(), read_at=utcnow())
    )
    db.session.commit()
    assert "1 learner · 0 have not opened it yet" in teacher.get("/course").text


@pytest.mark.parametrize(
    ("enrolled", "attempt", "number", "chips"),
    [
        ("in_progress", "draft", 1, (0, 0, 0)),
        ("submitted", "submitted", 2, (1, 0, 0)),
        ("in_progress", "draft", 2, (0, 1, 0)),
        ("in_progress", "returned", 1, (0, 1, 0)),
        ("not_yet", "decided", 1, (0, 1, 0)),
        ("earned", "decided", 1, (0, 0, 1)),
        ("withdrawn", "decided", 1, (0, 0, 0)),
    ],
)
def test_the_chips_count_and_find_who_waits_was_told_not_yet_or_earned(
    here: World, teacher: Browser, enrolled: str, attempt: str, number: int, chips: tuple[int, int, int]
) -> None:
    made = here.attempt(number=number, state=attempt)
    made.enrolment.state = enrolled
    db.session.commit()
    found = standing.counts(here.link)
    assert (found.waiting, found.not_yet, found.earned) == chips
    for show, count in zip(("waiting", "not-yet", "earned"), chips, strict=True):
        assert len(course.page_of_learners(here.link, None, show=show)[0]) == count
        assert ('<th role="rowheader"' in teacher.get("/course", query_string={"show": show}).text) == bool(count)


def test_the_last_try_alone_says_where_somebody_stands(here: World) -> None:
    first = here.attempt(number=1, state="decided")
    factories.attempt(first.enrolment, number=2, state="submitted", submitted_at=utcnow())
    db.session.commit()
    with statements() as asked:
        found = standing.counts(here.link)
    assert (found.waiting, found.not_yet, found.earned) == (1, 0, 0)
    assert len([one for one in asked if "count(" in one]) == 1, "a teacher's first page begins with it"


def test_what_was_chosen_and_nobody_opened_yet_is_a_tab_beside_the_others(here: World, teacher: Browser) -> None:
    other = factories.version(factories.example("k12-exit-ticket-regrouping"))
    chosen = factories.activity(other, here.course)
    factories.activity(other, here.course)  # chosen twice: the LMS may have dropped the first
    db.session.commit()
    page = teacher.get("/course").text
    assert page.count(other.title) == 1
    assert "(not opened yet)" in page
    alone = teacher.get("/course", query_string={"activity": chosen.id}).text
    assert "Nobody has opened this yet" in alone
    assert re.search(rf'aria-current="page">{other.title}', alone)


def test_a_course_whose_choice_was_never_opened_says_so(here: World, client: FlaskClient) -> None:
    there = factories.course(db.session.get(Deployment, here.course.deployment_id))
    factories.activity(here.version, there)
    visit = factories.visit(here.teacher, there, "teacher")
    db.session.commit()
    page = Browser(client, visit).get("/course").text
    assert "Nobody has opened this yet" in page
    assert here.version.title in page


def test_opening_one_link_is_not_opening_another(here: World, learner_browser: Browser) -> None:
    second = factories.resource_link(here.course, here.activity)
    learner_browser.get("/work")
    assert [row.state for link in (here.link, second) for row in course.page_of_learners(link, None)[0]] == [
        "not_started",
        "not_opened",
    ]


def test_an_administrator_who_acts_as_a_learner_has_not_opened_it_for_her(here: World, client: FlaskClient) -> None:
    visit = factories.visit(here.learner, here.course, "learner", link=here.link, launch={"masquerading": True})
    db.session.commit()
    assert Browser(client, visit).get("/work").status_code < 400
    assert [row.state for row in course.page_of_learners(here.link, None)[0]] == ["not_opened"]


@pytest.mark.parametrize(
    ("state", "words"), [("gone", "No longer in the course"), ("inactive", "Suspended in the LMS")]
)
def test_whoever_left_is_shown_so_with_the_work(here: World, teacher: Browser, state: str, words: str) -> None:
    here.attempt()
    membership = db.session.scalars(select(Membership).where(Membership.person_id == here.learner.id)).one()
    membership.state = state
    db.session.commit()
    text = teacher.get("/course").text
    assert words in text
    assert "Waiting for a decision" in text


def test_whoever_left_without_beginning_has_no_work_to_speak_of(here: World, teacher: Browser) -> None:
    membership = db.session.scalars(select(Membership).where(Membership.person_id == here.learner.id)).one()
    membership.state = "gone"
    db.session.commit()
    text = teacher.get("/course", query_string={"show": "left"}).text
    rows = text.partition("<tbody")[2].partition("</tbody>")[0]
    assert "No longer in the course" in rows
    assert "Not opened yet" not in rows
    assert "The work is kept" not in rows


def _crowd(here: World) -> None:
    """Twelve learners: one has begun, one has opened it, one has left."""
    for number in range(11):
        who = factories.person(here.course, name=f"Learner {number:02}", family_name=f"F{number:02}")
        row = factories.membership(who, here.course)
        if number == 0:
            factories.enrolment(who, here.version, here.link)
        elif number == 1:
            db.session.add(Opening(resource_link_id=here.link.id, person_id=who.id))
        elif number == 2:
            row.state = "gone"
    db.session.commit()


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"show": "opened"}, ["Learner 00", "Learner 01"]),
        ({"show": "left"}, ["Learner 02"]),
        ({"show": "not-opened", "search": "zeb"}, ["Zebulon Quasimodo"]),
        ({"search": "ER 1"}, ["Learner 10"]),
        ({"search": "%"}, []),
        ({"show": "opened", "search": "quas"}, []),
    ],
    ids=["opened", "left", "both", "name", "percent", "nobody"],
)
def test_the_list_is_narrowed_without_a_script(
    here: World, teacher: Browser, query: dict[str, str], names: list[str]
) -> None:
    _crowd(here)
    text = teacher.get("/course", query_string={"link": here.link.id, **query}).text
    everybody = ["Zebulon Quasimodo", *(f"Learner {number:02}" for number in range(11))]
    assert [name for name in everybody if name in text] == names
    assert ("Nobody is like that" in text) == (not names)
    assert "11 learners" in text
    assert "1 is no longer in the course" in text


def test_the_next_page_keeps_what_was_chosen(here: World, teacher: Browser) -> None:
    for number in range(60):
        factories.membership(factories.person(here.course, name=f"Ada {number}"), here.course)
    db.session.commit()
    text = teacher.get("/course", query_string={"show": "not-opened", "search": "ada"}).text
    following = unescape(re.findall(r'href="([^"]+)" rel="next"', text)[0])
    assert {"show=not-opened", "search=ada"} <= set(urlsplit(following).query.split("&"))
    assert text.count('role="row"') == 51
    assert teacher.client.get(following, headers=teacher.headers).text.count('role="row"') == 11


def test_the_teacher_has_the_class_list_read_and_is_told_how_it_goes(here: World, teacher: Browser) -> None:
    assert "So far you see the people who have opened the tool." in teacher.get("/course").text
    answer = teacher.post("/course/people/read", {"link": here.link.id}, follow_redirects=True)
    assert "The class list is being read" in answer.text
    db.session.execute(delete(OutboxRow))
    now = {"course_id": here.course.id, "reading_id": "r1", "started_at": utcnow()}
    row = Roster(state="stopped", reason="Canvas does not allow it.", who="The administrator of the LMS", **now)
    db.session.add(row)
    db.session.commit()
    text = teacher.get("/course").text
    assert "Canvas does not allow it." in text
    assert "Who can cure it: The administrator of the LMS." in text
    row.state, row.people, row.added, row.left, row.read_at = "read", 213, 4, 1, utcnow()
    db.session.commit()
    assert "213 people; 4 new; 1 left" in teacher.get("/course").text
    row.state, row.reason = "waiting", "The LMS is busy."
    reading.ask_for_reading(here.course.id)
    db.session.execute(update(OutboxRow).values(due_at=utcnow() + timedelta(minutes=5)))
    db.session.commit()
    assert "It is tried again by itself." in teacher.get("/course").text
    db.session.execute(update(OutboxRow).values(state="given_up"))
    db.session.commit()
    assert "The class list could not be read" in teacher.get("/course").text


def test_a_held_list_is_explained_and_applied_by_the_teacher_only_for_that_list(here: World, teacher: Browser) -> None:
    row = Roster(
        course_id=here.course.id, state="held", reading_id="r1", started_at=utcnow(), people=3, missing=5, known=7
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    text = teacher.get("/course").text
    assert "It names 3 people, but 5 of the 7 that we know here are not on it." in " ".join(text.split())
    answer = teacher.post("/course/people/apply", {"reading": "other"}, follow_redirects=True)
    assert "the class list was read again meanwhile" in answer.text
    assert "Not opened yet" in answer.text
    answer = teacher.post("/course/people/apply", {"reading": "r1"}, follow_redirects=True)
    assert "The class list was applied." in answer.text
    assert "3 people; 1 left" in answer.text
    assert "No longer in the course" in answer.text


def test_without_a_course_there_is_no_class_list(here: World, client: FlaskClient) -> None:
    visit = factories.visit(here.teacher, here.course, "teacher")
    visit.course_id = None
    db.session.commit()
    for path in ("read", "apply"):
        assert Browser(client, visit).post(f"/course/people/{path}").status_code == 404


def test_the_roster_is_paged_by_name_and_shows_everyone_once(here: World) -> None:
    for name in ("Zhou", "abbot", "Zhou", None, "Ölund", "Miller"):
        who = factories.person(here.course, family_name=name, name=name)
        factories.membership(who, here.course, "learner")
    db.session.commit()
    seen, after = [], None
    for _round in range(4):
        page, after = course.page_of_learners(here.link, after, most=2)
        seen += [row.membership_id for row in page]
    assert after is None
    assert len(seen) == len(set(seen)) == 7


def test_learners_of_one_family_name_are_in_order_of_their_given_names(here: World) -> None:
    for given in ("Mei", "Ada", "Jun"):
        who = factories.person(here.course, name=f"{given} Ito", given_name=given, family_name="Ito")
        factories.membership(who, here.course)
    db.session.commit()
    assert [row.name for row in course.page_of_learners(here.link, None)[0]][:3] == ["Ada Ito", "Jun Ito", "Mei Ito"]


def test_a_learner_without_a_name_is_still_a_line(here: World, teacher: Browser) -> None:
    here.learner.name = here.learner.family_name = here.learner.given_name = None
    db.session.commit()
    assert "Name not shared" in teacher.get("/course").text


def test_learners_and_assessors_do_not_see_the_course_view(
    here: World, learner_browser: Browser, client: FlaskClient
) -> None:
    here.attempt()
    attempt = decided(here, client)
    (entry,) = rows(attempt)
    for browser in (learner_browser, Browser(client, here.desk())):
        assert browser.get("/course").status_code == 403
        assert browser.get("/course/scores").status_code == 403
        assert browser.get(f"/course/feedback/{attempt.id}").status_code == 403
        assert browser.post(f"/course/scores/{entry.id}/again").status_code == 403
        assert browser.post(f"/course/scores/{entry.id}/keep").status_code == 403


def test_a_teacher_reads_the_released_feedback_of_her_own_course(
    here: World, teacher: Browser, client: FlaskClient
) -> None:
    here.attempt()
    attempt = decided(here, client, C2="developing")
    text = teacher.get(f"/course/feedback/{attempt.id}").text
    assert "Comment on C2." in text
    assert "Zebulon Quasimodo" in text
    assert f"/course/feedback/{attempt.id}" in teacher.get("/course").text


def test_nothing_is_released_before_the_decision(here: World, teacher: Browser) -> None:
    attempt = here.attempt()
    assert teacher.get(f"/course/feedback/{attempt.id}").status_code == 404


def test_another_courses_feedback_and_scores_are_not_there(here: World, client: FlaskClient, app: Flask) -> None:
    here.attempt()
    attempt = decided(here, client)
    (entry,) = rows(attempt)
    deliver(app, FakeWire(answers=[HELD]), entry)
    elsewhere = world(of=platform_of(here.course))
    stranger = Browser(client, elsewhere.teaching())
    assert stranger.get(f"/course/feedback/{attempt.id}").status_code == 404
    assert stranger.post(f"/course/scores/{entry.id}/again").status_code == 404
    assert stranger.post(f"/course/scores/{entry.id}/keep").status_code == 404
    assert stranger.get("/course", query_string={"link": here.link.id}).text.count("Zebulon") == 1, "only her own"
    assert len(rows(attempt)) == 1


def test_a_score_that_was_refused_is_shown_with_words_and_a_button(
    here: World, teacher: Browser, client: FlaskClient, app: Flask
) -> None:
    here.attempt()
    attempt = decided(here, client)
    deliver(app, FakeWire(answers=[HELD]), rows(attempt)[0])
    text = teacher.get("/course").text
    assert "Not sent" in text
    assert "Canvas answered 422." in text
    assert "Canvas did not take it." in text
    answer = teacher.post(f"/course/scores/{rows(attempt)[0].id}/again", follow_redirects=True)
    assert "The score is on its way." in answer.text
    old, new = rows(attempt)
    assert (new.insisted, new.asked_by, new.score_given) == (True, here.teacher.id, old.score_given)
    assert "Send again" not in answer.text, "the newest row is on its way, so nothing is to be done"


def test_a_kept_grade_asks_whose_grade_counts(here: World, teacher: Browser, client: FlaskClient, app: Flask) -> None:
    here.attempt()
    attempt = decided(here, client)
    (entry,) = rows(attempt)
    deliver(app, FakeWire(held={here.learner.sub: Result(3, 5)}), entry)
    text = teacher.get("/course").text
    assert "The gradebook shows 3 of 5; ours is 5 of 5." in text
    assert "Send ours" in text
    answer = teacher.post(f"/course/scores/{entry.id}/keep", follow_redirects=True)
    assert "stays as you set it" in answer.text
    assert "Send ours" not in answer.text
    assert len(rows(attempt)) == 1


@pytest.mark.parametrize("action", ["again", "keep"])
def test_a_score_that_arrived_asks_nothing(
    here: World, teacher: Browser, client: FlaskClient, app: Flask, action: str
) -> None:
    here.attempt()
    attempt = decided(here, client)
    deliver(app, FakeWire(), rows(attempt)[0])
    answer = teacher.post(f"/course/scores/{rows(attempt)[0].id}/{action}", follow_redirects=True)
    assert "Nothing was changed" in answer.text
    assert len(rows(attempt)) == 1


def test_a_row_that_nobody_delivers_can_be_sent_again_after_a_day(here: World, client: FlaskClient) -> None:
    here.attempt()
    (entry,) = rows(decided(here, client))
    assert not course.asks(entry)
    entry.created_at = utcnow() - timedelta(hours=25)
    db.session.commit()
    assert course.asks(entry)


def test_a_hand_in_that_did_not_arrive_is_not_sent_after_the_decision(
    here: World, client: FlaskClient, app: Flask
) -> None:
    attempt = here.attempt()
    run = handlers(FakeWire(), site())["attempt.submitted"]
    run({"attempt_id": attempt.id})
    (hand_in,) = rows(attempt, "submitted")
    deliver(app, FakeWire(answers=[HELD]), hand_in)
    assert course.asks(hand_in)
    decided(here, client)
    assert not course.asks(hand_in)
    assert ledger.send_again(hand_in, here.teacher) is None


@pytest.mark.parametrize("path", ["/course/scores/x/again", f"/course/scores/{'0' * 32}/keep"])
def test_an_unknown_ledger_row_is_a_clear_no(teacher: Browser, path: str) -> None:
    assert teacher.post(path).status_code == 404


@pytest.mark.parametrize("query", [{"link": "x"}, {"after": "x"}, {"said": "<script>"}, {"before": "%00"}])
def test_odd_addresses_break_no_page(teacher: Browser, query: dict[str, str]) -> None:
    for path in ("/course", "/course/scores"):
        assert teacher.get(path, query_string=query).status_code == 200


def test_the_ledger_is_paged_newest_first(here: World) -> None:
    made = here.attempt()
    placement = made.enrolment.placements[0]
    for number in range(5):
        db.session.add(
            LedgerEntry(
                id=f"{number:032x}", placement_id=placement.id, course_id=here.course.id, person_id=here.learner.id,
                attempt_id=made.id, kind="decided", sequence=number, lineitem_url="https://x.example.edu", state="sent",
            )
        )  # fmt: skip
    db.session.commit()
    first, key = course.sends(here.link, most=3)
    rest, end = course.sends(here.link, key, most=3)
    assert [send.entry.sequence for send in (*first, *rest)] == [4, 3, 2, 1, 0]
    assert end is None


def test_without_a_column_the_page_says_what_to_do(here: World, teacher: Browser) -> None:
    here.link.lineitem_url = None
    db.session.commit()
    text = teacher.get("/course").text
    assert "No grade column" in text
    assert "Canvas has told us no grade column for this link." in text


def test_without_the_service_the_page_gives_the_text_for_the_administrator(here: World, teacher: Browser) -> None:
    here.course.scopes = []
    db.session.commit()
    text = teacher.get("/course").text
    assert "Grades are switched off for this tool" in text
    assert "Assignment and Grade Services (the scope lti-ags/scope/score)" in text


def test_without_the_right_to_read_the_page_says_what_it_cannot_notice(here: World, teacher: Browser) -> None:
    here.course.scopes = [SCORE]
    db.session.commit()
    assert "it cannot notice a grade that you type yourself" in teacher.get("/course").text


def test_a_course_without_micro_credentials_says_how_to_add_one(here: World, client: FlaskClient) -> None:
    empty = factories.course(platform_of(here.course).deployments[0])
    visit = factories.visit(here.teacher, empty, "teacher")
    db.session.commit()
    text = Browser(client, visit).get("/course").text
    assert "No micro-credential in this course yet" in text


def test_two_activities_of_a_course_are_two_rosters(here: World, client: FlaskClient) -> None:
    second = factories.resource_link(here.course, here.activity, title="Second section")
    here.attempt()
    decided(here, client)
    teacher = Browser(client, here.teaching())
    assert "Earned" in teacher.get("/course").text
    other = teacher.get("/course", query_string={"link": second.id}).text
    assert "Second section" in other
    assert "Not opened yet" in other


def test_the_learner_reads_what_was_decided_and_where_it_was_seen(
    here: World, learner_browser: Browser, client: FlaskClient
) -> None:
    here.attempt()
    decided(here, client, C2="developing")
    text = learner_browser.get("/work/decision").text
    assert "You have met 4 of 5 criteria." in text
    second = here.definition.rubric.criteria[1]
    assert second.descriptors["developing"] in text
    assert second.descriptors["demonstrated"] in text
    assert "Comment on C2." in text
    assert text.count("Where we saw it: page 2") == 5
    assert "/work/revise" in text
    assert "Ana Assessor" not in text, "assessors stay unknown"


def test_revising_locks_what_is_met_with_its_comment(
    here: World, learner_browser: Browser, client: FlaskClient
) -> None:
    here.attempt()
    decided(here, client, C2="developing")
    assert learner_browser.post("/work/revise").status_code == 303
    draft = db.session.scalars(select(Attempt).where(Attempt.number == 2)).one()
    assert set(draft.locked) == {"C1", "C3", "C4", "C5"}
    assert draft.locked["C1"] == {"level": "demonstrated", "comment": "Comment on C1."}
    assert "Go on revising" in learner_browser.get("/work/decision").text


def test_a_returned_attempt_lists_what_is_missing_and_opens_again(
    here: World, learner_browser: Browser, client: FlaskClient
) -> None:
    attempt = here.attempt()
    desk = Browser(client, here.desk())
    form = {"missing_A1": "The file is empty.", "note": "Everything else is fine."}
    desk.post(f"/assess/{taken(desk).id}/incomplete", form)
    text = learner_browser.get("/work/decision").text
    assert "The file is empty." in text
    assert "Everything else is fine." in text
    assert "Complete my work" in text
    told = told_of(attempt.id)
    assert told is not None
    assert (told.outcome, told.criteria) == ("returned", {})
    assert "The file is empty." in told.message
    assert learner_browser.post("/work/revise").status_code == 303
    draft = db.session.scalars(select(Attempt).where(Attempt.number == 2)).one()
    assert draft.state == "draft"
    assert {part.text for part in draft.parts} == {part.text for part in attempt.parts}


def test_nobody_reads_another_learners_decision(here: World, client: FlaskClient) -> None:
    here.attempt()
    decided(here, client)
    other = factories.person(here.course)
    visit = factories.visit(other, here.course, "learner", link=here.link)
    db.session.commit()
    answer = Browser(client, visit).get("/work/decision", follow_redirects=True)
    assert answer.request.path.endswith("/work")
    assert "Comment on C1." not in answer.text


@pytest.mark.parametrize("state", ["draft", "submitted"])
def test_before_the_decision_there_is_nothing_to_read(here: World, state: str) -> None:
    attempt = here.attempt(state=state)
    assert feedback_for(attempt) is None
    assert told_of(attempt.id) is None
    assert told_of(new_id()) is None


def test_the_learners_room_is_told_the_decision(here: World, client: FlaskClient) -> None:
    here.attempt()
    attempt = decided(here, client, C2="developing")
    told = told_of(attempt.id)
    assert told is not None
    assert told.outcome == "not_yet"
    assert told.met == ("C1", "C3", "C4", "C5")
    assert told.criteria["C2"].comment == "Comment on C2."


def test_a_later_decision_is_the_one_that_counts(here: World, client: FlaskClient) -> None:
    first = here.attempt()
    decided(here, client, C2="developing")
    second = factories.submitted_attempt(first.enrolment, 2)
    db.session.commit()
    desk = Browser(client, here.desk())
    assessment = taken(desk)
    assert assessment.attempt_id == second.id
    desk.post(f"/assess/{assessment.id}", marks_form(here))
    desk.post(f"/assess/{assessment.id}/submit", {"revision": "1"})
    db.session.expire_all()
    assert first.enrolment.state == "earned"
    ((row,), _following) = course.page_of_learners(here.link, None)
    assert row.sent is not None
    assert (row.state, row.attempt_id, row.sent.score_given) == ("earned", second.id, 5)
