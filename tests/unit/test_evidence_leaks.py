"""A learner's own name is found as she is known by it, and ordinary words are left alone."""

import unicodedata

import pytest

from lti_mcred.evidence.leaks import find_leaks, surest_first, wanted
from tests.doubling import assert_linear


def said(text: str, *names: str, email: str | None = None, user: str | None = None) -> list[str]:
    given_name, family_name = names
    looked_for = wanted(given_name, family_name, f"{given_name} {family_name}", email=email, user=user)
    return [leak.word for leak in find_leaks(looked_for, [("A1", "text", text)])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Nadia Okafor did this.", ["Nadia Okafor"]),
        ("OKAFOR, Nadia", ["OKAFOR, Nadia"]),
        ("by nadia", ["nadia"]),
        ("https://files.example/~nokafor/plan", ["nokafor"]),
        ("Write to nokafor@college.example", ["nokafor@college.example"]),
        ("We planned the canadian sleeve.", []),
        ("I asked Nadia. Okafor agreed.", ["Nadia", "Okafor"]),
        ("Nadia - - - Okafor", ["Nadia", "Okafor"]),
    ],
)
def test_a_learner_is_known_by_her_names_in_any_order_and_by_her_address(text: str, found: list[str]) -> None:
    assert said(text, "Nadia", "Okafor", email="nokafor@college.example") == found


@pytest.mark.parametrize(("user", "found"), [("nokafor7", ["nokafor7"]), ("student", []), ("9f8a", [])])
def test_a_user_id_counts_when_it_is_one_that_people_know(user: str, found: list[str]) -> None:
    assert said(f"The student {user} of 9f8a", "Nadia", "Okafor", user=user) == found


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        ("Will you help? I will. Willpower.", ("Will", "An"), []),
        ("An apple, then. An hour.", ("Will", "An"), []),
        ("This is by Will, in class two.", ("Will", "An"), ["Will"]),
        ("will an", ("Will", "An"), ["will an"]),
        ("In May we met. In may.", ("May", "Li"), []),
        ("Written by Li May.", ("May", "Li"), ["Li May"]),
        ("WILL THE PLAN WORK", ("Will", "An"), []),
        ("\u6211\u662f\u738b\u5c0f\u660e\u3002", ("\u5c0f\u660e", "\u738b"), ["\u5c0f\u660e"]),
    ],
)
def test_an_ordinary_word_counts_only_where_it_is_written_as_a_name(
    text: str, names: tuple[str, str], found: list[str]
) -> None:
    assert said(text, *names) == found


def test_the_surest_place_comes_first() -> None:
    looked_for = wanted("Nadia", "Okafor", None, email=None, user=None)
    texts = [("A1", place, "Nadia") for place in ("kept", "inside", "link", "statement", "text")]
    assert [leak.where for leak in surest_first(find_leaks(looked_for, texts))] == [
        "text", "statement", "link", "inside", "kept",
    ]  # fmt: skip


def test_looking_for_names_takes_time_in_proportion_to_the_text() -> None:
    looked_for = wanted("Nadia", "Okafor", "Nadia Okafor", email="n@x.example", user="nokafor1")
    for unit in ("Nadia ", "a-", "n.@", "Nadia, Nadia Okafo ", "'"):
        assert_linear(
            lambda text: find_leaks(looked_for, [("A1", "text", text)]),
            lambda size, unit=unit: unit * (size // len(unit)),
        )


@pytest.mark.parametrize(
    ("text", "names", "found"),
    [
        (unicodedata.normalize("NFD", "Nádia wrote this"), ("Nádia", "Okafor"), ["Nádia"]),
        ("by Na\u00addia and N\u200badia", ("Nadia", "Okafor"), ["Nadia"]),
        ("by राहुल", ("राहुल", "शर्मा"), ["राहुल"]),
        ("by Soren Oster", ("Søren", "Øster"), ["Soren Oster"]),
        ("by Lukasz", ("Łukasz", "Żak"), ["Lukasz"]),
        ("by Mueller", ("Jürgen", "Müller"), ["Mueller"]),
        ("by O\u2019Brien", ("Sean", "O'Brien"), ["O\u2019Brien"]),
        ("by OBrien", ("Sean", "O\u2019Brien"), ["OBrien"]),
        ("by Marie Claire", ("Marie-Claire", "Dubois"), ["Marie Claire"]),
        ("by Jan van der Berg", ("Jan", "van der Berg"), ["Jan van der Berg"]),
        ("by van der Berg", ("Jan", "van der Berg"), ["van der Berg"]),
    ],
)
def test_a_name_is_known_however_it_is_spelled(text: str, names: tuple[str, str], found: list[str]) -> None:
    assert said(text, *names) == found
