"""Macros inside documents, found by what they are: content types, relations and bytes, wherever they stand."""

from lti_mcred.evidence.formats import ole
from lti_mcred.evidence.formats.source import Source
from lti_mcred.evidence.formats.xmlparts import XmlDamaged, XmlElement, elements, root_of
from lti_mcred.evidence.formats.ziparchive import Archive, Entry, ZipDamaged, ZipTooLarge

LARGEST_PART = 4 * 1024 * 1024
_LARGEST_INSIDE = 64 * 1024 * 1024
_DEEPEST = 3
_HEAD = 2048
_TYPES = (
    "macroenabled", "vbaproject", "vbadata", "ms-office.activex", "ms-excel.macrosheet", "ms-excel.intlmacrosheet",
    "ms-word.attachedtoolbars",
)  # fmt: skip
_RELATIONS = ("/vbaproject", "/wordvbadata", "/xlmacrosheet", "/xlintlmacrosheet", "/control", "/activexcontrolbinary")
_ODF_SCRIPT = "http://openoffice.org/2000/script"
_ODF_LISTS = ("script-lc.xml", "script-lb.xml", "dialog-lc.xml", "dialog-lb.xml")


def holds_macros(archive: Archive, *, depth: int = 0) -> bool:
    """Return whether a document holds a program. Raises ZipDamaged or ZipTooLarge when it cannot be looked through."""
    return any(_is_macro(archive, entry, depth) for entry in archive.entries if not entry.name.endswith("/"))


def relations(archive: Archive, name: str) -> list[XmlElement]:
    """Return the relations of a part, [] when it has none. Raises ZipDamaged or ZipTooLarge."""
    entry = archive.find(name)
    return _xml(archive, entry) if entry else []


def content_types(archive: Archive) -> list[XmlElement]:
    """Return the defaults and overrides of an OPC package, [] when it is none. Raises ZipDamaged or ZipTooLarge."""
    return relations(archive, "[Content_Types].xml")


def _is_macro(archive: Archive, entry: Entry, depth: int) -> bool:
    name = entry.name.lower()
    if name.rpartition("/")[2] == "vbaproject.bin":
        return True
    if name == "[content_types].xml":
        said = [one.attributes.get("ContentType", "").lower() for one in _xml(archive, entry)]
        return any(word in one for one in said for word in _TYPES)
    if name.endswith(".rels"):
        said = [one.attributes.get("Type", "").lower() for one in _xml(archive, entry)]
        return any(one.endswith(_RELATIONS) for one in said)
    if name.startswith(("basic/", "scripts/", "script/")) and name.rpartition("/")[2] not in _ODF_LISTS:
        return True
    return _content_is_macro(archive, entry, depth)


def _content_is_macro(archive: Archive, entry: Entry, depth: int) -> bool:
    head = archive.head(entry, _HEAD)
    if head.startswith(ole.MAGIC):
        return ole.holds_macros(archive.read(entry, _LARGEST_INSIDE))
    if head.startswith(b"PK\x03\x04"):  # a document inside the document
        if depth >= _DEEPEST:
            raise ZipTooLarge(entry.name)
        inner = Archive(Source.of(archive.read(entry, _LARGEST_INSIDE)))
        return holds_macros(inner, depth=depth + 1)
    if head.startswith((b"<", b"\xef\xbb\xbf<")):
        root = root_of(head)
        return root is not None and (
            (root.space == _ODF_SCRIPT and root.name == "module") or root.name in ("macrosheet", "vbaSuppData")
        )
    return False


def _xml(archive: Archive, entry: Entry) -> list[XmlElement]:
    try:
        return elements(archive.read(entry, LARGEST_PART))
    except XmlDamaged as error:
        raise ZipDamaged(entry.name) from error
