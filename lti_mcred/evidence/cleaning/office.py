"""Word, Excel and PowerPoint (ECMA-376, ISO/IEC 29500): who made a document, who commented, on whose computer.

Parts that only describe are emptied; names of authors become "Author 1", "Author 2", so that a talk in comments can
still be followed. Fields that show the author or the file's name lose what they show.
"""

import re

from lti_mcred.evidence.cleaning.markup import html
from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.xmlparts import Element, drop, emptied, local, parsed, written

_EMPTIED = re.compile(
    r"(?:docprops/(?:core|app|custom)\d*\.xml|docmetadata/.*\.xml|customxml/(?!itemprops)[^/]*\.xml)$"
)
# What describes a document, wherever its relation says that it lies: the namespace of its root says so.
_DESCRIBES = re.compile(r"\{[^}]*(?:core-properties|coreProperties|(?:extended|custom)[-P]roperties)\}\w+$")
# A person's folder in a path, as Windows, macOS and Linux name it; what stands so in an address of the web is none.
_HOME = re.compile(
    r"(https?:(?:/|%2f){2}[^\s\\\"'<>|]*)"
    r"|((?:users|home|documents and settings)(?:\\|/|%5c|%2f){1,4})[^\\/%\"'<>|]{1,100}",
    re.IGNORECASE,
)
# Thumbnails, printers, saved revisions of people, signatures.
_GONE = re.compile(
    r"(?:docprops/thumbnail\.\w+|.*/printersettings/.*|.*/printersettings\d*\.bin|xl/revisions/.*|_xmlsignatures/.*"
    r"|ppt/changesinfos/.*|ppt/revisioninfo\.xml|word/recipientdata\.xml)$"
)
_NAMES = frozenset(
    {"author", "userName", "lastModifiedBy", "refreshedBy", "lastEdited", "lastEditedBy", "creator", "user"}
)
# Elements whose plain `name` is a person's.
_NAMED = frozenset({"cmAuthor", "author", "chgData", "person", "customWorkbookView", "docOwner"})
_IDS = frozenset({"userId", "providerId", "lastComment", "presenceInfo"})
_DROPPED_ATTRIBUTES = frozenset(
    {
        "initials",
        "providerId",
        "userId",
        "sourceFile",
        "odcFile",
        "connection",
        "lastPrinted",
        "uniqueId",
        "securityDescriptor",
    }
)
_DROPPED_ELEMENTS = frozenset(
    {"attachedTemplate", "mailMerge", "docVars", "rsids", "docId", "absPath", "fileSharing", "fileRecoveryPr",
     "saveThroughXslt", "presenceInfo", "userInfo", "smartTagPr", "printerSettings", "legacyPrinterSettings"}
)  # fmt: skip
# Attributes of one element that stay, empty: how a database is reached, who may edit a range, notes of programs.
_BLANKED = frozenset(
    {("connection", "dbPr"), ("ed", "permStart"), ("comment", "definedName"), ("description", "definedName"),
     ("comment", "scenario"), ("description", "connection"), ("val", "tag"), ("val", "alias")}
)  # fmt: skip
# Fields about people, files and properties (17.16.5), as they are written in any case.
FIELDS_OF_PEOPLE = (
    "AUTHOR|INFO|USERNAME|USERINITIALS|USERADDRESS|LASTSAVEDBY|FILENAME|TEMPLATE|DOCPROPERTY|DOCVARIABLE|MANAGER"
    "|COMPANY"
)
_OF_PEOPLE = re.compile(rf"\s*(?:{FIELDS_OF_PEOPLE})\b", re.IGNORECASE)
_LONGEST_NAME_OF_FIELD = 200
_PROPERTIES = re.compile(
    r"(?:coreProperties|extendedProperties|extended-properties|core-properties|CoverPageProperties)"
)
_PICTURE_NAME = re.compile(
    r"(?:\.(?:jpe?g|png|gif|webp|heic|bmp|tiff?|emf|wmf|svg|mp4|mov|m4a|mp3)$|[/\\:])", re.IGNORECASE
)
# Elements whose words are no text of the document: instructions of fields, formulas, ranges.
_PATHS_IN = frozenset({"instrText", "delInstrText", "f", "definedName"})
_PROGRAMS_OF_FILES = ("file:", "\\\\", "/")
_GONE_RELATIONS = (
    "/thumbnail", "/printerSettings", "/attachedTemplate", "/mailMergeSource", "/mailMergeHeaderSource",
    "/revisionHeaders", "/usernames", "/changesInfo", "/revisionInfo", "/origin", "/recipientData",
)  # fmt: skip


def is_markup(name: str, content: bytes) -> bool:
    """Return whether a part is XML, whatever its name ends with."""
    small = name.lower()
    if small.endswith((".xml", ".rels")):
        return bool(content)
    begin = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin.startswith((b"<?xml", b"\xff\xfe<\0", b"\xfe\xff\0<")) or (
        begin.startswith(b"<") and not small.endswith((".html", ".htm", ".mht"))
    )


