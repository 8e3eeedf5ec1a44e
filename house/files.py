"""Files, lines and functions of a package, by room.

A room is a folder with Python files in it; a folder inside a room is a room of its own. What lies directly in the
package is the hall. Paths are given from the package's folder on.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

HALL = "(hall)"
LONG_FILE, LONG_FUNCTION = 300, 50  # lines; what is above is counted as long
_TEXTS = frozenset((".py", ".html", ".txt", ".xml", ".css", ".js"))
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Source:
    """One Python file, read and parsed. `path`: from the package's folder on, with slashes."""

    path: str
    text: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, text: str) -> "Source":
        """Parse a text. Raises SyntaxError."""
        return cls(path, text, ast.parse(text))

    @property
    def room(self) -> str:
        """The room that it lies in, or HALL."""
        return self.path.rpartition("/")[0] or HALL

    @property
    def lines(self) -> int:
        """How many lines it has, with empty ones and comments."""
        return len(self.text.splitlines())


@dataclass(frozen=True)
class Size:
    """Something with files in it."""

    name: str
    files: int
    lines: int


@dataclass(frozen=True)
class Function:
    """A function. `name` with the classes and functions around it, `lines` from its `def` on, `place`: path:line."""

    name: str
    lines: int
    place: str


def read(package: Path) -> list[Source]:
    """Read every Python file of a package, sorted by path."""
    files = sorted(package.rglob("*.py"))
    return [Source.of(str(file.relative_to(package).as_posix()), file.read_text(encoding="utf-8")) for file in files]


def rooms(sources: Iterable[Source]) -> list[Size]:
    """Return each room with its files and lines, by name; the hall comes first."""
    found: dict[str, list[int]] = {}
    for source in sources:
        found.setdefault(source.room, []).append(source.lines)
    return [Size(name, len(lines), sum(lines)) for name, lines in sorted(found.items())]


def packages(name: str, sources: Iterable[Source]) -> set[str]:
    """Return the packages of a package called `name`, itself among them, as they are imported."""
    return {name} | {f"{name}.{one.room.replace('/', '.')}" for one in sources if one.room != HALL}


def total(name: str, sizes: Iterable[Size]) -> Size:
    """Return all of them as one."""
    sizes = list(sizes)
    return Size(name, sum(one.files for one in sizes), sum(one.lines for one in sizes))


def folder(name: str, where: Path) -> Size:
    """Count the texts below a folder; pictures, fonts and data are left out."""
    texts = [file for file in where.rglob("*") if file.suffix in _TEXTS and file.is_file()]
    return Size(name, len(texts), sum(len(file.read_text(encoding="utf-8").splitlines()) for file in texts))


def functions(sources: Iterable[Source]) -> list[Function]:
    """Return all functions, the longest first."""
    found = [one for source in sources for one in _functions(source.tree, source.path, ())]
    return sorted(found, key=lambda one: (-one.lines, one.place))


def longest_files(sources: Sequence[Source]) -> list[Size]:
    """Return all files, the longest first."""
    return sorted((Size(one.path, 1, one.lines) for one in sources), key=lambda one: (-one.lines, one.name))


def _functions(inside: ast.AST, path: str, around: tuple[str, ...]) -> Iterator[Function]:
    for node in ast.iter_child_nodes(inside):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            names = (*around, node.name)
            if not isinstance(node, ast.ClassDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                yield Function(".".join(names), lines, f"{path}:{node.lineno}")
            yield from _functions(node, path, names)
        else:
            yield from _functions(node, path, around)
