"""Another thing in the place of what an application keeps (lti_mcred/services.py), for one test."""

from dataclasses import replace
from typing import Any, TypeVar

from flask import Flask

from lti_mcred.services import Services, service_of
from lti_mcred.settings import Settings

T = TypeVar("T")


def replace_service(app: Flask, kind: type[T], thing: Any) -> None:
    """Let `app` find `thing` (a fake, say) wherever it looks for a `kind`."""
    Services.installed(app).with_another(kind, thing).install(app)


def change_settings(app: Flask, **changes: Any) -> None:
    """Let `app` find other settings from now on; what it has made of the earlier ones stays."""
    replace_service(app, Settings, replace(service_of(app, Settings), **changes))
