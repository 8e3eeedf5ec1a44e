"""CPU time and memory of process trees, read from /proc (Linux)."""

import os
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def tree(pid: int) -> list[int]:
    """Return `pid` and everything below it."""
    found, todo = [], [pid]
    while todo:
        one = todo.pop()
        found.append(one)
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            todo += [int(child) for child in task.read_text(encoding="ascii").split()]
    return found


def cpu_seconds(pid: int) -> float:
    """Return the CPU time (user and system) of a tree, with that of its children that have ended."""
    ticks = 0
    for one in tree(pid):
        try:
            stat = Path(f"/proc/{one}/stat").read_text(encoding="ascii")
        except OSError:  # ended at this moment; its parent has its time
            continue
        ticks += sum(int(value) for value in stat.rpartition(")")[2].split()[11:15])
    return ticks / _TICK


def largest_pss(pid: int) -> float:
    """Return the proportional set size of the largest process of a tree, in megabytes (10^6 bytes)."""
    found: list[int] = []
    for one in tree(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines()
        except OSError:  # ended at this moment
            continue
        found += [int(line.split()[1]) for line in lines if line.startswith("Pss:")]
    if not found:
        message = f"no Pss for process {pid}"
        raise RuntimeError(message)
    return max(found) * 1024 / 1e6
