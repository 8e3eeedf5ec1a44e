"""Migrations lead to exactly the tables that the program uses, on both engines."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner

from lti_mcred.app import create_app
from lti_mcred.cli import main
from lti_mcred.engine import migrate
from lti_mcred.engine.db import Base, close_connections, db
from lti_mcred.tool.known.models import RefusedLaunch


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def test_an_upgraded_database_has_the_programs_tables(request, settings, engine):
    if engine == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_url"))
    app = create_app(settings)
    with app.app_context():
        db.drop_all()
        before, after = migrate.upgrade(app)
        with db.engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"compare_type": True})
            differences = compare_metadata(context, Base.metadata)
        db.drop_all()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        close_connections()
    assert (before, after) == (None, migrate.newest())
    assert differences == []


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def test_the_last_refusal_of_a_platform_becomes_the_first_of_its_list(request, settings, engine):
    if engine == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_url"))
    app = create_app(settings)
    with app.app_context():
        db.drop_all()
        with db.engine.begin() as connection:
            config = migrate.alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "0002")
            old = sa.Table("platform", sa.MetaData(), autoload_with=connection)
            told = {"check": "issuer", "fact": "iss differs", "passed": ["shape"], "claims": {}, "reference": "AB-12"}
            values = dict.fromkeys(("name", "auth_url", "token_url", "jwks_url", "profile", "state"), "x")
            values |= {"id": "p1", "issuer": "https://lms", "client_id": "c", "last_error": told}
            moment = datetime(2026, 11, 3, 15, 42, tzinfo=UTC)
            connection.execute(old.insert().values(**values, created_at=moment, last_error_at=moment))
        migrate.upgrade(app)
        [row] = db.session.scalars(sa.select(RefusedLaunch)).all()
        kept = (row.platform_id, row.failed, row.passed, row.reference, row.at)
        db.session.remove()
        with db.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "0002")
            columns = {column["name"] for column in sa.inspect(connection).get_columns("platform")}
            command.downgrade(config, "base")
            connection.exec_driver_sql("DROP TABLE alembic_version")
        close_connections()
    assert kept == ("p1", "issuer", ["shape"], "AB-12", moment)
    assert {"last_error", "last_error_at"} <= columns


def _environ(settings) -> dict[str, str]:
    return {
        "LTI_MCRED_ENVIRONMENT": "development",
        "LTI_MCRED_DATABASE_URL": settings.database_url,
        "LTI_MCRED_DATA_DIR": settings.data_dir,
    }


def test_a_command_on_an_old_database_says_what_to_run(settings):
    answer = CliRunner().invoke(main, ["platforms", "list"], env=_environ(settings))
    assert answer.exit_code == 1
    assert "Run: lti-mcred db upgrade" in answer.output


def test_upgrading_twice_is_harmless(settings):
    runner = CliRunner()
    assert "The database is at" in runner.invoke(main, ["db", "upgrade"], env=_environ(settings)).output
    assert "already at" in runner.invoke(main, ["db", "upgrade"], env=_environ(settings)).output
    assert runner.invoke(main, ["platforms", "list"], env=_environ(settings)).exit_code == 0


_YESTERDAY = """
INSERT INTO platform (id, name, issuer, client_id, auth_url, token_url, jwks_url, profile, state, created_at)
  VALUES ('p', 'Larkspur', 'https://lms.example.edu', 'c', 'a', 't', 'j', 'canvas', 'active', '2026-11-24 10:00:00');
INSERT INTO deployment (id, platform_id, deployment_id, state, created_at)
  VALUES ('d', 'p', '1', 'active', '2026-11-24 10:00:00');
INSERT INTO person (id, deployment_id, sub, is_test_user, created_at)
  VALUES ('w', 'd', 's', false, '2026-11-24 10:00:00');
INSERT INTO course (id, platform_id, deployment_id, context_id, title, label, scopes, created_at)
  VALUES ('k', 'p', 'd', 'ctx', 'Safety', 'S', '[]', '2026-11-24 10:00:00');
INSERT INTO catalog_version (id, slug, version, title, document, sha256, state, created_at)
  VALUES ('v', 'jha', '1.0.0', 'JHA', '{}', 'x', 'published', '2026-11-24 10:00:00');
INSERT INTO activity (id, version_id, platform_id, deployment_id, course_id, created_by, created_at)
  VALUES ('a', 'v', 'p', 'd', 'k', 'w', '2026-11-24 10:00:00');
INSERT INTO resource_link (id, course_id, resource_link_id, title, activity_id, created_at)
  VALUES ('l', 'k', 'link-1', 'JHA', 'a', '2026-11-24 10:00:00');
INSERT INTO enrolment (id, person_id, version_id, state, started_at)
  VALUES ('e', 'w', 'v', 'earned', '2026-11-24 10:00:00');
INSERT INTO placement (id, enrolment_id, resource_link_id, created_at) VALUES ('m', 'e', 'l', '2026-11-24 10:00:00');
INSERT INTO visit (id, secret, platform_id, deployment_id, person_id, course_id, resource_link_id, activity_id, roles,
    granted, message_type, launch, frame_ancestors, opened_at, seen_at, ends_at)
  VALUES ('z', 's', 'p', 'd', 'w', 'k', 'l', 'a', '[]', '[]', 'LtiResourceLinkRequest', '{}', '',
    '2026-11-24 10:00:00', '2026-11-24 10:00:00', '2026-11-24 10:00:00')
"""


@pytest.mark.parametrize("engine", ["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres])])
def test_yesterdays_work_is_there_after_the_migration_for_copied_courses(request, settings, engine):
    if engine == "postgresql":
        settings = replace(settings, database_url=request.getfixturevalue("postgres_url"))
    app = create_app(settings)
    with app.app_context():
        db.drop_all()
        migrate.upgrade(app, "0002")
        with db.engine.begin() as connection:
            for statement in _YESTERDAY.strip().split(";\n"):
                connection.exec_driver_sql(statement)
        migrate.upgrade(app)
        with db.engine.connect() as connection:
            kept = connection.exec_driver_sql(
                "SELECT e.state, e.copy_id, a.named, l.named FROM placement m "
                "JOIN enrolment e ON e.id = m.enrolment_id "
                "JOIN resource_link l ON l.id = m.resource_link_id JOIN activity a ON a.id = l.activity_id "
                "JOIN visit z ON z.activity_id = a.id"
            ).all()
        db.drop_all()
        with db.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE alembic_version")
        close_connections()
    assert [tuple(row) for row in kept] == [("earned", "", None, None)]
