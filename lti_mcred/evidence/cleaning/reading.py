"""What stands in a file to be read: its text, and what an assessor's program shows beside it. For looking for names."""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pikepdf
import pypdfium2

from lti_mcred.evidence.cleaning.encoding import decoded
from lti_mcred.evidence.cleaning.outcome import BROKEN_ARCHIVE
from lti_mcred.evidence.cleaning.xmlparts import Element, local, parsed

LONGEST = 400_000
_MOST_PAGES = 500
_LARGEST_PART = 64 * 1024 * 1024
_LARGEST_RAW = 16 * 1024 * 1024
# Elements of Word, Excel, PowerPoint, OpenDocument and XHTML behind which another word begins.
_ENDS = frozenset(("p", "h", "row", "tr", "tc", "td", "c", "si", "br", "tab", "comment", "title", "li", "div", "s"))
_TOLD = frozenset(
    {
        "descr",
        "title",
        "Target",
        "alt",
        "oddHeader",
        "oddFooter",
        "instr",
        "href",
        "author",
        "name",
        "tooltip",
        "display",
    }
    | {"location", "action", "comment", "description"}
)
_RTF = re.compile(rb"\\'([0-9a-fA-F]{2})|\\u(-?[0-9]{1,6}) ?\??|\\[a-zA-Z]{1,32}-?[0-9]{0,10} ?|[{}]|\\.")
_VISIBLE = re.compile(rb"[\x20-\x7e\x80-\xff]{3,}")
_VISIBLE_WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00){3,}")


def words_of(path: Path, media_type: str) -> str:
    """Return up to 400,000 characters of what can be read in a file; for unknown kinds all that looks like words."""
    reader = _READERS.get(media_type)
    try:
        pieces = reader(path) if reader else _raw(path)
        return "".join(_up_to(pieces, LONGEST))
    except (ValueError, KeyError, pikepdf.PdfError, *BROKEN_ARCHIVE):
        return "".join(_up_to(_raw(path), LONGEST))


def _up_to(pieces: Iterator[str], most: int) -> Iterator[str]:
    for piece in pieces:
        yield piece[:most]
        most -= len(piece)
        if most <= 0:
            return


def _pdf(path: Path) -> Iterator[str]:
    document = pypdfium2.PdfDocument(path)
    try:
        for number in range(min(len(document), _MOST_PAGES)):
            page = document[number]
            text = page.get_textpage()
            yield text.get_text_bounded() + "\n"
            text.close()
            page.close()
    finally:
        document.close()
    with pikepdf.open(path, suppress_warnings=True) as pdf:
        for thing in pdf.objects:
            if isinstance(thing, pikepdf.Dictionary | pikepdf.Stream | pikepdf.Array):
                yield from _strings(thing)


def _strings(thing: pikepdf.Object) -> Iterator[str]:
    """Yield the strings in an object, and in what stands inside it without being an object of its own."""
    waiting = [thing]
    while waiting:
        one = waiting.pop()
        inner = list(one) if isinstance(one, pikepdf.Array) else [value for _key, value in one.items()]
        for value in inner:
            if isinstance(value, pikepdf.String):
                yield f"{value}\n"
            elif isinstance(value, pikepdf.Array | pikepdf.Dictionary) and not value.is_indirect:
                waiting.append(value)


def _package(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            small = part.filename.lower()
            if part.file_size > _LARGEST_PART or "/theme/" in small or ("/_rels/" in f"/{small}" and "theme" in small):
                continue
            if small.endswith((".xml", ".rels", ".xhtml", ".opf", ".ncx")):
                yield from _xml(parsed(archive.read(part)))
            elif small.endswith((".html", ".htm", ".txt")):
                yield from _tags(archive.read(part).decode("utf-8", "replace"))


def _xml(root: Element) -> Iterator[str]:
    for one in root.iter():
        name = local(one.tag)
        if name in _ENDS:
            yield "\n"
        if name and one.text:
            yield one.text
        for key, value in one.attrib.items():
            if (local(key) or key) in _TOLD and value.strip():
                yield f"\n{value}\n"
        if one.tail:
            yield one.tail
    yield "\n"


def _html(path: Path) -> Iterator[str]:
    yield from _tags(decoded(path.read_bytes()[:_LARGEST_RAW]))


def _tags(text: str) -> Iterator[str]:
    """Yield text outside tags, and what tags say of pictures and addresses."""
    place = 0
    while (found := text.find("<", place)) >= 0:
        yield text[place:found]
        end = text.find(">", found)
        if end < 0:
            place = found
            break
        tag = text[found : end + 1]
        yield (
            f"\n{tag}\n"
            if "=" in tag
            else "\n"
            if tag[1:3].lower() in ("p>", "br", "/p", "li", "td", "di", "h1")
            else ""
        )
        place = end + 1
    yield text[place:]


def _rtf(path: Path) -> Iterator[str]:
    def shown(found: "re.Match[bytes]") -> bytes:
        if found.group(1):
            return bytes([int(found.group(1), 16)]).decode("cp1252", "replace").encode()
        if found.group(2):
            number = int(found.group(2)) % 65536
            return chr(number).encode("utf-8", "replace")
        return b"\n" if found.group().startswith((b"\\par", b"\\line", b"\\tab", b"\\cell", b"\\row")) else b""

    yield _RTF.sub(shown, path.read_bytes()[:_LARGEST_RAW]).decode("utf-8", "replace")


def _text(path: Path) -> Iterator[str]:
    yield decoded(path.read_bytes()[:_LARGEST_RAW])


def _raw(path: Path) -> Iterator[str]:
    """Yield everything that looks like words in the bytes of a file, or of the parts of an archive."""
    if zipfile.is_zipfile(path):
        with suppress(*BROKEN_ARCHIVE):
            yield from _parts(path)
            return
    with path.open("rb") as file:
        yield from _visible(file.read(_LARGEST_RAW))


def _parts(path: Path) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for part in archive.infolist():
            yield f"{part.filename}\n"
            if part.file_size <= _LARGEST_PART and not part.flag_bits & 1:
                with suppress(*BROKEN_ARCHIVE):
                    yield from _visible(archive.read(part))


def _visible(data: bytes) -> Iterator[str]:
    for found in _VISIBLE.finditer(data):
        yield found.group().decode("utf-8", "replace") + "\n"
    for found in _VISIBLE_WIDE.finditer(data):
        yield found.group().decode("utf-16-le", "replace") + "\n"


_OFFICE = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."
_READERS: dict[str, Callable[[Path], Iterator[str]]] = {
    "application/pdf": _pdf,
    "text/html": _html,
    "text/plain": _text,
    "application/rtf": _rtf,
    "application/epub+zip": _package,
    **{
        f"{_OFFICE}{kind}": _package
        for kind in (
            "wordprocessingml.document",
            "spreadsheetml.sheet",
            "presentationml.presentation",
            "presentationml.slideshow",
        )
    },
    **{f"{_ODF}{kind}": _package for kind in ("text", "spreadsheet", "presentation")},
}


def nothing_to_read(media_type: str) -> bool:
    """Whether files of this kind hold pictures or sound alone."""
    return media_type.partition("/")[0] in ("image", "audio", "video")
