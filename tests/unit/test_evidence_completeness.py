"""What stands between a draft and handing it in."""

import pytest

from lti_mcred.catalog.definition import ArtifactSpec, Definition, Prompt
from lti_mcred.evidence.completeness import (
    AI_NOTE_LIMIT,
    FileShown,
    PartShown,
    Statement,
    count_words,
    gaps_of_part,
    gaps_of_statement,
    gaps_of_work,
    open_parts_of,
    part_state,
)
from tests import factories

SITE_MB = 500
PDF = FileShown(frozenset({"pdf"}), 1000, "form.pdf")
PROMPT = Prompt.model_validate({"id": "ctx", "prompt": "Describe it.", "words": {"min": 3, "max": 5}})
REFLECTION = Prompt.model_validate(
    {"id": "refl", "prompt": "Look back.", "words": {"min": 3, "max": 5}, "alternatives": ["audio up to 3 minutes"]}
)


def artefact(**given: object) -> ArtifactSpec:
    values = {"id": "A1", "title": "First", "instructions": "The form.", "accept": ["pdf"], "max_files": 2, **given}
    return ArtifactSpec.model_validate(values)


def codes(spec: Prompt | ArtifactSpec, shown: PartShown) -> list[str]:
    return [gap.code for gap in gaps_of_part(spec, shown, SITE_MB)]


@pytest.fixture
def definition() -> Definition:
    return factories.example()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["empty"]),
        ("   \n ", ["empty"]),
        ("one two", ["too_short"]),
        ("one two three", []),
        ("one two three four five", []),
        ("one two three four five six", ["too_long"]),
    ],
)
def test_word_limits_of_a_question_hold_at_both_ends(text: str, expected: list[str]) -> None:
    assert codes(PROMPT, PartShown(text)) == expected


def test_a_required_artefact_without_anything_is_empty() -> None:
    assert codes(artefact(), PartShown()) == ["empty"]


def test_an_optional_artefact_may_stay_empty() -> None:
    assert codes(artefact(required=False), PartShown()) == []


def test_an_optional_artefact_that_was_begun_is_held_to_the_rules() -> None:
    assert codes(artefact(required=False), PartShown(files=(PDF,))) == ["gate"]


def test_an_artefact_with_its_file_and_an_answered_gate_is_ready() -> None:
    assert codes(artefact(), PartShown(files=(PDF,), others="no")) == []


def test_a_note_alone_is_no_artefact() -> None:
    assert codes(artefact(), PartShown("see page two", others="no")) == ["only_note"]


def test_text_is_the_artefact_where_text_is_accepted_and_then_word_limits_hold() -> None:
    spec = artefact(accept=["pdf", "text"], words={"min": 3, "max": 5})
    assert codes(spec, PartShown("one two three", others="no")) == []
    assert codes(spec, PartShown("one two", others="no")) == ["too_short"]


def test_a_note_beside_a_file_is_free_of_word_limits() -> None:
    spec = artefact(accept=["pdf", "text"], words={"min": 3, "max": 5})
    assert codes(spec, PartShown("one", files=(PDF,), others="no")) == []


def test_the_privacy_gate_has_to_be_answered() -> None:
    assert codes(artefact(), PartShown(files=(PDF,))) == ["gate"]
    assert codes(artefact(), PartShown(files=(PDF,), others="maybe")) == ["gate"]


def test_consent_has_to_name_the_form_that_is_held() -> None:
    assert codes(artefact(), PartShown(files=(PDF,), others="consent", note=" ")) == ["consent_note"]
    assert codes(artefact(), PartShown(files=(PDF,), others="consent", note="media form 2026")) == []


def test_a_question_answered_in_text_needs_no_gate_but_a_recording_does() -> None:
    sound = FileShown(frozenset({"audio"}), 10, "talk.mp3")
    assert codes(REFLECTION, PartShown("one two three")) == []
    assert codes(REFLECTION, PartShown(alternative=0, files=(sound,))) == ["gate"]
    assert codes(REFLECTION, PartShown(alternative=0, files=(sound,), others="no")) == []


