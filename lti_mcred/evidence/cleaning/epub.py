"""EPUB (3.3, and 2): the package document's creators, contributors, rights and programs; authors named in its pages."""

from lti_mcred.evidence.cleaning.markup import html
from lti_mcred.evidence.cleaning.xmlparts import Element, local, parsed, written

_KEPT = frozenset({"identifier", "language", "title"})
_GONE = (
    "meta-inf/signatures.xml",
    "meta-inf/rights.xml",
    "meta-inf/com.apple",
    "itunesmetadata.plist",
    "meta-inf/calibre",
)
_NEUTRAL_TITLE = "Work"


def part(name: str, content: bytes) -> bytes | None:
    """Return what stays of a part; None when it goes. Raises CannotClean."""
    small = name.lower()
    if small.startswith(_GONE):
        return None
    if small.endswith(".opf"):
        root = parsed(content)
        _package(root)
        return written(root)
    if small.endswith(".ncx"):
        root = parsed(content)
        for one in list(root):
            if local(one.tag) in ("docAuthor", "docTitle"):
                for inner in one:
                    inner.text = _NEUTRAL_TITLE if local(one.tag) == "docTitle" else ""
        return written(root)
    return html(content) if small.endswith((".xhtml", ".html", ".htm")) else content


def _package(root: Element) -> None:
    for metadata in root:
        if local(metadata.tag) != "metadata":
            continue
        for one in list(metadata):
            name, said = local(one.tag), one.get("property") or one.get("name") or ""
            if name == "title":
                one.text = _NEUTRAL_TITLE
            elif name == "identifier" and (one.text or "").strip():
                one.text = "urn:uuid:00000000-0000-0000-0000-000000000000"
            elif name in _KEPT or (
                name == "meta" and (said == "cover" or said.startswith("rendition:") or said == "dcterms:modified")
            ):
                continue
            else:
                metadata.remove(one)
