"""The practice LMS: its pages, control addresses, faults, and running as a program."""

from __future__ import annotations

import http.client
import socket
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice import __main__ as program
from lti_mcred.practice.app import create_practice_app
from lti_mcred.practice.ground import fetch
from lti_mcred.practice.ground.config import PracticeConfig
from lti_mcred.practice.ground.store import WrongDataFile
from lti_mcred.practice.ground.tables import CampusState
from tests.practice_helpers import Campus, close, link_item, make_campus
from tests.served import served

# --- pages ---------------------------------------------------------------------------------------------------------


def course_path(campus: Campus) -> str:
    return f"/{campus.slug}/courses/{campus.course()['number']}"


@pytest.mark.parametrize("person", ["teacher", "admin", "assessor", "learner-1"])
def test_every_page_of_a_course_shows_for_everybody(campus: Campus, person: str) -> None:
    activity = campus.add_activity()
    campus.score(campus.course()["line_items"][0], comment="Criterion 1: met.")
    campus.sign_in(person)
    base = course_path(campus)
    menu = f"{base}/menu/{campus.tool['client_id']}"
    paths = ["", "/roster", "/gradebook", f"/activities/{activity['number']}"]
    for path in [*(base + path for path in paths), menu, f"/{campus.slug}/", f"/{campus.slug}/switches", "/"]:
        answer = campus.client.get(path)
        assert answer.status_code == 200, path
        assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]


def test_a_learner_sees_their_own_grade_with_its_comment_and_nobody_elses(campus: Campus) -> None:
    campus.add_activity()
    item = campus.course()["line_items"][0]
    campus.score(item, comment="Criterion 1: met.")
    campus.score(item, "learner-2", comment="For somebody else.")
    campus.sign_in("learner-1")
    page = campus.client.get(f"{course_path(campus)}/gradebook").text
    assert "Criterion 1: met." in page
    assert "For somebody else." not in page


def test_a_teacher_types_a_grade(campus: Campus) -> None:
    campus.add_activity()
    number = campus.course()["line_items"][0]["number"]
    form = {"line_item": number, "person": "learner-1", "score": "16,5"}
    assert campus.client.post(f"{course_path(campus)}/gradebook", data=form).status_code == 303
    assert (campus.cell()["score"], campus.cell()["grader"]) == (16.5, "teacher")
    refused = campus.client.post(f"{course_path(campus)}/gradebook", data={**form, "score": "much"})
    assert refused.status_code == 400


def test_a_learner_cannot_type_grades_or_publish(campus: Campus) -> None:
    activity = campus.add_activity()
    number = campus.course()["line_items"][0]["number"]
    campus.sign_in("learner-1")
    form = {"line_item": number, "person": "learner-1", "score": "20"}
    assert campus.client.post(f"{course_path(campus)}/gradebook", data=form).status_code == 403
    publish = f"{course_path(campus)}/activities/{activity['number']}/publish"
    assert campus.client.post(publish, data={"published": "no"}).status_code == 403


def test_a_teacher_publishes_and_unpublishes(campus: Campus) -> None:
    activity = campus.add_activity()
    path = f"{course_path(campus)}/activities/{activity['number']}/publish"
    campus.client.post(path, data={"published": "no"})
    assert not campus.course()["activities"][0]["published"]
    campus.sign_in("learner-1")
    assert activity["title"] not in campus.client.get(course_path(campus)).text


def test_without_a_tool_the_add_page_says_who_can_help(tmp_path: Path) -> None:
    campus = make_campus(tmp_path, "canvas")
    campus.sign_in("teacher")
    assert "Continue as the admin" in campus.client.get("/canvas/courses/5120/add").text
    close(campus)


