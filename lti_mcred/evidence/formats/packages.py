"""Archives that are documents: OpenDocument (OASIS), EPUB (W3C), Apple's iWork; and those that are not."""

from lti_mcred.evidence.formats import opc
from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.macros import LARGEST_PART, holds_macros
from lti_mcred.evidence.formats.source import Source
from lti_mcred.evidence.formats.xmlparts import XmlDamaged, elements
from lti_mcred.evidence.formats.ziparchive import Archive, ZipDamaged, ZipTooLarge

_ODF = "application/vnd.oasis.opendocument."
_ODF_TYPES = {f"{_ODF}text": "odt", f"{_ODF}spreadsheet": "ods", f"{_ODF}presentation": "odp"}
_MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
_PROGRAMS = ("meta-inf/manifest.mf", "androidmanifest.xml", "classes.dex")
_IWORK_FOLDERS = (".pages/", ".key/", ".numbers/")


def look(source: Source, head: bytes) -> FileType | None:
    """Return what a ZIP archive is; None when it is none."""
    if head[:4] not in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        return None
    try:
        archive = Archive(source)
        return opc.look(archive) or _open_document(archive) or _epub(archive) or _iwork(archive) or _other(archive)
    except ZipDamaged:
        return of_code("office-damaged")
    except ZipTooLarge:
        return of_code("archive-tangled")


def _open_document(archive: Archive) -> FileType | None:
    """The entry `mimetype` names it (ODF 1.3 part 2, 3.3), else the root of the manifest does.

    Some programs name the document type of OpenOffice's manifests, as OpenOffice did before ODF.
    """
    said = _mimetype(archive)
    rows = []
    if manifest := archive.find("META-INF/manifest.xml"):
        try:
            rows = elements(archive.read(manifest, LARGEST_PART), may_name_type=True)
        except XmlDamaged:
            if said.startswith(_ODF):
                return of_code("office-damaged")
    for row in rows:
        if row.name == "file-entry" and row.attributes.get(f"{_MANIFEST} full-path") == "/" and not said:
            said = row.attributes.get(f"{_MANIFEST} media-type", "")
    if not said.startswith(_ODF):
        return None
    if any(row.name == "encryption-data" for row in rows):
        return of_code("odf-password")
    if archive.find("content.xml") is None:
        return of_code("office-damaged")
    if said not in _ODF_TYPES:
        return of_code("odf-other")
    return of_code("odf-macros" if holds_macros(archive) else _ODF_TYPES[said])


def _epub(archive: Archive) -> FileType | None:
    if _mimetype(archive) != "application/epub+zip":
        return None
    return of_code("epub" if archive.find("META-INF/container.xml") else "office-damaged")


def _mimetype(archive: Archive) -> str:
    entry = archive.find("mimetype")
    return archive.head(entry, 256).decode("ascii", "replace").strip() if entry else ""


def _iwork(archive: Archive) -> FileType | None:
    """Keynote has slides and Pages a document type of its own; what is neither is Numbers. 2009 had an index in XML."""
    names = [name.lower() for name in archive.names()]
    if any(folder in name for name in names for folder in _IWORK_FOLDERS) and "index/document.iwa" not in names:
        return of_code("iwork-folder")
    if "index.apxl" in names or "index.apxl.gz" in names:
        return of_code("keynote")
    if "index.xml" in names and "buildversionhistory.plist" in names:
        entry = archive.find("index.xml")
        begins = archive.head(entry, 2048) if entry else b""
        return of_code("numbers" if b"<ls:document" in begins else "pages")
    document = archive.find("Index/Document.iwa")
    if document is None:
        return None
    if any(name.startswith(("index/slide", "index/templateslide", "index/masterslide")) for name in names):
        return of_code("keynote")
    return of_code("numbers" if _iwa_type(archive.head(document, 512)) == 1 else "pages")


def _iwa_type(data: bytes) -> int | None:
    """Return the type of the first message: a Snappy literal that begins with an ArchiveInfo; None when unreadable."""
    if data[:1] != b"\0":
        return None
    _whole, at = _varint(data, 4)
    tag = data[at] if at < len(data) else 1
    if tag & 3:  # not a literal
        return None
    at += 1 + max(0, (tag >> 2) - 59)
    _length, at = _varint(data, at)
    if data[at : at + 1] != b"\x08":  # ArchiveInfo.identifier
        return None
    _identifier, at = _varint(data, at + 1)
    if data[at : at + 1] != b"\x12":  # ArchiveInfo.message_infos
        return None
    _length, at = _varint(data, at + 1)
    return _varint(data, at + 1)[0] if data[at : at + 1] == b"\x08" else None


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length (Protocol Buffers) and the place behind it."""
    value = 0
    for number, byte in enumerate(data[at : at + 10]):
        value |= (byte & 0x7F) << (7 * number)
        if byte < 0x80:
            return value, at + number + 1
    return value, len(data)


def _other(archive: Archive) -> FileType:
    names = {name.lower() for name in archive.names()}
    if names & set(_PROGRAMS):
        return of_code("program")
    if "imsmanifest.xml" in names:
        return of_code("archive-scorm")
    return of_code("archive-h5p" if "h5p.json" in names else "archive")
