"""Office Open XML (ECMA-376 part 2, OPC): the package's relation names the main part, its content type what it is."""

from urllib.parse import unquote

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.macros import content_types, holds_macros, relations
from lti_mcred.evidence.formats.xmlparts import XmlElement
from lti_mcred.evidence.formats.ziparchive import Archive, Entry, ZipDamaged

_MAIN = frozenset(
    {
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument",
        "http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument",
    }
)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml."
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml."
_BY_CONTENT_TYPE = {
    f"{_WORD}document.main+xml": "docx",
    f"{_WORD}template.main+xml": "office-template",
    f"{_SHEET}sheet.main+xml": "xlsx",
    f"{_SHEET}template.main+xml": "office-template",
    f"{_SLIDES}presentation.main+xml": "pptx",
    f"{_SLIDES}slideshow.main+xml": "ppsx",
    f"{_SLIDES}template.main+xml": "office-template",
    "application/vnd.ms-excel.sheet.binary.macroenabled.main": "office-binary",
}


def look(archive: Archive) -> FileType | None:
    """Return which Office document an archive is; None when it is no OPC package. Raises ZipDamaged, ZipTooLarge."""
    types = content_types(archive)
    if not types:
        return None
    main = _main_part(archive)
    if main is None:
        return of_code("office-other" if relations(archive, "_rels/.rels") else "office-damaged")
    code = _BY_CONTENT_TYPE.get(_content_type(types, main.name), "office-other")
    if code == "office-binary":
        return of_code(code)
    return of_code("office-macros" if holds_macros(archive) else code)


def _main_part(archive: Archive) -> Entry | None:
    """Return the part that the package's relation names (10.1); one that is not there is a damaged package."""
    targets = [
        unquote(one.attributes.get("Target", ""))
        for one in relations(archive, "_rels/.rels")
        if one.attributes.get("Type") in _MAIN and one.attributes.get("TargetMode", "Internal") == "Internal"
    ]
    if not targets:
        return None
    names = {
        "/".join(piece for piece in target.replace("\\", "/").split("/") if piece not in ("", "."))
        for target in targets
    }
    if len(names) > 1:
        raise ZipDamaged("two main parts")
    found = archive.find(names.pop())
    if found is None:
        raise ZipDamaged("the main part is not there")
    return found


def _content_type(types: list[XmlElement], name: str) -> str:
    """Return the content type of a part in small letters: its own, else that of its ending (10.1.2.4)."""
    wanted, ending = f"/{name}".lower(), name.rpartition(".")[2].lower()
    own = default = ""
    for one in types:
        if one.name == "Override" and unquote(one.attributes.get("PartName", "")).lower() == wanted:
            own = one.attributes.get("ContentType", "")
        if one.name == "Default" and one.attributes.get("Extension", "").lower() == ending:
            default = one.attributes.get("ContentType", "")
    return (own or default).strip().lower()
