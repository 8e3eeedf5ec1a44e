"""Whether a new try differs from the one before: in what an assessor reads, not in how it was written or sent."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lti_mcred.evidence.unchanged import content_of, is_unchanged, says_why, shown_of


@dataclass(frozen=True)
class Item:
    """A file or a link."""

    kind: str = "file"
    sha256: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Answer:
    """A part as it is stored."""

    part_id: str = "A1"
    text: str = "A plan"
    alternative: int | None = None
    privacy: dict[str, Any] | None = None
    artefacts: tuple[Item, ...] = field(default=(Item("file", "aa"), Item("link", url="https://a.example/x")))


SAME = [
    {"text": " A\n plan "},
    {"text": "A\u00ad pl\u200ban"},
    {"artefacts": (Item("link", url="HTTPS://A.example/x"), Item("file", "aa"), Item("file", "aa"))},
    {"privacy": {}},
    {"privacy": {"note": ""}},
]
OTHER = [
    {"text": "A plan."},
    {"text": "a plan"},
    {"alternative": 0},
    {"privacy": {"others": "yes"}},
    {"privacy": {"note": "my sister"}},
    {"artefacts": (Item("file", "aa"),)},
    {"artefacts": (Item("file", "bb"), Item("link", url="https://a.example/x"))},
    {"artefacts": (Item("file", "aa"), Item("link", url="https://a.example/X"))},
    {"artefacts": (Item("file", "aa"), Item("link", url="https://[::1"))},
]


@pytest.mark.parametrize("change", SAME, ids=range(len(SAME)))
def test_what_looks_the_same_is_the_same(change: dict[str, Any]) -> None:
    assert is_unchanged([Answer()], [replace(Answer(), **change)], ["A1"])


@pytest.mark.parametrize("change", OTHER, ids=range(len(OTHER)))
def test_what_an_assessor_sees_differ_is_a_change(change: dict[str, Any]) -> None:
    assert not is_unchanged([Answer()], [replace(Answer(), **change)], ["A1"])


def test_only_parts_that_were_open_count() -> None:
    new = Answer("A2", "something else")
    assert is_unchanged([Answer()], [Answer(), new], ["A1"])
    assert not is_unchanged([Answer()], [Answer(), new], ["A1", "A2"])
    assert is_unchanged([], [], ["A1"])


def test_an_address_without_a_path_is_that_of_the_front_page() -> None:
    bare, front = (
        replace(Answer(), artefacts=(Item("link", url=url),)) for url in ("https://a.example", "https://a.example/")
    )
    assert content_of(bare) == content_of(front)
    assert shown_of(bare)["artefacts"] == [("link", "https://a.example/")]


def test_accents_count_however_they_are_encoded() -> None:
    assert content_of(replace(Answer(), text="é")) == content_of(replace(Answer(), text="e\u0301"))


def test_what_is_not_there_yet_is_nothing() -> None:
    assert shown_of(replace(Answer(), artefacts=(Item("file"), Item("link"))))["artefacts"] == [
        ("file", ""),
        ("link", "/"),
    ]


def test_an_assessor_reads_no_answer_about_other_people() -> None:
    assert shown_of(replace(Answer(), privacy={"others": "yes"})) == shown_of(Answer())


@pytest.mark.parametrize(("words", "is_one"), [("", False), ("I changed it", False), ("I changed the plan", True)])
def test_a_sentence_has_four_words(words: str, is_one: bool) -> None:
    assert says_why(words) is is_one
