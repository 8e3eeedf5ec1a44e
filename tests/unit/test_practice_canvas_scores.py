"""The practice LMS, Canvas temperament: what a score post does, row by row, and which posts are refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lti_mcred.practice.temperaments.canvas.score_rules import (
    Cell,
    Effect,
    apply,
    attempts_used_up,
    find_fault,
    read_post,
)

Json = dict[str, Any]
TABLE = json.loads((Path(__file__).parents[1] / "fixtures/practice/canvas-score-effects.json").read_text())
EXT = "https://canvas.instructure.com/lti/submission"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
BEFORE = Cell(
    score=12.0,
    state="graded",
    attempt=1,
    graded_attempt=1,
    submitted_at=NOW - timedelta(days=1),
    submission_type="external_tool",
    grader="tool",
)


def body(**members: Any) -> Json:
    found = {
        "userId": "u-1",
        "timestamp": "2026-11-23T10:00:00.113Z",
        "activityProgress": "Completed",
        "gradingProgress": "FullyGraded",
        "scoreGiven": 17,
        "scoreMaximum": 20,
        **members,
    }
    return {name: value for name, value in found.items() if value is not ...}


def after(given: Json, before: Cell = BEFORE, **options: Any) -> Effect:
    settings: Json = {"main_item": True, "item_maximum": 20.0, "now": NOW, **options}
    return apply(read_post(given), before, **settings)


def row_name(row: Json) -> str:
    flags = "+".join(f"{name}={value}" for name, value in row["ext"].items()) or "plain"
    return f"{row['activity']}-{row['grading']}-{'score' if row['score'] else 'no score'}-{flags}"


@pytest.mark.parametrize("row", TABLE, ids=row_name)
def test_a_score_post_does_what_the_table_of_canvas_says(row: Json) -> None:
    given = body(activityProgress=row["activity"], gradingProgress=row["grading"], **{EXT: row["ext"]})
    if not row["score"]:
        del given["scoreGiven"], given["scoreMaximum"]
    effect = after(given)
    assert effect.cell.attempt == BEFORE.attempt + (1 if row["attempt"] == "+1" else 0)
    word = row["grade"].split(" ")[0]
    only_if_none = row["grade"] == "written only if none exists"
    expected = {"CLEARED": None, "kept": 12.0, "written": 12.0 if only_if_none else 17.0}[word]
    assert effect.cell.score == expected
    assert effect.cell.state == (BEFORE.state if row["state"] == "as before" else row["state"])


def test_prioritize_non_tool_grade_writes_where_no_grade_exists() -> None:
    given = body(**{EXT: {"new_submission": False, "prioritize_non_tool_grade": True}})
    assert after(given, Cell(attempt=1)).cell.score == 17.0


def test_prioritize_non_tool_grade_does_not_protect_against_clearing() -> None:
    given = body(gradingProgress="Pending", **{EXT: {"prioritize_non_tool_grade": True}})
    assert after(given).cell.score is None


def test_a_score_is_scaled_to_the_line_item() -> None:
    assert after(body(scoreGiven=5, scoreMaximum=10)).cell.score == 10.0


def test_a_maximum_of_zero_leaves_the_score_unscaled() -> None:
    assert after(body(scoreGiven=5, scoreMaximum=0), item_maximum=0.0).cell.score == 5.0


def test_the_same_submission_time_again_makes_no_new_attempt() -> None:
    stamp = "2026-11-22T10:00:00Z"
    assert after(body(submission={"submittedAt": stamp})).cell.attempt == BEFORE.attempt


def test_a_kept_grade_belongs_to_the_older_attempt() -> None:
    given = body(
        activityProgress="Submitted",
        gradingProgress="PendingManual",
        scoreGiven=...,
        scoreMaximum=...,
        **{EXT: {"preserve_score": True}},
    )
    cell = after(given).cell
    assert (cell.attempt, cell.graded_attempt, cell.score) == (2, 1, 12.0)


def test_a_launch_link_without_its_address_leaves_the_state_unsubmitted() -> None:
    given = body(
        activityProgress="Submitted",
        gradingProgress="NotReady",
        **{EXT: {"submission_type": "basic_lti_launch", "preserve_score": True}},
    )
    cell = after(given, Cell()).cell
    assert (cell.state, cell.submitted_at) == ("unsubmitted", NOW)


def test_files_make_it_an_upload_whatever_type_was_sent() -> None:
    files = [{"type": "file", "url": "https://tool.example.edu/e.pdf"}, {"type": "link"}]
    given = body(**{EXT: {"submission_type": "none", "content_items": files}})
    cell = after(given).cell
    assert (cell.submission_type, cell.attempt) == ("online_upload", 2)


def test_an_unknown_submission_type_is_not_set_but_counts() -> None:
    cell = after(body(**{EXT: {"submission_type": "carrier_pigeon"}})).cell
    assert (cell.submission_type, cell.attempt) == (None, 2)


def test_a_further_line_item_leaves_the_submission_alone() -> None:
    effect = after(body(comment="Well done"), main_item=False)
    assert effect == Effect(BEFORE, "kept", False, False)


def test_a_comment_is_kept_even_when_the_grade_is_not_touched() -> None:
    assert after(body(comment="Look again", **{EXT: {"preserve_score": True}})).comment


def test_in_older_versions_every_post_is_an_attempt() -> None:
    given = body(activityProgress="Started", gradingProgress="NotReady")
    assert after(given).cell.attempt == 1
    assert after(given, every_post_is_an_attempt=True).cell.attempt == 2


@pytest.mark.parametrize("activity", ["Initialized", "Started", "InProgress"])
@pytest.mark.parametrize("before", [Cell(), BEFORE], ids=["nothing there", "graded"])
def test_only_what_is_handed_in_needs_grading(activity: str, before: Cell) -> None:
    for extension in ({}, {"preserve_score": True}, {"new_submission": False}):
        given = body(activityProgress=activity, gradingProgress="PendingManual", **{EXT: extension})
        assert after(given, before).cell.state != "pending_review"


def test_full_attempts_refuse_even_a_started_post() -> None:
    assert attempts_used_up(read_post(body(activityProgress="Started")), BEFORE, 1)


@pytest.mark.parametrize(
    "given",
    [body(**{EXT: {"new_submission": False}}), body(submission={"submittedAt": "2026-11-22T10:00:00Z"})],
    ids=["a regrade", "the same submission time"],
)
def test_full_attempts_let_through_what_adds_none(given: Json) -> None:
    assert not attempts_used_up(read_post(given), BEFORE, 1)


@pytest.mark.parametrize("allowed", [None, -1, 2])
def test_attempts_without_a_limit_or_below_it_are_free(allowed: int | None) -> None:
    assert not attempts_used_up(read_post(body()), BEFORE, allowed)


STORED = datetime(2026, 11, 24, 8, 2, 11, 900000, tzinfo=UTC)
LATE = "2026-11-23T10:15:20.113Z"


def told(given: Json, **options: Any) -> tuple[int, str] | None:
    settings: Json = {"stored": None, "item_maximum": 20.0, "published": True, "now": NOW, **options}
    wrong = find_fault(given, **settings)
    return (wrong.status, wrong.message) if wrong else None


@pytest.mark.parametrize(
    ("given", "options", "answer"),
    [
        (body(activityProgress=...), {}, (400, "activityProgress is missing")),
        (body(timestamp=...), {}, (400, "timestamp is missing")),
        (body(), {"published": False}, (422, "This assignment is still unpublished")),
        (body(timestamp="yesterday-ish"), {}, (400, "Provided timestamp of yesterday-ish not a valid timestamp")),
        (
            body(timestamp=LATE),
            {"stored": STORED},
            (400, f"Provided timestamp of {LATE} before last updated timestamp of 2026-11-24T08:02:11.900Z"),
        ),
        (body(scoreMaximum=...), {}, (422, "ScoreMaximum not supplied when ScoreGiven present.")),
        (body(scoreMaximum=-1), {}, (422, "ScoreMaximum must be greater than or equal to 0")),
        (body(scoreMaximum=0), {}, (422, "cannot be zero if line item's maximum is not zero")),
        (body(scoreGiven=-1), {}, (422, "ScoreGiven must be greater than or equal to 0")),
        (
            body(submission={"submittedAt": "asdf"}),
            {},
            (400, "Provided submitted_at timestamp of asdf not a valid timestamp"),
        ),
        (
            body(submission={"submittedAt": "2026-11-23T10:02:00Z"}),
            {},
            (400, "Provided submitted_at timestamp of 2026-11-23T10:02:00Z in the future"),
        ),
        (
            body(**{EXT: {"submission_type": "online_upload"}}),
            {},
            (422, "Content items must be provided with submission type 'online_upload'"),
        ),
        (body(gradingProgress="Sometime"), {}, (422, "grading_progress")),
    ],
)
def test_a_faulty_post_is_refused_in_the_words_of_canvas(given: Json, options: Json, answer: tuple[int, str]) -> None:
    assert told(given, **options) == answer


def test_the_checks_come_in_the_order_of_canvas() -> None:
    """Everything is wrong at once; each repair uncovers the next refusal."""
    given = body(
        activityProgress=...,
        timestamp="soon",
        scoreGiven=-1,
        scoreMaximum=-1,
        submission={"submittedAt": "asdf"},
        **{EXT: {"submission_type": "online_upload"}},
    )
    seen = [told(given, published=False)]
    given["activityProgress"] = "Completed"
    seen.append(told(given, published=False))
    repairs = (
        {},
        {"timestamp": LATE},
        {"scoreMaximum": 20},
        {"scoreGiven": 1},
        {"submission": {}},
        {EXT: {}},
    )
    for repair in repairs:
        given.update(repair)
        seen.append(told(given))
    assert [answer[1].split(" ")[0] if answer else None for answer in seen] == [
        "activityProgress",
        "This",
        "Provided",
        "ScoreMaximum",
        "ScoreGiven",
        "Provided",
        "Content",
        None,
    ]


@pytest.mark.parametrize(
    "given",
    [body(timestamp="2026-11-23 10:00:00 +0000"), body(scoreGiven=25), body(scoreGiven="17")],
    ids=["readable time", "over the maximum", "a number as text"],
)
def test_canvas_accepts_these_on_purpose(given: Json) -> None:
    assert told(given) is None


def test_an_equal_timestamp_is_accepted() -> None:
    assert told(body(timestamp="2026-11-24T08:02:11.900Z"), stored=STORED) is None
