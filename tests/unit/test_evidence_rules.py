"""Small rules: the promised day, the window, names that leak, clean file names."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.evidence.leaks import find_leaks, names_of
from lti_mcred.evidence.promise import days_left, promised_by
from lti_mcred.evidence.upload import clean_name

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("submitted", "days", "day"),
    [
        (datetime(2026, 11, 3, 15, tzinfo=UTC), 10, (2026, 11, 17)),  # Tuesday to Tuesday two weeks on
        (datetime(2026, 11, 6, 15, tzinfo=UTC), 1, (2026, 11, 9)),  # Friday to Monday
        (datetime(2026, 11, 7, 15, tzinfo=UTC), 1, (2026, 11, 9)),  # Saturday to Monday
        # Monday 01:00 in UTC is still Sunday evening in New York.
        (datetime(2026, 11, 9, 1, tzinfo=UTC), 1, (2026, 11, 9)),
    ],
)
def test_promises_count_business_days_in_the_zone_of_the_organisation(
    submitted: datetime, days: int, day: tuple[int, int, int]
) -> None:
    due = promised_by(submitted, days, NEW_YORK).astimezone(NEW_YORK)
    assert (due.year, due.month, due.day) == day
    assert (due.hour, due.minute) == (23, 59)


def test_the_last_day_of_the_window_has_no_whole_day_left_and_the_next_is_over() -> None:
    started = datetime(2026, 1, 1, 12, tzinfo=UTC)
    assert days_left(started, 10, datetime(2026, 1, 1, 12, tzinfo=UTC)) == 10
    assert days_left(started, 10, datetime(2026, 1, 11, 11, tzinfo=UTC)) == 0
    assert days_left(started, 10, datetime(2026, 1, 11, 13, tzinfo=UTC)) == -1


def test_the_name_is_found_whatever_its_case_and_accents() -> None:
    leaks = find_leaks(names_of("Zoë", "Núñez"), [("A1", "text", "I, ZOE nunez, did this.")])
    assert [leak.word for leak in leaks] == ["ZOE", "nunez"]


def test_the_name_is_found_in_the_name_of_a_file_and_in_a_possessive() -> None:
    leaks = find_leaks(names_of("Nadia", "Okafor"), [("A1", "file", "okafor_2026-plan.pdf"), ("A2", "text", "Nadia's")])
    assert [(leak.part_id, leak.where) for leak in leaks] == [("A1", "file"), ("A2", "text")]


def test_a_name_inside_another_word_is_no_leak() -> None:
    assert find_leaks(names_of("Ann", "Lee"), [("A1", "text", "We planned the sleeve.")]) == []


def test_names_of_one_or_two_letters_are_not_looked_for() -> None:
    assert names_of("Li", "Wei", None) == ("Wei",)
    assert find_leaks((), [("A1", "text", "anything")]) == []


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\nadia\\plan.docx", "plan.docx"),
        ('a"b<c>.pdf', "a_b_c_.pdf"),
        ("new\r\nline.pdf", "newline.pdf"),
        ("  .. ", "file"),
        ("", "file"),
        ("\u202egpj.exe", "gpj.exe"),
    ],
)
def test_file_names_keep_only_what_is_safe_to_show(given_name: str, shown: str) -> None:
    assert clean_name(given_name) == shown


def test_a_long_file_name_keeps_its_ending() -> None:
    name = clean_name("x" * 400 + ".pdf")
    assert len(name) == 120
    assert name.endswith(".pdf")


@given(st.text(max_size=300))
def test_no_file_name_becomes_a_path_or_a_header(name: str) -> None:
    cleaned = clean_name(name)
    assert cleaned
    assert not set(cleaned) & set('/\\\r\n\0"')
    assert len(cleaned) <= 120
    assert clean_name(cleaned) == cleaned
