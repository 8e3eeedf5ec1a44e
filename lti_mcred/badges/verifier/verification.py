"""What a verification found: checks in plain words, and one verdict. Values only; verify.py makes them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How one check ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "could not be made"
    SKIPPED = "not made"


class Verdict(StrEnum):
    """What a reader may conclude."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUSPENDED = "suspended"
    NOT_YET = "not yet valid"
    UNCONFIRMED = "cannot confirm"
    UNSIGNED = "not signed"
    TAMPERED = "tampered"


@dataclass(frozen=True)
class Check:
    """One check. `message` is a sentence to translate, with %(name)s places that `values` fill."""

    code: str
    state: State
    message: str
    values: dict[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The sentence in English."""
        return self.message % self.values


@dataclass(frozen=True)
class Verification:
    """The checks in the order made, the verdict, and the badge that was checked (None: it was no badge)."""

    verdict: Verdict
    checks: tuple[Check, ...]
    checked_at: datetime
    badge: "BadgeSummary | None" = None
    skipped: tuple[Check, ...] = ()  # checks that were not made, and why

    @property
    def valid(self) -> bool:
        """Whether the badge is good today."""
        return self.verdict is Verdict.VALID

    def check(self, code: str) -> Check | None:
        """Return the check named `code`, None when it was not reached."""
        return next((check for check in self.checks if check.code == code), None)


@dataclass(frozen=True)
class CriterionResult:
    """A criterion as the badge states it: the level reached, what was needed, and whether that was met."""

    title: str
    achieved: str
    required: str = ""
    met: bool | None = None
    descriptor: str = ""


@dataclass(frozen=True)
class AlignmentSummary:
    """A framework statement as the badge states it. `url` is safe to link, or empty."""

    name: str
    framework: str = ""
    code: str = ""
    url: str = ""


@dataclass(frozen=True)
class BadgeSummary:
    """What a badge says, read for a page. Nothing in it is trustworthy unless the verdict says so."""

    id: str
    name: str
    description: str
    issuer_id: str
    issuer_name: str
    issuer_url: str = ""
    earner_name: str = ""
    criteria_narrative: str = ""
    image_url: str = ""
    hours: str = ""
    language: str = ""
    version: str = ""
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    awarded_at: datetime | None = None
    results: tuple[CriterionResult, ...] = ()
    total: str = ""
    alignments: tuple[AlignmentSummary, ...] = ()
    tags: tuple[str, ...] = ()
    document: dict[str, Any] = field(default_factory=dict, repr=False)


def as_dict(found: Verification, words: Callable[[Check], str]) -> dict[str, Any]:
    """Return a verification as JSON-like values: verdict, time, each check made, and each that was not made."""
    badge = found.badge
    return {
        "verdict": found.verdict.value,
        "checked_at": found.checked_at.isoformat(),
        "checks": [_check_dict(check, words) for check in found.checks],
        "not_made": [_check_dict(check, words) for check in found.skipped],
        "badge": {"id": badge.id, "name": badge.name, "issuer": badge.issuer_id} if badge else None,
    }


def _check_dict(check: Check, words: Callable[[Check], str]) -> dict[str, str]:
    return {"check": check.code, "state": check.state.value, "words": words(check)}


def printable(text: str) -> str:
    """Return text for a terminal: what a stranger's badge says may hold no control and no direction marks."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
