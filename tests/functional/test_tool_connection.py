"""The connection test, line by line: what each LMS's answer means, and who is allowed to see it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale
from sqlalchemy import select

from lti_mcred import outbox
from lti_mcred.engine.db import db
from lti_mcred.outbound.http import HttpRefused, HttpUnreachable, HttpUntrusted
from lti_mcred.outbox import OutboxRow, Worker
from lti_mcred.people.models import Course, Person
from lti_mcred.services import site
from lti_mcred.tool.health import checks, connection
from lti_mcred.tool.health.connection import Report
from lti_mcred.tool.known.models import ConnectionTest, Deployment, Platform
from lti_mcred.tool.protocol.services_asked import LINEITEM, ROSTER, SCORE
from lti_mcred.tool.wire import keys
from tests import factories as make
from tests.conformance.lms import Lms, jwk, rsa_key
from tests.services import change_settings

JWKS = "http://127.0.0.1:8000/.well-known/jwks.json"
TOKEN = "https://lms.example.edu/token"
ITEMS, ITEM = "https://lms.example.edu/items", "https://lms.example.edu/items/9"
MEMBERS = "https://lms.example.edu/members?limit=10"
ALL = " ".join(checks.NEEDED)


@pytest.fixture(autouse=True)
def _as_the_command_line(app: Flask) -> Iterator[None]:
    with force_locale("en"):
        yield


@pytest.fixture
def sound_lms(lms: Lms) -> Lms:
    """An LMS on which everything works, and the tool at its own address."""
    lms.http.on("GET", JWKS, (200, keys.public_jwks()))
    lms.http.on("POST", TOKEN, (200, {"access_token": "t-1", "expires_in": 3600, "scope": ALL}))
    lms.http.on("GET", MEMBERS, (200, {"members": [{"user_id": "sub-1", "name": "Nadia Okafor"}]}))
    lms.http.on("POST", ITEMS, (201, {"id": ITEM, "label": "x"}))
    lms.http.on("POST", f"{ITEM}/scores", (200, ""))
    lms.http.on("DELETE", ITEM, (204, ""))
    return lms


def platform() -> Platform:
    """The platform under test."""
    return db.session.scalars(select(Platform).order_by(Platform.id)).first()


def deployment() -> Deployment:
    """Its installation."""
    return db.session.scalars(select(Deployment).filter_by(deployment_id="deployment-1")).one()


def a_course(at: Deployment | None = None, **given: Any) -> Course:
    """A course from which the tool was opened."""
    values = {"lineitems_url": ITEMS, "memberships_url": MEMBERS.partition("?")[0], "title": "Safety", **given}
    row: Course = make.course(at or deployment(), **values)
    db.session.commit()
    return row


def a_test_user(at: Course) -> Person:
    """The LMS's test user, who opened the tool in the course."""
    who = make.person(at, sub="test-sub", is_test_user=True)
    make.membership(who, at)
    db.session.commit()
    return who


def opened(at: Deployment, *messages: str, places: tuple[str, ...] = ()) -> None:
    """Launches with these messages, from these places, were seen."""
    for family, names in (("messages", messages), ("placements", places)):
        for name in names:
            make.seen(at, family, name)
    db.session.commit()


def run(of: Deployment | None = None) -> dict[str, checks.Line]:
    """Run the test and return its lines by name."""
    return {line.name: line for line in connection.run_now(platform(), of or deployment()).lines}


def states(lines: dict[str, checks.Line]) -> dict[str, str]:
    """Only what came of each."""
    return {name: line.state for name, line in lines.items()}


def test_when_everything_works_every_line_says_so(sound_lms: Lms) -> None:
    a_test_user(a_course())
    opened(deployment(), "LtiResourceLinkRequest", "LtiDeepLinkingRequest")

    lines = run()

    assert states(lines) == {**dict.fromkeys(checks.TITLES, "pass"), "address": "waiting"}
    assert "without https" in lines["address"].words
    assert [line.title for line in lines.values()] == [str(title) for title in checks.TITLES.values()]


def test_one_token_serves_the_whole_test(sound_lms: Lms) -> None:
    a_test_user(a_course())
    run()

    assert sound_lms.http.asked(TOKEN) == 1


def test_an_installation_that_nobody_opened_is_tested_as_far_as_it_goes(sound_lms: Lms) -> None:
    alone = connection.run_now(platform()).lines

    assert [line.state for line in alone] == ["waiting", *["pass"] * 3, *["waiting"] * 4]
    assert "Nobody has opened" in alone[-2].words
    assert "Not seen yet: Links in a course; Where teachers add activities." in alone[-1].words
    assert states(run())["roster"] == "waiting"


