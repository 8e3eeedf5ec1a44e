"""RTF 1.9: groups about the document, its authors and its comments' authors go or are emptied."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.patch import read_whole

# Destinations that go; those that have to be there and lose their words.
_GONE = frozenset(
    b"info userprops docvar template datastore mailmerge xmlopen xmlnstbl generator passwordhash rsidtbl".split()
)
_EMPTIED = frozenset(b"atnauthor atnid atndate revtbl".split())
_TOKEN = re.compile(rb"[{}]|\\(?:([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|.)|[^{}\\]+", re.DOTALL)
_OF_PEOPLE = re.compile(rb"\s*(?:AUTHOR|USERNAME|USERINITIALS|USERADDRESS|LASTSAVEDBY|FILENAME|DOCPROPERTY)\b")
_INSTRUCTION, _RESULT, _AUTHORS = b"fldinst", b"fldrslt", b"revtbl"


@dataclass
class _Group:
    """An open group. `state`: kept, gone or emptied. `start`: where it stands in what is written."""

    state: str
    start: int
    fresh: bool = True
    name: bytes = b""
    words: list[bytes] = field(default_factory=list)
    of_people: bool = False


def clean(source: Path, target: Path) -> None:
    """Write a document without what is said of its authors. Raises CannotClean: large, damaged."""
    target.write_bytes(rtf(read_whole(source)))


def rtf(data: bytes) -> bytes:
    """Return a document whose groups about people are gone or emptied. Raises CannotClean for what is no RTF."""
    if not data.startswith(b"{\\rtf"):
        raise CannotClean("damaged")
    kept: list[bytes] = []
    groups: list[_Group] = []
    place = 0
    while place < len(data) and (token := _TOKEN.match(data, place)):
        place = token.end()
        if token.group(1) == b"bin":  # so many bytes as they are
            length = max(0, int(token.group(2) or 0))
            binary = data[place : place + length]
            place += length
            if groups and groups[-1].state == "kept":
                kept += [token.group(), binary]
            continue
        _token(token, groups, kept)
        if not groups:
            return b"".join(kept)
    raise CannotClean("damaged")


def _token(token: "re.Match[bytes]", groups: list[_Group], kept: list[bytes]) -> None:
    said = token.group()
    if said == b"{":
        groups.append(_Group(groups[-1].state if groups else "kept", len(kept)))
        kept.append(b"" if groups[-1].state == "gone" else b"{")
        return
    group = groups[-1]
    if said == b"}":
        _close(groups, kept)
    elif token.group(1):
        if group.fresh:
            _begin(group, token.group(1), groups, kept)
        if group.state != "gone":
            kept.append(said)
    elif group.state == "kept":
        if group.name == _INSTRUCTION or (len(groups) > 1 and groups[-2].name == _INSTRUCTION):
            group.words.append(said)
        kept.append(said)
    elif group.state == "emptied" and said == b"\\*":
        kept.append(said)


def _begin(group: _Group, name: bytes, groups: list[_Group], kept: list[bytes]) -> None:
    """Decide by its first word what becomes of a group."""
    group.fresh, group.name = False, name
    if group.state == "kept":
        if name in _GONE:
            group.state = "gone"
            del kept[group.start :]
        elif name in _EMPTIED or (name == _RESULT and len(groups) > 1 and groups[-2].of_people):
            group.state = "emptied"


def _close(groups: list[_Group], kept: list[bytes]) -> None:
    group = groups.pop()
    parent = groups[-1] if groups else None
    if parent is not None:
        if parent.name == _INSTRUCTION:
            parent.words += group.words
        elif group.name == _INSTRUCTION:
            parent.of_people = bool(_OF_PEOPLE.match(b"".join(group.words)))
        if parent.name == _AUTHORS and parent.state == "emptied":
            kept.append(b"Author;")
    if group.state != "gone":
        kept.append(b"}")
