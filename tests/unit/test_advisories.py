"""What is said of the advisories of pinned packages: found, none, or nobody could be asked."""

from pathlib import Path
from runpy import run_path
from typing import Any

import pytest

VERDICT = run_path(str(Path(__file__).resolve().parents[2] / "config/test/advisories"))["verdict"]


def _package(name: str, *advisories: tuple[str, list[str]]) -> dict[str, Any]:
    return {"name": name, "version": "1.0", "vulns": [{"id": one, "fix_versions": fixed} for one, fixed in advisories]}


SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize("report", [None, {}, {"dependencies": []}, {"dependencies": [SKIPPED, SKIPPED]}])
def test_a_list_that_cannot_be_reached_is_said_and_stops_nobody(report: dict[str, Any] | None) -> None:
    code, said = VERDICT(report)
    assert code == 0
    assert "were NOT looked up" in said[0]


def test_packages_without_advisories_pass() -> None:
    assert VERDICT({"dependencies": [_package("a"), _package("b")]}) == (
        0,
        ["2 pinned packages were looked up; 0 known advisories."],
    )


def test_an_advisory_with_a_cure_stops_ci_and_is_named() -> None:
    code, said = VERDICT({"dependencies": [_package("a", ("X-1", ["1.1", "2.0"])), SKIPPED]})
    assert code == 1
    assert said[0] == "a 1.0: X-1, cured in 1.1, 2.0"
    assert said[1] == "1 of 2 pinned packages could not be looked up."


def test_an_advisory_without_a_cure_is_named_only() -> None:
    code, said = VERDICT({"dependencies": [_package("a", ("X-1", []))]})
    assert code == 0
    assert said[0] == "a 1.0: X-1, no cure yet"
