"""Reading somebody's badge: from the bytes of a file to a document. Trusts nothing.

A badge comes as JSON, as a JSON Web Token, or inside a PNG or SVG picture (Open Badges 3.0, document formats).
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lti_mcred.badges.openbadges import baking, svg
from lti_mcred.badges.openbadges.values import as_list, issuer_id, moment_of, safe_link, text_of
from lti_mcred.badges.verifier.document import UnreadableBadgeError, badge_in
from lti_mcred.badges.verifier.marking import N_
from lti_mcred.badges.verifier.summary import summarize
from lti_mcred.badges.verifier.verification import Check, State

__all__ = [
    "LARGEST_BADGE", "Given", "UnreadableBadgeError", "as_list", "issuer_id", "moment_of", "read_badge", "read_given",
    "safe_link", "summarize", "text_of",
]  # fmt: skip

LARGEST_BADGE = 5 * 1024 * 1024  # bytes; a baked picture of 600 px has about 60 kB
_PDF_WITHIN = 1024  # bytes that may stand before a PDF's first mark
_PNG_START = b"\x89PNG"  # also where the rest of the signature was damaged on the way
_PAGE_STARTS = (b"<!doctype html", b"<html", b"<head", b"<body")
# How the files begin that people take for badges: none of them can hold one.
_OTHER_PICTURES = (b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*", b"\0\0\1\0", b"8BPS", b"\xff\x0a")
_OTHER_FILES = (b"PK\3\4", b"PK\5\6", b"7z\xbc\xaf", b"Rar!", b"\xd0\xcf\x11\xe0", b"BZh", b"\xfd7zXZ")


@dataclass(frozen=True)
class Given:
    """A badge as it was given: the document, and what there is to say of the file around it."""

    document: dict[str, Any]
    remarks: tuple[Check, ...] = ()
    picture: str = ""  # media type of the picture that the badge was in


def read_badge(data: bytes) -> dict[str, Any]:
    """Return the credential in a file, see `read_given`. Raises UnreadableBadgeError."""
    return read_given(data).document


def read_given(data: bytes) -> Given:
    """Return the credential in a JSON file, a JSON Web Token, a baked PNG or SVG, and remarks on the file.

    A token comes back as an EnvelopedVerifiableCredential. Raises UnreadableBadgeError; its codes are those of
    `wording.unreadable_words`.
    """
    if not data.strip():
        raise UnreadableBadgeError("empty")
    if len(data) > LARGEST_BADGE:
        raise UnreadableBadgeError("too_large")
    if data.startswith(_PNG_START):
        return _from_png(data)
    packed = svg.is_gzip(data)
    plain = _refusing(svg.unpacked, data) if packed else data
    if _is_markup(plain):
        return _from_svg(plain)
    if packed:
        raise UnreadableBadgeError("archive")
    return Given(badge_in(_decode(data)))


def _refusing(read: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        return read(data)
    except (baking.BakingError, svg.SvgError) as error:
        raise UnreadableBadgeError(error.code) from None


def _is_markup(data: bytes) -> bool:
    """Whether it begins as XML does, in any of the encodings that XML parsers know."""
    start = data[:64].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")
    return start.startswith(b"<")


def _from_png(data: bytes) -> Given:
    found: baking.Unbaked = _refusing(baking.unbake, data)
    newer = [text for keyword, text in found.texts if keyword == baking.KEYWORD]
    older = [text for keyword, text in found.texts if keyword == baking.KEYWORD_2]
    document, remark = _only([*newer, *older], "picture_without_badge")
    if remark.state is State.PASSED and found.trailing:
        message = N_("The picture carries one badge. Something else stands behind the picture's end; it was not read.")
        remark = Check("file", State.PASSED, message)
    return Given(document, (remark,), "image/png")


def _from_svg(data: bytes) -> Given:
    if data[:64].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_PAGE_STARTS):
        raise UnreadableBadgeError("page")
    document, remark = _only(list(_refusing(svg.unbake, data)), "svg_without_badge")
    return Given(document, (remark,), "image/svg+xml")


def _only(texts: list[str], none: str) -> tuple[dict[str, Any], Check]:
    """Return the one badge among the texts of a picture, and what there is to say of the others.

    Which of several a reader takes is up to the reader, so two different badges are no badge.
    """
    documents, codes = {}, []
    for text in texts:
        try:
            document = badge_in(text)
        except UnreadableBadgeError as error:
            codes.append("open_badges_2" if error.code == "address" else error.code)
        else:
            documents[json.dumps(document, sort_keys=True)] = document
    if len(documents) > 1:
        raise UnreadableBadgeError("several_badges")
    if not documents:
        raise UnreadableBadgeError(codes[0] if codes else none)
    (document,) = documents.values()
    return document, _remark(len(texts) - len(codes), codes)


def _remark(times: int, codes: list[str]) -> Check:
    if "open_badges_2" in codes:
        message = N_("The picture also carries a badge of an older version, which was not checked: "
                     "other software may show that one.")  # fmt: skip
        return Check("file", State.UNKNOWN, message)
    if codes:
        message = N_("The picture also carries a badge that cannot be read: other software may try that one.")
        return Check("file", State.UNKNOWN, message)
    if times > 1:
        return Check("file", State.PASSED, N_("The picture is whole. It carries the same badge more than once."))
    return Check("file", State.PASSED, N_("The picture is whole and carries one badge."))


def _decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, UTF-16 or UTF-32, with or without a mark. Raises UnreadableBadgeError."""
    if data.find(b"%PDF-", 0, _PDF_WITHIN + 5) >= 0:
        raise UnreadableBadgeError("pdf")
    if data.startswith(_OTHER_FILES):
        raise UnreadableBadgeError("archive")
    if data.startswith(_OTHER_PICTURES) or _is_boxed(data):
        raise UnreadableBadgeError("other_picture")
    try:
        return data.decode(json.detect_encoding(data)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        raise UnreadableBadgeError("not_json") from None


def _is_boxed(data: bytes) -> bool:
    """Whether it begins as WebP, AVIF, HEIC, JPEG 2000 or BMP pictures do."""
    return (
        (data[:4] == b"RIFF" and data[8:12] == b"WEBP")
        or data[4:8] in (b"ftyp", b"jP  ", b"JXL ")
        or (data[:2] == b"BM" and data[6:10] == b"\0\0\0\0")
    )
