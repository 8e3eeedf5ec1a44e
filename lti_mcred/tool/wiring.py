"""The LMS's door put together: its pages, its deliveries, and what they keep in the application."""

from flask import Flask

from lti_mcred.outbound.http import HttpClient
from lti_mcred.services import service_of
from lti_mcred.tool.install.views import bp as install
from lti_mcred.tool.known.powers import find_visit
from lti_mcred.tool.launch.views import bp as launches
from lti_mcred.tool.notices.views import bp as notices
from lti_mcred.tool.refusals.pages import init_refusals
from lti_mcred.tool.roster import reading
from lti_mcred.tool.wire import notices as notice_service
from lti_mcred.tool.wire.jwks import Keyring
from lti_mcred.tool.wire.service import Tokens


def init_tool(app: Flask) -> None:
    """Register the door. `app.extensions["landings"]` and `["find_activity"]` say what a launch opens (arrive.py)."""
    app.extensions["platform_keys"] = Keyring(service_of(app, HttpClient))
    app.extensions["service_tokens"] = Tokens()
    app.extensions.setdefault("landings", {})
    app.extensions["find_visit"] = find_visit
    app.extensions["outbox_handlers"][reading.TOPIC] = reading.deliver
    init_refusals(app)
    app.register_blueprint(launches)
    app.register_blueprint(install)
    app.register_blueprint(notices)
    app.extensions["outbox_handlers"][notice_service.TOPIC] = notice_service.subscribe
