"""A developer key by URL: the tool's configuration is read from its address, as Canvas's "Enter URL" does."""

from __future__ import annotations

import json
from typing import Any

from lti_mcred.practice.campus.installs import PRIVACY_LEVELS, is_web_address
from lti_mcred.practice.ground import vocabulary as v
from lti_mcred.practice.ground.shapes import NewTool

Json = dict[str, Any]
EXTENSION = "canvas.instructure.com"
ADDRESSES = ("target_link_uri", "oidc_initiation_url", "public_jwk_url")


class NoKey(ValueError):
    """The document is no configuration of a developer key."""


def read_key(document: bytes, redirect_uris: list[str]) -> NewTool:
    """The tool that a configuration describes; an own placement wins, unknown ones are dropped. Raises NoKey."""
    try:
        key = json.loads(document)
    except ValueError:
        raise NoKey from None
    if not isinstance(key, dict) or not key.get("title") or not all(is_web_address(str(key.get(n))) for n in ADDRESSES):
        raise NoKey
    extension = _extension(key)
    placements = extension.get("settings", {}).get("placements", [])
    level = extension.get("privacy_level")
    return NewTool(
        name=str(key["title"]),
        description=str(key.get("description") or ""),
        login_url=str(key["oidc_initiation_url"]),
        redirect_uris=redirect_uris,
        jwks_uri=str(key["public_jwk_url"]),
        target_link_uri=str(key["target_link_uri"]),
        scopes=[str(scope) for scope in key.get("scopes") or []],
        placements=[_placement(key, one) for one in placements if one.get("enabled", True)],
        custom=key.get("custom_fields") or {},
        privacy=level if level in PRIVACY_LEVELS else "anonymous",
        configuration=key,
    )


def _extension(key: Json) -> Json:
    given = key.get("extensions") or []
    return next((one for one in given if one.get("platform") == EXTENSION), {})


def _placement(key: Json, one: Json) -> Json:
    return {
        "placement": str(one["placement"]),
        "type": str(one.get("message_type") or v.RESOURCE_LINK),
        "url": str(one.get("target_link_uri") or key["target_link_uri"]),
        "label": str(one.get("text") or key["title"]),
        "custom": one.get("custom_fields") or {},
    }
