"""The rule: marks on a rubric become met or not, and earned or not yet. Pure: no Flask, no database.

No averages and no points decide: a criterion is met at the rule's level or above, and one required criterion that is
not met means "not yet" (the common rule of micro-credential programmes). Points exist for the gradebook alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lti_mcred.catalog.definition import Criterion, Level, Rubric

Verdict = Literal["earned", "not_yet"]


@dataclass(frozen=True)
class Given:
    """What an assessor gave for one criterion: a level id (None while undecided), a comment, where the proof is."""

    level: str | None = None
    comment: str = ""
    pointer: str = ""


@dataclass(frozen=True)
class Judged:
    """One criterion after the rule. `level` is None while no level of this rubric was given."""

    criterion: Criterion
    level: Level | None
    met: bool
    locked: bool
    comment: str
    pointer: str

    @property
    def descriptor(self) -> str:
        """The words of the level reached; empty while there is none."""
        return self.criterion.descriptors[self.level.id] if self.level else ""


@dataclass(frozen=True)
class Judgement:
    """Every criterion in the order of the rubric, and what the rule makes of them (None while levels are missing)."""

    rubric: Rubric
    criteria: tuple[Judged, ...]
    outcome: Verdict | None

    @property
    def met(self) -> tuple[Judged, ...]:
        """The criteria that are met."""
        return tuple(one for one in self.criteria if one.met)

    @property
    def unmet(self) -> tuple[Judged, ...]:
        """The criteria that are not met yet (or have no level)."""
        return tuple(one for one in self.criteria if not one.met)

    @property
    def without_level(self) -> tuple[Judged, ...]:
        """The criteria that still need a level."""
        return tuple(one for one in self.criteria if one.level is None)

    @property
    def without_comment(self) -> tuple[Judged, ...]:
        """The criteria below passing whose comment is empty: a learner is owed the reason."""
        return tuple(one for one in self.criteria if one.level and not one.met and not one.comment.strip())

    @property
    def complete(self) -> bool:
        """Whether it may be submitted."""
        return not self.without_level and not self.without_comment

    @property
    def passing(self) -> Level:
        """The level from which a criterion counts as met."""
        return next(level for level in self.rubric.levels if level.id == self.rubric.pass_rule.level)

    def wanted(self, one: Judged) -> str:
        """Return the descriptor of the passing level: what a criterion needs to be met."""
        return one.criterion.descriptors[self.passing.id]


@dataclass(frozen=True)
class Points:
    """The number for the gradebook: criteria met, out of all criteria (AGS scoreGiven and scoreMaximum)."""

    given: int
    maximum: int


def judge(rubric: Rubric, marks: Mapping[str, Given], locked: Mapping[str, Any] | None = None) -> Judgement:
    """Apply the rubric to `marks` (criterion id -> Given) and return the judgement.

    `locked` (criterion id -> {"level", "comment"}) are criteria met in an earlier attempt: they stand, whatever the
    marks say. A lock whose level this rubric does not know, or which is not passing, is void and must be scored.
    """
    levels = {level.id: level for level in rubric.levels}
    kept = {key: value for key, value in (locked or {}).items() if _holds(rubric, value)}
    rows = []
    for criterion in rubric.criteria:
        given = _from_lock(kept[criterion.id]) if criterion.id in kept else marks.get(criterion.id, Given())
        level = levels.get(given.level) if given.level else None
        met = level is not None and is_met(rubric, level.id)
        rows.append(Judged(criterion, level, met, criterion.id in kept, given.comment, given.pointer))
    return Judgement(rubric, tuple(rows), _verdict(rubric, rows))


def is_met(rubric: Rubric, level_id: str) -> bool:
    """Whether that level is the pass rule's level or one above it."""
    ids = [level.id for level in rubric.levels]
    return level_id in ids and ids.index(level_id) >= ids.index(rubric.pass_rule.level)


def locked_ids(rubric: Rubric, locked: Mapping[str, Any] | None) -> frozenset[str]:
    """Return the ids of the rubric's criteria whose lock holds."""
    known = {criterion.id for criterion in rubric.criteria}
    return frozenset(key for key, value in (locked or {}).items() if key in known and _holds(rubric, value))


def points_of(judgement: Judgement) -> Points:
    """Return criteria met out of all criteria."""
    return Points(len(judgement.met), len(judgement.criteria))


def _holds(rubric: Rubric, lock: Any) -> bool:
    return isinstance(lock, Mapping) and is_met(rubric, str(lock.get("level")))


def _from_lock(lock: Mapping[str, Any]) -> Given:
    return Given(str(lock["level"]), str(lock.get("comment") or ""))


def _verdict(rubric: Rubric, rows: list[Judged]) -> Verdict | None:
    if any(row.level is None for row in rows):
        return None
    required = all(row.met for row in rows if row.criterion.required)
    optional = sum(row.met for row in rows if not row.criterion.required)
    return "earned" if required and optional >= rubric.pass_rule.n_of_optional else "not_yet"
