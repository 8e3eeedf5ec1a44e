"""The developer key of Canvas as JSON, for an administrator who pastes its URL, or the text itself.

Source: Canvas documentation, "Configuring LTI Advantage Tools" (lti_dev_key_config).
"""

from typing import Any
from urllib.parse import urlsplit

from lti_mcred.settings import Settings
from lti_mcred.tool.profiles.canvas_places import CUSTOM, VISIBILITY, placements
from lti_mcred.tool.protocol.services_asked import SCOPES


def canvas_json(settings: Settings) -> dict[str, Any]:
    """Return the key's configuration for the tool at `settings.public_url`."""
    base = settings.public_url.rstrip("/")
    target, icon = f"{base}/lti/launch", f"{base}/static/img/icon.svg"
    return {
        "title": settings.tool_name,
        "description": settings.tool_name,
        "target_link_uri": target,
        "oidc_initiation_url": f"{base}/lti/login",
        "redirect_uris": [target],
        "public_jwk_url": f"{base}/.well-known/jwks.json",
        "scopes": list(SCOPES),
        "custom_fields": dict(CUSTOM),
        "extensions": [
            {
                "platform": "canvas.instructure.com",
                "domain": urlsplit(base).netloc,
                "tool_id": "lti_mcred",
                "privacy_level": "public",
                "settings": {
                    "text": settings.tool_name,
                    "icon_url": icon,
                    "selection_width": 900,
                    "selection_height": 700,
                    "placements": [_placement(name, kind, target, icon, settings) for name, kind in placements()],
                },
            }
        ],
    }


def _placement(name: str, kind: str, target: str, icon: str, settings: Settings) -> dict[str, Any]:
    entry = {
        "placement": name,
        "message_type": kind,
        "target_link_uri": target,
        "text": settings.tool_name,
        "icon_url": icon,
        "enabled": True,
    }
    if name in VISIBILITY:
        entry["visibility"] = VISIBILITY[name]
    if name == "course_navigation":
        entry["default"] = "enabled"
    return entry
