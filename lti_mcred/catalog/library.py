"""The library: bringing definitions in, publishing, listing, giving them out. A published version never changes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from lti_mcred.catalog.definition import STORED, Definition, version_key
from lti_mcred.catalog.models import Version
from lti_mcred.catalog.yaml_file import Check, check_again, read_definition
from lti_mcred.engine.db import db, utcnow
from lti_mcred.services import service

# Fingerprint -> definition. Content never changes under its fingerprint, so nothing here can be out of date.
_READ: dict[str, Definition] = {}
_MOST_READ = 500


@dataclass(frozen=True)
class Publishing:
    """What rooms above say to a definition. `checks`: their rules for it. `published`: told of each new publication."""

    checks: tuple[Check, ...] = ()
    published: tuple[Callable[[Version], object], ...] = ()


class FrozenVersion(ValueError):
    """A published version was to be changed; the message says what to do instead."""


@dataclass(frozen=True)
class Imported:
    """What an import did. `outcome`: added, published (a draft before), replaced (a draft) or unchanged."""

    version: Version
    outcome: str


def import_file(path: Path, *, publish: bool | None = None) -> Imported:
    """Read and store the definition in `path`; publish it when asked, or when its own status says so.

    Raises DefinitionError (every error of the file) or FrozenVersion.
    """
    definition = read_definition(path, service(Publishing).checks)
    return store(definition, publish=definition.status == "published" if publish is None else publish)


def store(definition: Definition, *, publish: bool) -> Imported:
    """Store one definition as data and commit. The same content twice changes nothing.

    Rooms that act on a publication are told afterwards (Publishing). Raises FrozenVersion, and
    DefinitionError where it could not be awarded.
    """
    known = db.session.scalar(select(Version).filter_by(slug=definition.id, version=definition.version))
    if known and known.state != "draft":
        if known.sha256 == definition.sha256():
            return Imported(known, "unchanged")
        message = (
            f"{definition.id} {definition.version} is published and cannot change, because people are earning it. "
            f'Give the changed definition a higher version than "{definition.version}".'
        )
        raise FrozenVersion(message)
    check_again(definition, service(Publishing).checks)
    outcome = "replaced" if known else "added"
    row = known or Version(slug=definition.id, version=definition.version)
    row.title, row.document, row.sha256 = definition.title, definition.canonical(), definition.sha256()
    db.session.add(row)
    if publish:
        outcome = "published" if known else outcome
        row.state, row.published_at = "published", utcnow()
    try:
        db.session.commit()
    except IntegrityError:  # the same file was imported by another process at this very moment
        db.session.rollback()
        return store(definition, publish=publish)
    if publish:
        for tell in service(Publishing).published:
            tell(row)
    return Imported(row, outcome)


def published(search: str = "") -> list[Version]:
    """Return the newest published version of each micro-credential, by title; `search` looks into the whole text."""
    newest: dict[str, Version] = {}
    for row in db.session.scalars(select(Version).filter_by(state="published")):
        if row.slug not in newest or version_key(row.version) > version_key(newest[row.slug].version):
            newest[row.slug] = row
    words = search.lower().split()
    found = [row for row in newest.values() if all(word in _searchable(row) for word in words)]
    return sorted(found, key=lambda row: row.title.lower())


def all_versions() -> list[Version]:
    """Return every stored version, by slug and then by version."""
    rows = list(db.session.scalars(select(Version)))
    return sorted(rows, key=lambda row: (row.slug, version_key(row.version)))


def find_version(slug: str, version: str | None = None) -> Version | None:
    """Return that version, or the newest of any state when `version` is None."""
    rows = [row for row in all_versions() if row.slug == slug and version in (None, row.version)]
    return rows[-1] if rows else None


def export_yaml(row: Version) -> str:
    """Return the definition as YAML that imports to the same fingerprint."""
    return yaml.safe_dump(row.document, sort_keys=False, allow_unicode=True, width=100)


def definition_of(row: Version) -> Definition:
    """Return the typed definition of a stored version; the same content is read once a process."""
    if (known := _READ.get(row.sha256)) is not None:
        return known
    if len(_READ) >= _MOST_READ:
        _READ.clear()
    _READ[row.sha256] = definition = Definition.model_validate(row.document, context=STORED)
    return definition


def _searchable(row: Version) -> str:
    document = row.document
    audience = document.get("audience", {})
    texts = [document["title"], document["summary"], document["competency"], audience.get("sector", "")]
    texts += [document["issuer"]["name"], *audience.get("roles", ())]
    texts += [str(alignment["framework"]) for alignment in document.get("alignments", ())]
    return " ".join(texts).lower()
