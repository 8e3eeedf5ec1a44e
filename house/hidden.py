"""What a graph of imports does not show: imports in functions or by a name, and things handed over under a string."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from house.files import Source

COMPUTED = "(computed)"
_BY_NAME = frozenset(("import_module", "__import__"))
_READERS = frozenset(("get", "setdefault", "pop"))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Place:
    """Where something was found. `place`: path:line."""

    what: str
    place: str


def hidden_imports(sources: Iterable[Source]) -> list[Place]:
    """Return imports inside functions, and calls that import by a name."""
    return [found for source in sources for found in (*_in_functions(source), *_by_name(source))]


def string_keys(sources: Iterable[Source]) -> list[Place]:
    """Return each use of a key of an application's `extensions`; COMPUTED for a key that is no plain string."""
    return [
        Place(_text(key), f"{source.path}:{key.lineno}")
        for source in sources
        for node in ast.walk(source.tree)
        for key in _keys(node)
    ]


def _in_functions(source: Source) -> list[Place]:
    found = {
        (node.lineno, ast.unparse(node))
        for function in ast.walk(source.tree)
        if isinstance(function, _FUNCTIONS)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    return [Place(text, f"{source.path}:{line}") for line, text in sorted(found)]


def _by_name(source: Source) -> list[Place]:
    calls = [node for node in ast.walk(source.tree) if isinstance(node, ast.Call)]
    return [Place(ast.unparse(call), f"{source.path}:{call.lineno}") for call in calls if _name(call.func) in _BY_NAME]


def _keys(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the key, or keys, with which this node looks into `extensions`: `[…]`, `.get(…)`, `… in`."""
    if isinstance(node, ast.Subscript) and _name(node.value) == "extensions":
        yield node.slice
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if _name(node.func.value) == "extensions" and node.args and node.func.attr in _READERS:
            yield node.args[0]
    elif isinstance(node, ast.Compare) and any(_name(one) == "extensions" for one in node.comparators):
        yield node.left


def _name(node: ast.expr) -> str:
    """Return the last word of a name: `extensions` of `app.extensions` and of `extensions`."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _text(key: ast.expr) -> str:
    return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else COMPUTED
