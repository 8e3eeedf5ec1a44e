"""All that is counted, as one dictionary: what `--json` prints and what the report is written from."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from house import contracts, files, graph, hidden, launch, names
from house.files import Source

TIMES = ".test-times.json"
_MOST = 10


def count(root: Path, package: str) -> dict[str, Any]:
    """Count the package of a checkout; `package` can be imported from there. Lines are all lines of a file."""
    sources = files.read(root / package)
    packages = files.packages(package, sources)
    modules, arrows = graph.imports(package)
    walked = launch.walk(root / package)
    return {
        "rooms": [asdict(one) for one in files.rooms(sources)],
        "total": asdict(files.total("all", files.rooms(sources))),
        "beside": [asdict(one) for one in _beside(root)],
        "largest": _largest(sources),
        "graph": _graph(modules, arrows, packages),
        "hidden": _hidden(sources),
        "launch": {**asdict(walked), "rooms": len({_room(file) for file in walked.launch})},
        "lms": _lms(sources),
        "contracts": _contracts(root, package, modules, packages),
        "tests": times(root),
    }


def times(root: Path) -> dict[str, Any] | None:
    """Return what the last run of all tests took: {seconds, tests, slowest}; None: not known."""
    file = root / TIMES
    found: dict[str, Any] | None = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return found


def _beside(root: Path) -> list[files.Size]:
    """Return what lies beside the package: each folder of tests, then pages and what they load."""
    layers = sorted(one for one in (root / "tests").iterdir() if any(one.rglob("*.py")))
    tests = [files.folder(f"tests/{one.name}", one) for one in layers if one.is_dir()]
    helpers = [file.read_text(encoding="utf-8").count("\n") for file in (root / "tests").glob("*.py")]
    tests.append(files.Size("tests, for all", len(helpers), sum(helpers)))
    others = [files.folder(name, root / name) for name in ("templates", "static")]
    return [*tests, files.total("tests", tests), *others]


def _largest(sources: Sequence[Source]) -> dict[str, Any]:
    longest, functions = files.longest_files(sources), files.functions(sources)
    return {
        "files": [{"name": one.name, "lines": one.lines} for one in longest[:_MOST]],
        "functions": [asdict(one) for one in functions[:_MOST]],
        "long_files": sum(one.lines > files.LONG_FILE for one in longest),
        "long_functions": sum(one.lines > files.LONG_FUNCTION for one in functions),
    }


def _graph(modules: Sequence[str], arrows: Sequence[graph.Arrow], packages: set[str]) -> dict[str, Any]:
    between = graph.between_rooms(arrows, packages)
    upward = graph.upward(between)
    rooms = {graph.room_of(module, packages) for module in modules}
    return {
        "rooms": sum(not one.endswith(".py") for one in rooms),
        "hall": sum(one.endswith(".py") for one in rooms),
        "floors": graph.floors(rooms, [one for one in between if one not in upward]),
        "cycles_of_rooms": graph.cycles(list(between)),
        "cycles_of_modules": graph.cycles(arrows),
        "upward": [{"from": one, "to": other, "imports": between[one, other]} for one, other in upward],
        "arrows": [{"from": one, "to": other, "imports": len(made)} for (one, other), made in sorted(between.items())],
    }


def _hidden(sources: Sequence[Source]) -> dict[str, Any]:
    used = hidden.string_keys(sources)
    return {
        "imports": [asdict(one) for one in hidden.hidden_imports(sources)],
        "keys": dict(sorted(Counter(one.what for one in used).items())),
        "uses": [asdict(one) for one in used],
    }


def _lms(sources: Sequence[Source]) -> dict[str, Any]:
    found = names.lms_names(sources)
    kinds = Counter(one.kind for one in found)
    return {
        "code": sum(kinds[kind] for kind in names.CODE),
        "words": sum(kinds[kind] for kind in names.WORDS),
        "kinds": {kind: kinds[kind] for kind in (*names.CODE, *names.WORDS)},
        "files": len({one.place.partition(":")[0] for one in found if one.kind in names.CODE}),
        "places": [asdict(one) for one in found],
    }


def _contracts(root: Path, package: str, modules: Sequence[str], packages: set[str]) -> dict[str, Any]:
    own: dict[str, list[str]] = {}
    for module in modules:
        around = module if module in packages else module.rpartition(".")[0]
        own.setdefault(module if around == package else around, []).append(module)
    own.pop(package, None)  # the package itself stands in no layer of its own
    none, around_only = contracts.without_layer(own, contracts.layered(contracts.contracts_of(root)))
    return {"no_layer": none, "only_around": around_only}


def _room(path: str) -> str:
    return path.rpartition("/")[0] or path