# Our address ----------------------------------------------------------------------------------------------------------


def test_an_https_address_that_shows_our_keys_is_fine(sound_lms: Lms, app: Flask) -> None:
    secure = "https://tool.example.edu"
    change_settings(app, public_url=secure)
    sound_lms.http.on("GET", f"{secure}/.well-known/jwks.json", (200, keys.public_jwks()))

    assert checks.address().state == "pass"


@pytest.mark.parametrize(
    "answer", [(200, {"keys": [jwk(rsa_key(1), "of-somebody-else")]}), (200, "<html>"), (502, "x")]
)
def test_another_program_at_our_address_is_found(sound_lms: Lms, answer: Any) -> None:
    sound_lms.http.on("GET", JWKS, answer)

    line = checks.address()

    assert (line.state, line.who) == ("failed", "The administrator of this tool")
    assert "public_url" in line.words


def test_a_bad_certificate_of_ours_is_found(sound_lms: Lms) -> None:
    sound_lms.http.on("GET", JWKS, HttpUntrusted("no"))
    assert checks.address().state == "failed"


@pytest.mark.parametrize("error", [HttpUnreachable("no route"), HttpRefused("private")])
def test_an_address_that_cannot_be_seen_from_here_is_no_failure(sound_lms: Lms, error: Exception) -> None:
    sound_lms.http.on("GET", JWKS, error)

    line = checks.address()

    assert line.state == "waiting"
    assert "from another network" in line.words


# The LMS's keys and token ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "who", "said"),
    [
        ((404, "gone"), "The administrator of the LMS", "404 gone"),
        ((200, {"keys": []}), "The administrator of the LMS", "200"),
        ((200, "no json"), "The administrator of the LMS", "200 no json"),
        ((503, "later"), "The administrator of the LMS", "503 later"),
        (HttpUnreachable("no answer in time"), "The administrator of the LMS", "no answer in time"),
        (HttpRefused("10.0.0.8 is private"), "The administrator of this tool", "10.0.0.8 is private"),
    ],
    ids=["gone", "empty", "no json", "fault", "unreachable", "private"],
)
def test_keys_that_cannot_be_had_are_said_with_who_can_cure_it(
    sound_lms: Lms, answer: Any, who: str, said: str
) -> None:
    sound_lms.http.on("GET", sound_lms.jwks_url, answer)

    line = run()["keys"]

    assert (line.state, line.who) == ("failed", who)
    assert said in line.said


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        ((400, {"error": "invalid_client"}), "failed", "does not accept this tool"),
        ((401, {"error": "invalid_client"}), "failed", "does not accept this tool"),
        ((404, "no"), "failed", "Compare it with the one that the LMS shows"),
        ((500, "no"), "failed", "a fault of its own"),
        ((403, "403 Forbidden (Rate Limit Exceeded)"), "waiting", "slow down"),
        ((429, "no"), "waiting", "slow down"),
        (HttpUnreachable("no"), "failed", "cannot reach the LMS"),
        (HttpRefused("no"), "failed", "private network"),
        (HttpUntrusted("no"), "failed", "certificate"),
        ((200, {"token": "other"}), "failed", "cannot reach the LMS"),
    ],
    ids=["400", "401", "404", "500", "canvas busy", "busy", "unreachable", "private", "certificate", "no token"],
)
def test_without_a_token_the_reason_is_said_and_the_rest_waits(
    sound_lms: Lms, answer: Any, state: str, words: str
) -> None:
    sound_lms.http.on("POST", TOKEN, answer)
    a_test_user(a_course())

    lines = run()

    assert lines["token"].state == state
    assert words in lines["token"].words
    assert {lines[name].state for name in ("scopes", "roster", "column", "score")} == {"waiting"}
    assert sound_lms.http.asked(ITEMS) == 0


def test_an_lms_that_grants_less_is_believed(sound_lms: Lms) -> None:
    sound_lms.http.on("POST", TOKEN, (200, {"access_token": "t", "scope": f"{LINEITEM} {SCORE}"}))
    a_course()

    lines = run()

    assert lines["scopes"].state == "failed"
    assert "reading grades, the class list" in lines["scopes"].words
    assert (lines["roster"].state, lines["column"].state) == ("waiting", "pass")
    assert sound_lms.http.asked(MEMBERS) == 0


def test_an_lms_that_refuses_all_for_one_is_asked_for_the_rest(sound_lms: Lms) -> None:
    refused = {"error": "invalid_scope", "error_description": f"requested, but not granted: {ROSTER}"}
    sound_lms.http.on("POST", TOKEN, (400, refused), (200, {"access_token": "t"}))
    a_course()

    lines = run()

    assert states(lines)["token"] == "pass"
    assert lines["scopes"].words.startswith("Not granted: the class list.")
    asked = [call["form"]["scope"] for call in sound_lms.http.sent if call["url"] == TOKEN]
    assert asked[0].split() == sorted(checks.NEEDED)
    assert asked[1].split() == sorted(set(checks.NEEDED) - {ROSTER})