def test_the_session_comes_in_two_cookies_and_either_will_do(campus: Campus) -> None:
    answer = campus.client.post(f"/{campus.slug}/sign-in", data={"person": "teacher"})
    lax, framed = answer.headers.getlist("Set-Cookie")
    assert "SameSite=Lax" in lax
    assert "Secure" not in lax
    assert "Secure" in framed
    assert "SameSite=None" in framed
    campus.client.delete_cookie(f"practice_{campus.slug}", path=f"/{campus.slug}")
    framed_only = campus.app.test_client()
    value = framed.partition("=")[2].partition(";")[0]
    framed_only.set_cookie(f"practice_{campus.slug}_frame", value, path=f"/{campus.slug}")
    assert framed_only.get(course_path(campus)).status_code == 200


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "/other/x"])
def test_signing_in_leads_nowhere_else(campus: Campus, next_path: str) -> None:
    answer = campus.client.post(f"/{campus.slug}/sign-in", data={"person": "teacher", "next": next_path})
    assert answer.headers["Location"] == course_path(campus)


def test_a_form_from_another_site_is_refused(campus: Campus) -> None:
    headers = {"Origin": "https://evil.example"}
    answer = campus.client.post(f"/{campus.slug}/sign-in", data={"person": "teacher"}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/canvas/courses/1",
        "/canvas/launch",
        "/canvas/launch?course=5120&activity=1",
        "/nowhere",
        "/canvas/launch?course=x",
    ],
)
def test_an_unknown_address_is_a_friendly_404(tmp_path: Path, path: str) -> None:
    campus = make_campus(tmp_path, "canvas")
    campus.sign_in("teacher")
    answer = campus.client.get(path)
    assert (answer.status_code, "That did not work" in answer.text) == (404, True)
    close(campus)


def test_the_storage_frame_knows_the_tools_origin(campus: Campus) -> None:
    page = campus.client.get(f"/{campus.slug}/post_message_forwarding?tool={campus.tool['client_id']}")
    assert 'data-origins="http://127.0.0.1:8000"' in page.text


def test_a_frame_for_notes_stands_beside_the_tool_only_where_storage_is_offered(campus: Campus) -> None:
    activity = campus.add_activity()
    path = f"{course_path(campus)}/activities/{activity['number']}"
    assert ('name="post_message_forwarding"' in campus.client.get(path).text) is (campus.slug == "canvas")
    for target in ("post_message_forwarding", "_parent", ""):
        campus.control("PUT", "faults", {"switches": {"storage": target}})
        page = campus.client.get(path).text
        assert ('name="post_message_forwarding"' in page) is (target == "post_message_forwarding")
        assert f'data-storage="{target}"' in page


def test_a_switch_that_is_newer_than_the_campus_stands_at_its_default(campus: Campus) -> None:
    with campus.client.application.extensions["practice"].store.session() as session:
        session.get_one(CampusState, campus.slug).switches = {}
        session.commit()
    campus.sign_in("teacher")
    page = campus.client.get(f"/{campus.slug}/switches").text
    assert 'value="at once" selected' in page


def test_titles_of_the_tool_are_text_and_not_markup(campus: Campus) -> None:
    campus.add_activity(link_item(title="<script>alert(1)</script>", lineItem=...))
    assert "<script>alert" not in campus.client.get(course_path(campus)).text


# --- switches and faults -------------------------------------------------------------------------------------------


def first_item(campus: Campus) -> Any:
    campus.add_activity()
    return campus.course()["line_items"][0]


def test_the_switches_page_changes_and_calms(campus: Campus) -> None:
    campus.sign_in("teacher")
    form = {"server_error": "3", "clock_offset_s": "-90", "match": "/scores", "concluded": "yes"}
    assert campus.client.post(f"/{campus.slug}/switches", data=form).status_code == 303
    now = campus.control("GET", "faults")
    assert (now["server_error"], now["clock_offset_s"], now["concluded"]) == (3, -90, True)
    campus.client.post(f"/{campus.slug}/switches/calm")
    now = campus.control("GET", "faults")
    assert (now["server_error"], now["clock_offset_s"], now["concluded"]) == (0, 0, False)


