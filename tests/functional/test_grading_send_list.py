"""The ledger as a teacher looks through it: a table that is narrowed and paged, and a file for a spreadsheet."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from lti_mcred.engine.db import db, utcnow
from lti_mcred.evidence.models import Attempt, Placement
from lti_mcred.grading import send_list
from lti_mcred.grading.models import LedgerEntry
from tests.grading_helpers import Browser, World, world


def _sent(here: World, state: str, number: int, **given: object) -> LedgerEntry:
    placement = db.session.scalars(select(Placement)).first()
    attempt = db.session.scalars(select(Attempt)).first()
    assert placement
    assert attempt
    row = LedgerEntry(
        id=f"{number:032x}", placement_id=placement.id, course_id=here.course.id, person_id=here.learner.id,
        attempt_id=attempt.id, kind="decided", sequence=number, lineitem_url="https://x.example.edu", state=state,
        **{"score_given": 4.0, "score_maximum": 5.0, "created_at": utcnow(), **given},
    )  # fmt: skip
    db.session.add(row)
    db.session.commit()
    return row


def test_the_lms_is_quoted_only_where_it_did_not_take_a_score(here: World, teacher: Browser) -> None:
    here.attempt()
    _sent(here, "sent", 1, answer_status=200)
    _sent(here, "sent", 2, answer_status=204)
    assert "answered" not in _table(teacher.get("/course/scores").text)
    _sent(here, "held", 3, answer_status=422, reason="Canvas did not take it.")
    text = _table(teacher.get("/course/scores").text)
    assert text.count("answered") == 1
    assert "Canvas answered 422." in text


def _table(page: str) -> str:
    return page[page.index("<table") : page.index("</table>")]


@pytest.mark.parametrize(
    ("state", "found"),
    [("", 6), ("sent", 1), ("way", 1), ("failed", 2), ("kept", 1), ("replaced", 1), ("odd", 6)],
)
def test_the_ledger_is_narrowed_by_state_and_by_name(here: World, teacher: Browser, state: str, found: int) -> None:
    here.attempt()
    for number, one in enumerate(("sent", "owed", "superseded", "held", "dead", "kept")):
        _sent(here, one, number)
    page = teacher.get("/course/scores", query_string={"state": state, "search": "quasi"})
    assert page.text.count('<th role="rowheader"') == found
    lines = teacher.get("/course/scores.csv", query_string={"state": state}).text.splitlines()
    assert len(lines) == found + 1
    assert "No score is like that" in teacher.get("/course/scores", query_string={"search": "nobody"}).text


def test_many_scores_are_paged_by_key_with_what_they_are_narrowed_to(here: World, teacher: Browser) -> None:
    here.attempt()
    for number in range(send_list.PAGE * 2 + 1):
        _sent(here, "sent", number)
    page, seen = teacher.get("/course/scores", query_string={"state": "sent", "search": "Zeb"}).text, 0
    for count in (send_list.PAGE, send_list.PAGE, 1):
        seen += page.count('<th role="rowheader"')
        assert page.count('<th role="rowheader"') == count
        following = re.findall(r'href="([^"]+)" rel="next"', page)
        if following:
            query = unescape(following[0]).partition("?")[2]
            assert "state=sent" in query
            page = teacher.get(f"/course/scores?{query}").text
    assert seen == send_list.PAGE * 2 + 1
    assert following == []


def test_the_file_runs_nothing_in_a_spreadsheet_and_says_its_encoding(here: World, teacher: Browser) -> None:
    here.attempt()
    here.learner.name = '=HYPERLINK("https://x.example","Zoë")'
    here.version.title = "@Sum"
    at = datetime(2026, 11, 3, 15, 42, tzinfo=UTC)
    _sent(here, "held", 1, answer_status=422, reason="-1 is no score\nof mine", sent_at=at)
    answer = teacher.get("/course/scores.csv")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbf")
    head, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))
    assert dict(zip(head, row, strict=True)) == {
        "Learner": '\'=HYPERLINK("https://x.example","Zoë")', "Micro-credential": "'@Sum", "Told": "Decision",
        "Points": "4", "Of": "5", "State": "Not sent", "Since": "2026-11-03T10:42:00-05:00",
        "Answer of the LMS": "422", "Reason": "'-1 is no score of mine",
    }  # fmt: skip


def test_the_file_of_a_course_holds_no_other_course(here: World, teacher: Browser) -> None:
    here.attempt()
    _sent(here, "sent", 1)
    other = world()
    other.attempt()
    assert len(teacher.get("/course/scores.csv", query_string={"link": "all"}).text.splitlines()) == 2
    assert len(teacher.get("/course/scores.csv", query_string={"link": other.link.id}).text.splitlines()) == 2


@given(st.text(max_size=40))
def test_no_text_stays_a_formula_in_a_spreadsheet(text: str) -> None:
    written = send_list.spreadsheet_text(text)
    assert written in (text, f"'{text}")
    assert not written.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))  # noqa: RUF001 - spreadsheets take these for signs too
    assert not written.startswith(("\t", "\r", "\n"))
    assert not written.lstrip().startswith(("=", "+", "-", "@"))
    assert not written.startswith(("\t", "\r", "\n"))
