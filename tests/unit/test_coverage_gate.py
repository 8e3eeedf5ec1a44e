"""What `make coverage` asks of rules: nothing uncovered, in a package or in a module of its own."""

from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

GAPS = run_path(str(Path(__file__).resolve().parents[2] / "config/test/coverage"))["gaps"]
RULES = ["lti_mcred.grading.rubric", "lti_mcred.badges.verifier"]


def _file(lines: list[int], branches: list[list[int]]) -> dict[str, Any]:
    return {"missing_lines": lines, "missing_branches": branches}


@pytest.mark.parametrize("name", ["lti_mcred/grading/rubric.py", "lti_mcred/badges/verifier/standing.py"])
def test_a_line_or_a_branch_of_a_rule_that_no_test_enters_is_named(name: str) -> None:
    assert GAPS({name: _file([3, 7], [[9, 12]])}, RULES) == [f"{name}: lines 3, 7; branches 9 to 12"]
    assert GAPS({name: _file([], [[9, -1]])}, RULES) == [f"{name}: branches 9 to -1"]


def test_whole_rules_and_other_modules_pass() -> None:
    files = {"lti_mcred/grading/rubric.py": _file([], []), "lti_mcred/grading/rubric_views.py": _file([3], [])}
    assert GAPS(files, RULES) == []
