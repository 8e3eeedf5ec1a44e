"""Write a migration for tables that have changed: `make migration NAME="add x"`."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from lti_mcred.app import create_app
from lti_mcred.engine import migrate
from lti_mcred.engine.db import db
from lti_mcred.settings import Settings

with tempfile.TemporaryDirectory() as folder:
    app = create_app(
        Settings.load({}, environment="development", database_url=f"sqlite:///{folder}/empty.sqlite3", data_dir=folder)
    )
    migrate.upgrade(app)
    config = migrate.alembic_config()
    with app.app_context(), db.engine.begin() as connection:
        config.attributes["connection"] = connection
        number = len(list((Path(__file__).parent / "versions").glob("*.py"))) + 1
        command.revision(config, message=sys.argv[1], autogenerate=True, rev_id=f"{number:04d}")
