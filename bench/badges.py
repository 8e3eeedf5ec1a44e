"""Badges built and signed per second, and verified per second, in one process on one core."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import uuid4

from lti_mcred.badges.openbadges.attested import (
    Achievement,
    Alignment,
    Award,
    Criterion,
    IssuerProfile,
    Level,
    StatusEntry,
)
from lti_mcred.badges.openbadges.credential import build_credential
from lti_mcred.badges.openbadges.keys import generate
from lti_mcred.badges.openbadges.proof import sign


def measure(seconds: float) -> float:
    """Return badges per CPU second: a credential with five criteria and three alignments, built and signed."""
    did = "did:web:bench.example.edu:issuers:bench"
    key = generate(did)
    levels = tuple(Level(name, name.title(), f"What {name} looks like in practice.") for name in ("low", "mid", "high"))
    criteria = tuple(Criterion(f"C{n}", f"Criterion {n}", levels, "mid") for n in range(1, 6))
    achievement = Achievement(
        id="https://bench.example.edu/achievements/bench/1.0.0",
        version="1.0.0",
        name="Bench",
        description="A micro-credential to measure with.",
        criteria_narrative="The holder showed five things.",
        criteria=criteria,
        alignments=tuple(Alignment(f"Statement {n}", f"https://example.org/{n}", "Framework") for n in range(3)),
    )
    issuer = IssuerProfile(did, "Bench College", "https://bench.example.edu")

    def one() -> None:
        award = Award(
            id=f"https://bench.example.edu/credentials/{uuid4()}",
            subject_id=uuid4().urn,
            valid_from=datetime.now(UTC).replace(microsecond=0),
            status=StatusEntry("https://bench.example.edu/status/1", 94567),
            levels={criterion.id: "high" for criterion in criteria},
        )
        sign(build_credential(issuer, achievement, award), key, award.valid_from)

    return per_cpu_second(one, seconds)


def per_cpu_second(work: Callable[[], None], seconds: float) -> float:
    """Return how often `work` runs in a second of this process's CPU time."""
    work()
    started, count = time.process_time(), 0
    while time.process_time() - started < seconds:
        work()
        count += 1
    return count / (time.process_time() - started)
