"""The rule: what is met, what is earned, what is missing, and how it is said."""

import itertools
from collections.abc import Iterator

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.catalog.definition import Rubric
from lti_mcred.grading.rubric import Given, Judgement, judge, locked_ids, points_of
from lti_mcred.grading.words import (
    COMMENT_LIMIT,
    due_kind,
    due_words,
    gradebook_comment,
    next_sentence,
    outcome_sentence,
    profile_sentence,
)

LEVELS = ("none", "some", "good", "best")


def rubric(required: int = 2, optional: int = 0, n_of_optional: int = 0, level: str = "good") -> Rubric:
    ids = [f"R{n}" for n in range(required)] + [f"O{n}" for n in range(optional)]
    return Rubric.model_validate(
        {
            "levels": [
                {"id": one, "label": one.title(), "passing": LEVELS.index(one) >= LEVELS.index(level)} for one in LEVELS
            ],
            "pass_rule": {"type": "all_criteria", "level": level, "n_of_optional": n_of_optional},
            "criteria": [
                {
                    "id": one,
                    "title": f"Criterion {one}",
                    "artifacts": ["A1"],
                    "required": one.startswith("R"),
                    "descriptors": {each: f"{one} at {each}" for each in LEVELS},
                }
                for one in ids
            ],
        }
    )


def marks(**levels: str | None) -> dict[str, Given]:
    return {key: Given(level, "because") for key, level in levels.items()}


@pytest.fixture
def words(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize("levels", list(itertools.product(LEVELS, repeat=2)))
def test_earned_exactly_when_every_required_criterion_passes(levels: tuple[str, str]) -> None:
    judged = judge(rubric(), marks(R0=levels[0], R1=levels[1]))
    assert judged.outcome == ("earned" if set(levels) <= {"good", "best"} else "not_yet")


@pytest.mark.parametrize("passing", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_criterion_is_met_at_the_rules_level_and_above(passing: str, level: str) -> None:
    judged = judge(rubric(required=1, level=passing), marks(R0=level))
    assert bool(judged.met) is (LEVELS.index(level) >= LEVELS.index(passing))


@pytest.mark.parametrize("needed", [0, 1, 2, 3])
@pytest.mark.parametrize("passed", [0, 1, 2, 3])
def test_that_many_optional_criteria_are_needed(needed: int, passed: int) -> None:
    given_marks = marks(R0="good", **{f"O{n}": "good" if n < passed else "some" for n in range(3)})
    judged = judge(rubric(required=1, optional=3, n_of_optional=needed), given_marks)
    assert judged.outcome == ("earned" if passed >= needed else "not_yet")


def test_optional_criteria_never_make_up_for_a_required_one() -> None:
    judged = judge(rubric(required=1, optional=2), marks(R0="some", O0="best", O1="best"))
    assert judged.outcome == "not_yet"


def test_there_is_no_outcome_while_a_level_is_missing() -> None:
    judged = judge(rubric(), marks(R0="best"))
    assert judged.outcome is None
    assert [one.criterion.id for one in judged.without_level] == ["R1"]
    assert not judged.complete


def test_a_level_that_the_rubric_does_not_know_counts_as_missing() -> None:
    judged = judge(rubric(), marks(R0="best", R1="splendid"))
    assert [one.criterion.id for one in judged.without_level] == ["R1"]


@pytest.mark.parametrize("comment", ["", "   ", "\n"])
def test_below_passing_a_comment_is_owed(comment: str) -> None:
    judged = judge(rubric(), {"R0": Given("good"), "R1": Given("some", comment)})
    assert [one.criterion.id for one in judged.without_comment] == ["R1"]
    assert not judged.complete


def test_a_met_criterion_may_go_without_a_comment() -> None:
    assert judge(rubric(), {"R0": Given("good"), "R1": Given("best")}).complete


def test_a_locked_criterion_stands_whatever_the_marks_say() -> None:
    judged = judge(rubric(), marks(R0="none", R1="good"), {"R0": {"level": "good", "comment": "met before"}})
    assert judged.outcome == "earned"
    assert judged.criteria[0].locked
    assert judged.criteria[0].comment == "met before"


@pytest.mark.parametrize("lock", [{"level": "some"}, {"level": "gone"}, {}, "nonsense", None])
def test_a_lock_that_is_not_passing_is_void(lock: object) -> None:
    judged = judge(rubric(), marks(R1="good"), {"R0": lock})
    assert judged.outcome is None
    assert locked_ids(judged.rubric, {"R0": lock}) == frozenset()


def test_a_lock_of_an_unknown_criterion_is_no_criterion() -> None:
    judged = judge(rubric(), marks(R0="good", R1="good"), {"R9": {"level": "good"}})
    assert len(judged.criteria) == 2
    assert locked_ids(judged.rubric, {"R9": {"level": "good"}}) == frozenset()


@given(
    levels=st.lists(st.sampled_from([*LEVELS, None]), min_size=5, max_size=5),
    locks=st.lists(st.sampled_from([*LEVELS, None]), min_size=5, max_size=5),
    needed=st.integers(0, 2),
)
def test_the_rule_agrees_with_its_sentence(levels: list[str | None], locks: list[str | None], needed: int) -> None:
    one = rubric(required=3, optional=2, n_of_optional=needed)
    ids = [criterion.id for criterion in one.criteria]
    locked = {key: {"level": level} for key, level in zip(ids, locks, strict=True) if level}
    judged = judge(one, {key: Given(level) for key, level in zip(ids, levels, strict=True)}, locked)
    passing = {"good", "best"}
    final = [lock if lock in passing else level for level, lock in zip(levels, locks, strict=True)]
    if None in final:
        assert judged.outcome is None
    else:
        met = [level in passing for level in final]
        assert judged.outcome == ("earned" if all(met[:3]) and sum(met[3:]) >= needed else "not_yet")
    assert points_of(judged).given == len(judged.met) <= points_of(judged).maximum == 5
    assert {row.criterion.id for row in (*judged.met, *judged.unmet)} == set(ids)


@given(levels=st.lists(st.sampled_from(LEVELS), min_size=3, max_size=3), position=st.integers(0, 2))
def test_a_better_level_never_turns_earned_into_not_yet(levels: list[str], position: int) -> None:
    one = rubric(required=3)
    before = judge(one, marks(R0=levels[0], R1=levels[1], R2=levels[2]))
    levels[position] = "best"
    after = judge(one, marks(R0=levels[0], R1=levels[1], R2=levels[2]))
    assert not (before.outcome == "earned" and after.outcome == "not_yet")


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
