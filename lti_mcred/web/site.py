"""The settings of the running application, for code inside a request, a command or a delivery."""

from flask import current_app

from lti_mcred.settings import Settings


def site() -> Settings:
    """Return what the operator decided for this installation. Raises RuntimeError outside an application context."""
    settings: Settings = current_app.config["SETTINGS"]
    return settings
