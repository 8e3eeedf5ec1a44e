"""Words are counted as UAX #29 finds them; writing without spaces is counted by its signs."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.evidence.counting import count_words, tally
from tests.doubling import assert_linear

CASES = json.loads((Path(__file__).parents[1] / "fixtures/evidence/words.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("text", "words"), CASES)
def test_a_text_has_as_many_words_as_the_shared_table_says(text: str, words: int) -> None:
    assert count_words(text) == words


def test_two_signs_of_han_or_kana_are_a_word() -> None:
    assert count_words("私たちの学校で" * 63) == -(-7 * 63 // 2)
    assert tally("漢") == tally("か") == tally("ー")
    assert (tally("漢").words, tally("漢").signs, tally("漢").letters) == (1, True, False)


def test_four_letters_of_thai_and_its_kin_are_a_word_and_their_marks_are_none() -> None:
    for letter in "กກកကᥐᦀᨠ":
        assert [count_words(letter * number) for number in (1, 4, 5, 400)] == [1, 1, 2, 100]
    assert tally("ก็").letters
    assert count_words("กี่กี่กี่กี่") == count_words("กกกก") == 1


@given(st.text(), st.text())
def test_words_of_two_paragraphs_are_the_words_of_both(one: str, two: str) -> None:
    together, apart = count_words(f"{one}\n\n{two}"), count_words(one) + count_words(two)
    assert apart - 2 <= together <= apart  # an odd sign or an odd few letters at the end of both


@given(st.text())
def test_a_text_has_no_more_words_than_signs(text: str) -> None:
    assert 0 <= count_words(text) <= len(text)


@pytest.mark.parametrize("piece", ["word ", "a'", "\u0301", "漢"])
def test_counting_takes_time_in_proportion_to_the_text(piece: str) -> None:
    assert_linear(count_words, lambda size: piece * size)
