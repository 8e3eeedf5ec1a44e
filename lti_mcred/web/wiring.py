"""What stands around every page: handed over to the application."""

from flask import Flask

from lti_mcred.room import Room
from lti_mcred.settings import Settings
from lti_mcred.web import health, pages
from lti_mcred.web.around import init_around
from lti_mcred.web.limits import Limits
from lti_mcred.web.logs import init_logs
from lti_mcred.web.proxy import init_proxy
from lti_mcred.web.visits import Visits, forget_visits, init_visits


def room(settings: Settings, visits: Visits) -> Room:
    """Return this room. `visits`: how the tool finds one."""

    def prepare(app: Flask) -> None:
        init_proxy(app, settings)
        init_logs(settings)
        init_around(app, settings)
        pages.init_pages(app, settings)
        init_visits(app)

    return Room(
        "web",
        keeps=(Limits.of(settings), pages.Frames(), visits),
        needs=(Settings,),
        blueprints=(pages.bp, health.bp),
        filters={"moment": pages.moment},
        housekeeping=(forget_visits,),
        prepare=prepare,
    )
