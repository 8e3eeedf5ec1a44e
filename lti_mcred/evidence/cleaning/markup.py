"""HTML: what programs write about authors goes, the text stays letter for letter."""

import re
from base64 import b64decode, b64encode
from pathlib import Path
from urllib.parse import unquote_to_bytes

from lti_mcred.evidence.cleaning import pictures
from lti_mcred.evidence.cleaning.outcome import EMBEDDED, CannotClean
from lti_mcred.evidence.cleaning.patch import read_whole

# Elements whose content is no markup, up to their end tag.
_RAW = (b"script", b"style", b"textarea", b"title", b"xmp")
_META_KEPT = re.compile(rb"(?:name|property)\s*=\s*[\"']?(?:viewport|color-scheme|robots|theme-color)\b", re.IGNORECASE)
_META_NAMED = re.compile(rb"\b(?:name|property|itemprop)\s*=", re.IGNORECASE)
_LINK_PERSON = re.compile(rb"\brel\s*=\s*[\"']?(?:author|me|publisher)\b", re.IGNORECASE)
# A picture that stands in its own address (RFC 2397).
_PICTURE = re.compile(rb"(data:image/[a-z0-9.+-]{1,40};base64,)([a-z0-9+/=%\r\n]+)", re.IGNORECASE)
_NAME = re.compile(rb"/?([a-z][a-z0-9]*)", re.IGNORECASE)


def clean_html(source: Path, target: Path) -> None:
    """Write a page without comments and without descriptions of its author. Raises CannotClean: large or embedded."""
    target.write_bytes(html(read_whole(source)))


def html(data: bytes) -> bytes:
    """Return a page without comments, `meta` elements with names, links to people, and its title.

    Raises CannotClean: embedded, where a picture in it cannot be cleaned.
    """
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return b"\xef\xbb\xbf" + html(data.decode("utf-16", "replace").encode())
    small, kept, place = data.lower(), [], 0
    while (found := small.find(b"<", place)) >= 0:
        kept.append(data[place:found])
        if small.startswith(b"<!--", found):
            end = small.find(b"-->", found + 4)
            place = len(data) if end < 0 else end + 3
            continue
        end = small.find(b">", found)
        if end < 0:
            place = found
            break
        tag, place = data[found : end + 1], end + 1
        name = _NAME.match(small, found + 1, found + 20)
        element = name.group(1) if name else b""
        if (element == b"meta" and _META_NAMED.search(tag) and not _META_KEPT.search(tag)) or (
            element == b"link" and _LINK_PERSON.search(tag)
        ):
            continue
        kept.append(tag)
        if element in _RAW and small[found + 1 : found + 2] != b"/":
            stop = small.find(b"</" + element, place)
            stop = len(data) if stop < 0 else stop
            kept.append(b"" if element == b"title" else data[place:stop])
            place = stop
    kept.append(data[place:])
    return _PICTURE.sub(_inline_picture, b"".join(kept))


def _inline_picture(found: "re.Match[bytes]") -> bytes:
    try:
        before = b64decode(b"".join(unquote_to_bytes(found.group(2)).split()), validate=True)
        after = pictures.cleaned(before)
    except ValueError as error:
        raise CannotClean(EMBEDDED) from error
    return found.group() if after == before else found.group(1) + b64encode(after)
