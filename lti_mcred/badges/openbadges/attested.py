"""What a badge attests, as values: issuer, achievement with its rubric, award. `credential.py` writes them down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


class CredentialError(ValueError):
    """The values given do not make a credential that is true and well formed; the message says why."""


@dataclass(frozen=True)
class IssuerProfile:
    """Who stands behind the badge and signs it.

    `id` is a DID; `parent` is the organisation that it belongs to.
    """

    id: str
    name: str
    url: str = ""
    email: str = ""
    description: str = ""
    parent: "IssuerProfile | None" = None


@dataclass(frozen=True)
class Level:
    """A column of the rubric: `id` is unique within the rubric, `descriptor` the cell for one criterion."""

    id: str
    label: str
    descriptor: str = ""


@dataclass(frozen=True)
class Criterion:
    """A row of the rubric.

    `levels` run from low to high; `required_level` is the id of the lowest that passes.
    """

    id: str
    title: str
    levels: tuple[Level, ...]
    required_level: str
    required: bool = True

    def rank(self, level_id: str) -> int:
        """Return the place of a level, 0 is the lowest.

        Raises CredentialError for a level of another criterion.
        """
        for rank, level in enumerate(self.levels):
            if level.id == level_id:
                return rank
        message = f"criterion {self.id} has no level {level_id!r}"
        raise CredentialError(message)


@dataclass(frozen=True)
class Alignment:
    """A statement of a framework that the achievement serves.

    `url` is where that statement or framework is found.
    """

    name: str
    url: str
    framework: str = ""
    code: str = ""
    description: str = ""
    kind: str = ""  # targetType: CFItem, ceasn:Competency, … or ext:…


@dataclass(frozen=True)
class Achievement:
    """One version of what can be earned.

    `id` and `image_url` are absolute addresses; `language` is a BCP 47 tag.
    """

    id: str
    version: str
    name: str
    description: str
    criteria_narrative: str
    criteria: tuple[Criterion, ...] = ()
    criteria_url: str = ""
    image_url: str = ""
    image_caption: str = ""
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    hours: float | None = None
    language: str = "en"
    kind: str = "MicroCredential"


@dataclass(frozen=True)
class HashedIdentifier:
    """Something by which a verifier who knows it can recognise the earner, for example an e-mail address."""

    kind: str  # identityType: emailAddress, ltiUserId, …
    value: str
    salt: str


@dataclass(frozen=True)
class StatusEntry:
    """The place of an award in its issuer's status list: the list's address and the index in it."""

    list_url: str
    index: int


@dataclass(frozen=True)
class Award:
    """One earner's award. `id` is the credential's address, `subject_id` a urn:uuid made for this award alone.

    `levels` maps criterion id to level id. `name` is given only when the earner chose to show it.
    """

    id: str
    subject_id: str
    valid_from: datetime
    status: StatusEntry
    levels: Mapping[str, str] = field(default_factory=dict)
    awarded_at: datetime | None = None
    valid_until: datetime | None = None
    name: str = ""
    identifiers: tuple[HashedIdentifier, ...] = ()
    narrative: str = ""
