"""RTF 1.9: groups about the document, its authors and its comments' authors go or are emptied; pictures are cleaned."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from lti_mcred.evidence.cleaning import pictures
from lti_mcred.evidence.cleaning.office import FIELDS_OF_PEOPLE
from lti_mcred.evidence.cleaning.outcome import EMBEDDED, CannotClean
from lti_mcred.evidence.cleaning.patch import read_whole

# Destinations that go; those that have to be there and lose their words.
_GONE = frozenset(
    b"info userprops docvar template datastore mailmerge xmlopen xmlnstbl generator passwordhash rsidtbl".split()
)
_EMPTIED = frozenset(b"atnauthor atnid atndate revtbl".split())
_TOKEN = re.compile(rb"[{}]|\\(?:([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|.)|[^{}\\]+", re.DOTALL)
_OF_PEOPLE = re.compile(rb"\s*(?:%s)\b" % FIELDS_OF_PEOPLE.encode(), re.IGNORECASE)
_INSTRUCTION, _RESULT, _AUTHORS, _PICTURE, _OBJECT = b"fldinst", b"fldrslt", b"revtbl", b"pict", b"objdata"


@dataclass(slots=True)
class _Group:
    """An open group. `state`: kept, gone or emptied. `start`: where it stands in what is written."""

    state: str
    start: int
    fresh: bool = True
    name: bytes = b""
    words: list[bytes] = field(default_factory=list)
    of_people: bool = False


def clean(source: Path, target: Path) -> tuple[str, ...]:
    """Write a document without what is said of its authors; return what was left as it is.

    Raises CannotClean: large, damaged.
    """
    content, left = rtf(read_whole(source))
    target.write_bytes(content)
    return (EMBEDDED,) if left else ()


def rtf(data: bytes) -> tuple[bytes, bool]:
    """Return a document whose groups about people are gone or emptied, and whether something in it was left as it is.

    Raises CannotClean for what is no RTF.
    """
    if not data.startswith(b"{\\rtf"):
        raise CannotClean("damaged")
    writer = _Writer()
    place = 0
    while place < len(data) and (token := _TOKEN.match(data, place)):
        place = token.end()
        if token.group(1) == b"bin":  # so many bytes as they are
            length = max(0, int(token.group(2) or 0))
            writer.binary(token.group(), data[place : place + length])
            place += length
            continue
        writer.token(token)
        if not writer.groups:
            return b"".join(writer.kept), writer.left
    raise CannotClean("damaged")


class _Writer:
    """Writes what is kept, token by token. `left`: whether a picture or an object was left as it is."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []
        self.groups: list[_Group] = []
        self.left = False

    def binary(self, said: bytes, content: bytes) -> None:
        """Write bytes that stand as they are; `said` announces them."""
        group = self.groups[-1] if self.groups else None
        if group is None or group.state != "kept":
            return
        if group.name == _PICTURE and (after := self.cleaned(content)) != content:
            said, content = b"\\bin%d " % len(after), after
        self.kept += [said, content]

    def token(self, token: "re.Match[bytes]") -> None:
        """Write one token, or leave it out."""
        said = token.group()
        if said == b"{":
            self.groups.append(_Group(self.groups[-1].state if self.groups else "kept", len(self.kept)))
            self.kept.append(b"" if self.groups[-1].state == "gone" else b"{")
            return
        group = self.groups[-1]
        if said == b"}":
            self.close()
        elif token.group(1):
            if group.fresh:
                self.begin(group, token.group(1))
            if group.state != "gone":
                self.kept.append(said)
        elif group.state == "kept":
            self.words(group, said)
        elif group.state == "emptied" and said == b"\\*":
            self.kept.append(said)

    def begin(self, group: _Group, name: bytes) -> None:
        """Decide by its first word what becomes of a group."""
        group.fresh, group.name = False, name
        if group.state == "kept":
            if name in _GONE:
                group.state = "gone"
                del self.kept[group.start :]
            elif name in _EMPTIED or (name == _RESULT and len(self.groups) > 1 and self.groups[-2].of_people):
                group.state = "emptied"
            self.left = self.left or name == _OBJECT

    def words(self, group: _Group, said: bytes) -> None:
        """Write words; the digits of a picture wait for its end."""
        if group.name == _PICTURE:
            group.words.append(said)
            return
        if group.name == _INSTRUCTION or (len(self.groups) > 1 and self.groups[-2].name == _INSTRUCTION):
            group.words.append(said)
        self.kept.append(said)

    def close(self) -> None:
        """End the innermost group."""
        group = self.groups.pop()
        parent = self.groups[-1] if self.groups else None
        if group.name == _PICTURE and group.state == "kept":
            self.picture(b"".join(group.words))
        elif parent is not None:
            if parent.name == _INSTRUCTION:
                parent.words += group.words
            elif group.name == _INSTRUCTION:
                parent.of_people = bool(_OF_PEOPLE.match(b"".join(group.words)))
        if parent is not None and parent.name == _AUTHORS and parent.state == "emptied":
            self.kept.append(b"Author;")
        if group.state != "gone":
            self.kept.append(b"}")

    def picture(self, digits: bytes) -> None:
        """Write a picture that stands in hexadecimal digits."""
        try:
            before = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            self.left = True
            self.kept.append(digits)
            return
        after = self.cleaned(before)
        self.kept.append(digits if after == before else b" " + after.hex().encode())

    def cleaned(self, content: bytes) -> bytes:
        try:
            return pictures.cleaned(content)
        except CannotClean:
            self.left = True
            return content