def test_an_lms_that_does_not_say_which_right_it_means_is_asked_one_by_one(sound_lms: Lms) -> None:
    none = (400, {"error": "invalid_scope"})
    sound_lms.http.on(
        "POST", TOKEN, none, none, none, none, (200, {"access_token": "t"}), none, (200, {"access_token": "t"})
    )

    lines = run()

    assert lines["token"].state == "pass"
    assert lines["scopes"].state == "failed"


def test_an_lms_that_grants_nothing_is_said_to_know_us(sound_lms: Lms) -> None:
    sound_lms.http.on("POST", TOKEN, (400, {"error": "invalid_scope"}))

    line = run()["token"]

    assert line.state == "failed"
    assert "lets it use nothing" in line.words


# Services -------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_class_list_is_kept(sound_lms: Lms) -> None:
    a_course()
    assert states(run())["roster"] == "pass"
    assert "Nadia" not in str(db.session.scalars(select(ConnectionTest)).one().lines)


@pytest.mark.parametrize(
    "answer", [(403, "no"), (401, "no"), (200, {"no": "members"}), (200, "[]"), HttpUnreachable("no")]
)
def test_a_class_list_that_is_not_given_fails(sound_lms: Lms, answer: Any) -> None:
    sound_lms.http.on("GET", MEMBERS, answer)
    a_course()
    assert states(run())["roster"] == "failed"


def test_services_that_launches_do_not_bring_fail_for_the_lms_administrator(sound_lms: Lms) -> None:
    a_course(lineitems_url=None, memberships_url=None)

    lines = run()

    assert [(lines[name].state, lines[name].who) for name in ("roster", "column")] == [
        ("failed", "The administrator of the LMS")
    ] * 2


@pytest.mark.parametrize(
    ("answer", "who"),
    [
        ((403, "no"), "The administrator of the LMS"),
        ((404, "no"), "The teacher of the course"),
        ((422, "no"), "The administrator of the LMS"),
        ((200, {"label": "without an address"}), "The administrator of the LMS"),
        ((500, "no"), "The administrator of the LMS"),
    ],
    ids=["403", "404", "422", "no address", "500"],
)
def test_a_column_that_is_not_made_fails_and_no_score_is_sent(sound_lms: Lms, answer: Any, who: str) -> None:
    sound_lms.http.on("POST", ITEMS, answer)
    a_test_user(a_course())

    lines = run()

    assert (lines["column"].state, lines["column"].who) == ("failed", who)
    assert lines["score"].state == "waiting"
    assert sound_lms.http.asked(f"{ITEM}/scores") == 0


@pytest.mark.parametrize("answer", [(403, "no"), HttpUnreachable("no")])
def test_a_column_that_stays_is_named_for_the_teacher(sound_lms: Lms, answer: Any) -> None:
    sound_lms.http.on("DELETE", ITEM, answer)
    a_course()

    line = run()["column"]

    assert (line.state, line.who) == ("failed", "The teacher of the course")
    assert "delete the column “Connection test, is removed at once”" in line.words


def test_a_column_that_is_gone_already_is_fine(sound_lms: Lms) -> None:
    sound_lms.http.on("DELETE", ITEM, (404, ""))
    a_course()
    assert states(run())["column"] == "pass"


def test_a_learner_never_gets_a_score(sound_lms: Lms) -> None:
    course = a_course()
    make.membership(make.person(course), course)
    db.session.commit()

    lines = run()

    assert lines["score"].state == "waiting"
    assert "A learner is never used" in lines["score"].words
    assert sound_lms.http.asked(f"{ITEM}/scores") == 0


def test_a_test_user_of_another_installation_is_not_used(sound_lms: Lms) -> None:
    course = a_course()
    elsewhere = make.deployment(platform())
    a_test_user(a_course(elsewhere, lineitems_url="https://lms.example.edu/others"))

    lines = run()

    assert lines["score"].state == "waiting"
    assert course.title in lines["column"].words
    assert sound_lms.http.asked("https://lms.example.edu/others") == 0


def test_the_course_of_the_test_user_is_taken_before_a_newer_one(sound_lms: Lms) -> None:
    a_test_user(a_course())
    a_course(title="Newer", lineitems_url="https://lms.example.edu/newer")

    lines = run()

    assert states(lines)["score"] == "pass"
    assert sound_lms.http.asked("https://lms.example.edu/newer") == 0


