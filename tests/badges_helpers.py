"""Values that the badge tests share: one issuer, one achievement, one award, and a resolver without a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, settings

from lti_mcred.badges.openbadges import status_list
from lti_mcred.badges.openbadges.attested import (
    Achievement,
    Alignment,
    Award,
    Criterion,
    HashedIdentifier,
    IssuerProfile,
    Level,
    StatusEntry,
)
from lti_mcred.badges.openbadges.credential import build_credential
from lti_mcred.badges.openbadges.keys import SigningKey, did_document
from lti_mcred.badges.openbadges.proof import sign
from lti_mcred.badges.verifier.reading import UnreadableBadgeError, read_badge
from lti_mcred.badges.verifier.verify import UnresolvedError

# Properties run on a busy machine too: no time limits, fewer examples.
calm = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
DID = "did:web:badges.example.edu:issuers:partnership"
LIST_URL = "https://badges.example.edu/status/1"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY = SigningKey(DID, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
OTHER_KEY = SigningKey(DID, Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))

LEVELS = (
    Level("not_yet", "Not yet", "Several goals at once."),
    Level("partial", "Partly demonstrated", "One goal, but no item tells a slip from a misunderstanding."),
    Level("demonstrated", "Demonstrated", "One goal, and one item tells a slip from a misunderstanding."),
)
ISSUER = IssuerProfile(DID, "Example Regional Education Partnership", "https://partnership.example.edu/")
ACHIEVEMENT = Achievement(
    id="https://badges.example.edu/achievements/exit-ticket/1.0.0",
    version="1.0.0",
    name="Regrouping from Exit Tickets",
    description="The educator uses exit-ticket evidence to place learners in short-lived groups.",
    criteria_narrative="Every criterion at *Demonstrated*.\n\nLas tildes también.",
    criteria=(
        Criterion("C1", "Goal and ticket fit each other", LEVELS, "demonstrated"),
        Criterion("C2", "Sorting by thinking", LEVELS, "partial"),
    ),
    criteria_url="https://badges.example.edu/achievements/exit-ticket/1.0.0#criteria",
    image_url="https://badges.example.edu/achievements/exit-ticket/1.0.0/badge.png",
    image_caption="Round teal badge",
    tags=("assessment", "grouping"),
    alignments=(Alignment("Teachers facilitate learning", "https://standards.example.org/4", "NCPTS", "4"),),
    hours=15,
    language="en",
)
AWARD = Award(
    id="https://badges.example.edu/credentials/aaaa",
    subject_id="urn:uuid:5f0ac9a4-8c1c-4f4c-9f59-2f3c1c9b7c11",
    valid_from=datetime(2026, 11, 3, 10, 42, 7, 123456, tzinfo=UTC),
    status=StatusEntry(LIST_URL, 94567),
    levels={"C1": "demonstrated", "C2": "demonstrated"},
    valid_until=datetime(2031, 11, 3, 10, 42, 7, tzinfo=UTC),
    name="Ana María Ortiz",
    identifiers=(HashedIdentifier("emailAddress", "a@example.com", "Kosher"),),
)


def signed_badge(key: SigningKey = KEY, award: Award = AWARD, achievement: Achievement = ACHIEVEMENT) -> dict[str, Any]:
    """Return a signed credential."""
    return sign(build_credential(ISSUER, achievement, award), key, award.valid_from)


def signed_list(*revoked: int, key: SigningKey = KEY, issuer: str = DID, until: int = 2027) -> dict[str, Any]:
    """Return a signed status list with some bits set."""
    bits = status_list.empty()
    for index in revoked:
        bits = status_list.with_bit(bits, index)
    document = status_list.build_list_credential(
        LIST_URL,
        issuer,
        bits,
        valid_from=datetime(2026, 11, 20, tzinfo=UTC),
        valid_until=datetime(until, 11, 20, tzinfo=UTC) if until > 2026 else datetime(2026, 11, 20, 1, tzinfo=UTC),
        ttl_seconds=300,
    )
    return sign(document, key, NOW)


@dataclass
class FakeResolver:
    """Answers from two dictionaries; anything else could not be reached."""

    documents: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: {DID: did_document(DID, [KEY.public_multibase])}
    )
    lists: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {LIST_URL: signed_list()})

    def did_document(self, did: str) -> Mapping[str, Any]:
        """Return a DID document."""
        return self._of(self.documents, did)

    def status_list(self, url: str) -> Mapping[str, Any]:
        """Return a status list."""
        return self._of(self.lists, url)

    @staticmethod
    def _of(store: Mapping[str, Mapping[str, Any]], name: str) -> Mapping[str, Any]:
        if name not in store:
            raise UnresolvedError(name)
        return store[name]


def why_unreadable(data: bytes) -> str:
    """Return why the data is no badge."""
    with pytest.raises(UnreadableBadgeError) as caught:
        read_badge(data)
    return caught.value.code
