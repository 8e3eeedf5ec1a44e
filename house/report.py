"""The counted house in words and columns."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from house import names
from house.count import TIMES

_WIDTH = 40
Counted = Mapping[str, Any]


def lines(found: Counted) -> list[str]:
    """Return the whole report."""
    parts = (_sizes, _largest, _graph, _hidden, _launch, _lms, _contracts)
    return [*(line for part in parts for line in (*part(found), "")), *of_tests(found["tests"])]


def listed(found: Counted, what: str) -> list[str]:
    """Return every place of one thing: `lms`, `hidden` or `arrows`."""
    if what == "lms":
        rows = [(one["kind"], one["place"], one["text"]) for one in found["lms"]["places"]]
        order = {kind: number for number, kind in enumerate((*names.CODE, *names.WORDS))}
        return [f"{kind:<12} {place:<44} {text}" for kind, place, text in sorted(rows, key=lambda row: order[row[0]])]
    if what == "hidden":
        places = [*found["hidden"]["imports"], *sorted(found["hidden"]["uses"], key=lambda one: one["what"])]
        return [f"{one['what']:<44} {one['place']}" for one in places]
    return [f"{one['from']:<28} {one['to']:<28} {one['imports']:>4}" for one in found["graph"]["arrows"]]


def _row(name: str, *figures: object) -> str:
    return f"  {name:<{_WIDTH}}" + "".join(f"{figure:>8}" for figure in figures)


def _sizes(found: Counted) -> Iterator[str]:
    yield f"Rooms{'files':>{_WIDTH + 5}}{'lines':>8}"
    for one in (*found["rooms"], found["total"]):
        yield _row(one["name"], one["files"], one["lines"])
    yield ""
    yield "Beside them"
    for one in found["beside"]:
        yield _row(one["name"], one["files"], one["lines"])


def _largest(found: Counted) -> Iterator[str]:
    largest = found["largest"]
    yield f"Largest files ({largest['long_files']} above 300 lines)"
    for one in largest["files"]:
        yield _row(one["name"], "", one["lines"])
    yield ""
    yield f"Largest functions ({largest['long_functions']} above 50 lines)"
    for one in largest["functions"]:
        yield f"{_row(one['name'], '', one['lines'])}  {one['place']}"


def _graph(found: Counted) -> Iterator[str]:
    graph = found["graph"]
    floors, upward = graph["floors"], graph["upward"]
    yield f"Imports: {graph['rooms']} rooms and {graph['hall']} files of the hall on {len(floors)} floors"
    for number, floor in reversed(list(enumerate(floors, 1))):
        yield from _wrapped(f"  {number:>2}  ", floor)
    yield from _cycles("between rooms", graph["cycles_of_rooms"])
    yield from _cycles("between modules", graph["cycles_of_modules"])
    yield f"  arrows that run up: {len(upward)} of {len(graph['arrows'])}"
    for one in upward:
        example = " -> ".join(one["imports"][0])
        yield f"    {one['from']} -> {one['to']}  ({len(one['imports'])} imports, such as {example})"


def _cycles(where: str, cycles: Iterable[list[str]]) -> Iterator[str]:
    cycles = list(cycles)
    yield f"  cycles {where}: {len(cycles)}"
    for one in cycles:
        yield from _wrapped(f"    {len(one)}: ", one)


def _hidden(found: Counted) -> Iterator[str]:
    hidden = found["hidden"]
    yield f"Hidden imports: {len(hidden['imports'])} in functions or by a name"
    yield from (f"    {one['place']}  {one['what']}" for one in hidden["imports"])
    yield f"  string keys of app.extensions: {len(hidden['keys'])}, used in {len(hidden['uses'])} places"
    yield from _wrapped("    ", [f"{key} {uses}" for key, uses in hidden["keys"].items()])


def _launch(found: Counted) -> Iterator[str]:
    launch = found["launch"]
    yield f"Own files of a login and launch: {len(launch['launch'])} in {launch['rooms']} rooms"
    yield from _wrapped("    ", launch["launch"])
    yield f"  and {len(launch['page'])} more when its first page is shown at once"
    yield from _wrapped("    ", launch["page"])


def _lms(found: Counted) -> Iterator[str]:
    lms = found["lms"]
    yield f"LMS names outside {' and '.join(names.AT_HOME)}: {lms['code']} in code, in {lms['files']} files"
    yield from (_row(f"{kind}s", "", number) for kind, number in lms["kinds"].items() if kind in names.CODE)
    yield f"  and {lms['words']} in words that explain"
    yield from (_row(f"{kind}s", "", number) for kind, number in lms["kinds"].items() if kind in names.WORDS)


def _contracts(found: Counted) -> Iterator[str]:
    contracts = found["contracts"]
    yield f"Rooms and files of the hall without a layer: {len(contracts['no_layer'])}"
    yield from _wrapped("    ", contracts["no_layer"])
    yield f"  in one only through a room around them: {len(contracts['only_around'])}"
    yield from _wrapped("    ", contracts["only_around"])


def of_tests(times: Counted | None) -> list[str]:
    """Return how long the tests took, and the ten slowest."""
    if times is None:
        return [f"Time of the tests: not measured here ({TIMES} is missing): run make test"]
    return [
        f"Time of {times['tests']} tests: {_minutes(times['seconds'])}",
        *(f"  {seconds:>8.1f} s  {test}" for test, seconds in times["slowest"]),
    ]


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02} min"


def _wrapped(head: str, words: Iterable[str]) -> Iterator[str]:
    """Yield the words, comma after comma, in lines of about 110 characters below each other."""
    line = head
    for word in words:
        if len(line) + len(word) > 110 and line.strip() and line != head:
            yield line.rstrip()
            line = " " * len(head)
        line += f"{word}, "
    if line != head:
        yield line.rstrip(", ")
