"""A credential inside an SVG picture (Open Badges 3.0, document formats; Open Badges 2.0, baking specification).

The picture comes from strangers: nothing outside it is loaded, it may define no entities, and it is never drawn.
"""

import zlib
from dataclasses import dataclass, field
from xml.parsers import expat

_LARGEST = 5 * 1024 * 1024  # bytes, unpacked
_DEEPEST = 200
_SVG = "http://www.w3.org/2000/svg"
# The first is the specification's; the others stand in pictures of real issuers.
_NEWER = {"https://purl.imsglobal.org/ob/v3p0", "https://purl.imsglobal.org/spec/ob/v3p0"}
_OLDER = {"http://openbadges.org", "https://openbadges.org"}
_START = b"\x1f\x8b"  # gzip (.svgz)


class SvgError(ValueError):
    """The bytes are no SVG picture that can be read; `code` names the case for people's words."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def is_gzip(data: bytes) -> bool:
    """Whether the bytes are packed as .svgz is."""
    return data.startswith(_START)


def unpacked(data: bytes) -> bytes:
    """Return the bytes of a gzip file, within limits. Raises SvgError."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, _LARGEST)
    except zlib.error as error:
        message = "the file cannot be unpacked"
        raise SvgError(message, "svg_damaged") from error
    if not unpacker.eof:
        message = "the file is cut off or far too large when unpacked"
        raise SvgError(message, "too_large" if unpacker.unconsumed_tail else "svg_damaged")
    return plain


def unbake(data: bytes) -> tuple[str, ...]:
    """Return the text of every badge in an SVG picture, those of version 3 first.

    A badge is an element `credential` or `assertion` of an Open Badges namespace (attribute `verify`, or its text), an
    attribute `verify` on the picture itself, or JSON in `metadata`. Raises SvgError: not_svg, svg_damaged, svg_unsafe.
    """
    reader = _Reader()
    # A namespace's parts are joined by a character that XML does not allow in names.
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = _doctype
    parser.SkippedEntityHandler = _skipped
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, SvgError):
            raise
        message = "the SVG picture is damaged"
        raise SvgError(message, "svg_damaged" if reader.begun else "not_svg") from error
    return (*reader.newer, *reader.older)


def _doctype(_name: str, _system: str | None, _public: str | None, has_subset: int) -> None:
    # The usual line that names the SVG standard is harmless: nothing is loaded from there. Entities need a subset.
    if has_subset:
        _unsafe()


def _skipped(_name: str, _is_parameter: bool) -> None:
    _unsafe()


def _unsafe() -> None:
    message = "the SVG picture defines or uses entities"
    raise SvgError(message, "svg_unsafe")


@dataclass
class _Reader:
    """What expat tells, collected: only the text of elements that may hold a badge is kept."""

    newer: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    begun: bool = False
    # For each open element: where the text directly inside it belongs, and its pieces; None for text of no interest.
    _open: list[tuple[list[str], list[str]] | None] = field(default_factory=list)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Meet the beginning of an element."""
        namespace, _, local = name.rpartition(" ")
        if not self.begun:
            if local != "svg" or namespace not in (_SVG, ""):
                message = "the file is XML, but no SVG picture"
                raise SvgError(message, "not_svg")
            self.begun = True
            self._on_picture(attributes)
        if len(self._open) >= _DEEPEST:
            message = "the SVG picture is nested too deeply"
            raise SvgError(message, "svg_unsafe")
        kept = self._kept(namespace, local)
        if kept is not None and local != "metadata" and "verify" in attributes:
            kept.append(attributes["verify"])
        self._open.append(None if kept is None else (kept, []))

    def end(self, name: str) -> None:
        """Meet the end of an element."""
        collected = self._open.pop()
        if collected is None:
            return
        text = "".join(collected[1]).strip()
        if text and (not name.endswith("metadata") or text.startswith(("{", "eyJ"))):
            collected[0].append(text)

    def text(self, data: str) -> None:
        """Meet text."""
        if self._open and (collected := self._open[-1]) is not None:
            collected[1].append(data)

    def _kept(self, namespace: str, local: str) -> list[str] | None:
        """Return the list to which an element's badge belongs, None for an element that holds none."""
        if local in ("credential", "assertion"):
            return self.newer if namespace in _NEWER else self.older if namespace in _OLDER else None
        return self.newer if local == "metadata" and namespace in (_SVG, "") else None

    def _on_picture(self, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            namespace, _, local = name.rpartition(" ")
            if local == "verify" and namespace in _NEWER | _OLDER:
                (self.newer if namespace in _NEWER else self.older).append(value)
