"""Migrations lead to exactly the tables that the program uses, on both engines."""

from dataclasses import replace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from click.testing import CliRunner

from lti_mcred import migrate
from lti_mcred.app import create_app
from lti_mcred.cli import main
from lti_mcred.db import Base, db


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
        db.engine.dispose()
    assert (before, after) == (None, migrate.newest())
    assert differences == []


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
