"""How an outcome is said: to the learner in the gradebook, to the assessor, and when it is due."""

from collections.abc import Iterator

import pytest
from flask import Flask

from lti_mcred.grading.rubric import Given, Judgement, judge
from lti_mcred.grading.words import (
    COMMENT_LIMIT,
    due_kind,
    due_words,
    gradebook_comment,
    next_sentence,
    outcome_sentence,
    profile_sentence,
)
from tests.unit.test_grading_rubric import marks, rubric


@pytest.fixture
def words(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def _mixed(comment: str = "Say what could go wrong.") -> Judgement:
    return judge(rubric(), {"R0": Given("best", "Clear."), "R1": Given("some", comment)})


@pytest.mark.usefixtures("words")
def test_the_gradebook_reads_the_outcome_first_and_the_next_step_last() -> None:
    lines = gradebook_comment(_mixed()).splitlines()
    assert lines[0] == "You are on the way: 1 of 2 criteria are met. It is not earned yet."
    assert lines[2] == "✓ Criterion R0: Best. Clear."
    assert lines[3] == "○ Criterion R1: Some, not met yet. Say what could go wrong."
    assert lines[-1] == "Next: open the activity to revise the part that is not met. What is met stays met."


@pytest.mark.usefixtures("words")
def test_an_earned_comment_says_so() -> None:
    judged = judge(rubric(), marks(R0="good", R1="best"))
    assert gradebook_comment(judged).startswith("You earned it: 2 of 2 criteria are met.")
    assert next_sentence(judged) == "Next: open the activity to see your badge."


@pytest.mark.usefixtures("words")
def test_nothing_met_is_said_kindly() -> None:
    judged = judge(rubric(), marks(R0="none", R1="some"))
    assert outcome_sentence(judged) == "This is not earned yet. The feedback shows where to begin; you can try again."


@pytest.mark.usefixtures("words")
def test_a_line_break_in_a_comment_does_not_break_the_line_of_a_criterion() -> None:
    assert "○ Criterion R1: Some, not met yet. one two" in gradebook_comment(_mixed("one\n\ntwo")).splitlines()


@pytest.mark.usefixtures("words")
def test_a_percent_sign_in_a_comment_is_only_a_percent_sign() -> None:
    assert "100 %(level)s %s" in gradebook_comment(_mixed("100 %(level)s %s"))


@pytest.mark.usefixtures("words")
@pytest.mark.parametrize("length", [3_000, 5_000, 100_000])
def test_a_long_comment_is_cut_and_outcome_and_next_step_stay(length: int) -> None:
    text = gradebook_comment(_mixed("word " * (length // 5)))
    assert len(text) <= COMMENT_LIMIT
    assert text.startswith("You are on the way")
    assert text.endswith("What is met stays met.")
    assert ("The whole feedback is in the activity." in text) is (length > 3_000)


@pytest.mark.usefixtures("words")
def test_even_a_tiny_gradebook_gets_the_outcome() -> None:
    text = gradebook_comment(_mixed("word " * 50), limit=60)
    assert len(text) == 60
    assert text.startswith("You are on the way: 1 of 2")


@pytest.mark.usefixtures("words")
def test_the_assessor_reads_which_criteria_decide() -> None:
    assert profile_sentence(_mixed()) == "By the rule this is not yet earned. Not met: Criterion R1."
    few = judge(rubric(required=1, optional=1, n_of_optional=1), marks(R0="good", O0="some"))
    assert profile_sentence(few) == "By the rule this is not yet earned: too few optional criteria are met."
    assert profile_sentence(judge(rubric(), marks(R0="good", R1="good"))) == "By the rule this is earned."


@pytest.mark.usefixtures("words")
@pytest.mark.parametrize(
    ("days", "said", "kind"),
    [
        (-2, "2 days late", "attention"),
        (-1, "1 day late", "attention"),
        (0, "Due today", "attention"),
        (1, "Due tomorrow", "waiting"),
        (7, "Due in 7 days", "waiting"),
        (8, "Due in 8 days", "plain"),
    ],
)
def test_due_days_are_said_in_words(days: int, said: str, kind: str) -> None:
    assert (due_words(days), due_kind(days)) == (said, kind)
