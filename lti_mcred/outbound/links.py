"""The Link header of an answer (RFC 8288): its whole grammar, read once from left to right. Pure.

A header that does not follow the grammar is an error and never "no links": a list that ends by mistake looks complete.
Two deviations of real LMSs are understood, both Moodle's: curly quotes around a value, and `&amp;` in an address.
"""

import re
from dataclasses import dataclass
from urllib.parse import urldefrag, urljoin

_BLANK = re.compile(r"[ \t]*+")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]++")
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_CURLY = re.compile(r"[“”]([^“”\"]*+)[“”\"]")
_BARE = re.compile(r"[^\s\"“”<>;,=][^\s\"“”<>;,]*+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NO_ADDRESS = re.compile(r"[\x00-\x20<>\"\x7f]")
# A registered relation, written generously, or the address of one of somebody's own (RFC 8288, 3.3).
_RELATION = re.compile(r"[a-z][a-z0-9._-]*+(?::.*+)?+", re.DOTALL)


class LinkError(ValueError):
    """The header does not follow the grammar; the message says where."""


@dataclass(frozen=True)
class Link:
    """One link of a header. `rels`: its relation types in lower case, of the first `rel` alone (RFC 8288, 3.3).

    `target` is a reference as it was written, `anchor` what the link begins at, None for the answer itself.
    """

    target: str
    rels: tuple[str, ...]
    anchor: str | None = None


def read_links(header: str) -> list[Link]:
    """Return the links of a Link header; of several header lines, joined by commas. Raises LinkError."""
    found: list[Link] = []
    at = _skip(header, 0)
    while at < len(header):
        if header[at] == ",":  # an empty element of the list (RFC 9110, 5.6.1)
            at = _skip(header, at + 1)
            continue
        link, at = _link(header, at)
        found.append(link)
        if at < len(header) and header[at] != ",":
            raise _error_at(header, at)
    return found


def next_of(header: str, url: str) -> str | None:
    """Return what the answer of `url` names as its next page, as it is written; None when it names none.

    A link that begins somewhere else (`anchor`) says nothing about this page. Raises LinkError.
    """
    for link in read_links(as_meant(header)):
        if "next" in link.rels and (link.anchor is None or _joined(url, link.anchor) == urldefrag(url)[0]):
            return link.target
    return None


def _link(header: str, at: int) -> tuple[Link, int]:
    if header[at] != "<":
        raise _error_at(header, at)
    end = header.find(">", at)
    target = header[at + 1 : end].replace("&amp;", "&")
    if end < 0 or _NO_ADDRESS.search(target):
        raise _error_at(header, at)
    given: dict[str, str] = {}
    at = _skip(header, end + 1)
    while at < len(header) and header[at] == ";":
        at = _skip(header, at + 1)
        if at < len(header) and header[at] not in ";,":
            name, value, at = _parameter(header, at)
            given.setdefault(name, value)
    rels = tuple(given.get("rel", "").lower().split())
    if "rel" in given and not (rels and all(_RELATION.fullmatch(rel) for rel in rels)):
        raise LinkError(f"the Link header has a relation that cannot be read, {given['rel'][:40]!r}")
    return Link(target, rels, given.get("anchor")), at


def _parameter(header: str, at: int) -> tuple[str, str, int]:
    """Return a parameter's name in lower case, its value, and where the header goes on."""
    name = _TOKEN.match(header, at)
    if name is None:
        raise _error_at(header, at)
    at = _skip(header, name.end())
    if at >= len(header) or header[at] != "=":
        return name[0].lower(), "", at
    at = _skip(header, at + 1)
    for kind in (_QUOTED, _CURLY, _BARE):
        if value := kind.match(header, at):
            text = _ESCAPED.sub(r"\1", value[1]) if kind is _QUOTED else value[value.re.groups]
            return name[0].lower(), text, _skip(header, value.end())
    raise _error_at(header, at)


def _skip(header: str, at: int) -> int:
    blank = _BLANK.match(header, at)
    return blank.end() if blank else at


def _error_at(header: str, at: int) -> LinkError:
    return LinkError(f"the Link header cannot be read at character {at + 1} of {len(header)}")


def as_meant(header: str) -> str:
    """Return a header as its sender meant it: it arrives decoded as Latin-1 (RFC 9112 knows no other)."""
    try:
        return header.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return header


def _joined(url: str, reference: str) -> str | None:
    try:
        return urljoin(url, reference)
    except ValueError:
        return None
