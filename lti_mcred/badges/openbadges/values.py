"""Values of somebody's JSON-LD document, read so that forms which a signature cannot tell apart read the same.

RDF knows neither the order of a list nor a value from a list of one, neither 5 from "5" nor null from nothing: what is
shown to people must not depend on any of these (JSON-LD 1.1, RDF serialisation).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

# The ends of the calendar ("valid for ever") would fall out of it when they are shown in another zone.
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
_BETWEEN = " · "
# Data model 1.1 has a second name for each end (section 4.6): the later beginning and the earlier end count.
STARTS, ENDS = ("validFrom", "issuanceDate"), ("validUntil", "expirationDate")


def one(value: Any) -> Any:
    """Return what a list of one holds, however often it is wrapped; anything else as it is."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, nothing as an empty list, anything else as a list of one."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def items(value: Any) -> Iterator[Any]:
    """Yield what a value or a list holds, lists within lists taken apart, nothing for null."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, list):
            stack.extend(reversed(top))
        elif top is not None:
            yield top


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """Yield the objects in a value."""
    return (item for item in items(value) if isinstance(item, dict))


def mapping(value: Any) -> dict[str, Any]:
    """Return an object as it is, also out of a list of one; an empty one for anything else."""
    value = one(value)
    return value if isinstance(value, dict) else {}


def text_of(value: Any) -> str:
    """Return text as it can be shown: a number as text, several values in one order, "" for anything else."""
    if isinstance(value, list):
        return _BETWEEN.join(sorted(filter(None, map(text_of, items(value)))))
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).encode("utf-8", "replace").decode()  # JSON can name half a character (\ud800)


def number_of(value: Any) -> str:
    """Return a number as it can be shown, whether it was written as 1.5, "1.5" or "1.5E0"; other text as it is."""
    text = text_of(value)
    try:
        number = float(text) if len(text) < 32 and text.isascii() and "_" not in text else None
    except ValueError:
        number = None
    return f"{number:.12g}" if number is not None and abs(number) < 1e9 else text


def moment_of(value: Any) -> datetime | None:
    """Return an aware datetime of a dateTimeStamp, None for anything else (a time without a zone too)."""
    try:
        moment = datetime.fromisoformat(one(value))
    except (TypeError, ValueError):
        return None
    return max(_FIRST, min(moment, _LAST)) if moment.tzinfo else None


def moments(document: Mapping[str, Any], names: Iterable[str]) -> list[datetime | None]:
    """Return the time of each of these members that a document has, None for what cannot be read."""
    return [moment_of(document[name]) for name in names if any(True for _ in items(document.get(name)))]


def safe_link(value: Any) -> str:
    """Return an http(s) address that is safe to link, or an empty string."""
    value = one(value)
    try:
        parts = urlsplit(value) if isinstance(value, str) else None
    except ValueError:
        return ""
    return text_of(value) if parts and parts.scheme in ("http", "https") and parts.netloc else ""


def issuer_id(document: dict[str, Any]) -> str:
    """Return the issuer's id, whether the issuer is an object or a bare address; "" when there are several."""
    issuer = one(document.get("issuer"))
    found = one(issuer.get("id") if isinstance(issuer, dict) else issuer)
    return text_of(found) if isinstance(found, str) else ""