def test_too_many_files_wrong_kinds_and_sizes_are_all_named_at_once() -> None:
    big = FileShown(frozenset({"image"}), 21 * 1024 * 1024, "photo.png")
    found = codes(artefact(), PartShown(files=(PDF, PDF, big), others="no"))
    assert found == ["too_many", "wrong_kind", "too_big"]


def test_the_limit_of_the_installation_holds_below_the_limit_of_the_definition() -> None:
    spec = artefact(max_mb_each=1000)
    file = FileShown(frozenset({"pdf"}), 6 * 1024 * 1024, "long.pdf")
    gaps = gaps_of_part(spec, PartShown(files=(file,), others="no"), 5)
    assert [(gap.code, gap.values["limit"]) for gap in gaps] == [("too_big", 5)]


def test_a_link_counts_where_links_are_accepted_and_nowhere_else() -> None:
    shown = PartShown(links=("https://example.org/a",), others="no")
    assert codes(artefact(accept=["pdf", "link"]), shown) == []
    assert codes(artefact(), shown) == ["no_links"]


def test_an_alternative_takes_other_kinds_as_equal() -> None:
    spec = artefact(accept=["video"], alternatives=["Audio with the task sheets."])
    files = (FileShown(frozenset({"audio"}), 10, "talk.mp3"), PDF)
    assert codes(spec, PartShown(files=files, alternative=0, others="no")) == []
    assert codes(spec, PartShown(files=files, others="no")) == ["wrong_kind", "wrong_kind"]


@pytest.mark.parametrize(
    ("shown", "state"),
    [
        (PartShown(), "empty"),
        (PartShown("one two"), "draft"),
        (PartShown("one two three"), "ready"),
        (PartShown("one two three four five six"), "problem"),
    ],
)
def test_a_part_says_how_far_it_is(shown: PartShown, state: str) -> None:
    assert part_state(PROMPT, shown, SITE_MB) == state


def test_words_are_counted_between_hyphens_too() -> None:
    assert count_words("  one\ttwo\n\nthree-four  ") == 4


def test_gaps_of_the_whole_work_come_in_the_order_of_the_page(definition: Definition) -> None:
    every = [spec.id for spec in definition.all_parts()]
    gaps = gaps_of_work(definition, {}, every, SITE_MB)
    assert [gap.part_id for gap in gaps] == every


def test_parts_that_are_closed_are_not_asked_for(definition: Definition) -> None:
    assert gaps_of_work(definition, {}, (), SITE_MB) == []


def test_a_first_try_opens_every_part(definition: Definition) -> None:
    assert open_parts_of(definition, ()) == tuple(spec.id for spec in definition.all_parts())


def test_a_later_try_opens_only_parts_of_criteria_that_are_not_met(definition: Definition) -> None:
    # C2 is proved by A1 and A2, C4 by A3.
    assert open_parts_of(definition, ("C1", "C3", "C5")) == ("A1", "A2", "A3")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (Statement(), ["own_work", "ai_use"]),
        (Statement(True, "none"), []),
        (Statement(True, "robots"), ["ai_use"]),
        (Statement(True, "other", "  "), ["ai_note"]),
        (Statement(True, "other", "to check numbers"), []),
        (Statement(False, "wording"), ["own_work"]),
        (Statement(True, "wording", "x" * AI_NOTE_LIMIT), []),
        (Statement(True, "wording", "x" * (AI_NOTE_LIMIT + 1)), ["ai_note_long"]),
    ],
)
def test_the_statement_has_to_be_whole(definition: Definition, statement: Statement, expected: list[str]) -> None:
    assert [gap.code for gap in gaps_of_statement(definition, statement)] == expected


def test_the_ai_statement_may_be_left_out_where_it_is_not_required(definition: Definition) -> None:
    rules = definition.assessment.model_copy(update={"ai_statement_required": False})
    free = definition.model_copy(update={"assessment": rules})
    assert gaps_of_statement(free, Statement(own_work=True)) == []
