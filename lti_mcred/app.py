"""The application factory: the only file that knows every room."""

from pathlib import Path

from flask import Flask

from lti_mcred import private
from lti_mcred.badges import award, key_care, record_views
from lti_mcred.badges import models as badges_models
from lti_mcred.badges.issuer_views import init_issuer_admin
from lti_mcred.badges.views import init_badges
from lti_mcred.catalog import models as catalog_models
from lti_mcred.catalog.views import init_catalog
from lti_mcred.engine.db import init_db, spare_connections
from lti_mcred.engine.quick import init_quick
from lti_mcred.evidence import models as evidence_models
from lti_mcred.evidence.keeping import forget_unnamed
from lti_mcred.evidence.kept import look_again
from lti_mcred.evidence.views import init_evidence
from lti_mcred.files import resource_dir
from lti_mcred.grading import models as grading_models
from lti_mcred.grading.gradebook import Gradebook
from lti_mcred.grading.wiring import init_grading
from lti_mcred.landings import init_landings
from lti_mcred.outbound.http import HttpClient
from lti_mcred.outbox import forget_done
from lti_mcred.people import models as people_models
from lti_mcred.services import Services
from lti_mcred.settings import Settings
from lti_mcred.tool.admin import models as admin_models
from lti_mcred.tool.admin.access import forget_access
from lti_mcred.tool.admin.views import init_admin
from lti_mcred.tool.health import connection
from lti_mcred.tool.known import models as tool_models
from lti_mcred.tool.known.refused import forget_refused
from lti_mcred.tool.launch.login import forget_attempts
from lti_mcred.tool.roster.plan import plan_night
from lti_mcred.tool.wire.keys import rotate_when_due
from lti_mcred.tool.wiring import init_tool
from lti_mcred.web import health
from lti_mcred.web.around import init_around
from lti_mcred.web.guards import check_routes
from lti_mcred.web.limits import init_limits
from lti_mcred.web.logs import init_logs
from lti_mcred.web.pages import init_pages
from lti_mcred.web.proxy import init_proxy
from lti_mcred.web.visits import forget_visits, init_visits

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
    Services.of((settings, HttpClient.of(settings), spare_connections(settings))).install(app)
    app.extensions["outbox_handlers"] = {}
    forgetters = [forget_done, forget_visits, forget_attempts, forget_refused, forget_access, forget_unnamed]
    app.extensions["housekeeping"] = [look_again, *forgetters, rotate_when_due, plan_night]
    init_proxy(app, settings)
    init_logs(settings)
    init_around(app, settings)
    init_limits(app, settings)
    init_db(app, settings)
    init_quick(app)
    init_pages(app, settings)
    app.register_blueprint(health.bp)
    init_visits(app)
    init_tool(app)
    app.extensions["outbox_handlers"][connection.TOPIC] = connection.perform
    init_admin(app)
    init_catalog(app)
    init_evidence(app)
    init_badges(app)
    init_issuer_admin(app)
    app.register_blueprint(record_views.bp)
    app.extensions["outbox_handlers"][award.TOPIC] = award.consider
    app.extensions["outbox_handlers"][key_care.TOPIC] = key_care.perform
    init_grading(app, settings, Gradebook())
    init_landings(app)
    check_routes(app)
    return app