def test_the_switches_page_has_those_of_each_course_where_the_platform_knows_them(campus: Campus) -> None:
    campus.sign_in("teacher")
    page = campus.client.get(f"/{campus.slug}/switches").text
    assert ("The tool was removed from MC101" in page) == (campus.slug == "canvas")
    number = campus.course()["number"]
    campus.client.post(f"/{campus.slug}/switches", data={"tool_removed": str(number)})
    assert campus.control("GET", "faults").get("tool_removed") == ([number] if campus.slug == "canvas" else None)


def test_the_next_requests_are_answered_429_with_a_time_to_wait(campus: Campus) -> None:
    item = first_item(campus)
    campus.control("PUT", "faults", {"rate_limit": 1, "retry_after_s": 7, "match": "/scores"})
    refused = campus.score(item)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "7")
    assert campus.score(item).status_code == 200


def test_the_rate_limit_of_canvas_is_a_403_without_a_time(campus: Campus) -> None:
    item = first_item(campus)
    campus.control("PUT", "faults", {"rate_limit": 1, "rate_limit_kind": "canvas", "match": "/scores"})
    refused = campus.score(item)
    assert (refused.status_code, refused.text) == (403, "403 Forbidden (Rate Limit Exceeded)\n")
    assert "Retry-After" not in refused.headers


def test_server_errors_are_counted_down_and_store_nothing(campus: Campus) -> None:
    item = first_item(campus)
    campus.control("PUT", "faults", {"server_error": 2, "match": "/scores"})
    assert [campus.score(item).status_code for _ in range(3)] == [500, 500, 200]
    assert len(campus.cell()["posts"]) == 1


def test_every_service_request_is_written_down(campus: Campus) -> None:
    item = first_item(campus)
    campus.control("DELETE", "requests")
    campus.control("PUT", "faults", {"server_error": 1, "match": "/scores"})
    campus.score(item)
    campus.score(item)
    rows = campus.control("GET", "requests?path=/scores")
    assert [row["status"] for row in rows] == [500, 200]
    assert '"scoreGiven": 15' in rows[1]["body"]


@pytest.mark.parametrize(
    "fault",
    [
        {"server_error": -1},
        {"server_error": "many"},
        {"slow_ms": 10**9},
        {"bogus": 1},
        {"rate_limit_kind": "x"},
        {"switches": {"bogus": 1}},
        {"switches": 3},
    ],
)
def test_an_unknown_fault_is_told(campus: Campus, fault: Any) -> None:
    answer = campus.client.put(f"/{campus.slug}/control/faults", json=fault)
    assert answer.status_code == 400
    assert "error" in answer.get_json()


def test_a_slow_answer_takes_its_time(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("lti_mcred.practice.campus.service_log.time.sleep", slept.append)
    item = first_item(campus)
    campus.control("PUT", "faults", {"slow_ms": 1500, "match": "/scores"})
    assert campus.score(item).status_code == 200
    assert slept == [1.5]


@pytest.fixture
def server(campus: Campus) -> Iterator[int]:
    """The practice LMS behind a real socket."""
    with served(campus.app) as port:
        yield port


def test_a_dropped_connection_ends_without_an_answer(campus: Campus, server: int) -> None:
    campus.control("PUT", "faults", {"drop": 1})
    path = campus.tool["token_endpoint"].removeprefix("http://localhost:8001")
    with closing(http.client.HTTPConnection("127.0.0.1", server, timeout=10)) as connection:
        connection.request("POST", path, body="")
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            connection.getresponse()
    with closing(http.client.HTTPConnection("127.0.0.1", server, timeout=10)) as connection:
        connection.request("POST", path, body="")
        assert connection.getresponse().status == 400
    assert [row["status"] for row in campus.control("GET", "requests")] == [0, 400]


# --- control addresses ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("203.0.113.9", {}),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}),
        ("127.0.0.1", {"Sec-Fetch-Site": "cross-site"}),
    ],
)
def test_control_answers_programs_on_this_machine_only(campus: Campus, address: str, headers: dict[str, str]) -> None:
    environ = {"REMOTE_ADDR": address}
    for path in ("/control/campuses", f"/{campus.slug}/control/people"):
        assert campus.client.get(path, headers=headers, environ_overrides=environ).status_code == 403


