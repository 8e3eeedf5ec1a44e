"""`make problems`: writes docs/problems.md from the tables of all rooms. Also finds who raises what, for a test.

A table is what a module `problems` calls PROBLEMS; it belongs to the room that the module lies in.
"""

import ast
import importlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from house.files import Source, read
from lti_mcred.errors import Row, Words

ROOT = Path(__file__).resolve().parents[1]
PACKAGE, PAGE = "lti_mcred", ROOT / "docs/problems.md"
_MODULE = "problems"
_MAKERS = frozenset(("problem", "refusal"))
_ABOUT = frozenset(("log", "status", "retry_after", "facts"))  # what a maker takes beside the values
_VALUE = re.compile(r"%\((\w+)\)s")
_INTRO = """\
# Every code of a problem page

A page that says no tells what happened, what to do, who can fix it, a code and a reference. The code names the case and
stays the same in later versions, so it can be quoted to support; the reference finds the one request in the log. Words
in *italics* are filled in on the page. What lies behind those of launches and registrations: [Connect an
LMS](lms-setup.md#when-a-launch-is-refused).

Written by `make problems` from the tables in the code (`problems.py` of each room).
"""


@dataclass(frozen=True)
class Table:
    """The problems of a room (`evidence`, `tool/admin`), what its module says of them, and key -> Row."""

    room: str
    about: str
    rows: Mapping[str, Row]


@dataclass(frozen=True)
class Call:
    """A place that makes a Problem. `keys`: those that it may choose, none when they are computed."""

    place: str
    room: str
    keys: tuple[str, ...]
    values: frozenset[str]
    status: bool


def tables(sources: Iterable[Source], package: str) -> list[Table]:
    """Return all tables, by room. Imports their modules."""
    rooms = sorted(one.room for one in sources if one.path.endswith(f"/{_MODULE}.py"))
    modules = {room: importlib.import_module(f"{package}.{room.replace('/', '.')}.{_MODULE}") for room in rooms}
    return [Table(room, (found.__doc__ or "").strip(), found.PROBLEMS) for room, found in modules.items()]


def values_of(row: Row) -> frozenset[str]:
    """Return the names of the values that the sentences of a row hold."""
    return frozenset(name for one in (*sentences(row), row.who) for name in _VALUE.findall(one))


def sentences(row: Row) -> list[str]:
    """Return what a row says: title, detail and action, sentence by sentence."""
    cells = (row.title, row.detail, row.action)
    return [one for cell in cells for one in ((cell,) if isinstance(cell, str) else cell)]


def calls(sources: Iterable[Source], package: str) -> list[Call]:
    """Return every place that makes a Problem of a table."""
    return [call for source in sources for call in _calls(source, package)]


def page(found: Iterable[Table]) -> str:
    """Return the page that lists all codes, as Markdown."""
    return "\n".join((_INTRO, *(line for table in found for line in _listed(table))))


def _calls(source: Source, package: str) -> Iterator[Call]:
    modules = {
        alias.name: node.module.removeprefix(f"{package}.").removesuffix(f".{_MODULE}").replace(".", "/")
        for node in source.tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(f".{_MODULE}")
        for alias in node.names
    }
    makers = _MAKERS & set(modules)
    for node in ast.walk(source.tree) if makers else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in makers:
            given = {keyword.arg or "**" for keyword in node.keywords}
            yield Call(
                f"{source.path}:{node.lineno}",
                modules[node.func.id],
                tuple(_keys(node.args[0])),
                frozenset(given - _ABOUT),
                "status" in given,
            )


def _keys(key: ast.expr) -> Iterator[str]:
    if isinstance(key, ast.IfExp):
        yield from (*_keys(key.body), *_keys(key.orelse))
    elif isinstance(key, ast.Constant):
        yield str(key.value)


def _listed(table: Table) -> Iterator[str]:
    yield from (f"## {table.room}", "", table.about, "")
    yield from ("| code | status | what happened | what to do | who can fix it |", "|---|---|---|---|---|")
    for key, row in sorted(table.rows.items()):
        cells = (f"`{key.partition('/')[0]}`", str(row.status or "…"), *map(_shown, (row.title, row.action, row.who)))
        yield f"| {' | '.join(cells)} |"
    yield ""


def _shown(words: Words) -> str:
    text = words if isinstance(words, str) else " ".join(words)
    return _VALUE.sub(lambda found: f"*{found[1].replace('_', ' ')}*", text).replace("|", r"\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(tables(read(ROOT / PACKAGE), PACKAGE)), encoding="utf-8")


if __name__ == "__main__":
    main()
