"""The ledger and the way to the gradebook: once, in order, word for word, and never over a teacher's grade."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Placement
from lti_mcred.grading import ledger
from lti_mcred.grading.models import Decision, LedgerEntry
from lti_mcred.grading.passback import handlers
from lti_mcred.grading.rubric import Points
from lti_mcred.grading.wire import Posted, Result
from lti_mcred.outbox import Done, GiveUp, Later, OutboxRow
from lti_mcred.people.models import Membership
from lti_mcred.practice.temperaments.canvas import score_rules
from lti_mcred.services import site
from lti_mcred.tool.known.models import ResourceLink
from lti_mcred.tool.profiles import Delivery
from lti_mcred.tool.protocol.services_asked import SCORE
from tests import factories
from tests.grading_helpers import FakeWire, World, decided, deliver, rows, world

LATER = Posted(Delivery("later", "The LMS is busy.", "", "503"), 503, "busy")
OLDER = Posted(Delivery("superseded", "The LMS already holds a newer grade."), 409, "earlier timestamp")


@pytest.fixture
def attempt(here: World, client: FlaskClient) -> Attempt:
    """A decided attempt: 4 of 5, so one row is owed."""
    here.attempt()
    return decided(here, client, C2="developing")


def again_for(here: World, client: FlaskClient, attempt: Attempt, **levels: str) -> Attempt:
    """Decide a next attempt of the same learner."""
    enrolment = attempt.enrolment
    factories.submitted_attempt(enrolment, attempt.number + 1)
    db.session.commit()
    return decided(here, client, **levels)


def settled(entry: LedgerEntry) -> tuple[str, str | None]:
    found = db.session.get(LedgerEntry, entry.id, populate_existing=True)
    assert found is not None
    return found.state, found.reason


def test_a_decision_reaches_the_gradebook(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(), rows(attempt)
    assert deliver(app, wire, entry) == Done()
    ((url, body),) = wire.posts
    assert url == entry.lineitem_url
    assert (body["scoreGiven"], body["scoreMaximum"]) == (4, 5)
    assert (body["activityProgress"], body["gradingProgress"]) == ("Completed", "FullyGraded")
    assert body["comment"].startswith("You are on the way: 4 of 5")
    assert (entry.state, entry.tries, entry.answer_status) == ("sent", 1, 200)
    assert entry.sent_at is not None


def test_a_row_that_is_settled_is_not_sent_again(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(), rows(attempt)
    deliver(app, wire, entry)
    assert deliver(app, wire, entry) == Done()
    assert len(wire.posts) == 1


def test_a_held_row_is_sent_once_more_on_an_operators_word(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[Posted(Delivery("held", "Not published."), 422)]), rows(attempt)
    assert deliver(app, wire, entry) == GiveUp("Not published.")
    assert deliver(app, wire, entry) == Done()
    assert len(wire.posts) == 1
    assert handlers(wire, site())["score.send"]({"ledger_id": entry.id, "again": True}) == Done()
    assert (len(wire.posts), settled(entry)[0]) == (2, "sent")


def test_a_crash_between_the_post_and_the_commit_resends_the_identical_body(app: Flask, attempt: Attempt) -> None:
    def crash() -> None:
        raise ConnectionAbortedError

    wire, (entry,) = FakeWire(after_post=crash, stores=False), rows(attempt)
    with pytest.raises(ConnectionAbortedError):
        deliver(app, wire, entry)
    assert settled(entry)[0] == "owed"
    wire.after_post = None
    deliver(app, wire, entry)
    first, second = wire.posts
    assert first == second
    assert settled(entry)[0] == "sent"


def test_a_score_that_arrived_before_a_crash_is_not_sent_twice(app: Flask, attempt: Attempt) -> None:
    def crash() -> None:
        raise ConnectionAbortedError

    wire, (entry,) = FakeWire(after_post=crash), rows(attempt)
    with pytest.raises(ConnectionAbortedError):
        deliver(app, wire, entry)
    wire.after_post = None
    assert deliver(app, wire, entry) == Done()
    assert len(wire.posts) == 1, "Canvas adds a comment with each post"
    assert settled(entry)[0] == "sent"


@pytest.mark.parametrize("times", [1, 3])
def test_retries_keep_timestamp_and_body(app: Flask, attempt: Attempt, times: int) -> None:
    wire, (entry,) = FakeWire(answers=[LATER] * times), rows(attempt)
    for _round in range(times):
        assert isinstance(deliver(app, wire, entry), Later)
        assert settled(entry) == ("owed", "The LMS is busy. “503”")
    assert deliver(app, wire, entry) == Done()
    assert len(wire.posts) == times + 1
    assert all(post == wire.posts[0] for post in wire.posts)
    assert settled(entry)[0] == "sent"


def test_timestamps_of_one_column_and_learner_grow_by_whole_seconds(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire = FakeWire()
    deliver(app, wire, rows()[0])
    for level in ("developing", "demonstrated"):
        attempt = again_for(here, client, attempt, C2=level)
        deliver(app, wire, rows(attempt)[0])
    stamps = [entry.stamp for entry in rows() if entry.stamp]
    assert len(stamps) == len(wire.posts) == 3
    assert all(later - earlier >= timedelta(seconds=1) for earlier, later in pairwise(stamps))


def test_a_stamp_in_the_future_is_still_followed_by_a_later_one(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire, (first,) = FakeWire(), rows(attempt)
    deliver(app, wire, first)
    ahead = utcnow().replace(microsecond=0) + timedelta(hours=1)
    first.stamp = ahead
    db.session.commit()
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert rows(following)[0].stamp == ahead + timedelta(seconds=1)


def test_an_older_row_gives_way_to_a_newer_decision(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire, (old,) = FakeWire(), rows(attempt)
    following = again_for(here, client, attempt)
    assert deliver(app, wire, old) == Done()
    assert wire.posts == []
    assert settled(old) == ("superseded", "A newer score for this learner took its place.")
    deliver(app, wire, rows(following)[0])
    assert [body["scoreGiven"] for _url, body in wire.posts] == [5]


def test_a_newer_row_does_not_wait_for_the_pause_of_an_older_one(
    here: World, client: FlaskClient, attempt: Attempt
) -> None:
    waiting = db.session.scalar(select(OutboxRow).where(OutboxRow.topic == "score.send"))
    assert waiting is not None
    waiting.due_at = utcnow() + timedelta(hours=1)
    db.session.commit()
    again_for(here, client, attempt)
    db.session.refresh(waiting)
    assert waiting.due_at <= utcnow()


def test_a_hand_in_of_the_next_try_does_not_push_a_decision_aside(app: Flask, attempt: Attempt) -> None:
    following = factories.submitted_attempt(attempt.enrolment, 2)
    db.session.commit()
    _handed_in(app, FakeWire(), following)
    wire, (entry,) = FakeWire(), rows(attempt)
    deliver(app, wire, entry)
    assert settled(entry)[0] == "sent"


def test_a_score_whose_answer_was_lost_is_not_taken_for_a_teachers(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire, (first,) = FakeWire(answers=[LATER]), rows(attempt)
    assert isinstance(deliver(app, wire, first), Later)
    wire.held[here.learner.sub] = Result(4, 5, first.comment)
    following = again_for(here, client, attempt)
    deliver(app, wire, first)
    assert settled(first)[0] == "superseded"
    (second,) = rows(following)
    deliver(app, wire, second)
    assert settled(second)[0] == "sent"
    assert wire.held[here.learner.sub].given == 5


def test_a_grade_like_one_that_we_replaced_long_ago_is_a_teachers(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    second = again_for(here, client, attempt, C2="developing", C1="developing")
    deliver(app, wire, rows(second)[0])
    wire.held[here.learner.sub] = Result(4, 5)
    third = again_for(here, client, second)
    deliver(app, wire, rows(third)[0])
    assert rows(third)[0].state == "kept"


EXTENSION = "https://canvas.instructure.com/lti/submission"
NEVER_OVER_A_GRADE = {"new_submission": False, "prioritize_non_tool_grade": True}


def canvas_keeps(posts: list[tuple[str, dict[str, Any]]], typed: float | None) -> score_rules.Cell:
    """Return the gradebook cell of Canvas after these posts, where a teacher had typed a grade, or none."""
    cell = score_rules.Cell() if typed is None else score_rules.Cell(score=typed, state="graded", grader="teacher")
    for _url, body in posts:
        post = score_rules.read_post(body)
        cell = score_rules.apply(post, cell, main_item=True, item_maximum=5, now=utcnow()).cell
    return cell


def test_a_grade_typed_before_anything_of_ours_stays_in_canvas_and_the_ledger_says_so(
    app: Flask, here: World, client: FlaskClient
) -> None:
    attempt, wire = here.attempt(), FakeWire(stores=False)  # a typed grade has no row in Canvas's results
    _handed_in(app, wire, attempt)
    deliver(app, wire, rows(attempt, "submitted")[0])
    decided(here, client, C2="developing")
    (entry,) = rows(attempt)
    deliver(app, wire, entry)
    assert wire.posts[-1][1][EXTENSION] == NEVER_OVER_A_GRADE
    assert (canvas_keeps(wire.posts, 5).score, canvas_keeps(wire.posts, 5).grader) == (5, "teacher")
    assert canvas_keeps(wire.posts, None).score == 4
    assert settled(entry) == ("sent", "If somebody had typed a grade in Canvas before, Canvas keeps that grade.")


def test_a_later_score_replaces_ours(app: Flask, here: World, client: FlaskClient, attempt: Attempt) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert wire.posts[-1][1][EXTENSION] == {"new_submission": False}
    assert settled(rows(following)[0]) == ("sent", None)
    assert canvas_keeps(wire.posts, None).score == 5


def test_a_score_that_was_refused_before_leaves_the_next_one_the_first(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire = FakeWire(answers=[Posted(Delivery("held", "Not published."), 422)])
    deliver(app, wire, rows(attempt)[0])
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert wire.posts[-1][1][EXTENSION] == NEVER_OVER_A_GRADE


def test_a_person_who_insists_replaces_a_typed_grade(app: Flask, here: World, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}), rows(attempt)
    deliver(app, wire, entry)
    again = ledger.send_again(entry, here.teacher)
    assert again is not None
    deliver(app, wire, again)
    assert wire.posts[-1][1][EXTENSION] == {"new_submission": False}


def test_without_the_right_to_write_nothing_is_posted(app: Flask, here: World, attempt: Attempt) -> None:
    here.course.scopes = []
    db.session.commit()
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(5, 5)}), rows(attempt)
    assert isinstance(deliver(app, wire, entry), GiveUp)
    assert wire.posts == []
    assert settled(entry) == ("held", "The LMS has not given this tool the right to write grades in this course.")


def test_a_grade_typed_in_the_lms_is_kept(app: Flask, here: World, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}), rows(attempt)
    assert deliver(app, wire, entry) == Done()
    assert wire.posts == []
    assert settled(entry) == ("kept", "The gradebook holds a grade that did not come from here.")
    assert entry.found == {"given": 3, "maximum": 5}


def test_a_grade_changed_after_our_last_score_is_kept(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    wire.held[here.learner.sub] = Result(4.5, 5)
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert rows(following)[0].state == "kept"
    assert len(wire.posts) == 1


@pytest.mark.parametrize("shown", [Result(80, 100), Result(4, 5), Result(0.8, None), Result(8.0, 10.0)])
def test_our_own_score_in_the_columns_scale_is_not_taken_for_a_teachers(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt, shown: Result
) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    wire.held[here.learner.sub] = shown
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert rows(following)[0].state == "sent"


def test_without_the_right_to_read_results_the_score_is_sent(app: Flask, here: World, attempt: Attempt) -> None:
    here.course.scopes = [SCORE]
    db.session.commit()
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}), rows(attempt)
    deliver(app, wire, entry)
    assert (wire.reads, entry.state) == (0, "sent")


def test_send_ours_replaces_a_kept_grade(app: Flask, here: World, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}), rows(attempt)
    deliver(app, wire, entry)
    again = ledger.send_again(entry, here.teacher)
    assert again is not None
    deliver(app, wire, again)
    assert settled(again)[0] == "sent"
    assert wire.held[here.learner.sub].given == 4
    assert entry.state == "kept", "what happened stays readable"


def test_an_override_that_the_lms_keeps_in_spite_of_its_yes_is_said(app: Flask, here: World, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}, stores=False), rows(attempt)
    deliver(app, wire, entry)
    again = ledger.send_again(entry, here.teacher)
    assert again is not None
    assert isinstance(deliver(app, wire, again), GiveUp)
    state, reason = settled(again)
    assert state == "held"
    assert "still shows the grade that was typed there" in str(reason)
    assert len(wire.posts) == 1


def test_send_again_pressed_twice_owes_one_row(here: World, app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(held={here.learner.sub: Result(3, 5)}), rows(attempt)
    deliver(app, wire, entry)
    assert ledger.send_again(entry, here.teacher) is not None
    assert ledger.send_again(entry, here.teacher) is None
    assert [row.sequence for row in rows(attempt)] == [1, 2]


def test_send_again_follows_the_column_to_its_new_address(here: World, app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[Posted(Delivery("dead", "The column is gone."), 404)]), rows(attempt)
    assert deliver(app, wire, entry) == GiveUp("The column is gone.")
    here.link.lineitem_url = "https://moved.example.edu/lineitems/9"
    db.session.commit()
    again = ledger.send_again(entry, here.teacher)
    assert again is not None
    deliver(app, wire, again)
    assert wire.posts[-1][0] == "https://moved.example.edu/lineitems/9"


def test_a_correction_after_send_again_is_owed_too(here: World, app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[Posted(Delivery("held", "Not published."), 422)]), rows(attempt)
    deliver(app, wire, entry)
    assert ledger.send_again(entry, here.teacher) is not None
    first = db.session.get(Decision, entry.decision_id)
    assert first is not None
    correction = Decision(attempt_id=attempt.id, sequence=2, outcome=first.outcome, criteria=first.criteria)
    db.session.add(correction)
    db.session.flush()
    owed = ledger.owe_decision(correction, Points(5, 5), "Corrected.")
    db.session.commit()
    assert [(row.decision_id, row.sequence, row.score_given) for row in owed] == [(correction.id, 1, 5)]
    deliver(app, wire, rows(attempt)[1])
    assert settled(rows(attempt)[1])[0] == "superseded"
    deliver(app, wire, owed[0])
    assert wire.held[here.learner.sub].given == 5


def test_a_column_that_the_lms_says_is_gone_is_forgotten(here: World, app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[Posted(Delivery("dead", "The column is gone."), 404)]), rows(attempt)
    deliver(app, wire, entry)
    link = db.session.get(ResourceLink, here.link.id)
    assert link is not None
    assert link.lineitem_url is None


def found_column(app: Flask, here: World, url: str) -> list[str]:
    """Let the link have this column, as a launch says; return the topics of the news that follow."""
    here.link.lineitem_url = url
    db.session.commit()
    before = set(db.session.scalars(select(OutboxRow.id)))
    run = handlers(FakeWire(), site())
    assert run["column.found"]({"resource_link_id": here.link.id}) == Done()
    news = [row for row in db.session.scalars(select(OutboxRow)) if row.id not in before]
    for row in news:
        assert run[row.topic](row.payload) == Done()
    return [row.topic for row in news]


def test_a_column_that_appears_after_the_decision_gets_the_score(app: Flask, here: World, client: FlaskClient) -> None:
    here.link.lineitem_url = None
    started = factories.enrolment(factories.person(here.course), here.version, here.link)
    here.attempt()
    attempt = decided(here, client)
    assert rows(attempt) == []
    assert started.attempts == []
    assert found_column(app, here, "https://lms.example.edu/li/7") == ["placement.added"]
    assert found_column(app, here, "https://lms.example.edu/li/7") == ["placement.added"]
    wire, (entry,) = FakeWire(), rows(attempt)
    deliver(app, wire, entry)
    assert [url for url, _body in wire.posts] == ["https://lms.example.edu/li/7"]


def test_a_column_made_anew_gets_the_last_score(app: Flask, here: World, attempt: Attempt) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    found_column(app, here, "https://lms.example.edu/li/8")
    wire.held.clear()
    deliver(app, wire, rows(attempt)[1])
    assert [body["scoreGiven"] for _url, body in wire.posts] == [4, 4]
    assert wire.posts[1][0] == "https://lms.example.edu/li/8"


def test_a_second_address_of_the_same_column_gets_nothing_twice_and_blames_nobody(
    app: Flask, here: World, client: FlaskClient, attempt: Attempt
) -> None:
    wire = FakeWire()
    deliver(app, wire, rows(attempt)[0])
    found_column(app, here, "https://college.example.edu/li/1")
    deliver(app, wire, rows(attempt)[1])
    assert settled(rows(attempt)[1])[0] == "sent"
    assert len(wire.posts) == 1
    found_column(app, here, "https://vanity.example.edu/li/1")
    following = again_for(here, client, attempt)
    deliver(app, wire, rows(following)[0])
    assert settled(rows(following)[0])[0] == "sent"
    assert wire.held[here.learner.sub].given == 5


def test_a_sent_score_is_not_sent_again_by_hand(here: World, app: Flask, attempt: Attempt) -> None:
    (entry,) = rows(attempt)
    deliver(app, FakeWire(), entry)
    assert ledger.send_again(entry, here.teacher) is None


def test_a_learner_who_left_is_held_with_words(app: Flask, here: World, attempt: Attempt) -> None:
    membership = db.session.scalar(select(Membership).where(Membership.person_id == here.learner.id))
    assert membership is not None
    membership.state = "gone"
    db.session.commit()
    wire, (entry,) = FakeWire(), rows(attempt)
    assert isinstance(deliver(app, wire, entry), GiveUp)
    assert settled(entry) == ("held", "The learner is no longer in the course. The decision is kept here.")
    assert wire.posts == []


def test_a_grade_that_cannot_be_looked_at_is_not_risked(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(unreadable=Delivery("later", "The LMS could not be reached.")), rows(attempt)
    assert deliver(app, wire, entry) == Later("The LMS could not be reached.")
    assert wire.posts == []
    assert settled(entry) == ("owed", "The LMS could not be reached.")
    wire.unreadable = None
    assert deliver(app, wire, entry) == Done()
    assert settled(entry)[0] == "sent"


@pytest.mark.parametrize(("state", "kept"), [("held", "held"), ("dead", "dead")])
def test_a_refusal_is_kept_with_the_words_of_the_lms(app: Flask, attempt: Attempt, state: str, kept: str) -> None:
    refused = Posted(Delivery(state, "Canvas did not take it.", "", "concluded"), 422, "x" * 10_000)
    wire, (entry,) = FakeWire(answers=[refused]), rows(attempt)
    assert isinstance(deliver(app, wire, entry), GiveUp)
    assert settled(entry) == (kept, "Canvas did not take it. “concluded”")
    assert entry.answer_status == 422
    assert entry.answer_body == "x" * 2000


def test_after_a_day_of_tries_a_person_is_asked(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[LATER]), rows(attempt)
    entry.created_at = utcnow() - timedelta(hours=23, minutes=56)
    db.session.commit()
    assert isinstance(deliver(app, wire, entry), GiveUp)
    assert settled(entry)[0] == "held"


def test_refused_as_older_but_ours_is_there_counts_as_sent(app: Flask, here: World, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[OLDER]), rows(attempt)
    wire.after_post = lambda: wire.held.update({here.learner.sub: Result(4, 5)})
    assert deliver(app, wire, entry) == Done()
    assert settled(entry)[0] == "sent"
    assert len(wire.posts) == 1


def test_refused_as_older_with_a_teachers_grade_there_keeps_the_grade(
    app: Flask, here: World, attempt: Attempt
) -> None:
    wire, (entry,) = FakeWire(answers=[OLDER]), rows(attempt)
    wire.after_post = lambda: wire.held.update({here.learner.sub: Result(2, 5)})
    deliver(app, wire, entry)
    assert settled(entry)[0] == "kept"
    assert len(wire.posts) == 1


def test_refused_as_older_with_nothing_there_is_stamped_anew_once(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[OLDER]), rows(attempt)
    deliver(app, wire, entry)
    assert settled(entry)[0] == "sent"
    first, second = (body for _url, body in wire.posts)
    assert first["timestamp"] < second["timestamp"]
    assert {**first, "timestamp": ""} == {**second, "timestamp": ""}


def test_refused_as_older_twice_asks_a_person(app: Flask, attempt: Attempt) -> None:
    wire, (entry,) = FakeWire(answers=[OLDER, OLDER]), rows(attempt)
    assert isinstance(deliver(app, wire, entry), GiveUp)
    assert settled(entry)[0] == "held"
    assert len(wire.posts) == 2


def test_refused_as_older_where_results_cannot_be_read_never_overwrites(
    app: Flask, here: World, attempt: Attempt
) -> None:
    here.course.scopes = [SCORE]
    db.session.commit()
    wire, (entry,) = FakeWire(answers=[OLDER]), rows(attempt)
    deliver(app, wire, entry)
    assert settled(entry)[0] == "kept"
    assert len(wire.posts) == 1


def _handed_in(app: Flask, wire: FakeWire, attempt: Attempt) -> None:
    run = handlers(wire, site())["attempt.submitted"]
    assert run({"attempt_id": attempt.id}) == Done()


def test_canvas_is_told_that_work_was_handed_in(app: Flask, here: World) -> None:
    attempt, wire = here.attempt(), FakeWire()
    _handed_in(app, wire, attempt)
    (entry,) = rows(attempt, "submitted")
    deliver(app, wire, entry)
    ((_url, body),) = wire.posts
    assert (body["activityProgress"], body["gradingProgress"]) == ("Submitted", "PendingManual")
    assert "scoreGiven" not in body
    assert body["https://canvas.instructure.com/lti/submission"]["preserve_score"] is True
    review = f"http://127.0.0.1:8000/lti/launch?attempt={attempt.id}"
    assert body["https://canvas.instructure.com/lti/submission"]["submission_data"] == review


def test_the_same_news_twice_owes_one_row(app: Flask, here: World) -> None:
    attempt, wire = here.attempt(), FakeWire()
    _handed_in(app, wire, attempt)
    _handed_in(app, wire, attempt)
    assert len(rows(attempt, "submitted")) == 1


def test_moodle_is_not_told_of_a_hand_in_because_it_would_wipe_the_grade(app: Flask) -> None:
    attempt = world("moodle").attempt()
    _handed_in(app, FakeWire(), attempt)
    assert rows(attempt, "submitted") == []


def test_a_hand_in_that_was_withdrawn_is_no_news(app: Flask, here: World) -> None:
    attempt = here.attempt(state="draft", submitted_at=None)
    _handed_in(app, FakeWire(), attempt)
    assert rows(attempt, "submitted") == []


def test_a_grade_seen_at_the_hand_in_is_kept_although_the_results_forget_it(
    app: Flask, here: World, client: FlaskClient
) -> None:
    attempt = here.attempt()
    wire = FakeWire(held={here.learner.sub: Result(2, 5)})
    _handed_in(app, wire, attempt)
    (hand_in,) = rows(attempt, "submitted")
    deliver(app, wire, hand_in)
    assert len(wire.posts) == 1, "the hand-in itself harms no grade"
    wire.held.clear()  # as Canvas does: the post overwrites the result row, the gradebook keeps the grade
    decided(here, client)
    (entry,) = rows(attempt)
    deliver(app, wire, entry)
    assert settled(entry)[0] == "kept"
    assert entry.found == {"given": 2, "maximum": 5}


def test_late_news_of_a_hand_in_is_none_after_the_decision(app: Flask, attempt: Attempt) -> None:
    _handed_in(app, FakeWire(), attempt)
    assert rows(attempt, "submitted") == []


@pytest.mark.parametrize("state", ["decided", "returned", "draft"])
def test_a_hand_in_row_that_is_younger_than_the_decision_is_not_sent(app: Flask, here: World, state: str) -> None:
    attempt, wire = here.attempt(), FakeWire()
    attempt.state = state
    (late,) = ledger.owe_submitted(attempt)
    db.session.commit()
    assert deliver(app, wire, late) == Done()
    assert wire.posts == []
    assert settled(late)[0] == "superseded"


def test_a_hand_in_after_the_decision_is_not_sent(app: Flask, here: World, client: FlaskClient) -> None:
    attempt, wire = here.attempt(), FakeWire()
    _handed_in(app, wire, attempt)
    decided(here, client)
    (hand_in,) = rows(attempt, "submitted")
    deliver(app, wire, hand_in)
    assert wire.posts == []
    assert settled(hand_in)[0] == "superseded"


def test_every_column_of_the_learner_is_owed_the_score_once(here: World, client: FlaskClient) -> None:
    attempt = here.attempt()
    second = factories.resource_link(here.course, here.activity)
    without = factories.resource_link(here.course, here.activity, lineitem_url=None)
    same = factories.resource_link(here.course, here.activity, lineitem_url=here.link.lineitem_url)
    for link in (second, without, same):
        db.session.add(Placement(enrolment_id=attempt.enrolment_id, resource_link_id=link.id))
    db.session.commit()
    decided(here, client)
    assert sorted(row.lineitem_url for row in rows(attempt)) == sorted(
        [str(here.link.lineitem_url), str(second.lineitem_url)]
    )


def test_a_course_that_joins_after_the_decision_gets_the_score_too(app: Flask, here: World, attempt: Attempt) -> None:
    second = factories.resource_link(here.course, here.activity)
    placement = Placement(enrolment_id=attempt.enrolment_id, resource_link_id=second.id)
    db.session.add(placement)
    db.session.commit()
    run = handlers(FakeWire(), site())["placement.added"]
    for _twice in range(2):
        assert run({"placement_id": placement.id}) == Done()
    old, new = rows(attempt)
    assert (new.placement_id, new.score_given, new.comment) == (placement.id, old.score_given, old.comment)


def test_a_course_that_joins_while_it_is_read_learns_of_the_hand_in(app: Flask, here: World) -> None:
    attempt = here.attempt()
    placement = attempt.enrolment.placements[0]
    run = handlers(FakeWire(), site())["placement.added"]
    assert run({"placement_id": placement.id}) == Done()
    assert len(rows(attempt, "submitted")) == 1


@pytest.mark.parametrize("topic", ["attempt.submitted", "placement.added", "column.found", "score.send"])
@pytest.mark.parametrize(
    "payload", [{}, {"attempt_id": "x", "placement_id": "x", "ledger_id": "x", "resource_link_id": "x"}]
)
def test_news_of_something_that_is_not_there_is_given_up(app: Flask, here: World, topic: str, payload: dict) -> None:
    assert isinstance(handlers(FakeWire(), site())[topic](payload), GiveUp)


def test_the_outbox_key_of_a_column_fits_whatever_the_address(here: World) -> None:
    short, long = (
        ledger.column_key("https://a.example/1", "p"),
        ledger.column_key("https://a.example/" + "x" * 400, "p"),
    )
    assert short == "https://a.example/1|p"
    assert len(long) == 64
    assert long != ledger.column_key("https://a.example/" + "x" * 400, "q")
