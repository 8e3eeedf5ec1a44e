"""The application factory: the only file that knows every room."""

from pathlib import Path

from flask import Flask

from lti_mcred import landings, private
from lti_mcred.badges import identity, trial
from lti_mcred.badges import models as badges_models
from lti_mcred.badges import wiring as badges
from lti_mcred.catalog import models as catalog_models
from lti_mcred.catalog import wiring as catalog
from lti_mcred.catalog.library import Publishing
from lti_mcred.engine.db import init_db, spare_connections
from lti_mcred.engine.quick import init_quick
from lti_mcred.evidence import models as evidence_models
from lti_mcred.evidence import wiring as evidence
from lti_mcred.files import resource_dir
from lti_mcred.grading import models as grading_models
from lti_mcred.grading import wiring as grading
from lti_mcred.grading.gradebook import Gradebook
from lti_mcred.outbound.http import HttpClient
from lti_mcred.outbox import forget_done
from lti_mcred.people import models as people_models
from lti_mcred.room import Room, put_together
from lti_mcred.settings import Settings
from lti_mcred.tool import wiring as tool
from lti_mcred.tool.admin import models as admin_models
from lti_mcred.tool.admin import wiring as admin
from lti_mcred.tool.known import models as tool_models
from lti_mcred.tool.known.powers import find_visit
from lti_mcred.web import wiring as web
from lti_mcred.web.guards import check_routes
from lti_mcred.web.visits import Visits

TABLES = (people_models, tool_models, admin_models, catalog_models, evidence_models, grading_models, badges_models)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the WSGI application for `settings` (default: from the environment). Raises SettingsError."""
    settings = settings or Settings.load()
    private.for_owner_only()
    app = Flask("lti_mcred", template_folder=str(resource_dir("templates")), static_folder=str(resource_dir("static")))
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.max_upload_mb * 1024 * 1024 + 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        TRUSTED_HOSTS=None,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    private.make_folder(Path(settings.data_dir))
    if settings.database_file:
        private.close_database(settings.database_file)
    put_together(app, rooms(settings))
    check_routes(app)
    return app


def rooms(settings: Settings) -> tuple[Room, ...]:
    """Return the rooms of an application from the ground to the roof, with what those above do for those below."""
    http = HttpClient.of(settings)
    return (
        _ground(settings, http),
        web.room(settings, Visits(find_visit)),
        tool.room(http, landings.openings()),
        admin.room(),
        catalog.room(Publishing(checks=(identity.faults, trial.faults), published=(identity.issuer_of,))),
        evidence.room(settings, grading.judging()),
        grading.room(settings, Gradebook()),
        badges.room(),
    )


def _ground(settings: Settings, http: HttpClient) -> Room:
    def prepare(app: Flask) -> None:
        init_db(app, settings)
        init_quick(app)

    kept = (settings, http, spare_connections(settings))
    return Room("the ground", keeps=kept, housekeeping=(forget_done,), prepare=prepare)
