"""What is written in text and is more than text: web pages, RTF, PDF, pointers to documents that lie elsewhere."""

import json
import re

from lti_mcred.evidence.formats.filetypes import FileType, of_code
from lti_mcred.evidence.formats.pdf import in_text as pdf_in_text
from lti_mcred.evidence.formats.text import Text

_START = 4096
_LARGEST_STUB = 16 * 1024
# Comments and processing instructions (style sheets, the program that wrote it) may stand before the first element.
_BEFORE = re.compile(r"\s*+(?:(?:<!--(?:[^-]|-(?!->))*+-->|<\?(?!php\b)(?:[^?]|\?(?!>))*+\?>)\s*+)*+", re.I)
_PROLOG = re.compile(r"<\?xml\s[^?<>]{0,200}\?>")
_HTML = re.compile(r"<!doctype\s+html\b[^<>]{0,300}>\s*+<|<html\b[^<>]*+>(?:\s*+<)?", re.I)
_FRAGMENT = re.compile(
    r"<(head|body|div|p|h1|h2|h3|table|ul|ol|section|article|main|title|style|meta)\b[^<>]{0,1000}>", re.I
)
_SVG = re.compile(r"<!doctype\s+svg\b|<svg(?:\s+[\w:.-]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*+\s*/?>", re.I)
_XML = re.compile(r"<!doctype\s+\w|<[A-Za-z_][\w:.-]*+[^<>]*+>", re.I)
_FLAT_ODF = re.compile(r"<office:document\b")
_RTF = re.compile(r"\{\\rtf\d?\s*(?:\\[a-z]+-?\d*|\{\\)")
_SHEBANG = re.compile(r"#!\s*/\S")
_SCRIPT = re.compile(r"<(script|\?php)\b", re.I)
_MAIL = re.compile(r"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,998}\r?\n(?:[ \t][^\n]{0,998}\r?\n)*+){3}")
_MAIL_FIELDS = re.compile(r"^(?:from|mime-version|content-type|received|return-path|message-id):", re.I | re.M)
_POSTSCRIPT = re.compile(r"%!PS-Adobe-\d")
_LONGEST_OF_STUB = 2000
_BESIDE_DOCUMENT = frozenset({"", "url", "email", "resource_key", "resource_id"})
_POINTER_HOSTS = ("docs.google.com", "drive.google.com", "onedrive.live.com", "1drv.ms", "dropbox.com")


def look(text: Text, tail: str) -> FileType:
    """Return what a text is: of `text` the beginning is known, `tail` is its end (some thousand characters)."""
    head = text.head
    begin = head[:_START].lstrip()
    if pdf_in_text(head, tail):
        return of_code("pdf")
    if _RTF.match(begin) and tail.rstrip("\0 \r\n\t\x1a").endswith("}"):
        return of_code("rtf")
    return _pointer(begin, head) or _marked_up(head) or _programs_and_mail(begin, head) or of_code("text")


def _marked_up(head: str) -> FileType | None:
    begun = head.lstrip()
    if not begun.startswith("<"):
        return None
    xml = _PROLOG.match(begun)
    at = xml.end() if xml else 0
    found = _BEFORE.match(begun, at)
    rest = begun[found.end() if found else at :]
    if _SVG.match(rest):
        return of_code("svg")
    if (html := _HTML.match(rest)) and (html[0].endswith("<") or "</html" in rest.lower()):
        return of_code("html")
    if (part := _FRAGMENT.match(rest)) and (f"</{part[1].lower()}" in rest.lower() or part[1].lower() == "meta"):
        return of_code("html")
    if not xml or not _XML.match(rest):
        return None
    return of_code("odf-other" if _FLAT_ODF.match(rest) else "xml")


def _programs_and_mail(begin: str, head: str) -> FileType | None:
    if _SHEBANG.match(begin) or ((script := _SCRIPT.match(begin)) and _closed(script[1], head)):
        return of_code("script")
    if _POSTSCRIPT.match(begin):
        return of_code("postscript")
    if (fields := _MAIL.match(begin)) and len(set(map(str.lower, _MAIL_FIELDS.findall(fields[0])))) >= 2:
        return of_code("archive-web" if "multipart/related" in head.lower() else "mail")
    return None


def _closed(tag: str, head: str) -> bool:
    return tag == "?php" or "</script" in head.lower()


def _pointer(begin: str, head: str) -> FileType | None:
    """Return a stub that points to a document elsewhere: a file of Google Drive for desktop, a shortcut."""
    if re.match(r"\[InternetShortcut\]|\[\{000214A0-|\[Desktop Entry\]", begin, re.I):
        return of_code("shortcut")
    if begin.startswith("<?xml") and "<plist" in begin and "<key>URL</key>" in begin and len(head) < _LARGEST_STUB:
        return of_code("shortcut")
    if begin.startswith("{") and len(head) < _LARGEST_STUB and _is_of_drive(head):
        return of_code("drive-stub")
    return None


def _is_of_drive(head: str) -> bool:
    """Whether a small JSON file is nothing but an address of a document."""
    try:
        said = json.loads(head)
    except (ValueError, RecursionError):
        return False
    if not isinstance(said, dict) or not all(
        isinstance(value, str | int | None) and len(str(value)) <= _LONGEST_OF_STUB for value in said.values()
    ):
        return False
    url = said.get("url")
    points = isinstance(url, str) and any(host in url for host in _POINTER_HOSTS)
    return points or (isinstance(said.get("doc_id"), str) and bool(_BESIDE_DOCUMENT & said.keys()))
