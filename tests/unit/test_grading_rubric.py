"""The rule: what is met, what is earned, what is missing."""

import itertools
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.catalog.definition import Rubric
from lti_mcred.grading import rubric as rules
from lti_mcred.grading.rubric import Given, Verdict, judge, locked_ids, points_of
from tests.frozen import loose

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


def test_what_the_rule_found_cannot_be_changed_afterwards() -> None:
    assert loose(rules) == []


def test_there_are_two_verdicts() -> None:
    assert get_args(Verdict) == ("earned", "not_yet")


def test_what_an_assessor_did_not_give_is_empty() -> None:
    assert Given() == Given(level=None, comment="", pointer="")
    untouched = judge(rubric(required=1), {}).criteria[0]
    assert (untouched.level, untouched.met, untouched.comment, untouched.pointer) == (None, False, "", "")


def test_comment_and_pointer_go_with_the_level() -> None:
    judged = judge(rubric(required=1), {"R0": Given("some", "Say who acts.", "02:10")}).criteria[0]
    assert (judged.comment, judged.pointer) == ("Say who acts.", "02:10")


def test_a_lock_without_a_comment_has_an_empty_one_and_no_pointer() -> None:
    judged = judge(rubric(required=1), {"R0": Given("none", "new", "01:00")}, {"R0": {"level": "best"}}).criteria[0]
    assert (judged.comment, judged.pointer, judged.locked) == ("", "", True)


def test_locks_that_hold_are_named_when_there_are_any() -> None:
    assert locked_ids(rubric(), {"R0": {"level": "good"}, "R1": {"level": "some"}}) == {"R0"}
    assert locked_ids(rubric(), None) == frozenset()


def test_a_criterion_says_the_words_of_its_level_and_of_the_level_that_passes() -> None:
    judged = judge(rubric(required=3, level="good"), marks(R0="best", R1="some"))
    assert [one.descriptor for one in judged.criteria] == ["R0 at best", "R1 at some", ""]
    assert [judged.wanted(one) for one in judged.criteria] == ["R0 at good", "R1 at good", "R2 at good"]


def test_no_comment_is_owed_where_no_level_is_given() -> None:
    judged = judge(rubric(), {"R0": Given("good"), "R1": Given(None, "")})
    assert judged.without_comment == ()
