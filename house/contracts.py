"""Which rooms stand in a layer of import-linter's contracts, as pyproject.toml has them."""

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any


def contracts_of(root: Path) -> list[dict[str, Any]]:
    """Return the contracts of a checkout."""
    found = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts: list[dict[str, Any]] = found["tool"]["importlinter"]["contracts"]
    return contracts


def layered(contracts: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the modules and packages that stand in a layer of any contract of the kind `layers`."""
    found = set()
    for contract in contracts:
        if contract["type"] != "layers":
            continue
        inside = [f"{one}." for one in contract.get("containers", [])] or [""]
        names = [name.strip(" ()") for layer in contract["layers"] for name in re.split(r"[:|]", layer)]
        found |= {place + name for place in inside for name in names}
    return found


def without_layer(rooms: Mapping[str, Iterable[str]], layers: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the rooms that stand in no layer, and those that stand in one only through a room around them.

    `rooms`: package -> its own modules; a room whose modules all stand in layers does so itself. What is held by the
    layer of a room around it alone may import within that room as it likes.
    """
    none: list[str] = []
    around: list[str] = []
    for room, modules in sorted(rooms.items()):
        files = set(modules) - {room}
        if room in layers or (files and files <= set(layers)):
            continue
        parts = room.split(".")
        held = any(".".join(parts[:end]) in layers for end in range(2, len(parts)))
        (around if held else none).append(room)
    return none, around
