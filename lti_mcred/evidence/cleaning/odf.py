"""OpenDocument (ISO/IEC 26300): metadata, authors of comments and changes, printers, thumbnails, earlier versions."""

from lti_mcred.evidence.cleaning.outcome import CannotClean
from lti_mcred.evidence.cleaning.xmlparts import Element, drop, emptied, local, parsed, written

_GONE = (
    "thumbnails/",
    "versions/",
    "versionlist.xml",
    "meta-inf/documentsignatures.xml",
    "meta-inf/macrosignatures.xml",
)
_CONTENT = ("content.xml", "styles.xml")
# Names in comments and changes.
_AUTHORS = frozenset({"creator", "creator-initials", "sender-initials", "sender-name"})
# Fields that show people, places on a disk and properties.
_FIELDS = frozenset(
    [
        "author-name",
        "author-initials",
        "initial-creator",
        "creator",
        "printed-by",
        "editing-duration",
        "file-name",
        "user-defined",
        "sender-firstname",
        "sender-lastname",
        "sender-initials",
        "sender-title",
        "sender-position",
        "sender-email",
        "sender-phone-private",
        "sender-fax",
        "sender-company",
        "sender-phone-work",
        "sender-street",
        "sender-city",
        "sender-postal-code",
        "sender-country",
        "sender-state-or-province",
        "title",
        "subject",
        "keywords",
        "description",
        "template-name",
    ]
)
_TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
_SETTINGS = ("Printer", "CurrentDatabase", "Rsid", "Signature", "RedlineAuthor", "RedlineProtectionKey")


def part(name: str, content: bytes) -> bytes | None:
    """Return what stays of a part; None when it goes. Raises CannotClean."""
    small = name.lower()
    if small.startswith(_GONE):
        return None
    if not small.endswith((".xml", ".rdf")) or not content:
        return content
    root = parsed(content)
    base = small.rpartition("/")[2]
    if base == "meta.xml":
        for inner in root:
            emptied(inner)
    elif small == "manifest.rdf":
        return content
    elif small == "meta-inf/manifest.xml":
        _manifest(root)
    elif base == "settings.xml":
        _settings(root)
    elif base in _CONTENT:
        _clean_content(root)
    return written(root)


def _manifest(root: Element) -> None:
    for entry in list(root):
        if any(local(inner.tag) == "encryption-data" for inner in entry):
            raise CannotClean("password")
        path = next((str(value) for key, value in entry.attrib.items() if local(key) == "full-path"), "")
        if path.lower().startswith(_GONE):
            root.remove(entry)


def _settings(root: Element) -> None:
    for item in list(root.iter()):
        name = next((str(value) for key, value in item.attrib.items() if local(key) == "name"), "")
        if local(item.tag) == "config-item" and name.startswith(_SETTINGS):
            drop(item)


def _clean_content(root: Element) -> None:
    numbers: dict[str, str] = {}
    for one in root.iter():
        name = local(one.tag)
        if name in _AUTHORS and one.text and not one.tag.startswith(f"{{{_TEXT}}}"):
            one.text = numbers.setdefault(one.text, f"Author {len(numbers) + 1}") if "initials" not in name else "A"
        elif name in _FIELDS and one.tag.startswith(f"{{{_TEXT}}}"):
            for inner in one.iter():
                inner.text = ""
                if inner is not one:
                    inner.tail = ""
        for key, value in list(one.attrib.items()):
            if local(key) == "href" and value.lower().startswith(("file:", "/", "../../")):
                one.set(key, "about:blank")
            elif local(key).startswith(("rsid", "paragraph-rsid")):
                del one.attrib[key]
