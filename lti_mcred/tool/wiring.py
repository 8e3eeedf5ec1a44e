"""The LMS's door put together: its pages, its deliveries, and what a process keeps of LMSs."""

from lti_mcred.outbound.http import HttpClient
from lti_mcred.room import Room
from lti_mcred.settings import Settings
from lti_mcred.tool.health import connection
from lti_mcred.tool.install.views import bp as install
from lti_mcred.tool.known.granted import SeenToday
from lti_mcred.tool.known.refused import forget_refused
from lti_mcred.tool.launch.login import forget_attempts
from lti_mcred.tool.launch.openings import Openings
from lti_mcred.tool.launch.views import bp as launches
from lti_mcred.tool.notices.views import bp as notices
from lti_mcred.tool.refusals.pages import init_refusals
from lti_mcred.tool.refusals.reasons import name_of
from lti_mcred.tool.roster import reading
from lti_mcred.tool.roster.plan import plan_night
from lti_mcred.tool.wire import notices as notice_service
from lti_mcred.tool.wire.jwks import Keyring
from lti_mcred.tool.wire.keys import OpenedKeys, rotate_when_due
from lti_mcred.tool.wire.service import Tokens


def room(http: HttpClient, openings: Openings) -> Room:
    """Return this room. `openings`: what a launch opens."""
    return Room(
        "tool",
        keeps=(Keyring(http), Tokens(), SeenToday(), OpenedKeys(), openings),
        needs=(Settings, HttpClient),
        blueprints=(launches, install, notices),
        filters={"check_name": name_of},
        topics={
            reading.TOPIC: reading.deliver,
            notice_service.TOPIC: notice_service.subscribe,
            connection.TOPIC: connection.perform,
        },
        sends=(reading.TOPIC, notice_service.TOPIC, connection.TOPIC, "column.found"),
        housekeeping=(forget_attempts, forget_refused, rotate_when_due, plan_night),
        prepare=init_refusals,
    )
