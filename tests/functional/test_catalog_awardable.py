"""Definitions are checked by a trial badge wherever they come in, and older versions are awarded all the same."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from lti_mcred.app import create_app
from lti_mcred.badges.award import consider
from lti_mcred.badges.models import Award, Issuer
from lti_mcred.badges.resolve import LocalResolver
from lti_mcred.badges.verifier.verify import verify
from lti_mcred.catalog import library
from lti_mcred.catalog.definition import STORED, Definition
from lti_mcred.catalog.yaml_file import DefinitionError
from lti_mcred.cli import main
from lti_mcred.engine.db import close_connections, db, utcnow
from lti_mcred.outbox import Done
from lti_mcred.settings import Settings, as_environment
from tests import factories
from tests.badges_rows import earned_decision
from tests.unit.test_badges_trial import changed


def written(folder: Path, *changes: tuple[str, Any]) -> str:
    """Write the changed example into a file; return its path."""
    path = folder / "d.yaml"
    path.write_text(yaml.safe_dump(changed(*changes), sort_keys=False), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("kind", ["Micro-credential", "Course of lectures"])
def test_a_definition_of_an_unknown_type_comes_in_nowhere(app: Flask, tmp_path: Path, kind: str) -> None:
    path = written(tmp_path, ("badge.achievement_type", kind))
    checked = CliRunner().invoke(main, ["catalog", "check", path])
    assert checked.exit_code == 1
    assert "badge.achievement_type" in checked.output
    with pytest.raises(DefinitionError, match="achievement_type"):
        library.import_file(Path(path), publish=True)
    stored = Definition.model_validate(changed(("badge.achievement_type", kind)), context=STORED)
    for publish in (True, False):
        with pytest.raises(DefinitionError, match="achievement_type"):
            library.store(stored, publish=publish)
    assert library.all_versions() == []


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        (("badge.achievement_type", "Micro-credential"), "achievementType", "MicroCredential"),
        (("badge.achievement_type", "Kurs"), "achievementType", None),
        (("badge.name", "_:Title"), "name", " _:Title"),
    ],
)
@pytest.mark.usefixtures("app")
def test_a_version_of_before_is_awarded_with_what_other_software_takes(
    change: tuple[str, Any], member: str, value: str | None
) -> None:
    old = Definition.model_validate(changed(change), context=STORED)
    decision = earned_decision_of(old)
    assert consider({"decision_id": decision}) == Done()
    badge = json.loads(db.session.scalars(select(Award)).one().credential)
    assert badge["credentialSubject"]["achievement"].get(member) == value
    assert verify(badge, LocalResolver(), utcnow()).valid


@pytest.mark.usefixtures("app")
def test_addresses_of_a_version_of_before_are_mended() -> None:
    old = Definition.model_validate(
        changed(("alignments.0.url", "https://example.org/std 4"), ("issuer.url", "https://example.edu/our college")),
        context=STORED,
    )
    assert consider({"decision_id": earned_decision_of(old)}) == Done()
    badge = json.loads(db.session.scalars(select(Award)).one().credential)
    aligned = badge["credentialSubject"]["achievement"]["alignment"][0]
    assert aligned["targetUrl"] == "https://example.org/std%204"
    assert badge["issuer"]["url"] == "https://example.edu/our%20college"


def earned_decision_of(definition: Definition) -> str:
    """Return the id of a decision that earned a badge of a version stored before today's rules."""
    good = factories.version()
    decision = earned_decision(of=good)
    good.document, good.sha256 = definition.canonical(), definition.sha256()
    db.session.commit()
    return decision.id


@pytest.fixture
def installed(settings: Settings) -> Iterator[dict[str, str]]:
    """An installation as commands find it; inside an application context. Yields its environment."""
    environ = as_environment(settings)
    assert CliRunner().invoke(main, ["db", "upgrade"], env=environ).exit_code == 0
    with create_app(settings).app_context():
        yield environ
        db.session.remove()
        close_connections()


def test_publishing_binds_the_issuer_and_importing_says_who_signs(installed: dict[str, str], tmp_path: Path) -> None:
    environ, runner = installed, CliRunner()
    first = runner.invoke(
        main, ["catalog", "import", "--publish", written(tmp_path, ("issuer.name", "C Academy"))], env=environ
    )
    assert first.exit_code == 0, first.output
    assert "signed as: C Academy, did:web:" in first.output
    assert "(new here)" in first.output
    again = written(
        tmp_path, ("version", "1.1.0"), ("issuer.name", "C Academy"), ("issuer.url", "https://c.example.edu")
    )
    second = runner.invoke(main, ["catalog", "import", "--publish", again], env=environ)
    assert "(new here)" not in second.output
    third = written(tmp_path, ("id", "another"), ("issuer.name", "C Academy"), ("issuer.url", "https://c.example.org"))
    other = runner.invoke(main, ["catalog", "import", "--publish", third], env=environ)
    assert "(new here)" in other.output
    assert "not as: C Academy" in other.output
    fourth = written(tmp_path, ("id", "a-third"), ("issuer.name", "C Academy"))
    refused = runner.invoke(main, ["catalog", "import", "--publish", fourth], env=environ)
    assert refused.exit_code == 1
    assert "issuer.name: names more than one issuer. Write which one as issuer.id" in refused.output
    db.session.expire_all()
    assert {row.url for row in db.session.scalars(select(Issuer))} == {"https://c.example.edu", "https://c.example.org"}


def test_the_library_is_checked_by_todays_rules(installed: dict[str, str]) -> None:
    old = Definition.model_validate(changed(("badge.achievement_type", "Micro-credential")), context=STORED)
    factories.version(old)
    factories.version(factories.example("k12-exit-ticket-regrouping"))
    db.session.commit()
    checked = CliRunner().invoke(main, ["catalog", "check", "--library"], env=installed)
    assert checked.exit_code == 1
    assert (
        "can be awarded, mended:\n    badge.achievement_type: 'Micro-credential' is no achievement type"
        in checked.output
    )
    assert "k12-exit-ticket-regrouping 1.0.0  published  good" in checked.output
