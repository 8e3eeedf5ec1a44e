"""Definition files: the examples are good, and every mistake is named with line, field and cure."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_mcred.catalog.definition import STORED, Definition, version_key
from lti_mcred.catalog.yaml_file import DefinitionError, Place, check_again, parse_definition, read_definition
from lti_mcred.files import resource_dir
from tests.doubling import assert_linear

EXAMPLES = sorted(resource_dir("examples").glob("*.yaml"))
TEXT = (resource_dir("examples") / "cc-workforce-job-hazard-analysis.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_good_and_survive_a_round_trip(path):
    definition = read_definition(path)
    again = Definition.model_validate(definition.canonical())
    assert again == definition
    assert again.sha256() == definition.sha256()


def test_there_are_three_examples():
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize(
    ("was", "becomes", "field", "cure"),
    [
        ('version: "1.0.0"', "version: 1", "version", "Write text here."),
        ('version: "1.0.0"', 'version: "one"', "version", 'such as "1.0.0"'),
        ("title: Job Hazard Analysis for a Small Crew\nsummary", "summary", "title", "Add this field."),
        ("  turnaround_business_days: 7", "  turnaround_days: 7", "assessment.turnaround_days", "Check its spelling"),
        ("accept: [audio, video]", "accept: [audio, movie]", "submission.part_2_artifacts[2].accept[1]", "Use one of"),
        ("accept: [audio, video]", "accept: []", "submission.part_2_artifacts[2].accept", "Write at least 1."),
        ("max_files: 3", "max_files: many", "submission.part_2_artifacts[0].max_files", "Write a whole number here."),
        ("level: demonstrated}", "level: great}", "rubric", "is none of the levels"),
        ("passing: true}\n    - {id: extended", "passing: false}\n    - {id: extended", "rubric", "passing: true"),
        ("artifacts: [A3]", "artifacts: [A9]", "whole file", "which nobody hands in"),
        ("artifacts: [A4, A5]", "artifacts: [A4]", "whole file", "no criterion uses A5"),
        ("    - id: C2", "    - id: C1", "rubric", "criterion id C1 is used twice"),
        ("  mode: certified", "  mode: certified\n  mode: peer", "mode", "Keep one of them."),
        ("words: {min: 75, max: 200}", "words: {min: 300, max: 200}", "submission.part_1_overview[0].words", "swap"),
        ("extended: As Demonstrated, with", "extra: As Demonstrated, with", "rubric", "exactly one descriptor"),
        ("  mode: certified", "  mode: &m certified\n  adjudicate: *m", "assessment.adjudicate", "spelling"),
        ("title: Job Hazard", "title: [Job Hazard", "file", "indentation"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_line_field_and_cure(was, becomes, field, cure):
    assert was in TEXT
    broken = TEXT.replace(was, becomes, 1)
    with pytest.raises(DefinitionError) as caught:
        parse_definition(broken, "mine.yaml")
    faults = [fault for fault in caught.value.faults if fault.field == field]
    assert faults, str(caught.value)
    assert cure in str(faults[0])
    assert 1 <= faults[0].line <= broken.count("\n") + 1


def test_the_line_is_that_of_the_mistake():
    lines = TEXT.splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "max_mb_each: 1200" in line)
    with pytest.raises(DefinitionError, match=rf"mine\.yaml:{number}: submission\.part_2_artifacts\[2\]\.max_mb_each"):
        parse_definition(TEXT.replace("max_mb_each: 1200", "max_mb_each: 99999"), "mine.yaml")


def test_every_mistake_is_reported_at_once():
    broken = TEXT.replace('version: "1.0.0"', "version: 1").replace("max_files: 6", "max_files: 0")
    with pytest.raises(DefinitionError) as caught:
        parse_definition(broken, "mine.yaml")
    assert len(caught.value.faults) == 2


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "does not hold a definition"),
        ("- a\n- b\n", "does not hold a definition"),
        ("a: &x [1]\nb: *x\n", "uses an anchor"),
        ("a: !!python/object:os.system {}\n", "uses a tag"),
        ("a: \x00", "unusual characters"),
        ("[" * 5000, "nested too deeply"),
        ("- " * 5000, "nested too deeply"),
        ("a: !!int word\n", "not what its tag"),
        ("a: !!bool word\n", "not what its tag"),
        ("a: !!set {b}\n", "uses a tag"),
        ("? [a]\n: b\n", "has a list or fields for a name"),
    ],
)
def test_files_that_are_no_definition_are_refused_kindly(text, words):
    with pytest.raises(DefinitionError, match=words):
        parse_definition(text, "mine.yaml")


def test_a_missing_and_a_binary_and_a_huge_file_are_refused_kindly(tmp_path: Path):
    with pytest.raises(DefinitionError, match="cannot be read"):
        read_definition(tmp_path / "none.yaml")
    binary, huge = tmp_path / "binary.yaml", tmp_path / "huge.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    huge.write_bytes(b"a" * 1_100_000)
    with pytest.raises(DefinitionError, match="not UTF-8"):
        read_definition(binary)
    with pytest.raises(DefinitionError, match="larger than 1 MB"):
        read_definition(huge)


@given(st.text(max_size=300))
def test_any_text_gives_a_definition_error_and_nothing_else(text):
    with pytest.raises(DefinitionError):
        parse_definition(text, "any.yaml")


def test_versions_sort_as_numbers():
    assert sorted(["1.10.0", "1.9.0", "1.9.10"], key=version_key) == ["1.9.0", "1.9.10", "1.10.0"]


LONG: dict[str, Callable[[int], str]] = {
    "fields that are not known": lambda size: "".join(f"k{number}: v\n" for number in range(size // 9)),
    "fields written twice": lambda size: "<<: {}\n" * (size // 7),
    "a number to the base of 60": lambda size: "a: 1" + ":10" * (size // 3),
    "a number without end": lambda size: "a: " + "1" * size,
    "a fraction to the base of 60": lambda size: "a: 1" + ":10" * (size // 3) + ".5",
    "brackets": lambda size: "[" * size,
    "keys in brackets": lambda size: "? " + "[a," * (size // 3),
    "anchors": lambda size: "".join(f"- &a{number} b\n" for number in range(size // 9)),
    "faults in a list": lambda size: MINIMAL.replace("[{", "[" + "{accept: []}," * (size // 13) + "{", 1),
}
MINIMAL = "submission: {part_2_artifacts: [{id: A1}]}"


@pytest.mark.parametrize("name", LONG)
def test_reading_a_definition_takes_work_in_proportion_to_its_size(name: str) -> None:
    def run(text: str) -> None:
        with pytest.raises(DefinitionError):
            parse_definition(text, "long.yaml")

    assert_linear(run, LONG[name])


def test_what_looks_like_a_date_or_a_time_is_text() -> None:
    definition = parse_definition(TEXT.replace("licence: CC-BY-4.0", "licence: 2001-99-99"), "dates.yaml")
    assert definition.licence == "2001-99-99"


def test_a_definition_that_is_stored_is_checked_again_by_the_rules_of_today() -> None:
    good = parse_definition(TEXT, "mine.yaml")
    check_again(good)
    old = Definition.model_validate(good.canonical() | {"summary": "a\x07b"}, context=STORED)
    with pytest.raises(
        DefinitionError, match=r"cc-workforce-job-hazard-analysis:1: summary: holds a control character"
    ):
        check_again(old)
    with pytest.raises(DefinitionError, match=r"analysis:1: badge\.name: is not to our taste\. Write another\."):
        check_again(good, [lambda _definition: [(("badge", "name"), "is not to our taste.", "Write another.")]])


@pytest.mark.parametrize("place", [("title",), ("title", "subtitle"), ("title", 0, "word")])
def test_a_fault_below_a_text_is_told_at_the_line_of_the_text(place: Place) -> None:
    line = 1 + TEXT[: TEXT.index("\ntitle: ") + 1].count("\n")
    with pytest.raises(DefinitionError) as caught:
        parse_definition(TEXT, "mine.yaml", [lambda _definition: [(place, "is not to our taste.", "Write another.")]])
    assert [fault.line for fault in caught.value.faults] == [line]


def test_a_number_of_thousands_of_digits_is_shown_as_a_number() -> None:
    with pytest.raises(DefinitionError, match="this number is not known here"):
        parse_definition(TEXT.replace("status: published", "status: !!int 0x" + "f" * 5000), "mine.yaml")
