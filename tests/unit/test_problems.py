"""Problems as data: what a table says reaches the page, and every place that raises fits the table of its room."""

import ast
import re
from collections import Counter
from collections.abc import Mapping

import pytest

from house import files, problems
from house.files import Source
from lti_mcred.errors import Row, Table, Who
from lti_mcred.tool.launch import posted_errors
from lti_mcred.tool.refusals import pages

SOURCES = files.read(problems.ROOT / problems.PACKAGE)
TABLES = {table.room: table.rows for table in problems.tables(SOURCES, problems.PACKAGE)}
CALLS = problems.calls(SOURCES, problems.PACKAGE)


def test_a_problem_says_what_stands_in_its_table() -> None:
    row = Row("%(name)s is full", "It takes %(most)s.", "Remove one.", Who.TEACHER, 409, "evidence.home", 30)
    made = Table({"full": row}).problem("full", name="Box 100 %", most=3, log="seen")
    assert (made.code, made.title, made.detail, made.action) == (
        "full",
        "Box 100 % is full",
        "It takes 3.",
        "Remove one.",
    )
    assert (made.who, made.status, made.page) == ("The teacher of the course", 409, "evidence.home")
    assert (made.log, made.retry_after) == ("seen", 30)


def test_several_sentences_are_put_together_and_an_empty_one_is_left_out() -> None:
    table = Table({"one": Row("Title", ("%(what)s", "This part takes: text."))})
    assert table.problem("one", what="It is a video.").detail == "It is a video. This part takes: text."
    assert table.problem("one", what="").detail == "This part takes: text."


def test_people_see_the_code_without_its_wording_and_with_the_status() -> None:
    table = Table({"taken": Row("No"), "taken/links": Row("No links"), "http-…": Row("What?", status=0)})
    assert [table.problem(key).code for key in ("taken", "taken/links")] == ["taken", "taken"]
    found = table.problem("http-…", status=418, retry_after=7)
    assert (found.code, found.status, found.retry_after) == ("http-418", 418, 7)


def test_an_unknown_code_and_a_missing_value_are_errors() -> None:
    table = Table({"full": Row("It takes %(most)s.")})
    with pytest.raises(KeyError):
        table.problem("ful", most=3)
    with pytest.raises(KeyError):
        table.problem("full", least=3)


@pytest.mark.parametrize("room", TABLES)
def test_whoever_makes_a_problem_names_one_of_its_room_with_its_values(room: str) -> None:
    made = [(call, key) for call in CALLS if call.room == room for key in call.keys]
    assert [f"{call.place} {key}" for call, key in made if key not in TABLES[room]] == []
    rows = [(call, key, TABLES[room][key]) for call, key in made]
    assert [f"{call.place} {key}" for call, key, row in rows if call.values != problems.values_of(row)] == []
    assert [f"{call.place} {key}" for call, key, row in rows if call.status != (row.status == 0)] == []


def test_every_row_has_a_place_that_chooses_it_and_only_two_places_compute_what_they_choose() -> None:
    computed = {call.place.partition(":")[0] for call in CALLS if not call.keys}
    assert computed == {"tool/launch/posted_errors.py", "tool/refusals/pages.py"}
    chosen = {(call.room, key) for call in CALLS for key in call.keys}
    chosen |= {("tool/launch", key) for key in posted_errors.POSTED.values()} | {("tool/launch", "lms-refused")}
    chosen |= {("tool/refusals", key) for key in pages.CODES.values()}
    assert {(room, key) for room, rows in TABLES.items() for key in rows} == chosen


def test_problems_are_made_of_tables_alone() -> None:
    made = {
        source.path
        for source in SOURCES
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Problem", "LaunchProblem")
    }
    assert made == {"errors.py", "tool/refusals/table.py"}


def test_no_code_stands_in_two_tables() -> None:
    owners = Counter(code for table in TABLES.values() for code in {key.partition("/")[0] for key in table})
    assert [code for code, times in owners.items() if times > 1] == []


@pytest.mark.parametrize("rows", TABLES.values(), ids=TABLES)
def test_a_row_says_what_happened_what_to_do_and_who(rows: Mapping[str, Row]) -> None:
    assert [key for key in rows if not re.fullmatch(r"[a-z0-9-]+…?(/[a-z-]+)?", key)] == []
    assert [key for key, row in rows.items() if not (row.title and row.action)] == []
    assert [key for key, row in rows.items() if row.who not in {*Who, "%(who)s"}] == []
    assert [key for key, row in rows.items() if row.status and not 400 <= row.status <= 599] == []
    said = {key: re.sub(r"%\(\w+\)s", "", " ".join(problems.sentences(row))) for key, row in rows.items()}
    assert [key for key, text in said.items() if "%" in text] == []


def test_the_places_that_make_problems_are_found_with_what_they_give() -> None:
    text = """
from lti_mcred.evidence.problems import problem

def full(found):
    raise problem("full", most=3, log="seen") if found else problem("a" if found is None else "b", status=409)
"""
    made = problems.calls([Source.of("evidence/add.py", text)], "lti_mcred")
    assert {(one.room, one.keys, one.values, one.status) for one in made} == {
        ("evidence", ("full",), frozenset({"most"}), False),
        ("evidence", ("a", "b"), frozenset(), True),
    }


def test_the_page_of_all_codes_is_as_the_tables_are() -> None:
    written = problems.PAGE.read_text(encoding="utf-8")
    assert written == problems.page(problems.tables(SOURCES, problems.PACKAGE)), "run `make problems`"
    listed = re.findall(r"^\| `(.+?)` ", written, re.MULTILINE)
    assert sorted(listed) == sorted(key.partition("/")[0] for rows in TABLES.values() for key in rows)
