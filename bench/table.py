"""What the measured figures say beside their targets, as lines of Markdown."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Round:
    """One measured stretch of one program. Times in milliseconds; `cpu` and `database` for each launch."""

    program: str
    rate: float
    p95: float
    cpu: float
    database: float
    lost: int = 0


@dataclass(frozen=True)
class Target:
    """A figure beside what it has to be: at most `limit`, or at least where `at_least`."""

    what: str
    found: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether the figure is as wanted; what it was compared with is in `limit`."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit


def medians(rounds: Iterable[Round]) -> dict[str, Round]:
    """Return program -> the median of each figure over its rounds; launches that were lost are summed."""
    by_name: dict[str, list[Round]] = {}
    for one in rounds:
        by_name.setdefault(one.program, []).append(one)
    return {name: _median(name, found) for name, found in by_name.items()}


def _median(name: str, found: Sequence[Round]) -> Round:
    figures = [statistics.median(getattr(one, field) for one in found) for field in ("rate", "p95", "cpu", "database")]
    return Round(name, *figures, lost=sum(one.lost for one in found))


def ratios(rounds: Sequence[Round]) -> dict[str, float]:
    """Return program -> how many times its rate ours is: the median over the turns, each beside ours of its round.

    A machine that others use, too, changes its speed within seconds; turns of one round have met nearly the same.
    """
    rates: dict[str, list[float]] = {}
    for one in rounds:
        rates.setdefault(one.program, []).append(one.rate)
    ours = rates["lti_mcred"]
    return {
        name: statistics.median(mine / other if other else 0.0 for mine, other in zip(ours, theirs, strict=True))
        for name, theirs in rates.items()
    }


def program_lines(rounds: Sequence[Round]) -> list[str]:
    """Return the table of programs, with the ratio of our rate to each."""
    found, ratio = medians(rounds), ratios(rounds)
    head = ["| program | launches/s | ours is | p95 ms | CPU ms | database CPU ms | lost |"]
    head += ["| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    return head + [
        f"| {one.program} | {one.rate:.1f} | {ratio[one.program]:.2f} times | {one.p95:.1f}"
        f" | {one.cpu:.2f} | {one.database:.2f} | {one.lost} |"
        for one in found.values()
    ]


def target_lines(targets: Iterable[Target]) -> list[str]:
    """Return the table of targets: what was found, what is wanted, and whether it is met."""
    lines = ["| figure | found | target | met |", "| --- | ---: | ---: | --- |"]
    for one in targets:
        wanted = f"{'≥' if one.at_least else '≤'} {one.limit:g} {one.unit}"
        lines.append(f"| {one.what} | {one.found:.2f} {one.unit} | {wanted} | {'yes' if one.met else 'no'} |")
    return lines
