"""The small XML parts inside documents, read within bounds: no declarations, no entities, no endless depth."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from xml.parsers import expat

_MOST_ELEMENTS = 100_000
_DEEPEST = 256


class XmlDamaged(ValueError):
    """The part is no XML that a document needs."""


@dataclass(frozen=True)
class XmlElement:
    """An element: its namespace, its local name, its attributes (those of a namespace as "namespace name")."""

    space: str
    name: str
    attributes: Mapping[str, str]


def elements(data: bytes, *, may_name_type: bool = False) -> list[XmlElement]:
    """Return the elements in the order of their start tags, 100,000 at most. Raises XmlDamaged.

    `may_name_type`: a document type may be named. It is never fetched, and none may be declared in the part itself.
    """
    found: list[XmlElement] = []
    depth = 0

    def begin(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST or len(found) >= _MOST_ELEMENTS:
            raise XmlDamaged(tag)
        space, _blank, name = tag.rpartition(" ")
        found.append(XmlElement(space, name, attributes))

    def end(_tag: str) -> None:
        nonlocal depth
        depth -= 1

    def type_named(name: str, _system: str | None, _public: str | None, declares: int) -> None:
        if declares or not may_name_type:
            raise XmlDamaged(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.StartDoctypeDeclHandler = type_named
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlDamaged(str(error)) from error
    return found


def root_of(head: bytes) -> XmlElement | None:
    """Return the first element of a part by its beginning alone; None when there is none in it."""
    found: list[XmlElement] = []

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if not found:
            space, _blank, name = tag.rpartition(" ")
            found.append(XmlElement(space, name, attributes))

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = begin
    with suppress(expat.ExpatError):
        parser.Parse(head, False)
    return found[0] if found else None
