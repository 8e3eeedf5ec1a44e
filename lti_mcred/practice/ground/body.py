"""Members of a JSON body or content item that a tool sent: read as far as they are what they should be. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite
from typing import Any

Json = dict[str, Any]


def object_in(body: Json, name: str) -> Json:
    """An object member; anything else counts as absent, and {} stands for it."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def custom_in(item: Json) -> Json:
    """The ``custom`` object of a content item, or {}; it may be changed without changing the item."""
    return dict(object_in(item, "custom"))


def text_in(body: Json, name: str) -> str | None:
    """A text member, or None when absent or empty; a number or a list comes as its text."""
    found = body.get(name)
    return str(found) if found not in (None, "") else None


def finite(value: Any) -> float | None:
    """A JSON number that is one; NaN, Infinity, booleans and texts are not."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value):
        return float(value)
    return None


def lenient_number(value: Any) -> float | None:
    """A JSON number, or a text that holds one, as Rails and PHP read it; None for anything else, NaN and Infinity."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def utc_moment(value: Any) -> datetime | None:
    """An ISO 8601 moment in UTC; a text without a zone is taken as UTC; None when it is no moment."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