def test_a_score_that_is_refused_fails_and_the_column_still_goes(sound_lms: Lms) -> None:
    sound_lms.http.on("POST", f"{ITEM}/scores", (403, "not enrolled"))
    a_test_user(a_course())

    lines = run()

    assert lines["score"].state == "failed"
    assert "not enrolled" in lines["score"].words
    assert lines["score"].said == "403 not enrolled"
    assert sound_lms.http.asked(ITEM) == 1


def test_without_the_right_to_write_grades_no_score_is_tried(sound_lms: Lms) -> None:
    sound_lms.http.on("POST", TOKEN, (200, {"access_token": "t", "scope": LINEITEM}))
    a_test_user(a_course())
    assert states(run())["score"] == "waiting"


# Where the tool is opened from ----------------------------------------------------------------------------------------


def test_places_that_no_launch_came_from_are_named_with_who_can_cure_it(sound_lms: Lms) -> None:
    platform().profile = "canvas"
    opened(deployment(), "LtiResourceLinkRequest", places=("course_navigation",))

    line = run()["places"]

    assert line.state == "waiting"
    seen, _comma, missing = line.words.partition("Not seen yet: ")
    assert seen == "It was opened from: Links in a course; The course menu. "
    assert missing.startswith("The account menu; Assignments, “External Tool”; ")
    assert "Open the tool from there once." in missing
    assert (line.who, line.said) == ("The administrator of the LMS", "LtiResourceLinkRequest, course_navigation")


def test_places_are_told_without_a_token(sound_lms: Lms) -> None:
    sound_lms.http.on("POST", TOKEN, (401, {"error": "invalid_client"}))
    opened(deployment(), "LtiResourceLinkRequest", "LtiDeepLinkingRequest")
    assert states(run())["places"] == "pass"


def test_a_place_of_another_installation_counts_for_that_one_alone(sound_lms: Lms) -> None:
    opened(make.deployment(platform()), "LtiResourceLinkRequest", "LtiDeepLinkingRequest")
    assert states(run())["places"] == "waiting"


# Asking, running once, looking ----------------------------------------------------------------------------------------


def _work(app: Flask) -> int:
    return Worker(app, site()).run_once()


def test_a_test_that_was_asked_for_is_run_by_a_worker(sound_lms: Lms, app: Flask) -> None:
    a_course()
    connection.start(platform(), deployment())
    [asked] = connection.latest(platform())
    assert (asked.state, asked.lines) == ("waiting", ())

    _work(app)
    [done] = connection.latest(platform())

    assert done.state == "done"
    assert done.finished_at is not None
    assert (done.failed, done.waiting, done.deployment_id) == (0, 3, sound_lms.deployment_id)


def test_asking_twice_runs_it_once(sound_lms: Lms, app: Flask) -> None:
    connection.start(platform(), deployment())
    connection.start(platform(), deployment())

    assert _work(app) == 1


def test_a_test_that_broke_off_is_not_run_again_but_says_so(sound_lms: Lms) -> None:
    a_course()
    connection.start(platform(), deployment())
    row = db.session.scalars(select(ConnectionTest)).one()
    row.state = "running"
    db.session.commit()
    payload = db.session.scalars(select(OutboxRow)).one().payload

    assert isinstance(connection.perform(payload), outbox.Later)
    assert connection.latest(platform())[0].state == "running"
    row.asked_at -= timedelta(minutes=11)
    db.session.commit()
    assert connection.perform(payload) == outbox.Done()

    [report] = connection.latest(platform())
    assert report.failed == 1
    assert "broke off" in report.lines[0].words
    assert sound_lms.http.asked(ITEMS) == 0
    assert connection.perform(payload) == outbox.Done()


def test_only_the_newest_report_is_kept(sound_lms: Lms) -> None:
    run()
    run()
    assert len(db.session.scalars(select(ConnectionTest)).all()) == 1


def test_an_installation_sees_its_own_report_alone(either: Flask) -> None:
    lms = make.platform()
    mine, hers = make.deployment(lms), make.deployment(lms)
    for one in (mine, hers, None):
        db.session.add(ConnectionTest(platform_id=lms.id, deployment_id=one.id if one else None, state="done"))
    db.session.add(ConnectionTest(platform_id=make.platform().id, state="done"))
    db.session.commit()

    def named(reports: list[Report]) -> set[str]:
        return {report.deployment_id for report in reports}

    assert named(connection.latest(lms, [mine.id])) == {mine.deployment_id}
    assert connection.latest(lms, []) == []
    assert named(connection.latest(lms)) == {mine.deployment_id, hers.deployment_id, ""}
