"""Another thing in the place of what an application keeps (lti_mcred/services.py), for one test."""

from dataclasses import replace
from typing import Any

from flask import Flask

from lti_mcred.app import rooms
from lti_mcred.room import services_of
from lti_mcred.services import Services, service_of
from lti_mcred.settings import Settings


def replace_service(app: Flask, kind: type, thing: Any) -> None:
    """Let `app` find `thing` (a fake, say) wherever it looks for a `kind`."""
    kept = Services.installed(app).kept
    assert kind in kept
    Services({**kept, kind: thing}).install(app)


def change_settings(app: Flask, **changes: Any) -> None:
    """Let `app` find other settings from now on; what it has made of the earlier ones stays."""
    replace_service(app, Settings, replace(service_of(app, Settings), **changes))


def start_over(app: Flask, settings: Settings) -> None:
    """Let `app` keep everything anew, as one that has just been made for `settings`: nothing replaced or remembered."""
    services_of(rooms(settings)).install(app)