def test_both_campuses_are_listed(campus: Campus) -> None:
    found = campus.client.get("/control/campuses").get_json()
    assert [campus["slug"] for campus in found] == ["canvas", "moodle"]


def test_a_reset_forgets_tools_and_keeps_the_people(campus: Campus) -> None:
    people = campus.control("GET", "people")
    assert campus.client.post("/control/reset").status_code == 200
    assert campus.control("GET", "tools") == []
    assert campus.control("GET", "people") == people


def test_a_tool_by_hand_needs_all_its_addresses(campus: Campus) -> None:
    answer = campus.client.post(f"/{campus.slug}/control/tools", json={"name": "x"})
    assert answer.status_code == 400


@pytest.mark.parametrize("grade", [{"person": "teacher"}, {"score": "x"}, {"line_item": 0}])
def test_a_grade_needs_a_learner_a_column_and_a_number(campus: Campus, grade: dict[str, Any]) -> None:
    number = first_item(campus)["number"]
    body = {"person": "learner-1", "line_item": number, "score": 3, **grade}
    assert campus.client.post(f"/{campus.slug}/control/grades", json=body).status_code == 400


# --- the data file and the program ---------------------------------------------------------------------------------


def test_data_stays_when_the_program_starts_again(tmp_path: Path) -> None:
    first = make_campus(tmp_path, "canvas")
    first.install()
    close(first)
    second = make_campus(tmp_path, "canvas")
    assert len(second.control("GET", "tools")) == 1
    close(second)


def test_a_data_file_of_another_version_is_refused(tmp_path: Path) -> None:
    close(make_campus(tmp_path, "canvas"))
    path = tmp_path / "practice.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("update meta set value = '0' where name = 'schema_version'")
        database.commit()
    with pytest.raises(WrongDataFile, match="make demo-reset"):
        create_practice_app(PracticeConfig(data=path))


@pytest.mark.parametrize("content", ["a table", "no database"])
def test_a_file_that_is_something_else_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "other.sqlite3"
    if content == "a table":
        with closing(sqlite3.connect(path)) as database:
            database.execute("create table other (id integer)")
    else:
        path.write_text("not a database, only words, repeated to be long enough " * 40)
    with pytest.raises(WrongDataFile):
        create_practice_app(PracticeConfig(data=path))


def test_a_busy_port_ends_the_program_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert program.main(["--port", port, "--data", str(tmp_path / "p.sqlite3")]) == 1
    assert "is in use" in capsys.readouterr().err


def test_a_document_is_read_from_a_real_server_and_an_error_is_told(campus: Campus, server: int) -> None:
    assert b'"keys"' in fetch.fetch_document(
        f"http://127.0.0.1:{server}{campus.tool['jwks_uri'].removeprefix('http://localhost:8001')}"
    )
    with pytest.raises(fetch.FetchError, match="answered 404"):
        fetch.fetch_document(f"http://127.0.0.1:{server}/nowhere")
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(fetch.FetchError) as told:
            fetch.fetch_document(f"http://127.0.0.1:{unused.getsockname()[1]}/")
    assert not told.value.timed_out


def test_this_room_imports_nothing_else_of_the_project() -> None:
    names = {name for name in sys.modules if name.startswith("lti_mcred.practice")}
    folder = Path(str(sys.modules["lti_mcred.practice"].__file__)).parent
    for source in folder.rglob("*.py"):
        for line in source.read_text().splitlines():
            if line.strip().startswith(("import lti_mcred", "from lti_mcred")):
                assert "lti_mcred.practice" in line, f"{source}: {line}"
    assert "lti_mcred.practice.app" in names
