"""Links without a grade column: the LMS's own list is asked, and what a teacher is told. Activities added anew."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.find import work_of
from lti_mcred.evidence.models import Attempt, Enrolment, Placement
from lti_mcred.grading import column, succession
from lti_mcred.grading.models import ColumnSearch, LedgerEntry, Succession
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.wire import FoundColumn, Posted
from lti_mcred.outbox import Done, Later, OutboxRow, Outcome
from lti_mcred.people.models import Course
from lti_mcred.services import site
from lti_mcred.tool.known.models import Deployment, ResourceLink
from lti_mcred.tool.profiles import Delivery
from lti_mcred.tool.protocol.services_asked import LINEITEM, LINEITEM_READ, RESULT_READ, SCORE
from tests import factories
from tests.grading_helpers import Browser, FakeWire, World, decided, deliver, rows, world

LIST = "https://lms.example.edu/lineitems"
NEW = "https://lms.example.edu/lineitems/2"


@pytest.fixture
def moodle_here(app: Flask) -> World:
    """A Moodle course whose link has lost its column."""
    made = world("moodle")
    made.course.lineitems_url, made.course.scopes = LIST, [SCORE, RESULT_READ, LINEITEM]
    made.link.lineitem_url = None
    db.session.commit()
    return made


@pytest.fixture
def moodle_teacher(moodle_here: World, client: FlaskClient) -> Browser:
    return Browser(client, moodle_here.teaching())


@pytest.fixture
def wire() -> Iterator[FakeWire]:
    return FakeWire()


def another_course(here: World) -> Course:
    return factories.course(db.session.get_one(Deployment, here.course.deployment_id))


def run(app: Flask, wire: FakeWire, topic: str, payload: dict[str, str]) -> Outcome:
    outcome = handlers(wire, site())[topic](payload)
    db.session.expire_all()
    return outcome


def waiting(topic: str) -> list[dict[str, str]]:
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.topic == topic).order_by(OutboxRow.id))
    return [row.payload for row in rows]


def find(app: Flask, wire: FakeWire, link: ResourceLink) -> Outcome:
    return run(app, wire, column.TOPIC, {"resource_link_id": link.id})


def test_the_lms_is_asked_before_the_teacher_is_advised(moodle_here: World, moodle_teacher: Browser) -> None:
    first = moodle_teacher.get("/course").text
    again = moodle_teacher.get("/course").text

    assert "Asking Moodle for the grade column" in first
    assert 'data-come-back="3"' in first
    assert "No grade column" not in first + again
    assert waiting(column.TOPIC) == [{"resource_link_id": moodle_here.link.id}], "once, however often she looks"


@pytest.mark.parametrize("missing", ["list", "right"])
def test_an_lms_that_cannot_be_asked_is_not(moodle_here: World, moodle_teacher: Browser, missing: str) -> None:
    if missing == "list":
        moodle_here.course.lineitems_url = None
    else:
        moodle_here.course.scopes = [SCORE]
    db.session.commit()

    text = moodle_teacher.get("/course").text

    assert "No grade column" in text
    assert "Ask Moodle again" not in text
    assert waiting(column.TOPIC) == []


def test_either_right_lets_the_list_be_read(moodle_here: World) -> None:
    moodle_here.course.scopes = [LINEITEM_READ]
    db.session.commit()
    assert column.seek(moodle_here.link) is not None


def test_a_column_of_the_list_gets_what_was_decided_meanwhile(
    app: Flask, client: FlaskClient, moodle_here: World, moodle_teacher: Browser, wire: FakeWire
) -> None:
    moodle_here.attempt()
    attempt = decided(moodle_here, client)
    assert rows(attempt) == []
    column.seek(moodle_here.link)
    wire.listed = [FoundColumn(NEW)]

    assert find(app, wire, moodle_here.link) == Done()
    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url == NEW
    run(app, wire, "column.found", waiting("column.found")[0])
    run(app, wire, "placement.added", waiting("placement.added")[0])
    (owed,) = rows(attempt)
    deliver(app, wire, owed)

    assert [url for url, _body in wire.posts] == [NEW]
    assert "Grade column found" in moodle_teacher.get("/course").text


@pytest.mark.parametrize(
    ("listed", "said"),
    [
        ([], "choose the type “Point”"),
        ([FoundColumn(NEW), FoundColumn(NEW + "3")], "names several columns for this link"),
    ],
    ids=["none", "several"],
)
def test_what_the_list_says_becomes_advice(
    app: Flask, moodle_here: World, moodle_teacher: Browser, wire: FakeWire, listed: list[FoundColumn], said: str
) -> None:
    moodle_teacher.get("/course")
    wire.listed = listed

    find(app, wire, moodle_here.link)
    text = moodle_teacher.get("/course").text

    assert "No grade column" in text
    assert said in text
    assert "Ask Moodle again" in text
    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url is None


def test_of_several_columns_the_one_that_was_made_for_the_activity_is_taken(
    app: Flask, moodle_here: World, wire: FakeWire
) -> None:
    wire.listed = [FoundColumn(NEW + "1", "other"), FoundColumn(NEW, moodle_here.activity.id), FoundColumn(NEW + "2")]
    find(app, wire, moodle_here.link)
    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url == NEW


def test_a_column_that_two_pages_of_the_list_name_is_one(app: Flask, moodle_here: World, wire: FakeWire) -> None:
    wire.listed = [FoundColumn(NEW), FoundColumn(NEW)]
    find(app, wire, moodle_here.link)
    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url == NEW


def test_a_column_of_another_course_is_not_taken(app: Flask, moodle_here: World, wire: FakeWire) -> None:
    other = another_course(moodle_here)
    factories.resource_link(other, moodle_here.activity, lineitem_url=NEW)
    db.session.commit()
    wire.listed = [FoundColumn(NEW)]

    find(app, wire, moodle_here.link)

    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url is None
    assert db.session.get_one(ColumnSearch, moodle_here.link.id).state == "none"


def test_a_list_that_is_refused_says_why_and_who_can_cure_it(
    app: Flask, moodle_here: World, moodle_teacher: Browser, wire: FakeWire
) -> None:
    moodle_teacher.get("/course")
    wire.unlisted = Delivery("held", "The list is locked.", "Somebody who holds the key")

    assert find(app, wire, moodle_here.link) == Done()
    text = moodle_teacher.get("/course").text

    assert "The list is locked." in text
    assert "Who can cure it: Somebody who holds the key." in text


def test_an_lms_that_is_down_is_asked_again_by_itself(
    app: Flask, moodle_here: World, moodle_teacher: Browser, wire: FakeWire
) -> None:
    moodle_teacher.get("/course")
    wire.unlisted = Delivery("later", "The LMS could not be reached.", wait=90)

    outcome = find(app, wire, moodle_here.link)

    assert outcome == Later("The LMS could not be reached.", 90)
    assert "The LMS could not be reached." in moodle_teacher.get("/course").text


def test_a_launch_that_names_the_column_meanwhile_is_right(app: Flask, moodle_here: World, wire: FakeWire) -> None:
    column.seek(moodle_here.link)
    db.session.execute(update(ResourceLink).values(lineitem_url=NEW + "9"))
    db.session.commit()
    wire.listed = [FoundColumn(NEW)]

    assert find(app, wire, moodle_here.link) == Done()
    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url == NEW + "9"


def test_an_answer_is_good_for_a_while_and_the_button_asks_at_once(
    app: Flask, moodle_here: World, moodle_teacher: Browser, wire: FakeWire
) -> None:
    moodle_teacher.get("/course")
    find(app, wire, moodle_here.link)
    moodle_teacher.get("/course")
    assert len(waiting(column.TOPIC)) == 1

    assert moodle_teacher.post("/course/column/ask", {"link": moodle_here.link.id}).status_code == 303
    assert len(waiting(column.TOPIC)) == 2

    find(app, wire, moodle_here.link)
    db.session.execute(update(ColumnSearch).values(answered_at=utcnow() - timedelta(hours=1)))
    db.session.commit()
    moodle_teacher.get("/course")
    assert len(waiting(column.TOPIC)) == 3


def test_a_question_that_was_given_up_is_asked_anew(moodle_here: World, moodle_teacher: Browser) -> None:
    moodle_teacher.get("/course")
    db.session.execute(update(ColumnSearch).values(asked_at=utcnow() - timedelta(days=2)))
    db.session.commit()
    moodle_teacher.get("/course")
    assert len(waiting(column.TOPIC)) == 2


def test_a_column_that_is_gone_is_looked_up_by_itself(
    app: Flask, client: FlaskClient, moodle_here: World, wire: FakeWire
) -> None:
    moodle_here.link.lineitem_url = LIST + "/1"
    db.session.commit()
    moodle_here.attempt()
    attempt = decided(moodle_here, client)
    wire.answers = [Posted(Delivery("dead", "It is gone."), 404, "")]

    deliver(app, wire, rows(attempt)[0])

    assert db.session.get_one(ResourceLink, moodle_here.link.id).lineitem_url is None
    assert waiting(column.TOPIC) == [{"resource_link_id": moodle_here.link.id}]
    assert rows(attempt)[0].state == "dead"


def test_only_links_of_ones_own_course_are_asked_for(moodle_here: World, moodle_teacher: Browser) -> None:
    elsewhere = world("moodle")
    for path in ("ask", "move", "apart"):
        assert moodle_teacher.post(f"/course/column/{path}", {"link": elsewhere.link.id}).status_code == 404
        assert moodle_teacher.post(f"/course/column/{path}").status_code == 404


def test_learners_and_blind_assessors_move_nothing(moodle_here: World, client: FlaskClient) -> None:
    factories.grant(moodle_here.teacher)
    assistant = factories.visit(
        moodle_here.teacher, moodle_here.course, "assistant", link=moodle_here.link, granted=("assessor",)
    )
    db.session.commit()
    for visit in (moodle_here.learning(), assistant):
        for path in ("ask", "move", "apart"):
            assert (
                Browser(client, visit).post(f"/course/column/{path}", {"link": moodle_here.link.id}).status_code == 403
            )


class Anew:
    """The activity was deleted after a decision, and added anew."""

    def __init__(self, here: World, client: FlaskClient) -> None:
        here.link.lineitem_url, here.link.title = LIST + "/1", "Week three"
        here.attempt()
        self.here, self.decided = here, decided(here, client)
        self.other = factories.person(here.course, name="Dora Draft")
        factories.membership(self.other, here.course, "learner")
        self.draft = factories.enrolment(self.other, here.version, here.link)
        self.activity = factories.activity(here.version, here.course)
        self.link = factories.resource_link(here.course, self.activity, lineitem_url=NEW)
        self.link.created_at = here.link.created_at + timedelta(days=30)
        db.session.commit()


@pytest.fixture
def anew(moodle_here: World, client: FlaskClient) -> Anew:
    return Anew(moodle_here, client)


def test_the_teacher_is_asked_once_and_the_scores_are_sent_to_the_new_column(
    app: Flask, anew: Anew, moodle_teacher: Browser, wire: FakeWire
) -> None:
    page = moodle_teacher.get(f"/course?link={anew.link.id}").text
    assert "Was this activity added anew?" in page
    assert "2 learners worked on this micro-credential under an earlier link of this course (Week three)" in page
    assert "1 decision is there already." in page

    moved = moodle_teacher.post("/course/column/move", {"link": anew.link.id})
    shown = moodle_teacher.get(moved.location.partition(moodle_teacher.visit_id)[2].partition("#")[0]).text

    assert "The work of the earlier link goes on here." in shown
    assert "Was this activity added anew?" not in shown
    for payload in waiting("placement.added"):
        run(app, wire, "placement.added", payload)
    (owed,) = [one for one in rows(anew.decided) if one.lineitem_url == NEW]
    deliver(app, wire, owed)
    assert [url for url, _body in wire.posts] == [NEW]
    assert db.session.get_one(LedgerEntry, owed.id).state == "sent"


def test_the_earlier_column_gets_no_more_scores(anew: Anew) -> None:
    succession.move(anew.link, anew.here.teacher)

    old = db.session.scalars(select(Placement).where(Placement.resource_link_id == anew.here.link.id)).all()
    assert {one.replaced_by for one in old} == {anew.link.id}


def test_learners_find_their_work_under_the_new_link(anew: Anew) -> None:
    succession.move(anew.link, anew.here.teacher)
    for person, number in ((anew.here.learner, 1), (anew.other, 0)):
        visit = factories.visit(person, anew.here.course, "learner", link=anew.link)
        db.session.commit()
        work = work_of(visit)
        assert work.enrolment is not None
        assert len(work.enrolment.attempts) == number


def test_work_of_a_copied_course_goes_on_too(anew: Anew) -> None:
    earlier = factories.activity(anew.here.version, another_course(anew.here))
    db.session.flush()
    anew.here.activity.copied_from = earlier.id
    for enrolment in db.session.scalars(select(Enrolment)):
        enrolment.copy_id = anew.here.activity.id
    db.session.commit()
    visit = factories.visit(anew.here.learner, anew.here.course, "learner", link=anew.link)
    db.session.commit()
    assert work_of(visit).enrolment is None

    succession.move(anew.link, anew.here.teacher)

    found = work_of(visit).enrolment
    assert found is not None
    assert found.id == anew.decided.enrolment_id


def test_kept_apart_nothing_moves_and_nobody_is_asked_again(anew: Anew, moodle_teacher: Browser) -> None:
    assert moodle_teacher.post("/course/column/apart", {"link": anew.link.id}).status_code == 303

    assert "Was this activity added anew?" not in moodle_teacher.get(f"/course?link={anew.link.id}").text
    assert db.session.get_one(Succession, anew.link.id).answer == "apart"
    assert not db.session.scalars(select(Placement).where(Placement.resource_link_id == anew.link.id)).all()


def test_pressing_twice_moves_once(anew: Anew) -> None:
    assert succession.move(anew.link, anew.here.teacher) == 2
    assert succession.move(anew.link, anew.here.teacher) == 0
    placed = db.session.scalars(select(Placement).where(Placement.resource_link_id == anew.link.id)).all()
    assert len(placed) == 2


def test_a_learner_who_opened_the_new_link_herself_is_not_counted_and_keeps_one_place(anew: Anew) -> None:
    db.session.add(Placement(enrolment_id=anew.draft.id, resource_link_id=anew.link.id))
    db.session.commit()
    found = succession.forerunner_of(anew.link)
    assert found is not None
    assert (found.learners, found.decided) == (1, 1)
    assert succession.move(anew.link, anew.here.teacher) == 1


@pytest.mark.parametrize("why", ["older link", "another micro-credential", "another course", "nobody worked there"])
def test_nobody_is_asked_without_reason(anew: Anew, why: str) -> None:
    link = anew.link
    if why == "older link":
        link = anew.here.link
    elif why == "another micro-credential":
        version = factories.version(slug="something-else")
        db.session.flush()
        anew.activity.version_id = version.id
    elif why == "another course":
        anew.here.link.course_id = another_course(anew.here).id
    else:
        for model in (LedgerEntry, Placement):
            db.session.query(model).delete()
    db.session.commit()
    assert succession.forerunner_of(link) is None


def test_a_withdrawn_learner_does_not_come_along(anew: Anew) -> None:
    anew.draft.state = "withdrawn"
    db.session.commit()
    assert succession.move(anew.link, anew.here.teacher) == 1
    assert db.session.scalars(select(Attempt)).all()
