"""Whatever other modules may use says what its signature does not show, in whole lines."""

import ast
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "lti_mcred"
MODULES = sorted(ROOT.rglob("*.py"))
WIDTH = 88
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """A module's syntax, read once for all tests."""
    return ast.parse(path.read_text(encoding="utf-8"))


def public(node: Documented, name: str = "") -> Iterator[tuple[str, Documented]]:
    """The module, its public classes and functions, and the public methods of those classes."""
    yield name or "the module", node
    if isinstance(node, ast.Module | ast.ClassDef):
        for inner in node.body:
            if isinstance(inner, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and inner.name[0] != "_":
                yield from public(inner, f"{name}.{inner.name}".lstrip("."))


def broken(docstring: str) -> list[str]:
    """The lines that an editor's wrap left behind: a summary that runs on, a line with room for its next word."""
    lines = docstring.splitlines()
    found = lines[:1] if len(lines) > 1 and (lines[1].strip() or lines[0][-1] not in ".:?!") else []
    for line, following in pairwise(lines[1:]):
        room = following and len(line) + 1 + len(following.split()[0]) <= WIDTH
        if line and room and line[-1] not in ".:;?!" and not following.startswith((" ", "*", "-", ">")):
            found.append(line)
    return found


def test_every_public_name_has_a_docstring() -> None:
    missing = {
        str(path.relative_to(ROOT)): [name for name, node in public(parsed(path)) if not ast.get_docstring(node)]
        for path in MODULES
    }
    assert {path: names for path, names in missing.items() if names} == {}


def test_no_docstring_is_broken_by_a_wrap() -> None:
    written = ((path.name, node) for path in MODULES for node in ast.walk(parsed(path)) if isinstance(node, Documented))
    lines = [(name, line) for name, node in written for line in broken(ast.get_docstring(node) or "")]
    assert lines == []


@pytest.mark.parametrize(
    ("docstring", "left_behind"),
    [
        ("Return the keys.", []),
        ("Return the keys.\n\nRaises KeyError.", []),
        (
            "Return the keys, retired ones too: a key left out kills its\nbadges.",
            ["Return the keys, retired ones too: a key left out kills its"],
        ),
        ("Return the keys\n\nof an issuer.", ["Return the keys"]),
        ("Return the keys.\n\nRaises ValueError\nwhen there are none.", ["Raises ValueError"]),
    ],
)
def test_a_wrap_that_breaks_is_found(docstring: str, left_behind: list[str]) -> None:
    assert broken(docstring) == left_behind