class Cleaner:
    """Cleans the parts of one document, in which each person keeps her number.

    `left`: whether a part that looks like XML and is none was left as it is.
    """

    def __init__(self) -> None:
        self.people: dict[str, str] = {}
        self.left = False

    def part(self, name: str, content: bytes) -> bytes | None:
        """Return what stays of a part; None when it goes. Raises CannotClean."""
        small = name.lower().lstrip("/")
        if _GONE.fullmatch(small):
            return None
        if small.endswith((".html", ".htm", ".xhtml")):
            return html(content)
        if not is_markup(name, content):
            return content
        try:
            root = parsed(content)
        except CannotClean:
            if small.endswith((".xml", ".rels")):
                raise
            self.left = True
            return content
        if small.endswith(".rels"):
            self.relations(root)
        elif small == "[content_types].xml":
            self.types(root)
        elif _EMPTIED.fullmatch(small) or _DESCRIBES.match(str(root.tag)):
            emptied(root)
        else:
            self.words(root)
        return written(root)

    def relations(self, root: Element) -> None:
        """Take out what leads to parts that go, and the paths of somebody's computer."""
        for one in list(root):
            kind, target = one.get("Type", ""), one.get("Target", "")
            if kind.endswith(_GONE_RELATIONS):
                root.remove(one)
            elif one.get("TargetMode") == "External" and (
                target.lower().startswith(_PROGRAMS_OF_FILES) or re.match(r"[A-Za-z]:[\\/]", target)
            ):
                one.set("Target", "about:blank")
            elif one.get("TargetMode") == "External":
                one.set("Target", _without_home(target))

    def types(self, root: Element) -> None:
        """Take the parts that go from the list of content types: a file that names a missing part counts as damaged."""
        for one in list(root):
            if _GONE.fullmatch(one.get("PartName", "").lower().lstrip("/")):
                root.remove(one)

    def words(self, root: Element) -> None:
        """Clean a part with content: attributes with names, elements about programs, fields about people."""
        for one in list(root.iter()):
            name = local(one.tag)
            if name in _DROPPED_ELEMENTS and one is not root:
                drop(one)
            elif name:
                self.attributes(one, name)
                if one.text and name in _PATHS_IN:
                    one.text = _without_home(one.text)
                if name == "author" and not len(one) and one.text and local(root.tag) == "comments":
                    one.text = self.person(one.text)  # Excel keeps its comments' authors as a list of words
        _fields(root)
        self.signed(root)

    def attributes(self, one: Element, name: str) -> None:
        """Clean the attributes of one element, whose local name is `name`.

        Names become numbered authors; marks of revisions and names of pictures go; paths lose a home folder's name.
        """
        for key, value in one.attrib.items():
            plain = local(key) or key
            if plain in _NAMES or (plain in ("name", "displayName") and name in _NAMED):
                one.set(key, self.person(value))
            elif (plain, name) in _BLANKED:
                one.set(key, "")
            elif plain == "initials":
                one.set(key, "A")
            elif plain in _IDS and name in _NAMED:
                one.set(key, self.person(value))
            elif plain in _DROPPED_ATTRIBUTES or plain.startswith("rsid"):
                del one.attrib[key]
            elif plain in ("name", "descr", "title") and name in ("cNvPr", "docPr") and _PICTURE_NAME.search(value):
                one.set(key, "Picture" if plain == "name" else "")
            elif plain == "title" and name in ("imagedata", "shape"):
                del one.attrib[key]
            elif "/" in value or "\\" in value or "%" in value:
                one.set(key, _without_home(value))

    def person(self, name: str) -> str:
        """Return the number of a person in this document."""
        return self.people.setdefault(name, f"Author {len(self.people) + 1}") if name else name

    def signed(self, root: Element) -> None:
        """Excel begins the words of a comment with its author's name: replace it there."""
        if local(root.tag) != "comments":
            return
        for comment in root.iter():
            if local(comment.tag) != "comment":
                continue
            first = next((one for one in comment.iter() if local(one.tag) == "t" and one.text), None)
            if first is None or not first.text:
                continue
            name, colon, rest = first.text.partition(":")
            if colon and name in self.people:
                first.text = f"{self.people[name]}:{rest}"


def _without_home(path: str) -> str:
    return _HOME.sub(lambda found: found.group(1) or f"{found.group(2)}user", path)


def _fields(root: Element) -> None:
    """Empty what fields about people show (ECMA-376-1, 17.16), and controls that are bound to the properties."""
    for one in root.iter():
        name = local(one.tag)
        if (name == "fldSimple" and _OF_PEOPLE.match(_attribute(one, "instr"))) or (
            name == "fld" and _attribute(one, "type").lower().startswith(("file", "author"))
        ):
            _blank(one)
        elif name == "dataBinding" and _PROPERTIES.search(" ".join(one.attrib.values())):
            control = one.getparent()
            control = control.getparent() if control is not None else None
            for content in control if control is not None else ():
                if local(content.tag) == "sdtContent":
                    _blank(content)
    _complex_fields(root)


def _complex_fields(root: Element) -> None:
    """A complex field begins, says what it is, separates, shows its result and ends, in runs one after another."""
    fields: list[str] = []  # instructions of fields that are open, the innermost last
    hiding: list[bool] = []  # for each, whether it shows its result and that is about people
    hidden = 0
    for one in root.iter():
        name = local(one.tag)
        if name == "fldChar":
            kind = _attribute(one, "fldCharType")
            if kind == "begin":
                fields.append("")
                hiding.append(False)
            elif kind == "separate" and fields and not hiding[-1]:
                hiding[-1] = bool(_OF_PEOPLE.match(fields[-1]))
                hidden += hiding[-1]
            elif kind == "end" and fields:
                fields.pop()
                hidden -= hiding.pop()
        elif name == "instrText" and fields and len(fields[-1]) < _LONGEST_NAME_OF_FIELD:
            fields[-1] += one.text or ""
        elif name == "t" and hidden:
            one.text = ""


def _blank(root: Element) -> None:
    for one in root.iter():
        if local(one.tag) == "t":
            one.text = ""


def _attribute(one: Element, name: str) -> str:
    return next((str(value) for key, value in one.attrib.items() if (local(key) or key) == name), "")
